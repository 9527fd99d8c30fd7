// SPDX-License-Identifier: MIT
// The boot image's part of the tree: its names are nodes that may not be changed, its bytes stay with the process
// server.
#ifndef VFS_BOOT_FILES_H
#define VFS_BOOT_FILES_H

#include "nodes.h"

// Makes /boot and all below it. ENOSPC, or an error of the process server's.
long boot_files_make(struct files *files);
// Bytes of a file of the boot image from `offset` on; how many, 0 at the end.
long boot_file_read(const struct node *node, uint64_t offset, void *bytes, size_t length);

#endif
