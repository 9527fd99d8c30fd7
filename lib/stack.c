// SPDX-License-Identifier: MIT
// What gcc's -fstack-protector-strong needs: a canary lies between a function's arrays and its return address.
#include "stack.h"

#include "processor.h"

#define LOW_BYTE 0xffull // zero, so that no string that is too long copies the canary

uint64_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);

void stack_guard_make(void) {
    uint64_t word = 0, cycles = processor_cycles();
    if (processor_has_random())
        processor_random(&word);
    __stack_chk_guard = (word ^ cycles << 32 ^ cycles) & ~LOW_BYTE;
}

// The process server knows it by its name: the crash is in its caller.
void __stack_chk_fail(void) {
    for (;;)
        __asm__ volatile("ud2");
}
