// SPDX-License-Identifier: MIT
// Running what was parsed. A command that stands alone runs in this shell if it is the shell's own; stages of a
// pipeline, ( ), $( ) and what goes to the background run in processes: a program as itself, all else in a shell of its
// own, which gets its text and the variables through a queue.
#ifndef SHELL_RUN_H
#define SHELL_RUN_H

#include "buffer.h"
#include "job.h"
#include "syntax.h"

// What runs commands is above this layer: their table, and the jobs in the background. main sets it.
struct run_host {
    // Runs a command, and gives its status.
    int (*command_run)(int count, char **words);
    // Whether the words begin with the name of a command.
    bool (*command_is_known)(int count, char **words);
    // Starts a chain in the background. $?.
    int (*background_start)(const struct node *chain);
};
extern const struct run_host *run_host;

// Whether it is the name of a special command: assignments before it stay, and its errors end a script (XCU 2.14).
bool command_is_special(const char *name);

#define STAGE_NUMBERS 9u // of a stage's words, after "--stage"; two names follow
#define HANDLE_TEXT 5u   // that a shell which runs a text finds it at

// Runs a whole list. $?.
int list_run(const struct node *list);
// Starts a part of a tree as a shell's in a job. Its number in the job, or a negated error.
long node_start(struct job *job, const struct node *node, struct ends ends);
// A part of a tree as a text, with the documents that begin after it.
void node_text(const struct node *node, struct buffer *text);
// What a command prints, without the ends of lines that follow: from malloc, or NULL: reported (stage.c). `is_parsed`:
// its aliases have been replaced.
char *substitute(const char *text, size_t length, bool is_parsed);
// Whether a command is a program whose name is plain: then it needs no shell of its own.
bool node_is_program(const struct node *node);

#endif
