// SPDX-License-Identifier: MIT
// The prompt.
#ifndef SHELL_PROMPT_H
#define SHELL_PROMPT_H

// Reads lines at the prompt and runs them, until the input ends. $?.
int lines_run(void);

#endif
