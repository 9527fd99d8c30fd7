// SPDX-License-Identifier: MIT
#include "line_buffer.h"

#include <ctype.h>
#include <string.h>

static void change_from(struct line_buffer *buffer, size_t index) {
    if (index < buffer->changed)
        buffer->changed = index;
}

bool buffer_insert(struct line_buffer *buffer, const char *bytes, size_t count) {
    if (count > LINE_BYTES_MAX - buffer->length) {
        buffer->is_cut = true;
        return false;
    }
    char *target = buffer->bytes + buffer->cursor;
    memmove(target + count, target, buffer->length - buffer->cursor);
    memcpy(target, bytes, count);
    change_from(buffer, buffer->cursor);
    buffer->length += count;
    buffer->cursor += count;
    return true;
}

void buffer_delete(struct line_buffer *buffer, size_t from, size_t to) {
    if (from == to)
        return;
    memmove(buffer->bytes + from, buffer->bytes + to, buffer->length - to);
    buffer->length -= to - from;
    if (buffer->cursor >= to)
        buffer->cursor -= to - from;
    else if (buffer->cursor > from)
        buffer->cursor = from;
    change_from(buffer, from);
    buffer->is_cut = buffer->is_cut && buffer->length;
}

void buffer_set(struct line_buffer *buffer, const char *text) {
    size_t length = strlen(text), same = 0;
    if (length > LINE_BYTES_MAX)
        length = LINE_BYTES_MAX;
    while (same < length && same < buffer->length && buffer->bytes[same] == text[same])
        same++;
    if (same < length || same < buffer->length)
        change_from(buffer, same);
    memcpy(buffer->bytes, text, length);
    buffer->length = buffer->cursor = length;
    buffer->is_cut = false;
}

// ---- Positions ----

static size_t left_of(const struct line_buffer *buffer, size_t index) {
    while (index && byte_continues(buffer->bytes[--index]))
        ;
    return index;
}

static size_t right_of(const struct line_buffer *buffer, size_t index) {
    if (index < buffer->length)
        index++;
    while (index < buffer->length && byte_continues(buffer->bytes[index]))
        index++;
    return index;
}

size_t buffer_left(const struct line_buffer *buffer) {
    return left_of(buffer, buffer->cursor);
}

size_t buffer_right(const struct line_buffer *buffer) {
    return right_of(buffer, buffer->cursor);
}

// Letters, digits and all that is not ASCII.
static bool is_word_byte(char byte) {
    return isalnum((unsigned char)byte) || (unsigned char)byte >= 0x80;
}

size_t buffer_word_left(const struct line_buffer *buffer) {
    size_t index = buffer->cursor;
    while (index && !is_word_byte(buffer->bytes[index - 1]))
        index--;
    while (index && is_word_byte(buffer->bytes[index - 1]))
        index--;
    return index;
}

size_t buffer_word_right(const struct line_buffer *buffer) {
    size_t index = buffer->cursor;
    while (index < buffer->length && !is_word_byte(buffer->bytes[index]))
        index++;
    while (index < buffer->length && is_word_byte(buffer->bytes[index]))
        index++;
    return index;
}

size_t buffer_gap_left(const struct line_buffer *buffer) {
    size_t index = buffer->cursor;
    while (index && buffer->bytes[index - 1] == ' ')
        index--;
    while (index && buffer->bytes[index - 1] != ' ')
        index--;
    return index;
}

// ---- Swapping ----

static void reverse(char *first, char *end) {
    while (first < --end) {
        char byte = *first;
        *first++ = *end;
        *end = byte;
    }
}

// Two neighbours are swapped when each is reversed, and then both together.
void buffer_transpose(struct line_buffer *buffer) {
    size_t middle = buffer->cursor == buffer->length ? buffer_left(buffer) : buffer->cursor;
    size_t first = left_of(buffer, middle), end = right_of(buffer, middle);
    if (first == middle || middle == end)
        return;
    reverse(buffer->bytes + first, buffer->bytes + middle);
    reverse(buffer->bytes + middle, buffer->bytes + end);
    reverse(buffer->bytes + first, buffer->bytes + end);
    buffer->cursor = end;
    change_from(buffer, first);
}
