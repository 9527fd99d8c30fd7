// SPDX-License-Identifier: MIT
// The server side of protocol/volume.h. A volume says what its nodes are and do, by struct volume_operations; this
// library walks paths, checks owners and modes, keeps the open files and answers the pipes.
#ifndef LIB_VOLUME_H
#define LIB_VOLUME_H

#include "protocol/volume.h"

#include <stdbool.h>
#include <stddef.h>

struct node; // a file, directory or link; each volume says what it is

struct name {
    const char *bytes;
    size_t length;
};

// Bytes that go between a node and the caller's lease, or this process's memory.
struct volume_bytes {
    uint64_t token; // whose lease `index` it is, 0: `memory`
    unsigned index;
    uint8_t *memory;
    uint64_t length;
};

// Each returns 0 or more, or a negated error. Rights were checked before; what a name or node is was not, unless it is
// said here. A pointer that is NULL stands for EROFS.
struct volume_operations {
    const char *type; // of the file system
    struct node *(*root)(void);
    // A name of a directory. ENOENT.
    long (*find)(struct node *directory, struct name name, struct node **node);
    void (*stat)(const struct node *node, struct stream_stat *stat);
    // Up to `length` bytes from `offset` on: how many, 0 at the end.
    long (*read)(struct node *node, uint64_t offset, const struct volume_bytes *to);
    // How many: fewer only if the space ran out under them.
    long (*write)(struct node *node, uint64_t offset, const struct volume_bytes *from);
    // The first entry after a cookie: 1, or 0 at the end. `name` has room for NAME_BYTES_MAX bytes.
    long (*next)(const struct node *directory, uint64_t cookie, struct volume_entry *entry, char *name);
    // A new node of the mode, owner and group in `stat`, under a name that is free.
    long (*make)(struct node *directory, struct name name, const struct stream_stat *stat, struct node **node);
    long (*link)(struct node *directory, struct name name, struct node *node); // under a name that is free
    // What has the name, an empty directory or no directory. ENOTEMPTY.
    long (*remove)(struct node *directory, struct name name);
    // ENOTEMPTY, EISDIR, ENOTDIR, EINVAL, EEXIST.
    long (*rename)(struct node *from, struct name name, struct node *to, struct name new_name, uint32_t flags);
    long (*change)(struct node *node, uint32_t mask, const struct stream_stat *stat);
    void (*hold)(struct node *node); // it is open, and stays when its last name goes
    void (*release)(struct node *node);
    void (*space)(struct volume_space *space); // all but the type
    long (*sync)(void);
    void (*begin)(void); // before each request; may be NULL
};

struct stream_stat volume_request_stat(const struct volume_request *request); // what its attributes are to be

// To be called before each request is done.
static inline void volume_request_begin(const struct volume_operations *volume) {
    if (volume->begin)
        volume->begin();
}

// Moves `length` bytes between memory and what the struct stands for, from `offset` of it on.
long volume_bytes_put(const struct volume_bytes *to, uint64_t offset, const void *from, size_t length);
long volume_bytes_get(const struct volume_bytes *from, uint64_t offset, void *to, size_t length);

// Makes `directory` (such as "/svc/memfs") with the volume's pipe, "volume", and a directory for those of open files,
// "open". What a predecessor had open is gone. `point`: the path of which claims on the volume's files speak, where it
// is mounted first.
long volume_begin(const struct volume_operations *volume, const char *directory, const char *point);
_Noreturn void volume_serve(void);

#endif
