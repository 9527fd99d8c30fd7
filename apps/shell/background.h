// SPDX-License-Identifier: MIT
// Jobs in the background.
#ifndef SHELL_BACKGROUND_H
#define SHELL_BACKGROUND_H

#include <stdbool.h>
#include <stdint.h>

struct job;
struct node;

// The pid of the job that a word names, "%n" or a pid; 0: none.
uint32_t background_pid(const char *word);
// Starts a chain. $?.
int background_start(const struct node *chain);
// Keeps a job that was suspended. False: there is no room for it.
bool background_keep(struct job *job);
// Says which of them have ended.
void background_tell(void);

#endif
