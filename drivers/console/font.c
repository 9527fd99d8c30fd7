// SPDX-License-Identifier: MIT
// The file: four bytes of head, the glyphs, and then for each glyph the characters (16 bits, low byte first) that it
// shows, up to LIST_END. After SEQUENCE come combinations of characters, which no cell holds.
#include "font.h"

#include "glyph.h"

#include <stdbool.h>
#include <string.h>

#define MAGIC_LOW 0x36u
#define MAGIC_HIGH 0x04u
#define MODE_512 1u   // twice as many glyphs
#define MODE_LISTS 2u // the characters are listed
#define SEQUENCE 0xfffeu
#define LIST_END 0xffffu

struct head {
    uint8_t magic_low, magic_high, mode, height;
};

// The glyph becomes the picture of a character, if the screen has that one and no picture of it yet.
static void character_take(struct font *font, uint32_t character, const uint8_t *glyph) {
    uint8_t index = glyph_of(character);
    if (!font->glyphs[index] && (index != GLYPH_UNKNOWN || character == GLYPH_UNKNOWN))
        font->glyphs[index] = glyph;
}

// Reads the lists of `count` glyphs. False if they end early.
static bool lists_read(struct font *font, const uint8_t *glyph, uint32_t count, const uint8_t *list,
                       const uint8_t *end) {
    bool is_sequence = false;
    while (count > 0) {
        if (end - list < 2)
            return false;
        uint32_t character = list[0] | (uint32_t)list[1] << 8;
        list += 2;
        if (character == LIST_END) {
            glyph += font->height;
            count--;
            is_sequence = false;
        } else if (character == SEQUENCE) {
            is_sequence = true;
        } else if (!is_sequence) {
            character_take(font, character, glyph);
        }
    }
    return true;
}

const char *font_open(struct font *font, const uint8_t *file, size_t length) {
    struct head head;
    if (length < sizeof head)
        return "it is cut off";
    memcpy(&head, file, sizeof head);
    uint32_t count = head.mode & MODE_512 ? 512 : 256;
    size_t end = sizeof head + (size_t)count * head.height;
    if (head.magic_low != MAGIC_LOW || head.magic_high != MAGIC_HIGH)
        return "it is none in the PC Screen Font's version 1";
    if (head.height < FONT_HEIGHT_MIN || head.height > FONT_HEIGHT_MAX)
        return "its glyphs have not 8 to 32 rows";
    if (!(head.mode & MODE_LISTS))
        return "it does not say which characters it has";
    memset(font, 0, sizeof *font);
    font->height = head.height;
    if (length < end || !lists_read(font, file + sizeof head, count, file + end, file + length))
        return "it is cut off";
    for (uint32_t glyph = ' '; glyph <= '~'; glyph++)
        if (!font->glyphs[glyph])
            return "it lacks a character of ASCII";
    for (uint32_t glyph = 0; glyph < FONT_GLYPHS; glyph++)
        if (!font->glyphs[glyph])
            font->glyphs[glyph] = font->glyphs[GLYPH_UNKNOWN];
    return NULL;
}
