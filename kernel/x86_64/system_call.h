// SPDX-License-Identifier: MIT
// The table of system calls, through which entry.asm calls: the arguments as they came in registers, and the running
// thread's waiter behind them.
#ifndef KERNEL_SYSTEM_CALL_H
#define KERNEL_SYSTEM_CALL_H

#include "abi.h"

struct waiter;

typedef long system_call_function(uint64_t first, uint64_t second, uint64_t third, uint64_t fourth, uint64_t fifth,
                                  struct waiter *caller);

extern system_call_function *const system_call_table[SYSTEM_CALLS];

// The calls themselves, in that shape: call, send and reply_wait with their fast paths (fast_path.c), the others
// straight (system_call.c).
#define SYSTEM_CALL(name, arguments, ...) system_call_function system_call_##name;
#include "syscalls.def"
#undef SYSTEM_CALL

#endif
