// SPDX-License-Identifier: MIT
// Interrupt controllers: the local APIC (Intel SDM volume 3, chapter 11) and I/O APICs (82093AA datasheet) where ACPI
// names them, else the pair of 8259A (8259A datasheet).
#include "machine_state.h"

#include "host.h"
#include "interrupt.h"
#include "kernel.h"
#include "panic.h"

// ---- Local APIC: registers by their index in units of 4 bytes ----

#define APIC_TASK_PRIORITY (0x80u / 4)
#define APIC_END (0xb0u / 4)
#define APIC_SPURIOUS (0xf0u / 4)
#define APIC_TIMER (0x320u / 4)
#define APIC_LINE0 (0x350u / 4)
#define APIC_LINE1 (0x360u / 4)
#define APIC_ID (0x20u / 4)
#define APIC_ENABLE 0x100u
#define APIC_MASKED 0x10000u
#define APIC_EXTERNAL 0x700u // delivery as from an 8259
#define APIC_NMI 0x400u
#define APIC_BASE_ENABLE 0x800ull
#define APIC_BASE_EXTENDED 0x400ull // x2APIC: its registers are MSRs, and not in a page
#define MESSAGE_ADDRESS 0xfee00000ull
#define MESSAGE_DESTINATION_SHIFT 12u

static void apic_end(void) {
    kernel.machine.apic[APIC_END] = 0;
}

#define CPUID_APIC (1u << 9)            // leaf 1, EDX
#define CPUID_CAPABILITIES (1u << 29)   // leaf 7, EDX: there is MSR_CAPABILITIES
#define CAPABILITY_APIC_LOCK (1u << 21) // there is MSR_APIC_LOCK
#define APIC_LOCKED 1u                  // x2APIC can't be left

static bool apic_is_locked(void) {
    return cpuid(7, 0).d & CPUID_CAPABILITIES && msr_read(MSR_CAPABILITIES) & CAPABILITY_APIC_LOCK &&
           msr_read(MSR_APIC_LOCK) & APIC_LOCKED;
}

