// SPDX-License-Identifier: MIT
// The table of system calls of a build for tests (`make AUDIT=1`), in place of system_call.c: behind each call every
// invariant of the namespace is checked, and a broken one ends the machine with its sentence. While there is so much
// that an audit takes longer than CALL_SHARE, it comes behind as many fewer calls: what tens of thousands of handles
// cost each call is no more than that.
#include "kernel.h"
#include "panic.h"
#include "system_call.h"

#define CALL_SHARE 500000u // cycles: a quarter of a millisecond

static long audited(system_call_function *call, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth,
                    uint64_t fifth, struct waiter *caller) {
    static uint64_t owed; // what the last audit took, less the shares of the calls since
    long result = call(first, second, third, fourth, fifth, caller);
    if (owed > CALL_SHARE) {
        owed -= CALL_SHARE;
        return result;
    }
    uint64_t start = machine_cycles();
    const char *broken = pipens_audit(&kernel.names);
    if (broken)
        panic(broken);
    owed = machine_cycles() - start;
    return result;
}

#define SYSTEM_CALL(name, arguments, ...)                                                                                 \
    static long audited_##name(uint64_t first, uint64_t second, uint64_t third, uint64_t fourth, uint64_t fifth,       \
                               struct waiter *caller) {                                                                \
        return audited(system_call_##name, first, second, third, fourth, fifth, caller);                               \
    }
#include "syscalls.def"
#undef SYSTEM_CALL

system_call_function *const system_call_table[SYSTEM_CALLS] = {
#define SYSTEM_CALL(name, arguments, ...) [SYSTEM_CALL_##name] = audited_##name,
#include "syscalls.def"
#undef SYSTEM_CALL
};
