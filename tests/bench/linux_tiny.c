// SPDX-License-Identifier: MIT
// The program that the Linux benchmark spawns: it ends at once with status 0. No libc, so that what is measured is
// the kernel's part of a spawn.
#include <sys/syscall.h>

void _start(void) {
    __asm__ volatile("syscall" : : "a"(SYS_exit), "D"(0));
    __builtin_unreachable();
}
