// SPDX-License-Identifier: MIT
// The file system in memory: nodes, which are files, directories and symbolic links, names that lead to them, and the
// blocks of memory that all of them are made of. Pure: no system call; the memory comes from a function of the host.
#ifndef MEMFS_MEMFS_H
#define MEMFS_MEMFS_H

#include "accounts.h"
#include "volume.h"

#define BLOCK_SIZE 4096u
#define BLOCK_POINTERS (BLOCK_SIZE / sizeof(void *))
#define NODE_INDEX_BITS 24u
#define NODES_MAX ((1u << NODE_INDEX_BITS) - 1)
#define LINKS_MAX 1000000u // names of one file; subdirectories of one directory

// Bytes in blocks that hang on a tree whose inner blocks are tables of pointers. A pointer of NULL stands for zeroes.
struct tree {
    void *top; // NULL: nothing but zeroes
    uint64_t blocks;
    uint32_t height;  // 0: the top is the one block of data
    uint32_t account; // index of the one that pays for the blocks
};

// A directory's entries are in two trees: by name, to find one, and by cookie, to list them.
enum order { BY_NAME, BY_COOKIE, ORDERS };

struct entry {
    struct entry *lower[ORDERS], *higher[ORDERS]; // NULL, or the subtrees of the entries before and after this one
    uint64_t cookie;                              // grows from entry to entry of a directory; never used again
    struct node *node;
    uint32_t weight; // random: keeps both trees flat
    uint8_t name_length;
    char name[];
};

struct node {
    uint64_t number; // its index in the table of nodes, and above it how often that index was used before
    uint32_t mode, links;
    uint32_t owner, group;
    uint32_t holders; // how often it is open
    uint32_t unused;
    uint64_t size; // bytes; of a directory: entries
    int64_t accessed, modified, changed;
    union {
        struct tree data; // file: its bytes; link: its text
        struct {
            struct entry *tops[ORDERS];
            struct node *parent; // NULL: the root
            uint64_t last_cookie;
        };
        struct node *next_free; // mode 0
    };
};

// Memory for blocks: up to *count of them, consecutive; how many it gives in *count. NULL: none left.
typedef void *blocks_more(uint32_t *count);

_Static_assert((sizeof(struct entry) + NAME_BYTES_MAX) / NAME_STEP + 2 <= NAME_CLASSES, "every entry has a size");

struct files {
    struct node *root;
    int64_t now;   // that changes are stamped with; the host sets it
    uint64_t seed; // of the entries' weights; the host sets it to what nobody foresees
    blocks_more *more;
    void *free_blocks; // the first bytes of each point to the next
    uint64_t free_count;
    uint64_t block_count; // taken from the host
    uint64_t block_limit;
    struct tree nodes; // the table of nodes
    struct node *free_nodes;
    uint64_t node_count, node_limit;
    uint64_t nodes_used; // indices of the table that were ever used
    uint64_t weights;    // that were made
    struct accounts accounts;
};

// An empty file system. False: not even the root finds memory.
bool files_begin(struct files *files, blocks_more *more, uint64_t block_limit, uint64_t node_limit);

// ---- Blocks (blocks.c) ----

void *block_take(struct files *files); // of zeroes, or NULL
void block_give(struct files *files, void *block);

struct span {
    uint8_t *bytes; // NULL: zeroes
    size_t length;  // to the block's end
};
// What the tree has at an offset. With `makes` there are bytes, or the call fails: ENOSPC, EDQUOT, EFBIG.
long tree_span(struct files *files, struct tree *tree, uint64_t offset, bool makes, struct span *span);
// Frees what lies after the first `size` bytes, and zeroes the rest of the last block.
void tree_resize(struct files *files, struct tree *tree, uint64_t size);

// ---- Entries (entries.c) ----

struct entry *entry_find(const struct node *directory, struct name name);
struct entry *entry_after(const struct node *directory, uint64_t cookie);
// The node's owner pays. ENOSPC, EDQUOT.
long entry_add(struct files *files, struct node *directory, struct name name, struct node *node);
void entry_remove(struct files *files, struct node *directory, struct entry *entry);

// ---- Nodes (nodes.c) ----

// The operations of struct volume_operations.
long node_make(struct files *files, struct node *directory, struct name name, const struct stream_stat *stat,
               struct node **node);
long node_link(struct files *files, struct node *directory, struct name name, struct node *node);
long node_remove(struct files *files, struct node *directory, struct name name);
long node_rename(struct files *files, struct node *from, struct name name, struct node *to, struct name new_name,
                 uint32_t flags);
long node_change(struct files *files, struct node *node, uint32_t mask, const struct stream_stat *stat);
void node_stat(const struct node *node, struct stream_stat *stat);
void node_hold(struct node *node);
void node_release(struct files *files, struct node *node);
// Bytes up to `end` were written.
void node_written(struct files *files, struct node *node, uint64_t end);

// ---- The volume (operations.c) ----

extern struct files memfs;
extern const struct volume_operations memfs_operations;

#endif
