// SPDX-License-Identifier: MIT
// Patterns of text. Pure: no system call, no memory of its own. The time that a search takes grows with the line's
// length times the pattern's, whatever the pattern is.
#ifndef LIB_PATTERN_H
#define LIB_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATOMS_MAX 256u

// One byte of the text: any that is in the set.
struct atom {
    uint64_t set[4];
    bool is_starred; // any number of them, none as well
};

struct pattern {
    struct atom atoms[ATOMS_MAX];
    uint32_t count;
    bool is_at_start, is_at_end;
};

// "." is any byte, "[a-z_[:digit:]]" one of these, "[^0-9]" none of these; a "*" after one of them, or after a plain
// byte, is any number of it; "^" at the start and "$" at the end are those of the line; a backslash takes any meaning
// from the next byte. NULL, or what is wrong.
const char *pattern_parse(const char *text, bool ignores_case, struct pattern *pattern);
// Whether it occurs in the line.
bool pattern_occurs(const struct pattern *pattern, const char *line, size_t length);

#endif
