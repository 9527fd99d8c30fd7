// SPDX-License-Identifier: MIT
// The tree of names. A directory's entries are a treap: a binary tree in order of names, in which no node weighs more
// than the one above it; weights are random, so that the tree is flat whatever the order in which names come.
#include "nodes.h"

#include <string.h>

// ---- Entries of one directory ----

struct name {
    const char *bytes;
    size_t length;
};

// In order of bytes, a name before those that it begins.
static int name_compare(struct name first, struct name second) {
    size_t both = first.length < second.length ? first.length : second.length;
    int order = memcmp(first.bytes, second.bytes, both);
    return order ? order : (first.length > second.length) - (first.length < second.length);
}

static struct name name_of(const struct node *node) {
    return (struct name){node->name, node->name_length};
}

static struct node *entry_find(const struct node *directory, struct name name) {
    struct node *entry = directory->entries;
    for (int order; entry && (order = name_compare(name, name_of(entry))) != 0;)
        entry = order < 0 ? entry->lower : entry->higher;
    return entry;
}

const struct node *files_entry_after(const struct node *directory, const char *name, size_t length) {
    const struct node *found = NULL;
    for (const struct node *entry = directory->entries; entry;) {
        bool is_behind = name_compare((struct name){name, length}, name_of(entry)) < 0;
        if (is_behind)
            found = entry;
        entry = is_behind ? entry->lower : entry->higher;
    }
    return found;
}

// Parts a tree into the names before one, which is not in it, and those behind.
static void entries_part(struct node *top, struct name name, struct node **lower, struct node **higher) {
    while (top) {
        bool is_behind = name_compare(name, name_of(top)) < 0;
        *(is_behind ? higher : lower) = top;
        if (is_behind)
            higher = &top->lower;
        else
            lower = &top->higher;
        top = is_behind ? top->lower : top->higher;
    }
    *lower = *higher = NULL;
}

// Joins two trees, of which the first has the lower names.
static struct node *entries_join(struct node *lower, struct node *higher) {
    struct node *top, **place = &top;
    while (lower && higher) {
        bool is_lower = lower->weight > higher->weight;
        *place = is_lower ? lower : higher;
        place = is_lower ? &lower->higher : &higher->lower;
        if (is_lower)
            lower = *place;
        else
            higher = *place;
    }
    *place = lower ? lower : higher;
    return top;
}

// xorshift over the node's number: any numbers do that don't grow with it.
static uint32_t weight_of(uint64_t number) {
    uint64_t bits = number * 0x9e3779b97f4a7c15ull; // 2^64 over the golden ratio (Knuth, 6.4)
    return (uint32_t)((bits ^ bits >> 29) >> 16);
}

static void entry_add(struct files *files, struct node *directory, struct node *node, struct name name) {
    memcpy(node->name, name.bytes, name.length);
    node->name[name.length] = 0;
    node->name_length = (uint8_t)name.length;
    node->weight = weight_of(node->number);
    struct node **place = &directory->entries;
    while (*place && (*place)->weight >= node->weight)
        place = name_compare(name, name_of(*place)) < 0 ? &(*place)->lower : &(*place)->higher;
    entries_part(*place, name, &node->lower, &node->higher);
    *place = node;
    node->parent = directory;
    directory->size++;
    directory->modified = files->now;
}

static void entry_remove(struct files *files, struct node *node) {
    struct node *directory = node->parent, **place = &directory->entries;
    while (*place != node)
        place = name_compare(name_of(node), name_of(*place)) < 0 ? &(*place)->lower : &(*place)->higher;
    *place = entries_join(node->lower, node->higher);
    node->parent = node->lower = node->higher = NULL;
    directory->size--;
    directory->modified = files->now;
}

// ---- Paths ----

// The next name of a path; *path goes behind it. ENAMETOOLONG, EINVAL.
static long name_next(const char **path, struct name *name) {
    if (**path != '/')
        return -PIPE_EINVAL;
    *name = (struct name){*path + 1, strcspn(*path + 1, "/")};
    *path += 1 + name->length;
    bool is_none = name->length <= 2 && memcmp(name->bytes, "..", name->length) == 0; // "", "." or ".."
    if (is_none)
        return -PIPE_EINVAL;
    return name->length > FILE_NAME_MAX ? -PIPE_ENAMETOOLONG : 0;
}

