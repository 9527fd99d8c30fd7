// SPDX-License-Identifier: MIT
// The functions of pipens/host.h, over malloc.
//
// 1. A waiter is woken only while it is blocked, and each block ends by one wake.
// 2. What is freed has the size with which it was allocated.
// 3. No byte after a block is written.
// 4. Pages are unpinned as often as they were pinned, and only pages that were checked.
#include "test_host.h"

#include <stdlib.h>
#include <string.h>

#define START_TIME 1000000000u
#define BLOCK_ALIGNMENT 16u
#define ALLOCATION_MAX 4096u
#define FRESH_BYTE 0xdbu // of memory that is not cleared
#define GUARD_SIZE 16u   // canary bytes after each block

struct host host;

// In front of each block that is allocated.
struct block {
    struct list live;
    uint64_t size;
    uint64_t padding; // keeps the alignment
};

static struct list live = {&live, &live};

_Static_assert(sizeof(struct block) % BLOCK_ALIGNMENT == 0, "blocks stay aligned");

void host_soil(void *memory, size_t size) {
    memset(memory, FRESH_BYTE, size);
}

static void complain(const char *what) {
    if (!host.complaint)
        host.complaint = what;
}

void *host_allocate(size_t size) {
    host.allocations++;
    if (size == 0 || size > ALLOCATION_MAX)
        complain("an allocation outside 1 to 4096 bytes");
    if (host.allocations == host.fail_at) {
        host.failed++;
        return NULL;
    }
    struct block *block = malloc(sizeof *block + size + GUARD_SIZE);
    if (!block)
        return NULL;
    block->size = size;
    list_append(&live, &block->live);
    host_soil(block + 1, size);
    memset((uint8_t *)(block + 1) + size, HOST_CANARY, GUARD_SIZE);
    host.live_bytes += size;
    host.live_blocks++;
    return block + 1;
}

static bool is_guarded(const struct block *block) {
    const uint8_t *guard = (const uint8_t *)(block + 1) + block->size;
    for (uint32_t byte = 0; byte < GUARD_SIZE; byte++)
        if (guard[byte] != HOST_CANARY)
            return false;
    return true;
}

void host_free(void *memory, size_t size) {
    struct block *block = (struct block *)memory - 1;
    if (block->size != size)
        complain("memory freed with another size than it was allocated with");
    if (!is_guarded(block))
        complain("a byte after a block was written");
    host.live_bytes -= block->size;
    host.live_blocks--;
    list_remove(&block->live);
    free(block);
}

void host_free_all(void) {
    while (!list_is_empty(&live)) {
        struct block *block = list_object(live.next, struct block, live);
        host_free(block + 1, block->size);
    }
}

void host_fail_allocation(uint64_t count) {
    host.fail_at = count ? host.allocations + count : 0;
}

uint64_t host_now(void) {
    return host.now;
}

static void race(void *cursor, size_t length) {
    if (host.raced)
        memset(cursor, 0xff, length);
}

void host_copy(void *to, const void *from, size_t length) {
    if (length)
        memcpy(to, from, length);
    if (host.raced && from == host.raced->payload)
        race(host.raced->payload, length);
}

void host_clear(void *to, size_t length) {
    memset(to, 0, length);
}

// ---- Threads ----

struct thread *thread_of(struct waiter *waiter) {
    return list_object(waiter, struct thread, waiter);
}

void host_wake(struct waiter *waiter, long result) {
    struct thread *thread = thread_of(waiter);
    if (!thread->is_blocked)
        thread->was_woken = true; // right in the middle of the call that blocks, and only there
    if (waiter->state != WAIT_NONE)
        complain("a wake of a thread that still waits");
    thread->is_blocked = false;
    thread->result = result;
    thread->wakes++;
    thread->wake_order = ++host.wakes;
    thread->deadline = DEADLINE_NONE;
    waiter->page = thread->page;
    waiter->payload_limit = PAYLOAD_MAX;
}

void host_arm_deadline(struct waiter *waiter, uint64_t deadline) {
    thread_of(waiter)->deadline = deadline;
}

void host_priority_changed(struct waiter *waiter) {
    thread_of(waiter)->priority_changes++;
}

// The scene works it off after each action.
void host_closing(void) {
    host.closings++;
}

struct principal *host_principal_after(const struct principal *principal) {
    struct process *next = host.processes;
    if (principal)
        next = list_object(principal, struct process, principal)->next;
    return next ? &next->principal : NULL;
}

