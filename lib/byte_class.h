// SPDX-License-Identifier: MIT
// Classes of bytes by their names, as [:digit:], in patterns and sets. Pure.
#ifndef SHELL_BYTE_CLASS_H
#define SHELL_BYTE_CLASS_H

#include <stddef.h>

typedef int byte_class(int byte);

// The class whose name a text begins with, and how long that is; NULL: none.
byte_class *byte_class_at(const char *text, size_t *length);

#endif
