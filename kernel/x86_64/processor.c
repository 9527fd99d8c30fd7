// SPDX-License-Identifier: MIT
// The processor's own tables and features: segments, the task state, the interrupt table, system calls, and what
// protects the kernel from user memory (Intel SDM volume 3: 3.4.5, 8.7, 6.14.1, 5.8.8, 4.6).
#include "machine_state.h"

#include "host.h"
#include "kernel.h"

// ---- Segments ----

#define DESCRIPTOR_KERNEL_CODE 0x00af9a000000ffffull
#define DESCRIPTOR_KERNEL_DATA 0x00cf92000000ffffull
#define DESCRIPTOR_USER_DATA 0x00cff2000000ffffull
#define DESCRIPTOR_USER_CODE 0x00affa000000ffffull
#define DESCRIPTOR_TASK 0x0000890000000000ull // present, 64-bit task state, available

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

static void segments_load(struct cpu *cpu) {
    struct machine_cpu *machine = &cpu->machine;
    uint64_t task = (uint64_t)&machine->task;
    uint64_t task_low =
        DESCRIPTOR_TASK | (sizeof machine->task - 1) | (task & 0xffffff) << 16 | (task >> 24 & 0xff) << 56;
    const uint64_t descriptors[DESCRIPTORS] = {
        0,         DESCRIPTOR_KERNEL_CODE, DESCRIPTOR_KERNEL_DATA, DESCRIPTOR_USER_DATA, DESCRIPTOR_USER_CODE, task_low,
        task >> 32};
    host_copy(machine->descriptors, descriptors, sizeof descriptors);
    machine->task.stack[0] = cpu->stack;
    for (unsigned stack = 0; stack < EXCEPTION_STACKS; stack++) // each begins at its end
        machine->task.interrupt_stack[stack] = (uint64_t)machine->exception_stacks[stack] + EXCEPTION_STACK_SIZE;
    machine->task.port_map = sizeof machine->task; // none: ports are reached through /kernel/io
    struct table_pointer pointer = {sizeof machine->descriptors - 1, (uint64_t)machine->descriptors};
    __asm__ volatile("lgdt %0\n\t"
                     "pushq %1\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "lretq\n"
                     "1:\tmovw %w2, %%ss\n\t"
                     "xorl %%eax, %%eax\n\t"
                     "movw %%ax, %%ds\n\t"
                     "movw %%ax, %%es\n\t"
                     "ltr %w3" ::"m"(pointer),
                     "i"(SELECTOR_KERNEL_CODE), "r"(SELECTOR_KERNEL_DATA), "r"(SELECTOR_TASK)
                     : "rax", "memory");
}

// ---- Interrupt table ----

#define GATE_INTERRUPT 0x8eu // present, privilege 0, interrupts off
#define GATE_FROM_USER 0x60u // may be raised by INT

struct gate {
    uint16_t offset_low, selector;
    uint8_t stack, type;
    uint16_t offset_middle;
    uint32_t offset_high, reserved;
};

_Static_assert(sizeof(struct gate) == 16, "a gate has 16 bytes");

static struct gate gates[VECTORS];

static void gate_set(unsigned vector) {
    uint64_t entry = interrupt_entries[vector];
    gates[vector] = (struct gate){.offset_low = (uint16_t)entry,
                                  .selector = SELECTOR_KERNEL_CODE,
                                  .stack = (uint8_t)vector_stack(vector),
                                  .type = GATE_INTERRUPT | (vector == VECTOR_BREAKPOINT ? GATE_FROM_USER : 0),
                                  .offset_middle = (uint16_t)(entry >> 16),
                                  .offset_high = (uint32_t)(entry >> 32)};
}

static void gates_load(void) {
    for (unsigned vector = 0; vector < VECTORS; vector++)
        gate_set(vector);
    struct table_pointer pointer = {sizeof gates - 1, (uint64_t)gates};
    __asm__ volatile("lidt %0" ::"m"(pointer));
}

// ---- System calls ----

