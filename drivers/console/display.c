// SPDX-License-Identifier: MIT
#include "display.h"

#include "ports.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"

#define CELLS_PHYSICAL 0xb8000u
#define CELLS_PAGES 8u // the window of 32 KiB; the screen is at its beginning
#define CELLS ((volatile terminal_cell *)MAPPING_BASE)

// Pairs of ports: the register's number, then its value.
#define GRAPHICS 0x3ceu
#define CONTROLLER 0x3d4u

#define GRAPHICS_MODE 6u // Miscellaneous
#define GRAPHICS_MODE_MASK 0x0du
#define GRAPHICS_MODE_TEXT 0x0cu // alphanumeric, and the window of memory is the colour text's
#define CONTROLLER_CURSOR_START 10u
#define CONTROLLER_CURSOR_END 11u
#define CONTROLLER_START_HIGH 12u // the first cell on the screen
#define CONTROLLER_START_LOW 13u
#define CONTROLLER_CURSOR_HIGH 14u
#define CONTROLLER_CURSOR_LOW 15u

#define CURSOR_OFF 0x20u
#define CURSOR_FIRST_LINE 13u // of the 16 of a glyph
#define CURSOR_LAST_LINE 14u

// The cells that the device shows.
static struct {
    terminal_cell cells[TERMINAL_ROWS * TERMINAL_COLUMNS];
    uint32_t cursor;
    bool has_cursor;
} shown;

// ---- Registers ----

struct setting {
    uint8_t number, value;
};

static long register_read(uint16_t port, uint8_t number, uint8_t *value) {
    struct io_access pair[] = {{port, 1, 1, number}, {(uint16_t)(port + 1), 1, 0, 0}};
    long error = ports_access(pair, 2);
    *value = (uint8_t)pair[1].value;
    return error;
}

#define SETTINGS_MAX 4u

static long controller_set(const struct setting *settings, uint32_t count) {
    struct io_access accesses[2 * SETTINGS_MAX];
    for (uint32_t index = 0; index < count; index++) {
        accesses[2 * index] = (struct io_access){CONTROLLER, 1, 1, settings[index].number};
        accesses[2 * index + 1] = (struct io_access){CONTROLLER + 1, 1, 1, settings[index].value};
    }
    return ports_access(accesses, 2 * count);
}

// ---- The device ----

// A port without a device reads as all ones, which is not the text mode.
static bool is_text_mode(void) {
    uint8_t mode;
    return register_read(GRAPHICS, GRAPHICS_MODE, &mode) == 0 && (mode & GRAPHICS_MODE_MASK) == GRAPHICS_MODE_TEXT;
}

static bool cells_map(void) {
    long region = region_physical(CELLS_PHYSICAL, CELLS_PAGES);
    return region > 0 && process_map(region, 0, MAPPING_BASE, CELLS_PAGES, PROTECT_READ | PROTECT_WRITE) >= 0;
}

static void cursor_show(uint32_t cell, bool has_cursor) {
    const struct setting settings[] = {
        {CONTROLLER_CURSOR_START, (uint8_t)(CURSOR_FIRST_LINE | (has_cursor ? 0 : CURSOR_OFF))},
        {CONTROLLER_CURSOR_END, CURSOR_LAST_LINE},
        {CONTROLLER_CURSOR_HIGH, (uint8_t)(cell >> 8)},
        {CONTROLLER_CURSOR_LOW, (uint8_t)cell}};
    controller_set(settings, sizeof settings / sizeof *settings);
    shown.cursor = cell;
    shown.has_cursor = has_cursor;
}

bool display_initialize(void) {
    static const struct setting settings[] = {{CONTROLLER_START_HIGH, 0}, {CONTROLLER_START_LOW, 0}};
    if (!is_text_mode() || !cells_map())
        return false;
    for (uint32_t cell = 0; cell < TERMINAL_ROWS * TERMINAL_COLUMNS; cell++)
        CELLS[cell] = shown.cells[cell];
    cursor_show(0, true);
    return controller_set(settings, sizeof settings / sizeof *settings) == 0;
}

// Writes only the changed cells, because the device's memory is slow.
void display_update(const struct terminal *terminal) {
    for (uint32_t row = 0; row < TERMINAL_ROWS; row++) {
        const terminal_cell *cells = terminal_row(terminal, row);
        for (uint32_t column = 0; column < TERMINAL_COLUMNS; column++) {
            uint32_t cell = row * TERMINAL_COLUMNS + column;
            if (shown.cells[cell] == cells[column])
                continue;
            shown.cells[cell] = cells[column];
            CELLS[cell] = cells[column];
        }
    }
    uint32_t cursor;
    bool has_cursor = terminal_cursor(terminal, &cursor);
    if (cursor != shown.cursor || has_cursor != shown.has_cursor)
        cursor_show(cursor, has_cursor);
}
