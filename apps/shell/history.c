// SPDX-License-Identifier: MIT
#include "history.h"

#include "split.h"

#include <stddef.h>
#include <string.h>

static char lines[HISTORY_LINES][LINE_LENGTH_MAX + 1];
static unsigned added; // lines ever: line n is at n % HISTORY_LINES

const char *history_line(unsigned age) {
    return age && age <= added && age <= HISTORY_LINES ? lines[(added - age) % HISTORY_LINES] : NULL;
}

void history_add(const char *line) {
    const char *last = history_line(1);
    if (*line && !(last && strcmp(last, line) == 0))
        strcpy(lines[added++ % HISTORY_LINES], line);
}