static void system_calls_enable(struct cpu *cpu) {
    msr_write(MSR_STAR, (uint64_t)SELECTOR_KERNEL_CODE << 32 | (uint64_t)(SELECTOR_KERNEL_DATA | 3u) << 48);
    msr_write(MSR_LSTAR, (uint64_t)system_call_entry);
    msr_write(MSR_FMASK, RFLAGS_SYSCALL_MASK);
    msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SYSCALL);
    msr_write(MSR_GS_BASE, (uint64_t)cpu);
    msr_write(MSR_KERNEL_GS_BASE, 0);
}

// ---- Memory types (volume 3, 12.12) ----

// As after a reset but for the third, a byte each: 6 write back, 4 write through, 1 write combining, 0 uncacheable.
#define MEMORY_TYPES 0x0007040600010406ull

// ---- Features (volume 2, CPUID) ----

#define CPUID_MACHINE_CHECK (1u << 7) // leaf 1, EDX
#define CPUID_PAGE_GLOBAL (1u << 13)  // leaf 1, EDX
#define CPUID_MEMORY_TYPES (1u << 16) // leaf 1, EDX
#define CPUID_PCID (1u << 17)         // leaf 1, ECX
#define CPUID_RANDOM (1u << 30)       // leaf 1, ECX: RDRAND
#define CPUID_SMEP (1u << 7)          // leaf 7, EBX
#define CPUID_SMAP (1u << 20)         // leaf 7, EBX
#define CPUID_UMIP (1u << 2)          // leaf 7, ECX
#define CPUID_NO_EXECUTE (1u << 20)   // leaf 0x80000001, EDX
#define LEAF_EXTENDED_FEATURES 7u
#define LEAF_PROCESSOR 0x80000001u

static void features_enable(void) {
    struct cpuid basic = cpuid(1, 0);
    struct cpuid extended = {0};
    if (cpuid(0, 0).a >= LEAF_EXTENDED_FEATURES)
        extended = cpuid(LEAF_EXTENDED_FEATURES, 0);
    uint64_t bits = cr4_read() | CR4_FXSR | CR4_SIMD_EXCEPTIONS;
    if (basic.d & CPUID_MACHINE_CHECK)
        bits |= CR4_MACHINE_CHECK;
    if (basic.d & CPUID_PAGE_GLOBAL)
        bits |= CR4_PAGE_GLOBAL;
    if (extended.b & CPUID_SMEP)
        bits |= CR4_SMEP;
    if (extended.b & CPUID_SMAP)
        bits |= CR4_SMAP;
    if (extended.c & CPUID_UMIP)
        bits |= CR4_UMIP;
    if (basic.c & CPUID_PCID)
        bits |= CR4_PCID;
    kernel.machine.has_tags = basic.c & CPUID_PCID;
    kernel.machine.no_execute = cpuid(LEAF_PROCESSOR, 0).d & CPUID_NO_EXECUTE ? ENTRY_NO_EXECUTE : 0;
    cr4_write(bits);
    if (basic.d & CPUID_MEMORY_TYPES)
        msr_write(MSR_MEMORY_TYPES, MEMORY_TYPES);
}

// No breakpoints of firmware or of a loader: a user that met one by an instruction that delays it (MOV SS) would have
// it delivered in the kernel (volume 3, 17.2.4).
#define BREAKPOINTS_NONE 0x400ull // the bit of DR7 that is always set

static void breakpoints_clear(void) {
    __asm__ volatile("mov %0, %%dr7" ::"r"(BREAKPOINTS_NONE));
}

void processor_initialize(struct cpu *cpu) {
    breakpoints_clear();
    segments_load(cpu);
    gates_load();
    system_calls_enable(cpu);
    features_enable();
}

// ---- Threads ----

#define FLOAT_CONTROL 0x037fu   // x87: all exceptions masked, extended precision (volume 1, 8.1.5)
#define SIMD_CONTROL 0x1f80u    // MXCSR: all exceptions masked (volume 1, 10.2.3)
#define SIMD_CONTROL_OFFSET 24u // in the FXSAVE area

