// SPDX-License-Identifier: MIT
// A bitmap font as the console of Linux has it: PC Screen Font, version 1. Pure: the file's bytes come from elsewhere.
#ifndef CONSOLE_FONT_H
#define CONSOLE_FONT_H

#include <stddef.h>
#include <stdint.h>

#define FONT_WIDTH 8u       // pixels of a glyph's row: one byte, its top bit the left one
#define FONT_HEIGHT_MIN 8u  // rows of a glyph
#define FONT_HEIGHT_MAX 32u // of a glyph
#define FONT_GLYPHS 256u

struct font {
    uint32_t height;
    const uint8_t *glyphs[FONT_GLYPHS]; // by the bytes of code page 437: within the file
};

// Finds the glyphs in a file, which must stay. NULL, or a sentence that says what is wrong with it.
const char *font_open(struct font *font, const uint8_t *file, size_t length);

#endif
