// SPDX-License-Identifier: MIT
// The threads that act: operations become system calls.
#include "actor.h"

#include "clock.h"
#include "process.h"
#include "region.h"
#include "thread.h"

#include <stdio.h>
#include <string.h>

#define STACK_SIZE (32u << 10)
#define LONGEST_WAIT (2 * MILLISECOND) // instead of "for ever"
#define HANDLES_AT_FIRST 600u          // opened and closed, so that the table need not grow later
#define CREATED_MAX 128u
#define CANARY 0xa5u

static struct actor actors[ACTOR_THREADS];
static long work;
static uint32_t own_pid;
static char prefix[COMPONENT_MAX]; // of all names
static size_t prefix_length;
static char created[CREATED_MAX][PATH_LENGTH_MAX + 1];
static uint32_t created_count;

static long ask(struct actor *actor, long call, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth,
                uint64_t fifth) {
    actor->before = *actor->page;
    actor->report.calls++;
    long result = system_call(call, first, second, third, fourth, fifth);
    check_call(actor, call, result);
    return result;
}

// ---- Names ----

// Puts the operation's path into the page; its length. One that is no path is to be refused as it is.
static uint64_t path_put(struct message *page, const struct operation *operation) {
    size_t before = operation->path_length && operation->path[0] == '/' ? prefix_length : 0;
    memcpy(page->payload, prefix, before);
    memcpy(page->payload + before, operation->path, operation->path_length);
    return before + operation->path_length;
}

// The flow of what a handle stands for: of a pipe, or FLOWS.
static uint32_t flow_of(struct actor *actor, uint64_t handle) {
    const struct pipe_stat *stat = (const void *)actor->page->payload;
    return ask(actor, SYSTEM_CALL_stat, handle, 0, 0, 0, 0) < 0 ? FLOWS : stat->flow;
}

static void create_pipe(struct actor *actor, const struct operation *operation) {
    const struct pipe_stat *stat = (const void *)actor->page->payload;
    char path[PATH_LENGTH_MAX + 1];
    uint64_t length = path_put(actor->page, operation);
    memcpy(path, actor->page->payload, length < sizeof path ? length : sizeof path);
    long handle = ask(actor, SYSTEM_CALL_create, length, operation->flow, operation->rules, operation->capacity,
                      operation->payload_max);
    if (handle < 0)
        return;
    uint32_t flow = flow_of(actor, (uint64_t)handle);
    if (flow != FLOWS && (flow != operation->flow || stat->owner != own_pid))
        complain(actor, COMPLAINT_PIPE, SYSTEM_CALL_create, handle);
    handles_note((uint64_t)handle, operation->flow, RIGHTS_ALL);
    if (created_count < CREATED_MAX) {
        memcpy(created[created_count], path, length);
        created[created_count++][length] = 0;
    }
}

static void open_pipe(struct actor *actor, const struct operation *operation) {
    long handle = ask(actor, SYSTEM_CALL_open, path_put(actor->page, operation), operation->rights, 0, 0, 0);
    if (handle >= 0)
        handles_note((uint64_t)handle, flow_of(actor, (uint64_t)handle), operation->rights);
}

// Where nothing suits, the operation opens a pipe, or creates it.
static void turn(struct actor *actor, struct operation *operation) {
    operation_turn_to_create(operation);
    if (ask(actor, SYSTEM_CALL_stat, 0, path_put(actor->page, operation), 0, 0, 0) < 0)
        create_pipe(actor, operation);
    else {
        operation_turn_to_open(operation, operation->path, operation->path_length);
        open_pipe(actor, operation);
    }
}

// ---- Messages ----

static uint64_t deadline_of(const struct operation *operation) {
    if (operation->time == TIME_NOW)
        return DEADLINE_NOW;
    return clock_deadline(operation->time < LONGEST_WAIT ? operation->time : LONGEST_WAIT);
}

static uint64_t arena_address(struct actor *actor, uint64_t address) {
    return (uint64_t)(actor->arena + ARENA_MARGIN) + (address - ACTOR_MEMORY_BASE);
}

// Payload, handles and leases; what the server may write goes to `writable`.
static void message_put(struct actor *actor, const struct operation *operation, struct lease *writable) {
    struct message *page = actor->page;
    for (uint64_t offset = 0; (int64_t)offset < operation->length && offset < PAYLOAD_MAX; offset++)
        page->payload[offset] = (uint8_t)(operation->fill + offset);
    for (uint32_t index = 0; index < MESSAGE_HANDLES_MAX; index++)
        page->sent.handle[index] = (uint32_t)handles_choose(&operation->attached[index]);
    for (uint32_t index = 0; index < MESSAGE_LEASES_MAX; index++) {
        page->sent.lease[index] = operation->leases[index];
        page->sent.lease[index].address = arena_address(actor, operation->leases[index].address);
        writable[index] = page->sent.lease[index];
        if (!(operation->flags & ATTACH_WRITABLE(index)))
            writable[index].length = 0;
    }
}

