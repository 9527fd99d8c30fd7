// SPDX-License-Identifier: MIT
// The session that a program's standard handles belong to (protocol/tty.h).
#ifndef LIB_TERMINAL_H
#define LIB_TERMINAL_H

#include "pipe.h"
#include "protocol/tty.h"

// The name of the session whose `input` or `output` the handle is open on, or NULL: it is no terminal. The name is good
// until the next call. `pipe` is "input" or "output".
const char *terminal_name(long handle, const char *pipe);
// Opens `pipe` of that session: "control" with RIGHT_WRITE, "interrupt" with RIGHT_READ, and so on. A handle, or
// -ENXIO where `handle`, open on the session's `input`, is none.
long terminal_open(long handle, const char *pipe, uint32_t rights);
// Asks a session by the handle of its control pipe. The flags before, or a negated error.
long terminal_set_mode(long control, uint32_t flags);
long terminal_mode(long control);
// 0 or a negated error.
long terminal_size(long control, struct tty_size *size);
long terminal_flush(long control);

#endif
