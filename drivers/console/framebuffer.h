// SPDX-License-Identifier: MIT
// The framebuffer that the boot loader has set up: where it lies, and the font that is drawn there.
#ifndef CONSOLE_FRAMEBUFFER_H
#define CONSOLE_FRAMEBUFFER_H

#include "terminal.h"

// Whether the loader has set one up. The VGA's text mode is none.
bool framebuffer_is_there(void);
// Maps it and reads the font. False, with a sentence in the log, where one of them can't be used.
bool framebuffer_initialize(void);
// Makes the screen show what the terminal says is to be seen.
void framebuffer_update(const struct terminal *terminal);

#endif
