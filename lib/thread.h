// SPDX-License-Identifier: MIT
// More threads in a process. They share its handles, but each has its own hooks and message page, errno, and what else
// newlib keeps for who calls it. malloc and its like are for all threads of an app, and for the first one alone of a
// driver or server (heap_lock.c). A stream is for one thread at a time; of the standard ones each thread has buffers of
// its own, which are written out with the process's exit at the latest.
#ifndef LIB_THREAD_H
#define LIB_THREAD_H

#include <stddef.h>
#include <stdint.h>

// Starts a thread that runs function(argument) on a stack of so many bytes, from the heap; returns its number, or
// -EINVAL (priority above the process's), -EMFILE, -EDQUOT, -ENOMEM. Only the first thread may start others.
long thread_start(void (*function)(void *argument), void *argument, size_t stack_size, uint32_t priority);
// Ends the calling thread; the process goes on as long as it has one. Its stack stays.
_Noreturn void thread_exit(void);

#endif
