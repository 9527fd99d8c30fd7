// SPDX-License-Identifier: MIT
// The role of a driver whose device pulls a wire: QEMU's edu, which does so until its driver asks for messages.
#include "wire_role.h"

#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "protocol/pci.h"
#include "roles.h"

#include <stdio.h>
#include <string.h>

#define VENDOR 0x1234u
#define DEVICE 0x11e8u
#define KEY 0x3193

// Registers, by their offset in units of 4 bytes.
#define INTERRUPT_RAISE (0x60u / 4)
#define INTERRUPT_END (0x64u / 4)
#define CAUSE 1u

static volatile uint32_t *const registers = (volatile uint32_t *)MAPPING_BASE;
static long line, info;
static uint32_t line_number;

bool wire_find(struct pci_function *function) {
    long pci = pipe_open(PCI_PIPE, RIGHT_WRITE);
    struct pci_request request = {.operation = PCI_NEXT};
    long result;
    while ((result = pipe_call(pci, &request, sizeof request, function, sizeof *function, DEADLINE_NONE)) >= 0) {
        if (function->vendor == VENDOR && function->device == DEVICE)
            break;
        request.address = function->address + 1;
    }
    pipe_close(pci);
    return result >= 0;
}

static bool device_take(void) {
    struct pci_function function;
    if (!wire_find(&function))
        return false;
    struct pci_request request = {.operation = PCI_TAKE, .address = function.address};
    long pci = pipe_open(PCI_PIPE, RIGHT_WRITE);
    if (pipe_call(pci, &request, sizeof request, NULL, 0, DEADLINE_NONE) < 0)
        return false;
    line_number = function.line;
    return process_map(pipe_received()->handle[0], 0, MAPPING_BASE, 1, PROTECT_READ | PROTECT_WRITE) >= 0;
}

static bool line_take(void) {
    char path[COMPONENT_MAX];
    snprintf(path, sizeof path, "/irq/%u", (unsigned)line_number);
    line = pipe_open(path, RIGHT_READ | RIGHT_WRITE);
    info = pipe_open("/kernel/info", RIGHT_WRITE);
    return info >= 0 && pipe_hook(line, KEY, 0) == 0;
}

static bool line_is(uint32_t flags, uint32_t owing) {
    struct info_request request = {.operation = INFO_LINE, .number = line_number};
    struct info_line now;
    return pipe_call(info, &request, sizeof request, &now, sizeof now, DEADLINE_NONE) == sizeof now &&
           now.flags == (LINE_LEVEL | flags) && now.owing == owing;
}

// That one interrupt has come, once, and holds the line back.
static bool told_once(void) {
    struct event_message event;
    if (pipe_wait(DEADLINE_NONE) != sizeof event)
        return false;
    memcpy(&event, pipe_payload(), sizeof event);
    return event.count == 1 && line_is(LINE_MASKED, 1) && pipe_wait(DEADLINE_NOW) == -PIPE_EAGAIN;
}

static bool answer_opens(void) {
    registers[INTERRUPT_END] = CAUSE;
    return pipe_acknowledge(line, INTERRUPT_HANDLED) == 0 && line_is(0, 0) && pipe_wait(DEADLINE_NOW) == -PIPE_EAGAIN;
}

// As often as the device pulls the wire, and as often as the line is opened while it does.
static enum wire_end pulls_count(void) {
    for (unsigned count = 0; count < 3; count++) {
        registers[INTERRUPT_RAISE] = CAUSE;
        if (!told_once() || !answer_opens())
            return WIRE_MISCOUNTED;
    }
    registers[INTERRUPT_RAISE] = CAUSE;
    if (!told_once() || pipe_acknowledge(line, INTERRUPT_HANDLED) != 0)
        return WIRE_MISCOUNTED;
    if (!told_once() || pipe_acknowledge(line, INTERRUPT_NOT_MINE) != 0)
        return WIRE_NOT_HELD;
    return told_once() && answer_opens() ? WIRE_WELL : WIRE_NOT_TRIED_AGAIN;
}

int role_wire(int argument_count, char *arguments[]) {
    (void)argument_count, (void)arguments;
    return (int)(device_take() && line_take() ? pulls_count() : WIRE_NOT_TAKEN);
}