// Follows a path up to its last name, and looks that one up: *node is NULL if there is none. Of the root there is no
// last name: *directory is NULL.
static long path_walk(const struct files *files, const char *path, struct node **directory, struct name *last,
                      struct node **node) {
    *directory = NULL;
    *node = files->root;
    if (strcmp(path, "/") == 0)
        return 0;
    if (!*path)
        return -PIPE_EINVAL;
    while (*path) {
        long error = name_next(&path, last);
        if (error)
            return error;
        if (!*node)
            return -PIPE_ENOENT;
        if ((*node)->type != FILE_TYPE_DIRECTORY)
            return -PIPE_ENOTDIR;
        *directory = *node;
        *node = entry_find(*directory, *last);
    }
    return 0;
}

long files_find(const struct files *files, const char *path, struct node **node) {
    struct node *directory;
    struct name last;
    long error = path_walk(files, path, &directory, &last, node);
    return error ? error : *node ? 0 : -PIPE_ENOENT;
}

// ---- Making ----

bool files_begin(struct files *files, blocks_more *more, uint64_t block_limit, uint32_t node_limit) {
    *files = (struct files){.more = more, .block_limit = block_limit, .node_limit = node_limit};
    files->root = node_take(files, FILE_TYPE_DIRECTORY);
    return files->root;
}

static long make(struct files *files, const char *path, enum file_type type, bool is_fixed, struct node **node) {
    struct node *directory;
    struct name last;
    long error = path_walk(files, path, &directory, &last, node);
    if (error)
        return error;
    if (*node)
        return -PIPE_EEXIST;
    if (directory->is_fixed && !is_fixed)
        return -PIPE_EROFS;
    *node = node_take(files, type);
    if (!*node)
        return -PIPE_ENOSPC;
    (*node)->is_fixed = is_fixed;
    entry_add(files, directory, *node, last);
    return 0;
}

long files_make(struct files *files, const char *path, enum file_type type, struct node **node) {
    return make(files, path, type, false, node);
}

long files_make_fixed(struct files *files, const char *path, enum file_type type, struct node **node) {
    return make(files, path, type, true, node);
}

// ---- Removing ----

void node_open(struct node *node) {
    node->sessions++;
}

// The root has no parent either, but is never forgotten.
static void node_forget(struct files *files, struct node *node) {
    if (!node->parent && !node->sessions && node != files->root)
        node_give(files, node);
}

void node_close(struct files *files, struct node *node) {
    node->sessions--;
    node_forget(files, node);
}

// Whether a node may go that is to be of this type.
static long removal_check(const struct node *node, enum file_type type) {
    if (!node)
        return -PIPE_ENOENT;
    if (!node->parent)
        return -PIPE_EBUSY;
    if (node->is_fixed)
        return -PIPE_EROFS;
    if (node->type != (uint8_t)type)
        return type == FILE_TYPE_FILE ? -PIPE_EISDIR : -PIPE_ENOTDIR;
    return node->entries ? -PIPE_ENOTEMPTY : 0;
}

static void removal_commit(struct files *files, struct node *node) {
    entry_remove(files, node);
    node_forget(files, node);
}

long files_remove(struct files *files, const char *path, enum file_type type) {
    struct node *directory, *node;
    struct name last;
    long error = path_walk(files, path, &directory, &last, &node);
    if (!error)
        error = removal_check(node, type);
    if (!error)
        removal_commit(files, node);
    return error;
}

// ---- Renaming ----

static bool is_below(const struct node *node, const struct node *directory) {
    while (node && node != directory)
        node = node->parent;
    return node;
}

// What stands at the new path, if anything, is to make room.
static long rename_check(const struct node *node, const struct node *directory, const struct node *there) {
    if (!node)
        return -PIPE_ENOENT;
    if (!node->parent || !directory)
        return -PIPE_EBUSY;
    if (node->is_fixed || directory->is_fixed)
        return -PIPE_EROFS;
    if (is_below(directory, node))
        return -PIPE_EINVAL;
    return there ? removal_check(there, (enum file_type)node->type) : 0;
}

long files_rename(struct files *files, const char *from, const char *to) {
    struct node *directory, *node, *there;
    struct name last;
    long error = path_walk(files, from, &directory, &last, &node);
    if (!error)
        error = path_walk(files, to, &directory, &last, &there);
    if (!error)
        error = node && node == there && node->parent ? 0 : rename_check(node, directory, there);
    if (error || node == there)
        return error;
    if (there)
        removal_commit(files, there);
    entry_remove(files, node);
    entry_add(files, directory, node, last);
    return 0;
}
