// SPDX-License-Identifier: MIT
// The driver of QEMU's device for teaching (QEMU's docs/specs/edu.rst): it has its registers from the PCI driver, and
// its interrupts come as messages on /irq/msi0. A caller gets its reply when the device interrupts.
#include "pipe.h"
#include "process.h"
#include "protocol/edu.h"
#include "protocol/memory.h"
#include "protocol/pci.h"
#include "region.h"
#include "report.h"
#include "serve.h"

#include <string.h>

#define VENDOR 0x1234u
#define DEVICE 0x11e8u
#define MESSAGE_LINE 0u
#define LINE_PIPE "/irq/msi0"
#define KEY_SERVICE 1u
#define KEY_LINE 2u

// Registers, by their place in units of 4 bytes.
#define FACTORIAL (0x08u / 4)
#define STATUS (0x20u / 4)
#define STATUS_INTERRUPT 0x80u // once a factorial is there
#define INTERRUPT_CAUSES (0x24u / 4)
#define INTERRUPT_END (0x64u / 4)
#define REGISTER_PAGES 256u

static volatile uint32_t *registers;
static long line;
static uint64_t waiting; // the caller's token, or 0

// ---- Getting the device ----

static long pci_ask(long pci, const struct pci_request *request, struct pci_function *function) {
    return pipe_call(pci, request, sizeof *request, function, function ? sizeof *function : 0, DEADLINE_NONE);
}

// Its place, or -ENODEV.
static long device_find(long pci) {
    struct pci_function function;
    struct pci_request request = {.operation = PCI_NEXT};
    long result;
    while ((result = pci_ask(pci, &request, &function)) >= 0) {
        if (function.vendor == VENDOR && function.device == DEVICE)
            return (long)function.place;
        request.place = function.place + 1;
    }
    return result;
}

static long device_take(void) {
    long pci = pipe_open(PCI_PIPE, RIGHT_WRITE);
    if (pci < 0)
        return pci;
    long place = device_find(pci);
    if (place < 0)
        return place;
    struct pci_request request = {.operation = PCI_TAKE, .place = (uint32_t)place};
    long result = pci_ask(pci, &request, NULL);
    if (result < 0)
        return result;
    result = process_map(pipe_received()->handle[0], 0, MAPPING_BASE, REGISTER_PAGES, PROTECT_READ | PROTECT_WRITE);
    if (result < 0)
        return result;
    registers = (volatile uint32_t *)MAPPING_BASE;
    request = (struct pci_request){.operation = PCI_MESSAGES, .place = (uint32_t)place, .value = MESSAGE_LINE};
    return pci_ask(pci, &request, NULL);
}

// ---- Serving ----

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
    registers[STATUS] = STATUS_INTERRUPT;
    registers[FACTORIAL] = wanted.number;
    return SERVE_LATER;
}

static void device_interrupted(const struct request *message) {
    uint32_t causes = registers[INTERRUPT_CAUSES];
    (void)message;
    registers[INTERRUPT_END] = causes;
    pipe_acknowledge(line, causes ? INTERRUPT_HANDLED : INTERRUPT_NOT_MINE);
    if (!causes || !waiting)
        return;
    struct edu_reply reply = {registers[FACTORIAL]};
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
        error = device_take();
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
