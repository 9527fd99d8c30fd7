// SPDX-License-Identifier: MIT
#include "pager.h"

#include <stdlib.h>

#define TAB 8u
#define ROOM_FIRST 256u

// Cells that a byte takes in a row which has so many already: none, if it goes on with a character of UTF-8.
static unsigned cells_of(char byte, unsigned cells) {
    if (byte == '\t')
        return TAB - cells % TAB;
    return ((unsigned char)byte & 0xc0u) != 0x80;
}

static bool row_add(struct pager *pager, size_t start, size_t length) {
    if (pager->count == pager->room) {
        size_t room = pager->room ? 2 * pager->room : ROOM_FIRST;
        struct row *rows = realloc(pager->rows, room * sizeof *rows);
        if (!rows)
            return false;
        pager->rows = rows;
        pager->room = room;
    }
    pager->rows[pager->count++] = (struct row){(uint32_t)start, (uint32_t)length};
    return true;
}

// The bytes of the row that begins there.
static size_t row_length(const struct pager *pager, size_t start, unsigned columns) {
    unsigned cells = 0;
    size_t index = start;
    for (; index < pager->length && pager->text[index] != '\n' && index - start < PAGER_ROW_MAX / TAB; index++) {
        cells += cells_of(pager->text[index], cells);
        if (cells > columns && index > start)
            break;
    }
    return index - start;
}

bool pager_begin(struct pager *pager, const char *text, size_t length, unsigned columns, unsigned height) {
    *pager = (struct pager){.text = text, .length = length, .columns = columns, .height = height};
    for (size_t start = 0; start < length;) {
        size_t row = row_length(pager, start, columns);
        if (!row_add(pager, start, row))
            return false;
        start += row;
        start += start < length && text[start] == '\n';
    }
    return true;
}

void pager_end(struct pager *pager) {
    free(pager->rows);
    pager->rows = NULL;
    pager->count = pager->room = 0;
}

static size_t last_top(const struct pager *pager) {
    return pager->count > pager->height ? pager->count - pager->height : 0;
}

void pager_move(struct pager *pager, long rows) {
    size_t distance = rows < 0 ? -(size_t)rows : (size_t)rows, last = last_top(pager);
    if (rows < 0)
        pager->top -= distance < pager->top ? distance : pager->top;
    else if (pager->top < last)
        pager->top += distance < last - pager->top ? distance : last - pager->top;
}

bool pager_is_at_end(const struct pager *pager) {
    return pager->top >= last_top(pager);
}

size_t pager_row(const struct pager *pager, size_t row, char *to) {
    const struct row *shown = &pager->rows[row];
    size_t length = 0;
    unsigned cells = 0;
    for (size_t index = shown->start; index < shown->start + shown->length; index++) {
        char byte = pager->text[index];
        unsigned width = cells_of(byte, cells);
        bool is_control = (byte >= 0 && byte < ' ') || byte == '\x7f';
        for (unsigned gap = 0; byte == '\t' && gap < width; gap++)
            to[length++] = ' ';
        if (byte != '\t')
            to[length++] = is_control ? '?' : byte;
        cells += width;
    }
    return length;
}

bool pager_search(struct pager *pager, bool is_upwards, pager_match *matches, const void *work) {
    for (size_t row = pager->top; is_upwards ? row-- > 0 : ++row < pager->count;) {
        const struct row *seen = &pager->rows[row];
        if (!matches(pager->text + seen->start, seen->length, work))
            continue;
        pager->top = row;
        return true;
    }
    return false;
}
