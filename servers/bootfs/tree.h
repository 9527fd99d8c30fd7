// SPDX-License-Identifier: MIT
// The boot image's files as a tree. The archive names files by their paths; the directories are what leads to them.
// Pure: no system call.
#ifndef BOOTFS_TREE_H
#define BOOTFS_TREE_H

#include "volume.h"

#define TREE_NODES_MAX 1024u
#define TREE_NAME_MAX 100u // bytes of a path in the archive

struct node {
    uint32_t inode;  // from 1; 1 is the root
    uint32_t parent; // inode
    uint32_t mode;
    uint32_t entries;             // of a directory
    uint64_t size;                // of a file
    uint32_t name;                // where in `path` its own name begins
    uint32_t length;              // of `path`
    char path[TREE_NAME_MAX + 1]; // in the archive
};

// Begins a tree that has only the root.
void tree_begin(void);
// Adds a file, and the directories that lead to it. ENOSPC, ENAMETOOLONG, EEXIST.
long tree_add(const char *path, size_t length, uint64_t size, bool is_program);

struct node *tree_root(void);
long tree_find(struct node *directory, struct name name, struct node **node);
void tree_stat(const struct node *node, struct stream_stat *stat);
long tree_next(const struct node *directory, uint64_t cookie, struct volume_entry *entry, char *name);
void tree_space(struct volume_space *space);

#endif
