// SPDX-License-Identifier: MIT
// States, and the function that leaves each: TEXT goes to ESCAPE at ESC (control); ESCAPE to SEQUENCE at `[`, to STRING
// where a string begins, which is passed over, else back to TEXT (escape_byte); SEQUENCE to TEXT at its final byte
// (sequence_byte); STRING to TEXT at BEL, to ESCAPE at ESC (byte_take). Other control bytes act where they stand, but
// in STRING; CAN and SUB lead to TEXT from everywhere.
//
// Invariants: 1. row < TERMINAL_ROWS and column < TERMINAL_COLUMNS, also for what is saved. 2. kept + TERMINAL_ROWS <=
// TERMINAL_LINES. 3. back <= kept.
#include "terminal.h"

#include "cells.h"
#include "glyph.h"

#include <string.h>

#define ROW_LAST (TERMINAL_ROWS - 1)
#define COLUMN_LAST (TERMINAL_COLUMNS - 1)
#define TAB_WIDTH 8u
#define PARAMETER_MAX 9999u

#define INK_DEFAULT 7u // light grey
#define PAPER_DEFAULT 0u

enum control_byte {
    BEL = 7,
    BS = 8,
    TAB = 9,
    LF = 10,
    VT = 11,
    FF = 12,
    CR = 13,
    CAN = 24,
    SUB = 26,
    ESC = 27,
    DEL = 127
};

// ---- Cells ----

static terminal_cell *line_at(struct terminal *terminal, uint32_t row) {
    return terminal->lines[(terminal->top + row) % TERMINAL_LINES];
}

static terminal_cell cell_make(uint8_t glyph, uint32_t ink, uint32_t paper) {
    return (terminal_cell)(glyph | ink << 8 | paper << 12);
}

// The cell that erasing writes: a blank in the present paper colour.
static void erase(struct terminal *terminal, uint32_t row, uint32_t first, uint32_t end) {
    terminal_cell *line = line_at(terminal, row);
    for (uint32_t column = first; column < end; column++)
        line[column] = cell_make(' ', INK_DEFAULT, terminal->paper);
}

static void erase_rows(struct terminal *terminal, uint32_t first, uint32_t end) {
    for (uint32_t row = first; row < end; row++)
        erase(terminal, row, 0, TERMINAL_COLUMNS);
}

// A colour that is bright stays so when ink and paper are swapped; paper is never bright: bit 7 may mean blinking.
static terminal_cell cell_of(const struct terminal *terminal, uint8_t glyph) {
    uint32_t ink = terminal->is_reverse ? terminal->paper : terminal->ink;
    uint32_t paper = terminal->is_reverse ? terminal->ink : terminal->paper;
    return cell_make(glyph, ink | (uint32_t)terminal->is_bright << 3, paper);
}

// ---- The cursor ----

static uint32_t least(uint32_t one, uint32_t other) {
    return one < other ? one : other;
}

static void move_to(struct terminal *terminal, uint32_t row, uint32_t column) {
    terminal->row = least(row, ROW_LAST);
    terminal->column = least(column, COLUMN_LAST);
    terminal->is_full = false;
}

static void line_feed(struct terminal *terminal) {
    terminal->is_full = false;
    if (terminal->row < ROW_LAST) {
        terminal->row++;
        return;
    }
    terminal->top = (terminal->top + 1) % TERMINAL_LINES;
    terminal->kept = least(terminal->kept + 1, TERMINAL_LINES - TERMINAL_ROWS);
    erase(terminal, ROW_LAST, 0, TERMINAL_COLUMNS);
}

// A glyph in the last column leaves the cursor there: a line of full width needs no row for its end.
static void put(struct terminal *terminal, uint8_t glyph) {
    if (terminal->is_full) {
        line_feed(terminal);
        terminal->column = 0;
    }
    line_at(terminal, terminal->row)[terminal->column] = cell_of(terminal, glyph);
    terminal->is_full = terminal->column == COLUMN_LAST;
    if (!terminal->is_full)
        terminal->column++;
}

