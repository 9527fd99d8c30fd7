// SPDX-License-Identifier: MIT
// The table of mounts. Pure: no system call.
#ifndef VFS_MOUNTS_H
#define VFS_MOUNTS_H

#include "protocol/vfs.h"

#include <stdbool.h>
#include <stddef.h>

struct mount {
    uint32_t number;                 // 0: free
    uint32_t length;                 // of `point`; 0: the root
    char point[MOUNT_POINT_MAX + 1]; // without a slash at its end
    char pipe[PATH_LENGTH_MAX + 1];
    long handle; // of the volume's pipe; 0: not open
};

struct mounts {
    struct mount table[MOUNTS_MAX];
    uint32_t numbers; // that were given
};

// Whether a path is absolute, and has no empty name, "." or "..".
bool mount_path_is_valid(const char *path, size_t length);
// The mount that a path leads into: the longest point, and of several there the last; or NULL.
struct mount *mounts_find(struct mounts *mounts, const char *path, size_t length);
// The last mount at exactly this path, or NULL.
struct mount *mounts_at(struct mounts *mounts, const char *path, size_t length);
// A new mount at the path; NULL: the table is full. Both texts fit.
struct mount *mounts_add(struct mounts *mounts, const char *path, size_t length, const char *pipe);

#endif
