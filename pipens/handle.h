// SPDX-License-Identifier: MIT
// Handles: a process's small integers for open pipes and regions. A table grows by chunks that never move, so an
// entry's address holds as long as the handle is open.
//
// Its invariants and states stand in handle.c.
#ifndef PIPENS_HANDLE_H
#define PIPENS_HANDLE_H

#include "abi.h"
#include "account.h"
#include "ring.h"

#include <stdbool.h>

struct hook;

struct handle_entry {
    void *object; // HANDLE_PIPE: struct node; HANDLE_REGION: the host's
    union {
        struct hook *hook;  // of an open handle: the hook that was made through it, or NULL
        uint32_t next_free; // of a free entry: the next one
    };
    uint16_t generation;  // counts the uses of this slot
    uint8_t type, rights; // enum handle_type
    uint8_t rule_class;   // under which it was opened
    uint8_t rule_shift;   // RULE_BITS * rule_class
    bool has_wrapped;     // the generations have gone round
    bool is_outside;      // of a pipe: its process was not the owner when it was installed
};

// A handle is generation << HANDLE_INDEX_BITS | index; generations have 15 bits, so that it is a positive int.
#define HANDLE_INDEX_BITS 16u
#define HANDLE_INDEX_MASK 0xffffu
#define HANDLE_GENERATION_MASK 0x7fffu
#define HANDLE_NONE UINT32_MAX // the end of the list of free entries
#define HANDLE_CHUNK_SHIFT 6u
#define HANDLE_CHUNK_ENTRIES (1u << HANDLE_CHUNK_SHIFT)
#define HANDLE_CHUNKS_INLINE 4u
#define HANDLE_CHUNKS_MAX 512u // one page of pointers: 32,768 handles

struct handle_table {
    struct handle_entry **chunks; // `inline_chunks`, or a page of pointers
    struct handle_entry *inline_chunks[HANDLE_CHUNKS_INLINE];
    uint32_t chunk_count, chunk_limit;
    uint32_t first_free, open;
};

struct principal;

void handle_table_initialize(struct handle_table *table);
// Makes sure that `count` more handles can be installed. 0, -EMFILE, -EDQUOT or -ENOMEM.
long handle_reserve(struct principal *principal, uint32_t count);
// Installs one handle and takes over one reference to the object; of a pipe it was counted by node_hold. It cannot fail
// after a reservation.
uint32_t handle_install(struct principal *principal, const struct attachment *attachment);
// Frees the entry without touching its object.
void handle_forget(struct principal *principal, uint32_t index);
// Closes the open handle at `index`: its hook ends, its reference to the object goes.
void handle_close(struct principal *principal, uint32_t index);
// Closes the handles of up to `most` chunks of a table that is used no more, and frees the chunks; true if more are
// left.
bool handle_table_close_step(struct principal *principal, uint32_t most);
// Frees the rest of the table's memory. No chunk is left.
void handle_table_destroy(struct principal *principal);

static inline struct handle_entry *handle_entry_at(const struct handle_table *table, uint32_t index) {
    return &table->chunks[index >> HANDLE_CHUNK_SHIFT][index & (HANDLE_CHUNK_ENTRIES - 1)];
}

// The entry of an open handle of any type, or NULL.
static inline struct handle_entry *handle_find(const struct handle_table *table, uint64_t handle) {
    uint32_t index = (uint32_t)handle & HANDLE_INDEX_MASK;
    if (index >> HANDLE_CHUNK_SHIFT >= table->chunk_count)
        return NULL;
    struct handle_entry *entry = handle_entry_at(table, index);
    if (entry->generation != handle >> HANDLE_INDEX_BITS)
        return NULL;
    return entry;
}

// The error for a handle that handle_find does not find, or that has another type than is wanted: ESTALE if its slot
// was used before under that generation, else EBADF; negated.
long handle_error(const struct handle_table *table, uint64_t handle);

#endif
