// SPDX-License-Identifier: MIT
// The border between the portable kernel and the machine. A machine's directory (x86_64/) implements these functions
// and provides the headers that both sides include by neutral names:
//
//   bytes.h          copying and clearing memory
//   context.h        struct context: a thread's saved registers; how a result or a restart is put into it
//   entries.h        reading the page table entries of a range
//   paging.h         page size, the direct map, the entries of user pages
//   machine_state.h  struct machine, struct machine_cpu: the machine's part of the kernel's state; cpu_this
//   machine_switch.h machine_switch, which needs struct kernel
//   system_call.h    the entries of the system calls
//
// Nothing outside a machine's directory names a register, a bit or a vector of the processor (tests/lint/bounds.py).
// Interrupts are off in all of the kernel but machine_idle and machine_poll_interrupts.
#ifndef KERNEL_MACHINE_H
#define KERNEL_MACHINE_H

#include "bytes.h"
#include "context.h"
#include "paging.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account;
struct cpu;
static inline struct cpu *cpu_this(void); // the processor that runs this (machine_state.h)
struct info_framebuffer;
struct register_set;
struct space;
struct thread;

// ---- What the boot loader said ----

#define BOOT_RANGES_MAX 64u
#define BOOT_MODULES_MAX 2u
#define COMMAND_LINE_MAX 255u

struct boot_range {
    uint64_t start, end; // bytes of usable memory; whole pages
};

struct boot_module {
    uint64_t physical, length; // page aligned
};

struct boot_information {
    struct boot_range ranges[BOOT_RANGES_MAX]; // ascending, apart from each other, without what the loader put there
    uint32_t range_count;
    struct boot_module modules[BOOT_MODULES_MAX];
    uint32_t module_count;
    uint64_t memory;     // bytes of RAM in all
    uint64_t memory_end; // the highest address of RAM
    char command_line[COMMAND_LINE_MAX + 1];
};

// ---- Time ----

// Nanoseconds since the machine's clock was started.
uint64_t machine_now(void);
uint64_t machine_cycles(void);
uint64_t machine_cycles_per_second(void);
uint64_t machine_nanoseconds(uint64_t cycles);
// The possible error of the clock's rate, in parts per million; 0 once the rate is agreed.
uint32_t machine_clock_error(void);
// Requests one interrupt of this processor, a call of timer_interrupt, at or soon after this time. It replaces an
// earlier request.
void machine_arm_timer(uint64_t time);
// A random number, if the processor has a generator; else made of the counter.
uint32_t machine_random(void);

// ---- Threads ----

// Sets up the context of a thread that starts at `entry`.
void machine_context_start(struct context *context, uint64_t entry, uint64_t stack, uint64_t first, uint64_t second);
// Loads the thread's address space and floating-point registers. The thread is cpu->thread when the kernel is left
// (machine_switch.h).
static inline void machine_switch(struct cpu *cpu, struct thread *thread);
// The thread, or the space, ends: drops what the processor holds of it.
void machine_forget(struct cpu *cpu, const struct thread *thread);
void machine_leave_space(struct cpu *cpu, const struct space *space);
// Sets the base of the thread's own data.
void machine_set_thread_local(struct thread *thread, uint64_t base);
// The registers of a thread that does not run. They are valid if both addresses are the user's and no reserved bit is
// set; setting them limits the flags to those that a program may change.
void machine_get_registers(const struct thread *thread, struct register_set *registers);
bool machine_registers_are_valid(const struct register_set *registers);
void machine_set_registers(struct thread *thread, const struct register_set *registers);
// Leaves the kernel for the processor's thread. Only for the start; all other exits are in entry.asm.
_Noreturn void machine_resume(struct thread *thread);
// Waits for an interrupt and handles it. / Handles pending interrupts.
void machine_idle(void);
void machine_poll_interrupts(void);

// ---- Interrupt lines ----

// Lines that exist: numbers below machine_lines(). ISA interrupts have their own numbers, others those of the
// controller. The last MESSAGE_LINES are no wires: a device raises one by a message (MSI), and alone can mask it.
uint32_t machine_lines(void);
// What a device writes, and where, to raise the line; address 0 for a wire.
struct interrupt_message {
    uint64_t address;
    uint32_t data;
};
struct interrupt_message machine_line_message(uint32_t line);
bool machine_line_is_level(uint32_t line);
void machine_line_mask(uint32_t line, bool masked);

// ---- Devices that do DMA ----

// What the devices of one process reach. All zeroes: nothing.
struct dma_domain {
    uint64_t root;   // physical address of its top table, 0: there is none
    uint32_t number; // by which the IOMMU tags what it caches of the domain
};

// Switches an IOMMU on, if there is one: from then on a device that is not attached reaches nothing.
void machine_dma_initialize(void);
// Whether an IOMMU lets a device reach only the memory of its domain.
bool machine_dma_is_guarded(void);
// Lets the domain's devices reach the pages, by their physical addresses. The account pays for tables, which stay if it
// fails. 0, -EDQUOT or -ENOMEM.
long machine_dma_map(struct dma_domain *domain, struct account *account, uint64_t physical, uint64_t pages);
// When it returns, no device of the domain reaches the pages.
void machine_dma_unmap(struct dma_domain *domain, uint64_t physical, uint64_t pages);
// The device reaches the domain from now on. 0, -EDQUOT, -ENOMEM, -ENFILE (too many domains).
long machine_device_attach(struct dma_domain *domain, struct account *account, uint32_t device);
// The device is no bus master any more, and reaches nothing.
void machine_device_detach(uint32_t device);
// Frees one table of a domain without devices; true if more is left.
bool machine_domain_free_step(struct dma_domain *domain, struct account *account);
// The device's name for a log line: as for PCI, 00:04.0.
#define DEVICE_NAME_MAX 7u
void machine_device_name(uint32_t device, char *name);
// A process that may access these ports configures all devices.
struct claim_range machine_device_ports(void);

// ---- Ports, console, power ----

uint32_t machine_port_read(uint16_t port, unsigned width);
void machine_port_write(uint16_t port, unsigned width, uint32_t value);
// Writes to the serial console, until a driver has taken it.
void machine_console_write(const char *text, size_t length);
// The kernel may write to it again, and to a screen of text: it panics.
void machine_console_return(void);
// A driver uses this port from now on, so the kernel's own console leaves it alone.
void machine_port_taken(uint16_t port);
// Switches off. / Resets the processor. They return if the machine does not do it.
void machine_power_off(void);
void machine_reboot(void);
// Stops the processor for ever, without interrupts.
_Noreturn void machine_stop(void);
// Ends the emulator with the status; stops if there is no emulator.
_Noreturn void machine_test_exit(uint32_t status);
// The name of the processor: PROCESSOR_NAME_MAX bytes and a terminator at the most.
void machine_processor_name(char *name);
// Whether programs can read the kernel's memory by speculation, because their page tables map it, too.
bool machine_leaks_kernel(void);
// The register of the real-time clock that holds the century; 0: not known.
uint32_t machine_century_register(void);
// The screen that the boot loader has set up; a width of 0: none.
const struct info_framebuffer *machine_framebuffer(void);
// Whether the addresses first to last hold memory: elsewhere only devices answer.
bool machine_is_memory(uint64_t first, uint64_t last);
// The end of the processor's physical addresses. A page table entry with a higher address faults.
uint64_t machine_physical_end(void);

#endif
