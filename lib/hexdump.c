// SPDX-License-Identifier: MIT
#include "hexdump.h"

#include <stdio.h>

void hexdump_row(char row[HEXDUMP_ROW_SIZE], unsigned long offset, const uint8_t *bytes, size_t count) {
    static const char digits[] = "0123456789abcdef";
    char hexadecimal[3 * HEXDUMP_BYTES + 2], text[HEXDUMP_BYTES + 1];
    size_t length = 0;
    for (size_t index = 0; index < HEXDUMP_BYTES; index++) {
        if (index == HEXDUMP_BYTES / 2)
            hexadecimal[length++] = ' ';
        hexadecimal[length++] = ' ';
        hexadecimal[length++] = index < count ? digits[bytes[index] >> 4] : ' ';
        hexadecimal[length++] = index < count ? digits[bytes[index] & 15] : ' ';
    }
    hexadecimal[length] = 0;
    for (size_t index = 0; index < count; index++)
        text[index] = bytes[index] >= ' ' && bytes[index] <= '~' ? (char)bytes[index] : '.';
    snprintf(row, HEXDUMP_ROW_SIZE, "%08lx %s  |%.*s|\n", offset, hexadecimal, (int)count, text);
}
