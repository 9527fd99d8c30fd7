// SPDX-License-Identifier: MIT
#include "text_escape.h"

#include "byte_class.h"

#include <ctype.h>
#include <string.h>

// ---- Escapes ----

static unsigned digit_value(char byte) {
    if (byte >= '0' && byte <= '9')
        return (unsigned)(byte - '0');
    byte |= 0x20; // lower case
    return byte >= 'a' && byte <= 'f' ? (unsigned)(byte - 'a') + 10 : 16;
}

// Up to `most` digits. Moves on after them; false: there is none.
static bool digits_read(const char **from, unsigned base, unsigned most, char *byte) {
    unsigned value = 0, digits = 0;
    for (; digits < most && digit_value(**from) < base; digits++)
        value = value * base + digit_value(*(*from)++);
    if (digits)
        *byte = (char)value;
    return digits;
}

// What stands after a backslash: moves on after it. False: no escape.
static bool escape_read(const char **from, char *byte) {
    static const char letters[] = "abefnrtv\\", bytes[] = "\a\b\x1b\f\n\r\t\v\\";
    if (**from >= '0' && **from <= '7')
        return digits_read(from, 8, 3, byte);
    if (**from == 'x') {
        const char *digits = *from + 1;
        bool is_number = digits_read(&digits, 16, 2, byte);
        *from = is_number ? digits : *from;
        return is_number;
    }
    const char *letter = **from ? strchr(letters, **from) : NULL;
    if (!letter)
        return false;
    *byte = bytes[letter - letters];
    ++*from;
    return true;
}

size_t text_unescape(char *text) {
    const char *from = text;
    char *to = text;
    while (*from) {
        char byte = *from++;
        if (byte == '\\')
            escape_read(&from, &byte);
        *to++ = byte;
    }
    *to = 0;
    return (size_t)(to - text);
}

// ---- Sets of bytes ----

static const char *range_add(struct byte_set *set, uint8_t first, uint8_t last) {
    if (first > last)
        return "a range goes upwards";
    for (unsigned byte = first; byte <= last; byte++) {
        if (set->count == BYTE_SET_MAX)
            return "a set has at most 1024 bytes";
        set->bytes[set->count++] = (uint8_t)byte;
    }
    return NULL;
}

// Adds a class if the text begins with one: the length of its name, else 0.
static size_t class_add(const char *text, struct byte_set *set) {
    size_t length;
    byte_class *class = byte_class_at(text, &length);
    for (int byte = 0; class && byte < 0x80; byte++)
        if (class(byte) && range_add(set, (uint8_t)byte, (uint8_t)byte))
            return 0;
    return class ? length : 0;
}

static uint8_t byte_read(const char **text) {
    char byte = *(*text)++;
    if (byte == '\\')
        escape_read(text, &byte);
    return (uint8_t)byte;
}

const char *byte_set_parse(const char *text, struct byte_set *set) {
    const char *problem = NULL;
    set->count = 0;
    while (*text && !problem) {
        size_t length = class_add(text, set);
        text += length;
        if (length)
            continue;
        uint8_t first = byte_read(&text), last = first;
        if (text[0] == '-' && text[1]) {
            text++;
            last = byte_read(&text);
        }
        problem = range_add(set, first, last);
    }
    return problem;
}

// ---- Lists of fields ----

#define FIELD_MAX 1000000u

static bool field_read(const char **text, uint32_t *number) {
    *number = 0;
    for (; isdigit((unsigned char)**text) && *number <= FIELD_MAX; ++*text)
        *number = *number * 10 + (uint32_t)(**text - '0');
    return *number >= 1 && *number <= FIELD_MAX;
}

bool field_list_parse(const char *text, struct field_list *list) {
    for (list->count = 0; list->count < FIELD_RANGES_MAX; list->count++) {
        uint32_t first = 1, last = UINT32_MAX;
        bool has_first = *text != '-';
        if (has_first && !field_read(&text, &first))
            return false;
        if (*text != '-')
            last = first;
        else if (isdigit((unsigned char)*++text) ? !field_read(&text, &last) : !has_first)
            return false;
        if (first > last)
            return false;
        list->ranges[list->count].first = first;
        list->ranges[list->count].last = last;
        if (!*text) {
            list->count++;
            return true;
        }
        if (*text++ != ',')
            return false;
    }
    return false;
}

bool field_list_has(const struct field_list *list, uint32_t number) {
    for (unsigned index = 0; index < list->count; index++)
        if (number >= list->ranges[index].first && number <= list->ranges[index].last)
            return true;
    return false;
}
