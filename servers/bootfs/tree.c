// SPDX-License-Identifier: MIT
#include "tree.h"

#include <string.h>

#define BLOCK 512u // of the archive

static struct node nodes[TREE_NODES_MAX];
static uint32_t node_count;
static uint64_t byte_count;

void tree_begin(void) {
    nodes[0] = (struct node){.inode = 1, .mode = MODE_DIRECTORY | 0555};
    node_count = 1;
    byte_count = 0;
}

struct node *tree_root(void) {
    return &nodes[0];
}

long tree_find(struct node *directory, struct name name, struct node **node) {
    for (uint32_t number = 1; number < node_count; number++) {
        struct node *found = &nodes[number];
        if (found->parent == directory->inode && found->length - found->name == name.length &&
            memcmp(found->path + found->name, name.bytes, name.length) == 0) {
            *node = found;
            return 0;
        }
    }
    return -PIPE_ENOENT;
}

static long node_add(struct node *directory, const char *path, size_t name, size_t length, uint32_t mode,
                     struct node **node) {
    if (node_count == TREE_NODES_MAX)
        return -PIPE_ENOSPC;
    *node = &nodes[node_count++];
    **node = (struct node){.inode = node_count,
                           .parent = directory->inode,
                           .mode = mode,
                           .name = (uint32_t)name,
                           .length = (uint32_t)length};
    memcpy((*node)->path, path, length);
    directory->entries++;
    return 0;
}

long tree_add(const char *path, size_t length, uint64_t size, bool is_program) {
    struct node *directory = tree_root(), *node = NULL;
    const char *slash;
    size_t start = 0;
    if (length > TREE_NAME_MAX)
        return -PIPE_ENAMETOOLONG;
    for (; (slash = memchr(path + start, '/', length - start)) != NULL; start = (size_t)(slash - path) + 1) {
        size_t end = (size_t)(slash - path);
        long error = tree_find(directory, (struct name){path + start, end - start}, &node);
        if (error == -PIPE_ENOENT)
            error = node_add(directory, path, start, end, MODE_DIRECTORY | 0555, &node);
        if (error)
            return error;
        directory = node;
    }
    if (tree_find(directory, (struct name){path + start, length - start}, &node) == 0)
        return -PIPE_EEXIST;
    long error = node_add(directory, path, start, length, MODE_FILE | (is_program ? 0555u : 0444u), &node);
    if (error)
        return error;
    node->size = size;
    byte_count += size;
    return 0;
}

void tree_stat(const struct node *node, struct stream_stat *stat) {
    bool is_directory = (node->mode & MODE_TYPE) == MODE_DIRECTORY;
    *stat = (struct stream_stat){.inode = node->inode,
                                 .size = is_directory ? node->entries : node->size,
                                 .space = (node->size + BLOCK - 1) / BLOCK * BLOCK,
                                 .mode = node->mode,
                                 .links = is_directory ? 2 : 1};
}

// A cookie is the inode of the entry.
long tree_next(const struct node *directory, uint64_t cookie, struct volume_entry *entry, char *name) {
    for (uint64_t number = cookie > 1 ? cookie : 1; number < node_count; number++) {
        const struct node *node = &nodes[number];
        if (node->parent != directory->inode)
            continue;
        *entry = (struct volume_entry){node->inode, node->inode, node->mode & MODE_TYPE, node->length - node->name};
        memcpy(name, node->path + node->name, entry->name_length);
        return 1;
    }
    return 0;
}

void tree_space(struct volume_space *space) {
    *space = (struct volume_space){.bytes = byte_count,
                                   .used = byte_count,
                                   .files = node_count,
                                   .files_max = node_count,
                                   .is_read_only = 1,
                                   .block = BLOCK};
}
