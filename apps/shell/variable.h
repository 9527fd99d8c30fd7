// SPDX-License-Identifier: MIT
// The shell's variables. Those that programs get, the exported ones, stand in the environment itself. Pure.
#ifndef SHELL_VARIABLE_H
#define SHELL_VARIABLE_H

#include <stdbool.h>
#include <stddef.h>

#define VARIABLE_NAME_MAX 63u
#define VARIABLES_MAX 1000u // that are not exported

// NULL: not set.
const char *variable_get(const char *name, size_t length);
// 0, -PIPE_EINVAL (not a name, or too long a one), -PIPE_ENOMEM.
long variable_set(const char *name, size_t length, const char *value);
long variable_export(const char *name, size_t length);
void variable_unset(const char *name, size_t length);
// Calls the function for each variable: the exported ones first, the others in order of names.
void variables_visit(void (*visit)(void *context, const char *name, const char *value, bool is_exported),
                     void *context);

// A variable as it was, and those that were kept before it.
struct kept_variable;
// ENOMEM: it is not kept.
long variable_keep(const char *name, size_t length, struct kept_variable **kept);
// Gives all that were kept their values back, the last one first.
void variables_restore(struct kept_variable *kept);

#endif
