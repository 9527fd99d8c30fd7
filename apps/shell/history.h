// SPDX-License-Identifier: MIT
// The lines that were entered last.
#ifndef SHELL_HISTORY_H
#define SHELL_HISTORY_H

#define HISTORY_LINES 200u

// Adds a line, unless it is empty or the same as the last.
void history_add(const char *line);
// The line that is `age` lines old, 1 being the last; NULL if there is none.
const char *history_line(unsigned age);
// The age of the first line from `age` on, towards older ones, that has the text in it; 0: none has.
unsigned history_find(unsigned age, const char *text);
// How many lines were added ever: the number of the last, counted from 1.
unsigned long history_count(void);
void history_clear(void);

#endif
