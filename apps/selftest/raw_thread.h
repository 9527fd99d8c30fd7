// SPDX-License-Identifier: MIT
// Threads without the library: a stack of a few bytes, and the message page as the kernel hands it over.
#ifndef SELFTEST_RAW_THREAD_H
#define SELFTEST_RAW_THREAD_H

#include "test.h"

#define RAW_STACK 512u // bytes

// What it begins with. It may not return, nor use the library.
typedef void raw_function(struct message *page, void *argument);

// Starts a thread of this process; its number, or a negated error.
long raw_thread_start(raw_function *function, void *argument, uint8_t stack[RAW_STACK], uint32_t priority);
// Ends the calling thread.
void raw_thread_exit(struct message *page);
// Adds 1 to the uint32_t that is its argument, and ends.
raw_function raw_count;
// Waits until the first thread is the process's only one.
void until_alone(void);

#endif
