// SPDX-License-Identifier: MIT
// The shell's functions: a compound command by a name, kept as its text.
#ifndef SHELL_FUNCTION_H
#define SHELL_FUNCTION_H

#include <stdbool.h>

struct node;

// Keeps what a NODE_FUNCTION says. $?.
int function_define(const struct node *node);
bool function_is_known(const char *name);
void function_unset(const char *name);
// Runs it with the words behind its name as $1 and up, until it ends or `return`. $?.
int function_call(int count, char **words);
// Calls the visitor for each, in the order in which they were made.
void functions_visit(void (*visit)(void *context, const char *name, const char *text), void *context);

#endif