static void save(struct terminal *terminal) {
    terminal->saved_row = terminal->row;
    terminal->saved_column = terminal->column;
}

static void restore(struct terminal *terminal) {
    move_to(terminal, terminal->saved_row, terminal->saved_column);
}

// ---- Sequences (ECMA-48, 8.3) ----

// Parameter `index`, or `otherwise` where it is missing or 0.
static uint32_t parameter(const struct terminal *terminal, uint32_t index, uint32_t otherwise) {
    return index < TERMINAL_PARAMETERS && terminal->parameters[index] ? terminal->parameters[index] : otherwise;
}

static void cursor_up(struct terminal *terminal) {
    uint32_t rows = least(parameter(terminal, 0, 1), terminal->row);
    move_to(terminal, terminal->row - rows, terminal->column);
}

static void cursor_down(struct terminal *terminal) {
    move_to(terminal, terminal->row + parameter(terminal, 0, 1), terminal->column);
}

static void cursor_forward(struct terminal *terminal) {
    move_to(terminal, terminal->row, terminal->column + parameter(terminal, 0, 1));
}

static void cursor_back(struct terminal *terminal) {
    uint32_t columns = least(parameter(terminal, 0, 1), terminal->column);
    move_to(terminal, terminal->row, terminal->column - columns);
}

static void cursor_column(struct terminal *terminal) {
    move_to(terminal, terminal->row, parameter(terminal, 0, 1) - 1);
}

static void cursor_row(struct terminal *terminal) {
    move_to(terminal, parameter(terminal, 0, 1) - 1, terminal->column);
}

static void cursor_position(struct terminal *terminal) {
    move_to(terminal, parameter(terminal, 0, 1) - 1, parameter(terminal, 1, 1) - 1);
}

// 0: from the cursor on, 1: up to the cursor and with it, 2: all.
static void erase_in_line(struct terminal *terminal) {
    uint32_t part = parameter(terminal, 0, 0);
    if (part > 2)
        return;
    uint32_t first = part == 0 ? terminal->column : 0;
    uint32_t end = part == 1 ? terminal->column + 1 : TERMINAL_COLUMNS;
    erase(terminal, terminal->row, first, end);
}

// The same, and 3: what has scrolled off (xterm).
static void erase_in_page(struct terminal *terminal) {
    uint32_t part = parameter(terminal, 0, 0);
    if (part <= 1) {
        erase_in_line(terminal);
        erase_rows(terminal, part == 0 ? terminal->row + 1 : 0, part == 0 ? TERMINAL_ROWS : terminal->row);
    } else if (part == 2) {
        erase_rows(terminal, 0, TERMINAL_ROWS);
    } else if (part == 3) {
        terminal->kept = 0;
    }
}

static void attributes_reset(struct terminal *terminal) {
    terminal->ink = INK_DEFAULT;
    terminal->paper = PAPER_DEFAULT;
    terminal->is_bright = terminal->is_reverse = false;
}

// ECMA-48 has red in bit 0 and blue in bit 2 of a colour, the VGA the other way round.
static uint8_t colour_of(uint32_t number) {
    return (uint8_t)((number & 1) << 2 | (number & 2) | (number & 4) >> 2);
}

#define INK_FIRST 30u
#define INK_OF_MANY 38u
#define PAPER_FIRST 40u
#define PAPER_OF_MANY 48u
#define COLOURS 8u

static void rendition(struct terminal *terminal, uint32_t value) {
    if (value == 0)
        attributes_reset(terminal);
    else if (value == 1 || value == 22)
        terminal->is_bright = value == 1;
    else if (value == 7 || value == 27)
        terminal->is_reverse = value == 7;
    else if (value >= INK_FIRST && value < INK_FIRST + COLOURS)
        terminal->ink = colour_of(value - INK_FIRST);
    else if (value == 39)
        terminal->ink = INK_DEFAULT;
    else if (value >= PAPER_FIRST && value < PAPER_FIRST + COLOURS)
        terminal->paper = colour_of(value - PAPER_FIRST);
    else if (value == 49)
        terminal->paper = PAPER_DEFAULT;
}

