// SPDX-License-Identifier: MIT
// The reference model: the namespace as naive arrays and lists that grow without bound, written from the contract
// (pipens/abi.h, pipens/calls.h) and sharing no code with pipens. Everything is found by looking at everything.
//
// Objects are indices into arrays. What pipens chooses freely (the numbers of handles and tokens) the model learns: it
// leaves a `lesson` where it expects such a number, and the comparison fills it in, provided that it is fresh.
#ifndef TESTS_MODEL_MODEL_H
#define TESTS_MODEL_MODEL_H

#include "operation.h"

#include <stdbool.h>

#define MODEL_BLOCKED (-1000000L) // the thread waits; its result comes by a wake
// More than RUN_OPERATIONS_MAX operations can need.
#define MODEL_NODES 640
#define MODEL_HOOKS 640
#define MODEL_HANDLES 8192 // of all processes; also those of one that were closed
#define MODEL_REGIONS 4096
#define MODEL_TOKENS 4096 // that were good once
#define MODEL_LESSONS 64  // of one operation

// Where a counter of 64 bits starts, just below the wrap of its lower half, so that a truncation shows. (The whole
// cannot wrap: a signal every nanosecond would take 584 years.)
#define MODEL_COUNTER_START (UINT64_C(0x100000000) - 3)
#define MODEL_NUMBER_START (UINT32_MAX - 20)        // of the next pipe, once the fixed ones are made
#define MODEL_TOKEN_START ((UINT64_C(1) << 48) - 3) // the sequence part of tokens has 48 bits

// The generation under which the first positions of a table of handles are used: as if they had been used often before.
#define MODEL_GENERATION_START 0x7ffeu // of 15 bits: the second use of a position wraps
#define MODEL_AGED_SLOTS 32u

// Owners: an actor's process by its index, or one of these.
#define OWNER_KERNEL (-1)
#define OWNER_SUCCESSION (-2) // keeps what the process SUCCESSION_PROCESS left when it died
#define SUCCESSION_PROCESS 2u // the one that is supervised
#define CLAIMED_PROCESS 3u    // the one that has claims; no claims limit the others

enum model_state { STATE_RUNNING, STATE_RECEIVING, STATE_QUEUED, STATE_IN_FLIGHT, STATE_SENDING };
enum model_type { TYPE_FREE, TYPE_PIPE, TYPE_REGION, TYPE_TRANSIT };

struct identity {
    uint32_t pid, generation;
    uint8_t kind;
};

struct model_attachment {
    enum model_type type;
    int object; // node or region
    enum rule_class class;
    uint32_t rights;
    bool move;
};

struct model_message {
    struct identity sender;
    uint64_t time;
    uint8_t type;
    uint32_t length;
    uint8_t *payload;
    uint32_t attachment_count;
    struct model_attachment attachments[MESSAGE_HANDLES_MAX];
};

struct model_messages {
    struct model_message *items;
    uint32_t count, room;
};

struct model_indices {
    int *items;
    uint32_t count, room;
};

struct model_node {
    bool is_used; // named, or something still refers to it
    bool is_named, is_kernel, is_line, is_level;
    char path[PATH_LENGTH_MAX + 1];
    uint32_t length, flow, rules, number, capacity, payload_max, slot_size;
    int owner;
    uint64_t owned_since;                      // order among its owner's nodes
    struct model_indices hooks, taps, waiting; // waiting: threads, in no order
    uint64_t in, out, dropped, denied;
    struct model_messages messages; // held by a queue or topic
    uint64_t first;                 // topic: sequence number of messages.items[0]
    uint64_t total, taken, time, value;
    struct identity signaller;
    uint32_t line, retries;
    bool was_handled;
};

struct model_hook {
    bool is_used, is_ready, is_tap, owes, is_gone;
    uint32_t thread;
    int node, handle;
    uint32_t pipe; // the node's number
    uint64_t key, cursor, lost;
    uint64_t told_at;                     // of the interrupt that it owes an answer for
    uint32_t record_capacity, record_max; // 0: no records of its own
    struct model_messages records;
    struct event_message last;
};

struct model_handle {
    enum model_type type;
    uint32_t process;
    int object, hook;
    enum rule_class class;
    uint32_t rights;
    bool is_outside; // its process was not the pipe's owner when it came
    uint64_t number; // learned
};

struct model_region {
    bool is_used, is_shared, is_busy;
    int owner;
    void *real; // for the comparison
};

struct model_thread {
    bool is_alive;
    uint32_t process;
    uint32_t base_priority, priority;
    enum model_state state;
    uint64_t deadline;
    uint8_t page[MESSAGE_PAGE_SIZE];           // what its page must hold
    uint8_t message_buffer[MESSAGE_PAGE_SIZE]; // while the kernel calls for it
    bool is_message_buffer;
    uint32_t payload_limit;
    struct model_indices hooks, ready, held; // held: threads
    int node;                                // that it waits for
    uint32_t holder;
    uint64_t token, ticket, since;
    int64_t length;
    uint64_t flags;
    uint32_t attachment_count, lease_count;
    struct model_attachment attachments[MESSAGE_HANDLES_MAX];
    int transit[MESSAGE_HANDLES_MAX];
    struct lease leases[MESSAGE_LEASES_MAX];
};