void machine_context_start(struct context *context, uint64_t entry, uint64_t stack, uint64_t first, uint64_t second) {
    host_clear(context, sizeof *context);
    context->registers.rip = entry;
    context->registers.rsp = stack;
    context->registers.rdi = first;
    context->registers.rsi = second;
    context->registers.cs = SELECTOR_USER_CODE;
    context->registers.ss = SELECTOR_USER_DATA;
    context->registers.rflags = RFLAGS_RESERVED | RFLAGS_INTERRUPTS;
    const uint16_t float_control = FLOAT_CONTROL;
    const uint32_t simd_control = SIMD_CONTROL;
    host_copy(context->float_registers, &float_control, sizeof float_control);
    host_copy(context->float_registers + SIMD_CONTROL_OFFSET, &simd_control, sizeof simd_control);
}

void machine_set_thread_local(struct thread *thread, uint64_t base) {
    thread->context.thread_local = base;
    struct cpu *cpu = cpu_this();
    if (cpu->float_owner != thread)
        return;
    cpu->thread_local = base;
    msr_write(MSR_FS_BASE, base);
}

void machine_forget(struct cpu *cpu, const struct thread *thread) {
    if (cpu->float_owner == thread)
        cpu->float_owner = NULL;
}

void machine_leave_space(struct cpu *cpu, const struct space *space) {
    if (cpu->space != space)
        return;
    cpu->space = NULL;
    cr3_write(kernel.machine.kernel_root);
}

void machine_idle(void) {
    __asm__ volatile("sti\n\thlt\n\tcli" ::: "memory");
}

void machine_poll_interrupts(void) {
    __asm__ volatile("sti\n\tnop\n\tcli" ::: "memory");
}

uint32_t machine_random(void) {
    uint64_t value = time_stamp();
    if (cpuid(1, 0).c & CPUID_RANDOM)
        __asm__ volatile("rdrand %0" : "=r"(value));
    return (uint32_t)(value ^ value >> 32);
}

#define LEAF_EXTENDED_LAST 0x80000000u // its EAX is the highest extended leaf

// Bytes of the name, in leaves 0x80000002 to 0x80000004.
#define NAME_LEAF_FIRST 0x80000002u
#define NAME_LEAVES 3u
_Static_assert(NAME_LEAVES * sizeof(struct cpuid) == PROCESSOR_NAME_MAX + 1, "the name fills its room");

void machine_processor_name(char *name) {
    host_clear(name, PROCESSOR_NAME_MAX + 1);
    if (cpuid(LEAF_EXTENDED_LAST, 0).a < NAME_LEAF_FIRST + NAME_LEAVES - 1)
        return;
    for (uint32_t leaf = 0; leaf < NAME_LEAVES; leaf++) {
        struct cpuid part = cpuid(NAME_LEAF_FIRST + leaf, 0);
        host_copy(name + leaf * sizeof part, &part, sizeof part);
    }
    name[PROCESSOR_NAME_MAX] = 0;
}

// ---- Meltdown (volume 4, IA32_ARCH_CAPABILITIES) ----

#define VENDOR_INTEL_B 0x756e6547u // "Genu", "ineI", "ntel"
#define VENDOR_INTEL_D 0x49656e69u
#define VENDOR_INTEL_C 0x6c65746eu
#define CPUID_CAPABILITIES (1u << 29) // leaf 7, EDX: there is MSR_CAPABILITIES
#define CAPABILITY_NO_MELTDOWN 1u     // RDCL_NO

bool machine_leaks_kernel(void) {
    struct cpuid vendor = cpuid(0, 0);
    if (vendor.b != VENDOR_INTEL_B || vendor.d != VENDOR_INTEL_D || vendor.c != VENDOR_INTEL_C)
        return false;
    bool tells = vendor.a >= LEAF_EXTENDED_FEATURES && cpuid(LEAF_EXTENDED_FEATURES, 0).d & CPUID_CAPABILITIES;
    return !tells || !(msr_read(MSR_CAPABILITIES) & CAPABILITY_NO_MELTDOWN);
}

// ---- Addresses ----

#define LEAF_ADDRESSES 0x80000008u // Intel SDM volume 2, CPUID
#define ADDRESS_BITS 0xffu
#define ADDRESS_BITS_DEFAULT 36u // of a processor without that leaf

uint64_t machine_physical_end(void) {
    bool tells = cpuid(LEAF_EXTENDED_LAST, 0).a >= LEAF_ADDRESSES;
    return 1ull << (tells ? cpuid(LEAF_ADDRESSES, 0).a & ADDRESS_BITS : ADDRESS_BITS_DEFAULT);
}
