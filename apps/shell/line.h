// SPDX-License-Identifier: MIT
// A line from the terminal, with echo and editing.
#ifndef SHELL_LINE_H
#define SHELL_LINE_H

#include <stdbool.h>

// Prints the prompt and reads a line, without its end: CR, LF or CR LF. NULL once the input has ended. The line stays
// until the next is read. The keys, as in other shells:
//
//   left, right, Ctrl-B, Ctrl-F    a character      Alt-B, Alt-F, Ctrl-left, Ctrl-right   a word
//   home, end, Ctrl-A, Ctrl-E      to the ends      up, down, Ctrl-P, Ctrl-N              through the history
//   backspace, delete, Ctrl-D      a character      Alt-backspace, Alt-D, Ctrl-W          a word is deleted
//   Ctrl-U, Ctrl-K                 all, the rest    Ctrl-Y                                puts back what was deleted
//   Ctrl-T                         swaps two        Ctrl-L                                clears the screen
//   Ctrl-R                         searches         Tab                                   completes, then lists
//   Ctrl-C                         drops the line: then it is empty
const char *line_read(const char *prompt);
// Whether the last line was dropped by the user, or was too long.
bool line_was_dropped(void);

#endif
