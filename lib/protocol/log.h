// SPDX-License-Identifier: MIT
// /svc/log: the lines of the kernel's log since boot, as many as the log server keeps.
#ifndef PROTOCOL_LOG_H
#define PROTOCOL_LOG_H

#include <stdint.h>

#define LOG_PIPE "/svc/log"

enum log_operation {
    // struct log_request -> struct log_lines, then the lines from `number` on, each with its end; 0 lines: no more.
    LOG_READ,
    LOG_OPERATIONS
};

struct log_request {
    uint32_t operation, number;
};

struct log_lines {
    uint32_t first, count; // numbers of the lines that follow; older ones are gone
};

#endif
