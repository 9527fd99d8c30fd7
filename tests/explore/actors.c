// SPDX-License-Identifier: MIT
// What actors do, and what they look at when it is done: each message and each request has a number of its own, and
// nobody may see one twice, lose one, or get the reply to another's.
#include "explore.h"

#include "fast.h"

#include <string.h>

#define QUOTA 0x10000u
#define PRIORITY 10u
#define DEADLINE_LATER (UINT64_MAX - 1) // armed; it passes when the explorer chooses so
#define NUMBER_LENGTH sizeof(uint32_t)
#define RULES_OPEN RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL)

// ---- Setting up ----

struct process *process_start(uint32_t pid, enum kind kind, struct principal *succession) {
    struct process *process = &world.processes[world.process_count++];
    process->account.limit = QUOTA;
    principal_initialize(&process->principal, &world.names, &process->account, pid, 1, kind, "program");
    process->principal.is_unlimited = true;
    process->principal.inherited_by = succession;
    return process;
}

struct actor *actor_start(struct process *process, const struct operation *program, uint32_t length) {
    struct actor *actor = &world.actors[world.actor_count];
    struct message *page = &world.pages[world.actor_count++];
    actor->process = process;
    actor->program = program;
    actor->length = (uint8_t)length;
    actor->deadline = DEADLINE_NONE;
    if (waiter_initialize(&actor->waiter, &process->principal, page, PRIORITY))
        complain("an actor cannot be made");
    return actor;
}

uint32_t actor_index(const struct actor *actor) {
    return (uint32_t)(actor - world.actors);
}

struct node *node_at(const char *path) {
    long error = 0;
    return node_find(&world.names, path, (uint32_t)strlen(path), &error);
}

static uint64_t put_path(struct actor *actor, const char *path) {
    size_t length = strlen(path);
    memcpy(actor->waiter.page->payload, path, length);
    return length;
}

long create_pipe(struct actor *actor, const char *path, enum flow flow, uint32_t capacity) {
    return pipens_create(&actor->waiter, put_path(actor, path), flow, RULES_OPEN, capacity, 0);
}

long open_pipe(struct actor *actor, const char *path, uint32_t rights) {
    return pipens_open(&actor->waiter, put_path(actor, path), rights);
}

long remove_pipe(struct actor *actor, const char *path) {
    return pipens_remove(&actor->waiter, put_path(actor, path));
}

long must_create(struct actor *actor, const char *path, enum flow flow, uint32_t capacity) {
    long handle = create_pipe(actor, path, flow, capacity);
    if (handle <= 0)
        complain("a pipe cannot be made");
    return handle;
}

long must_open(struct actor *actor, const char *path, uint32_t rights) {
    long handle = open_pipe(actor, path, rights);
    if (handle <= 0)
        complain("a pipe cannot be opened");
    return handle;
}

void must_hook(struct actor *actor, long handle) {
    if (pipens_hook(&actor->waiter, (uint64_t)handle, 0, 0))
        complain("a pipe cannot be hooked");
}

void must_call(struct actor *actor) {
    actor->is_blocked = true;
    if (start_call(actor) != PIPENS_BLOCKED)
        complain("a call does not wait");
}

// ---- Messages ----

// A new number for what the actor sends now, in its page.
static uint64_t put_number(struct actor *actor) {
    actor->asked = actor_index(actor) * OPERATIONS_MAX + actor->next;
    memcpy(actor->waiter.page->payload, &actor->asked, NUMBER_LENGTH);
    return NUMBER_LENGTH;
}

// The number in the actor's page; NUMBERS if there is none.
static uint32_t page_number(const struct actor *actor, long length) {
    uint32_t number = NUMBERS;
    if (length == (long)NUMBER_LENGTH)
        memcpy(&number, actor->waiter.page->payload, NUMBER_LENGTH);
    return number < NUMBERS ? number : NUMBERS;
}

static long send_by(struct actor *actor, uint64_t deadline) {
    return pipens_send(&actor->waiter, (uint64_t)actor->handle, put_number(actor), 0, deadline);
}

