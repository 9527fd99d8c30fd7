// SPDX-License-Identifier: MIT
// The framebuffer that the boot loader has set up, and the font that is drawn there.
#ifndef CONSOLE_FRAMEBUFFER_H
#define CONSOLE_FRAMEBUFFER_H

#include "terminal.h"

// Whether the loader has set one up. The VGA's text mode is not a framebuffer.
bool framebuffer_is_there(void);
// Maps it and reads the font. False, with a sentence in the log, if one of them can't be used.
bool framebuffer_initialize(void);
// Draws the view of the terminal on the screen.
void framebuffer_update(const struct terminal *terminal);

#endif
