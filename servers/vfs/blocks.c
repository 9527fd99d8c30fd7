// SPDX-License-Identifier: MIT
// What files are made of. A file's blocks hang on a tree whose inner blocks are tables of pointers; a pointer of NULL
// stands for zeroes. The tree grows by a table on top, never shrinks but to nothing, and behind the file's size it
// holds zeroes alone.
#include "nodes.h"

#include <string.h>

#define BLOCKS_AT_ONCE 256u // that the host is asked for
#define NODES_PER_BLOCK (BLOCK_SIZE / sizeof(struct node))

// ---- Memory ----

static void block_give(struct files *files, void *block) {
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

// A block of zeroes, or NULL.
static void *block_take(struct files *files) {
    if (!files->free_blocks && !blocks_refill(files))
        return NULL;
    void *block = files->free_blocks;
    memcpy(&files->free_blocks, block, sizeof files->free_blocks);
    files->free_count--;
    return memset(block, 0, BLOCK_SIZE);
}

static bool nodes_refill(struct files *files) {
    struct node *nodes = block_take(files);
    for (size_t number = 0; nodes && number < NODES_PER_BLOCK; number++) {
        nodes[number].parent = files->free_nodes;
        files->free_nodes = &nodes[number];
    }
    return nodes;
}

struct node *node_take(struct files *files, enum file_type type) {
    if (files->node_count == files->node_limit || (!files->free_nodes && !nodes_refill(files)))
        return NULL;
    struct node *node = files->free_nodes;
    files->free_nodes = node->parent;
    files->node_count++;
    memset(node, 0, sizeof *node);
    node->type = (uint8_t)type;
    node->number = ++files->numbers;
    node->modified = files->now;
    return node;
}

void node_give(struct files *files, struct node *node) {
    if (node->type == FILE_TYPE_FILE)
        node_resize(files, node, 0);
    node->parent = files->free_nodes;
    files->free_nodes = node;
    files->node_count--;
}

// ---- A file's tree ----

static uint64_t bytes_below(unsigned height) {
    uint64_t bytes = BLOCK_SIZE;
    for (unsigned level = 0; level < height; level++)
        bytes *= BLOCK_POINTERS;
    return bytes;
}

static void *file_block_take(struct files *files, struct node *node) {
    void *block = block_take(files);
    node->block_count += block != NULL;
    return block;
}

// Puts tables on top until the tree reaches the offset. ENOSPC.
static long tree_raise(struct files *files, struct node *node, uint64_t offset) {
    while (bytes_below(node->height) <= offset) {
        void **table = node->blocks ? file_block_take(files, node) : NULL;
        if (node->blocks && !table)
            return -PIPE_ENOSPC;
        if (table)
            table[0] = node->blocks;
        node->blocks = table;
        node->height++;
    }
    return 0;
}

long node_span(struct files *files, struct node *node, uint64_t offset, bool makes, struct span *span) {
    *span = (struct span){NULL, BLOCK_SIZE - offset % BLOCK_SIZE};
    if (makes && offset >= FILE_SIZE_MAX)
        return -PIPE_EFBIG;
    if (makes && tree_raise(files, node, offset) < 0)
        return -PIPE_ENOSPC;
    if (offset >= bytes_below(node->height))
        return 0;
    void **place = &node->blocks;
    for (unsigned level = node->height;; level--) {
        if (!*place && makes)
            *place = file_block_take(files, node);
        if (!*place)
            return makes ? -PIPE_ENOSPC : 0;
        if (level == 0)
            break;
        place = (void **)*place + offset / bytes_below(level - 1) % BLOCK_POINTERS;
    }
    span->bytes = (uint8_t *)*place + offset % BLOCK_SIZE;
    return 0;
}

// Frees what lies behind the first `kept` bytes of the tree of this height that hangs at `place`.
static void tree_cut(struct files *files, struct node *node, void **place, unsigned height, uint64_t kept) {
    if (!*place)
        return;
    uint64_t bytes = height ? bytes_below(height - 1) : 0;
    for (uint64_t number = height ? kept / bytes : BLOCK_POINTERS; number < BLOCK_POINTERS; number++) {
        uint64_t start = number * bytes;
        tree_cut(files, node, (void **)*place + number, height - 1, kept > start ? kept - start : 0);
    }
    if (kept)
        return;
    block_give(files, *place);
    node->block_count--;
    *place = NULL;
}

void node_written(struct files *files, struct node *node, uint64_t end) {
    if (node->size < end)
        node->size = end;
    node->modified = files->now;
}

long node_resize(struct files *files, struct node *node, uint64_t size) {
    struct span last;
    if (size > FILE_SIZE_MAX)
        return -PIPE_EFBIG;
    if (size <= node->size) {
        if (size < bytes_below(node->height))
            tree_cut(files, node, &node->blocks, node->height, size);
        node_span(files, node, size, false, &last);
        if (last.bytes)
            memset(last.bytes, 0, last.length);
    }
    if (size == 0)
        node->height = 0;
    node->size = size;
    node->modified = files->now;
    return 0;
}
