// SPDX-License-Identifier: MIT
#include "lines.h"

#include "abi.h"

#include <stdlib.h>
#include <string.h>

#define LINES_ROOM_FIRST 64u

static bool lines_add(struct lines *lines, const char *text, size_t length) {
    if (lines->count == lines->room) {
        size_t room = lines->room ? 2 * lines->room : LINES_ROOM_FIRST;
        struct line *more = realloc(lines->lines, room * sizeof *more);
        if (!more)
            return false;
        lines->lines = more;
        lines->room = room;
    }
    struct line *line = &lines->lines[lines->count];
    line->text = malloc(length + 1);
    if (!line->text)
        return false;
    memcpy(line->text, text, length + 1);
    line->length = length;
    lines->count++;
    return true;
}

int lines_collect(struct source *source, const struct options *options, void *work) {
    (void)options;
    bool is_ended;
    for (long length; !source->error && (length = source_line(source, &is_ended)) >= 0;)
        if (!lines_add(work, source->line, (size_t)length))
            source->error = -PIPE_ENOMEM;
    return 0;
}

void lines_free(struct lines *lines) {
    for (size_t index = 0; index < lines->count; index++)
        free(lines->lines[index].text);
    free(lines->lines);
}
