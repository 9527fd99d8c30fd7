// SPDX-License-Identifier: MIT
// Nodes: the table of them, and what names and changes do to them. A node is free again when it has no name and nobody
// holds it open. Every operation checks first: one that fails has changed nothing.
#include "memfs.h"

#define NODES_PER_BLOCK (BLOCK_SIZE / sizeof(struct node))
#define OWN_LINKS 2u // of a directory: its name, and "."

static bool is_directory(const struct node *node) {
    return (node->mode & MODE_TYPE) == MODE_DIRECTORY;
}

// ---- The table ----

// A node of an index that was not used before.
static struct node *node_first_use(struct files *files) {
    uint64_t index = files->nodes_used + 1; // 0 is no node's number
    struct span span;
    if (tree_span(files, &files->nodes, index / NODES_PER_BLOCK * BLOCK_SIZE, true, &span) < 0)
        return NULL;
    struct node *node = (struct node *)(void *)span.bytes + index % NODES_PER_BLOCK;
    node->number = index;
    files->nodes_used = index;
    return node;
}

// A node that has nothing yet. NULL: there is no room.
static struct node *node_find_free(struct files *files) {
    struct node *node = files->free_nodes;
    if (files->node_count == files->node_limit)
        return NULL;
    if (node)
        files->free_nodes = node->next_free;
    else
        node = node_first_use(files);
    files->node_count += node != NULL;
    return node;
}

// A new node of the owner, who pays for it. ENOSPC, EDQUOT.
static long node_take(struct files *files, uint32_t owner, struct node **node) {
    struct account *account = account_of(&files->accounts, owner);
    long error = account ? account_charge(&files->accounts, account, sizeof **node, 1) : -PIPE_EDQUOT;
    if (error)
        return error;
    *node = node_find_free(files);
    if (*node)
        return 0;
    account_credit(account, sizeof **node, 1);
    return -PIPE_ENOSPC;
}

// The number that the index is used with next.
static uint64_t number_after(uint64_t number) {
    return number + (1ull << NODE_INDEX_BITS);
}

static void node_give(struct files *files, struct node *node) {
    if (!is_directory(node))
        tree_resize(files, &node->data, 0);
    account_credit(account_of(&files->accounts, node->owner), sizeof *node, 1);
    *node = (struct node){.number = number_after(node->number), .next_free = files->free_nodes};
    files->free_nodes = node;
    files->node_count--;
}

static void node_forget(struct files *files, struct node *node) {
    if (!node->links && !node->holders)
        node_give(files, node);
}

void node_hold(struct node *node) {
    node->holders++;
}

void node_release(struct files *files, struct node *node) {
    node->holders--;
    node_forget(files, node);
}

static void node_fill(struct files *files, struct node *node, const struct stream_stat *stat) {
    *node = (struct node){.number = node->number,
                          .mode = stat->mode,
                          .owner = stat->owner,
                          .group = stat->group,
                          .accessed = files->now,
                          .modified = files->now,
                          .changed = files->now};
    if (!is_directory(node))
        node->data.account = (uint32_t)(account_of(&files->accounts, stat->owner) - files->accounts.table);
}

bool files_begin(struct files *files, blocks_more *more, uint64_t block_limit, uint64_t node_limit) {
    const struct stream_stat root = {.mode = MODE_DIRECTORY | 0755};
    *files = (struct files){.more = more,
                            .block_limit = block_limit,
                            .node_limit = node_limit < NODES_MAX ? node_limit : NODES_MAX,
                            .now = files->now,
                            .seed = files->seed};
    accounts_begin(&files->accounts, block_limit * BLOCK_SIZE, files->node_limit);
    if (node_take(files, root.owner, &files->root) < 0)
        return false;
    node_fill(files, files->root, &root);
    files->root->links = OWN_LINKS;
    return true;
}

// ---- What a node is ----

