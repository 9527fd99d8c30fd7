// SPDX-License-Identifier: MIT
// What is typed, on its way from the device to the queue that programs read. Nothing here waits: what finds no room is
// kept, and when there is much of it the device is not listened to any more, so that it keeps the rest.
#ifndef TTY_TYPED_H
#define TTY_TYPED_H

#include <stddef.h>
#include <stdint.h>

#define INPUT_CAPACITY 64u // messages of the readers' queue
#define KEY_TYPED 1u       // of the hook of the device
#define KEY_CONTROL 2u     // of the hook of the requests

struct typed_pipes {
    long device;    // what is typed
    long input;     // the readers' queue
    long interrupt; // their event
    long control;   // of the session: its requests wait while the readers' queue is looked through
};

// Hooks the device and the requests. 0 or a negated error.
long typed_begin(const struct typed_pipes *pipes, uint32_t flags);
// A message of the device. typed_advance is to be called after it.
void typed_take(const void *bytes, size_t length);
// Moves on what can be moved. To be called after each message, and at typed_deadline at the latest.
void typed_advance(void);
uint64_t typed_deadline(void);

uint32_t typed_flags(void);
// What was typed and not read is typed once more when the line mode begins, as then it is to be edited, and when it
// ends, as then each key counts.
void typed_set_flags(uint32_t flags);
// Makes another queue the readers', and another event theirs, in their mode; what was typed and not read goes there.
void typed_switch(long input, long interrupt, uint32_t flags);
// Bytes for which there was no room.
uint32_t typed_lost(void);
// Drops what was typed and not read.
void typed_drop(void);

#endif
