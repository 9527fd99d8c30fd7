// SPDX-License-Identifier: MIT
// Explores how threads interleave in pipens. Inside the kernel interrupts are off, so that each of pipens's calls is a
// critical section: threads can interleave only between operations, and where one blocks, restarts or wakes another.
// That is where the explorer switches: an operation, or a chunk of one that restarts, is one step, and every order of
// the steps is run that needs no more preemptions than it is allowed. A preemption is a switch away from an actor that
// could go on, or a deadline that passes while somebody could.
//
// The whole state, pipens's own included, lies in `world`, which is copied before a step and put back after it.
#ifndef TESTS_EXPLORE_H
#define TESTS_EXPLORE_H

#include "calls.h"
#include "host.h"
#include "node.h"

#define ACTORS_MAX 6u     // those that the scenario schedules, and some that it only lets wait
#define OPERATIONS_MAX 4u // of one actor
#define PROCESSES_MAX 8u
#define NUMBERS (ACTORS_MAX * OPERATIONS_MAX) // of messages and requests: who sent it, and as its how manieth operation
#define WORLD_BUCKETS 16u
#define ARENA_SIZE 0x10000u

struct process {
    struct principal principal;
    struct account account;
    uint64_t token;     // the last that one of its threads was given
    uint32_t requested; // the number of that token's request
    bool has_ended;
};

struct actor;

struct operation {
    const char *name;
    long (*start)(struct actor *actor);             // makes the call: its result, PIPENS_BLOCKED or PIPENS_RESTART
    void (*done)(struct actor *actor, long result); // looks at the result; NULL: nothing to look at
    bool (*may_start)(void);                        // NULL: always
};

struct actor {
    struct waiter waiter;
    struct process *process;
    const struct operation *program;
    uint8_t length, next; // operations of the program; the next one
    bool is_blocked, is_woken, has_ended;
    long result;       // while is_woken
    uint64_t deadline; // while blocked; DEADLINE_NONE: none
    long handle;
    uint32_t asked;     // the number of its last message or request
    uint64_t old_token; // that it replied to, and the number of its request
    uint32_t old_request;
    uint32_t listened; // its hook on the line has seen so many signals
};

// What the scenarios' properties are about.
struct ledger {
    uint8_t accepted[NUMBERS], received[NUMBERS]; // messages: the send succeeded; somebody took it
    uint8_t requested[NUMBERS], replied[NUMBERS]; // requests: a server was given it; its reply was accepted
    uint32_t signals;                             // of the interrupt line
    bool pipe_was_removed, server_has_died;
    uint8_t closed; // times that an owner was told that nobody holds its pipe any more
};

struct line {
    bool is_masked, is_retry_due;
};

struct world {
    struct namespace names;
    struct node *buckets[WORLD_BUCKETS];
    struct process processes[PROCESSES_MAX];
    struct actor actors[ACTORS_MAX];
    struct message pages[ACTORS_MAX];
    struct ledger ledger;
    struct line line;
    uint32_t process_count, actor_count;
    uint64_t now;
    uint64_t live_blocks, kept_blocks; // allocated and not freed; what stays when all have ended
    uint32_t arena_used;
    uint8_t arena[ARENA_SIZE] __attribute__((aligned(16))); // the last member: only what is used of it is copied
};
extern struct world world;

struct scenario {
    const char *name;
    void (*set_up)(void);
    const char *(*watch)(void); // after each step: what is wrong, or NULL. May be NULL itself
    const char *(*judge)(void); // the same at the end of each schedule
    bool has_calls;             // it is explored with the fast path of a call and without
};
extern const struct scenario scenarios[];
extern const uint32_t scenario_count;

struct limits {
    uint32_t actors, operations, preemptions;
    bool use_fast_path; // of calls and replies, where that is possible
    bool use_audit;
};
extern struct limits limits;

// ---- host.c ----

void world_start(void);
// Notes what is wrong; the first complaint stands. The text must outlive the exploration.
void complain(const char *what);
const char *complaint(void);
void complaint_clear(void);
void world_save(struct world *copy);
void world_restore(const struct world *copy);
// Ends all that is left, and looks whether that gives everything back.
void world_end(void);

// ---- engine.c ----

struct outcome {
    uint64_t schedules, steps;
    const char *complaint; // NULL: all is well
};
struct outcome explore(const struct scenario *scenario);
// The steps of the schedule that ended in the complaint, one a line after a mark.
void print_schedule(void);

// ---- actors.c: what the scenarios are made of ----

struct process *process_start(uint32_t pid, enum kind kind, struct principal *succession);
struct actor *actor_start(struct process *process, const struct operation *program, uint32_t length);
uint32_t actor_index(const struct actor *actor);
// What must succeed when a scenario is set up. A handle with the rights; a pipe and a handle with all rights.
long must_open(struct actor *actor, const char *path, uint32_t rights);
long must_create(struct actor *actor, const char *path, enum flow flow, uint32_t capacity);
void must_hook(struct actor *actor, long handle);
// Makes the call, which must block.
void must_call(struct actor *actor);
struct node *node_at(const char *path);
long create_pipe(struct actor *actor, const char *path, enum flow flow, uint32_t capacity);
long open_pipe(struct actor *actor, const char *path, uint32_t rights);
long remove_pipe(struct actor *actor, const char *path);

// Operations on actor->handle.
long start_send(struct actor *actor);
long start_send_timed(struct actor *actor);
long start_call(struct actor *actor);
long start_call_timed(struct actor *actor);
long start_wait(struct actor *actor);
long start_wait_timed(struct actor *actor);
long start_reply(struct actor *actor);       // to the last token of the process
long start_reply_again(struct actor *actor); // to the token that it replied to before
long start_reply_wait(struct actor *actor);
long start_hook(struct actor *actor);
long start_unhook(struct actor *actor);
long start_close(struct actor *actor);
long start_end_thread(struct actor *actor); // in steps
long start_end_process(struct actor *actor);

void done_send(struct actor *actor, long result);
void done_call(struct actor *actor, long result);
void done_receive(struct actor *actor, long result);
void done_reply(struct actor *actor, long result);
void done_handle(struct actor *actor, long result); // keeps the new handle

#endif
