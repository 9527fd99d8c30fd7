// SPDX-License-Identifier: MIT
// The lines that were entered last.
#ifndef SHELL_HISTORY_H
#define SHELL_HISTORY_H

#define HISTORY_LINES 64u

// Adds a line, unless it is empty or the same as the last.
void history_add(const char *line);
// The line that is `age` lines old, 1 being the last; NULL if there is none.
const char *history_line(unsigned age);

#endif
