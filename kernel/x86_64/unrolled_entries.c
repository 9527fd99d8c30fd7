// SPDX-License-Identifier: MIT
// The entries of the system calls without a fast path, which entry.asm calls. A call that may have to be run again,
// because it works in bounded steps or meets an absent page, keeps its arguments first.
#include "kernel.h"
#include "system_call.h"

#define UNUSED __attribute__((unused))
#define UNROLLED(name)                                                                                                 \
    long system_call_##name(uint64_t first, uint64_t second UNUSED, uint64_t third UNUSED, uint64_t fourth UNUSED,     \
                            uint64_t fifth UNUSED, struct waiter *caller)

UNROLLED(create) {
    context_keep_call(&thread_of(caller)->context, SYSTEM_CALL_create, first, second, third, fourth, fifth);
    return pipens_create(caller, first, second, third, fourth, fifth);
}

UNROLLED(open) {
    return pipens_open(caller, first, second);
}

UNROLLED(close) {
    return pipens_close(caller, first);
}

UNROLLED(remove) {
    context_keep_call(&thread_of(caller)->context, SYSTEM_CALL_remove, first, 0, 0, 0, 0);
    return pipens_remove(caller, first);
}

UNROLLED(set_rules) {
    return pipens_set_rules(caller, first, second);
}

UNROLLED(list) {
    return pipens_list(caller, first, second);
}

UNROLLED(stat) {
    return pipens_stat(caller, first, second);
}

UNROLLED(hook) {
    return pipens_hook(caller, first, second, third);
}

UNROLLED(unhook) {
    return pipens_unhook(caller, first);
}

UNROLLED(copy_lease) {
    context_keep_call(&thread_of(caller)->context, SYSTEM_CALL_copy_lease, first, second, third, fourth, fifth);
    return pipens_copy_lease(caller, first, second, third, fourth, fifth);
}
