// SPDX-License-Identifier: MIT
#include "say.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SCREEN_COLUMNS 80u

// How many bytes a character of UTF-8 has that begins there and that a terminal shows, 0: there is none. Of those from
// U+0080 to U+009F each is a control character.
static size_t shown_length(const uint8_t *bytes, size_t length) {
    size_t wanted = *bytes >= 0xf0 ? 4 : *bytes >= 0xe0 ? 3 : 2;
    if (*bytes >= ' ' && *bytes <= '~')
        return 1;
    bool is_control = *bytes == 0xc2 && length > 1 && bytes[1] < 0xa0;
    if (*bytes < 0xc2 || *bytes > 0xf4 || wanted > length || is_control)
        return 0;
    for (size_t index = 1; index < wanted; index++)
        if ((bytes[index] & 0xc0) != 0x80)
            return 0;
    return wanted;
}

bool bytes_are_text(const void *bytes, size_t length) {
    const uint8_t *next = bytes;
    for (const uint8_t *end = next + length; next < end;) {
        bool is_gap = *next == '\t' || *next == '\n' || *next == '\r';
        size_t shown = is_gap ? 1 : shown_length(next, (size_t)(end - next));
        if (!shown)
            return false;
        next += shown;
    }
    return true;
}

void say_escaped(const void *bytes, size_t length) {
    const uint8_t *cursor = bytes;
    for (const uint8_t *end = cursor + length; cursor < end; cursor++) {
        size_t shown = shown_length(cursor, (size_t)(end - cursor));
        if (*cursor == '\\')
            say("\\\\");
        else if (shown)
            say_bytes((const char *)cursor, shown);
        else
            say("\\x%02x", *cursor);
        cursor += shown ? shown - 1 : 0;
    }
}

void say_folded(const char *text, unsigned column, unsigned taken) {
    size_t length;
    for (;; text += length + 1, taken = 0) {
        length = strlen(text);
        if (length >= SCREEN_COLUMNS - column)
            for (length = SCREEN_COLUMNS - column - 1; length && text[length] != ' ';)
                length--;
        say("%*s%.*s\n", (int)(column - taken), "", (int)length, text);
        if (!text[length])
            return;
    }
}
