// SPDX-License-Identifier: MIT
#include "row.h"

#include <stdint.h>
#include <string.h>

#define TAB_WIDTH 8u
#define DELETE 0x7f
#define GLYPHS_MAX 9u // bytes that one character becomes, with a terminator

// Whether the bytes are one character of UTF-8 (RFC 3629): a first byte that tells their number.
static bool is_character(const uint8_t *bytes, size_t count) {
    if (count == 1)
        return bytes[0] < 0x80;
    return count == 2 ? bytes[0] >= 0xc2 && bytes[0] < 0xe0 : count == 3 ? bytes[0] >> 4 == 0xe : bytes[0] >> 3 == 0x1e;
}

// What the character at a position, whose column is given, looks like: the columns it takes.
static size_t glyphs(const struct text *text, size_t offset, size_t column, char *to) {
    size_t count = text_right(text, offset) - offset;
    uint8_t bytes[4] = {0};
    for (size_t index = 0; index < count; index++)
        bytes[index] = (uint8_t)text_at(text, offset + index);
    if (bytes[0] == '\t') {
        size_t width = TAB_WIDTH - column % TAB_WIDTH;
        memset(to, ' ', width);
        to[width] = 0;
        return width;
    }
    if (bytes[0] < ' ' || bytes[0] == DELETE) {
        to[0] = '^';
        to[1] = (char)(bytes[0] ^ '@');
        to[2] = 0;
        return 2;
    }
    if (!is_character(bytes, count)) {
        strcpy(to, "?");
        return 1;
    }
    memcpy(to, bytes, count);
    to[count] = 0;
    return 1;
}

size_t row_column(const struct text *text, size_t begin, size_t index) {
    char seen[GLYPHS_MAX];
    size_t column = 0;
    for (; begin < index; begin = text_right(text, begin))
        column += glyphs(text, begin, column, seen);
    return column;
}

size_t row_start(const struct text *text, size_t begin, size_t column) {
    char seen[GLYPHS_MAX];
    size_t now = 0, end = text_line_end(text, begin);
    while (begin < end) {
        now += glyphs(text, begin, now, seen);
        if (now > column)
            break;
        begin = text_right(text, begin);
    }
    return begin;
}

void row_text(const struct text *text, size_t begin, size_t left, size_t columns, char *to) {
    char seen[GLYPHS_MAX];
    size_t end = text_line_end(text, begin);
    for (size_t column = 0; begin < end && column < left + columns; begin = text_right(text, begin)) {
        size_t width = glyphs(text, begin, column, seen);
        bool is_one = width == 1;
        for (size_t index = 0; index < width; index++, column++) {
            if (column < left || column >= left + columns)
                continue;
            size_t count = is_one ? strlen(seen) : 1;
            memcpy(to, seen + index, count);
            to += count;
        }
    }
    *to = 0;
}
