// SPDX-License-Identifier: MIT
// Cells are counted from the prompt's first on: cell c stands on the line's row c / columns. Only moves relative to the
// cursor are used, for nobody knows on which row of the screen the prompt stands. Sequences are those of ECMA-48.
//
// A terminal whose last column was written keeps its cursor there until the next glyph comes: `is_at_margin`. The
// cursor then stands in no cell of its own, and `settle` moves it to the next row before it goes anywhere.
#include "line_screen.h"

#include "cells.h"
#include "output.h"

#include <stdint.h>
#include <string.h>

static struct {
    const char *prompt;
    size_t prompt_cells, columns, rows;
    size_t cell;                    // of the terminal's cursor
    size_t shown;                   // cells that are written
    size_t top;                     // the first of the line's rows that is still on the screen
    bool is_at_margin;              // `cell` begins a row, and the cursor stands after the row before
    size_t length;                  // of the text that is shown
    size_t known_index, known_cell; // of one position in the text: a long line is not counted anew for every key
} screen;

// The cell after the character at a position of so many bytes, `cell` being the first that is free. A wide one for
// which only a row's last cell is left begins in the next row.
static size_t cell_after(const struct line_buffer *buffer, size_t length, size_t index, size_t cell) {
    unsigned cells = cells_at(buffer->bytes, length, index);
    return cell + cells + (cells > 1 && cell % screen.columns == screen.columns - 1);
}

// The cell of a position in the text. A character whose bytes are not all in front of it takes one.
static size_t cell_at(const struct line_buffer *buffer, size_t index) {
    bool helps = screen.known_index <= index;
    size_t at = helps ? screen.known_index : 0, cell = helps ? screen.known_cell : screen.prompt_cells;
    for (; at < index; at++)
        if (!byte_continues(buffer->bytes[at]))
            cell = cell_after(buffer, index, at, cell);
    return cell;
}

// The position at which the character of a cell begins, or the end.
static size_t position_of(const struct line_buffer *buffer, size_t cell) {
    bool helps = screen.known_cell < cell;
    size_t at = helps ? screen.known_index : 0, now = helps ? screen.known_cell : screen.prompt_cells;
    for (; at < buffer->length; at++) {
        bool continues = byte_continues(buffer->bytes[at]);
        size_t after = continues ? now : cell_after(buffer, buffer->length, at, now);
        if (now >= cell && after > now)
            break;
        now = after;
    }
    return at;
}

// Notes that all up to a cell was written. What completes a character reaches no other cell.
static void cell_reach(size_t cell) {
    screen.is_at_margin = cell % screen.columns == 0 && (cell > screen.cell || screen.is_at_margin);
    screen.cell = cell;
    if (cell > screen.shown)
        screen.shown = cell;
    size_t last = (cell - screen.is_at_margin) / screen.columns;
    if (last >= screen.top + screen.rows)
        screen.top = last - screen.rows + 1;
}

// Writes the glyph that the next row begins with, or a blank, and returns to that row's first column.
static void settle(const struct line_buffer *buffer) {
    if (!screen.is_at_margin)
        return;
    size_t cell = screen.cell, index = position_of(buffer, cell), end = position_of(buffer, cell + 1);
    cell_reach(index < end ? cell_at(buffer, end) : cell + 1);
    if (index < end)
        say_bytes(buffer->bytes + index, end - index);
    else
        say(" ");
    say("\r");
    screen.cell = cell;
    screen.is_at_margin = false;
}

static void sequence(size_t count, char final) {
    if (count == 1)
        say("\x1b[%c", final);
    else if (count)
        say("\x1b[%zu%c", count, final);
}

#define BACKSPACES_MAX 4u // that are not longer than a sequence

static void move(const struct line_buffer *buffer, size_t cell) {
    if (cell == screen.cell)
        return;
    settle(buffer);
    size_t row = cell / screen.columns, now_row = screen.cell / screen.columns;
    size_t column = cell % screen.columns, now = screen.cell % screen.columns;
    sequence(row < now_row ? now_row - row : 0, 'A');
    sequence(row > now_row ? row - now_row : 0, 'B');
    if (column < now && now - column <= BACKSPACES_MAX)
        say_bytes("\b\b\b\b", now - column);
    else
        sequence(column < now ? now - column : 0, 'D');
    sequence(column > now ? column - now : 0, 'C');
    screen.cell = cell;
}

// ---- Showing ----

static void prompt_say(void) {
    say("%s", screen.prompt);
    screen.cell = 0;
    screen.shown = 0;
    cell_reach(screen.prompt_cells);
}

// Writes a part of the text, the first character into a cell, and blanks into cells that are left before wide ones.
static void part_write(const struct line_buffer *buffer, size_t from, size_t end, size_t cell) {
    size_t written = from;
    for (size_t index = from; index < end; index++) {
        if (byte_continues(buffer->bytes[index]))
            continue;
        size_t after = cell_after(buffer, buffer->length, index, cell);
        if (after > cell + 2) {
            say_bytes(buffer->bytes + written, index - written);
            say(" ");
            written = index;
        }
        cell = after;
    }
    say_bytes(buffer->bytes + written, end - written);
}

