// SPDX-License-Identifier: MIT
// A session: a terminal that people sit at, as its tty server shows it to programs. Its directory /svc/tty/NAME holds
//
//   input      queue: what its programs read. In line mode a message is a line with its '\n', or a piece of one that is
//              longer than a message; one of length 0 is the end of the file (Ctrl-D). In raw mode: bytes as they come.
//   output     queue: what its programs write. '\n' becomes "\r\n" while TTY_NEWLINES is set.
//   control    call pipe: the operations below. A request is a struct tty_request.
//   interrupt  event pipe: signalled by Ctrl-C and Ctrl-\ while TTY_SIGNALS is set; its value is an enum tty_signal.
//
// lib/terminal.h finds the session that a program's standard handles belong to.
#ifndef PROTOCOL_TTY_H
#define PROTOCOL_TTY_H

#include "abi.h"

#define TTY_DIRECTORY "/svc/tty"
#define TTY_NAME_MAX 31u
#define TTY_LINE_MAX 1000u   // bytes of a message of `input`; a longer line comes in pieces
#define TTY_OUTPUT_MAX 1000u // bytes of a message of `output`

enum tty_operation {
    TTY_SET_MODE, // -> struct tty_mode: what the flags were before. EINVAL (a flag that is none of these).
    TTY_GET_MODE, // -> struct tty_mode
    // -> struct tty_size. Over a serial line the terminal itself is asked, which takes up to half a second; one that
    // does not answer counts as 80 by 24.
    TTY_SIZE,
    TTY_FLUSH, // Drops what was typed and not read yet. Its reply is empty.
    TTY_OPERATIONS
};

// Flags of a mode. A session begins with TTY_MODE_LINES.
#define TTY_LINES 1u    // lines are edited here, and given whole
#define TTY_ECHO 2u     // what is typed is shown
#define TTY_SIGNALS 4u  // Ctrl-C and Ctrl-\ signal `interrupt` and are no input
#define TTY_NEWLINES 8u // '\n' of the output becomes "\r\n"
#define TTY_FLAGS 15u
#define TTY_MODE_LINES (TTY_LINES | TTY_ECHO | TTY_SIGNALS | TTY_NEWLINES)
#define TTY_MODE_RAW TTY_NEWLINES // for a line editor, which shows what it likes

struct tty_request {
    uint32_t operation;
    uint32_t flags; // TTY_SET_MODE
};

struct tty_mode {
    uint32_t flags;
    uint32_t lost; // bytes typed since the server began for which nobody who reads made room; a bell rang for them
};

struct tty_size {
    uint32_t columns, rows;
};

enum tty_signal {
    TTY_INTERRUPT = 1, // Ctrl-C: the foreground job ends
    TTY_QUIT           // Ctrl-\: the same, for programs that heed Ctrl-C otherwise
};

#endif
