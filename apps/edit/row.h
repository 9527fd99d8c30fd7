// SPDX-License-Identifier: MIT
// What a line of a text looks like. Pure. A tab goes to the next multiple of 8 columns; a control byte is shown as ^X,
// in two; a character of UTF-8 takes one column; what is none is a question mark.
#ifndef EDIT_ROW_H
#define EDIT_ROW_H

#include "text.h"

// The column of a position in the line that begins at `begin`, from 0.
size_t row_column(const struct text *text, size_t begin, size_t index);
// The last position of that line that stands at or left of a column.
size_t row_start(const struct text *text, size_t begin, size_t column);
// Writes what is to be seen of the line in the columns from `left` on: `to` has room for 4 bytes a column and a
// terminator.
void row_text(const struct text *text, size_t begin, size_t left, size_t columns, char *to);

#endif
