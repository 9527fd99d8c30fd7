// SPDX-License-Identifier: MIT
// /svc/log: the lines of the kernel's log, as many as the log server keeps. The first lines since its start are kept
// for ever; of the others each source (a program, or the kernel) has a share, so that none pushes out another's.
#ifndef PROTOCOL_LOG_H
#define PROTOCOL_LOG_H

#include <stdint.h>

#define LOG_PIPE "/svc/log"

enum log_operation {
    // struct log_request -> struct log_lines, then the lines from `number` on, each with its end; 0 lines: no more.
    LOG_READ,
    // The same of the lines that tell of refused operations alone, which have numbers of their own.
    LOG_DENIALS,
    LOG_DROPPED, // -> struct log_dropped of each source of which lines were dropped from what LOG_READ tells
    LOG_OPERATIONS
};

struct log_request {
    uint32_t operation, number;
};

struct log_lines {
    uint32_t next, count; // the number to ask for next; how many lines follow
};

#define LOG_NAME_SIZE 32u

struct log_dropped {
    uint64_t lines;
    char name[LOG_NAME_SIZE];
};

#endif
