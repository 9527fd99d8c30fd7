// SPDX-License-Identifier: MIT
// /svc/random: bytes that nobody can tell beforehand.
#ifndef PROTOCOL_RANDOM_H
#define PROTOCOL_RANDOM_H

#include <stdint.h>

#define RANDOM_PIPE "/svc/random"
#define RANDOM_LENGTH_MAX 256u

enum random_operation {
    RANDOM_FILL, // struct random_request -> struct random_head, then `length` bytes. ERANGE.
    RANDOM_OPERATIONS
};

struct random_request {
    uint32_t operation, length; // 1 to RANDOM_LENGTH_MAX
};

enum random_source {
    RANDOM_PROCESSOR, // the processor's generator: good for keys
    RANDOM_TIME       // the processor has none: time stamps, stirred. Good for games, not for secrets.
};

struct random_head {
    uint32_t source; // enum random_source
};

#endif
