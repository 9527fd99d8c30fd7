// SPDX-License-Identifier: MIT
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024u

// ---- Changing ----

static void gap_move(struct text *text, size_t place) {
    char *gap = text->bytes + text->gap_begin, *behind = gap + text->gap_length;
    if (place < text->gap_begin)
        memmove(text->bytes + place + text->gap_length, text->bytes + place, text->gap_begin - place);
    else if (place > text->gap_begin)
        memmove(gap, behind, place - text->gap_begin);
    text->gap_begin = place;
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
    size_t behind = length - text->gap_begin;
    memmove(bytes + room - behind, bytes + text->gap_begin + text->gap_length, behind);
    text->gap_length += room - text->room;
    text->room = room;
    text->bytes = bytes;
    return true;
}

bool text_insert(struct text *text, size_t place, const char *bytes, size_t count) {
    if (count > EDIT_TEXT_MAX - text_length(text) || (count > text->gap_length && !gap_grow(text, count)))
        return false;
    if (!count)
        return true;
    gap_move(text, place);
    memcpy(text->bytes + place, bytes, count);
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

// ---- Places ----

char text_at(const struct text *text, size_t place) {
    return text->bytes[place < text->gap_begin ? place : place + text->gap_length];
}

static bool continues(const struct text *text, size_t place) {
    return ((unsigned char)text_at(text, place) & 0xc0) == 0x80;
}

#define CHARACTER_MAX 4u // bytes

size_t text_left(const struct text *text, size_t place) {
    size_t left = place;
    while (left && place - left < CHARACTER_MAX && continues(text, --left))
        ;
    return left;
}

size_t text_right(const struct text *text, size_t place) {
    size_t right = place, length = text_length(text);
    if (right < length)
        right++;
    while (right < length && right - place < CHARACTER_MAX && continues(text, right))
        right++;
    return right;
}

size_t text_line_begin(const struct text *text, size_t place) {
    while (place && text_at(text, place - 1) != '\n')
        place--;
    return place;
}

// The first '\n' in [from, to), or `to`; both on one side of the gap.
static size_t piece_find(const struct text *text, size_t from, size_t to) {
    if (from >= to)
        return to;
    const char *begin = text->bytes + (from < text->gap_begin ? from : from + text->gap_length);
    const char *found = memchr(begin, '\n', to - from);
    return found ? from + (size_t)(found - begin) : to;
}

size_t text_line_end(const struct text *text, size_t place) {
    size_t length = text_length(text);
    if (place < text->gap_begin) {
        size_t end = piece_find(text, place, text->gap_begin);
        if (end < text->gap_begin)
            return end;
        place = text->gap_begin;
    }
    return piece_find(text, place, length);
}

size_t text_line_number(const struct text *text, size_t place) {
    size_t number = 1, at = 0, end;
    while ((end = text_line_end(text, at)) < place) {
        number++;
        at = end + 1;
    }
    return number;
}

size_t text_line_place(const struct text *text, size_t number) {
    size_t place = 0, end;
    while (--number && (end = text_line_end(text, place)) < text_length(text))
        place = end + 1;
    return place;
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
