// SPDX-License-Identifier: MIT
// The 8042 (IBM PC/AT Technical Reference, Keyboard Controller) by ports (/kernel/io), as a keyboard's controller.
#ifndef KEYBOARD_CONTROLLER_H
#define KEYBOARD_CONTROLLER_H

#include <stdbool.h>
#include <stdint.h>

// Has the keyboard send codes of set 1, each with an interrupt, and switches the second port off. False where there is
// no controller; never waits long.
bool controller_initialize(void);
// Takes a code that the keyboard has sent, and drops bytes of the second port. False if there is none.
bool controller_receive(uint8_t *code);

#endif
