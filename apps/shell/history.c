// SPDX-License-Identifier: MIT
#include "history.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static char *lines[HISTORY_LINES];
static unsigned long added; // lines ever: line n is at n % HISTORY_LINES

const char *history_line(unsigned age) {
    return age && age <= added && age <= HISTORY_LINES ? lines[(added - age) % HISTORY_LINES] : NULL;
}

// A line that finds no memory is not kept.
void history_add(const char *line) {
    const char *last = history_line(1);
    if (!*line || (last && strcmp(last, line) == 0))
        return;
    char *kept = strdup(line);
    if (!kept)
        return;
    char **link = &lines[added++ % HISTORY_LINES];
    free(*link);
    *link = kept;
}

unsigned history_find(unsigned age, const char *text) {
    const char *line;
    for (; (line = history_line(age)); age++)
        if (strstr(line, text))
            return age;
    return 0;
}

unsigned long history_count(void) {
    return added;
}

void history_clear(void) {
    for (unsigned index = 0; index < HISTORY_LINES; index++) {
        free(lines[index]);
        lines[index] = NULL;
    }
}