// A colour out of 256 or of 2^24, which this screen lacks, is passed over with its numbers (ISO 8613-6, 13.1.8).
static void select_rendition(struct terminal *terminal) {
    for (uint32_t index = 0; index < least(terminal->parameter_count, TERMINAL_PARAMETERS); index++) {
        uint32_t value = terminal->parameters[index];
        if (value == INK_OF_MANY || value == PAPER_OF_MANY)
            index += parameter(terminal, index + 1, 0) == 2 ? 4 : 2;
        else
            rendition(terminal, value);
    }
}

typedef void sequence_function(struct terminal *terminal);

static sequence_function *const sequences[] = {
    ['A'] = cursor_up,     ['B'] = cursor_down,     ['C'] = cursor_forward,   ['D'] = cursor_back,
    ['G'] = cursor_column, ['H'] = cursor_position, ['J'] = erase_in_page,    ['K'] = erase_in_line,
    ['d'] = cursor_row,    ['f'] = cursor_position, ['m'] = select_rendition, ['s'] = save,
    ['u'] = restore};

#define PRIVATE_CURSOR 25u // DECTCEM: the cursor is shown (h) or not (l)

static void sequence_run(struct terminal *terminal, uint8_t final) {
    bool is_mode = terminal->mark == '?' && (final == 'h' || final == 'l');
    if (is_mode && terminal->parameters[0] == PRIVATE_CURSOR)
        terminal->has_cursor = final == 'h';
    sequence_function *run = final < sizeof sequences / sizeof *sequences ? sequences[final] : NULL;
    if (run && !terminal->mark)
        run(terminal);
}

// ---- Bytes ----

// An incomplete character is shown as the glyph for unknown ones.
static void character_end(struct terminal *terminal) {
    if (terminal->awaited)
        put(terminal, GLYPH_UNKNOWN);
    terminal->awaited = 0;
}

static void control(struct terminal *terminal, uint8_t byte) {
    character_end(terminal);
    if (byte == ESC)
        terminal->state = TERMINAL_ESCAPE;
    else if (byte == CAN || byte == SUB)
        terminal->state = TERMINAL_TEXT;
    else if (byte == CR)
        move_to(terminal, terminal->row, 0);
    else if (byte == LF || byte == VT || byte == FF)
        line_feed(terminal);
    else if (byte == BS && terminal->column)
        move_to(terminal, terminal->row, terminal->column - 1);
    else if (byte == TAB)
        move_to(terminal, terminal->row, terminal->column / TAB_WIDTH * TAB_WIDTH + TAB_WIDTH);
}

// The first byte of a character in UTF-8 (RFC 3629, 4).
static void character_begin(struct terminal *terminal, uint8_t byte) {
    if (byte >= 0xc2 && byte <= 0xdf) {
        terminal->awaited = 1;
        terminal->character = byte & 0x1fu;
    } else if (byte >= 0xe0 && byte <= 0xef) {
        terminal->awaited = 2;
        terminal->character = byte & 0x0fu;
    } else if (byte >= 0xf0 && byte <= 0xf4) {
        terminal->awaited = 3;
        terminal->character = byte & 0x07u;
    } else {
        put(terminal, byte < DEL ? byte : GLYPH_UNKNOWN);
    }
}

// A wide character takes two cells of one row, one that is drawn over another none.
static void character_put(struct terminal *terminal, uint32_t character) {
    unsigned cells = character_cells(character);
    if (cells > 1 && terminal->column == COLUMN_LAST && !terminal->is_full)
        put(terminal, ' ');
    if (cells)
        put(terminal, glyph_of(character));
    if (cells > 1)
        put(terminal, ' ');
}