void node_stat(const struct node *node, struct stream_stat *stat) {
    *stat = (struct stream_stat){.inode = node->number,
                                 .size = node->size,
                                 .space = is_directory(node) ? 0 : node->data.blocks * BLOCK_SIZE,
                                 .accessed = node->accessed,
                                 .modified = node->modified,
                                 .changed = node->changed,
                                 .mode = node->mode,
                                 .links = node->links,
                                 .owner = node->owner,
                                 .group = node->group};
}

void node_written(struct files *files, struct node *node, uint64_t end) {
    if (node->size < end)
        node->size = end;
    node->modified = node->changed = files->now;
}

static void node_resize(struct files *files, struct node *node, uint64_t size) {
    if (size <= node->size)
        tree_resize(files, &node->data, size);
    node->size = size;
    node->modified = node->changed = files->now;
}

// Moves what the node takes to another owner's account; its names stay with who made them. EDQUOT.
static long node_charge_move(struct files *files, struct node *node, uint32_t owner) {
    struct account *from = account_of(&files->accounts, node->owner), *to = account_of(&files->accounts, owner);
    uint64_t bytes = sizeof *node + (is_directory(node) ? 0 : node->data.blocks * BLOCK_SIZE);
    long error = !to ? -PIPE_EDQUOT : to == from ? 0 : account_charge(&files->accounts, to, bytes, 1);
    if (error || to == from)
        return error;
    account_credit(from, bytes, 1);
    if (!is_directory(node))
        node->data.account = (uint32_t)(to - files->accounts.table);
    return 0;
}

long node_change(struct files *files, struct node *node, uint32_t mask, const struct stream_stat *stat) {
    long error = 0;
    if (mask & CHANGE_SIZE && is_directory(node))
        return -PIPE_EISDIR;
    if (mask & CHANGE_SIZE && stat->size > FILE_BYTES_MAX)
        return -PIPE_EFBIG;
    if (mask & CHANGE_OWNER)
        error = node_charge_move(files, node, stat->owner);
    if (error)
        return error;
    if (mask & CHANGE_SIZE)
        node_resize(files, node, stat->size);
    if (mask & CHANGE_MODE)
        node->mode = (node->mode & MODE_TYPE) | (stat->mode & MODE_PERMISSIONS);
    if (mask & CHANGE_OWNER)
        node->owner = stat->owner;
    if (mask & CHANGE_GROUP)
        node->group = stat->group;
    if (mask & CHANGE_ACCESSED)
        node->accessed = stat->accessed;
    if (mask & CHANGE_MODIFIED)
        node->modified = stat->modified;
    node->changed = files->now;
    return 0;
}

// ---- Names ----

// A name for the node was added to the directory, or goes from it.
static void node_named(struct node *directory, struct node *node) {
    node->links++;
    if (!is_directory(node))
        return;
    node->parent = directory;
    directory->links++;
}

static void node_unnamed(struct node *directory, struct node *node) {
    node->links--;
    if (is_directory(node))
        directory->links--;
}

long node_make(struct files *files, struct node *directory, struct name name, const struct stream_stat *stat,
               struct node **node) {
    bool is_to_be_directory = (stat->mode & MODE_TYPE) == MODE_DIRECTORY;
    if (is_to_be_directory && directory->links == LINKS_MAX)
        return -PIPE_EMLINK;
    long error = node_take(files, stat->owner, node);
    if (error)
        return error;
    node_fill(files, *node, stat);
    error = entry_add(files, directory, name, *node);
    if (error) {
        node_give(files, *node);
        return error;
    }
    (*node)->links = is_to_be_directory ? OWN_LINKS - 1 : 0;
    node_named(directory, *node);
    return 0;
}

long node_link(struct files *files, struct node *directory, struct name name, struct node *node) {
    if (node->links == LINKS_MAX)
        return -PIPE_EMLINK;
    long error = entry_add(files, directory, name, node);
    if (error)
        return error;
    node_named(directory, node);
    node->changed = files->now;
    return 0;
}

