// SPDX-License-Identifier: MIT
// What keys mean: scan codes of set 1 (IBM PC/AT Technical Reference, Keyboard) become bytes for a terminal: text in
// UTF-8, and xterm's sequences for keys that stand for no character. Pure: it knows no device.
#ifndef KEYBOARD_LAYOUT_H
#define KEYBOARD_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#define KEY_BYTES_MAX 8u

enum layout { LAYOUT_US, LAYOUT_GERMAN, LAYOUTS };

// The keyboard as it stands. All 0 at the beginning, but for the layout.
struct keyboard {
    enum layout layout;
    uint32_t held; // the modifiers that are down
    bool caps_is_on;
    bool is_extended; // the prefix of the further keys has come
};

// What a scan code brought.
struct key_result {
    uint32_t length; // of `bytes`; 0: none
    uint8_t bytes[KEY_BYTES_MAX];
    char view; // '+', '-': the screen's view is to move into the past, or back; 0: it is not
};

struct key_result keyboard_take(struct keyboard *keyboard, uint8_t code);
// The layout of a name: "us" or "german". False if there is none.
bool layout_find(const char *name, enum layout *layout);

#endif
