// SPDX-License-Identifier: MIT
// How wide a terminal shows characters. Pure.
#ifndef LIB_CELLS_H
#define LIB_CELLS_H

#include <stddef.h>
#include <stdint.h>

// The cells that a character takes: 0, if it is drawn over the one before; 2, if it is wide (Unicode Standard Annex
// 11); else 1.
unsigned character_cells(uint32_t character);
// The same of the character of UTF-8 (RFC 3629) that begins at an index of a text; 1, if its bytes are not all there.
unsigned cells_at(const char *text, size_t length, size_t index);

#endif
