// SPDX-License-Identifier: MIT
// How a line stands on the screen: after its prompt, on as many rows as it takes, the terminal's own wrapping being
// that of the line. Of a line that has more rows than the screen, those around the cursor are shown.
#ifndef SHELL_LINE_SCREEN_H
#define SHELL_LINE_SCREEN_H

#include "line_buffer.h"

// Begins a line at the left margin, on a screen of this size.
void screen_begin(const char *prompt, unsigned columns, unsigned rows);
const char *screen_prompt_now(void);
// Puts another prompt in front of the line.
void screen_prompt(const char *prompt, struct line_buffer *buffer);
// Shows what has changed, and puts the cursor where the buffer's is. What is typed at the end costs its own bytes only.
void screen_show(struct line_buffer *buffer);
// Clears the whole screen and shows the line on top.
void screen_clear(struct line_buffer *buffer);
// Goes to the row below the line, for what is to stand there; then shows the line again below that.
void screen_leave(struct line_buffer *buffer);
void screen_return(struct line_buffer *buffer);
// Another size of the screen.
void screen_resize(unsigned columns, unsigned rows);
// Goes after the line and says `text`, a mark of how it ended, and the end of the line.
void screen_end(struct line_buffer *buffer, const char *text);

#endif
