// SPDX-License-Identifier: MIT
// The VGA's text mode (IBM Personal System/2 Hardware Technical Reference, Video Subsystem): its cells in memory, its
// cursor behind /kernel/io.
#ifndef CONSOLE_DISPLAY_H
#define CONSOLE_DISPLAY_H

#include "terminal.h"

// Maps the cells. False where there is none: firmware has left another mode, or there is no VGA.
bool display_initialize(void);
// Makes the screen show what the terminal says is to be seen.
void display_update(const struct terminal *terminal);

#endif
