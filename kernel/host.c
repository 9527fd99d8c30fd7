// SPDX-License-Identifier: MIT
// The rest of what pipens asks of its host (pipens/host.h): time, copies, and memory that is lent. Threads, regions,
// objects and interrupt lines answer in their own files.
#include "host.h"

#include "kernel.h"

uint64_t host_now(void) {
    return machine_now();
}

void host_copy(void *to, const void *from, size_t length) {
    machine_copy(to, from, length);
}

void host_clear(void *to, size_t length) {
    machine_clear(to, length);
}

static struct space *space_of(const struct waiter *waiter) {
    return &process_of(waiter->principal)->space;
}

// 0, -EFAULT, or what fault_in_call returns for a page that is absent.
static long range_check(struct waiter *waiter, uint64_t address, uint64_t length, bool writable) {
    uint64_t absent = 0;
    long error = space_check(space_of(waiter), address, length, writable, &absent);
    return error == SPACE_ABSENT ? fault_in_call(thread_of(waiter), absent, writable) : error;
}

long host_lend_check(struct waiter *waiter, uint64_t address, uint64_t length, bool writable) {
    return range_check(waiter, address, length, writable);
}

void host_lend_pin(struct waiter *waiter, uint64_t address, uint64_t length) {
    space_pin(space_of(waiter), address, length);
}

void host_lend_unpin(struct waiter *waiter, uint64_t address, uint64_t length) {
    space_unpin(space_of(waiter), address, length);
}

long host_lease_copy(struct waiter *server, uint64_t address, struct waiter *caller, uint64_t lent_address,
                     uint64_t length, bool to_caller) {
    long error = range_check(server, address, length, !to_caller);
    if (error)
        return error;
    if (to_caller)
        space_copy(space_of(caller), lent_address, space_of(server), address, length);
    else
        space_copy(space_of(server), address, space_of(caller), lent_address, length);
    return (long)length;
}
