// SPDX-License-Identifier: MIT
// The shell's input: the queue HANDLE_INPUT, whose messages are bytes as they came. The shell has one thread: while
// a command waits for pipes of its own, the input stays hooked, so that a key can end it; all other bytes are kept
// for the next line.
#ifndef SHELL_INPUT_H
#define SHELL_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#define CONTROL_KEY(letter) ((letter) - '@')

// Keys of hooks from here on up are the shell's own; commands use those below.
#define KEY_INPUT (1ull << 63)
#define KEY_EXIT (KEY_INPUT + 1)

// Hooks the input, if it is not. 0 or a negated error.
long input_take(void);
// Leaves the input to another process until input_take, and taps it, if that is allowed, to see Ctrl-C. False if there
// was no input to leave.
bool input_lend(void);
// Whether the message of this length, just received, is that tap's and brought Ctrl-C.
bool input_stop_is_tapped(long length);

// The next byte, or -1 once the input has ended. Waits, and sends what waits for output before.
int input_byte(void);
// Puts the byte that input_byte gave last back.
void input_unread(void);

// Where a command that waits begins: keys typed from the end of its own line on may end it. "q" does if it begins a
// line.
void input_watch(bool stops_at_q);
#define INPUT_STOPPED (-2000L) // the user ended the command
// Waits for a message of another hook: its length, the message page being as pipe_wait left it; a negated error; or
// INPUT_STOPPED. Sends what waits for output before.
long input_wait(uint64_t deadline);

#endif
