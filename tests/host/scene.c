// SPDX-License-Identifier: MIT
#include "scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENE_SEED 0x9e3779b9u
#define RULES_OPEN RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL)

static void fail(const char *action, const char *what) {
    fprintf(stderr, "# after %s: %s\n", action, what);
    fflush(NULL);
    abort();
}

void scene_audit(const char *action) {
    const char *broken = host_audit();
    if (broken)
        fail(action, broken);
}

// What the kernel's scheduler does.
static void close_all(const char *action) {
    scene_audit(action);
    while (pipens_close_step(&host.names))
        scene_audit("a step of closing");
    scene_audit("closing");
}

// ---- The whole ----

void scene_start(void) {
    if (host_start(SCENE_SEED))
        fail("host_start", "no memory");
    host.names.root->rules = (uint16_t)RULES_OPEN;
    scene_audit("host_start");
}

// Removes what is below the directory, deepest first.
static void empty_directory(struct node *directory) {
    struct tree_link *link;
    while ((link = tree_first(&directory->children))) {
        struct node *child = list_object(link, struct node, of_parent);
        if (child->flow == FLOW_DIRECTORY)
            empty_directory(child);
        while (node_remove_step(child))
            continue;
    }
}

// What a namespace without processes and names keeps: its root and the table of waiters, an array and pages of
// pointers.
static uint64_t blocks_kept(void) {
    uint32_t slots_per_page = HOST_PAGE_SIZE / sizeof(struct waiter *);
    return 2 + (host.names.waiter_limit + slots_per_page - 1) / slots_per_page;
}

void scene_stop(void) {
    while (host.processes)
        process_end(host.processes);
    while (host.regions)
        host_region_release(host.regions);
    empty_directory(host.names.root);
    scene_audit("the end");
    if (host.live_blocks != blocks_kept())
        fail("the end", "memory has leaked");
    if (host.live_bytes != host.names.kernel_account.used)
        fail("the end", "memory is allocated that nobody pays for");
    host_free_all();
    if (host.complaint)
        fail("the end", host.complaint);
    free(host.buckets);
}

// ---- Processes and threads ----

struct account *account_make(uint64_t limit) {
    struct account *account = host_allocate(sizeof *account);
    *account = (struct account){.limit = limit};
    return account;
}

static uint8_t *guarded_memory(void) {
    uint8_t *block = malloc(HOST_MEMORY_SIZE + 2 * HOST_GUARD_SIZE);
    memset(block, HOST_CANARY, HOST_MEMORY_SIZE + 2 * HOST_GUARD_SIZE);
    return block + HOST_GUARD_SIZE;
}

struct process *process_start_with(uint32_t pid, enum kind kind, struct account *account,
                                   struct principal *succession) {
    struct process *process = calloc(1, sizeof *process);
    host_soil(&process->principal, sizeof process->principal);
    char name[PROGRAM_NAME_MAX + 1];
    snprintf(name, sizeof name, "program%u", pid);
    process->account = account ? account : account_make(QUOTA_PLENTY);
    process->memory = guarded_memory();
    process->next = host.processes;
    host.processes = process;
    principal_initialize(&process->principal, &host.names, process->account, pid, 1, kind, name);
    process->principal.is_unlimited = true;
    process->principal.inherited_by = succession;
    return process;
}

struct process *process_start(uint32_t pid, enum kind kind, uint64_t quota) {
    return process_start_with(pid, kind, account_make(quota), NULL);
}

struct process *succession_start(uint64_t quota) {
    struct process *process = process_start(0, KIND_SERVER, quota);
    process->principal.is_succession = true;
    return process;
}

struct thread *thread_start(struct process *process, unsigned priority) {
    struct thread *thread = calloc(1, sizeof *thread);
    host_soil(&thread->waiter, sizeof thread->waiter);
    thread->process = process;
    thread->page = malloc(sizeof *thread->page);
    memset(thread->page, HOST_CANARY, sizeof *thread->page);
    thread->deadline = DEADLINE_NONE;
    if (waiter_initialize(&thread->waiter, &process->principal, thread->page, priority)) {
        free(thread->page);
        free(thread);
        return NULL;
    }
    thread->next = host.threads;
    host.threads = thread;
    return thread;
}

struct thread *program_start(uint32_t pid, enum kind kind) {
    return thread_start(process_start(pid, kind, QUOTA_PLENTY), PRIORITY_USUAL);
}

void thread_end(struct thread *thread) {
    while (waiter_end_step(&thread->waiter))
        scene_audit("a chunk of waiter_end_step");
    struct thread **link = &host.threads;
    while (*link != thread)
        link = &(*link)->next;
    *link = thread->next;
    free(thread->page);
    free(thread);
    close_all("waiter_end_step");
}

static struct thread *thread_of_process(const struct process *process) {
    struct thread *thread = host.threads;
    while (thread && thread->process != process)
        thread = thread->next;
    return thread;
}

static void process_free(struct process *process) {
    struct process **link = &host.processes;
    while (*link != process)
        link = &(*link)->next;
    *link = process->next;
    account_release(process->account);
    free(process->memory - HOST_GUARD_SIZE);
    free(process);
}

void process_end(struct process *process) {
    struct thread *thread;
    while ((thread = thread_of_process(process)))
        thread_end(thread);
    while (principal_end_step(&process->principal))
        scene_audit("a chunk of principal_end_step");
    process_free(process);
    scene_audit("principal_end_step");
}

// ---- System calls ----

