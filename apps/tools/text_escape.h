// SPDX-License-Identifier: MIT
// Sets of bytes and lists of fields, as `printf`, `tr` and `cut` take them. Pure.
#ifndef TOOLS_TEXT_ESCAPE_H
#define TOOLS_TEXT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Puts the bytes that \n, \t, \r, \a, \b, \e, \f, \v, \\, \NNN (octal) and \xNN stand for instead of them, in the text
// itself; any other byte after a backslash stays with it. The new length; a terminator follows.
size_t text_unescape(char *text);

#define BYTE_SET_MAX 1024u

// The bytes of a set in the order given: plain ones, escaped ones, ranges (a-z), classes ([:upper:]).
struct byte_set {
    uint8_t bytes[BYTE_SET_MAX];
    size_t count;
};

// NULL, or what is wrong.
const char *byte_set_parse(const char *text, struct byte_set *set);

#define FIELD_RANGES_MAX 64u

// "1,3-5,7-": fields or characters, counted from 1.
struct field_list {
    struct {
        uint32_t first, last; // both included
    } ranges[FIELD_RANGES_MAX];
    unsigned count;
};

bool field_list_parse(const char *text, struct field_list *list);
bool field_list_has(const struct field_list *list, uint32_t number);

#endif
