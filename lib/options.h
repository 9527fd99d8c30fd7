// SPDX-License-Identifier: MIT
// A command's words: options, operands and numbers. What makes no sense is reported here.
#ifndef LIB_OPTIONS_H
#define LIB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORDS_MAX 1000u   // of a command
#define OPTION_LETTERS 52 // a to z, A to Z

struct options {
    bool given[OPTION_LETTERS];         // by letter
    const char *values[OPTION_LETTERS]; // of options that take one
    const char *operands[WORDS_MAX + 1];
    int operand_count;
};

// How a command takes its words.
struct option_plan {
    const char *letters; // "lr" of plain options, "n:" of one with a value
    int operands_min, operands_max;
    const char *operands; // what the operands are, for the report when their number is wrong
    bool are_in_front;    // options stand before the operands only: what follows is text
};

// Options may be joined ("-lr"), stand before and after operands, and end at "--". False: reported, STATUS_USAGE.
bool options_parse(int count, char **words, const struct option_plan *plan, struct options *options);
bool option_given(const struct options *options, char letter);
// The value of an option, or NULL.
const char *option_value(const struct options *options, char letter);

// A whole word of decimal digits, between two bounds that are both allowed. False: reported.
bool number_parse(const char *word, const char *what, uint64_t least, uint64_t most, uint64_t *number);
// The same of an option's value; `*number` stays if it was not given.
bool option_number(const struct options *options, char letter, const char *what, uint64_t least, uint64_t most,
                   uint64_t *number);
// "2", "0.25", ".5": as nanoseconds. False: reported.
bool duration_parse(const char *word, uint64_t *nanoseconds);

// Calls `one`, which reports what fails and gives a status, for each operand: the status of the last that failed, or 0.
int operands_each(const struct options *options, int (*one)(const char *operand));

// Operands from `first` on, parted by spaces; cut to `size` with its terminator. Returns the length.
size_t operands_join(const struct options *options, int first, char *to, size_t size);

#endif
