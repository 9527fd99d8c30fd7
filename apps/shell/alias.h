// SPDX-License-Identifier: MIT
// The shell's aliases (POSIX.1-2017, XCU 2.3.1). Pure.
#ifndef SHELL_ALIAS_H
#define SHELL_ALIAS_H

#include <stdbool.h>
#include <stddef.h>

// The value of an alias, which lasts until the alias is set or unset; NULL: none.
const char *alias_value(const char *name, size_t length);
// Whether a name may be an alias: no byte of it has a meaning in the language.
bool alias_is_name(const char *name, size_t length);
// False: no memory.
bool alias_set(const char *name, size_t length, const char *value);
// Whether there was one.
bool alias_unset(const char *name);
void aliases_unset(void);
// Calls the visitor for each, in order of names.
void aliases_visit(void (*visit)(void *context, const char *name, const char *value), void *context);

#endif
