// SPDX-License-Identifier: MIT
// The table of system calls of a build for tests (`make AUDIT=1`), instead of system_call.c: each call is followed by a
// check of every invariant of the namespace, and a broken one panics with its sentence. An audit that takes longer than
// CALL_SHARE follows fewer calls, so that its cost for each call stays below CALL_SHARE even with tens of thousands of
// handles.
#include "kernel.h"
#include "panic.h"
#include "system_call.h"

#define CALL_SHARE 500000u // cycles: a quarter of a millisecond

static long audited(system_call_function *call, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth,
                    uint64_t fifth, struct waiter *caller) {
    static uint64_t owed; // cycles of the last audit, less the shares of the calls since
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

#define SYSTEM_CALL(name, arguments, ...)                                                                              \
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
