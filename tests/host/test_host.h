// SPDX-License-Identifier: MIT
// A host of the namespace for tests: pipens/host.h over malloc, with simulated time, memory that is leased, regions and
// interrupt lines, and a record of everything that the namespace asked for. There is one, `host`, because the functions
// of pipens/host.h have no context.
#ifndef TESTS_TEST_HOST_H
#define TESTS_TEST_HOST_H

#include "calls.h"
#include "hook.h"
#include "host.h"

#define HOST_LINES 8u
#define HOST_MEMORY_BASE 0x100000u // address of every process's simulated memory
#define HOST_MEMORY_SIZE 0x4000u
#define HOST_PAGE_SIZE 0x1000u
#define HOST_MEMORY_PAGES (HOST_MEMORY_SIZE / HOST_PAGE_SIZE)
#define HOST_GUARD_SIZE 64u // canary bytes on both sides of the memory
#define HOST_CANARY 0xa5u
#define HOST_BUCKETS 64u

struct region {
    struct region *next;
    uint32_t references;
    struct principal *owner;
    bool is_shared, is_busy; // busy: mapped or pinned
    uint64_t pages;          // for which the payer pays
    struct account *payer;
};

struct line {
    bool is_masked;
    uint32_t changes;               // calls of host_line_mask
    uint64_t retry_at;              // 0: none is due
    const struct principal *storms; // who answers `handled` in a storm, or NULL
};

// What stands for a process: its principal, its quota and the memory that it may lease.
struct process {
    struct principal principal;
    struct account *account;
    struct process *next;
    uint8_t *memory; // HOST_MEMORY_SIZE bytes between two guards
    uint32_t pins[HOST_MEMORY_PAGES];
    bool is_absent[HOST_MEMORY_PAGES];    // a lease blocks there
    bool is_read_only[HOST_MEMORY_PAGES]; // a writable lease is refused there
};

// What stands for a thread. `page` is a block of its own, so that the sanitizers see a byte written outside.
struct thread {
    struct waiter waiter;
    struct process *process;
    struct message *page;
    struct thread *next;
    bool is_blocked;
    bool was_woken;      // while it was not blocked
    long result;         // of the last call that ended, at once or by host_wake
    uint32_t wakes;      // calls of host_wake
    uint64_t wake_order; // host.wakes at its last wake
    uint64_t deadline;   // while blocked; DEADLINE_NONE: none
    uint32_t priority_changes;
};

typedef long answer_function(struct node *node, struct waiter *waiter, uint32_t length, uint32_t flags);

struct host {
    struct namespace names;
    struct node **buckets;
    uint64_t now;
    uint64_t live_bytes, live_blocks; // allocated and not freed
    uint64_t allocations;             // asked for
    uint64_t fail_at;                 // the allocation, counted by `allocations`, that fails; 0: none
    uint64_t failed;                  // allocations that failed
    uint64_t wakes;
    uint64_t closings;       // calls of host_closing
    const char *complaint;   // the first thing that the namespace did wrong to its host, or NULL
    answer_function *answer; // of kernel pipes
    struct message *raced;   // a page into which another thread writes as soon as it was copied or looked at; or NULL
    struct region *regions;
    struct thread *threads;
    struct process *processes;
    struct line lines[HOST_LINES];
    struct {
        const struct principal *principal;
        enum claim_type type;
        uint32_t rights, count;
        char path[PATH_LENGTH_MAX + 1];
    } refused; // by claims, the last one
    struct {
        const struct principal *principal;
        const struct node *node;
        uint32_t rule_class, rights, allowed, count;
    } refused_by_rules; // the last one
};
extern struct host host;

// Fills memory with bytes that are no zeroes: what relies on those, without having cleared it, shall see that.
void host_soil(void *memory, size_t size);

// Starts with a new, empty namespace; the time is 1 second. 0 or -ENOMEM.
long host_start(uint32_t seed);
// The allocation `count` from now on fails (1: the next); 0: none.
void host_fail_allocation(uint64_t count);
// Frees whatever is still allocated.
void host_free_all(void);
// What is wrong: a complaint of the host, or a broken invariant; NULL if all is well.
const char *host_audit(void);
// Lets time pass: deadlines and retries of lines that are due then happen, in order of time.
void host_pass(uint64_t nanoseconds);

struct region *region_make(struct principal *owner);
struct thread *thread_of(struct waiter *waiter);
// Whether no byte of the guards around the process's memory has changed.
bool memory_is_guarded(const struct process *process);

#endif
