// SPDX-License-Identifier: MIT
// What one operation of pipens takes among many others: `scale OPERATION PIPES HOOKS DEPTH` prints its instructions.
// The operation is open, send, call, hook, wait or life (of a transient pipe: made, opened, closed by its holder and by
// its owner; the others are transient and open, too); beside its pipe there are so many others, its thread (for call:
// the server) has so many other hooks, and its pipe lies so deep in the tree. All paths of a kind have one length, as a
// path's cost grows with it.
#include "steps.h"
#include "test_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 10u
#define BUCKETS (1u << 18) // as the kernel makes them for 128 MiB of reserve
#define RULES_ALL RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL)
#define PATH_MAX 256u
#define PATH_LENGTH 62u // of the measured pipe
#define DEPTH_MAX 30u   // of components "/d", and a last one, in so many bytes
#define HOLDERS 4u
#define HELD_MAX 30000u // handles of one of them

static struct account account = {.limit = UINT64_MAX};
static struct process process;
static struct process holders[HOLDERS]; // of transient pipes that stay open
static struct thread client, server;
static struct process strangers; // another process
static struct thread stranger;
static char measured_path[PATH_MAX];
static long measured_handle;
static uint32_t pipe_count, hook_count, depth;
static struct thread *waiting; // the one with the hooks

static const struct operation {
    const char *name;
    void (*run)(void);
    enum flow flow;
} * operation;

static void must(long result, const char *what) {
    if (result >= 0 || result == PIPENS_BLOCKED)
        return;
    fprintf(stderr, "scale: %s: error %ld\n", what, -result);
    exit(EXIT_FAILURE);
}

static long path_put(struct thread *thread, const char *path) {
    memcpy(thread->page->payload, path, strlen(path));
    return (long)strlen(path);
}

static long create(struct thread *thread, const char *path, uint32_t flow) {
    return pipens_create(&thread->waiter, (uint64_t)path_put(thread, path), flow, RULES_ALL, flow == FLOW_QUEUE ? 2 : 0,
                         0);
}

static void thread_make_of(struct thread *thread, struct process *owner) {
    thread->process = owner;
    thread->page = calloc(1, sizeof *thread->page);
    must(waiter_initialize(&thread->waiter, &owner->principal, thread->page, 10), "a thread");
}

static void thread_make(struct thread *thread) {
    thread_make_of(thread, &process);
}

static void world_make(void) {
    host.now = 1;
    host.buckets = calloc(BUCKETS, sizeof *host.buckets);
    must(namespace_initialize(&host.names, host.buckets, BUCKETS, 1), "the namespace");
    host.names.root->rules = (uint16_t)RULES_ALL;
    principal_initialize(&process.principal, &host.names, &account, 1, 1, KIND_SERVER, "scale");
    process.principal.is_unlimited = true;
    thread_make(&client);
    thread_make(&server);
    principal_initialize(&strangers.principal, &host.names, &account, 9, 1, KIND_APP, "stranger");
    strangers.principal.is_unlimited = true;
    thread_make_of(&stranger, &strangers);
}

// Pipes of no use. The handles are closed again: their table has its own bound.
static void pipes_make(void) {
    for (uint32_t number = 0; number < pipe_count; number++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "/pipe%06u", (unsigned)number);
        long handle = create(&client, path, FLOW_EVENT);
        must(handle, "a pipe");
        must(pipens_close(&client.waiter, (uint64_t)handle), "close");
    }
}

// Transient pipes, each open: so many handles no single process has.
static void transients_make(void) {
    static struct thread threads[HOLDERS];
    for (uint32_t number = 0; number < pipe_count; number++) {
        uint32_t holder = number / HELD_MAX;
        struct thread *thread = &threads[holder];
        if (!thread->page) {
            holders[holder].next = host.processes;
            host.processes = &holders[holder];
            principal_initialize(&holders[holder].principal, &host.names, &account, 2 + holder, 1, KIND_SERVER,
                                 "holder");
            holders[holder].principal.is_unlimited = true;
            thread_make_of(thread, &holders[holder]);
        }
        char path[PATH_MAX];
        snprintf(path, sizeof path, "/pipe%06u", (unsigned)number);
        must(create(thread, path, FLOW_CALL | CREATE_TRANSIENT), "a transient pipe");
    }
}

// Hooks of both threads on events that are never signalled.
static void hooks_make(void) {
    for (uint32_t number = 0; number < hook_count; number++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "/hook%06u", (unsigned)number);
        long handle = create(&client, path, FLOW_EVENT);
        must(handle, "an event");
        must(pipens_hook(&waiting->waiter, (uint64_t)handle, number, 0), "a hook");
    }
}

