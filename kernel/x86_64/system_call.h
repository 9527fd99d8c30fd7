// SPDX-License-Identifier: MIT
// The table of system calls, through which entry.asm calls: the arguments from the registers, followed by the running
// thread's waiter.
#ifndef KERNEL_SYSTEM_CALL_H
#define KERNEL_SYSTEM_CALL_H

#include "abi.h"

struct waiter;

typedef long system_call_function(uint64_t first, uint64_t second, uint64_t third, uint64_t fourth, uint64_t fifth,
                                  struct waiter *caller);

extern system_call_function *const system_call_table[SYSTEM_CALLS];

// The entry of each call: call, send and reply_wait have fast paths (fast_path.c), the others are in
// unrolled_entries.c.
#define SYSTEM_CALL(name, arguments, ...) system_call_function system_call_##name;
#include "syscalls.def"
#undef SYSTEM_CALL

#endif
