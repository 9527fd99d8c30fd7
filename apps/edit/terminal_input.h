// SPDX-License-Identifier: MIT
// Keys as a terminal sends them, one after the other.
#ifndef EDIT_TERMINAL_INPUT_H
#define EDIT_TERMINAL_INPUT_H

#include <stdbool.h>

#define CONTROL_KEY(letter) ((letter) - '@')

// A key is a byte of text, a control key, or one of these.
enum key {
    KEY_END_OF_INPUT = -1,
    KEY_NONE = 256, // nothing that has a meaning
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_WORD_LEFT,
    KEY_WORD_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_TOP,
    KEY_BOTTOM,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_DELETE,
    KEY_ESCAPE
};

// Takes the input, and has it give keys as they are typed. 0 or a negated error.
long keys_begin(void);
// Gives the terminal its mode back.
void keys_end(void);
// The next key. Waits.
int key_read(void);
// Whether one has come already.
bool key_waits(void);
// The size of the terminal, asked anew.
void keys_size(unsigned *columns, unsigned *rows);

#endif
