// SPDX-License-Identifier: MIT
// A session: a terminal that people sit at, as its tty server shows it to programs. Its directory /svc/tty/NAME holds
//
//   input      queue: what the session's first program reads. In line mode a message is a line with its '\n', or a
// chunk
//              of one that is longer than a message; one of length 0 is the end of the file (Ctrl-D). In raw mode:
// bytes
//              as they come.
//   output     queue: what its programs write. '\n' becomes "\r\n" while TTY_NEWLINES is set.
//   control    call pipe: the operations below. A request is a struct tty_request.
//   interrupt  event pipe: signalled by Ctrl-C, Ctrl-\ and Ctrl-Z while TTY_SIGNALS is set; its value is an enum
//              tty_signal.
//   job-S-P    queue, with job-S-P.interrupt: input and event of job S, which the holder of input P has begun.
//
// A session has one or more inputs, a tree: `input`, and one for each job that a shell has begun. What is typed goes to
// one of them, the foreground, whose mode the terminal has; what nobody has read goes to the next foreground. No input
// can be opened by name. A handle of an input that may read is the permission to change that input's mode, to begin
// jobs below it, and to choose the foreground among it and those below it. A job's input ends with TTY_END_JOB, or when
// nobody but the server holds its event any more.
//
// lib/terminal.h finds the session that a program's standard handles belong to.
#ifndef PROTOCOL_TTY_H
#define PROTOCOL_TTY_H

#include "abi.h"

#define TTY_DIRECTORY "/svc/tty"
#define TTY_NAME_MAX 31u
#define TTY_LINE_MAX 1000u   // bytes of a message of `input`; a longer line comes in parts
#define TTY_OUTPUT_MAX 1000u // bytes of a message of `output`

#define TTY_INPUTS_MAX 14u // of a session

enum tty_operation {
    // An operation that needs handles gets EINVAL without them, EACCES where the first is no input of this session that
    // the caller may read.
    TTY_SET_MODE, // handle: input -> struct tty_mode: the flags before. EINVAL (a flag that is none of these).
    TTY_GET_MODE, // -> struct tty_mode: of the input whose handle comes along, or of the foreground
    // -> struct tty_size. Over a serial line the terminal itself is asked, which takes up to half a second; one that
    // does not answer counts as 80 by 24.
    TTY_SIZE,
    TTY_FLUSH, // handle: input: drops what was typed and not read yet. EPERM: it is not the foreground.
    // handle: input -> handles: the input of a new job, its event. The job's mode is TTY_MODE_LINES. It is not the
    // foreground: who starts it hooks the event first, so that no signal is lost. EMFILE (TTY_INPUTS_MAX).
    TTY_BEGIN_JOB,
    // handles: input, then a job's input: that is the foreground. EPERM: the foreground or the job is not below the
    // first one.
    TTY_FOREGROUND,
    // handles: input, then the input of a job below it: the job ends, with those below it; if the foreground was among
    // them, the caller's input is the foreground. EPERM: the job is not below the first one.
    TTY_END_JOB,
    TTY_OPERATIONS
};

// Flags of a mode. A session begins with TTY_MODE_LINES.
#define TTY_LINES 1u    // lines are edited here, and given whole
#define TTY_ECHO 2u     // what is typed is shown
#define TTY_SIGNALS 4u  // Ctrl-C, Ctrl-\ and Ctrl-Z signal `interrupt` and are no input
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
    TTY_QUIT,          // Ctrl-\: the same, for programs that heed Ctrl-C otherwise
    TTY_SUSPEND        // Ctrl-Z: the foreground job stops until it is told to go on
};

#endif
