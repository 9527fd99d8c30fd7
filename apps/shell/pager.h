// SPDX-License-Identifier: MIT
// A text as rows of a screen, and which of them are shown. Pure but for malloc.
#ifndef SHELL_PAGER_H
#define SHELL_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct row {
    uint32_t start, length; // bytes of the text
};

struct pager {
    const char *text;
    size_t length;
    struct row *rows; // a line that is wider than the screen has several
    size_t count, room;
    size_t top;               // the first row that is shown
    unsigned columns, height; // of what is shown
};

// Parts a text, which stays the caller's and has less than 4 GiB, into rows of at most `columns` cells. False: there
// was memory for its first rows only.
bool pager_begin(struct pager *pager, const char *text, size_t length, unsigned columns, unsigned height);
void pager_end(struct pager *pager);
// Goes down by so many rows, or up; not beyond the ends.
void pager_move(struct pager *pager, long rows);
// Whether the last row is shown.
bool pager_is_at_end(const struct pager *pager);

// Writes a row as it is to be seen: tabs as gaps to the next eighth column, control characters as '?'. The number of
// bytes, at most PAGER_ROW_MAX.
#define PAGER_ROW_MAX 4096u
size_t pager_row(const struct pager *pager, size_t row, char *to);

// Goes to the next row below the top one, or above it, for which the function holds. False: there is none.
typedef bool pager_match(const char *row, size_t length, const void *work);
bool pager_search(struct pager *pager, bool is_upwards, pager_match *matches, const void *work);

#endif
