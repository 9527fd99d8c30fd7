// SPDX-License-Identifier: MIT
#include "picture.h"

#include <string.h>

#define PIXEL_SIZE_MAX 4u
#define BYTE 8u // bits

// The cursor: rows from the glyph's foot.
#define CURSOR_FIRST 3u
#define CURSOR_LAST 2u

// ---- Colours ----

#define BLUE 1u // bits of a colour, in the VGA's order
#define GREEN 2u
#define RED 4u
#define BRIGHT 8u
#define BROWN (RED | GREEN)
#define FULL 0xaau // of 255, of a colour that is there
#define HALF 0x55u // what brightness adds; and brown's green

// Red, green or blue of a colour, 0 to 255.
static uint32_t part_of(uint32_t colour, uint32_t part) {
    if (colour == BROWN && part == GREEN)
        return HALF;
    return (colour & part ? FULL : 0) + (colour & BRIGHT ? HALF : 0);
}

// A part in as many bits as the pixel has for it.
static uint32_t field_of(uint32_t part, const uint8_t field[2]) {
    uint32_t first = field[0], bits = field[1];
    uint32_t value = bits < BYTE ? part >> (BYTE - bits) : part << (bits - BYTE);
    return value << first;
}

static void colours_make(struct picture *picture, const struct info_framebuffer *screen) {
    static const uint32_t parts[] = {RED, GREEN, BLUE};
    for (uint32_t colour = 0; colour < PICTURE_COLOURS; colour++) {
        picture->colours[colour] = 0;
        for (uint32_t number = 0; number < sizeof parts / sizeof *parts; number++)
            picture->colours[colour] |= field_of(part_of(colour, parts[number]), screen->colours[number]);
    }
}

// ---- Cells ----

// Draws one row of a glyph, as high as the scale says.
static void row_draw(const struct picture *picture, uint8_t *target, uint8_t bits, uint32_t ink, uint32_t paper) {
    uint8_t row[FONT_WIDTH * PICTURE_SCALE_MAX * PIXEL_SIZE_MAX];
    size_t length = 0;
    for (uint32_t column = 0; column < FONT_WIDTH; column++) {
        uint32_t pixel = bits >> (FONT_WIDTH - 1 - column) & 1 ? ink : paper;
        for (uint32_t copy = 0; copy < picture->scale; copy++, length += picture->pixel_size)
            memcpy(row + length, &pixel, picture->pixel_size);
    }
    for (uint32_t copy = 0; copy < picture->scale; copy++, target += picture->pitch)
        memcpy(target, row, length);
}

static void cell_draw(const struct picture *picture, uint32_t number, bool has_cursor) {
    terminal_cell cell = picture->cells[number];
    const uint8_t *glyph = picture->font->glyphs[cell & 0xff];
    uint32_t height = picture->font->height;
    uint32_t ink = picture->colours[cell >> 8 & 0xf], paper = picture->colours[cell >> 12];
    uint32_t row = number / TERMINAL_COLUMNS, column = number % TERMINAL_COLUMNS;
    uint8_t *target = picture->pixels + picture->corner + (size_t)row * height * picture->scale * picture->pitch +
                      (size_t)column * FONT_WIDTH * picture->scale * picture->pixel_size;
    for (uint32_t line = 0; line < height; line++, target += (size_t)picture->scale * picture->pitch) {
        bool is_cursor = has_cursor && line >= height - CURSOR_FIRST && line <= height - CURSOR_LAST;
        row_draw(picture, target, is_cursor ? 0xff : glyph[line], ink, paper);
    }
}

static void cursor_move(struct picture *picture, uint32_t cursor, bool has_cursor) {
    if (picture->has_cursor)
        cell_draw(picture, picture->cursor, false);
    if (has_cursor)
        cell_draw(picture, cursor, true);
    picture->cursor = cursor;
    picture->has_cursor = has_cursor;
}

void picture_update(struct picture *picture, const struct terminal *terminal) {
    uint32_t cursor;
    bool has_cursor = terminal_cursor(terminal, &cursor);
    for (uint32_t row = 0; row < TERMINAL_ROWS; row++) {
        const terminal_cell *cells = terminal_row(terminal, row);
        for (uint32_t column = 0; column < TERMINAL_COLUMNS; column++) {
            uint32_t number = row * TERMINAL_COLUMNS + column;
            if (picture->cells[number] == cells[column])
                continue;
            picture->cells[number] = cells[column];
            cell_draw(picture, number, picture->has_cursor && number == picture->cursor);
        }
    }
    if (cursor != picture->cursor || has_cursor != picture->has_cursor)
        cursor_move(picture, cursor, has_cursor);
}

// ---- The screen ----

static const char *screen_check(const struct info_framebuffer *screen, const struct font *font) {
    uint32_t pixel_size = (screen->bits + BYTE - 1) / BYTE;
    if (screen->kind != FRAMEBUFFER_COLOUR || pixel_size < 2 || pixel_size > PIXEL_SIZE_MAX)
        return "its pixels are no colours of 2 to 4 bytes";
    for (uint32_t number = 0; number < sizeof screen->colours / sizeof *screen->colours; number++)
        if (screen->colours[number][0] + screen->colours[number][1] > screen->bits || screen->colours[number][1] == 0)
            return "its pixels are no colours of 2 to 4 bytes";
    if (screen->pitch / pixel_size < screen->width)
        return "its rows overlap";
    if (screen->width < TERMINAL_COLUMNS * FONT_WIDTH || screen->height < TERMINAL_ROWS * font->height)
        return "it is too small for 80 x 25 characters";
    return NULL;
}

const char *picture_initialize(struct picture *picture, const struct info_framebuffer *screen, void *pixels,
                               const struct font *font) {
    const char *wrong = screen_check(screen, font);
    if (wrong)
        return wrong;
    uint32_t width = TERMINAL_COLUMNS * FONT_WIDTH, height = TERMINAL_ROWS * font->height;
    uint32_t scale = PICTURE_SCALE_MAX;
    while (scale > 1 && (width * scale > screen->width || height * scale > screen->height))
        scale--;
    uint32_t left = (screen->width - width * scale) / 2, top = (screen->height - height * scale) / 2;
    *picture = (struct picture){.pixels = pixels, .font = font, .pitch = screen->pitch, .scale = scale};
    picture->pixel_size = (screen->bits + BYTE - 1) / BYTE;
    picture->corner = (size_t)top * screen->pitch + (size_t)left * picture->pixel_size;
    colours_make(picture, screen);
    for (uint32_t row = 0; row < screen->height; row++)
        memset(picture->pixels + (size_t)row * screen->pitch, 0, (size_t)screen->width * picture->pixel_size);
    return NULL;
}
