// SPDX-License-Identifier: MIT
#include "screen.h"

#include <stdio.h>
#include <string.h>

static struct {
    char text[SCREEN_ROW_SIZE];
    bool is_known;
} rows[SCREEN_ROWS_MAX];

void screen_begin(void) {
    static char room[1u << 14];
    setvbuf(stdout, room, _IOFBF, sizeof room);
    fputs("\x1b[?1049h", stdout); // the other screen, if the terminal has one
}

void screen_end(void) {
    fputs("\x1b[H\x1b[2J\x1b[?1049l", stdout);
    screen_flush();
}

void screen_forget(void) {
    fputs("\x1b[2J", stdout);
    for (unsigned row = 0; row < SCREEN_ROWS_MAX; row++)
        rows[row].is_known = false;
}

static bool continues(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

// How many bytes of the row are shown already; they end with a whole character.
static size_t same_bytes(const char *shown, const char *text) {
    size_t same = 0;
    while (text[same] && shown[same] == text[same])
        same++;
    while (same && continues(text[same]))
        same--;
    return same;
}

// The columns that so many bytes take.
static unsigned columns_of(const char *text, size_t length) {
    unsigned columns = 0;
    for (size_t index = 0; index < length; index++)
        columns += !continues(text[index]);
    return columns;
}

// Only what a shorter text leaves is erased: after a full row the cursor would stand on its last glyph still.
void screen_row(unsigned row, const char *text, bool is_reverse) {
    const char *shown = rows[row].is_known ? rows[row].text : "";
    if (rows[row].is_known && strcmp(shown, text) == 0)
        return;
    size_t same = is_reverse ? 0 : same_bytes(shown, text);
    bool is_shorter = columns_of(shown, strlen(shown)) > columns_of(text, strlen(text));
    printf("\x1b[%u;%uH", row + 1, columns_of(text, same) + 1);
    if (is_reverse)
        printf("\x1b[7m%s\x1b[K\x1b[m", text);
    else
        printf("%s%s", text + same, is_shorter ? "\x1b[K" : "");
    strncpy(rows[row].text, text, SCREEN_ROW_SIZE - 1);
    rows[row].is_known = true;
}

void screen_cursor(unsigned row, unsigned column) {
    printf("\x1b[%u;%uH", row + 1, column + 1);
}

void screen_bell(void) {
    putchar('\a');
}

void screen_flush(void) {
    fflush(stdout);
}
