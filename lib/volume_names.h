// SPDX-License-Identifier: MIT
// What a volume's operations on names do, over its struct volume_operations. Pure: no system call.
#ifndef LIB_VOLUME_NAMES_H
#define LIB_VOLUME_NAMES_H

#include "volume.h"

// One request: of which volume, by whom, and its reply. Where a symbolic link is in the way, the functions return 0
// with reply->link set, and have done nothing.
struct volume_visit {
    const struct volume_operations *volume;
    uint32_t owner; // of the caller; 0 may do everything
    struct volume_reply *reply;
    bool moves_directories; // the caller's claims cover what is below the names that it gives and takes
    bool may_change;        // and what it opens may be changed
};

// A path from the root, as protocol/volume.h says.
struct volume_path {
    const char *bytes;
    size_t length;
    unsigned lease; // that it came in
    bool follows;   // a symbolic link at its end is in the way, too
};

// The node of a path, and in the visit's reply its attributes or how far the path led. ENOENT, ENOTDIR, EACCES.
long volume_lookup(const struct volume_visit *visit, const struct volume_path *path);
// Finds or makes what is to be opened with OPEN_*; *node is NULL if a link is in the way. Making it empty is left
// to the caller.
long volume_open(const struct volume_visit *visit, const struct volume_path *path, uint32_t flags, uint32_t mode,
                 struct node **node, bool *is_made);
long volume_create(const struct volume_visit *visit, const struct volume_path *path, uint32_t mode);
long volume_link(const struct volume_visit *visit, const struct volume_path *path, const struct volume_path *to);
long volume_symlink(const struct volume_visit *visit, const struct volume_path *path, const struct volume_bytes *text);
long volume_readlink(const struct volume_visit *visit, const struct volume_path *path, const struct volume_bytes *to);
long volume_remove(const struct volume_visit *visit, const struct volume_path *path, uint32_t flags);
long volume_rename(const struct volume_visit *visit, const struct volume_path *path, const struct volume_path *to,
                   uint32_t flags);
long volume_change(const struct volume_visit *visit, const struct volume_path *path, uint32_t mask,
                   const struct stream_stat *stat);
// The same of a node that the caller has open; `can_write` says how.
long volume_change_node(const struct volume_visit *visit, struct node *node, bool can_write, uint32_t mask,
                        const struct stream_stat *stat);

#endif
