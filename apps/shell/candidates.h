// SPDX-License-Identifier: MIT
// What a word may be completed to: names of commands, programs, files and pipes.
#ifndef SHELL_CANDIDATES_H
#define SHELL_CANDIDATES_H

#include "completion_word.h"

#define CANDIDATES_MAX 512u
#define CANDIDATES_TEXT_MAX 16384u

struct candidates {
    const char *names[CANDIDATES_MAX]; // in order of bytes, each once; that of a directory ends with a slash
    unsigned count;
    bool is_cut; // there were more
    bool only_directories;
    size_t prefix;      // bytes at the end of the word's text that every name begins with
    size_t text_length; // of the names
    char text[CANDIDATES_TEXT_MAX];
};

void candidates_find(const struct completion_word *word, struct candidates *candidates);

#endif
