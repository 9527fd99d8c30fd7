// SPDX-License-Identifier: MIT
// The switch from one thread to another, inlined because each call passes through it twice. kernel.h includes it.
#ifndef X86_64_MACHINE_SWITCH_H
#define X86_64_MACHINE_SWITCH_H

#include "kernel.h"

// The write flushes the TLB's entries of a space without a tag. The entries of a space with a tag stay, except on the
// first switch and after a change to the space's tables (space_flush).
static inline void machine_enter_space(struct cpu *cpu, struct space *space) {
    if (cpu->space == space)
        return;
    cpu->space = space;
    cr3_write(space->enter);
    if (space->tag)
        space->enter |= CR3_KEEP_TLB;
}

static inline void machine_switch(struct cpu *cpu, struct thread *thread) {
    cpu->machine.task.stack[0] = (uint64_t)(&thread->context.registers + 1);
    machine_enter_space(cpu, &thread->process->space);
    struct thread *owner = cpu->float_owner;
    if (owner == thread)
        return;
    if (owner)
        float_save(owner->context.float_registers);
    float_restore(thread->context.float_registers);
    cpu->float_owner = thread;
    // Another thread may have set the base to 0, and to nothing else, by loading the segment register.
    if (cpu->thread_local | thread->context.thread_local) {
        cpu->thread_local = thread->context.thread_local;
        msr_write(MSR_FS_BASE, cpu->thread_local);
    }
}

#endif
