// SPDX-License-Identifier: MIT
// The driver of QEMU's device for teaching. A caller gets its reply when the device interrupts.
#include "edu.h"
#include "pipe.h"
#include "process.h"
#include "protocol/edu.h"
#include "report.h"
#include "serve.h"

#define MESSAGE_LINE 0u
#define LINE_PIPE "/irq/msi0"
#define KEY_SERVICE 1u
#define KEY_LINE 2u

static long line;
static uint64_t waiting; // the caller's token, or 0

static long factorial_operation(struct request *request, void *reply, struct parcel *parcel) {
    struct edu_request wanted;
    (void)reply, (void)parcel;
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

static serve_function *const operations[] = {[EDU_FACTORIAL] = factorial_operation};

int main(void) {
    static const struct service services[] = {{KEY_SERVICE, operations, EDU_OPERATIONS}};
    uint32_t rules = RULE(RIGHTS_ALL, RIGHT_WRITE, RIGHT_WRITE, RIGHT_WRITE);
    long error = line = pipe_open(LINE_PIPE, RIGHT_READ | RIGHT_WRITE);
    if (error >= 0)
        error = pipe_hook(line, KEY_LINE, 0);
    if (error >= 0)
        error = edu_initialize(MESSAGE_LINE);
    if (error < 0) {
        report(error == -PIPE_ENODEV ? "there is no such device" : "its device is not to be had");
        return 1;
    }
    long pipe = pipe_create(EDU_PIPE, FLOW_CALL, rules, 0, 0);
    if (pipe < 0)
        return 1;
    pipe_hook(pipe, KEY_SERVICE, 0);
    process_ready();
    serve(services, 1, device_interrupted);
}
