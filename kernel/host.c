// SPDX-License-Identifier: MIT
// The part of pipens/host.h that concerns time, copies and leased memory. The parts for threads, regions, objects and
// interrupt lines are in the files of those.
#pragma GCC optimize("omit-frame-pointer") // on the path of each lease; no function that panics is called from here

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

struct principal *host_principal_after(const struct principal *principal) {
    struct process *process = process_next(principal ? principal->pid + 1 : 0);
    return process ? &process->principal : NULL;
}

static struct space *space_of(const struct waiter *waiter) {
    return &process_of(waiter->principal)->space;
}

long host_lease_check(struct waiter *waiter, uint64_t address, uint64_t length, bool writable) {
    uint64_t absent = 0;
    long error = space_check(space_of(waiter), address, length, writable, &absent);
    return error == SPACE_ABSENT ? fault_in_call(thread_of(waiter), absent, writable) : error;
}

// The waiter lists its pinned ranges: space_is_leased finds them there.
void host_lease_pin(struct waiter *waiter, uint64_t address, uint64_t length) {
    (void)address, (void)length;
    space_of(waiter)->leases++;
}

void host_lease_unpin(struct waiter *waiter, uint64_t address, uint64_t length) {
    (void)address, (void)length;
    space_of(waiter)->leases--;
}

static bool is_leased_by(const struct waiter *waiter, uint64_t start, uint64_t end) {
    for (uint32_t index = 0; index < waiter->lease_count; index++) {
        const struct lease *lease = &waiter->leases[index];
        if (lease->length && lease->address < end && lease->address + lease->length > start)
            return true;
    }
    return false;
}

bool space_is_leased(struct space *space, uint64_t address, uint64_t pages) {
    const struct list *threads = &list_object(space, struct process, space)->threads;
    for (const struct list *link = threads->next; link != threads; link = link->next)
        if (is_leased_by(&list_object(link, struct thread, of_process)->waiter, address, address + pages * PAGE_SIZE))
            return true;
    return false;
}

long host_lease_copy(struct waiter *server, uint64_t address, struct waiter *caller, uint64_t leased_address,
                     uint64_t length, bool to_caller) {
    long error = host_lease_check(server, address, length, !to_caller);
    if (error)
        return error;
    if (to_caller)
        space_copy(space_of(caller), leased_address, space_of(server), address, length);
    else
        space_copy(space_of(server), address, space_of(caller), leased_address, length);
    return (long)length;
}
