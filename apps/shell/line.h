// SPDX-License-Identifier: MIT
// A line from the serial input, with echo and editing.
#ifndef SHELL_LINE_H
#define SHELL_LINE_H

// Prints the prompt and reads a line, without its end: CR, LF or CR LF. NULL once the input has ended. The keys:
// backspace and delete; left and right, Ctrl-B and Ctrl-F; Ctrl-A and Ctrl-E, home and end; Ctrl-U clears, Ctrl-K
// clears to the end; up and down, Ctrl-P and Ctrl-N walk through the history; Ctrl-C drops the line: then it is empty.
const char *line_read(const char *prompt);

#endif
