// SPDX-License-Identifier: MIT
// What a word becomes (POSIX.1-2017, XCU 2.6): a tilde in front is the home directory's, parameters, commands and
// arithmetic are replaced by their values; what was not quoted of that is parted at the bytes of IFS; patterns become
// the names that match; then the quotes go. Pure: all that it needs of the shell it asks a host for.
#ifndef SHELL_EXPAND_H
#define SHELL_EXPAND_H

#include "options.h"
#include "syntax.h"

#define EXPANDED_MAX (256u << 10) // bytes of all words of a command

struct expand_host {
    // The value of a variable, a number, or one of ? $ ! #; NULL: not set.
    const char *(*parameter)(const char *name, size_t length);
    // Sets a variable, for ${NAME:=word}. Whether that went well; if not it was reported.
    bool (*assign)(const char *name, size_t length, const char *value);
    // $1 and up: number 1 is the first; NULL after the last.
    const char *(*positional)(unsigned number);
    // What a command prints, without the ends of lines that follow: from malloc. NULL: it was reported. `is_parsed`:
    // its aliases have been replaced.
    char *(*substitute)(const char *text, size_t length, bool is_parsed);
    // As glob_walk.
    bool (*match)(const char *pattern, bool (*add)(void *context, const char *name), void *context);
};

struct fields {
    char *words[WORDS_MAX + 1]; // from malloc; a NULL ends them
    int count;
    size_t bytes; // of all of them
};

struct expansion {
    const struct expand_host *host;
    bool needs_values;   // what is not set is a problem
    const char *problem; // what is wrong; NULL after a failure: the host has reported it
    char named[64];      // the word or parameter that `problem` is about
    char message[96];    // `problem`, if there is one
    bool assigns;        // the words "NAME=VALUE" are assignments
};

// Appends what a chain of words becomes. False: failed.
bool expand_words(struct expansion *expansion, const struct word *words, struct fields *fields);
// The value of an assignment, as one word: from malloc, or NULL.
char *expand_value(struct expansion *expansion, const struct word *word);
// One word, neither parted nor matched with names: from malloc, or NULL.
char *expand_word(struct expansion *expansion, const struct word *word);
// A text as it is between double quotes, which mean nothing in it: from malloc, or NULL.
char *expand_document(struct expansion *expansion, const char *text);
// A word as a pattern for glob_matches, in which quoted bytes have no meaning.
char *expand_pattern(struct expansion *expansion, const struct word *word);
void fields_free(struct fields *fields);

#endif
