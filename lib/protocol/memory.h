// SPDX-License-Identifier: MIT
// /svc/memory: all memory that the kernel does not keep. Operations marked (1) are the process server's alone: EACCES.
#ifndef PROTOCOL_MEMORY_H
#define PROTOCOL_MEMORY_H

#include "abi.h"

#define MEMORY_PIPE "/svc/memory"

enum memory_request_operation {
    // (1) struct memory_request, handle: control of a new process: becomes its pager; `amount` is its limit in pages.
    MEMORY_ADOPT,
    // (1) struct memory_request, lease 0: the bytes: maps `amount` bytes at `address` in `pid`, filled from the lease
    // and with zeroes after it; `flags` are PROTECT_*. EINVAL, EEXIST, EDQUOT, ENOMEM.
    MEMORY_LOAD,
    // (1) struct memory_request: an area of `amount` bytes at `address` in `pid` that is filled with zeroes as it is
    // touched. Its pages are promised, but for the first `spare`, which are given while there are any. EINVAL, EDQUOT,
    // ENOMEM.
    MEMORY_LAZY,
    // (1) struct memory_request: `pid` is dead: all it had is free again.
    MEMORY_RELEASE,
    // struct memory_request: the caller's heap grows by `amount` bytes -> struct memory_reply: where it ended before.
    // Its pages are promised. EDQUOT, ENOMEM, EINVAL (over HEAP_MAX; it does not shrink).
    MEMORY_GROW,
    // struct memory_request: `amount` pages, contiguous and cleared -> handle: a region that the caller owns. EDQUOT,
    // ENOMEM.
    MEMORY_ALLOCATE,
    // struct memory_request: of `pid`, or 0 -> struct memory_stats. ESRCH.
    MEMORY_STATISTICS,
    MEMORY_OPERATIONS
};

struct memory_request {
    uint32_t operation, pid, flags, spare;
    uint64_t address, amount;
};

struct memory_reply {
    uint64_t address;
};

struct memory_stats {
    uint64_t pages, free_pages; // of the pool
    uint64_t used_pages, limit; // of the process asked for, in pages
    uint64_t faults;            // that were answered
};

// The memory server's own start: its argument is the number of pool regions, its handles from 2 on, and above these
// bits how many pages of the last one, from its start on, are its own memory.
#define POOL_COUNT_BITS 8u

// Where things stand in a process that the process server loads.
#define HEAP_BASE 0x100000000000ull
#define HEAP_MAX (1ull << 40)
#define STACK_TOP 0x7e0000000000ull
#define STACK_MAX (8ull << 20)
#define STACK_PROMISED (64ull << 10)   // of it, at its upper end
#define MAPPING_BASE 0x200000000000ull // from here on a program maps its own regions

#endif
