// SPDX-License-Identifier: MIT
// The names of a program's addresses, by the table that boot/lines.py has made of its symbols. Pure functions. The boot
// image's file `lines` has the tables of all programs, each after a line "# PROGRAM".
#ifndef PROCESS_SYMBOLS_H
#define PROCESS_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYMBOL_NAME_MAX 63u // longer names are cut off

struct table {
    const char *text;
    size_t length;
};

struct symbol {
    char function[SYMBOL_NAME_MAX + 1];
    uint64_t start;                 // of the function
    bool has_frame;                 // the function begins by making one
    char file[SYMBOL_NAME_MAX + 1]; // empty: the code has no source line
    uint32_t line;
};

// Finds the function and the source line of an address. False if it lies before the first function or after the last.
bool symbols_find(const struct table *table, uint64_t address, struct symbol *symbol);
// Finds a program's table among those of the file; an empty one if it has none.
struct table symbols_table(const char *tables, size_t length, const char *program);

#endif
