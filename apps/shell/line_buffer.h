// SPDX-License-Identifier: MIT
// The text of a line that is being edited. Pure: no system call, no memory of its own. The text is UTF-8; positions are
// offsets of bytes at which a character begins, or the end.
#ifndef SHELL_LINE_BUFFER_H
#define SHELL_LINE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_BYTES_MAX 16383u

struct line_buffer {
    char bytes[LINE_BYTES_MAX + 1]; // room for a terminator
    size_t length, cursor;
    size_t changed; // from here on the text may differ from what the screen shows; SIZE_MAX: nowhere
    bool is_cut;    // bytes found no room since the text was empty
};

// Inserts at the cursor, which goes after. False: no room, and nothing has changed but is_cut.
bool buffer_insert(struct line_buffer *buffer, const char *bytes, size_t count);
// Deletes [from, to); a cursor after it stays with its text.
void buffer_delete(struct line_buffer *buffer, size_t from, size_t to);
// Puts a text, cut to LINE_BYTES_MAX, instead of all; the cursor stands at its end.
void buffer_set(struct line_buffer *buffer, const char *text);
// Swaps the characters on both sides of the cursor, which goes on; at the end, the last two.
void buffer_transpose(struct line_buffer *buffer);

// Positions beside the cursor: of one character, of a word of letters and digits, of a word up to a gap.
size_t buffer_left(const struct line_buffer *buffer);
size_t buffer_right(const struct line_buffer *buffer);
size_t buffer_word_left(const struct line_buffer *buffer);
size_t buffer_word_right(const struct line_buffer *buffer);
size_t buffer_gap_left(const struct line_buffer *buffer);

// Whether a byte goes on with a character that has begun before (RFC 3629).
static inline bool byte_continues(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

#endif
