// SPDX-License-Identifier: MIT
// The way to the device, which may be slow: a thread of its own moves the session's output and the echo to it, so that
// who types never waits for it.
#ifndef TTY_SCREEN_H
#define TTY_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Starts the thread: it takes messages of `output`, and moves them to the device's queue. `wake` is an event pipe of
// this server's own. 0 or a negated error.
long screen_begin(long device, long output, long wake);
// Bytes for the device, as they are. What finds no room, because the device has stood still for long, is dropped.
void screen_echo(const uint8_t *bytes, size_t length);
// Sends on what was echoed.
void screen_flush(void);
// Whether '\n' becomes "\r\n".
void screen_set_newlines(bool is_expanded);
// Stops the output, or lets it go on.
void screen_stop(bool stops);
bool screen_is_stopped(void);

#endif
