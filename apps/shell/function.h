// SPDX-License-Identifier: MIT
// The shell's functions: a compound command by a name, kept as its text. Pure.
#ifndef SHELL_FUNCTION_H
#define SHELL_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>

// Keeps a function: its text, which is from malloc and belongs to it from then on, and the line that this begins in.
// ENOMEM.
bool function_set(const char *name, size_t length, char *text, unsigned line);
// Its text, which lasts until the function is set or unset; NULL: none.
const char *function_text(const char *name, unsigned *line);
bool function_is_known(const char *name);
void function_unset(const char *name);
// Calls the visitor for each, in the order in which they were made.
void functions_visit(void (*visit)(void *context, const char *name, const char *text), void *context);

#endif
