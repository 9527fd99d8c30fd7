// SPDX-License-Identifier: MIT
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

struct boot_information;

// Starts everything that does not depend on the machine, and the first process. It does not return.
_Noreturn void kernel_main(struct boot_information *boot);

#endif
