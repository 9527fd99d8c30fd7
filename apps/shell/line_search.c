// SPDX-License-Identifier: MIT
#include "line_search.h"

#include "history.h"
#include "input.h"
#include "line_screen.h"
#include "output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_MAX 63u
#define DELETE_KEY 0x7f

struct search {
    char part[PART_MAX + 1];
    size_t length;
    unsigned age; // of the line that is shown, 0: none was found
    char prompt[PART_MAX + 32];
};

// Shows the line that is `age` lines old, its cursor on the part.
static void found_show(struct line_buffer *buffer, struct search *search, unsigned age) {
    const char *line = history_line(age);
    if (!line)
        return;
    search->age = age;
    buffer_set(buffer, line);
    buffer->cursor = (size_t)(strstr(line, search->part) - line);
}

// Looks from a line on, past those that are the same as what is shown if `differs`. What was found stays when nothing
// is, and a bell rings.
static void find(struct line_buffer *buffer, struct search *search, unsigned from, bool differs) {
    unsigned age = search->length ? history_find(from, search->part) : 0;
    while (age && differs && search->age && strcmp(history_line(age), history_line(search->age)) == 0)
        age = history_find(age + 1, search->part);
    if (age)
        found_show(buffer, search, age);
    else if (search->length)
        say("\a");
}

static void prompt_show(struct line_buffer *buffer, struct search *search) {
    snprintf(search->prompt, sizeof search->prompt, "(search `%s') ", search->part);
    screen_prompt(search->prompt, buffer);
    screen_show(buffer);
}

// False: the key is none of the search's.
static bool key(struct line_buffer *buffer, struct search *search, int byte) {
    if (byte == CONTROL_KEY('R')) {
        find(buffer, search, search->age + 1, true);
    } else if (byte == CONTROL_KEY('H') || byte == DELETE_KEY) {
        search->length -= search->length > 0;
        search->part[search->length] = 0;
        find(buffer, search, 1, false);
    } else if (byte >= ' ' && search->length < PART_MAX) {
        search->part[search->length++] = (char)byte;
        search->part[search->length] = 0;
        find(buffer, search, search->age ? search->age : 1, false);
    } else {
        return false;
    }
    return true;
}

void line_search(struct line_buffer *buffer) {
    struct search search = {0};
    const char *prompt = screen_prompt_now();
    buffer->bytes[buffer->length] = 0;
    char *before = strdup(buffer->bytes);
    int byte;
    do
        prompt_show(buffer, &search);
    while ((byte = input_byte()) >= 0 && key(buffer, &search, byte));
    bool is_dropped = byte == CONTROL_KEY('G') || byte == CONTROL_KEY('C');
    if (is_dropped && before)
        buffer_set(buffer, before);
    else if (byte >= 0 && !is_dropped)
        input_unread();
    free(before);
    screen_prompt(prompt, buffer);
}
