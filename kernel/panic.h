// SPDX-License-Identifier: MIT
// The end: the kernel says what is wrong, with registers and a backtrace, and stops the machine with a status that is
// not 0.
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

struct registers;

#define PANIC_STATUS 63u // QEMU ends with 2 * 63 + 1 = 127

_Noreturn void panic(const char *reason);
_Noreturn void panic_registers(const char *reason, const struct registers *registers);
// Prints why the kernel can't start, in a sentence without a backtrace, and stops.
_Noreturn void refuse_to_start(const char *pattern, ...);

#endif
