// SPDX-License-Identifier: MIT
// A terminal as a state machine over an array of cells: bytes go in, the picture comes out. It follows ECMA-48 (5th
// edition) as far as programs need it: colours, cursor moves, erasing; and keeps what has scrolled off. Pure: it knows
// no device.
//
// Text is UTF-8; a cell holds a byte of code page 437 and an attribute, as the VGA's text mode has them.
#ifndef CONSOLE_TERMINAL_H
#define CONSOLE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TERMINAL_ROWS 25u
#define TERMINAL_COLUMNS 80u
#define TERMINAL_LINES 1024u // kept, including the ones on the screen
#define TERMINAL_PARAMETERS 16u

enum terminal_state { TERMINAL_TEXT, TERMINAL_ESCAPE, TERMINAL_SEQUENCE, TERMINAL_STRING };

// A cell: the glyph in the low byte, the attribute in the high one: bits 0 to 2 the ink's colour, 3 bright, 4 to 6 the
// paper's colour.
typedef uint16_t terminal_cell;

struct terminal {
    terminal_cell lines[TERMINAL_LINES][TERMINAL_COLUMNS]; // a ring
    uint32_t top;                                          // line of the screen's first row
    uint32_t kept;                                         // lines above it that still hold what scrolled off
    uint32_t back;                                         // lines by which the view is scrolled back
    uint32_t row, column;                                  // of the cursor, from 0
    bool is_full;    // the last column was written: the next glyph goes to the next row
    bool has_cursor; // it is shown
    uint32_t saved_row, saved_column;
    uint8_t ink, paper; // colours in the VGA's order
    bool is_bright, is_reverse;
    enum terminal_state state;
    uint8_t mark;             // the byte of the sequence that says it is no plain one, or 0
    uint32_t parameter_count; // one more than TERMINAL_PARAMETERS: what comes is dropped
    uint32_t parameters[TERMINAL_PARAMETERS];
    uint32_t character; // the code point whose bytes are coming
    uint32_t awaited;   // bytes of it that are still to come
};

void terminal_initialize(struct terminal *terminal);
// Shows bytes. The view returns to the newest line.
void terminal_write(struct terminal *terminal, const uint8_t *bytes, size_t length);
// Moves the view by lines: positive into the past.
void terminal_scroll_view(struct terminal *terminal, int32_t lines);
// The visible cells of a row.
const terminal_cell *terminal_row(const struct terminal *terminal, uint32_t row);
// Whether the cursor is visible; its cell, counted from the first cell of the first row.
bool terminal_cursor(const struct terminal *terminal, uint32_t *cell);

#endif