static void moved_away(const struct actor *actor, const struct operation *operation) {
    for (uint32_t index = 0; index < MESSAGE_HANDLES_MAX; index++)
        if (operation->flags & ATTACH_MOVE(index))
            handles_gone(actor->before.sent.handle[index]);
}

// What came: its token and its handles.
static void received(struct actor *actor, long call, long result) {
    struct message_received head = actor->page->received;
    check_message(actor, call, result);
    if (head.token && call == SYSTEM_CALL_reply_wait)
        actor->tokens[actor->token_count++ % TOKENS_KEPT] = head.token;
    for (uint32_t index = 0; index < head.handle_count && index < MESSAGE_HANDLES_MAX; index++)
        handles_note(head.handle[index], flow_of(actor, head.handle[index]), RIGHTS_ALL);
}

static void send(struct actor *actor, const struct operation *operation, uint64_t handle) {
    struct lease writable[MESSAGE_LEASES_MAX];
    message_put(actor, operation, writable);
    long result =
        ask(actor, SYSTEM_CALL_send, handle, (uint64_t)operation->length, operation->flags, deadline_of(operation), 0);
    if (result >= 0)
        moved_away(actor, operation);
}

static void call(struct actor *actor, const struct operation *operation, uint64_t handle) {
    struct lease writable[MESSAGE_LEASES_MAX];
    message_put(actor, operation, writable);
    bool leases = operation->flags & ATTACH_LEASES_MASK;
    if (leases)
        memcpy(actor->arena_before, actor->arena, ARENA_SIZE);
    long result =
        ask(actor, SYSTEM_CALL_call, handle, (uint64_t)operation->length, operation->flags, deadline_of(operation), 0);
    if (leases)
        check_memory(actor, writable, MESSAGE_LEASES_MAX, SYSTEM_CALL_call, result);
    if (result < 0)
        return;
    moved_away(actor, operation);
    received(actor, SYSTEM_CALL_call, result);
}

static uint64_t token_choose(const struct actor *actor, const struct reference *reference) {
    uint32_t kept = actor->token_count < TOKENS_KEPT ? actor->token_count : TOKENS_KEPT;
    switch (reference->choice) {
    case CHOICE_NTH:
        return kept ? actor->tokens[reference->selector % kept] : 0;
    case CHOICE_STALE:
        return actor->used_token;
    case CHOICE_GARBAGE:
        return reference->selector;
    default:
        return 0;
    }
}

static void reply_wait(struct actor *actor, const struct operation *operation) {
    struct lease writable[MESSAGE_LEASES_MAX];
    uint64_t token = token_choose(actor, &operation->target);
    message_put(actor, operation, writable);
    actor->used_token = token;
    long result = ask(actor, SYSTEM_CALL_reply_wait, token, (uint64_t)operation->length, operation->flags,
                      deadline_of(operation), 0);
    if (result < 0)
        return;
    moved_away(actor, operation);
    if (!(operation->flags & REPLY_ONLY))
        received(actor, SYSTEM_CALL_reply_wait, result);
}

static void copy_lease(struct actor *actor, const struct operation *operation) {
    uint64_t address = arena_address(actor, operation->address);
    memcpy(actor->arena_before, actor->arena, ARENA_SIZE);
    long result = ask(actor, SYSTEM_CALL_copy_lease, token_choose(actor, &operation->target), operation->flags,
                      operation->offset, address, (uint64_t)operation->length);
    struct lease copied = {address, result > 0 && !(operation->flags & LEASE_WRITE) ? (uint64_t)result : 0};
    check_memory(actor, &copied, 1, SYSTEM_CALL_copy_lease, result);
}

// ---- Operations ----

static void regions_make(uint32_t count) {
    while (count--) {
        long region = region_allocate(1);
        if (region >= 0)
            handles_note((uint64_t)region, FLOWS, 0);
    }
}

static void list(struct actor *actor, const struct operation *operation, uint64_t handle) {
    memcpy(actor->page->payload, operation->path, operation->path_length);
    ask(actor, SYSTEM_CALL_list, handle, operation->path_length, 0, 0, 0);
}

