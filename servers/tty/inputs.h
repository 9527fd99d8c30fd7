// SPDX-License-Identifier: MIT
// The inputs of a session (protocol/tty.h): a tree, of which one is the foreground. Number 0 is the session's own.
#ifndef TTY_INPUTS_H
#define TTY_INPUTS_H

#include "protocol/tty.h"

#include <stdbool.h>

#define KEY_JOB 16u // and up: of the hook of a job's event

struct input {
    long queue, interrupt; // 0: the number is free
    uint32_t parent, flags;
    bool is_closed; // nobody holds its event any more
};

// Begins with the session's own input, and with those jobs that a predecessor left. `state` is what it kept with
// inputs_state, or 0.
void inputs_begin(const char *session, long queue, long interrupt, uint64_t state);
// What a successor needs: the foreground and the modes.
uint64_t inputs_state(void);
struct input *input_at(uint32_t number);
uint32_t inputs_foreground(void);
// The number of the input that the handle may read, or -EACCES.
long input_of(long handle);
// Whether `number` is `root` or a job below it.
bool input_is_below(uint32_t number, uint32_t root);
// Makes a job below `parent`: its number, or a negated error.
long input_make(uint32_t parent);
// A handle of the input's queue (or of its event) that may read only, to be passed on; or a negated error.
long input_handle(uint32_t number, bool is_event);
// Ends a job and those below it. The foreground must not be one of them.
void input_end(uint32_t number);
void inputs_select(uint32_t number);
// Heeds a message whose key is KEY_JOB or up.
void inputs_hear(void);
// A job that is to end since nobody holds its event any more, or 0.
uint32_t input_closed(void);

#endif
