// SPDX-License-Identifier: MIT
// Processes.
//
//   process_create --> NEW --- first thread ---> ALIVE <--- suspend, resume ---> SUSPENDED
//   NEW, ALIVE, SUSPENDED --- process_end ---> DYING --- process_end_step ---> DEAD --- process_reap ---> gone
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include "bits.h"
#include "budget.h"
#include "dma.h"
#include "principal.h"
#include "service.h"
#include "space.h"

#define PROCESSES_PER_PAGE 512u

// What the successive processes of a supervised program share: their account, and the principal that owns their pipes
// between two processes.
struct succession {
    struct principal principal;
    uint32_t processes; // not reaped yet
};

struct process {
    struct principal principal;
    struct space space;
    struct list threads; // by of_process
    uint32_t thread_count;
    uint64_t thread_numbers[THREADS_PER_PROCESS_MAX / WORD_BITS]; // bits.h
    uint8_t state;                                                // enum process_state
    bool was_started;                                             // the log has its line
    uint8_t priority;                                             // the highest of its threads
    uint32_t status;                                              // at its end: EXIT_*
    uint32_t parent;                                              // pid, or 0; the parent may have ended
    struct process_fault fault;                                   // the exception that ended it, if EXIT_FAULT
    uint64_t last_denial;                                         // hash of the last line of denial.c's
    uint32_t denials_logged;
    uint64_t time;                 // cycles of its ended threads
    struct succession *succession; // NULL: not supervised
    struct budget budget;
    struct list in_dying;
    struct list timers; // on event pipes, by pipe_timer.of_process
    struct dma dma;
    struct service control; // answers /proc/<pid>/control
    struct node *directory, *control_node, *fault_node, *exit_node;
    struct node *system_node; // of a foreign process, else NULL
};

struct process_table {
    struct process **pages[PIDS_MAX / PROCESSES_PER_PAGE]; // by pid; NULL: none of its pids is used
    uint16_t used[PIDS_MAX / PROCESSES_PER_PAGE];          // pids of a page that are
    uint32_t generations[PIDS_MAX / PROCESSES_PER_PAGE];   // of the pids of a page: counts all uses
    uint32_t next_pid, count;
};

static inline struct process *process_of(const struct principal *principal) {
    return list_object(principal, struct process, principal);
}
static inline bool process_is_ending(const struct process *process) {
    return process->state >= PROCESS_DYING;
}

// Whether its system calls are calls on /proc/<pid>/system (foreign.c).
static inline bool process_is_foreign(const struct process *process) {
    return process->system_node != NULL;
}

// Its kind, as text.
const char *process_kind(const struct process *process);
// Makes a process. NULL with *error set: -EINVAL, -ENFILE (no pid is free), -EDQUOT, -ENOMEM; -ESRCH and -EBUSY for the
// predecessor, which must be dead.
struct process *process_create(const struct process_create *create, const uint8_t *claims, long *error);
// A handle to its control, with one reference: each process starts with one, and its creator gets one.
struct attachment process_control_handle(struct process *process);
// The process with this pid, or NULL.
struct process *process_find(uint32_t pid);
// The process with the lowest pid at or above, or NULL.
struct process *process_next(uint32_t pid);
// Stops all threads of the process and gives it to the reaper, which takes it apart in steps.
void process_end(struct process *process, uint32_t status);
// Takes the process apart by one bounded step; true if more is left.
bool process_end_step(struct process *process);
// Frees a dead process. The pipes that wait for a successor are removed with the last process that a successor could
// name. -ESRCH, -EBUSY (not dead yet), or PIPENS_RESTART.
long process_reap(uint32_t pid);

#endif
