// SPDX-License-Identifier: MIT
// The word that is completed: what it says so far, and what it may be. Pure: no system call, no memory of its own.
#ifndef SHELL_COMPLETION_WORD_H
#define SHELL_COMPLETION_WORD_H

#include <stdbool.h>
#include <stddef.h>

#define COMPLETION_TEXT_MAX 1023u
#define COMPLETION_COMMAND_MAX 63u

struct completion_word {
    unsigned index;                           // in its command: 0 is the command's own name
    bool is_redirected;                       // it stands after < or >
    char quote;                               // that is open: ' or ", else 0
    char command[COMPLETION_COMMAND_MAX + 1]; // word 0
    char text[COMPLETION_TEXT_MAX + 1];       // without its quotes and backslashes
};

// Looks at the line's first `length` bytes. False: there is nothing to complete: a comment, or a word that is too long.
bool completion_word_find(const char *line, size_t length, struct completion_word *word);

// Writes `text` so that the shell reads it back as it is, where `quote` is open: `to` gets at most `size` bytes with
// the terminator. Its length, or 0: there is not room enough.
size_t completion_quote(const char *text, char quote, char *to, size_t size);

// How many bytes the texts have in common at their beginning, without a part of a character.
size_t completion_common(const char *one, const char *other);

#endif