// Directories /d, /d/d ..., and the pipe that is measured below the last.
static void measured_make(void) {
    for (uint32_t level = 1; level < depth; level++) {
        strcat(measured_path, "/d");
        must(create(&client, measured_path, FLOW_DIRECTORY), "a directory");
    }
    size_t length = strlen(measured_path);
    measured_path[length] = '/';
    memset(measured_path + length + 1, 'p', PATH_LENGTH - length - 1);
    measured_handle = create(&client, measured_path, operation->flow);
    must(measured_handle, "the pipe");
    must(pipens_hook(&waiting->waiter, (uint64_t)measured_handle, 0, 0), "its hook");
}

static void do_life(void);

// The measured pipe comes first: whatever lists there are put new ones in front.
static void world_prepare(void) {
    world_make();
    measured_make();
    hooks_make();
    if (operation->run == do_life)
        transients_make();
    else
        pipes_make();
}

// ---- What is measured ----

static void do_open(void) {
    long handle = pipens_open(&client.waiter, (uint64_t)path_put(&client, measured_path), RIGHT_READ);
    must(handle, "open");
    must(pipens_close(&client.waiter, (uint64_t)handle), "close");
}

static void do_send(void) {
    must(pipens_send(&client.waiter, (uint64_t)measured_handle, 8, 0, DEADLINE_NOW), "send");
    must(pipens_reply_wait(&client.waiter, 0, 0, 0, DEADLINE_NOW), "take");
}

static void do_call(void) {
    server.is_blocked = true;
    must(pipens_reply_wait(&server.waiter, 0, 0, 0, DEADLINE_NONE), "wait");
    client.is_blocked = true;
    must(pipens_call(&client.waiter, (uint64_t)measured_handle, 8, 0, DEADLINE_NONE), "call");
    must(pipens_reply_wait(&server.waiter, server.page->received.token, 8, REPLY_ONLY, DEADLINE_NOW), "reply");
}

static void do_hook(void) {
    must(pipens_unhook(&client.waiter, (uint64_t)measured_handle), "unhook");
    must(pipens_hook(&client.waiter, (uint64_t)measured_handle, 0, 0), "hook");
}

static void do_wait(void) {
    must(pipens_send(&client.waiter, (uint64_t)measured_handle, 1, 0, DEADLINE_NOW), "signal");
    must(pipens_reply_wait(&client.waiter, 0, 0, 0, DEADLINE_NOW), "take");
}

// As a server opens something for a client, who closes it.
static void do_life(void) {
    static const char path[] = "/open";
    long owned = create(&server, path, FLOW_CALL | CREATE_TRANSIENT);
    must(owned, "create");
    must(pipens_hook(&server.waiter, (uint64_t)owned, 1, 0), "hook");
    long held = pipens_open(&stranger.waiter, (uint64_t)path_put(&stranger, path), RIGHT_WRITE);
    must(held, "open");
    must(pipens_close(&stranger.waiter, (uint64_t)held), "close");
    must(pipens_reply_wait(&server.waiter, 0, 0, 0, DEADLINE_NOW), "closed");
    if (pipens_close_step(&host.names) || server.page->received.type != MESSAGE_CLOSED)
        must(-1, "the end");
}

static const struct operation operations[] = {{"open", do_open, FLOW_QUEUE}, {"send", do_send, FLOW_QUEUE},
                                              {"call", do_call, FLOW_CALL},  {"hook", do_hook, FLOW_EVENT},
                                              {"wait", do_wait, FLOW_EVENT}, {"life", do_life, FLOW_EVENT}};

static const struct operation *operation_find(const char *name) {
    for (size_t number = 0; number < sizeof operations / sizeof *operations; number++)
        if (strcmp(operations[number].name, name) == 0)
            return &operations[number];
    return NULL;
}

int main(int argument_count, char **arguments) {
    operation = argument_count == 5 ? operation_find(arguments[1]) : NULL;
    if (operation) {
        pipe_count = (uint32_t)strtoul(arguments[2], NULL, 10);
        hook_count = (uint32_t)strtoul(arguments[3], NULL, 10);
        depth = (uint32_t)strtoul(arguments[4], NULL, 10);
    }
    if (depth < 1 || depth > DEPTH_MAX) {
        fprintf(stderr, "usage: scale open|send|call|hook|wait|life PIPES HOOKS DEPTH, the depth 1 to %u\n", DEPTH_MAX);
        return EXIT_FAILURE;
    }
    waiting = operation->flow == FLOW_CALL ? &server : &client;
    printf("%llu\n", (unsigned long long)steps_of(world_prepare, operation->run, ROUNDS));
    return EXIT_SUCCESS;
}
