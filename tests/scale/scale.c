// SPDX-License-Identifier: MIT
// One operation of pipens many times over, among many others of its kind: `scale OPERATION SIZE`. run.py counts the
// instructions of measured() with callgrind. The size is the number of pipes (open, send, call), of hooks in the thread
// (hook, wait), or the depth of the tree (deep).
#include "test_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 1000u
#define BUCKETS (1u << 18) // as the kernel makes them for 128 MiB of reserve
#define RULES_ALL RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL)
#define PATH_MAX 256u

static struct account account = {.limit = UINT64_MAX};
static struct process process;
static struct thread client, server;
static char measured_path[PATH_MAX];
static long measured_handle;
static uint32_t chosen; // of the pipes: the one in the middle

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

static long create(struct thread *thread, const char *path, enum flow flow) {
    return pipens_create(&thread->waiter, (uint64_t)path_put(thread, path), flow, RULES_ALL, flow == FLOW_QUEUE ? 2 : 0,
                         0);
}

static void thread_make(struct thread *thread) {
    thread->process = &process;
    thread->page = calloc(1, sizeof *thread->page);
    must(waiter_initialize(&thread->waiter, &process.principal, thread->page, 10), "a thread");
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
}

// Pipes /0 to /<size - 1>. The handles of all but the chosen one are closed again: the table of handles has its own
// bound.
static void pipes_make(uint32_t size, enum flow flow) {
    chosen = size / 2;
    for (uint32_t number = 0; number < size; number++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "/%u", (unsigned)number);
        long handle = create(&client, path, flow);
        must(handle, "a pipe");
        if (number != chosen)
            must(pipens_close(&client.waiter, (uint64_t)handle), "close");
        else
            measured_handle = handle;
    }
    snprintf(measured_path, sizeof measured_path, "/%u", (unsigned)chosen);
}

// A tree of directories /d/d/.../d with a queue at its end.
static void tree_make(uint32_t depth) {
    for (uint32_t level = 1; level < depth; level++) {
        strcat(measured_path, "/d");
        must(create(&client, measured_path, FLOW_DIRECTORY), "a directory");
    }
    strcat(measured_path, "/q");
    must(create(&client, measured_path, FLOW_QUEUE), "a queue");
}

// Hooks of one thread on events; the last one is signalled.
static void hooks_make(uint32_t size) {
    for (uint32_t number = 0; number < size; number++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "/%u", (unsigned)number);
        measured_handle = create(&client, path, FLOW_EVENT);
        must(measured_handle, "an event");
        must(pipens_hook(&client.waiter, (uint64_t)measured_handle, number, 0), "a hook");
    }
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

void measured(void (*operation)(void));
__attribute__((noinline)) void measured(void (*operation)(void)) {
    for (uint32_t round = 0; round < ROUNDS; round++)
        operation();
}

int main(int argument_count, char **arguments) {
    const char *operation = argument_count == 3 ? arguments[1] : "";
    uint32_t size = argument_count == 3 ? (uint32_t)strtoul(arguments[2], NULL, 10) : 0;
    world_make();
    if (strcmp(operation, "open") == 0) {
        pipes_make(size, FLOW_QUEUE);
        measured(do_open);
    } else if (strcmp(operation, "send") == 0) {
        pipes_make(size, FLOW_QUEUE);
        must(pipens_hook(&client.waiter, (uint64_t)measured_handle, 0, 0), "hook");
        measured(do_send);
    } else if (strcmp(operation, "call") == 0) {
        pipes_make(size, FLOW_CALL);
        must(pipens_hook(&server.waiter, (uint64_t)measured_handle, 0, 0), "hook");
        measured(do_call);
    } else if (strcmp(operation, "hook") == 0 || strcmp(operation, "wait") == 0) {
        hooks_make(size);
        measured(operation[0] == 'h' ? do_hook : do_wait);
    } else if (strcmp(operation, "deep") == 0) {
        tree_make(size);
        measured(do_open);
    } else {
        fprintf(stderr, "usage: scale open|send|call|hook|wait|deep SIZE\n");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
