// SPDX-License-Identifier: MIT
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64u

// Room for so many bytes more and a terminator.
static bool buffer_grow(struct buffer *buffer, size_t length) {
    size_t room = buffer->room ? buffer->room : ROOM_FIRST;
    if (length >= BUFFER_MAX - buffer->length)
        return false;
    while (room <= buffer->length + length)
        room *= 2;
    char *bytes = room == buffer->room ? buffer->bytes : realloc(buffer->bytes, room);
    if (!bytes)
        return false;
    buffer->bytes = bytes;
    buffer->room = room;
    return true;
}

bool buffer_add(struct buffer *buffer, const char *bytes, size_t length) {
    if (buffer->is_short || !buffer_grow(buffer, length)) {
        buffer->is_short = true;
        return false;
    }
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = 0;
    return true;
}

bool buffer_put(struct buffer *buffer, char byte) {
    return buffer_add(buffer, &byte, 1);
}

bool buffer_text(struct buffer *buffer, const char *text) {
    return buffer_add(buffer, text, strlen(text));
}

// A single quote can't stand in single quotes.
bool buffer_quote(struct buffer *buffer, const char *text) {
    buffer_put(buffer, '\'');
    for (const char *quote; (quote = strchr(text, '\'')); text = quote + 1) {
        buffer_add(buffer, text, (size_t)(quote - text));
        buffer_text(buffer, "'\"'\"'");
    }
    buffer_text(buffer, text);
    return buffer_put(buffer, '\'');
}

void buffer_free(struct buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}
