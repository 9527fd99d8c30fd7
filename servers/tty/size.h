// SPDX-License-Identifier: MIT
// How large the terminal is. A driver that knows is asked by a call; else the terminal itself: its cursor goes to the
// farthest corner and back, and it says where that is among what is typed. One that says nothing has a size all the
// same.
#ifndef TTY_SIZE_H
#define TTY_SIZE_H

#include "protocol/tty.h"

#include <stdbool.h>

// `path` is the call pipe of a driver that knows (protocol/console.h), or NULL.
void size_begin(const char *path);
// Replies to the caller once the size is known.
void size_ask(uint64_t token);
// Whether an answer of the terminal may still come; it is no input.
bool size_is_awaited(void);
void size_answered(const struct tty_size *size);
// When size_advance is to be called at the latest.
uint64_t size_deadline(void);
void size_advance(void);

#endif
