// SPDX-License-Identifier: MIT
#include "actors.h"

#include "model.h"

#include <stdlib.h>
#include <string.h>

struct actors actors;

#define QUOTA ((uint64_t)64 << 20)
#define SEED 0x9e3779b9u
#define PRIORITY_FIRST 8u // of thread 0; the next ones have higher ones
#define ALL_MAY RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL)

struct node *real_node(const char *path, uint32_t length) {
    long error = 0;
    return node_find(&host.names, path, length, &error);
}

// ---- The namespace ----

struct fixed_pipe {
    const char *path;
    struct node_plan plan;
    bool is_answered, is_line, is_level;
    uint32_t line;
};

static const struct fixed_pipe fixed_pipes[] = {
    {"/irq", {FLOW_DIRECTORY, ALL_MAY, 0, 0}, false, false, false, 0},
    {"/irq/0", {FLOW_EVENT, ALL_MAY, 0, 0}, false, true, true, 0},
    {"/irq/1", {FLOW_EVENT, ALL_MAY, 0, 0}, false, true, false, 1},
    {"/kernel", {FLOW_DIRECTORY, ALL_MAY, 0, 0}, false, false, false, 0},
    {"/kernel/echo", {FLOW_CALL, ALL_MAY, 0, 0}, true, false, false, 0},
    {"/fault", {FLOW_CALL, ALL_MAY, 0, 0}, false, false, false, 0},
    {"/timer", {FLOW_EVENT, ALL_MAY, 0, 0}, false, false, false, 0},
    {"/news", {FLOW_TOPIC, ALL_MAY, 4, 0}, false, false, false, 0},
};

static void make_fixed(const struct fixed_pipe *fixed) {
    long error = 0;
    struct node *node =
        node_create(&host.names.kernel, fixed->path, (uint32_t)strlen(fixed->path), &fixed->plan, &error);
    if (fixed->is_answered)
        node->special |= NODE_KERNEL;
    if (fixed->is_line)
        node->interrupt = (struct interrupt_line){.line = fixed->line, .is_line = true, .is_level = fixed->is_level};
    int number = model_kernel_node(fixed->path, fixed->plan.flow, fixed->plan.rules, fixed->plan.capacity, 0);
    model.nodes[number].is_kernel = fixed->is_answered;
    model.nodes[number].is_line = fixed->is_line;
    model.nodes[number].is_level = fixed->is_level;
    model.nodes[number].line = fixed->line;
    actor_node_begin(node);
}

void actor_node_begin(struct node *node) {
    if (node->flow == FLOW_EVENT && !node->total) {
        node->total = MODEL_COUNTER_START;
        node->taken = MODEL_COUNTER_START;
    } else if ((node->flow == FLOW_QUEUE || node->flow == FLOW_TOPIC) && !node->ring.head) {
        node->ring.head = MODEL_COUNTER_START;
        node->ring.tail = MODEL_COUNTER_START;
    }
}

static long echo(struct node *node, struct waiter *waiter, uint32_t length, uint32_t flags) {
    (void)node;
    (void)flags;
    for (uint32_t byte = 0; byte < length; byte++)
        waiter->page->payload[byte] = (uint8_t)~waiter->page->payload[byte];
    return length;
}

// The pipes that every namespace has, with the rules that they are given in pipens/node.c.
static void model_begin(void) {
    uint32_t listed = RULE(RIGHTS_ALL, RIGHT_READ, RIGHT_READ, RIGHT_READ);
    model_start(host.now);
    model_kernel_node("/", FLOW_DIRECTORY, ALL_MAY, 0, 0);
    model_kernel_node("/bus", FLOW_DIRECTORY, listed, 0, 0);
    uint32_t watched = RULE(RIGHTS_ALL, RIGHT_READ | RIGHT_TAP, 0u, RIGHT_READ | RIGHT_TAP);
    model_kernel_node("/bus/trace", FLOW_TOPIC, watched, 1024, sizeof(struct trace_record));
}

static struct process *process_make(uint32_t pid, uint32_t generation, enum kind kind, struct account *account,
                                    const char *name) {
    struct process *process = calloc(1, sizeof *process);
    uint8_t *block = malloc(HOST_MEMORY_SIZE + 2 * HOST_GUARD_SIZE);
    memset(block, HOST_CANARY, HOST_MEMORY_SIZE + 2 * HOST_GUARD_SIZE);
    process->account = account;
    process->memory = block + HOST_GUARD_SIZE;
    memset(process->memory, 0, HOST_MEMORY_SIZE);
    principal_initialize(&process->principal, &host.names, account, pid, generation, kind, name);
    process->principal.is_unlimited = true;
    process->next = host.processes;
    host.processes = process;
    return process;
}

static void process_discard(struct process *process) {
    struct process **link = &host.processes;
    while (*link != process)
        link = &(*link)->next;
    *link = process->next;
    free(process->memory - HOST_GUARD_SIZE);
    free(process);
}

// What the succession's pid is for stat: the kernel's, in generation 1.
static void observers_start(void) {
    actors.succession = process_make(0, 1, KIND_SERVER, &actors.accounts[SUCCESSION_PROCESS], "succession");
    actors.succession->principal.is_succession = true;
    actors.observer = process_make(0, 0, KIND_SERVER, &host.names.kernel_account, "observer");
    actors.observer_page = malloc(sizeof *actors.observer_page);
    handle_reserve(&actors.observer->principal, 1);
    // The first waiter's number is left to an actor: it is the one whose tokens may become 0.
    struct waiter first;
    waiter_initialize(&first, &actors.observer->principal, actors.observer_page, 0);
    waiter_initialize(&actors.observer_waiter, &actors.observer->principal, actors.observer_page, 0);
    waiter_end_step(&first);
}

