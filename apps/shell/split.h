// SPDX-License-Identifier: MIT
// A command line into words. Pure: no system call, no memory of its own.
#ifndef SHELL_SPLIT_H
#define SHELL_SPLIT_H

#include <stddef.h>

#define LINE_LENGTH_MAX 1023u // bytes that a line may have
#define WORDS_MAX 64u

// Twice a line: a word's terminator takes the place of a gap, and "$?" grows by a byte at most.
#define SPLIT_TEXT_MAX (2 * (LINE_LENGTH_MAX + 1))

struct split {
    char *words[WORDS_MAX + 1]; // a NULL ends them
    int count;
    const char *problem;       // why the line can't be split, a sentence; NULL if it could be
    char text[SPLIT_TEXT_MAX]; // the words' bytes
};

// Splits at spaces and tabs. 'Single quotes' keep every byte; in "double quotes" a backslash keeps the quote, the
// backslash and the dollar behind it; outside, it keeps any byte. "$?" outside of single quotes becomes the status, 0
// to 255. The number of words, or -1 with a problem.
int split_line(const char *line, int status, struct split *split);

#endif
