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

#define STATUS_SILENT 9u // of a driver that is ended: as by `kill`

static const struct node_plan line_plan = {FLOW_EVENT, RULE(RIGHTS_ALL, RIGHT_TAP, RIGHT_READ | RIGHT_WRITE, RIGHT_TAP),
                                           0, 0};

static void line_retry(struct timer *timer) {
    pipens_interrupt_retry(list_object(timer, struct line, retry)->node);
}

static void driver_name(struct line *line, const struct hook *hook) {
    const struct principal *driver = hook->waiter->principal;
    if (line->late_since == hook->told_at)
        return;
    line->late_since = hook->told_at;
    line->late++;
    line->late_pid = driver->pid;
    log_line("interrupt line %u: process %u %s is late with its answer", line->node->interrupt.line, driver->pid,
             driver->name);
}

// Ends a driver that keeps a line masked, so that others on the line go on and its supervisor starts it again. One that
// is ready but never gets the processor is not to blame.
static void driver_end(const struct line *line, const struct hook *hook) {
    struct thread *thread = thread_of(hook->waiter);
    struct process *process = thread->process;
    if (thread->state == THREAD_READY || process_is_ending(process))
        return;
    log_line("interrupt line %u: process %u %s never answers: it is ended", line->node->interrupt.line,
             process->principal.pid, process->principal.name);
    process_end(process, EXIT_KILLED | STATUS_SILENT);
}

// Logs the name of a driver that owes an answer too long, once for each interrupt, and ends it if that masks a line.
static void line_is_late(struct timer *timer) {
    struct line *line = list_object(timer, struct line, patience);
    uint64_t now = machine_now();
    const struct hook *hook = pipens_interrupt_late(line->node, now - PATIENCE / 2);
    if (!hook)
        return;
    driver_name(line, hook);
    if (!line->node->interrupt.is_level)
        return;
    if (now - hook->told_at >= PATIENCE_LAST)
        driver_end(line, hook);
    timer_arm(timer->cpu, timer, now + PATIENCE_LAST / 4);
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

void host_line_storms(uint32_t number, const struct principal *driver) {
    log_line("interrupt line %u: process %u %s answers that it is handled, but it goes on: it is slowed", number,
             driver->pid, driver->name);
}
