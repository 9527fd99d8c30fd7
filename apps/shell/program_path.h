// SPDX-License-Identifier: MIT
// Which file a command's name leads to by PATH.
#ifndef SHELL_PROGRAM_PATH_H
#define SHELL_PROGRAM_PATH_H

#include "protocol/start.h"

#include <stdbool.h>

// The path of the file that a name without a slash leads to, FILE_PATH_MAX + 1 bytes. False: there is none.
bool program_find(const char *name, char *path);
// Whether a name without a slash is that of a program, which is started by its name.
bool program_is_named(const char *name);
// The name of the program that a path leads to, in `whole`, FILE_PATH_MAX + 1 bytes; NULL: none.
char *path_program(const char *path, char *whole);

#endif
