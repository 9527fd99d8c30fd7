// SPDX-License-Identifier: MIT
// Nodes: the directories and pipes of the namespace.
//
// Its invariants and states stand in node.c.
#ifndef PIPENS_NODE_H
#define PIPENS_NODE_H

#include "abi.h"
#include "list.h"
#include "principal.h"
#include "ring.h"
#include "tree.h"
#include "waiter.h"

#define HOOKS_PER_PIPE_MAX 256u
#define HOOKS_PER_PROCESS_MAX 64u // of one pipe

// What a line of interrupts adds to an event pipe. The line is masked while any hook that was told owes an answer.
struct interrupt_line {
    uint32_t line;      // the host's number
    bool is_line;       // false: an ordinary event pipe
    bool is_level;      // masked on each interrupt until answered; an edge is only counted
    bool was_handled;   // an answer to the present interrupt said so
    uint32_t owing;     // hooks that were told and have not answered
    uint32_t retries;   // interrupts in a row that nobody handled
    bool is_slow;       // a storm: the line is tried again after a while, though it is handled
    uint32_t rushed;    // interrupts in a row that found no hook waiting
    uint64_t seen;      // node->total after the last interrupt on the slow path
    uint64_t opened_at; // of a slow line: when it was tried again
};

// What makes a node special.
#define NODE_REMOVED 1u   // operations give EPIPE; the name goes once nobody waits any more
#define NODE_KERNEL 2u    // calls to it are answered by the host
#define NODE_OBSERVED 4u  // something taps it
#define NODE_REVOKED 8u   // the last change of its rules has revoked a hook
#define NODE_UNHELD 16u   // transient: it had an outside handle and has none
#define NODE_NUMBERED 32u // a directory in which only the host makes names of digits alone

// What a node's life is.
#define LIFE_TRANSIENT 1u   // CREATE_TRANSIENT
#define LIFE_CALLER_PAYS 2u // CREATE_CALLER_PAYS
#define LIFE_GIVEN 4u       // it had an outside handle, or was inherited
#define LIFE_UNTOLD 8u      // a queue's stream has begun, and no hook was told of its end

struct node {
    // Found by name.
    struct node *next_in_bucket;
    struct node *parent;
    uint32_t hash; // of the whole path
    uint32_t number;

    // Checked at each operation.
    uint16_t rules;
    uint8_t flow;
    uint8_t special; // NODE_*: 0 for a plain pipe, whose calls may go by the fast path
    uint8_t name_length, path_length;
    uint8_t life;        // LIFE_*
    uint32_t references; // handles, also in messages; the name, each child and each caller in flight hold one
    uint32_t handles, readers, writers, outside; // see life.c
    struct list in_closing;                      // of the namespace, while pipens_close_step has work on it

    struct principal *owner;
    struct account *payer; // who is charged: the owner's account at creation, or that of LIFE_CALLER_PAYS
    struct list of_owner;
    struct tree_link of_parent;

    struct list hooks;    // those that take, by hook.of_node
    struct list watchers; // hooks with HOOK_BEGIN
    struct list taps;
    uint32_t hook_count, tap_count; // watchers count as hooks
    struct wait_queue waiting;      // callers, or senders that found the queue full
    struct donation donation;       // the highest of their priorities, to the one thread that serves the pipe
    struct list flights;            // callers whose tokens are held, by waiter.peers
    uint32_t in_flight;             // how many they are

    uint64_t in, out, dropped, denied;

    union {
        struct {
            struct tree children;
            uint64_t child_count;
        };
        struct ring ring; // queue, topic
        struct {
            uint64_t total, taken;                    // signals; those that some hook has taken
            uint64_t time, value;                     // of the last signal
            uint32_t signaller, signaller_generation; // who signalled last; pid 0 is the kernel
            uint8_t signaller_kind;
            struct interrupt_line interrupt;
        };
    };
    void *host_data; // the host's: what answers a kernel pipe, or the timer that signals an event
    char path[];     // path_length bytes, without terminator; the name is its last name_length bytes
};

// The class of a principal's rights on a node.
static inline enum rule_class principal_class(const struct principal *principal, const struct node *node) {
    return node->owner == principal ? CLASS_OWNER : (enum rule_class)(CLASS_APP + principal->kind);
}

static inline const char *node_name(const struct node *node) {
    return node->path + node->path_length - node->name_length;
}

// The right of a class on a node, now.
static inline bool node_allows(const struct node *node, unsigned rule_shift, unsigned right) {
    return (node->rules >> rule_shift & right) != 0;
}

struct namespace {
    struct node **buckets;
    uint32_t bucket_count; // a power of two
    uint32_t seed;         // of the hash: random, so that nobody can choose names that collide
    struct node *root;
    struct principal kernel; // owns what the host makes
    struct account kernel_account;
    uint32_t next_number;
    uint64_t node_count;
    uint64_t next_token; // sequence part
    struct list closing; // nodes on which pipens_close_step has work, by node.in_closing
    struct list awake;   // waiters that receive and have a ready hook, by waiter.peers; empty between two calls
    struct node *trace;  // /bus/trace
    bool is_traced;      // somebody hooks it
    bool apps_may_tap;
    struct waiter ***waiters; // WAITERS_MAX slots in pages of pointers
    uint32_t first_free_waiter, waiter_limit;
};

// Makes a namespace with a root directory and /bus/trace. `buckets` holds `bucket_count` (a power of two) NULL pointers
// and belongs to the namespace from now on. 0 or -ENOMEM.
long namespace_initialize(struct namespace *names, struct node **buckets, uint32_t bucket_count, uint32_t seed);

// The node of a path of `length` bytes, or NULL with *error set to -ENOENT, -EINVAL, -ENAMETOOLONG or -ENOTDIR.
struct node *node_find(struct namespace *names, const char *path, uint32_t length, long *error);

struct node_plan {
    enum flow flow;
    uint32_t rules, capacity, payload_max;
};
// Makes a node for `owner`, without asking rules or claims (pipens_create does). NULL with *error set: -EEXIST, -ENOENT
// or -ENOTDIR for the parent, those of node_find, -EINVAL for the plan, -EDQUOT, -ENOMEM.
struct node *node_create(struct principal *owner, const char *path, uint32_t length, const struct node_plan *plan,
                         long *error);
// The same with LIFE_TRANSIENT or LIFE_CALLER_PAYS, and at the cost of `payer`.
struct node *node_create_living(struct principal *owner, const char *path, uint32_t length,
                                const struct node_plan *plan, unsigned life, struct account *payer, long *error);
// Removes a node's name and everything that waits on it, in a bounded step; true if it must be called again. Callers
// and senders get EPIPE, hooks get MESSAGE_GONE. A directory must be empty.
bool node_remove_step(struct node *node);
// The same for one that lies lowest below the node, or for the node itself once nothing is below it.
bool node_remove_some_below(struct node *node);
// Wakes a bounded number of those that wait on the node with EPIPE; true if more are left.
bool node_wake_step(struct node *node);
void node_release(struct node *node); // one reference less

// A handle comes, in a table or a message, with one reference; or it goes.
void node_hold(struct node *node, unsigned rights, bool is_outside);
void node_drop(struct node *node, unsigned rights, bool is_outside);
// A handle that came with a message is the owner's.
void node_come_inside(struct node *node);
// The node waits for a successor of its owner.
void node_inherit(struct node *node, struct principal *succession);
// Whether what is sent on the node would never be read: EPIPE.
bool node_is_broken(const struct node *node);

#endif
