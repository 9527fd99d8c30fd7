// SPDX-License-Identifier: MIT
// The terminal's picture in pixels: cells are drawn with a font, as large as they fit in whole multiples, in the middle
// of the screen. Pure: it writes to the memory that it is given.
#ifndef CONSOLE_PICTURE_H
#define CONSOLE_PICTURE_H

#include "abi.h"
#include "font.h"
#include "terminal.h"

#define PICTURE_COLOURS 16u
#define PICTURE_SCALE_MAX 8u // of a glyph's pixel, in pixels of the screen

struct picture {
    uint8_t *pixels; // of the screen's first row
    const struct font *font;
    uint32_t pitch;                    // bytes from a row to the next
    uint32_t pixel_size;               // bytes
    uint32_t scale;                    // pixels of the screen for one of a glyph, in both directions
    size_t corner;                     // where the first cell begins
    uint32_t colours[PICTURE_COLOURS]; // pixels of the VGA's colours
    terminal_cell cells[TERMINAL_ROWS * TERMINAL_COLUMNS]; // that are shown
    uint32_t cursor;
    bool has_cursor;
};

// Takes a screen over and makes it black. NULL, or a sentence that says why it can't show the terminal.
const char *picture_initialize(struct picture *picture, const struct info_framebuffer *screen, void *pixels,
                               const struct font *font);
// Draws the view of the terminal: only the cells that have changed.
void picture_update(struct picture *picture, const struct terminal *terminal);

#endif
