// SPDX-License-Identifier: MIT
// Jobs in the background.
#ifndef SHELL_BACKGROUND_H
#define SHELL_BACKGROUND_H

#include <stdint.h>

// The pid of the job that a word names, "%n" or a pid; 0: none.
uint32_t background_pid(const char *word);
// Says which of them have ended.
void background_tell(void);

#endif
