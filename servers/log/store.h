// SPDX-License-Identifier: MIT
// Lines of the log, of which the newest are kept: a share for each source. Pure: no system call.
#ifndef LOG_STORE_H
#define LOG_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCES_MAX 96u
#define SOURCE_NAME_MAX 31u
#define STORE_LINE_MAX 192u

struct line {
    struct line *next, *previous; // of all, by age
    struct line *newer;           // of the same source
    uint32_t number;              // from 0; those of dropped lines are missing
    uint8_t length;
    char text[STORE_LINE_MAX];
};

struct source {
    char name[SOURCE_NAME_MAX + 1];
    struct line *oldest, *newest;
    uint32_t held;
    uint64_t dropped;
};

struct store {
    struct line *lines;
    uint32_t limit;   // of lines
    uint32_t forever; // the first so many lines are never dropped
    uint32_t used, count;
    struct line *first, *last;
    uint32_t source_count;
    struct source sources[SOURCES_MAX]; // the last one stands for all that find no slot
};

// Keeps a line. In a full store the source that holds the most lines loses its oldest one, so a source that floods the
// log drops its own lines. True if that is so.
bool store_keep(struct store *store, const char *text, size_t length);
// Copies lines from a number on, each with '\n', while they fit into `size` bytes. How many; *next is the number to go
// on with, *length the bytes.
uint32_t store_read(const struct store *store, uint32_t number, char *to, size_t size, uint32_t *next, size_t *length);
// Whether the line tells of an operation that was refused.
bool line_is_denial(const char *text, size_t length);

#endif
