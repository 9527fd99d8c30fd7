// SPDX-License-Identifier: MIT
// The prompt.
#ifndef SHELL_TEXT_H
#define SHELL_TEXT_H

// Reads lines at the prompt and runs them, until the input ends. $?.
int lines_run(void);

// Says which jobs in the background have ended (background.c).
void background_tell(void);

#endif