void actors_start(void) {
    memset(&actors, 0, sizeof actors);
    host_start(SEED);
    host.answer = echo;
    host.names.root->rules = (uint16_t)ALL_MAY;
    model_begin();
    actor_node_begin(host.names.trace);
    for (size_t index = 0; index < sizeof fixed_pipes / sizeof *fixed_pipes; index++)
        make_fixed(&fixed_pipes[index]);
    for (uint32_t line = 0; line < ACTOR_LINES; line++)
        host.lines[line].is_masked = true;
    host.names.next_number = MODEL_NUMBER_START;
    model.next_number = MODEL_NUMBER_START;
    host.names.next_token = MODEL_TOKEN_START;
    for (uint32_t process = 0; process < ACTOR_PROCESSES; process++)
        actors.accounts[process].limit = QUOTA;
    actors.next_pid = 1;
    observers_start();
    actors.blocks = host.live_blocks;
    actors.bytes = host.live_bytes;
}

const char *actors_stop(void) {
    const char *wrong = NULL;
    for (uint32_t process = 0; process < ACTOR_PROCESSES; process++)
        if (actors.accounts[process].used)
            wrong = "an account pays for what is gone";
    if (host.regions)
        wrong = "a region was not released";
    if (host.live_blocks != actors.blocks || host.live_bytes != actors.bytes)
        wrong = "memory has leaked";
    if (host.live_bytes != host.names.kernel_account.used)
        wrong = "the kernel's account does not pay for what is left";
    process_discard(actors.observer);
    process_discard(actors.succession);
    free(actors.observer_page);
    host_free_all();
    free(host.buckets);
    model_stop();
    return wrong;
}

// ---- Processes and threads ----

static void claim(uint8_t *claims, uint32_t *length, enum claim_type type, uint32_t rights, const char *pattern) {
    struct claim head = {(uint8_t)type, (uint8_t)rights, (uint16_t)strlen(pattern)};
    memcpy(claims + *length, &head, sizeof head);
    memcpy(claims + *length + sizeof head, pattern, head.length);
    *length += (uint32_t)sizeof head + head.length;
}

// As the model's may_claim_open and may_claim_create say.
static void claims_give(struct principal *principal) {
    uint8_t claims[128];
    uint32_t length = 0;
    claim(claims, &length, CLAIM_OPEN, RIGHTS_ALL, "/d/**");
    claim(claims, &length, CLAIM_CREATE, 0, "/a");
    claim(claims, &length, CLAIM_OPEN, RIGHT_READ | RIGHT_WRITE, "/*");
    claim(claims, &length, CLAIM_CREATE, 0, "/d/*");
    principal->is_unlimited = false;
    principal_claim(principal, claims, length);
}

// The first chunk of the table of handles is made, so that its positions can be aged.
static void handles_age(struct principal *principal) {
    handle_reserve(principal, 1);
    for (uint32_t index = 1; index < MODEL_AGED_SLOTS; index++)
        handle_entry_at(&principal->handles, index)->generation = MODEL_GENERATION_START;
}

void actor_process_start(uint32_t process) {
    static const enum kind kinds[ACTOR_PROCESSES] = {KIND_APP, KIND_SERVER, KIND_DRIVER, KIND_APP};
    uint32_t pid = actors.next_pid++, generation = pid * 3;
    struct process *started = process_make(pid, generation, kinds[process], &actors.accounts[process], "actor");
    actors.processes[process] = started;
    if (process == SUCCESSION_PROCESS)
        started->principal.inherited_by = &actors.succession->principal;
    if (process == CLAIMED_PROCESS)
        claims_give(&started->principal);
    handles_age(&started->principal);
    model_process_start(process, pid, generation, kinds[process]);
}

void actor_thread_start(uint32_t thread) {
    struct thread *started = calloc(1, sizeof *started);
    started->process = actors.processes[thread_process(thread)];
    started->page = malloc(sizeof *started->page);
    memset(started->page, 0, sizeof *started->page);
    memset(model.threads[thread].page, 0, sizeof *started->page);
    started->deadline = DEADLINE_NONE;
    waiter_initialize(&started->waiter, &started->process->principal, started->page, PRIORITY_FIRST + thread);
    actors.threads[thread] = started;
    model_thread_start(thread, PRIORITY_FIRST + thread);
}

void actor_thread_end(uint32_t thread) {
    struct thread *ended = actors.threads[thread];
    while (waiter_end_step(&ended->waiter))
        continue;
    actors.threads[thread] = NULL;
    free(ended->page);
    free(ended);
}

void actor_process_end(uint32_t process) {
    struct process *ended = actors.processes[process];
    while (principal_end_step(&ended->principal))
        continue;
    actors.processes[process] = NULL;
    if (!memory_is_guarded(ended))
        host.complaint = "a byte beside a process's memory was written";
    process_discard(ended);
}

void actor_abandon(void) {
    while (principal_abandon_step(&actors.succession->principal))
        continue;
}