struct model_process {
    bool is_alive;
    struct identity identity;
    uint64_t denied;
    uint8_t memory[ACTOR_MEMORY_SIZE];
    uint64_t past[MODEL_HANDLES]; // handles that it had, in order
    uint32_t past_count;
};

// A number that pipens chooses: it stands in a page, at an offset.
struct lesson {
    uint32_t thread, offset;
    int handle; // -1: the token of `caller`
    uint32_t caller;
};

struct wake {
    uint32_t thread;
    long result;
};

struct model {
    uint64_t now, tickets, owning;
    uint32_t next_number;
    struct model_node nodes[MODEL_NODES];
    struct model_hook hooks[MODEL_HOOKS];
    struct model_handle handles[MODEL_HANDLES];
    struct model_region regions[MODEL_REGIONS];
    int node_count, hook_count, handle_count, region_count; // positions that were ever used
    struct model_thread threads[ACTOR_THREADS];
    struct model_process processes[ACTOR_PROCESSES];
    struct lesson lessons[MODEL_LESSONS];
    uint32_t lesson_count;
    struct model_indices awake; // threads that receive and have a ready hook; empty between two operations
    struct wake wakes[ACTOR_THREADS];
    uint32_t wake_count;
    uint64_t past_tokens[MODEL_TOKENS];
    uint32_t past_token_count;
    bool apps_may_not_tap;
    bool
        may_be_stale; // the last handle that was EBADF was never given out, but its slot looks used: ESTALE is as good
    int stat_node;    // whose stat was written into a page by the last operation, or -1
    bool line_masked[ACTOR_LINES];
    uint64_t line_retry_at[ACTOR_LINES];
};
extern struct model model;

// ---- Life (model_life.c) ----

void model_start(uint64_t now);
void model_stop(void);
// A pipe that the kernel makes; the node.
int model_kernel_node(const char *path, uint32_t flow, uint32_t rules, uint32_t capacity, uint32_t payload_max);
void model_process_start(uint32_t process, uint32_t pid, uint32_t generation, enum kind kind);
void model_thread_start(uint32_t thread, uint32_t priority);
void model_thread_end(uint32_t thread);
void model_process_end(uint32_t process); // its threads have ended
void model_abandon(void);
// Positions of nodes that nothing refers to any more are used again.
void model_collect(void);
int model_region_make(uint32_t process, bool is_shared, bool is_busy, void *real, uint64_t number);

// ---- System calls: results as of pipens/calls.h, or MODEL_BLOCKED ----

long model_create(uint32_t thread, uint64_t path_length, uint64_t flow, uint64_t rules, uint64_t capacity,
                  uint64_t payload_max);
long model_open(uint32_t thread, uint64_t path_length, uint64_t rights);
long model_close(uint32_t thread, uint64_t handle);
long model_remove(uint32_t thread, uint64_t path_length);
long model_set_rules(uint32_t thread, uint64_t handle, uint64_t rules);
long model_list(uint32_t thread, uint64_t handle, uint64_t cursor_length);
long model_stat(uint32_t thread, uint64_t handle, uint64_t path_length);
long model_hook(uint32_t thread, uint64_t handle, uint64_t key, uint64_t flags);
long model_unhook(uint32_t thread, uint64_t handle);
long model_send(uint32_t thread, uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline);
long model_call(uint32_t thread, uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline);
long model_reply_wait(uint32_t thread, uint64_t token, int64_t length, uint64_t flags, uint64_t deadline);
long model_copy_lease(uint32_t thread, uint64_t token, uint64_t index, uint64_t offset, uint64_t address,
                      uint64_t length);

// What stat says of a pipe; `holder` is any process that holds one of its calls, or 0.
struct pipe_stat stat_of(int node);
// How often the page of a process's memory is pinned by what its threads lease.
uint32_t pins_of(uint32_t process, uint32_t page);
// Whether the process with this pid holds one of the pipe's calls.
bool is_holder(int node, uint32_t pid);

// ---- What the host brings ----

void model_cancel(uint32_t thread, long error);
void model_set_priority(uint32_t thread, uint32_t priority);
void model_signal(int node, uint64_t value);
void model_publish(int node, const uint8_t *payload, uint32_t length);
bool model_interrupt(int node);
void model_interrupt_retry(int node);
// Whether a hook owes an answer since before this time.
bool model_interrupt_late(int node, uint64_t time);
long model_call_for(uint32_t thread, int node, uint32_t length, uint32_t limit);

#endif
