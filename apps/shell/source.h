// SPDX-License-Identifier: MIT
// Where a command's text comes from: a file, or the standard input, which may be a file, a terminal or another queue.
#ifndef SHELL_SOURCE_H
#define SHELL_SOURCE_H

#include "options.h"

#include <stddef.h>
#include <stdint.h>

#define SOURCE_CHUNK (32u << 10)

struct source {
    const char *name;
    long file, queue; // one of them, the other is 0
    bool is_shared;   // the file's session is the shell's: what was not used is given back
    bool is_exact;    // set by a command that may stop early: no more is taken of a queue than is used
    long error;       // what ended it: 0, a negated error, or INPUT_STOPPED
    bool has_ended;
    size_t cursor, length;
    uint8_t bytes[SOURCE_CHUNK];
    char *line; // the last one; its room
    size_t line_room;
};

// "-" is the input, or what it was redirected from. 0 or a negated error.
long source_open(struct source *source, const char *path);
void source_close(struct source *source);
// The next byte, or -1 with `error`.
int source_byte(struct source *source);
// The bytes that are there, at least one, at *bytes until the next call: how many, or -1 with `error`.
long source_chunk(struct source *source, const char **bytes);
// The next line, in `line`, terminated, without its end: its length, or -1 with `error`. *is_ended: it had an end.
long source_line(struct source *source, bool *is_ended);

// Whether a source that has not been read yet is the file that the output is appended to, so that reading it would
// never end; then that was reported.
bool source_is_output(const struct source *source);

// What a command does with one source: its status. `work` is the command's own.
typedef int source_function(struct source *source, const struct options *options, void *work);
// Opens a source, calls the function, and reports what ended it too early. A status.
int source_visit(const char *path, const struct options *options, source_function *function, void *work);
// The same for each operand from `first` on, or for the input if there is none. The status of the last one that failed.
int sources_visit(const struct options *options, int first, source_function *function, void *work);

#endif
