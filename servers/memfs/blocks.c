// SPDX-License-Identifier: MIT
// The blocks of memory, and trees of them. A tree grows by a table on top, never shrinks but to nothing, and after the
// size of what it holds it has zeroes alone.
#include "memfs.h"

#include <string.h>

#define BLOCKS_AT_ONCE 256u // that the host is asked for
#define BLOCK_BITS 12u
#define POINTER_BITS 9u
_Static_assert(BLOCK_SIZE == 1u << BLOCK_BITS && BLOCK_POINTERS == 1u << POINTER_BITS, "shifts agree with sizes");

// ---- Memory ----

void block_give(struct files *files, void *block) {
    memcpy(block, &files->free_blocks, sizeof files->free_blocks);
    files->free_blocks = block;
    files->free_count++;
}

// Takes memory from the host. False: there is none, or the limit is reached.
static bool blocks_refill(struct files *files) {
    uint64_t left = files->block_limit - files->block_count;
    uint32_t count = left < BLOCKS_AT_ONCE ? (uint32_t)left : BLOCKS_AT_ONCE;
    uint8_t *memory = count ? files->more(&count) : NULL;
    if (!memory)
        return false;
    files->block_count += count;
    for (uint32_t number = 0; number < count; number++)
        block_give(files, memory + (size_t)number * BLOCK_SIZE);
    return true;
}

void *block_take(struct files *files) {
    if (!files->free_blocks && !blocks_refill(files))
        return NULL;
    void *block = files->free_blocks;
    memcpy(&files->free_blocks, block, sizeof files->free_blocks);
    files->free_count--;
    return memset(block, 0, BLOCK_SIZE);
}

// ---- Trees ----

// The bytes that a tree of this height reaches: for the highest, all that 64 bits count.
static uint64_t bytes_below(unsigned height) {
    unsigned bits = BLOCK_BITS + height * POINTER_BITS;
    return bits < 64 ? 1ull << bits : UINT64_MAX;
}

// Sets *block to a new block, which the tree's account pays for. ENOSPC, EDQUOT.
static long tree_block_take(struct files *files, struct tree *tree, void **block) {
    struct account *account = &files->accounts.table[tree->account];
    long error = account_charge(&files->accounts, account, BLOCK_SIZE, 0);
    if (error)
        return error;
    *block = block_take(files);
    if (!*block) {
        account_credit(account, BLOCK_SIZE, 0);
        return -PIPE_ENOSPC;
    }
    tree->blocks++;
    return 0;
}

// Puts tables on top until the tree reaches the offset. ENOSPC, EDQUOT.
static long tree_raise(struct files *files, struct tree *tree, uint64_t offset) {
    while (bytes_below(tree->height) <= offset) {
        void *table = NULL;
        long error = tree->top ? tree_block_take(files, tree, &table) : 0;
        if (error)
            return error;
        if (table)
            *(void **)table = tree->top;
        tree->top = table;
        tree->height++;
    }
    return 0;
}

long tree_span(struct files *files, struct tree *tree, uint64_t offset, bool makes, struct span *span) {
    *span = (struct span){NULL, BLOCK_SIZE - offset % BLOCK_SIZE};
    if (makes && offset >= FILE_BYTES_MAX)
        return -PIPE_EFBIG;
    long error = makes ? tree_raise(files, tree, offset) : 0;
    if (error)
        return error;
    if (offset >= bytes_below(tree->height))
        return 0;
    void **link = &tree->top;
    for (unsigned level = tree->height;; level--) {
        if (!*link && makes)
            error = tree_block_take(files, tree, link);
        if (!*link)
            return error;
        if (level == 0)
            break;
        link = (void **)*link + offset / bytes_below(level - 1) % BLOCK_POINTERS;
    }
    span->bytes = (uint8_t *)*link + offset % BLOCK_SIZE;
    return 0;
}

// Frees what lies after the first `kept` bytes of the tree of this height that hangs at `link`.
static void tree_cut(struct files *files, struct tree *tree, void **link, unsigned height, uint64_t kept) {
    if (!*link)
        return;
    uint64_t bytes = height ? bytes_below(height - 1) : 0;
    for (uint64_t number = height ? kept / bytes : BLOCK_POINTERS; number < BLOCK_POINTERS; number++) {
        uint64_t start = number * bytes;
        tree_cut(files, tree, (void **)*link + number, height - 1, kept > start ? kept - start : 0);
    }
    if (kept)
        return;
    block_give(files, *link);
    account_credit(&files->accounts.table[tree->account], BLOCK_SIZE, 0);
    tree->blocks--;
    *link = NULL;
}

void tree_resize(struct files *files, struct tree *tree, uint64_t size) {
    struct span last;
    if (size < bytes_below(tree->height))
        tree_cut(files, tree, &tree->top, tree->height, size);
    tree_span(files, tree, size, false, &last);
    if (last.bytes)
        memset(last.bytes, 0, last.length);
    if (size == 0)
        tree->height = 0;
}
