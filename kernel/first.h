// SPDX-License-Identifier: MIT
// The first process, whose program is a flat image: boot/flat_image.h.
#ifndef KERNEL_FIRST_H
#define KERNEL_FIRST_H

struct boot_information;

// Makes the first process ready to run, with all memory that the kernel does not keep. A damaged image ends the boot
// with a sentence on the console.
void first_process_start(const struct boot_information *boot);

#endif
