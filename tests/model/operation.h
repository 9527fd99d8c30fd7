// SPDX-License-Identifier: MIT
// Operations on the namespace, decoded from bytes. Any byte string means something, so that whatever a fuzzer or a
// random generator makes is a test, and every file that once broke something stays one. Each operation takes
// OPERATION_BYTES bytes; what is missing at the end counts as zero. Arguments come from small pools, so that operations
// meet.
//
// Needs no library: the fuzzer inside the system compiles it as well.
#ifndef TESTS_MODEL_OPERATION_H
#define TESTS_MODEL_OPERATION_H

#include "abi.h"

#include <stddef.h>
#include <stdint.h>

#define OPERATION_BYTES 8u
#define ACTOR_THREADS 6u   // threads that act; see thread_process
#define ACTOR_PROCESSES 4u // processes that they belong to
#define ACTOR_LINES 2u     // interrupt lines: 0 is triggered by level, 1 by edges

enum operation_code {
    // System calls
    OPERATION_CREATE,
    OPERATION_OPEN,
    OPERATION_CLOSE,
    OPERATION_REMOVE,
    OPERATION_SET_RULES,
    OPERATION_LIST,
    OPERATION_STAT,
    OPERATION_HOOK,
    OPERATION_UNHOOK,
    OPERATION_SEND,
    OPERATION_CALL,
    OPERATION_REPLY_WAIT,
    OPERATION_COPY_LEASE,
    // What the host brings
    OPERATION_CANCEL, // a blocked thread's wait is ended with ECANCELED
    OPERATION_TIME,   // time passes; deadlines and retries that fall due happen
    OPERATION_THREAD_END,
    OPERATION_PROCESS_END,
    OPERATION_ABANDON, // the pipes that a dead supervised process left go
    OPERATION_INTERRUPT,
    OPERATION_SIGNAL,   // the kernel signals an event pipe
    OPERATION_PUBLISH,  // the kernel publishes on a topic
    OPERATION_CALL_FOR, // the kernel calls for a thread, as when it faults
    OPERATION_PRIORITY, // a thread's own priority changes
    OPERATION_REGION,   // a process gets a handle of a new region
    OPERATION_SCARCITY, // the next call that may allocate finds little memory, or little quota
    OPERATION_LOCK,     // whether apps may tap changes
    OPERATIONS
};

// Which of its handles, or of the tokens that it holds, an operation of a thread uses.
enum choice {
    CHOICE_NTH,     // the `selector`-th, counted round, of those that suit; of all, if none does
    CHOICE_STALE,   // the `selector`-th latest that is no longer good
    CHOICE_GARBAGE, // the value of `selector` itself
    CHOICE_NONE     // 0
};

struct reference {
    enum choice choice;
    uint32_t suits;  // bits of enum flow that suit, SUITS_REGION, SUITS_UNHOOKED
    uint32_t rights; // that a handle needs, to suit
    uint64_t selector;
};
#define SUITS(flow) (1u << (flow))
#define SUITS_REGION (1u << FLOWS)
#define SUITS_UNHOOKED (SUITS_REGION << 1) // not hooked yet
#define SUITS_PIPE (SUITS_REGION - 1)      // any pipe that still has its name
#define SUITS_ALL (SUITS_PIPE | SUITS_REGION)

struct operation {
    enum operation_code code;
    uint32_t thread;  // index of the thread that acts, or that it happens to
    uint32_t process; // its process's index
    const char *path;
    uint32_t path_length;
    uint32_t flow, rules, capacity, payload_max; // create, set_rules
    uint32_t rights;                             // open
    struct reference target;                     // handle or token
    uint64_t key;                                // hook; the value of signals
    int64_t length;                              // of a payload or cursor; negative: an error instead of a reply
    uint8_t fill;                                // the payload's bytes count up from here
    uint64_t flags;                              // as of the system call
    struct reference attached[MESSAGE_HANDLES_MAX];
    struct lease leases[MESSAGE_LEASES_MAX];
    uint64_t time;            // from now on: of a deadline, or that passes; TIME_NOW, TIME_NEVER
    uint64_t offset, address; // copy_lease; address within the process's memory
    uint32_t line, priority, count;
};
#define TIME_NOW 0u
#define TIME_NEVER UINT64_MAX

// Start and size of the memory that each actor may lease.
#define ACTOR_MEMORY_BASE 0x100000u
#define ACTOR_MEMORY_SIZE 0x4000u

// Reads the next operation at *position and moves on; false at the end.
int operation_decode(const uint8_t *bytes, size_t size, size_t *cursor, struct operation *operation);
// An operation for which its process has no handle that suits opens one, or creates something that would
// suit.
void operation_turn_to_open(struct operation *operation, const char *path, uint32_t length);
void operation_turn_to_create(struct operation *operation);
// The process of a thread, by their indices.
uint32_t thread_process(uint32_t thread);
const char *operation_name(enum operation_code code);

#endif