long start_send(struct actor *actor) {
    return send_by(actor, DEADLINE_NONE);
}

long start_send_timed(struct actor *actor) {
    return send_by(actor, DEADLINE_LATER);
}

void done_send(struct actor *actor, long result) {
    if (result == 0)
        world.ledger.accepted[actor->asked] = 1;
    else if (world.ledger.received[actor->asked])
        complain("a message was taken whose send has failed");
}

static void take_message(uint32_t number) {
    if (world.ledger.received[number]++)
        complain("a message was taken twice");
    for (uint32_t later = number + 1; later % OPERATIONS_MAX; later++)
        if (world.ledger.received[later])
            complain("messages of one sender were taken out of order");
}

static void take_request(struct actor *actor, uint32_t number) {
    if (world.ledger.requested[number]++)
        complain("a request was taken twice");
    actor->process->token = actor->waiter.page->received.token;
    actor->process->requested = number;
}

static void take_event(struct actor *actor) {
    struct event_message event;
    memcpy(&event, actor->waiter.page->payload, sizeof event);
    if (event.count == 0 || event.total != actor->listened + event.count || event.total > world.ledger.signals)
        complain("a hook has lost a signal, or got one that never was");
    actor->listened = (uint32_t)event.total;
}

void done_receive(struct actor *actor, long result) {
    if (result < 0)
        return;
    uint32_t type = actor->waiter.page->received.type;
    if (type == MESSAGE_EVENT) {
        take_event(actor);
        return;
    }
    uint32_t number = page_number(actor, result);
    if (type == MESSAGE_GONE)
        return;
    if (type == MESSAGE_CLOSED) {
        if (world.ledger.closed++)
            complain("an owner is told twice that its pipe is closed");
        return;
    }
    if (number == NUMBERS)
        complain("a message came that nobody has sent");
    else if (type == MESSAGE_CALL)
        take_request(actor, number);
    else
        take_message(number);
}

// ---- Calls ----

// The fast path, as the kernel takes it. 0: this call must go by the slow path.
static long call_short(struct actor *actor, uint64_t length) {
    struct hook *through = NULL;
    struct waiter *server =
        fast_call_check(&actor->waiter, (uint64_t)actor->handle, length, 0, DEADLINE_NONE, &through);
    if (!limits.use_fast_path || !server)
        return 0;
    fast_call_commit(&actor->waiter, server, through, length);
    host_copy(server->page->payload, actor->waiter.page->payload, length);
    host_wake(server, (long)length);
    return PIPENS_BLOCKED;
}

long start_call(struct actor *actor) {
    uint64_t length = put_number(actor);
    long result = call_short(actor, length);
    return result ? result : pipens_call(&actor->waiter, (uint64_t)actor->handle, length, 0, DEADLINE_NONE);
}

long start_call_timed(struct actor *actor) {
    return pipens_call(&actor->waiter, (uint64_t)actor->handle, put_number(actor), 0, DEADLINE_LATER);
}

static bool may_fail(long error) {
    switch (-error) {
    case PIPE_EOWNERDEAD:
        return world.ledger.server_has_died;
    case PIPE_EPIPE:
    case PIPE_EBADF:
    case PIPE_ESTALE:
        return world.ledger.pipe_was_removed;
    default:
        return error == -PIPE_ETIMEDOUT;
    }
}

void done_call(struct actor *actor, long result) {
    const uint8_t *replied = &world.ledger.replied[actor->asked];
    if (result < 0) {
        if (!may_fail(result))
            complain("a call fails without a reason");
        if (*replied)
            complain("a request was replied to, and its caller has got an error");
        return;
    }
    if (page_number(actor, result) != actor->asked)
        complain("a caller has got the reply to another request");
    if (*replied != 1)
        complain("a caller has got a reply that nobody gave");
}

// ---- Serving ----

long start_wait(struct actor *actor) {
    return pipens_reply_wait(&actor->waiter, 0, 0, 0, DEADLINE_NONE);
}

