// SPDX-License-Identifier: MIT
// Instructions and registers of the processor that C can't express (Intel SDM volumes 2 and 4).
#ifndef X86_64_PROCESSOR_H
#define X86_64_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

#define MSR_APIC_BASE 0x1bu
#define MSR_APIC_LOCK 0xbdu     // IA32_XAPIC_DISABLE_STATUS
#define MSR_CAPABILITIES 0x10au // IA32_ARCH_CAPABILITIES
#define MSR_MEMORY_TYPES 0x277u // IA32_PAT
#define MSR_EFER 0xc0000080u
#define MSR_STAR 0xc0000081u
#define MSR_LSTAR 0xc0000082u
#define MSR_FMASK 0xc0000084u
#define MSR_FS_BASE 0xc0000100u
#define MSR_GS_BASE 0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u
#define EFER_SYSCALL 1ull

#define CR4_MACHINE_CHECK (1ull << 6)
#define CR4_PAGE_GLOBAL (1ull << 7)
#define CR4_FXSR (1ull << 9)
#define CR4_SIMD_EXCEPTIONS (1ull << 10)
#define CR4_UMIP (1ull << 11)
#define CR4_PCID (1ull << 17)
#define CR4_SMEP (1ull << 20)
#define CR4_SMAP (1ull << 21)
#define CR3_KEEP_TLB (1ull << 63)

#define RFLAGS_RESERVED 0x2ull
#define RFLAGS_TRAP 0x100ull
#define RFLAGS_INTERRUPTS 0x200ull
// The flags that SYSCALL clears: traps, interrupts, direction, nested task, alignment check.
#define RFLAGS_SYSCALL_MASK 0x47700ull

// Selectors, in the order that SYSCALL and SYSRET require (volume 3, 5.8.8).
#define SELECTOR_KERNEL_CODE 0x08u
#define SELECTOR_KERNEL_DATA 0x10u
#define SELECTOR_USER_DATA 0x1bu
#define SELECTOR_USER_CODE 0x23u
#define SELECTOR_TASK 0x28u

// Interrupt vectors.
#define VECTOR_DEBUG 1u
#define VECTOR_BREAKPOINT 3u
#define VECTOR_NMI 2u
#define VECTOR_DOUBLE_FAULT 8u
#define VECTOR_PAGE_FAULT 14u
#define VECTOR_MACHINE_CHECK 18u
#define VECTORS 256u
#define VECTOR_EXCEPTIONS 32u
#define VECTOR_LINES 32u // line n has vector 32 + n
#define LINES_MAX 200u
#define VECTOR_TIMER 0xf0u
#define VECTOR_IOMMU 0xf1u
#define VECTOR_SPURIOUS 0xffu

// Whether the vector tells of a failure of the machine, or of the kernel's own stack.
static inline bool vector_is_emergency(uint64_t vector) {
    return vector == VECTOR_NMI || vector == VECTOR_DOUBLE_FAULT || vector == VECTOR_MACHINE_CHECK;
}

// The number, in the task state, of the stack that the vector always begins on; 0: it has none of its own. A vector
// that may come at an entry's first instruction, where the stack pointer is still the user's, needs one. No two share a
// stack, because the later one would overwrite the earlier one's registers.
#define EXCEPTION_STACKS 4u
static inline unsigned vector_stack(uint64_t vector) {
    switch (vector) {
    case VECTOR_DEBUG:
        return 1;
    case VECTOR_NMI:
        return 2;
    case VECTOR_DOUBLE_FAULT:
        return 3;
    case VECTOR_MACHINE_CHECK:
        return 4;
    default:
        return 0;
    }
}

static inline uint64_t msr_read(uint32_t number) {
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
    return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t number, uint64_t value) {
    __asm__ volatile("wrmsr" ::"c"(number), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

struct cpuid {
    uint32_t a, b, c, d;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf) {
    struct cpuid result;
    __asm__ volatile("cpuid"
                     : "=a"(result.a), "=b"(result.b), "=c"(result.c), "=d"(result.d)
                     : "a"(leaf), "c"(subleaf));
    return result;
}

static inline uint64_t time_stamp(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static inline uint8_t port_in8(uint16_t port) {
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint16_t port_in16(uint16_t port) {
    uint16_t value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t port_in32(uint16_t port) {
    uint32_t value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void port_out8(uint16_t port, uint8_t value) {
    __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static inline void port_out16(uint16_t port, uint16_t value) {
    __asm__ volatile("outw %0, %1" ::"a"(value), "Nd"(port));
}

static inline void port_out32(uint16_t port, uint32_t value) {
    __asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port));
}

static inline uint64_t cr2_read(void) {
    uint64_t value;
    __asm__ volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

static inline uint64_t cr3_read(void) {
    uint64_t value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

static inline void cr3_write(uint64_t value) {
    __asm__ volatile("mov %0, %%cr3" ::"r"(value) : "memory");
}

static inline uint64_t cr4_read(void) {
    uint64_t value;
    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static inline void cr4_write(uint64_t value) {
    __asm__ volatile("mov %0, %%cr4" ::"r"(value) : "memory");
}

static inline void page_flush(uint64_t address) {
    __asm__ volatile("invlpg (%0)" ::"r"(address) : "memory");
}

static inline void float_save(void *area) {
    __asm__ volatile("fxsave64 (%0)" ::"r"(area) : "memory");
}

static inline void float_restore(const void *area) {
    __asm__ volatile("fxrstor64 (%0)" ::"r"(area) : "memory");
}

#endif
