// SPDX-License-Identifier: MIT
#include "glob.h"

#include "byte_class.h"

// After a set's closing bracket, or NULL if it has none; *holds: whether the byte is in it.
static const char *set_match(const char *set, unsigned char byte, bool *holds) {
    const char *next = set + 1;
    bool is_negated = *next == '!' || *next == '^', is_in = false;
    next += is_negated;
    for (const char *first = next; *next && (*next != ']' || next == first); next++) {
        size_t length;
        byte_class *class = byte_class_at(next, &length);
        if (class) {
            is_in = is_in || class(byte);
            next += length - 1;
            continue;
        }
        next += *next == '\\' && next[1];
        unsigned char low = (unsigned char)*next, high = low;
        if (next[1] == '-' && next[2] && next[2] != ']') {
            next += 2;
            next += *next == '\\' && next[1];
            high = (unsigned char)*next;
        }
        is_in = is_in || (byte >= low && byte <= high);
    }
    *holds = is_in != is_negated;
    return *next ? next + 1 : NULL;
}

// Matches one byte with the part of a pattern that is not a star: after that, or NULL.
static const char *atom_match(const char *pattern, unsigned char byte) {
    bool holds;
    const char *end;
    if (*pattern == '?')
        return pattern + 1;
    if (*pattern == '[' && (end = set_match(pattern, byte, &holds)))
        return holds ? end : NULL;
    pattern += *pattern == '\\' && pattern[1];
    return *pattern && (unsigned char)*pattern == byte ? pattern + 1 : NULL;
}

// Only the last star need be tried again: an earlier one has its shortest match, which leaves most to the rest.
bool glob_matches(const char *pattern, const char *text, size_t length) {
    const char *after_star = NULL;
    size_t index = 0, retry = 0;
    while (index < length) {
        const char *next = *pattern == '*' ? NULL : atom_match(pattern, (unsigned char)text[index]);
        if (*pattern == '*') {
            after_star = ++pattern;
            retry = index;
        } else if (next) {
            pattern = next;
            index++;
        } else if (after_star) {
            pattern = after_star;
            index = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