long start_wait_timed(struct actor *actor) {
    return pipens_reply_wait(&actor->waiter, 0, 0, 0, DEADLINE_LATER);
}

// Writes the reply to the last request of the process into the page: its number.
static int64_t put_reply(struct actor *actor) {
    memcpy(actor->waiter.page->payload, &actor->process->requested, NUMBER_LENGTH);
    return NUMBER_LENGTH;
}

static void note_reply(uint32_t number, long result) {
    if (result != -PIPE_ESTALE && world.ledger.replied[number]++)
        complain("a request was replied to twice");
}

static long reply_only(struct actor *actor, uint64_t token, uint32_t request) {
    memcpy(actor->waiter.page->payload, &request, NUMBER_LENGTH);
    long result = pipens_reply_wait(&actor->waiter, token, NUMBER_LENGTH, REPLY_ONLY, DEADLINE_NONE);
    note_reply(request, result);
    return result;
}

long start_reply(struct actor *actor) {
    if (!actor->process->token)
        return 0;
    actor->old_token = actor->process->token;
    actor->old_request = actor->process->requested;
    return reply_only(actor, actor->old_token, actor->old_request);
}

long start_reply_again(struct actor *actor) {
    return actor->old_token ? reply_only(actor, actor->old_token, actor->old_request) : 0;
}

static long reply_short(struct actor *actor, int64_t length) {
    struct waiter *server = &actor->waiter;
    struct waiter *caller = fast_reply_to(server, actor->process->token, (uint64_t)length, 0, DEADLINE_NONE);
    if (!limits.use_fast_path || !caller || caller->lease_count)
        return 0;
    fast_reply_commit(server, caller, (uint64_t)length);
    host_copy(caller->page->payload, server->page->payload, (size_t)length);
    host_wake(caller, length);
    return PIPENS_BLOCKED;
}

long start_reply_wait(struct actor *actor) {
    if (!actor->process->token)
        return start_wait(actor);
    uint32_t number = actor->process->requested;
    int64_t length = put_reply(actor);
    long result = reply_short(actor, length);
    if (!result)
        result = pipens_reply_wait(&actor->waiter, actor->process->token, length, 0, DEADLINE_NONE);
    note_reply(number, result);
    return result;
}

void done_reply(struct actor *actor, long result) {
    (void)actor;
    if (result && result != -PIPE_ESTALE)
        complain("a reply is refused for another reason than that its token is used");
}

// ---- Handles, hooks and ends ----

void done_handle(struct actor *actor, long result) {
    if (result > 0)
        actor->handle = result;
}

long start_hook(struct actor *actor) {
    const struct node *line = node_at("/line");
    long result = pipens_hook(&actor->waiter, (uint64_t)actor->handle, 0, 0);
    if (line && result == 0)
        actor->listened = (uint32_t)line->taken;
    return result;
}

long start_unhook(struct actor *actor) {
    return pipens_unhook(&actor->waiter, (uint64_t)actor->handle);
}

long start_close(struct actor *actor) {
    return pipens_close(&actor->waiter, (uint64_t)actor->handle);
}

long start_end_thread(struct actor *actor) {
    world.ledger.server_has_died = true;
    if (waiter_end_step(&actor->waiter))
        return PIPENS_RESTART;
    actor->has_ended = true;
    return 0;
}

// Ends the other threads of the actor's process; true if more is left.
static bool end_some_threads(const struct actor *actor) {
    for (uint32_t index = 0; index < world.actor_count; index++) {
        struct actor *other = &world.actors[index];
        if (other == actor || other->process != actor->process || other->has_ended)
            continue;
        if (waiter_end_step(&other->waiter))
            return true;
        other->has_ended = true;
        other->is_blocked = false;
    }
    return false;
}

// The actor goes on until the last step is done.
long start_end_process(struct actor *actor) {
    world.ledger.server_has_died = true;
    if (end_some_threads(actor) || waiter_end_step(&actor->waiter) || principal_end_step(&actor->process->principal))
        return PIPENS_RESTART;
    actor->has_ended = true;
    actor->process->has_ended = true;
    return 0;
}
