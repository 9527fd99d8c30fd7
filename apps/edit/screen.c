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

// How many bytes of the row are shown already; they end with a whole character. The columns that they take go to
// *column.
static size_t same_bytes(const char *shown, const char *text, unsigned *column) {
    size_t same = 0;
    *column = 0;
    while (text[same] && shown[same] == text[same])
        same++;
    while (same && continues(text[same]))
        same--;
    for (size_t place = 0; place < same; place++)
        *column += !continues(text[place]);
    return same;
}

void screen_row(unsigned row, const char *text, bool is_reverse) {
    unsigned column = 0;
    size_t same = 0;
    if (rows[row].is_known && strcmp(rows[row].text, text) == 0)
        return;
    if (rows[row].is_known && !is_reverse)
        same = same_bytes(rows[row].text, text, &column);
    printf("\x1b[%u;%uH", row + 1, column + 1);
    if (is_reverse)
        printf("\x1b[7m%s\x1b[K\x1b[m", text + same);
    else
        printf("%s\x1b[K", text + same);
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
