// SPDX-License-Identifier: MIT
// The shell's input: the queue HANDLE_INPUT, whose messages are bytes as they came. The shell has one thread: while
// a command waits for pipes of its own, a terminal stays hooked, so that a key can end it; all other bytes are kept
// for the next line. Any other queue is hooked only while bytes of it are wanted, for its messages may be another's.
#ifndef SHELL_INPUT_H
#define SHELL_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTROL_KEY(letter) ((letter) - '@')

// Keys of hooks from here on up are the shell's own; commands use those below.
#define KEY_INPUT (1ull << 63)
#define KEY_EXIT (KEY_INPUT + 1)
#define KEY_INTERRUPT (KEY_INPUT + 2)

// Whether people type it.
bool input_is_terminal(void);
// Hooks the input, if it is not and something is wanted of it. 0 or a negated error.
long input_take(void);
// Has a terminal give keys as they are typed, and show nothing of them: for the shell's own editor.
void input_edit(void);
// Between these two a terminal gives lines, and input_byte tells of Ctrl-D and Ctrl-C.
void input_lines_begin(void);
void input_lines_end(void);
// Leaves the input to another process until input_take. False if there was no terminal to leave.
bool input_lend(void);
// Has a terminal edit lines, until input_edit.
void input_give_lines(void);
// Whether the message just received says that Ctrl-C was typed while the input was left to another.
bool input_stop_is_signalled(void);

#define INPUT_ENDED (-1)
#define INPUT_STOPPED (-2000) // the user ended the command
// The next byte, INPUT_ENDED or INPUT_STOPPED. Waits, and sends what waits for output before.
int input_byte(void);
// Puts the byte that input_byte gave last back.
void input_unread(void);

// What a queue that is no terminal has given and nobody has used yet, for a program that is to read on (job.c): the
// first line, or as much of it as there is, at most PAYLOAD_MAX bytes. 0: none.
size_t input_line(const uint8_t **bytes);
// So many of those bytes are used.
void input_used(size_t length);
// Bytes that stand before all others again.
void input_give_back(const void *bytes, size_t length);
bool input_has_ended(void);
// Waits for the input and all other hooks: keeps what the input brings. As pipe_wait.
long input_more(uint64_t deadline);

// Where a command that waits begins: keys typed from the end of its own line on may end it. "q" does if that is asked
// for.
void input_watch(bool stops_at_q);
// Waits for a message of another hook: its length, the message page being as pipe_wait left it; a negated error; or
// INPUT_STOPPED. Sends what waits for output before.
long input_wait(uint64_t deadline);

#endif
