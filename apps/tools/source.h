// SPDX-License-Identifier: MIT
// Where a tool's text comes from: a file, or its standard input.
#ifndef TOOLS_SOURCE_H
#define TOOLS_SOURCE_H

#include "options.h"

#include <stddef.h>
#include <stdint.h>

#define SOURCE_BYTES (32u << 10)

struct source {
    const char *name;
    int descriptor;
    long error; // what ended it: 0 or a negated error
    bool has_ended;
    bool is_exact;       // set by a command that may stop early: no more is taken of a queue than is used
    size_t next, length; // of the bytes that were read, the next one to give
    uint8_t bytes[SOURCE_BYTES];
    char *line; // the last one; its room
    size_t line_room;
};

// The next byte, or -1 with `error`.
int source_byte(struct source *source);
// The bytes that are there, at least one, at *bytes until the next call: how many, or -1 with `error`.
long source_chunk(struct source *source, const char **bytes);
// The next line, in `line`, terminated, without its end: its length, or -1 with `error`. *is_ended: it had an end.
long source_line(struct source *source, bool *is_ended);

// Whether the source is the file to which the standard output goes, so that reading it would not end; then it was
// reported.
bool source_is_output(const struct source *source);

// What a command does with one source: its status. `work` is the command's own.
typedef int source_function(struct source *source, const struct options *options, void *work);
// Opens a source ("-": the standard input), calls the function, and reports what ended it too early. A status.
int source_visit(const char *path, const struct options *options, source_function *function, void *work);
// The same for each operand from `first` on, or for the input if there is none. The status of the last one that failed.
int sources_visit(const struct options *options, int first, source_function *function, void *work);

#endif
