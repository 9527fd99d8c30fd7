// SPDX-License-Identifier: MIT
// What stands in $(( )), POSIX.1-2017, XCU 2.6.4: C's operators on whole numbers of 64 bits, which wrap, and names of
// variables, to which = and its like assign. Pure.
#ifndef SHELL_ARITHMETIC_H
#define SHELL_ARITHMETIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The value of a name, or NULL if it has none: that counts as 0.
typedef const char *arithmetic_lookup(const char *name, size_t length);
// Gives a name a value. False: it was reported.
typedef bool arithmetic_assign(const char *name, size_t length, const char *value);

// NULL, or what is wrong.
const char *arithmetic(const char *text, arithmetic_lookup *lookup, arithmetic_assign *assign, int64_t *value);

#endif
