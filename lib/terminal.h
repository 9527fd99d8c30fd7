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
// Asks a session by the handle of its control pipe. `input` is a handle of one of its inputs, whose mode it is. The
// flags before, or a negated error.
long terminal_set_mode(long control, long input, uint32_t flags);
long terminal_mode(long control, long input);
// 0 or a negated error.
long terminal_size(long control, struct tty_size *size);
long terminal_flush(long control, long input);

// A job: who has its input reads what is typed while the job is the foreground.
struct terminal_job {
    long input, interrupt; // handles
};

// Begins a job below the input. 0 or a negated error.
long terminal_job_begin(long control, long input, struct terminal_job *job);
// Makes the job, or with the input itself that, the foreground.
long terminal_foreground(long control, long input, long job_input);
// Ends the job and closes its handles.
void terminal_job_end(long control, long input, struct terminal_job *job);

#endif
