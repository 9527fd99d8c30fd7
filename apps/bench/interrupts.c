// SPDX-License-Identifier: MIT
// What is counted: a request to /kernel/io raises the line while interrupts are off; the interrupt is taken when the
// raiser would go on after its SYSCALL. So what the raiser spends from its request on, less what the same request
// takes that raises nothing, are the instructions from the interrupt on.
#include "interrupts.h"

#include "measure.h"
#include "partner.h"
#include "pipe.h"

#include <string.h>

#define LINE "/irq/3"
#define PORT 0x2f8u
#define INTERRUPTS (PORT + 1)
#define IDENTIFICATION (PORT + 2) // reading it takes the request for service back
#define MODEM_CONTROL (PORT + 4)
#define INTERRUPT_ROOM 0x02u
#define QUIET_ROUNDS 64u
#define MODEM_LINE_ON 0x08u // OUT2 lets interrupts through

// ---- The driver that waits ----

static uint64_t line_open(void) {
    long line = must(pipe_open(LINE, RIGHT_READ | RIGHT_WRITE), LINE);
    must(pipe_hook(line, 0, 0), LINE);
    return (uint64_t)line;
}

void stamp_interrupts(const char *directory) {
    uint64_t line = line_open();
    uint64_t back = (uint64_t)pipe_of(directory, "back", RIGHT_WRITE);
    pipe_signal((long)back, 0);
    for (;;) {
        system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
        system_call(SYSTEM_CALL_send, back, counter(), 0, DEADLINE_NOW, 0);
        system_call(SYSTEM_CALL_send, line, INTERRUPT_HANDLED, 0, DEADLINE_NOW, 0);
    }
}

void answer_interrupts(const char *directory) {
    uint64_t line = line_open();
    pipe_signal(pipe_of(directory, "back", RIGHT_WRITE), 0);
    for (;;) {
        system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
        system_call(SYSTEM_CALL_send, line, INTERRUPT_HANDLED, 0, DEADLINE_NOW, 0);
    }
}

// ---- The one that raises ----

struct port_request {
    struct io_request head;
    struct io_access access;
};

static uint64_t io;
static struct sample sample;
static uint64_t request_cost;

static void port_prepare(uint16_t port, bool write, uint32_t value) {
    const struct port_request request = {{0, 1}, {port, 1, write, value}};
    memcpy(pipe_message()->payload, &request, sizeof request);
}

static inline void port_ask(void) {
    system_call(SYSTEM_CALL_call, io, sizeof(struct port_request), 0, DEADLINE_NONE, 0);
}

// Takes the request for service back and lets none come.
static void line_quiet(void) {
    port_prepare(IDENTIFICATION, false, 0);
    port_ask();
    port_prepare(INTERRUPTS, true, 0);
    port_ask();
}

static uint64_t quiet_request_cost(void) {
    uint64_t least = UINT64_MAX;
    for (unsigned round = 0; round < QUIET_ROUNDS; round++) {
        port_prepare(INTERRUPTS, true, 0);
        uint64_t start = counter();
        port_ask();
        uint64_t span = counter() - start;
        if (span < least)
            least = span;
    }
    return least;
}

// Waits until the driver has hooked its line, and finds out what a request costs.
static void rounds_prepare(const char *directory) {
    io = (uint64_t)must(pipe_open("/kernel/io", RIGHT_WRITE), "/kernel/io");
    pipe_of(directory, "back", RIGHT_READ);
    must(pipe_wait(DEADLINE_NONE), "back");
    port_prepare(MODEM_CONTROL, true, MODEM_LINE_ON);
    port_ask();
    line_quiet();
    request_cost = quiet_request_cost();
}

static void stamped_rounds(const char *directory) {
    rounds_prepare(directory);
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            sample = sample_begin();
        port_prepare(INTERRUPTS, true, INTERRUPT_ROOM);
        uint64_t start = counter();
        port_ask();
        must(pipe_wait(DEADLINE_NONE), "back");
        struct event_message event;
        memcpy(&event, pipe_payload(), sizeof event);
        sample_take(&sample, event.value - start);
        line_quiet();
    }
    sample_end(&sample);
}

static void answered_rounds(const char *directory) {
    rounds_prepare(directory);
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            sample = sample_begin();
        port_prepare(INTERRUPTS, true, INTERRUPT_ROOM);
        uint64_t start = counter();
        port_ask();
        sample_take(&sample, counter() - start);
        line_quiet();
    }
    sample_end(&sample);
}

static void raise_and_report(const char *directory, void (*run)(const char *directory), const char *name) {
    run_below(directory, run);
    figure_report(name, &sample, request_cost, 1);
}

void raise_for_stamps(const char *directory) {
    raise_and_report(directory, stamped_rounds, "irq_to_driver");
}

void raise_for_answers(const char *directory) {
    raise_and_report(directory, answered_rounds, "irq_cycle");
}
