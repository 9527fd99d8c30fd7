// SPDX-License-Identifier: MIT
// Running what was parsed. A command that stands alone runs in this shell if it is the shell's own; stages of a
// pipeline, ( ), $( ) and what goes to the background run in processes: a program as itself, all else in a shell of its
// own, which gets its text and the variables through a queue.
#ifndef SHELL_RUN_H
#define SHELL_RUN_H

#include "buffer.h"
#include "job.h"
#include "syntax.h"

#define HANDLE_TEXT 5u // that a shell which runs a text finds it at

// Runs a whole list. $?.
int list_run(const struct node *list);
// Starts a part of a tree as a shell's in a job. Its number in the job, or a negated error.
long node_start(struct job *job, const struct node *node, struct ends ends);
// A part of a tree as a text, with the documents that begin after it.
void node_text(const struct node *node, struct buffer *text);
// In such a shell: reads the text and runs it. `words` are those behind "--stage".
int stage_run(int count, char **words);

// Starts a chain in the background (background.c). $?.
int background_start(const struct node *chain);
// What a command prints, without the ends of lines that follow: from malloc, or NULL: reported (stage.c). `is_parsed`:
// its aliases have been replaced.
char *substitute(const char *text, size_t length, bool is_parsed);
// Whether a command is a program whose name is plain: then it needs no shell of its own.
bool node_is_program(const struct node *node);

#endif
