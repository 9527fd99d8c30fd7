// SPDX-License-Identifier: MIT
// The declarations that the files of this directory share, and the machine's part of struct kernel and struct cpu.
#ifndef X86_64_MACHINE_STATE_H
#define X86_64_MACHINE_STATE_H

#include "abi.h"
#include "bits.h"
#include "calibrate.h"
#include "machine.h"
#include "processor.h"

#define FIRST_TABLES_END 0x100000000ull // what boot/entry.asm maps, at 0 and at the direct map
#define IO_CONTROLLERS_MAX 8u
#define TAGS_MAX 4096u

// The task state segment (Intel SDM volume 3, 8.7).
struct task_state {
    uint32_t reserved0;
    uint64_t stack[3];
    uint64_t reserved1;
    uint64_t interrupt_stack[7]; // numbered from 1 in the interrupt table
    uint64_t reserved2;
    uint16_t reserved3, port_map;
} __attribute__((packed));

_Static_assert(sizeof(struct task_state) == 104, "the task state segment has 104 bytes");

#define DESCRIPTORS 7u
#define EXCEPTION_STACK_SIZE 4096u

// The machine's part of struct cpu.
struct machine_cpu {
    struct task_state task;
    uint64_t descriptors[DESCRIPTORS];
    uint8_t exception_stacks[EXCEPTION_STACKS][EXCEPTION_STACK_SIZE] __attribute__((aligned(16)));
};

static inline struct cpu *cpu_this(void) {
    struct cpu *cpu;
    __asm__("mov %%gs:0, %0" : "=r"(cpu)); // struct cpu begins with its own address
    return cpu;
}

struct io_controller {
    volatile uint32_t *registers;
    uint32_t first, count; // lines
};

// ---- The IOMMU (iommu.c) ----

#define UNITS_MAX 8u
#define RESERVED_MAX 16u
#define DOMAINS_MAX 256u

struct queue_entry {
    uint64_t low, high;
};

struct iommu_unit {
    uint64_t physical; // of its registers
    volatile uint8_t *registers;
    volatile uint32_t *faults; // records of four words
    uint32_t fault_count;
    uint32_t tail; // of the queue
    struct queue_entry *queue;
    volatile uint32_t *done; // the unit writes 1 once the queue is empty
};

// Memory that the firmware reserves for a device.
struct reserved_memory {
    uint32_t device;
    uint64_t first, last;
};

struct iommu {
    bool is_on;
    unsigned levels; // of tables of a domain
    uint32_t unit_count, reserved_count;
    struct context_entry *roots;               // one for each bus
    uint64_t domains[DOMAINS_MAX / WORD_BITS]; // bits.h
    struct iommu_unit units[UNITS_MAX];
    struct reserved_memory reserved[RESERVED_MAX];
};

// The machine's part of struct kernel.
struct machine {
    uint64_t kernel_root;  // physical address of the top table without a user's half
    uint64_t no_execute;   // ENTRY_NO_EXECUTE where the processor has it, else 0
    uint64_t device_pages; // mapped
    bool has_tags;
    uint64_t tags[TAGS_MAX / WORD_BITS]; // bits.h

    struct iommu iommu;

    volatile uint32_t *apic;
    struct io_controller io_controllers[IO_CONTROLLERS_MAX];
    uint32_t io_controller_count; // 0: the 8259 pair
    uint32_t line_count;
    uint32_t line_global[LINES_MAX]; // the controllers' number of each line
    uint8_t line_flags[LINES_MAX];   // ROUTE_*
    uint16_t old_masks;              // of the 8259 pair

    struct calibration calibration;
    bool clock_is_rough; // its rate is not agreed
    uint64_t cycles_per_second;
    uint64_t clock_start, clock_base; // a value of the counter, and the time in nanoseconds that it had
    uint64_t clock_multiplier;        // nanoseconds are (cycles * multiplier) >> CLOCK_SHIFT
    uint64_t apic_multiplier;         // timer ticks are (nanoseconds * multiplier) >> CLOCK_SHIFT

    bool console_taken, panics;
    uint32_t screen_cursor;                    // of the next byte of a panic
    uint16_t power_control_a, power_control_b; // ports, 0: none
    uint16_t mode_port;                        // that leads to ACPI's mode, 0: it is always on
    uint8_t mode_value;
    uint16_t power_timer; // port, 0: none
    uint8_t sleep_type_a, sleep_type_b;
    uint8_t reset_value;
    uint8_t century_register;                  // of the real-time clock, 0: not known
    uint16_t reset_port;                       // 0: none
    struct boot_range *early_range;            // from whose end early_allocate takes
    struct boot_range memory[BOOT_RANGES_MAX]; // all of it, also the firmware's own
    uint32_t memory_count;
    struct info_framebuffer framebuffer;
};

#define ROUTE_LEVEL 1u
#define ROUTE_LOW 2u

// ---- boot.c ----
// Memory for the kernel's tables before the reserve is there: never freed.
void *early_allocate(uint64_t size);
void *early_zeroes(uint64_t size);

// ---- stack.c ----
extern uint64_t __stack_chk_guard;

// ---- paging.c ----
void paging_initialize(uint64_t memory_end);
// A page of a device's registers, uncached.
void *device_map(uint64_t physical);

// ---- processor.c ----
void processor_initialize(struct cpu *cpu);

// ---- acpi.c ----
// Reads the tables that `root` (the RSDP) leads to, while the boot loader's page tables are still in use.
void acpi_initialize(const void *root);
// Maps the controllers that were found; once the kernel has its own page tables.
void acpi_map(void);

// ---- iommu.c ----
// Notes what ACPI's table DMAR says, of `length` bytes.
void iommu_table_read(const uint8_t *table, uint32_t length);
// A unit has recorded faults.
void iommu_interrupt(void);

// ---- interrupts.c ----
void interrupts_initialize(void);

// ---- platform.c ----
void console_initialize(void);

// ---- clock.c ----
void clock_initialize(void);
// The timer's interrupt.
void clock_interrupt(struct cpu *cpu);

// ---- entry.asm ----
extern char system_call_entry[];
extern const uint64_t interrupt_entries[256];

#endif
