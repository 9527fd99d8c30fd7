// SPDX-License-Identifier: MIT
// The open files of a volume. Each is a transient pipe, which is the file: it has a position that all its holders
// share, and goes with the last of them.
#ifndef LIB_VOLUME_FILES_H
#define LIB_VOLUME_FILES_H

#include "serve.h"
#include "volume.h"

#define OPEN_FILES_MAX 16384u
#define OPEN_FILES_OF_TREE 1024u      // that one tree of programs has opened, whoever holds them now
#define OPEN_UNCHANGED (OPEN_ALL + 1) // a flag beside OPEN_*: attributes can't be changed through it
#define KEY_OPEN_FILES 1u             // of their service (serve.h)

// Opens a node for who called, and pays. A handle of this process's, to be passed on. `leader`: pid of the first process
// of the caller's tree. EMFILE (the tree's limit), ENFILE, and those of making a pipe.
long open_file_make(uint64_t token, struct node *node, uint32_t flags, uint32_t leader);
// Gives up one that could not be passed on.
void open_file_unmake(long handle);
// Nobody holds the open file with this key any more; its hook has ended.
void open_file_closed(uint64_t key);
// Makes the directory of the open files, and removes those of a predecessor.
long open_files_begin(const struct volume_operations *volume, const char *directory, uint32_t volume_number);

extern serve_function *const open_file_operations[FILE_OPERATIONS];

#endif
