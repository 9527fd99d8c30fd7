// SPDX-License-Identifier: MIT
// The size of the terminal that the shell talks to.
#ifndef SHELL_WINDOW_H
#define SHELL_WINDOW_H

#include "protocol/tty.h"

// As it was when asked last; before, or where the input is no session's, 80 by 24.
struct tty_size window_size(void);
// Asks the session, which may take half a second.
struct tty_size window_ask(void);
// The same, once.
struct tty_size window_ask_once(void);

#endif
