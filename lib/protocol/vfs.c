// SPDX-License-Identifier: MIT
#include "protocol/vfs.h"

#include "decode.h"

static const struct operation operations[VFS_OPERATIONS] = {
    [VFS_RESOLVE] = {"VFS_RESOLVE", NULL, FIELDS(FIELD(struct vfs_found, mount), FIELD(struct vfs_found, length))},
    [VFS_MOUNT] = {"VFS_MOUNT", FIELDS(FIELD_REST(struct vfs_request, "pipe")), NULL},
    [VFS_UMOUNT] = {"VFS_UMOUNT", NULL, NULL},
    [VFS_LIST] = {"VFS_LIST", FIELDS(FIELD(struct vfs_request, index)),
                  FIELDS(FIELD_AS(struct vfs_mount, point, FORM_TEXT), FIELD_AS(struct vfs_mount, pipe, FORM_TEXT))}};
const struct protocol protocol_vfs = {(const char *const[]){VFS_PIPE, NULL}, operations, 0, VFS_OPERATIONS};
