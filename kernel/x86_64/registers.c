// SPDX-License-Identifier: MIT
// The registers of a thread that does not run, for the pager of a foreign process.
#include "host.h"
#include "kernel.h"

// What a program may change: CF, PF, AF, ZF, SF, TF, DF, OF, AC, ID (Intel SDM volume 1, 3.4.3).
#define RFLAGS_OF_USER 0x240dd5ull
#define SIMD_CONTROL_OFFSET 24u    // MXCSR in the FXSAVE area (volume 1, 10.5.1)
#define SIMD_CONTROL_VALID 0xffffu // its other bits are reserved: FXRSTOR faults on them

// In the order of the processor's numbers, which is that of register_set.general.
#define GENERAL(registers)                                                                                             \
    {                                                                                                                  \
        &(registers)->rax, &(registers)->rcx, &(registers)->rdx, &(registers)->rbx, &(registers)->rsp,                 \
            &(registers)->rbp, &(registers)->rsi, &(registers)->rdi, &(registers)->r8, &(registers)->r9,               \
            &(registers)->r10, &(registers)->r11, &(registers)->r12, &(registers)->r13, &(registers)->r14,             \
            &(registers)->r15                                                                                          \
    }
#define NUMBER_RCX 1u
#define NUMBER_R11 11u

// SYSCALL has left the address in RCX and the flags in R11.
void machine_get_registers(const struct thread *thread, struct register_set *registers) {
    const struct registers *from = &thread->context.registers;
    const uint64_t *const general[GENERAL_REGISTERS] = GENERAL(from);
    for (unsigned number = 0; number < GENERAL_REGISTERS; number++)
        registers->general[number] = *general[number];
    registers->instruction = from->rip;
    registers->flags = from->rflags;
    if (from->vector == VECTOR_CALL_AGAIN) {
        registers->general[NUMBER_RCX] = from->rip;
        registers->general[NUMBER_R11] = from->rflags;
    }
    registers->thread_local = thread->context.thread_local;
    host_copy(registers->float_registers, thread->context.float_registers, FLOAT_REGISTERS_SIZE);
}

bool machine_registers_are_valid(const struct register_set *registers) {
    uint32_t simd_control;
    host_copy(&simd_control, registers->float_registers + SIMD_CONTROL_OFFSET, sizeof simd_control);
    return registers->instruction < USER_LIMIT && registers->thread_local < USER_LIMIT &&
           !(simd_control & ~SIMD_CONTROL_VALID);
}

// The thread resumes as after an interrupt, which is the way to set RCX and R11 too. Its floating-point registers are
// in its context, because another thread runs (machine_switch.h).
void machine_set_registers(struct thread *thread, const struct register_set *registers) {
    struct registers *to = &thread->context.registers;
    uint64_t *const general[GENERAL_REGISTERS] = GENERAL(to);
    for (unsigned number = 0; number < GENERAL_REGISTERS; number++)
        *general[number] = registers->general[number];
    to->rip = registers->instruction;
    to->rflags = (registers->flags & RFLAGS_OF_USER) | RFLAGS_RESERVED | RFLAGS_INTERRUPTS;
    to->vector = 0;
    thread->context.thread_local = registers->thread_local;
    host_copy(thread->context.float_registers, registers->float_registers, FLOAT_REGISTERS_SIZE);
}