// What was a node's name was taken away.
static void node_drop(struct files *files, struct node *directory, struct node *node) {
    node_unnamed(directory, node);
    if (is_directory(node))
        node->links = 0;
    node->changed = files->now;
    node_forget(files, node);
}

long node_remove(struct files *files, struct node *directory, struct name name) {
    struct entry *entry = entry_find(directory, name);
    struct node *node = entry ? entry->node : NULL;
    if (!node)
        return -PIPE_ENOENT;
    if (is_directory(node) && node->size)
        return -PIPE_ENOTEMPTY;
    entry_remove(files, directory, entry);
    node_drop(files, directory, node);
    return 0;
}

// ---- Renaming ----

static bool is_below(const struct node *node, const struct node *directory) {
    while (node && node != directory)
        node = node->parent;
    return node;
}

// Whether what stands at the new name may be replaced by the node.
static long replace_check(const struct node *node, const struct node *there) {
    if (is_directory(node) && !is_directory(there))
        return -PIPE_ENOTDIR;
    if (!is_directory(node) && is_directory(there))
        return -PIPE_EISDIR;
    return is_directory(there) && there->size ? -PIPE_ENOTEMPTY : 0;
}

static long rename_check(const struct node *from, const struct node *node, const struct node *to,
                         const struct node *there, uint32_t flags) {
    if (!node || (flags & RENAME_SWAP && !there))
        return -PIPE_ENOENT;
    if (there && flags & RENAME_NEW)
        return -PIPE_EEXIST;
    bool is_inside = (is_directory(node) && is_below(to, node)) ||
                     (flags & RENAME_SWAP && is_directory(there) && is_below(from, there));
    if (is_inside)
        return -PIPE_EINVAL;
    if (is_directory(node) && !there && to->links == LINKS_MAX)
        return -PIPE_EMLINK;
    return there && !(flags & RENAME_SWAP) && there != node ? replace_check(node, there) : 0;
}

// Puts a node under a name that another one had.
static void entry_take_over(struct files *files, struct node *directory, struct entry *entry, struct node *node) {
    entry->node = node;
    node_named(directory, node);
    node->changed = directory->modified = directory->changed = files->now;
}

static void rename_swap(struct files *files, struct node *from, struct entry *entry, struct node *to,
                        struct entry *there) {
    struct node *first = entry->node, *second = there->node;
    node_unnamed(from, first);
    node_unnamed(to, second);
    entry_take_over(files, from, entry, second);
    entry_take_over(files, to, there, first);
}

static void rename_replace(struct files *files, struct node *from, struct entry *entry, struct node *to,
                           struct entry *there) {
    struct node *node = entry->node, *replaced = there->node;
    node_unnamed(from, node);
    entry_remove(files, from, entry);
    entry_take_over(files, to, there, node);
    node_drop(files, to, replaced);
}

static long rename_move(struct files *files, struct node *from, struct entry *entry, struct node *to,
                        struct name new_name) {
    struct node *node = entry->node;
    long error = entry_add(files, to, new_name, node);
    if (error)
        return error;
    node_unnamed(from, node);
    entry_remove(files, from, entry);
    node_named(to, node);
    node->changed = files->now;
    return 0;
}

long node_rename(struct files *files, struct node *from, struct name name, struct node *to, struct name new_name,
                 uint32_t flags) {
    struct entry *entry = entry_find(from, name), *there = entry_find(to, new_name);
    long error = rename_check(from, entry ? entry->node : NULL, to, there ? there->node : NULL, flags);
    if (error)
        return error;
    if (!there)
        return rename_move(files, from, entry, to, new_name);
    if (entry->node == there->node)
        return 0;
    (flags & RENAME_SWAP ? rename_swap : rename_replace)(files, from, entry, to, there);
    return 0;
}
