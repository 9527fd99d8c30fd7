// SPDX-License-Identifier: MIT
// /kernel/process: empty processes. Who may write there may give any kind and any claims: it is the process server's
// alone.
#include "kernel.h"

#include "host.h"

// The reply carries a handle on the new process's control; the creator starts it by that.
static long create(const struct request *request) {
    struct process_create create;
    uint8_t claims[CLAIMS_LENGTH_MAX];
    long error = 0;
    if (!request_copy(request, &create, sizeof create))
        return -PIPE_EMSGSIZE;
    if (create.claims_length > CLAIMS_LENGTH_MAX)
        return -PIPE_E2BIG;
    if (request->length != sizeof create + create.claims_length)
        return -PIPE_EMSGSIZE;
    host_copy(claims, request->payload + sizeof create, create.claims_length);
    create.name[PROGRAM_NAME_MAX] = 0;
    error = handle_reserve(request->waiter->principal, 1);
    if (error)
        return error;
    struct process *process = process_create(&create, claims, &error);
    if (!process)
        return error;
    struct process_created created = {process->principal.pid, process->principal.generation};
    long length = request_reply(request, &created, sizeof created);
    struct attachment control = process_control_handle(process);
    request_give(request, &control);
    return length;
}

static long reap(const struct request *request) {
    struct process_name name;
    return request_copy(request, &name, sizeof name) ? process_reap(name.pid) : -PIPE_EMSGSIZE;
}

static long abandon(const struct request *request) {
    struct process_name name;
    return request_copy(request, &name, sizeof name) ? process_abandon(name.pid) : -PIPE_EMSGSIZE;
}

static service_function *const operations[] = {
    [PROCESS_CREATE] = create, [PROCESS_REAP] = reap, [PROCESS_ABANDON] = abandon};
struct service process_service = {operations, sizeof operations / sizeof *operations};
