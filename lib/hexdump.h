// SPDX-License-Identifier: MIT
// Rows that show bytes as `hexdump` does: the offset, the bytes in hexadecimal digits, the bytes as ASCII. Pure.
#ifndef LIB_HEXDUMP_H
#define LIB_HEXDUMP_H

#include <stddef.h>
#include <stdint.h>

#define HEXDUMP_BYTES 16u     // that one row shows
#define HEXDUMP_ROW_SIZE 100u // of its text

// Writes the row of `count` bytes, at most HEXDUMP_BYTES: a line with its end, and a terminator.
void hexdump_row(char row[HEXDUMP_ROW_SIZE], unsigned long offset, const uint8_t *bytes, size_t count);

#endif
