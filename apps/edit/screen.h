// SPDX-License-Identifier: MIT
// The screen: rows of text, of which only what has changed is sent (ECMA-48).
#ifndef EDIT_SCREEN_H
#define EDIT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#define SCREEN_COLUMNS_MAX 500u
#define SCREEN_ROWS_MAX 200u
#define SCREEN_ROW_SIZE (4 * SCREEN_COLUMNS_MAX + 1) // bytes, with the terminator

// Takes the screen, whose contents are to be forgotten; gives it back.
void screen_begin(void);
void screen_end(void);
// Forgets what is shown: all is sent anew.
void screen_forget(void);
// Shows a text of at most SCREEN_COLUMNS_MAX columns in a row, from 0 on; a reversed one leaves the last column free.
void screen_row(unsigned row, const char *text, bool is_reverse);
void screen_cursor(unsigned row, unsigned column);
void screen_bell(void);
// Sends what waits.
void screen_flush(void);

#endif
