// SPDX-License-Identifier: MIT
// What words and documents become with what the shell knows, and what it says of problems.
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include "expand.h"
#include "state.h"

// What a word becomes, as one word: from malloc, or NULL: reported.
char *shell_word(const struct word *word);
// The value of an assignment, the same way.
char *shell_value(const struct word *word);
char *shell_pattern(const struct word *word);
// What a here-document becomes.
char *shell_document(const struct redirection *redirection);
// What words become; `assigns`: those that look like assignments are. False: reported.
bool shell_words(const struct word *words, bool assigns, struct fields *fields);
// $1 and up: copies of the words. ENOMEM.
bool shell_parameters_set(int count, char *const *words);
// Restores the others.
void shell_parameters_restore(char **parameters, unsigned count);
// "shell: script: line 3: ", or nothing in a text that is no script's.
const char *shell_where(unsigned line);
// Says that a command could not be started: its status.
int command_lacks(const char *name, long error);
// A problem of the language: "shell: script: line 3: <problem> (EINVAL)". STATUS_USAGE.
int shell_problem(const char *what, const char *problem, unsigned line);

#endif
