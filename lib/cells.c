// SPDX-License-Identifier: MIT
#include "cells.h"

#include <stdbool.h>

struct range {
    uint32_t first, last;
};

// Blocks of combining marks, and what joins, parts or selects without being seen (Unicode 15, Blocks.txt).
static const struct range over[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
                                    {0x64b, 0x65f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
                                    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef}};
// Those of East Asian Width W and F (Unicode 15, EastAsianWidth.txt), with the gaps between them.
static const struct range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},
                                    {0xa960, 0xa97c},   {0xac00, 0xd7a3},  {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                                    {0xff01, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
                                    {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

static bool is_in(uint32_t character, const struct range *ranges, size_t count) {
    for (size_t index = 0; index < count && character >= ranges[index].first; index++)
        if (character <= ranges[index].last)
            return true;
    return false;
}

unsigned character_cells(uint32_t character) {
    if (is_in(character, over, sizeof over / sizeof *over))
        return 0;
    return is_in(character, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

unsigned cells_at(const char *text, size_t length, size_t index) {
    uint8_t first = (uint8_t)text[index];
    unsigned more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
    uint32_t character = first & (0x3fu >> more);
    if (!more || more >= length - index)
        return 1;
    for (unsigned byte = 1; byte <= more; byte++) {
        if (((uint8_t)text[index + byte] & 0xc0) != 0x80)
            return 1;
        character = character << 6 | ((uint8_t)text[index + byte] & 0x3fu);
    }
    return character_cells(character);
}
