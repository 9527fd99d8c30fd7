// SPDX-License-Identifier: MIT
// A thread's saved registers while it does not run. entry.asm and the processor itself fill it: the TSS's RSP0 points
// at the end of `struct registers` of the running thread (Intel SDM volume 3, 6.14.2).
#ifndef X86_64_CONTEXT_H
#define X86_64_CONTEXT_H

#include "abi.h"

#include <stdint.h>

// In `vector` of a thread that entered by SYSCALL and returns by SYSRET: with a result; or with all registers of the
// context but RCX and R11, to run the call again, or after a foreign process's call.
#define VECTOR_SYSTEM_CALL 256u
#define VECTOR_CALL_AGAIN 257u

struct registers {
    uint64_t r15, r14, r13, r12, rbp, rbx;    // after SYSCALL: saved only when another thread resumes
    uint64_t r9, r8, r10, rdx, rsi, rdi, rax; // after SYSCALL: see context_keep_call
    uint64_t rcx, r11;                        // after SYSCALL: not kept
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

struct context {
    struct registers registers;
    uint64_t thread_local; // FS base
    uint64_t padding;
    uint8_t float_registers[FLOAT_REGISTERS_SIZE] __attribute__((aligned(16)));
};

_Static_assert(sizeof(struct registers) % 16 == 0, "the processor aligns the stack that it pushes to");

static inline void context_set_result(struct context *context, long result) {
    context->registers.rax = (uint64_t)result;
}

static inline long context_result(const struct context *context) {
    return (long)context->registers.rax;
}

// The message of a foreign process's system call, whose registers entry.asm has saved.
static inline void context_system_message(const struct context *context, uint32_t thread,
                                          struct system_message *message) {
    const struct registers *registers = &context->registers;
    message->number = registers->rax;
    message->arguments[0] = registers->rdi;
    message->arguments[1] = registers->rsi;
    message->arguments[2] = registers->rdx;
    message->arguments[3] = registers->r10;
    message->arguments[4] = registers->r8;
    message->arguments[5] = registers->r9;
    message->instruction = registers->rip;
    message->stack = registers->rsp;
    message->thread = thread;
    message->unused = 0;
}

// The address at which the thread resumes, and its stack.
static inline uint64_t context_instruction(const struct context *context) {
    return context->registers.rip;
}
static inline uint64_t context_stack(const struct context *context) {
    return context->registers.rsp;
}
// Its frame pointer: the address of the caller's frame pointer, which its return address follows.
static inline uint64_t context_frame(const struct context *context) {
    return context->registers.rbp;
}

#define SYSCALL_LENGTH 2u // bytes of the instruction

// Keeps number and arguments of a system call that may have to be run again.
static inline void context_keep_call(struct context *context, uint64_t number, uint64_t first, uint64_t second,
                                     uint64_t third, uint64_t fourth, uint64_t fifth) {
    context->registers.rax = number;
    context->registers.rdi = first;
    context->registers.rsi = second;
    context->registers.rdx = third;
    context->registers.r10 = fourth;
    context->registers.r8 = fifth;
}

// Makes the thread run its system call, whose arguments were kept, again: it resumes at the instruction.
static inline void context_restart(struct context *context) {
    context->registers.rip -= SYSCALL_LENGTH;
    context->registers.vector = VECTOR_CALL_AGAIN;
}

#endif
