// SPDX-License-Identifier: MIT
// The host of the explorer: pipens/host.h with all state in `world`. Memory comes from an arena and is not used again.
#include "explore.h"

#include "call.h"

#include <string.h>

#define HASH_SEED 0x2545f491u
#define START_TIME 1000u
#define FREED_BYTE 0xdb
#define ALIGNMENT 16u

struct world world;
struct limits limits;

static const char *first_complaint;

void complain(const char *what) {
    if (!first_complaint)
        first_complaint = what;
}

const char *complaint(void) {
    return first_complaint;
}

void complaint_clear(void) {
    first_complaint = NULL;
}

// ---- Memory and time ----

void *host_allocate(size_t size) {
    uint32_t needed = ((uint32_t)size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (needed > ARENA_SIZE - world.arena_used) {
        complain("the explorer's arena is too small");
        return NULL;
    }
    void *memory = world.arena + world.arena_used;
    world.arena_used += needed;
    world.live_blocks++;
    memset(memory, FREED_BYTE, size);
    return memory;
}

void host_free(void *memory, size_t size) {
    memset(memory, FREED_BYTE, size);
    world.live_blocks--;
}

uint64_t host_now(void) {
    return world.now;
}

void host_copy(void *to, const void *from, size_t length) {
    if (length)
        memcpy(to, from, length);
}

void host_clear(void *to, size_t length) {
    memset(to, 0, length);
}

// ---- Threads ----

void host_wake(struct waiter *waiter, long result) {
    struct actor *actor = list_object(waiter, struct actor, waiter);
    if (!actor->is_blocked)
        complain("a wake of a thread that was not blocked");
    if (waiter->state != WAIT_NONE)
        complain("a wake of a thread that still waits");
    actor->is_blocked = false;
    actor->is_woken = true;
    actor->result = result;
    actor->deadline = DEADLINE_NONE;
}

void host_arm_deadline(struct waiter *waiter, uint64_t deadline) {
    list_object(waiter, struct actor, waiter)->deadline = deadline;
}

// The engine works it off after each step.
void host_closing(void) {
}

struct principal *host_principal_after(const struct principal *principal) {
    uint32_t index = 0;
    if (principal)
        index = (uint32_t)(list_object(principal, struct process, principal) - world.processes) + 1;
    return index < world.process_count ? &world.processes[index].principal : NULL;
}

void host_priority_changed(struct waiter *waiter) {
    (void)waiter;
}

// ---- What no scenario has: kernel pipes, leased memory, regions ----

long host_answer(struct node *node, struct waiter *waiter, uint32_t length, uint32_t flags) {
    (void)node, (void)waiter, (void)length, (void)flags;
    return -PIPE_ENOSYS;
}

long host_lease_check(struct waiter *waiter, uint64_t address, uint64_t length, bool writable) {
    (void)waiter, (void)address, (void)length, (void)writable;
    return -PIPE_EFAULT;
}

void host_lease_pin(struct waiter *waiter, uint64_t address, uint64_t length) {
    (void)waiter, (void)address, (void)length;
}

void host_lease_unpin(struct waiter *waiter, uint64_t address, uint64_t length) {
    (void)waiter, (void)address, (void)length;
}

long host_lease_copy(struct waiter *server, uint64_t address, struct waiter *caller, uint64_t leased_address,
                     uint64_t length, bool to_caller) {
    (void)server, (void)address, (void)caller, (void)leased_address, (void)length, (void)to_caller;
    return -PIPE_EFAULT;
}

long host_region_may_pass(void *region, struct principal *from, bool move) {
    (void)region, (void)from, (void)move;
    return -PIPE_EINVAL;
}

void host_region_retain(void *region) {
    (void)region;
}

void host_region_release(void *region) {
    (void)region;
}

void host_region_set_owner(void *region, struct principal *owner, struct account *payer) {
    (void)region, (void)owner, (void)payer;
}

uint64_t host_region_pages(const void *region) {
    (void)region;
    return 0;
}

void host_rules_refused(struct principal *principal, const struct node *node, unsigned rule_class, uint32_t rights,
                        uint32_t allowed) {
    (void)principal, (void)node, (void)rule_class, (void)rights, (void)allowed;
}

void host_claim_refused(struct principal *principal, enum claim_type type, const char *path, uint32_t length,
                        uint32_t rights) {
    (void)principal, (void)type, (void)path, (void)length, (void)rights;
}

// ---- The interrupt line: there is one ----

void host_line_mask(uint32_t line, bool masked) {
    (void)line;
    world.line.is_masked = masked;
}

void host_line_storms(uint32_t line, const struct principal *principal) {
    (void)line, (void)principal;
}

void host_line_retry(uint32_t line, uint64_t nanoseconds) {
    (void)line, (void)nanoseconds;
    world.line.is_retry_due = true;
}

// ---- The whole ----

void world_start(void) {
    memset(&world, 0, offsetof(struct world, arena));
    world.now = START_TIME;
    world.line.is_masked = true;
    if (namespace_initialize(&world.names, world.buckets, WORLD_BUCKETS, HASH_SEED))
        complain("the namespace cannot be made");
    world.names.root->rules = (uint16_t)RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL);
    world.kept_blocks = world.live_blocks + 1; // a page of the table of waiters comes with the first of them
}

void world_save(struct world *copy) {
    memcpy(copy, &world, offsetof(struct world, arena) + world.arena_used);
}

void world_restore(const struct world *copy) {
    memcpy(&world, copy, offsetof(struct world, arena) + copy->arena_used);
}

static void audit(void) {
    const char *broken = limits.use_audit ? pipens_audit(&world.names) : NULL;
    if (broken)
        complain(broken);
}

static bool is_killable(const struct actor *actor) {
    return !actor->has_ended && actor->is_blocked;
}

// Every wait is killable, in any order: all who still wait are cancelled.
static void cancel_all(void) {
    for (uint32_t index = 0; index < world.actor_count; index++) {
        struct actor *actor = &world.actors[index];
        if (!is_killable(actor))
            continue;
        pipens_cancel(&actor->waiter, -PIPE_ECANCELED);
        if (actor->is_blocked)
            complain("a wait was cancelled and goes on");
        audit();
    }
}

static void end_processes(void) {
    for (uint32_t index = 0; index < world.actor_count; index++)
        while (!world.actors[index].has_ended && waiter_end_step(&world.actors[index].waiter))
            continue;
    for (uint32_t index = world.process_count; index-- > 0;)
        while (!world.processes[index].has_ended && principal_end_step(&world.processes[index].principal))
            continue;
}

void world_end(void) {
    cancel_all();
    end_processes();
    audit();
    for (uint32_t index = 0; index < world.process_count; index++)
        if (world.processes[index].account.used)
            complain("who has ended still pays for something");
    if (world.live_blocks != world.kept_blocks)
        complain("memory has leaked");
}
