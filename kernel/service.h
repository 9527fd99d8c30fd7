// SPDX-License-Identifier: MIT
// Services: what answers the kernel's own call pipes. A request is in the caller's message page; it is copied before it
// is looked at.
#ifndef KERNEL_SERVICE_H
#define KERNEL_SERVICE_H

#include "calls.h"

struct service;
struct region;
struct thread;

// What a service is asked with.
struct request {
    struct service *service; // that is asked
    struct waiter *waiter;
    uint32_t length, flags; // of the payload; CARRY_*
    const uint8_t *payload; // in the caller's page
};

typedef long service_function(const struct request *request);

struct service {
    service_function *const *operations; // by the number that begins the request
    uint32_t operation_count;
};

// Copies the request's struct. False if it is too short.
static inline bool request_copy(const struct request *request, void *to, size_t size) {
    if (request->length < size)
        return false;
    __builtin_memcpy(to, request->payload, size); // in line: the size is known, and small
    return true;
}
// Writes the reply; returns its length.
long request_reply(const struct request *request, const void *reply, size_t size);
// The handle at `index` that the request carries: its entry if it is of the type, else NULL with *error set.
struct handle_entry *request_handle(const struct request *request, uint32_t index, unsigned type, long *error);
// Gives the caller a handle in the reply. Room was reserved.
void request_give(const struct request *request, const struct attachment *attachment);

// The kernel's services, each in a file of its own.
extern struct service process_service, memory_service, io_service, clock_service, info_service, power_service,
    report_service;
extern service_function *const control_operations[];
#define CONTROL_OPERATIONS 11u

#endif