// A call may block and be woken before it comes back: then it has ended.
static long finish(struct thread *thread, long result, const char *action) {
    if (thread->was_woken && result != BLOCKED)
        fail(action, "a wake of a thread that was not blocked");
    if (result == BLOCKED)
        thread->is_blocked = !thread->was_woken;
    else
        thread->result = result;
    thread->was_woken = false;
    close_all(action);
    return result;
}

static uint64_t put_text(const struct thread *thread, const char *text) {
    uint64_t length = strlen(text);
    memcpy(thread->page->payload, text, length <= PAYLOAD_MAX ? length : PAYLOAD_MAX);
    return length;
}

long do_create(struct thread *thread, const char *path, enum flow flow, uint32_t rules, uint32_t capacity,
               uint32_t payload_max) {
    uint64_t length = put_text(thread, path);
    long result;
    do {
        result = finish(thread, pipens_create(&thread->waiter, length, flow, rules, capacity, payload_max), "create");
    } while (result == PIPENS_RESTART);
    return result;
}

long do_open(struct thread *thread, const char *path, uint32_t rights) {
    return finish(thread, pipens_open(&thread->waiter, put_text(thread, path), rights), "open");
}

long do_close(struct thread *thread, long handle) {
    return finish(thread, pipens_close(&thread->waiter, (uint64_t)handle), "close");
}

long do_remove(struct thread *thread, const char *path) {
    long result;
    do {
        result = finish(thread, pipens_remove(&thread->waiter, put_text(thread, path)), "remove");
    } while (result == PIPENS_RESTART);
    return result;
}

long do_rules(struct thread *thread, long handle, uint32_t rules) {
    return finish(thread, pipens_set_rules(&thread->waiter, (uint64_t)handle, rules), "set_rules");
}

long do_list(struct thread *thread, long handle, const char *after) {
    return finish(thread, pipens_list(&thread->waiter, (uint64_t)handle, put_text(thread, after)), "list");
}

long do_stat(struct thread *thread, long handle, const char *path, struct pipe_stat *stat) {
    uint64_t length = put_text(thread, path);
    long result = finish(thread, pipens_stat(&thread->waiter, (uint64_t)handle, length), "stat");
    memcpy(stat, thread->page->payload, sizeof *stat);
    return result;
}

long do_hook(struct thread *thread, long handle, uint64_t key, uint64_t flags) {
    return finish(thread, pipens_hook(&thread->waiter, (uint64_t)handle, key, flags), "hook");
}

long do_unhook(struct thread *thread, long handle) {
    return finish(thread, pipens_unhook(&thread->waiter, (uint64_t)handle), "unhook");
}

long do_send(struct thread *thread, long handle, const char *text, uint64_t flags, uint64_t deadline) {
    uint64_t length = put_text(thread, text);
    return finish(thread, pipens_send(&thread->waiter, (uint64_t)handle, length, flags, deadline), "send");
}

long do_signal(struct thread *thread, long handle, uint64_t value) {
    return finish(thread, pipens_send(&thread->waiter, (uint64_t)handle, value, 0, DEADLINE_NOW), "signal");
}

long do_call(struct thread *thread, long handle, const char *text, uint64_t flags, uint64_t deadline) {
    uint64_t length = put_text(thread, text);
    return finish(thread, pipens_call(&thread->waiter, (uint64_t)handle, length, flags, deadline), "call");
}

long do_wait(struct thread *thread, uint64_t deadline) {
    return finish(thread, pipens_reply_wait(&thread->waiter, 0, 0, 0, deadline), "wait");
}

long do_reply(struct thread *thread, uint64_t token, const char *text, uint64_t flags) {
    int64_t length = (int64_t)put_text(thread, text);
    long result = pipens_reply_wait(&thread->waiter, token, length, flags | REPLY_ONLY, DEADLINE_NOW);
    return finish(thread, result, "reply");
}

long do_reply_error(struct thread *thread, uint64_t token, long error) {
    return finish(thread, pipens_reply_wait(&thread->waiter, token, error, REPLY_ONLY, DEADLINE_NOW), "reply");
}

long do_reply_wait(struct thread *thread, uint64_t token, const char *text, uint64_t deadline) {
    int64_t length = (int64_t)put_text(thread, text);
    return finish(thread, pipens_reply_wait(&thread->waiter, token, length, 0, deadline), "reply_wait");
}

long do_lease(struct thread *thread, uint64_t token, uint64_t index, uint64_t offset, uint64_t address,
              uint64_t length) {
    long result = pipens_copy_lease(&thread->waiter, token, index, offset, address, length);
    return finish(thread, result, "copy_lease");
}

void do_cancel(struct thread *thread, long error) {
    pipens_cancel(&thread->waiter, error);
    close_all("cancel");
}

void do_pass(uint64_t nanoseconds) {
    host_pass(nanoseconds);
    close_all("the passing of time");
}

// ---- What must succeed ----

static long must(long result, const char *action) {
    if (result <= 0)
        fail(action, "it failed");
    return result;
}

long must_create(struct thread *thread, const char *path, enum flow flow) {
    return must(do_create(thread, path, flow, RULES_OPEN, 0, 0), path);
}

long must_open(struct thread *thread, const char *path, uint32_t rights) {
    return must(do_open(thread, path, rights), path);
}

long must_hook(struct thread *thread, const char *path, uint64_t key) {
    long handle = must_open(thread, path, RIGHT_READ);
    if (do_hook(thread, handle, key, 0))
        fail(path, "it cannot be hooked");
    return handle;
}

struct node *node_at(const char *path) {
    long error = 0;
    return node_find(&host.names, path, (uint32_t)strlen(path), &error);
}

bool page_holds(const struct thread *thread, const char *text) {
    size_t length = strlen(text);
    return thread->page->received.length == length && memcmp(thread->page->payload, text, length) == 0;
}
