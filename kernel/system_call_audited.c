// SPDX-License-Identifier: MIT
// The table of system calls of a build for tests (`make AUDIT=1`), in place of system_call.c: behind each call every invariant of
// the namespace is checked, and a broken one ends the machine with its sentence.
#include "fast_path.h"

#include "kernel.h"
#include "panic.h"

#define pipens_call fast_call
#define pipens_reply_wait fast_reply_wait

// The general shape of the calls: those with fewer arguments leave the rest alone.
typedef long whole_call(struct waiter *caller, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth,
                        uint64_t fifth);

static long audited(whole_call *call, struct waiter *caller, uint64_t first, uint64_t second, uint64_t third,
                    uint64_t fourth, uint64_t fifth) {
    long result = call(caller, first, second, third, fourth, fifth);
    const char *broken = pipens_audit(&kernel.names);
    if (broken)
        panic(broken);
    return result;
}

#define SYSTEM_CALL(name, arguments)                                                                                   \
    static long audited_##name(struct waiter *caller, uint64_t first, uint64_t second, uint64_t third,                 \
                               uint64_t fourth, uint64_t fifth) {                                                      \
        return audited((whole_call *)(void (*)(void))pipens_##name, caller, first, second, third, fourth, fifth);      \
    }
#include "syscalls.def"
#undef SYSTEM_CALL

extern whole_call *const system_call_table[SYSTEM_CALLS];

whole_call *const system_call_table[SYSTEM_CALLS] = {
#define SYSTEM_CALL(name, arguments) [SYSTEM_CALL_##name] = audited_##name,
#include "syscalls.def"
#undef SYSTEM_CALL
};
