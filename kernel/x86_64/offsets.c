// SPDX-License-Identifier: MIT
// Offsets of C structs for entry.asm: the Makefile compiles this file to assembly and makes offsets.inc of it.
#include "kernel.h"

#include "calls.h"

#define DEFINE(name, value) __asm__ volatile("\n->" #name " %c0" ::"i"((long)(value)))

void offsets(void);
void offsets(void) {
    DEFINE(CPU_STACK, offsetof(struct cpu, stack));
    DEFINE(CPU_THREAD, offsetof(struct cpu, thread));
    DEFINE(CPU_NEXT, offsetof(struct cpu, next));
    DEFINE(CPU_RESCHEDULE, offsetof(struct cpu, reschedule));
    DEFINE(CPU_SCRATCH, offsetof(struct cpu, scratch));
    DEFINE(THREAD_CALL_LIMIT, offsetof(struct thread, call_limit));
    DEFINE(THREAD_WAITER, offsetof(struct thread, waiter));
#define REGISTER(name, member) DEFINE(REGISTERS_##name, offsetof(struct registers, member))
    REGISTER(R15, r15);
    REGISTER(R14, r14);
    REGISTER(R13, r13);
    REGISTER(R12, r12);
    REGISTER(RBP, rbp);
    REGISTER(RBX, rbx);
    REGISTER(R9, r9);
    REGISTER(R8, r8);
    REGISTER(R10, r10);
    REGISTER(RDX, rdx);
    REGISTER(RSI, rsi);
    REGISTER(RDI, rdi);
    REGISTER(RAX, rax);
    REGISTER(RCX, rcx);
    REGISTER(R11, r11);
    REGISTER(VECTOR, vector);
    REGISTER(RIP, rip);
    REGISTER(CS, cs);
    REGISTER(RFLAGS, rflags);
    REGISTER(RSP, rsp);
#undef REGISTER
    DEFINE(VECTOR_SYSTEM_CALL, VECTOR_SYSTEM_CALL);
    DEFINE(VECTOR_CALL_AGAIN, VECTOR_CALL_AGAIN);
    DEFINE(RESULT_SWITCHED, RESULT_SWITCHED);
    DEFINE(RESULT_SPECIAL_LAST, RESULT_SPECIAL_LAST);
    DEFINE(RESULT_UNKNOWN, -PIPE_ENOSYS);
}