// A character that is longer than it must be could smuggle in a control byte: it is none.
static void character_go_on(struct terminal *terminal, uint8_t byte) {
    terminal->character = terminal->character << 6 | (byte & 0x3fu);
    if (--terminal->awaited)
        return;
    if (terminal->character > DEL)
        character_put(terminal, terminal->character);
    else
        put(terminal, GLYPH_UNKNOWN);
}

static void text_byte(struct terminal *terminal, uint8_t byte) {
    bool goes_on = (byte & 0xc0u) == 0x80u;
    if (terminal->awaited && goes_on) {
        character_go_on(terminal, byte);
        return;
    }
    character_end(terminal);
    character_begin(terminal, byte);
}

static void escape_byte(struct terminal *terminal, uint8_t byte) {
    if (byte >= ' ' && byte <= '/')
        return; // an intermediate byte: the final one is still to come
    terminal->state = TERMINAL_TEXT;
    if (byte == '[') {
        terminal->state = TERMINAL_SEQUENCE;
        terminal->mark = 0;
        terminal->parameter_count = 1;
        memset(terminal->parameters, 0, sizeof terminal->parameters);
    } else if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_') {
        terminal->state = TERMINAL_STRING;
    } else if (byte == '7') {
        save(terminal);
    } else if (byte == '8') {
        restore(terminal);
    } else if (byte == 'c') {
        terminal_initialize(terminal);
    }
}

static void digit(struct terminal *terminal, uint8_t byte) {
    if (terminal->parameter_count > TERMINAL_PARAMETERS)
        return;
    uint32_t *value = &terminal->parameters[terminal->parameter_count - 1];
    *value = least(*value * 10 + byte - '0', PARAMETER_MAX);
}

static void sequence_byte(struct terminal *terminal, uint8_t byte) {
    if (byte >= '0' && byte <= '9') {
        digit(terminal, byte);
    } else if (byte == ';') {
        terminal->parameter_count = least(terminal->parameter_count + 1, TERMINAL_PARAMETERS + 1);
    } else if (byte < '@') {
        terminal->mark = byte;
    } else {
        terminal->state = TERMINAL_TEXT;
        sequence_run(terminal, byte);
    }
}

static void byte_take(struct terminal *terminal, uint8_t byte) {
    if (terminal->state == TERMINAL_STRING && byte != ESC) {
        if (byte == BEL || byte == CAN || byte == SUB)
            terminal->state = TERMINAL_TEXT;
    } else if (byte < ' ') {
        control(terminal, byte);
    } else if (byte == DEL) {
        character_end(terminal);
    } else if (terminal->state == TERMINAL_ESCAPE) {
        escape_byte(terminal, byte);
    } else if (terminal->state == TERMINAL_SEQUENCE) {
        sequence_byte(terminal, byte);
    } else {
        text_byte(terminal, byte);
    }
}

// ---- The whole ----

void terminal_initialize(struct terminal *terminal) {
    memset(terminal, 0, sizeof *terminal);
    terminal->has_cursor = true;
    attributes_reset(terminal);
    erase_rows(terminal, 0, TERMINAL_ROWS);
}

void terminal_write(struct terminal *terminal, const uint8_t *bytes, size_t length) {
    terminal->back = 0;
    for (size_t index = 0; index < length; index++)
        byte_take(terminal, bytes[index]);
}

void terminal_scroll_view(struct terminal *terminal, int32_t lines) {
    int64_t back = (int64_t)terminal->back + lines;
    if (back < 0)
        back = 0;
    terminal->back = back < terminal->kept ? (uint32_t)back : terminal->kept;
}

const terminal_cell *terminal_row(const struct terminal *terminal, uint32_t row) {
    return terminal->lines[(terminal->top + TERMINAL_LINES - terminal->back + row) % TERMINAL_LINES];
}

bool terminal_cursor(const struct terminal *terminal, uint32_t *cell) {
    uint32_t row = terminal->row + terminal->back;
    *cell = row * TERMINAL_COLUMNS + terminal->column;
    return terminal->has_cursor && row < TERMINAL_ROWS;
}
