// SPDX-License-Identifier: MIT
#include "completion.h"

#include "candidates.h"
#include "line_screen.h"
#include "output.h"
#include "window.h"

#include <string.h>

#define GAP 2u // columns between two names of the list

static struct completion_word word;
static struct candidates candidates;

static void list(struct line_buffer *buffer) {
    size_t width = 0, columns = window_size().columns;
    for (unsigned index = 0; index < candidates.count; index++)
        if (strlen(candidates.names[index]) > width)
            width = strlen(candidates.names[index]);
    width += GAP;
    unsigned in_row = width < columns ? (unsigned)(columns / width) : 1;
    unsigned rows = (candidates.count + in_row - 1) / in_row;
    screen_leave(buffer);
    for (unsigned offset = 0; offset < rows * in_row; offset++) {
        unsigned column = offset % in_row, index = column * rows + offset / in_row;
        bool is_last = column == in_row - 1 || index + rows >= candidates.count;
        if (index < candidates.count)
            say("%-*s%s", is_last ? 0 : (int)width, candidates.names[index], is_last ? "\n" : "");
    }
    if (candidates.is_cut)
        say("and more\n");
    screen_return(buffer);
}

// How much all the names have in common.
static size_t common_length(void) {
    size_t length = strlen(candidates.names[0]);
    for (unsigned index = 1; index < candidates.count; index++) {
        size_t common = completion_common(candidates.names[0], candidates.names[index]);
        length = common < length ? common : length;
    }
    return length;
}

// What is added to the word: the common bytes after its prefix, and the word's end if there is one name only. False:
// nothing, or there is no room.
static bool extend(struct line_buffer *buffer) {
    char added[COMPLETION_TEXT_MAX + 1], quoted[2 * COMPLETION_TEXT_MAX + 3];
    size_t length = common_length() - candidates.prefix;
    if (length > COMPLETION_TEXT_MAX)
        return false;
    memcpy(added, candidates.names[0] + candidates.prefix, length);
    added[length] = 0;
    size_t quoted_length = completion_quote(added, word.quote, quoted, sizeof quoted - 2);
    bool is_whole = candidates.count == 1 && candidates.names[0][strlen(candidates.names[0]) - 1] != '/';
    if (is_whole && word.quote)
        quoted[quoted_length++] = word.quote;
    if (is_whole)
        quoted[quoted_length++] = ' ';
    return quoted_length && buffer_insert(buffer, quoted, quoted_length);
}

void completion_do(struct line_buffer *buffer, bool lists) {
    bool is_word = completion_word_find(buffer->bytes, buffer->cursor, &word);
    if (is_word)
        candidates_find(&word, &candidates);
    if (is_word && candidates.count && extend(buffer))
        return;
    if (is_word && candidates.count && lists)
        list(buffer);
    else
        say("\a");
}
