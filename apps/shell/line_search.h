// SPDX-License-Identifier: MIT
// Ctrl-R: finds a line of the history by a part of it.
#ifndef SHELL_LINE_SEARCH_H
#define SHELL_LINE_SEARCH_H

#include "line_buffer.h"

// Takes keys and shows the newest line that has them in it, until a key that is none of these: Ctrl-R goes to the next
// older one, backspace takes a byte of the part back, Ctrl-G and Ctrl-C bring back what stood there before. The other
// key goes back to the input: it counts for the line found.
void line_search(struct line_buffer *buffer);

#endif
