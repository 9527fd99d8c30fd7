// SPDX-License-Identifier: MIT
// /svc/vfs: the tree of all volumes. It knows where each is mounted and nothing else: a client asks for the volume of a
// path, and then speaks with that alone (volume.h). The server waits for no volume, so that a slow or dead one holds up
// only who uses it.
//
// Paths pass as leases, without terminators. They are absolute and without "." and "..": "/", or names each after a
// single slash.
#ifndef PROTOCOL_VFS_H
#define PROTOCOL_VFS_H

#include "abi.h"

#define VFS_PIPE "/svc/vfs"

#define MOUNTS_MAX 64u
#define MOUNT_POINT_MAX 255u // bytes

enum vfs_operation {
    // struct vfs_request; lease 0: a path -> struct vfs_found, handle: the volume's pipe, with RIGHT_WRITE. ENOENT
    // (nothing is mounted above it), ENODEV (the volume's pipe is gone), ENAMETOOLONG, EINVAL.
    VFS_RESOLVE,
    // struct vfs_request, then the name of a call pipe; lease 0: the path of a directory: the volume is mounted there,
    // in front of what was there before. Only for owner 0: EACCES. ENOENT (no such pipe), ENOTSUP (no call pipe),
    // ENAMETOOLONG, ENFILE.
    VFS_MOUNT,
    // struct vfs_request; lease 0: a path: what was mounted there last is no more; what is open of it stays open. Only
    // for owner 0: EACCES. EINVAL (nothing is mounted there).
    VFS_UMOUNT,
    VFS_LIST, // struct vfs_request: mount number `index`, or the next -> struct vfs_mount. ENOENT after the last.
    VFS_OPERATIONS
};

struct vfs_request {
    uint32_t operation, index;
};

struct vfs_found {
    uint32_t mount;  // its number: no other mount has or had it
    uint32_t length; // bytes of the path that lead to the volume's root: the rest is for the volume
};

struct vfs_mount {
    uint32_t index, mount;
    char point[MOUNT_POINT_MAX + 1];
    char pipe[PATH_LENGTH_MAX + 1];
};

#endif
