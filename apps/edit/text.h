// SPDX-License-Identifier: MIT
// A text that is edited: bytes with a gap where the last change was, so that a change costs what it changes. Pure but
// for the heap. Positions are offsets of bytes; a line ends at '\n' or at the text's end; a character is one of UTF-8.
#ifndef EDIT_TEXT_H
#define EDIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define EDIT_TEXT_MAX (4u << 20) // bytes
#define TEXT_NOWHERE ((size_t)-1)

struct text {
    char *bytes;
    size_t room;                  // of `bytes`
    size_t gap_begin, gap_length; // room that holds nothing
};

static inline size_t text_length(const struct text *text) {
    return text->room - text->gap_length;
}

// A text starts as all zeroes: empty. Inserts at a position. False: no memory, or it would be longer than
// EDIT_TEXT_MAX; then nothing has changed.
bool text_insert(struct text *text, size_t index, const char *bytes, size_t count);
void text_delete(struct text *text, size_t from, size_t to);
// The byte at a position before the end.
char text_at(const struct text *text, size_t index);
// All of it in one chunk, until the next change.
const char *text_whole(struct text *text);
void text_free(struct text *text);

// ---- Positions ----

// Beside a character; at an end of the text, that end.
size_t text_left(const struct text *text, size_t index);
size_t text_right(const struct text *text, size_t index);
// Where the line of a position begins, and where its '\n' or the text's end stands.
size_t text_line_begin(const struct text *text, size_t index);
size_t text_line_end(const struct text *text, size_t index);
// The number of a position's line, from 1, and where a line begins: of one after the last, the last.
size_t text_line_number(const struct text *text, size_t index);
size_t text_line_start(const struct text *text, size_t number);
// The first position from `from` on, and then from the start on, at which the bytes stand, or TEXT_NOWHERE.
size_t text_find(struct text *text, size_t from, const char *bytes, size_t count);

#endif