// Brings it to the mode in which its registers are in a page: their physical address. The firmware may have left it in
// x2APIC mode, from which the way leads over its being off (11.12.5).
static uint64_t apic_enable(void) {
    uint64_t base = msr_read(MSR_APIC_BASE);
    if (base & APIC_BASE_EXTENDED && !apic_is_locked()) {
        base &= ~(APIC_BASE_EXTENDED | APIC_BASE_ENABLE);
        msr_write(MSR_APIC_BASE, base);
    }
    if (!(base & APIC_BASE_EXTENDED))
        msr_write(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
    uint64_t mode = msr_read(MSR_APIC_BASE) & (APIC_BASE_EXTENDED | APIC_BASE_ENABLE);
    if (mode != APIC_BASE_ENABLE)
        refuse_to_start("the local APIC does not leave x2APIC mode: switch that off in the firmware's setup");
    return base & ENTRY_ADDRESS;
}

// Its timer is the only one that interrupts.
static void apic_initialize(void) {
    if (!(cpuid(1, 0).d & CPUID_APIC))
        refuse_to_start("it needs a processor with a local APIC");
    volatile uint32_t *apic = device_map(apic_enable());
    kernel.machine.apic = apic;
    apic[APIC_TASK_PRIORITY] = 0;
    apic[APIC_LINE0] = kernel.machine.io_controller_count ? APIC_MASKED : APIC_EXTERNAL;
    apic[APIC_LINE1] = APIC_NMI;
    apic[APIC_TIMER] = APIC_MASKED;
    apic[APIC_SPURIOUS] = APIC_ENABLE | VECTOR_SPURIOUS;
}

// ---- The pair of 8259A ----

#define PIC1_COMMAND 0x20u
#define PIC1_DATA 0x21u
#define PIC2_COMMAND 0xa0u
#define PIC2_DATA 0xa1u
#define PIC_START 0x11u // ICW1: edge, cascade, ICW4 follows
#define PIC_8086 0x01u  // ICW4
#define PIC_CASCADE_LINE 2u
#define PIC_END 0x20u          // OCW2: non-specific end of interrupt
#define PIC_READ_SERVICE 0x0bu // OCW3
#define PIC_LINES 8u
#define PIC_SPURIOUS_LINE 7u
#define EDGE_LEVEL_PORT 0x4d0u // of line 0 to 7; the next one of 8 to 15 (82371AB datasheet)

static void old_masks_write(void) {
    port_out8(PIC1_DATA, (uint8_t)kernel.machine.old_masks);
    port_out8(PIC2_DATA, (uint8_t)(kernel.machine.old_masks >> PIC_LINES));
}

static void old_initialize(void) {
    port_out8(PIC1_COMMAND, PIC_START);
    port_out8(PIC2_COMMAND, PIC_START);
    port_out8(PIC1_DATA, VECTOR_LINES);
    port_out8(PIC2_DATA, VECTOR_LINES + PIC_LINES);
    port_out8(PIC1_DATA, 1u << PIC_CASCADE_LINE);
    port_out8(PIC2_DATA, PIC_CASCADE_LINE);
    port_out8(PIC1_DATA, PIC_8086);
    port_out8(PIC2_DATA, PIC_8086);
    kernel.machine.old_masks = (uint16_t) ~(1u << PIC_CASCADE_LINE);
    if (kernel.machine.io_controller_count)
        kernel.machine.old_masks = 0xffff;
    old_masks_write();
}

static bool old_in_service(uint32_t line) {
    uint16_t command = line < PIC_LINES ? PIC1_COMMAND : PIC2_COMMAND;
    port_out8(command, PIC_READ_SERVICE);
    return port_in8(command) & 1u << (line % PIC_LINES);
}

// Ends an interrupt; false if it was spurious.
static bool old_end(uint32_t line) {
    bool is_real = line % PIC_LINES != PIC_SPURIOUS_LINE || old_in_service(line);
    if (line >= PIC_LINES) {
        if (is_real)
            port_out8(PIC2_COMMAND, PIC_END);
        port_out8(PIC1_COMMAND, PIC_END);
    } else if (is_real) {
        port_out8(PIC1_COMMAND, PIC_END);
    }
    return is_real;
}

static void old_mask(uint32_t line, bool masked) {
    uint16_t bit = (uint16_t)(1u << line);
    kernel.machine.old_masks = (uint16_t)(masked ? kernel.machine.old_masks | bit : kernel.machine.old_masks & ~bit);
    old_masks_write();
}

static void old_lines(void) {
    uint32_t levels = port_in8(EDGE_LEVEL_PORT) | (uint32_t)port_in8(EDGE_LEVEL_PORT + 1) << PIC_LINES;
    kernel.machine.line_count = 2 * PIC_LINES;
    for (uint32_t line = 0; line < 2 * PIC_LINES; line++)
        kernel.machine.line_flags[line] = levels >> line & 1 ? ROUTE_LEVEL : 0;
}

// ---- I/O APICs ----

#define IO_SELECT 0u
#define IO_WINDOW 4u // in units of 4 bytes
#define IO_VERSION 1u
#define IO_ENTRIES 0x10u
#define IO_LEVEL 0x8000u
#define IO_LOW 0x2000u
#define IO_MASKED 0x10000u
#define IO_DESTINATION_SHIFT 24u

static uint32_t io_read(const struct io_controller *controller, uint32_t index) {
    controller->registers[IO_SELECT] = index;
    return controller->registers[IO_WINDOW];
}

static void io_write(const struct io_controller *controller, uint32_t index, uint32_t value) {
    controller->registers[IO_SELECT] = index;
    controller->registers[IO_WINDOW] = value;
}

static struct io_controller *controller_of(uint32_t global) {
    struct machine *machine = &kernel.machine;
    for (uint32_t number = 0; number < machine->io_controller_count; number++) {
        struct io_controller *controller = &machine->io_controllers[number];
        if (global >= controller->first && global - controller->first < controller->count)
            return controller;
    }
    return NULL;
}

static void io_mask(uint32_t line, bool masked) {
    uint32_t global = kernel.machine.line_global[line];
    uint8_t flags = kernel.machine.line_flags[line];
    const struct io_controller *controller = controller_of(global);
    if (!controller)
        return;
    uint32_t index = IO_ENTRIES + 2 * (global - controller->first);
    uint32_t entry = (VECTOR_LINES + line) | (masked ? IO_MASKED : 0) | (flags & ROUTE_LEVEL ? IO_LEVEL : 0) |
                     (flags & ROUTE_LOW ? IO_LOW : 0);
    io_write(controller, index, entry);
}

static void io_initialize(void) {
    struct machine *machine = &kernel.machine;
    uint32_t processor = machine->apic[APIC_ID] >> IO_DESTINATION_SHIFT << IO_DESTINATION_SHIFT;
    for (uint32_t number = 0; number < machine->io_controller_count; number++) {
        struct io_controller *controller = &machine->io_controllers[number];
        controller->count = (io_read(controller, IO_VERSION) >> 16 & 0xff) + 1;
        for (uint32_t pin = 0; pin < controller->count; pin++) {
            io_write(controller, IO_ENTRIES + 2 * pin, IO_MASKED);
            io_write(controller, IO_ENTRIES + 2 * pin + 1, processor);
        }
        uint32_t end = controller->first + controller->count;
        if (end > LINES_MAX - MESSAGE_LINES)
            end = LINES_MAX - MESSAGE_LINES;
        if (machine->line_count < end)
            machine->line_count = end;
    }
}

// ---- What the kernel asks ----

static bool is_wire(uint32_t line) {
    return line < kernel.machine.line_count;
}

uint32_t machine_lines(void) {
    return kernel.machine.line_count + MESSAGE_LINES;
}

bool machine_line_is_level(uint32_t line) {
    return is_wire(line) && kernel.machine.line_flags[line] & ROUTE_LEVEL;
}

// To this processor, edge, fixed delivery (Intel SDM volume 3, 11.11).
struct interrupt_message machine_line_message(uint32_t line) {
    if (is_wire(line))
        return (struct interrupt_message){0, 0};
    uint32_t processor = kernel.machine.apic[APIC_ID] >> IO_DESTINATION_SHIFT;
    return (struct interrupt_message){MESSAGE_ADDRESS | processor << MESSAGE_DESTINATION_SHIFT, VECTOR_LINES + line};
}

void machine_line_mask(uint32_t line, bool masked) {
    if (!is_wire(line))
        return;
    if (kernel.machine.io_controller_count)
        io_mask(line, masked);
    else
        old_mask(line, masked);
}

void interrupts_initialize(void) {
    old_initialize();
    apic_initialize();
    if (kernel.machine.io_controller_count)
        io_initialize();
    else
        old_lines();
}

// ---- Where interrupts and exceptions arrive ----

static void line_arrived(uint32_t line) {
    if (kernel.machine.io_controller_count || !is_wire(line)) {
        interrupt_arrived(line);
        apic_end(); // after the level line is masked, or it would be sent again
    } else if (old_end(line)) {
        interrupt_arrived(line);
    } else {
        interrupt_spurious(line);
    }
}

// Handles an interrupt; false for an exception. Ends and ignores stray vectors; only a misdirected MSI raises one.
static bool interrupt_dispatch(uint64_t vector) {
    if (vector == VECTOR_TIMER) {
        apic_end();
        clock_interrupt(cpu_this());
    } else if (vector == VECTOR_IOMMU) {
        apic_end();
        iommu_interrupt();
    } else if (vector >= VECTOR_LINES && vector < VECTOR_LINES + machine_lines()) {
        line_arrived((uint32_t)vector - VECTOR_LINES);
    } else if (vector < VECTOR_EXCEPTIONS) {
        return false;
    } else if (vector != VECTOR_SPURIOUS) {
        apic_end();
    }
    return true;
}

#define PAGE_FAULT_PRESENT 0x1u // bits of a page fault's error code (Intel SDM volume 3, 4.7)
#define PAGE_FAULT_WRITE 0x2u
#define PAGE_FAULT_EXECUTE 0x10u

// The page fault's FAULT_ACCESS_*.
static uint32_t fault_access(uint64_t error) {
    return (error & PAGE_FAULT_PRESENT ? FAULT_ACCESS_PRESENT : 0) |
           (error & PAGE_FAULT_WRITE ? FAULT_ACCESS_WRITE : 0) |
           (error & PAGE_FAULT_EXECUTE ? FAULT_ACCESS_EXECUTE : 0);
}

static void exception_from_user(const struct registers *registers) {
    if (vector_is_emergency(registers->vector))
        panic_registers("the machine reports a failure", registers);
    bool is_page_fault = registers->vector == VECTOR_PAGE_FAULT;
    struct fault fault = {.vector = (uint32_t)registers->vector,
                          .access = is_page_fault ? fault_access(registers->error) : 0,
                          .error = registers->error,
                          .address = is_page_fault ? cr2_read() : 0,
                          .instruction = registers->rip,
                          .stack = registers->rsp};
    fault_from_user(&fault);
}

// Returns the thread that resumes. An exception with a stack of its own has left the user's registers there.
struct thread *interrupt_from_user(const struct registers *registers);
struct thread *interrupt_from_user(const struct registers *registers) {
    struct registers *context = &cpu_this()->thread->context.registers;
    if (registers != context)
        host_copy(context, registers, sizeof *registers);
    if (!interrupt_dispatch(registers->vector))
        exception_from_user(registers);
    return cpu_this()->reschedule ? schedule() : cpu_this()->thread;
}

// Whether the address is the first instruction of an entry of the kernel.
static bool is_entry(uint64_t instruction) {
    if (instruction == (uint64_t)system_call_entry)
        return true;
    for (unsigned vector = 0; vector < VECTORS; vector++)
        if (instruction == interrupt_entries[vector])
            return true;
    return false;
}

// A user's single step, which the processor may deliver late, after the instruction that has entered the kernel
// (volume 3, 6.8.3). The user's flags hold its trap flag still, so it comes again where the user goes on. GS is the
// user's here: no struct cpu is in reach.
static bool is_late_step(const struct registers *registers) {
    return registers->vector == VECTOR_DEBUG && is_entry(registers->rip);
}

void interrupt_from_kernel(struct registers *registers);
void interrupt_from_kernel(struct registers *registers) {
    if (is_late_step(registers))
        registers->rflags &= ~RFLAGS_TRAP;
    else if (!interrupt_dispatch(registers->vector))
        panic_registers("an exception in the kernel", registers);
}