long host_answer(struct node *node, struct waiter *waiter, uint32_t length, uint32_t flags) {
    if (!(node->special & NODE_KERNEL))
        complain("a call of an ordinary pipe given to the host");
    return host.answer ? host.answer(node, waiter, length, flags) : -PIPE_ENOSYS;
}

// ---- Memory that is leased ----

static struct process *process_of(const struct waiter *waiter) {
    return list_object(waiter->principal, struct process, principal);
}

static bool range_is_inside(uint64_t address, uint64_t length) {
    return address >= HOST_MEMORY_BASE && length <= HOST_MEMORY_SIZE &&
           address - HOST_MEMORY_BASE <= HOST_MEMORY_SIZE - length;
}

static uint64_t first_page(uint64_t address) {
    return (address - HOST_MEMORY_BASE) / HOST_PAGE_SIZE;
}

// The page after the range's last one.
static uint64_t end_page(uint64_t address, uint64_t length) {
    return (address - HOST_MEMORY_BASE + length + HOST_PAGE_SIZE - 1) / HOST_PAGE_SIZE;
}

long host_lease_check(struct waiter *waiter, uint64_t address, uint64_t length, bool writable) {
    const struct process *process = process_of(waiter);
    race(host.raced, sizeof host.raced->sent);
    if (!range_is_inside(address, length))
        return -PIPE_EFAULT;
    for (uint64_t page = first_page(address); page < end_page(address, length); page++) {
        if (writable && process->is_read_only[page])
            return -PIPE_EFAULT;
        if (process->is_absent[page])
            return PIPENS_BLOCKED;
    }
    return 0;
}

void host_lease_pin(struct waiter *waiter, uint64_t address, uint64_t length) {
    struct process *process = process_of(waiter);
    if (!range_is_inside(address, length)) {
        complain("a pin outside the process's memory");
        return;
    }
    for (uint64_t page = first_page(address); page < end_page(address, length); page++)
        process->pins[page]++;
}

void host_lease_unpin(struct waiter *waiter, uint64_t address, uint64_t length) {
    struct process *process = process_of(waiter);
    if (!range_is_inside(address, length)) {
        complain("an unpin outside the process's memory");
        return;
    }
    for (uint64_t page = first_page(address); page < end_page(address, length); page++)
        if (process->pins[page]-- == 0)
            complain("a page unpinned more often than it was pinned");
}

long host_lease_copy(struct waiter *server, uint64_t address, struct waiter *caller, uint64_t leased_address,
                     uint64_t length, bool to_caller) {
    struct process *lessor = process_of(caller);
    struct process *borrower = process_of(server);
    long error = host_lease_check(server, address, length, !to_caller);
    if (error)
        return error;
    if (!range_is_inside(leased_address, length) || (length && lessor->pins[first_page(leased_address)] == 0)) {
        complain("a copy of memory that is not pinned");
        return -PIPE_EFAULT;
    }
    uint8_t *theirs = lessor->memory + (leased_address - HOST_MEMORY_BASE);
    uint8_t *mine = borrower->memory + (address - HOST_MEMORY_BASE);
    memmove(to_caller ? theirs : mine, to_caller ? mine : theirs, length);
    return (long)length;
}

bool memory_is_guarded(const struct process *process) {
    for (uint32_t byte = 0; byte < HOST_GUARD_SIZE; byte++)
        if (process->memory[HOST_MEMORY_SIZE + byte] != HOST_CANARY || *(process->memory - 1 - byte) != HOST_CANARY)
            return false;
    return true;
}

// ---- Regions ----

struct region *region_make(struct principal *owner) {
    struct region *region = calloc(1, sizeof *region);
    region->references = 1;
    region->owner = owner;
    region->next = host.regions;
    host.regions = region;
    return region;
}

long host_region_may_pass(void *region_pointer, struct principal *from, bool move) {
    const struct region *region = region_pointer;
    race(host.raced, sizeof host.raced->sent);
    if (!move)
        return region->is_shared ? 0 : -PIPE_EINVAL;
    if (region->is_shared || region->owner != from || region->references != 1)
        return -PIPE_EINVAL;
    return region->is_busy ? -PIPE_EBUSY : 0;
}

void host_region_retain(void *region_pointer) {
    ((struct region *)region_pointer)->references++;
}

void host_region_release(void *region_pointer) {
    struct region *region = region_pointer;
    if (--region->references)
        return;
    struct region **link = &host.regions;
    while (*link != region)
        link = &(*link)->next;
    *link = region->next;
    account_move_pages(region->payer, NULL, region->pages);
    free(region);
}

