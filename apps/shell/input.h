// SPDX-License-Identifier: MIT
// The shell's terminal. The shell reads its own input, HANDLE_INPUT, only while it edits a line, and a byte at a time,
// so that what was typed ahead stays in the terminal for its next reader. Each line that it runs is a job of the
// session (protocol/tty.h): its commands and programs read the job's input, and the job's event tells of Ctrl-C and
// Ctrl-Z. A shell that has no terminal has none of that.
#ifndef SHELL_INPUT_H
#define SHELL_INPUT_H

#include "streams.h"
#include "terminal.h"

#include <stdbool.h>
#include <stdint.h>

#define CONTROL_KEY(letter) ((letter) - '@')

// Keys of hooks from here on up are the shell's own; commands use those below.
#define KEY_INPUT (1ull << 63)
#define KEY_EXIT (KEY_INPUT + 1)
#define KEY_INTERRUPT (KEY_INPUT + 2)

// Whether people type it.
bool input_is_terminal(void);
// Has the terminal give keys as they are typed, and show nothing of them: for the shell's own editor.
void input_edit(void);

#define INPUT_ENDED (-1)
#define INPUT_STOPPED STREAMS_STOPPED // the user ended the command
// The next byte of the shell's own input, or INPUT_ENDED. Waits, and sends what waits for output before.
int input_byte(void);
// Puts the byte that input_byte gave last back.
void input_unread(void);

// Around the commands of a line: they get the terminal. True: a signal of the terminal ended one of them.
void input_job_begin(void);
bool input_job_end(void);
// The line's job is suspended, and keeps this terminal; the rest of the line has none.
struct terminal_job input_job_leave(void);
// Makes a suspended job the foreground, and the line again.
void input_job_resume(const struct terminal_job *job);
void input_job_suspend(const struct terminal_job *job);
// Ends the terminal of a job that had been suspended.
void input_job_forget(struct terminal_job *job);
// What the message just received signals, or 0.
enum tty_signal input_signal(void);

// The terminal of a command that takes keys, though its input may be a queue; or 0.
long input_terminal(void);
// Between these two keys come as they are typed, in the mode, and input_wait heeds "q" as it does Ctrl-C. False: there
// is no terminal.
bool input_keys_begin(uint32_t mode);
void input_keys_end(void);
// The next key, or INPUT_ENDED. Sends what waits for output before.
int input_key(void);
#define INPUT_MODE_WATCH (TTY_SIGNALS | TTY_NEWLINES)

// Waits for a message of a hook: its length, the message page being as pipe_wait left it; a negated error; or
// INPUT_STOPPED. Sends what waits for output before.
long input_wait(uint64_t deadline);
// The same, for at most `limit` bytes of a queue's message.
long input_wait_limited(uint64_t deadline, uint32_t limit);

#endif
