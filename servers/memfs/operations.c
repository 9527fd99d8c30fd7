// SPDX-License-Identifier: MIT
// The file system in memory as a volume: the one that this process has.
#include "memfs.h"

#include <string.h>

struct files memfs;

static struct node *root(void) {
    return memfs.root;
}

static long find(struct node *directory, struct name name, struct node **node) {
    const struct entry *entry = entry_find(directory, name);
    *node = entry ? entry->node : NULL;
    return entry ? 0 : -PIPE_ENOENT;
}

static long read_bytes(struct node *node, uint64_t offset, const struct volume_bytes *to) {
    static const uint8_t zeroes[BLOCK_SIZE];
    uint64_t left = offset < node->size ? node->size - offset : 0;
    uint64_t length = to->length < left ? to->length : left;
    for (uint64_t done = 0; done < length;) {
        struct span span;
        tree_span(&memfs, &node->data, offset + done, false, &span);
        size_t chunk = length - done < span.length ? (size_t)(length - done) : span.length;
        long error = volume_bytes_put(to, done, span.bytes ? span.bytes : zeroes, chunk);
        if (error < 0)
            return error;
        done += chunk;
    }
    return (long)length;
}

static long write_bytes(struct node *node, uint64_t offset, const struct volume_bytes *from) {
    long error = 0;
    uint64_t done = 0;
    uint64_t room = offset < FILE_BYTES_MAX ? FILE_BYTES_MAX - offset : 0;
    uint64_t length = from->length < room ? from->length : room;
    while (done < length) {
        struct span span;
        error = tree_span(&memfs, &node->data, offset + done, true, &span);
        if (error)
            break;
        size_t chunk = length - done < span.length ? (size_t)(length - done) : span.length;
        error = volume_bytes_get(from, done, span.bytes, chunk);
        if (error < 0)
            break;
        done += chunk;
    }
    if (done)
        node_written(&memfs, node, offset + done);
    if (error < 0)
        tree_resize(&memfs, &node->data, node->size); // what was made and not written
    return done ? (long)done : !room && from->length ? -PIPE_EFBIG : error;
}

static long next(const struct node *directory, uint64_t cookie, struct volume_entry *entry, char *name) {
    const struct entry *found = entry_after(directory, cookie);
    if (!found)
        return 0;
    *entry =
        (struct volume_entry){found->cookie, found->node->number, found->node->mode & MODE_TYPE, found->name_length};
    memcpy(name, found->name, found->name_length);
    return 1;
}

static long make(struct node *directory, struct name name, const struct stream_stat *stat, struct node **node) {
    return node_make(&memfs, directory, name, stat, node);
}

static long link_name(struct node *directory, struct name name, struct node *node) {
    return node_link(&memfs, directory, name, node);
}

static long remove_name(struct node *directory, struct name name) {
    return node_remove(&memfs, directory, name);
}

static long rename_node(struct node *from, struct name name, struct node *to, struct name new_name, uint32_t flags) {
    return node_rename(&memfs, from, name, to, new_name, flags);
}

static long change(struct node *node, uint32_t mask, const struct stream_stat *stat) {
    return node_change(&memfs, node, mask, stat);
}

static void release(struct node *node) {
    node_release(&memfs, node);
}

static void space(struct volume_space *space) {
    *space = (struct volume_space){.bytes = memfs.block_limit * BLOCK_SIZE,
                                   .used = (memfs.block_count - memfs.free_count) * BLOCK_SIZE,
                                   .files = memfs.node_count,
                                   .files_max = memfs.node_limit,
                                   .block = BLOCK_SIZE};
}

static long sync_nothing(void) {
    return 0;
}

const struct volume_operations memfs_operations = {.type = "memfs",
                                                   .root = root,
                                                   .find = find,
                                                   .stat = node_stat,
                                                   .read = read_bytes,
                                                   .write = write_bytes,
                                                   .next = next,
                                                   .make = make,
                                                   .link = link_name,
                                                   .remove = remove_name,
                                                   .rename = rename_node,
                                                   .change = change,
                                                   .hold = node_hold,
                                                   .release = release,
                                                   .space = space,
                                                   .sync = sync_nothing};
