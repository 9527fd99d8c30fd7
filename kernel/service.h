// SPDX-License-Identifier: MIT
// Services answer the kernel's own call pipes. A request is in the caller's message page; the struct that it begins
// with is copied before it is checked.
#ifndef KERNEL_SERVICE_H
#define KERNEL_SERVICE_H

#include "calls.h"

struct process;
struct region;
struct service;
struct thread;

// A request to a service.
struct request {
    struct service *service; // that answers
    struct waiter *waiter;
    const void *asked;      // the copied struct
    uint32_t length, flags; // of the payload; the flags of calls.h
    const uint8_t *payload; // in the caller's page
};

#define REQUEST_WORDS 9u // the longest struct

struct operation {
    long (*answer)(const struct request *request);
    size_t size; // of the struct; a shorter request is refused
};

struct service {
    const struct operation *operations; // by the number that begins the request
    uint32_t operation_count;
};

// Writes the reply; returns its length.
long request_reply(const struct request *request, const void *reply, size_t size);
// The entry of the request's attached handle at `index`, if it is of the type; else NULL with *error set.
struct handle_entry *request_handle(const struct request *request, uint32_t index, unsigned type, long *error);
// Attaches a handle to the reply. The room for it was reserved.
void request_give(const struct request *request, const struct attachment *attachment);

// The kernel's services, each in a file of its own. Each process has a copy of the one of /proc/<pid>/control.
extern struct service process_service, control_service, memory_service, io_service, clock_service, info_service,
    power_service, report_service;

// Ends one of the timers that a process has armed; false if it has none.
bool clock_end_step(struct process *process);

#endif
