// SPDX-License-Identifier: MIT
// The table of system calls, made from pipens/syscalls.def. entry.asm calls through it, with the running thread's waiter before
// the arguments; the calls themselves are pipens's (pipens/calls.h), but for the two that have a short way.
#include "fast_path.h"

#include "calls.h"

#define pipens_call fast_call
#define pipens_reply_wait fast_reply_wait

typedef void system_call_function(void);
extern system_call_function *const system_call_table[SYSTEM_CALLS];

system_call_function *const system_call_table[SYSTEM_CALLS] = {
#define SYSTEM_CALL(name, arguments) [SYSTEM_CALL_##name] = (system_call_function *)pipens_##name,
#include "syscalls.def"
#undef SYSTEM_CALL
};
