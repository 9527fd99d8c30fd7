// SPDX-License-Identifier: MIT
#include "glob.h"

// Behind a set's closing bracket, or NULL if it has none; *holds: whether the byte is in it.
static const char *set_match(const char *set, unsigned char byte, bool *holds) {
    const char *place = set + 1;
    bool is_negated = *place == '!' || *place == '^', is_in = false;
    place += is_negated;
    for (const char *first = place; *place && (*place != ']' || place == first); place++) {
        place += *place == '\\' && place[1];
        unsigned char low = (unsigned char)*place, high = low;
        if (place[1] == '-' && place[2] && place[2] != ']') {
            place += 2;
            place += *place == '\\' && place[1];
            high = (unsigned char)*place;
        }
        is_in = is_in || (byte >= low && byte <= high);
    }
    *holds = is_in != is_negated;
    return *place ? place + 1 : NULL;
}

// Matches one byte with what stands at the pattern's place, no star: behind that, or NULL.
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
    const char *behind_star = NULL;
    size_t place = 0, retry = 0;
    while (place < length) {
        const char *next = *pattern == '*' ? NULL : atom_match(pattern, (unsigned char)text[place]);
        if (*pattern == '*') {
            behind_star = ++pattern;
            retry = place;
        } else if (next) {
            pattern = next;
            place++;
        } else if (behind_star) {
            pattern = behind_star;
            place = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
