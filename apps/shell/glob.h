// SPDX-License-Identifier: MIT
// Patterns of names: * is any bytes, ? one byte, [a-z[:digit:]] one of these, [!a-z] none of these, a backslash takes
// any meaning from the next byte. Pure.
#ifndef SHELL_GLOB_H
#define SHELL_GLOB_H

#include <stdbool.h>
#include <stddef.h>

// Whether the whole text matches. A [ that nothing closes is a plain byte.
bool glob_matches(const char *pattern, const char *text, size_t length);

// Calls `add` for each name of a file that matches the path's pattern, or of a pipe, if it begins with a directory of
// pipes; in order. A leading dot must stand in the pattern. False: `add` or the memory gave out.
bool glob_walk(const char *pattern, bool (*add)(void *context, const char *name), void *context);

#endif
