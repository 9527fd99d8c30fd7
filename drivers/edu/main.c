// SPDX-License-Identifier: MIT
// The driver of QEMU's device for teaching. A caller gets its reply when the device interrupts.
#include "edu.h"
#include "error.h"
#include "pipe.h"
#include "process.h"
#include "protocol/edu.h"
#include "report.h"
#include "serve.h"

#include <stdio.h>

#define MESSAGE_LINE 0u
#define LINE_PIPE "/irq/msi0"
#define KEY_SERVICE 1u
#define KEY_LINE 2u

static long line;
static uint64_t waiting; // the caller's token, or 0

static long factorial_operation(struct request *request, void *reply, struct attached *attached) {
    struct edu_request wanted;
    (void)reply, (void)attached;
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    if (wanted.number > EDU_NUMBER_MAX)
        return -PIPE_ERANGE;
    if (waiting)
        return -PIPE_EBUSY;
    waiting = request->head.token;
    edu_compute(wanted.number);
    return SERVE_LATER;
}

static void device_interrupted(const struct request *message) {
    struct edu_reply reply;
    bool is_mine = edu_interrupted(&reply.factorial);
    (void)message;
    pipe_acknowledge(line, is_mine ? INTERRUPT_HANDLED : INTERRUPT_NOT_MINE);
    if (!is_mine || !waiting)
        return;
    pipe_reply(waiting, &reply, sizeof reply);
    waiting = 0;
}

// Writes the failure to the log, and to the person who typed `run edu`.
static int fail(const char *what, long error) {
    report("%s: %s (%s)", what, error_sentence(error), error_name(error));
    fprintf(stderr, "edu: %s: %s (%s)\n", what, error_sentence(error), error_name(error));
    return 1;
}

static serve_function *const operations[] = {[EDU_FACTORIAL] = factorial_operation};

int main(void) {
    static const struct service services[] = {
        {.key = KEY_SERVICE, .operations = operations, .operation_count = EDU_OPERATIONS}};
    uint32_t rules = RULES_SERVICE;
    char device[sizeof "PCI function 1234:5678"];
    snprintf(device, sizeof device, "PCI function %04x:%04x", EDU_VENDOR, EDU_DEVICE);
    line = pipe_open(LINE_PIPE, RIGHT_READ | RIGHT_WRITE);
    long error = line < 0 ? line : pipe_hook(line, KEY_LINE, 0);
    if (error < 0)
        return fail(LINE_PIPE, error);
    error = edu_initialize(MESSAGE_LINE);
    if (error < 0)
        return fail(device, error);
    long pipe = pipe_create(EDU_PIPE, FLOW_CALL, rules, 0, 0);
    long result = pipe_hook(pipe, KEY_SERVICE, 0);
    if (result < 0)
        return fail(EDU_PIPE, result);
    process_ready();
    serve(services, 1, device_interrupted);
}
