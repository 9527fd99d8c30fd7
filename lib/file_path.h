// SPDX-License-Identifier: MIT
// Paths as texts. Pure: no system call.
#ifndef LIB_FILE_PATH_H
#define LIB_FILE_PATH_H

#include "protocol/file.h"

// Writes the absolute path that `path` stands for in `directory`, an absolute path itself, without ".", ".." and
// needless slashes: FILE_PATH_MAX bytes and a terminator at most. 0, -ENAMETOOLONG, -ENOENT (`path` is empty).
long path_resolve(const char *directory, const char *path, char *to);
// Its last name; "/" of the root.
const char *path_last(const char *path);

#endif
