// SPDX-License-Identifier: MIT
// /dev/edu: QEMU's device for teaching, which computes factorials.
#ifndef PROTOCOL_EDU_H
#define PROTOCOL_EDU_H

#include <stdint.h>

#define EDU_PIPE "/dev/edu"
#define EDU_NUMBER_MAX 12u // its result has 32 bits

enum edu_operation {
    EDU_FACTORIAL, // struct edu_request -> struct edu_reply once the device interrupts. ERANGE, EBUSY.
    EDU_OPERATIONS
};

struct edu_request {
    uint32_t operation, number;
};

struct edu_reply {
    uint32_t factorial;
};

#endif
