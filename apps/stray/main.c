// SPDX-License-Identifier: MIT
// A driver that means no good to whoever waits for the processor, or for an interrupt line. The line is the one on which
// QEMU's device for teaching (QEMU's docs/specs/edu.rst) raises its interrupts.
//
// usage: stray spin | calls | silent | storm | serve COUNT
//
//   spin    computes for ever
//   calls   has a server compute for ever
//   silent  hooks the line and never answers
//   storm   answers that it has handled the line, and leaves the device as it is
//   serve   means well: it handles COUNT interrupts as it should, each within a few seconds
#include "clock.h"
#include "error.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "protocol/pci.h"
#include "protocol/random.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EDU_VENDOR 0x1234u
#define EDU_DEVICE 0x11e8u
// Registers, by their index in units of 4 bytes.
#define FACTORIAL (0x08u / 4)
#define STATUS (0x20u / 4)
#define STATUS_INTERRUPT 0x80u // once a factorial is there
#define INTERRUPT_CAUSES (0x24u / 4)
#define INTERRUPT_END (0x64u / 4)
#define REGISTER_PAGES 256u
#define PATIENCE (5 * SECOND)

static volatile uint32_t *registers;
static long line;

static int fail(const char *what, long error) {
    fprintf(stderr, "stray: %s: %s (%s)\n", what, error_sentence(error), error_name(error));
    return EXIT_FAILURE;
}

// ---- The device ----

static long function_find(long pci, struct pci_function *function) {
    struct pci_request request = {.operation = PCI_NEXT};
    long result;
    while ((result = pipe_call(pci, &request, sizeof request, function, sizeof *function, DEADLINE_NONE)) >= 0) {
        if (function->vendor == EDU_VENDOR && function->device == EDU_DEVICE)
            return 0;
        request.address = function->address + 1;
    }
    return result;
}

static long line_hook(uint32_t number) {
    char path[sizeof "/irq/4294967295"];
    snprintf(path, sizeof path, "/irq/%u", (unsigned)number);
    line = pipe_open(path, RIGHT_READ | RIGHT_WRITE);
    return line < 0 ? line : pipe_hook(line, 0, 0);
}

static long function_take(long pci, const struct pci_function *function) {
    struct pci_request request = {.operation = PCI_TAKE, .address = function->address};
    long result = pipe_call(pci, &request, sizeof request, NULL, 0, DEADLINE_NONE);
    if (result < 0)
        return result;
    registers = (volatile uint32_t *)MAPPING_BASE;
    return process_map(pipe_received()->handle[0], 0, MAPPING_BASE, REGISTER_PAGES, PROTECT_READ | PROTECT_WRITE);
}

// Hooks the line, and takes the device if it is wanted.
static long device_begin(bool takes) {
    struct pci_function function;
    long pci = pipe_open(PCI_PIPE, RIGHT_WRITE);
    long result = pci < 0 ? pci : function_find(pci, &function);
    if (result >= 0)
        result = line_hook(function.line);
    return result >= 0 && takes ? function_take(pci, &function) : result;
}

static void interrupt_ask(void) {
    registers[STATUS] = STATUS_INTERRUPT;
    registers[FACTORIAL] = 1;
}

// ---- What it does ----

static _Noreturn void spin(void) {
    for (volatile unsigned count = 0;; count++)
        continue;
}

static _Noreturn void calls(void) {
    struct random_request request = {RANDOM_FILL, RANDOM_LENGTH_MAX};
    long server = pipe_open(RANDOM_PIPE, RIGHT_WRITE);
    for (;;)
        pipe_call(server, &request, sizeof request, NULL, 0, DEADLINE_NONE);
}

static int silent(void) {
    long error = device_begin(false);
    if (error < 0)
        return fail("the line", error);
    puts("hooked");
    fflush(stdout);
    for (;;)
        pipe_wait(DEADLINE_NONE);
}

static int storm(void) {
    long error = device_begin(true);
    if (error < 0)
        return fail("the device", error);
    interrupt_ask();
    for (;;)
        if (pipe_wait(DEADLINE_NONE) >= 0)
            pipe_acknowledge(line, INTERRUPT_HANDLED);
}

static int serve_interrupts(unsigned long wanted) {
    long error = device_begin(true);
    if (error < 0)
        return fail("the device", error);
    for (unsigned long count = 0; count < wanted; count++) {
        interrupt_ask();
        uint64_t deadline = clock_deadline(PATIENCE);
        long length = pipe_wait(deadline);
        if (length < 0)
            return fail("interrupt", length);
        registers[INTERRUPT_END] = registers[INTERRUPT_CAUSES];
        pipe_acknowledge(line, INTERRUPT_HANDLED);
    }
    printf("%lu interrupts\n", wanted);
    return EXIT_SUCCESS;
}

int main(int count, char **words) {
    const char *way = count > 1 ? words[1] : "";
    if (strcmp(way, "spin") == 0)
        spin();
    if (strcmp(way, "calls") == 0)
        calls();
    if (strcmp(way, "silent") == 0)
        return silent();
    if (strcmp(way, "storm") == 0)
        return storm();
    return serve_interrupts(count > 2 ? strtoul(words[2], NULL, 0) : 1);
}
