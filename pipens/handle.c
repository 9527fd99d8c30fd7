// SPDX-License-Identifier: MIT
// Tables of handles. Free entries form a list through next_free, ended by HANDLE_NONE; index 0 is never used, so that
// no handle is 0.
//
//   free -- handle_install --> open -- handle_forget --> free
//   open -- attachments_take --> in transit -- attachments_return --> open,  -- attachments_leave --> free
//
// 1. An entry is free if and only if it is in the list of free entries.
// 2. `open` counts the entries, but for number 0, that are not free.
#include "handle.h"

#include "host.h"
#include "node.h"
#include "principal.h"
#include "hook.h"

#define HANDLE_CHUNK_SIZE (HANDLE_CHUNK_ENTRIES * sizeof(struct handle_entry))
#define HANDLE_CHUNKS_SIZE (HANDLE_CHUNKS_MAX * sizeof(struct handle_entry *))

_Static_assert(HANDLE_CHUNKS_SIZE <= 4096, "the host allocates at most a page at once");

void handle_table_initialize(struct handle_table *table) {
    table->chunks = table->inline_chunks;
    table->chunk_count = 0;
    table->chunk_limit = HANDLE_CHUNKS_INLINE;
    table->first_free = HANDLE_NONE;
    table->open = 0;
}

// Replaces the inline array of chunks by one of the full size.
static long grow_chunk_array(struct principal *principal) {
    struct handle_table *table = &principal->handles;
    long error = 0;
    struct handle_entry **chunks = account_allocate(principal->account, HANDLE_CHUNKS_SIZE, &error);
    if (!chunks)
        return error;
    host_copy(chunks, table->chunks, table->chunk_count * sizeof *chunks);
    table->chunks = chunks;
    table->chunk_limit = HANDLE_CHUNKS_MAX;
    return 0;
}

// Puts the entries of a new chunk into the list of free ones, in order.
static void free_chunk_entries(struct handle_table *table, uint32_t chunk) {
    uint32_t first = chunk << HANDLE_CHUNK_SHIFT;
    uint32_t lowest = chunk == 0 ? 1 : first;
    for (uint32_t index = first + HANDLE_CHUNK_ENTRIES; index-- > lowest;) {
        handle_entry_at(table, index)->next_free = table->first_free;
        table->first_free = index;
    }
}

static long add_chunk(struct principal *principal) {
    struct handle_table *table = &principal->handles;
    if (table->chunk_count == HANDLE_CHUNKS_MAX)
        return -PIPE_EMFILE;
    long error = 0;
    if (table->chunk_count == table->chunk_limit)
        error = grow_chunk_array(principal);
    if (error)
        return error;
    struct handle_entry *chunk = account_allocate(principal->account, HANDLE_CHUNK_SIZE, &error);
    if (!chunk)
        return error;
    host_clear(chunk, HANDLE_CHUNK_SIZE);
    table->chunks[table->chunk_count++] = chunk;
    free_chunk_entries(table, table->chunk_count - 1);
    return 0;
}

// The entries but for number 0 are one less than there is room for.
static bool has_room(const struct handle_table *table, uint32_t count) {
    return table->open + count < table->chunk_count << HANDLE_CHUNK_SHIFT;
}

// Apart, so that what mostly happens needs no frame.
__attribute__((noinline)) static long grow(struct principal *principal, uint32_t count) {
    long error = 0;
    while (!error && !has_room(&principal->handles, count))
        error = add_chunk(principal);
    return error;
}

long handle_reserve(struct principal *principal, uint32_t count) {
    return has_room(&principal->handles, count) ? 0 : grow(principal, count);
}

uint32_t handle_install(struct principal *principal, const struct attachment *attachment) {
    struct handle_table *table = &principal->handles;
    uint32_t index = table->first_free;
    struct handle_entry *entry = handle_entry_at(table, index);
    table->first_free = entry->next_free;
    table->open++;
    entry->object = attachment->object;
    entry->hook = NULL;
    entry->type = attachment->type;
    entry->rights = attachment->rights;
    entry->rule_class = attachment->rule_class;
    entry->rule_shift = (uint8_t)(RULE_BITS * attachment->rule_class);
    entry->is_outside = attachment->type == HANDLE_PIPE && ((struct node *)entry->object)->owner != principal;
    return (uint32_t)entry->generation << HANDLE_INDEX_BITS | index;
}

void handle_forget(struct principal *principal, uint32_t index) {
    struct handle_table *table = &principal->handles;
    struct handle_entry *entry = handle_entry_at(table, index);
    entry->type = HANDLE_FREE;
    entry->object = NULL;
    entry->generation = (entry->generation + 1u) & HANDLE_GENERATION_MASK;
    entry->has_wrapped |= entry->generation == 0;
    entry->next_free = table->first_free;
    table->first_free = index;
    table->open--;
}

// Whether the generation lies after the entry's: in the half of all before it, once they have gone round.
static bool is_past(const struct handle_entry *entry, uint64_t generation) {
    uint64_t uses_ago = (entry->generation - generation) & HANDLE_GENERATION_MASK;
    return entry->has_wrapped ? uses_ago && uses_ago <= HANDLE_GENERATION_MASK / 2 : generation < entry->generation;
}

long handle_error(const struct handle_table *table, uint64_t handle) {
    uint64_t index = handle & HANDLE_INDEX_MASK;
    uint64_t generation = handle >> HANDLE_INDEX_BITS;
    if (index == 0 || index >> HANDLE_CHUNK_SHIFT >= table->chunk_count || generation > HANDLE_GENERATION_MASK)
        return -PIPE_EBADF;
    return is_past(handle_entry_at(table, (uint32_t)index), generation) ? -PIPE_ESTALE : -PIPE_EBADF;
}

void handle_close(struct principal *principal, uint32_t index) {
    struct handle_entry *entry = handle_entry_at(&principal->handles, index);
    struct handle_entry closed = *entry;
    if (entry->hook)
        hook_end(entry->hook);
    handle_forget(principal, index);
    if (closed.type == HANDLE_PIPE)
        node_drop(closed.object, closed.rights, closed.is_outside);
    else
        host_region_release(closed.object);
}

bool handle_table_close_step(struct principal *principal, uint32_t most) {
    struct handle_table *table = &principal->handles;
    while (table->chunk_count && most--) {
        uint32_t chunk = table->chunk_count - 1;
        uint32_t first = chunk << HANDLE_CHUNK_SHIFT;
        for (uint32_t index = first; index < first + HANDLE_CHUNK_ENTRIES; index++)
            if (handle_entry_at(table, index)->type != HANDLE_FREE)
                handle_close(principal, index);
        account_free(principal->account, table->chunks[chunk], HANDLE_CHUNK_SIZE);
        table->chunk_count = chunk;
    }
    return table->chunk_count != 0;
}

void handle_table_destroy(struct principal *principal) {
    struct handle_table *table = &principal->handles;
    if (table->chunks != table->inline_chunks)
        account_free(principal->account, table->chunks, HANDLE_CHUNKS_SIZE);
    handle_table_initialize(table);
}
