// SPDX-License-Identifier: MIT
// What stands in $(( )): whole numbers of 64 bits, which wrap; + - * / % ! == != < <= > >= && || ( ) and names of
// variables. Pure.
#ifndef SHELL_ARITHMETIC_H
#define SHELL_ARITHMETIC_H

#include <stddef.h>
#include <stdint.h>

// The value of a name, or NULL if it has none: that counts as 0.
typedef const char *arithmetic_lookup(const char *name, size_t length);

// NULL, or what is wrong.
const char *arithmetic(const char *text, arithmetic_lookup *lookup, int64_t *value);

#endif
