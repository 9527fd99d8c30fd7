// SPDX-License-Identifier: MIT
// Who calls a volume, by the kernel's word and the process server's.
#ifndef LIB_VOLUME_CALLER_H
#define LIB_VOLUME_CALLER_H

#include "abi.h"
#include "protocol/process.h"

#define OWNER_NOBODY 65534u // of a caller that the process server does not know

struct volume_caller {
    uint32_t pid, generation;
    uint32_t owner;  // of the files that it makes: 0 for servers, drivers and operators
    uint32_t leader; // of its program tree
    uint32_t files_length;
    uint8_t files[FILE_CLAIMS_MAX]; // its claims on files: struct claim records
};

// The caller of a message. It stays until the next call.
const struct volume_caller *volume_caller_of(const struct message_received *message);

#endif