// Writes the text from a position on, up to a cell, or to that before a wide character which would reach after it; what
// stood there is erased.
static void text_write(const struct line_buffer *buffer, size_t from, size_t end_cell) {
    size_t from_cell = cell_at(buffer, from), end = position_of(buffer, end_cell), shown = screen.shown;
    bool is_after = cell_at(buffer, end) > end_cell;
    for (; is_after; end--)
        is_after = byte_continues(buffer->bytes[end - 1]);
    end_cell = cell_at(buffer, end);
    if (from < end) {
        move(buffer, from_cell);
        part_write(buffer, from, end, from_cell);
        cell_reach(end_cell);
    }
    if (shown <= end_cell)
        return;
    move(buffer, end_cell);
    settle(buffer);
    say("\x1b[J");
    screen.shown = end_cell;
}

// The cells that fit the screen below its top, without the last one: writing that would scroll.
static size_t limit(void) {
    return (screen.top + screen.rows) * screen.columns - 1;
}

static size_t smaller(size_t first, size_t second) {
    return first < second ? first : second;
}

static void known_forget(void) {
    screen.known_index = 0;
    screen.known_cell = screen.prompt_cells;
}

// Takes the whole screen, with the line's row `row` on top.
static void rows_redraw(struct line_buffer *buffer, size_t row) {
    say("\x1b[H\x1b[2J");
    screen.top = row;
    screen.cell = screen.shown = row * screen.columns;
    screen.is_at_margin = false;
    if (row == 0)
        prompt_say();
    known_forget(); // the text before may have changed, too
    buffer->changed = position_of(buffer, screen.shown);
}

// Where the writing begins. A character that has changed is written whole, unless its first bytes are just shown, and
// the next one completes it.
static size_t write_begin(const struct line_buffer *buffer) {
    size_t from = smaller(buffer->changed, position_of(buffer, screen.shown));
    bool completes = from == screen.length && from + 1 == buffer->length;
    while (!completes && from && from < buffer->length && byte_continues(buffer->bytes[from]))
        from--;
    return from;
}

void screen_show(struct line_buffer *buffer) {
    bool completes = buffer->changed < buffer->length && byte_continues(buffer->bytes[buffer->changed]);
    if (buffer->changed < screen.known_index + completes)
        known_forget();
    size_t cursor = cell_at(buffer, buffer->cursor), end = cell_at(buffer, buffer->length);
    size_t first = smaller(cursor, buffer->changed < buffer->length ? cell_at(buffer, buffer->changed) : end);
    bool settling_scrolls = screen.is_at_margin && screen.cell / screen.columns >= screen.top + screen.rows;
    if (first / screen.columns < screen.top + settling_scrolls)
        rows_redraw(buffer, first / screen.columns);
    size_t row_end = (cursor / screen.columns + 1) * screen.columns - 1;
    size_t reach = smaller(end, row_end > limit() ? row_end : limit());
    if (cursor > reach)
        reach = cursor;
    if (buffer->changed != SIZE_MAX || screen.shown < reach)
        text_write(buffer, write_begin(buffer), reach);
    screen.length = buffer->length;
    screen.known_index = buffer->cursor;
    screen.known_cell = cursor;
    buffer->changed = SIZE_MAX;
    move(buffer, cursor);
}

// ---- The line as a whole ----

static size_t cells_count(const char *text) {
    size_t cells = 0, length = strlen(text);
    for (size_t index = 0; index < length; index++)
        cells += byte_continues(text[index]) ? 0 : cells_at(text, length, index);
    return cells;
}

static void prompt_set(const char *prompt) {
    screen.prompt = prompt;
    screen.prompt_cells = cells_count(prompt);
    known_forget();
}

static void begin(const char *prompt) {
    screen.top = 0;
    screen.is_at_margin = false;
    screen.length = 0;
    prompt_set(prompt);
    prompt_say();
}

void screen_begin(const char *prompt, unsigned columns, unsigned rows) {
    screen_resize(columns, rows);
    begin(prompt);
}

void screen_resize(unsigned columns, unsigned rows) {
    screen.columns = columns;
    screen.rows = rows;
    size_t last = screen.shown / columns;
    screen.top = last < rows ? 0 : last - rows + 1;
    screen.is_at_margin = screen.cell && screen.cell % columns == 0 && screen.cell == screen.shown;
}

void screen_prompt(const char *prompt, struct line_buffer *buffer) {
    if (screen.top) {
        prompt_set(prompt);
        rows_redraw(buffer, 0);
    } else {
        move(buffer, 0);
        say("\x1b[J");
        prompt_set(prompt);
        prompt_say();
    }
    buffer->changed = 0;
}

void screen_clear(struct line_buffer *buffer) {
    rows_redraw(buffer, 0);
    screen_show(buffer);
}

void screen_end(struct line_buffer *buffer, const char *text) {
    buffer->cursor = buffer->length;
    screen_show(buffer);
    say("%s\n", text);
}

void screen_leave(struct line_buffer *buffer) {
    size_t cursor = buffer->cursor;
    screen_end(buffer, "");
    buffer->cursor = cursor;
}

void screen_return(struct line_buffer *buffer) {
    begin(screen.prompt);
    buffer->changed = 0;
}

const char *screen_prompt_now(void) {
    return screen.prompt;
}
