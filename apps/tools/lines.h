// SPDX-License-Identifier: MIT
// Lines that a command keeps.
#ifndef TOOLS_LINES_H
#define TOOLS_LINES_H

#include "source.h"

struct line {
    char *text; // terminated
    size_t length;
};

// All zero: none.
struct lines {
    struct line *lines;
    size_t count, room;
};

// Keeps all lines of a source: a source_function, `work` being struct lines.
int lines_collect(struct source *source, const struct options *options, void *work);
void lines_free(struct lines *lines);

#endif