static void use_handle(struct actor *actor, const struct operation *operation, uint64_t handle) {
    switch (operation->code) {
    case OPERATION_CLOSE:
        if (ask(actor, SYSTEM_CALL_close, handle, 0, 0, 0, 0) >= 0)
            handles_gone(handle);
        break;
    case OPERATION_SET_RULES:
        ask(actor, SYSTEM_CALL_set_rules, handle, operation->rules, 0, 0, 0);
        break;
    case OPERATION_LIST:
        list(actor, operation, handle);
        break;
    case OPERATION_STAT:
        ask(actor, SYSTEM_CALL_stat, handle, handle ? 0 : path_put(actor->page, operation), 0, 0, 0);
        break;
    case OPERATION_HOOK:
        if (ask(actor, SYSTEM_CALL_hook, handle, operation->key, operation->flags, 0, 0) >= 0)
            handles_hooked(handle, true);
        break;
    case OPERATION_UNHOOK:
        if (ask(actor, SYSTEM_CALL_unhook, handle, 0, 0, 0, 0) >= 0)
            handles_hooked(handle, false);
        break;
    case OPERATION_SEND:
        send(actor, operation, handle);
        break;
    default:
        call(actor, operation, handle);
    }
}

static void act(struct actor *actor, struct operation *operation) {
    uint64_t handle = 0;
    memset(actor->page, CANARY, sizeof *actor->page);
    switch (operation->code) {
    case OPERATION_CREATE:
        create_pipe(actor, operation);
        break;
    case OPERATION_OPEN:
        open_pipe(actor, operation);
        break;
    case OPERATION_REMOVE:
        ask(actor, SYSTEM_CALL_remove, path_put(actor->page, operation), 0, 0, 0, 0);
        break;
    case OPERATION_REPLY_WAIT:
        reply_wait(actor, operation);
        break;
    case OPERATION_COPY_LEASE:
        copy_lease(actor, operation);
        break;
    case OPERATION_REGION:
        regions_make(operation->count);
        break;
    default:
        handle = handles_choose(&operation->target);
        if (!handle && operation->target.choice == CHOICE_NTH)
            turn(actor, operation);
        else
            use_handle(actor, operation, handle);
    }
}

// Closes what is open and removes what it made, directories after what lies in them.
static void clean(struct report *report) {
    uint32_t left = 0;
    handles_close();
    for (uint32_t index = created_count; index-- > 0;) {
        long result = pipe_remove(created[index]);
        if (result == 0 || result == -PIPE_ENOENT)
            created[index][0] = 0;
        report->is_locked |= result == -PIPE_EACCES;
    }
    for (uint32_t index = 0; index < created_count; index++)
        if (created[index][0])
            memmove(created[left++], created[index], sizeof created[0]);
    report->left = created_count = left;
}

static void actor_run(void *number) {
    struct actor *actor = &actors[(uintptr_t)number];
    struct order order;
    actor->page = pipe_message();
    actor->report.thread = (uint32_t)(uintptr_t)number;
    while (pipe_call(work, &actor->report, sizeof actor->report, &order, sizeof order, DEADLINE_NONE) >= 0) {
        struct operation operation;
        size_t index = 0;
        actor->report = (struct report){.thread = actor->report.thread};
        if (order.kind == ORDER_CLEAN)
            clean(&actor->report);
        else if (operation_decode(order.bytes, sizeof order.bytes, &index, &operation))
            act(actor, &operation);
    }
    process_exit(0);
}

// Handles and tables that stay: what is there after this is there after each string.
static void settle_down(const char *path) {
    static long handles[HANDLES_AT_FIRST];
    clock_now();
    for (uint32_t count = 0; count < HANDLES_AT_FIRST; count++)
        handles[count] = pipe_open(path, RIGHT_WRITE);
    for (uint32_t count = 0; count < HANDLES_AT_FIRST; count++)
        pipe_close(handles[count]);
    pipe_close(region_allocate(1));
}

int actor_main(uint32_t director, uint32_t process, uint32_t priority) {
    char path[COMPONENT_MAX];
    uint32_t first = ACTOR_THREADS;
    snprintf(path, sizeof path, WORK_PIPE, (unsigned)director);
    prefix_length = (size_t)snprintf(prefix, sizeof prefix, NAMES_DIRECTORY, (unsigned)director);
    own_pid = process_id();
    work = pipe_open(path, RIGHT_WRITE);
    settle_down(path);
    for (uint32_t thread = ACTOR_THREADS; thread-- > 0;) {
        if (thread_process(thread) != process)
            continue;
        if (first < ACTOR_THREADS && thread_start(actor_run, (void *)(uintptr_t)first, STACK_SIZE, priority) < 0)
            return 1;
        first = thread;
    }
    actor_run((void *)(uintptr_t)first);
    return 0;
}
