// SPDX-License-Identifier: MIT
// The table of system calls of a build for tests (`make AUDIT=1`), in place of system_call.c: behind each call every
// invariant of the namespace is checked, and a broken one ends the machine with its sentence.
#include "kernel.h"
#include "panic.h"
#include "system_call.h"

static long audited(system_call_function *call, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth,
                    uint64_t fifth, struct waiter *caller) {
    long result = call(first, second, third, fourth, fifth, caller);
    const char *broken = pipens_audit(&kernel.names);
    if (broken)
        panic(broken);
    return result;
}

#define SYSTEM_CALL(name, arguments)                                                                                   \
    static long audited_##name(uint64_t first, uint64_t second, uint64_t third, uint64_t fourth, uint64_t fifth,       \
                               struct waiter *caller) {                                                                \
        return audited(system_call_##name, first, second, third, fourth, fifth, caller);                               \
    }
#include "syscalls.def"
#undef SYSTEM_CALL

system_call_function *const system_call_table[SYSTEM_CALLS] = {
#define SYSTEM_CALL(name, arguments) [SYSTEM_CALL_##name] = audited_##name,
#include "syscalls.def"
#undef SYSTEM_CALL
};
