// SPDX-License-Identifier: MIT
// The table of system calls, made from pipens/syscalls.def.
#include "system_call.h"

system_call_function *const system_call_table[SYSTEM_CALLS] = {
#define SYSTEM_CALL(name, arguments, ...) [SYSTEM_CALL_##name] = system_call_##name,
#include "syscalls.def"
#undef SYSTEM_CALL
};
