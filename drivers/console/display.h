// SPDX-License-Identifier: MIT
// The VGA's text mode (IBM Personal System/2 Hardware Technical Reference, Video Subsystem): its cells in memory, its
// cursor by ports (/kernel/io).
#ifndef CONSOLE_DISPLAY_H
#define CONSOLE_DISPLAY_H

#include "terminal.h"

// Maps the cells. False without a VGA, or if the firmware has left it in another mode.
bool display_initialize(void);
// Draws the view of the terminal on the screen.
void display_update(const struct terminal *terminal);

#endif
