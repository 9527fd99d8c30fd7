// SPDX-License-Identifier: MIT
// Jobs in the background.
#ifndef SHELL_BACKGROUND_H
#define SHELL_BACKGROUND_H

#include <stdint.h>

struct node;

// The pid of the job that a word names, "%n" or a pid; 0: none.
uint32_t background_pid(const char *word);
// Starts a chain. $?.
int background_start(const struct node *chain);
// Has the shell wait for all jobs before it ends: its output is a pipe that they may write to.
void background_join(void);
// Says which of them have ended.
void background_tell(void);

#endif
