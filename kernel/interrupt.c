// SPDX-License-Identifier: MIT
// Interrupt lines: each is an event pipe /irq/<n>, whose writer is the hardware. pipens/interrupt.c decides what
// becomes of an interrupt; this file masks the controller, names late drivers, and tries lines again that no driver
// handled.
#include "interrupt.h"

#include "hook.h"
#include "host.h"
#include "kernel.h"
#include "log.h"
#include "panic.h"

static const struct node_plan line_plan = {FLOW_EVENT, RULE(RIGHTS_ALL, RIGHT_TAP, RIGHT_READ | RIGHT_WRITE, RIGHT_TAP),
                                           0, 0};

static void line_retry(struct timer *timer) {
    pipens_interrupt_retry(list_object(timer, struct line, retry)->node);
}

// Logs the name of a driver that owes an answer too long, once for each interrupt.
static void line_is_late(struct timer *timer) {
    struct line *line = list_object(timer, struct line, patience);
    const struct hook *hook = pipens_interrupt_late(line->node, machine_now() - PATIENCE / 2);
    if (!hook)
        return;
    const struct principal *driver = hook->waiter->principal;
    line->late++;
    line->late_pid = driver->pid;
    log_line("interrupt line %u: process %u %s is late with its answer", line->node->interrupt.line, driver->pid,
             driver->name);
}

static void line_make(uint32_t number) {
    char path[16];
    long error = 0;
    uint32_t wires = machine_lines() - MESSAGE_LINES;
    bool is_wire = number < wires;
    uint32_t length =
        (uint32_t)format(path, sizeof path, is_wire ? "/irq/%u" : "/irq/msi%u", number - (is_wire ? 0 : wires));
    struct node *node = node_create(&kernel.names.kernel, path, length, &line_plan, &error);
    if (!node)
        panic("memory: too little for the interrupt lines");
    struct line *line = &kernel.lines[number];
    *line = (struct line){.node = node, .is_masked = true, .retry.expire = line_retry, .patience.expire = line_is_late};
    node->interrupt =
        (struct interrupt_line){.line = number, .is_line = true, .is_level = machine_line_is_level(number)};
}

void interrupt_initialize(void) {
    for (uint32_t number = 0; number < machine_lines(); number++)
        line_make(number);
}

void interrupt_arrived(uint32_t number) {
    struct line *line = &kernel.lines[number];
    kernel.interrupts++;
    line->count++;
    if (!interrupt_directly(line->node))
        pipens_interrupt(line->node);
    if (line->node->interrupt.is_level)
        host_line_mask(number, true);
    if (line->node->interrupt.owing && !line->patience.is_armed)
        timer_arm(cpu_this(), &line->patience, machine_now() + PATIENCE);
}

void interrupt_spurious(uint32_t number) {
    kernel.lines[number].spurious++;
}

// ---- What pipens asks of lines (pipens/host.h) ----

void host_line_mask(uint32_t number, bool masked) {
    struct line *line = &kernel.lines[number];
    if (line->is_masked == masked)
        return;
    line->is_masked = masked;
    machine_line_mask(number, masked);
}

void host_line_retry(uint32_t number, uint64_t nanoseconds) {
    timer_arm(cpu_this(), &kernel.lines[number].retry, machine_now() + nanoseconds);
}
