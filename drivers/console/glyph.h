// SPDX-License-Identifier: MIT
// The characters that the VGA's own font can show.
#ifndef CONSOLE_GLYPH_H
#define CONSOLE_GLYPH_H

#include <stdint.h>

#define GLYPH_UNKNOWN '?'

// The byte of code page 437 for a Unicode code point, or GLYPH_UNKNOWN.
uint8_t glyph_of(uint32_t character);

#endif