void host_region_set_owner(void *region_pointer, struct principal *owner, struct account *payer) {
    struct region *region = region_pointer;
    region->owner = owner;
    account_move_pages(region->payer, payer, region->pages);
    region->payer = payer;
}

uint64_t host_region_pages(const void *region_pointer) {
    return ((const struct region *)region_pointer)->pages;
}

// ---- Interrupt lines ----

void host_line_mask(uint32_t line, bool masked) {
    if (line >= HOST_LINES) {
        complain("no such interrupt line");
        return;
    }
    host.lines[line].is_masked = masked;
    host.lines[line].changes++;
}

void host_rules_refused(struct principal *principal, const struct node *node, unsigned rule_class, uint32_t rights,
                        uint32_t allowed) {
    host.refused_by_rules.principal = principal;
    host.refused_by_rules.node = node;
    host.refused_by_rules.rule_class = rule_class;
    host.refused_by_rules.rights = rights;
    host.refused_by_rules.allowed = allowed;
    host.refused_by_rules.count++;
}

void host_claim_refused(struct principal *principal, enum claim_type type, const char *path, uint32_t length,
                        uint32_t rights) {
    host.refused.principal = principal;
    host.refused.type = type;
    host.refused.rights = rights;
    memcpy(host.refused.path, path, length);
    host.refused.path[length] = 0;
    host.refused.count++;
}

void host_line_storms(uint32_t line, const struct principal *principal) {
    if (line >= HOST_LINES)
        complain("no such interrupt line");
    else
        host.lines[line].storms = principal;
}

void host_line_retry(uint32_t line, uint64_t nanoseconds) {
    if (line >= HOST_LINES) {
        complain("no such interrupt line");
        return;
    }
    host.lines[line].retry_at = host.now + nanoseconds;
}

static struct node *line_node(uint32_t line) {
    char path[] = "/irq/0";
    long error = 0;
    path[sizeof path - 2] = (char)('0' + line);
    return node_find(&host.names, path, sizeof path - 1, &error);
}

// ---- Time ----

static struct thread *thread_due_first(uint64_t until) {
    struct thread *found = NULL;
    for (struct thread *thread = host.threads; thread; thread = thread->next)
        if (thread->is_blocked && thread->deadline <= until && (!found || thread->deadline < found->deadline))
            found = thread;
    return found;
}

static uint32_t line_due_first(uint64_t until) {
    uint32_t found = HOST_LINES;
    for (uint32_t line = 0; line < HOST_LINES; line++)
        if (host.lines[line].retry_at && host.lines[line].retry_at <= until &&
            (found == HOST_LINES || host.lines[line].retry_at < host.lines[found].retry_at))
            found = line;
    return found;
}

static void pass_to(uint64_t time) {
    if (host.now < time)
        host.now = time;
}

static void retry_line(uint32_t line) {
    pass_to(host.lines[line].retry_at);
    host.lines[line].retry_at = 0;
    struct node *node = line_node(line);
    if (node)
        pipens_interrupt_retry(node);
}

void host_pass(uint64_t nanoseconds) {
    uint64_t until = host.now + nanoseconds;
    for (;;) {
        struct thread *thread = thread_due_first(until);
        uint32_t line = line_due_first(thread ? thread->deadline : until);
        if (line != HOST_LINES) {
            retry_line(line);
        } else if (thread) {
            pass_to(thread->deadline);
            pipens_cancel(&thread->waiter, -PIPE_ETIMEDOUT);
        } else {
            break;
        }
    }
    pass_to(until);
}

// ---- The whole ----

static const char *memory_audit(void) {
    for (const struct process *process = host.processes; process; process = process->next)
        if (!memory_is_guarded(process))
            return "a byte beside a process's memory was written";
    return NULL;
}

const char *host_audit(void) {
    if (host.complaint)
        return host.complaint;
    for (const struct thread *thread = host.threads; thread; thread = thread->next)
        if (thread->was_woken)
            return "a wake of a thread that was not blocked";
    const char *broken = memory_audit();
    return broken ? broken : pipens_audit(&host.names);
}

long host_start(uint32_t seed) {
    memset(&host, 0, sizeof host);
    host.now = START_TIME;
    host_soil(&host.names, sizeof host.names);
    host.buckets = calloc(HOST_BUCKETS + 1, sizeof *host.buckets);
    host_soil(&host.buckets[HOST_BUCKETS], sizeof *host.buckets); // whoever looks after the table shall fall over it
    return namespace_initialize(&host.names, host.buckets, HOST_BUCKETS, seed);
}
