// SPDX-License-Identifier: MIT
// What gcc's -fstack-protector-strong needs in the kernel: the canary, which kernel_start chooses, and what follows from
// an overrun.
#include "kernel.h"

#include "panic.h"

uint64_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);

void __stack_chk_fail(void) {
    panic("an array on the kernel's stack was overrun");
}
