// SPDX-License-Identifier: MIT
// fuzz: runs the strings of the tests' kept corpus, and random ones, as real system calls. The first process reads the
// strings and directs; the threads of tests/model/operation.h act, in processes of their own. Each calls
// /app/<pid>/work with what its last operation gave, and the reply is the next one; an operation for a thread that
// still waits in the last one is left out. All names lie below /app/<pid>/names.
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "operation.h"
#include "pipe.h"

#define WORK_PIPE "/app/%u/work"
#define NAMES_DIRECTORY "/app/%u/names"
#define RULES_ALL RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL)

enum order_kind {
    ORDER_OPERATION, // in `bytes`
    ORDER_CLEAN      // close all handles, remove all pipes; a report with what is left
};

struct order {
    uint32_t kind;
    uint8_t bytes[OPERATION_BYTES];
};

// What a system call did that none may do.
enum complaint {
    COMPLAINT_NONE,
    COMPLAINT_ERROR,   // an error that pipens/calls.h does not name
    COMPLAINT_PAGE,    // it wrote after its result, or though it failed
    COMPLAINT_MEMORY,  // it wrote into memory that it was not given
    COMPLAINT_MESSAGE, // what came is not as it was sent, or cannot have been
    COMPLAINT_PIPE,    // the new pipe is not what was asked for
    COMPLAINTS
};

struct report {
    uint32_t thread, calls; // system calls since the last report
    uint32_t complaint;     // the first one
    uint32_t call;          // of it: the system call's number, and its result
    int64_t result;
    uint32_t left;      // pipes that it could not remove yet
    uint32_t is_locked; // the rules of one of them no longer let it
};

// Runs the threads of an actors' process; the director's and the processes' numbers. Its status.
int actor_main(uint32_t director, uint32_t process, uint32_t priority);

// ---- The handles of an actor's process (handles.c) ----

// A handle that a call gave: its flow (FLOWS: a region) and its rights.
void handles_note(uint64_t handle, uint32_t flow, uint32_t rights);
void handles_hooked(uint64_t handle, bool is_hooked);
// It is closed, or has been moved away.
void handles_gone(uint64_t handle);
// What the reference means here; 0 if nothing suits.
uint64_t handles_choose(const struct reference *reference);
// Closes all that were ever noted.
void handles_close(void);

#endif
