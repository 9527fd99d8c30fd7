// SPDX-License-Identifier: MIT
// QEMU's device for teaching (QEMU's docs/specs/edu.rst): a function on PCI that computes factorials, and tells by a
// message that one is there.
#ifndef EDU_EDU_H
#define EDU_EDU_H

#include <stdbool.h>
#include <stdint.h>

#define EDU_VENDOR 0x1234u
#define EDU_DEVICE 0x11e8u

// Takes the device from the PCI driver, with its interrupts as messages on /irq/msi<message_line>. 0 or more, or a
// negated error: -ENODEV where the machine has none.
long edu_initialize(uint32_t message_line);
// Begins to compute; the device interrupts once it is done.
void edu_compute(uint32_t number);
// Ends an interrupt: false if the device has none. Then *factorial is what it has computed.
bool edu_interrupted(uint32_t *factorial);

#endif
