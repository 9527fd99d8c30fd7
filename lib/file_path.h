// SPDX-License-Identifier: MIT
// Paths as texts. Pure: no system call. All results have at most FILE_PATH_MAX bytes and a terminator; else
// -ENAMETOOLONG.
#ifndef LIB_FILE_PATH_H
#define LIB_FILE_PATH_H

#include "protocol/volume.h"

#include <stddef.h>

#define FILE_NAME_MAX NAME_BYTES_MAX
#define FILE_PATH_MAX PATH_BYTES_MAX

// Writes the absolute path that `path` stands for in `directory`, an absolute path itself, without ".", ".." and
// needless slashes, as if there were no symbolic links. -ENOENT (`path` is empty).
long path_resolve(const char *directory, const char *path, char *to);
// The same, but ".." stays, for what it means where links are.
long path_join(const char *directory, const char *path, char *to);
// Where the first component ".." of an absolute path begins: at the slash in front. -1: there is none.
long path_parent_find(const char *path);
// Takes away the component before the ".." that was found there, and itself; above the root is the root.
void path_parent_apply(char *path, size_t start);
// Puts the text of a symbolic link instead of the component that ends at `end`.
long path_link_apply(char *path, size_t end, const char *text, size_t length);
// The last name of a path; "/" of the root.
const char *path_last(const char *path);

#endif
