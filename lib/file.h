// SPDX-License-Identifier: MIT
// Files: the client side of protocol/file.h. Every function returns 0 or more, or a negated error. Paths may be
// relative to the working directory, and may have "." and ".." and too many slashes: they are resolved here, by their
// text.
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include "protocol/file.h"

#include <stdbool.h>
#include <stddef.h>

// ---- Sessions ----

// Opens with OPEN_*: a session's number, above 0.
long file_open(const char *path, uint32_t flags);
long file_close(long file);
// Up to `length` bytes from the position on: how many, less only at the end.
long file_read(long file, void *bytes, size_t length);
// How many bytes were written: less than `length` if the space ran out; an error if it was none.
long file_write(long file, const void *bytes, size_t length);
// The new position.
long file_seek(long file, int64_t offset, enum file_seek from);
long file_resize(long file, uint64_t size);
long file_stat_open(long file, struct file_stat *stat);

// ---- Names ----

long file_stat(const char *path, struct file_stat *stat);
long file_remove(const char *path);
long file_rename(const char *from, const char *to);
long file_make_directory(const char *path);
long file_remove_directory(const char *path);
long file_space(struct file_space *space);

// ---- Listings ----

// A walk through a directory, in order of names. What comes or goes meanwhile is seen or not.
struct file_walk {
    char path[FILE_PATH_MAX + 1];
    char name[FILE_NAME_MAX + 1]; // of the entry
    struct file_entry entry;
    size_t place, length; // what is left of the last reply
    uint8_t reply[PAYLOAD_MAX];
};

long file_walk_begin(struct file_walk *walk, const char *path);
// The next entry, in `entry` and `name`: 1, or 0 at the end.
long file_walk_next(struct file_walk *walk);

// ---- The working directory ----

#define FILE_DIRECTORY_VARIABLE "PWD" // of the environment: where the working directory of a new program comes from

const char *file_directory(void);
long file_change_directory(const char *path);
// Writes the absolute path that a path stands for: FILE_PATH_MAX bytes and a terminator. ENAMETOOLONG, ENOENT (empty).
long file_resolve(const char *path, char *to);

#endif
