// SPDX-License-Identifier: MIT
// The end: the kernel says what is wrong, with registers and a backtrace, and stops the machine with a status that is
// not 0.
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

struct registers;

#define PANIC_STATUS 63u // QEMU ends with 2 * 63 + 1 = 127

_Noreturn void panic(const char *reason);
_Noreturn void panic_registers(const char *reason, const struct registers *registers);
// What the kernel can't start without, in a sentence: no backtrace.
_Noreturn void refuse_to_start(const char *pattern, ...);

#endif
