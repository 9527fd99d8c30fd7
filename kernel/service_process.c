// SPDX-License-Identifier: MIT
// /kernel/process: makes empty processes. Its caller may give any kind and any claims, so only the process server may
// open it.
#include "kernel.h"

#include "denial.h"
#include "host.h"
#include "log.h"

// The reply has a handle to the new process's control, by which the creator starts it.
static long create(const struct request *request) {
    struct process_create create = *(const struct process_create *)request->asked;
    uint8_t claims[CLAIMS_LENGTH_MAX];
    long error = 0;
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
    return process_reap(((const struct process_name *)request->asked)->pid);
}

static long fault(const struct request *request) {
    const struct process *process = process_find(((const struct process_name *)request->asked)->pid);
    if (!process)
        return -PIPE_ESRCH;
    if (!(process->status & EXIT_FAULT))
        return -PIPE_EINVAL;
    return request_reply(request, &process->fault, sizeof process->fault);
}

// What the process server has refused is refused as by the kernel.
static long denied(const struct request *request) {
    char line[REPORT_MAX + 1];
    uint32_t length = request->length - (uint32_t)sizeof(struct process_name);
    struct process *process = process_find(((const struct process_name *)request->asked)->pid);
    if (length > REPORT_MAX)
        return -PIPE_EMSGSIZE;
    if (!process)
        return -PIPE_ESRCH;
    log_text(line, request->payload + sizeof(struct process_name), length);
    pipens_denied(&process->principal, NULL, -PIPE_EPERM);
    denial_log(process, line);
    return 0;
}

static const struct operation operations[] = {[PROCESS_CREATE] = {create, sizeof(struct process_create)},
                                              [PROCESS_REAP] = {reap, sizeof(struct process_name)},
                                              [PROCESS_FAULT] = {fault, sizeof(struct process_name)},
                                              [PROCESS_DENIED] = {denied, sizeof(struct process_name)}};
struct service process_service = {operations, sizeof operations / sizeof *operations};
