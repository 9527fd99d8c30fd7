// SPDX-License-Identifier: MIT
// The tree of files: nodes, each a file or a directory, and the blocks of memory that files are made of. Pure: no
// system call; the memory comes from a function of the host.
#ifndef VFS_NODES_H
#define VFS_NODES_H

#include "protocol/file.h"

#include <stdbool.h>
#include <stddef.h>

#define BLOCK_SIZE 4096u
#define BLOCK_POINTERS (BLOCK_SIZE / sizeof(void *))
#define FILE_SIZE_MAX ((uint64_t)BLOCK_SIZE * BLOCK_POINTERS * BLOCK_POINTERS) // 1 GiB: a tree of height 2
#define NODES_MAX 8192u

struct node {
    struct node *parent;         // its directory; NULL: the root, or it was removed. Of a free node: the next one
    struct node *lower, *higher; // in the tree of its directory's entries: names before it and behind it
    struct node *entries;        // directory: the top of the tree of its entries
    void *blocks;                // file: the top of its tree of blocks, NULL: nothing but zeroes
    uint64_t size;               // file: bytes; directory: entries
    uint64_t modified;           // nanoseconds
    uint64_t block_count;
    uint64_t number;
    uint32_t weight;   // of no meaning: keeps the tree of entries flat
    uint32_t sessions; // that have it open
    uint8_t type;      // enum file_type
    uint8_t height;    // of the tree of blocks: at 0 the top is the one block of data
    bool is_fixed;     // may not be changed: part of /boot
    uint8_t name_length;
    char name[FILE_NAME_MAX + 1];
};

// Memory for blocks: up to *count of them, one behind the other; how many it gives in *count. NULL: none left.
typedef void *blocks_more(uint32_t *count);

struct files {
    struct node *root;
    uint64_t now; // that changes are stamped with; the host sets it
    blocks_more *more;
    void *free_blocks; // the first bytes of each point at the next
    uint64_t free_count;
    uint64_t block_count; // taken from the host
    uint64_t block_limit;
    struct node *free_nodes;
    uint32_t node_count, node_limit;
    uint64_t numbers;
};

// An empty tree. False: not even the root finds memory.
bool files_begin(struct files *files, blocks_more *more, uint64_t block_limit, uint32_t node_limit);

// ---- Names: paths are terminated; errors are negated ----

// ENOENT, ENOTDIR, ENAMETOOLONG, EINVAL.
long files_find(const struct files *files, const char *path, struct node **node);
// Makes a file or directory. EEXIST, EROFS, ENOSPC, and those of find for its directory.
long files_make(struct files *files, const char *path, enum file_type type, struct node **node);
// The same without regard to what may not be changed: for /boot.
long files_make_fixed(struct files *files, const char *path, enum file_type type, struct node **node);
// A file that is open lives on without a name. ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EROFS, EBUSY.
long files_remove(struct files *files, const char *path, enum file_type type);
long files_rename(struct files *files, const char *from, const char *to);
// The first entry behind a name in order of bytes, or NULL.
const struct node *files_entry_after(const struct node *directory, const char *name, size_t length);

void node_open(struct node *node);
// Forgets a file without a name with its last session.
void node_close(struct files *files, struct node *node);

// ---- Data ----

struct span {
    uint8_t *bytes; // NULL: zeroes
    size_t length;  // to the block's end
};
// What the file has at the offset. With `makes` there are bytes, or the call fails: ENOSPC, EFBIG.
long node_span(struct files *files, struct node *node, uint64_t offset, bool makes, struct span *span);
// Bytes up to `end` were written.
void node_written(struct files *files, struct node *node, uint64_t end);
// A size that it has already drops what a write that failed has left behind it. EFBIG.
long node_resize(struct files *files, struct node *node, uint64_t size);

// ---- Nodes without a place ----

struct node *node_take(struct files *files, enum file_type type);
void node_give(struct files *files, struct node *node);

#endif
