// SPDX-License-Identifier: MIT
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024u

// ---- Changing ----

static void gap_move(struct text *text, size_t index) {
    char *gap = text->bytes + text->gap_begin, *after = gap + text->gap_length;
    if (index < text->gap_begin)
        memmove(text->bytes + index + text->gap_length, text->bytes + index, text->gap_begin - index);
    else if (index > text->gap_begin)
        memmove(gap, after, index - text->gap_begin);
    text->gap_begin = index;
}

// Makes the gap at least so large.
static bool gap_grow(struct text *text, size_t count) {
    size_t length = text_length(text), room = text->room ? text->room : ROOM_FIRST;
    while (room - length < count)
        room *= 2;
    if (room == text->room)
        return true;
    char *bytes = realloc(text->bytes, room);
    if (!bytes)
        return false;
    size_t after = length - text->gap_begin;
    memmove(bytes + room - after, bytes + text->gap_begin + text->gap_length, after);
    text->gap_length += room - text->room;
    text->room = room;
    text->bytes = bytes;
    return true;
}

bool text_insert(struct text *text, size_t index, const char *bytes, size_t count) {
    if (count > EDIT_TEXT_MAX - text_length(text) || (count > text->gap_length && !gap_grow(text, count)))
        return false;
    if (!count)
        return true;
    gap_move(text, index);
    memcpy(text->bytes + index, bytes, count);
    text->gap_begin += count;
    text->gap_length -= count;
    return true;
}

void text_delete(struct text *text, size_t from, size_t to) {
    if (from == to)
        return;
    gap_move(text, from);
    text->gap_length += to - from;
}

const char *text_whole(struct text *text) {
    if (!text->bytes)
        return "";
    gap_move(text, text_length(text));
    return text->bytes;
}

void text_free(struct text *text) {
    free(text->bytes);
    *text = (struct text){0};
}

// ---- Positions ----

char text_at(const struct text *text, size_t index) {
    return text->bytes[index < text->gap_begin ? index : index + text->gap_length];
}

static bool continues(const struct text *text, size_t index) {
    return ((unsigned char)text_at(text, index) & 0xc0) == 0x80;
}

#define CHARACTER_MAX 4u // bytes

size_t text_left(const struct text *text, size_t index) {
    size_t left = index;
    while (left && index - left < CHARACTER_MAX && continues(text, --left))
        ;
    return left;
}

size_t text_right(const struct text *text, size_t index) {
    size_t right = index, length = text_length(text);
    if (right < length)
        right++;
    while (right < length && right - index < CHARACTER_MAX && continues(text, right))
        right++;
    return right;
}

size_t text_line_begin(const struct text *text, size_t index) {
    while (index && text_at(text, index - 1) != '\n')
        index--;
    return index;
}

// The first '\n' in [from, to), or `to`; both on one side of the gap.
static size_t chunk_find(const struct text *text, size_t from, size_t to) {
    if (from >= to)
        return to;
    const char *begin = text->bytes + (from < text->gap_begin ? from : from + text->gap_length);
    const char *found = memchr(begin, '\n', to - from);
    return found ? from + (size_t)(found - begin) : to;
}

size_t text_line_end(const struct text *text, size_t index) {
    size_t length = text_length(text);
    if (index < text->gap_begin) {
        size_t end = chunk_find(text, index, text->gap_begin);
        if (end < text->gap_begin)
            return end;
        index = text->gap_begin;
    }
    return chunk_find(text, index, length);
}

size_t text_line_number(const struct text *text, size_t index) {
    size_t number = 1, at = 0, end;
    while ((end = text_line_end(text, at)) < index) {
        number++;
        at = end + 1;
    }
    return number;
}

size_t text_line_start(const struct text *text, size_t number) {
    size_t index = 0, end;
    while (--number && (end = text_line_end(text, index)) < text_length(text))
        index = end + 1;
    return index;
}

// As memmem, which is not in every C library.
static const char *bytes_find(const char *from, const char *end, const char *bytes, size_t count) {
    while ((size_t)(end - from) >= count) {
        from = memchr(from, bytes[0], (size_t)(end - from) - count + 1);
        if (!from || memcmp(from, bytes, count) == 0)
            return from;
        from++;
    }
    return NULL;
}

size_t text_find(struct text *text, size_t from, const char *bytes, size_t count) {
    const char *whole = text_whole(text), *end = whole + text_length(text);
    const char *found = count ? bytes_find(whole + from, end, bytes, count) : NULL;
    if (!found && count)
        found = bytes_find(whole, end, bytes, count);
    return found ? (size_t)(found - whole) : TEXT_NOWHERE;
}
