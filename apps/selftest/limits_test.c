// SPDX-License-Identifier: MIT
// Limits: what happens at the last handle, pipe, thread and process, and that all is well afterwards. Invariant 2: a
// process that hits its quota gets an error, and nobody else notices.
#include "agent.h"
#include "clock.h"
#include "process.h"
#include "protocol/memory.h"
#include "raw_thread.h"
#include "roles.h"

#include <string.h>

#define KEY 0x11317
#define HANDLES_MAX 32768u // of a process: 512 chunks of 64 (pipens/handle.h), but for number 0
#define LARGE_CAPACITY 64u // messages of a page each
#define PIPES_TRIED 1000u
#define PROCESSES_IN_TURN 1000u
#define PROCESSES_AT_ONCE 50u
#define PROCESSES_TRIED 4000u
#define PROCESSES_MANY 1000u            // that there are with so much memory:
#define MEMORY_FOR_MANY (2000ull << 20) // bytes
#define POOL_SLACK 128u                 // pages that others may have touched meanwhile: the log's lines
#define HOARDERS 3u         // agents whose quotas together are more than the reserve of a machine of 128 MiB
#define HOARD_CAPACITY 512u // messages of a page each
#define HOARD_PIPES 4u
#define RESERVE_SLACK (64u << 10) // bytes that the kernel may keep of a thousand processes: pages of its table, slabs

// ---- Handles ----

static long handles[HANDLES_MAX];

// Opens the pipe until it is refused; how often it was opened.
static uint32_t handles_open_all(long *error) {
    uint32_t count = 0;
    while (count < HANDLES_MAX && (*error = handles[count] = own_open("pipe", RIGHT_READ)) >= 0)
        count++;
    return count;
}

// With a full table a message that brings handles comes without them: it keeps back nothing that follows.
static void message_comes_without_handles(long queue) {
    struct pipe_stat stat = {0};
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 1);
    CHECK_EQUAL(pipe_received()->handle_count, 0);
    CHECK_EQUAL(pipe_stat(queue, &stat), 0);
    CHECK(stat.depth == 0 && stat.dropped == 1);
}

static void handles_to_the_last(void) {
    long error = 0;
    long queue = own_pipe("pipe", FLOW_QUEUE);
    struct attached attached = {.handles = {HANDLE_OUTPUT}, .handle_count = 1};
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    CHECK_EQUAL(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), 0);
    uint32_t count = handles_open_all(&error);
    CHECK_ERROR(error, EMFILE);
    CHECK_ERROR(pipe_create(own_path("new"), FLOW_EVENT, RULES_ALL, 0, 0), EMFILE);
    struct pipe_stat stat;
    CHECK_ERROR(pipe_stat_path(own_path("new"), &stat), ENOENT);
    message_comes_without_handles(queue);
    CHECK(count > HANDLES_MAX / 2);
    while (count > 0)
        CHECK_EQUAL(pipe_close(handles[--count]), 0);
    CHECK_SUCCESS(handles[0] = own_open("pipe", RIGHT_READ));
    CHECK_EQUAL(pipe_close(handles[0]), 0);
    own_remove("pipe", queue);
}

// A reply that brings a handle to a full table: the caller gets the error, the server keeps the handle.
static void reply_finds_no_slot(void) {
    static struct agent agent;
    long error = 0, pipe = own_pipe("calls", FLOW_CALL);
    REQUIRE(agent_start(&agent, KIND_APP));
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    uint64_t to_pipe = (uint64_t)agent_open(&agent, own_path("calls"), RIGHT_WRITE);
    while ((error = agent_open(&agent, own_path("calls"), RIGHT_WRITE)) >= 0)
        continue;
    CHECK_ERROR(error, EMFILE);
    agent_begin(&agent, SYSTEM_CALL_call, to_pipe, 0, 0, DEADLINE_NONE, 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NONE), 0);
    struct attached attached = {.handles = {HANDLE_OUTPUT}, .handle_count = 1};
    CHECK_EQUAL(pipe_reply_attached(pipe_received()->token, "", 0, &attached), 0);
    CHECK_ERROR(agent_end(&agent), EMFILE);
    agent_stop(&agent);
    own_remove("calls", pipe);
}

// Invariant 14: a call for whose handles its server has no room ends, and the server answers the next one.
static void call_finds_no_room(void) {
    static struct agent server, caller;
    REQUIRE(agent_start(&server, KIND_APP) && agent_start(&caller, KIND_APP));
    long pipe = own_pipe("calls", FLOW_CALL), error;
    uint64_t hooked = (uint64_t)agent_open(&server, own_path("calls"), RIGHT_READ);
    uint64_t to_server = (uint64_t)agent_open(&caller, own_path("calls"), RIGHT_WRITE);
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_hook, hooked, KEY, 0, 0, 0), 0);
    while ((error = agent_open(&server, own_path("calls"), RIGHT_WRITE)) >= 0)
        continue;
    CHECK_ERROR(error, EMFILE);
    agent_begin(&server, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
    caller.command.head.handle[0] = (uint32_t)to_server;
    CHECK_ERROR(agent_call(&caller, SYSTEM_CALL_call, to_server, 1, ATTACH_HANDLES(1), DEADLINE_NONE, 0), ENOBUFS);
    agent_begin(&caller, SYSTEM_CALL_call, to_server, 2, 0, DEADLINE_NONE, 0);
    CHECK_EQUAL(agent_end(&server), 2);
    uint64_t token = server.result.head.token;
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_reply_wait, token, 3, REPLY_ONLY, DEADLINE_NOW, 0), 0);
    CHECK_EQUAL(agent_end(&caller), 3);
    agent_stop(&server);
    agent_stop(&caller);
    own_remove("calls", pipe);
}

// ---- Pipes ----

static const char *numbered(const char *path, uint32_t number) {
    static char name[COMPONENT_MAX];
    size_t length = strlen(path);
    memcpy(name, path, length);
    for (unsigned digit = 0; digit < 4; digit++, number /= 10)
        name[length + 3 - digit] = (char)('0' + number % 10);
    name[length + 4] = 0;
    return name;
}

// The small things that are refused once there is room for no pipe any more: a hook, a table of handles that has to
// grow, also for what a message brings. The first of `pipe` is hooked, and has a message with a handle in it.
static void rest_to_the_quota(uint32_t *count) {
    long error = 0;
    while ((error = own_pipe(numbered("small", *count), FLOW_EVENT)) >= 0)
        handles[(*count)++] = error;
    CHECK_ERROR(error, EDQUOT);
    uint32_t hooked = 0;
    while ((error = pipe_hook(handles[hooked], KEY, 0)) >= 0)
        hooked++;
    CHECK_ERROR(error, EDQUOT);
    while ((error = own_open("kept", RIGHT_READ)) >= 0)
        handles[(*count)++] = error;
    CHECK_ERROR(error, EDQUOT);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 1);
    CHECK_EQUAL(pipe_received()->handle_count, 0);
    while (hooked > 0)
        CHECK_EQUAL(pipe_unhook(handles[--hooked]), 0);
}

// A queue that is hooked, with a message that brings a handle.
static long keeper_make(void) {
    struct attached attached = {.handles = {HANDLE_OUTPUT}, .handle_count = 1};
    long queue = own_pipe("kept", FLOW_QUEUE);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    CHECK_EQUAL(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), 0);
    return queue;
}

static void small_things_to_the_quota(void) {
    long keeper = keeper_make(), error = 0;
    uint32_t count = 0;
    while ((error = pipe_create(own_path(numbered("large", count)), FLOW_QUEUE, RULES_ALL, LARGE_CAPACITY,
                                PAYLOAD_MAX)) >= 0)
        handles[count++] = error;
    CHECK_ERROR(error, EDQUOT);
    uint32_t large = count;
    rest_to_the_quota(&count);
    CHECK_EQUAL(pipe_close(handles[--count]), 0);
    while (count-- > 0) {
        pipe_remove(own_path(numbered(count < large ? "large" : "small", count))); // or another handle of the keeper
        CHECK_EQUAL(pipe_close(handles[count]), 0);
    }
    own_remove("kept", keeper);
}

static void pipes_to_the_quota(void) {
    static struct agent agent;
    uint32_t count = 0;
    long error = 0;
    REQUIRE(agent_start(&agent, KIND_APP));
    struct info_process before = own_information();
    while (count < PIPES_TRIED) {
        error = pipe_create(own_path(numbered("large", count)), FLOW_QUEUE, RULES_ALL, LARGE_CAPACITY, PAYLOAD_MAX);
        if (error < 0)
            break;
        handles[count++] = error;
    }
    CHECK_ERROR(error, EDQUOT);
    struct info_process full = own_information();
    CHECK(full.quota_used <= full.quota && full.quota - full.quota_used < (LARGE_CAPACITY + 2) * MESSAGE_PAGE_SIZE);
    // Another process has a quota of its own.
    CHECK_SUCCESS(agent_path_call(&agent, SYSTEM_CALL_create, agent_path(&agent, "theirs"), FLOW_QUEUE, RULES_ALL));
    agent_stop(&agent);
    CHECK_EQUAL(pipe_send(handles[0], "works", 5, DEADLINE_NOW), 0);
    while (count-- > 0)
        own_remove(numbered("large", count), handles[count]);
    CHECK(own_information().quota_used <= before.quota_used + MESSAGE_PAGE_SIZE); // its table of handles may have grown
}

// ---- Threads ----

static uint8_t stacks[THREADS_PER_PROCESS_MAX][RAW_STACK];

// Waits on the call pipe that is its argument, until that goes.
static void raw_wait(struct message *page, void *argument) {
    system_call(SYSTEM_CALL_call, (uint64_t)argument, 0, 0, DEADLINE_NONE, 0);
    raw_thread_exit(page);
}

static void threads_to_the_last(void) {
    uint32_t count = 0, priority = own_priority();
    long error = 0, pipe = own_pipe("calls", FLOW_CALL);
    while (count < THREADS_PER_PROCESS_MAX && error >= 0) {
        error = raw_thread_start(raw_wait, (void *)(uintptr_t)pipe, stacks[count], priority);
        if (error >= 0)
            count++;
    }
    CHECK_ERROR(error, EMFILE);
    CHECK_EQUAL(count, THREADS_PER_PROCESS_MAX - 1);
    CHECK_EQUAL(own_information().threads, count + 1);
    until_waiting(pipe, count);
    own_remove("calls", pipe);
    until_alone();
    static uint32_t ended;
    CHECK_SUCCESS(raw_thread_start(raw_count, &ended, stacks[0], priority));
    until_alone();
    CHECK_EQUAL(ended, 1);
}

// ---- Removal in steps ----

#define CALLERS_OF_TWO_BATCHES 66u // the kernel wakes 64 of them in one chunk (pipens/flow.h)
#define PATIENCE (10 * SECOND)

static struct {
    const char *path;
    long pipe, end, created;
    bool is_tried;
} again;

static uint64_t raw_path_put(struct message *page) {
    uint64_t length = 0;
    for (; again.path[length]; length++)
        page->payload[length] = (uint8_t)again.path[length];
    return length;
}

// Waits on the pipe until that goes; the first one makes the name again while the others still wait.
static void raw_create_again(struct message *page, void *argument) {
    (void)argument;
    system_call(SYSTEM_CALL_call, (uint64_t)again.pipe, 0, 0, DEADLINE_NONE, 0);
    if (!again.is_tried) {
        again.is_tried = true;
        again.created = system_call(SYSTEM_CALL_create, raw_path_put(page), FLOW_EVENT, RULES_ALL, 0, 0);
    }
    raw_thread_exit(page);
}

static void raw_remove(struct message *page, void *argument) {
    (void)argument;
    system_call(SYSTEM_CALL_remove, raw_path_put(page), 0, 0, 0, 0);
    system_call(SYSTEM_CALL_send, (uint64_t)again.end, 0, 0, DEADLINE_NOW, 0);
    raw_thread_exit(page);
}

static void name_made_while_it_goes(void) {
    uint32_t priority = own_priority();
    again.path = own_path("again");
    again.pipe = own_pipe("again", FLOW_CALL);
    again.end = own_pipe("end", FLOW_EVENT);
    CHECK_EQUAL(pipe_hook(again.end, KEY, 0), 0);
    for (uint32_t count = 0; count < CALLERS_OF_TWO_BATCHES; count++)
        CHECK_SUCCESS(raw_thread_start(raw_create_again, NULL, stacks[count], priority));
    until_waiting(again.pipe, CALLERS_OF_TWO_BATCHES);
    // Whom the first chunk wakes comes before the second.
    CHECK_SUCCESS(raw_thread_start(raw_remove, NULL, stacks[CALLERS_OF_TWO_BATCHES], priority - 1));
    CHECK_SUCCESS(pipe_wait(clock_deadline(PATIENCE)));
    while (own_information().threads != 1)
        pipe_wait(clock_deadline(MILLISECOND)); // the remover is less important than who polls
    CHECK_SUCCESS(again.created);
    CHECK_EQUAL(pipe_close(again.created), 0);
    pipe_remove(own_path("again")); // the remover's second chunk goes by the name, and may have taken the new one
    CHECK_EQUAL(pipe_close(again.pipe), 0);
    own_remove("end", again.end);
}

// ---- Processes ----

static void processes_in_turn(void) {
    struct info_system before = system_information();
    for (uint32_t count = 0; count < PROCESSES_IN_TURN; count++) {
        long pid = role_spawn(SPAWN_AS_PLAIN, "exit", "3", 0);
        REQUIRE(CHECK_SUCCESS(pid) && CHECK_EQUAL(process_wait((uint32_t)pid), 3));
    }
    struct info_system after = system_information();
    CHECK_EQUAL(after.processes, before.processes);
    CHECK_EQUAL(after.threads, before.threads);
    CHECK_EQUAL(after.pipes, before.pipes);
    CHECK(after.reserve_used <= before.reserve_used + RESERVE_SLACK);
}

static void processes_at_once(void) {
    static struct agent agents[PROCESSES_AT_ONCE];
    struct info_system before = system_information();
    unsigned count = 0;
    while (count < PROCESSES_AT_ONCE && agent_start(&agents[count], (enum kind)(count % KINDS)))
        count++;
    CHECK_EQUAL(count, PROCESSES_AT_ONCE);
    CHECK_EQUAL(system_information().processes, before.processes + count);
    for (unsigned index = 0; index < count; index++)
        CHECK_EQUAL(agent_call(&agents[index], AGENT_PEEK, address_of("x"), 0, 0, 0, 0), 'x');
    for (unsigned index = 0; index < count; index++)
        agent_stop(&agents[index]);
    CHECK_EQUAL(system_information().processes, before.processes);
}

// Children that wait for the pipe, until one is refused; how many there are.
static uint32_t crowd_start(long pipe, uint32_t *pids, long *error) {
    uint32_t count = 0;
    for (*error = 0; count < PROCESSES_TRIED; count++) {
        long pid = *error = role_spawn(SPAWN_AS_PLAIN, "agent", NULL, pipe);
        if (pid < 0)
            break;
        pids[count] = (uint32_t)pid;
    }
    return count;
}

static uint64_t pool_free(void) {
    struct memory_request request = {.operation = MEMORY_STATISTICS};
    struct memory_stats stats = {0};
    long handle = pipe_open(MEMORY_PIPE, RIGHT_WRITE);
    CHECK_EQUAL(pipe_call(handle, &request, sizeof request, &stats, sizeof stats, DEADLINE_NONE), sizeof stats);
    CHECK_EQUAL(pipe_close(handle), 0);
    return stats.free_pages;
}

// Processes until there is no memory for one more: who asks is told, nobody is hurt, there is room again
// once one has ended, and all comes back.
static void processes_to_the_last(void) {
    static uint32_t pids[PROCESSES_TRIED];
    static struct agent agent;
    long error = 0, pipe = own_pipe("crowd", FLOW_CALL);
    REQUIRE(agent_start(&agent, KIND_APP));
    struct info_system before = system_information();
    uint64_t free_before = pool_free();
    uint32_t count = crowd_start(pipe, pids, &error);
    CHECK_ERROR(error, ENOMEM);
    CHECK(count >= PROCESSES_MANY || before.memory < MEMORY_FOR_MANY);
    CHECK_EQUAL(system_information().processes, before.processes + count);
    CHECK_EQUAL(agent_call(&agent, AGENT_PEEK, address_of("x"), 0, 0, 0, 0), 'x');
    CHECK_SUCCESS(process_kill(pids[0], 0));
    CHECK_EQUAL(process_wait(pids[0]), EXIT_KILLED);
    long another = role_spawn(SPAWN_AS_PLAIN, "agent", NULL, pipe);
    CHECK_SUCCESS(another);
    pids[0] = (uint32_t)another;
    own_remove("crowd", pipe);
    for (uint32_t index = 0; index < count; index++)
        CHECK_EQUAL(process_wait(pids[index]), 1);
    CHECK_EQUAL(system_information().processes, before.processes);
    CHECK(pool_free() + POOL_SLACK >= free_before);
    agent_stop(&agent);
}

// ---- The kernel's reserve ----

// Large pipes until one is refused.
static long hoard(struct agent *agent) {
    long result = 0;
    for (uint32_t count = 0; count < HOARD_PIPES && result >= 0; count++) {
        const char *path = agent_path(agent, numbered("hoard", count));
        size_t length = strlen(path);
        memcpy(agent->command.payload, path, length);
        result = agent_call(agent, SYSTEM_CALL_create, length, FLOW_QUEUE, RULES_ALL, HOARD_CAPACITY, PAYLOAD_MAX);
    }
    return result;
}

// Small pipes, hooks and handles until there is no page for each.
static void hoard_the_rest(struct agent *agent) {
    char path[COMPONENT_MAX];
    long error = 0, hooked = 0;
    strcpy(path, agent_path(agent, "hoard0000"));
    for (uint32_t count = 0; error >= 0; count++)
        error = agent_path_call(agent, SYSTEM_CALL_create, agent_path(agent, numbered("small", count)), FLOW_EVENT, 0);
    CHECK_ERROR(error, ENOMEM);
    do {
        hooked = agent_open(agent, path, RIGHT_READ);
        error = hooked < 0 ? hooked : agent_call(agent, SYSTEM_CALL_hook, (uint64_t)hooked, KEY, 0, 0, 0);
    } while (error >= 0); // which of the two runs out first is the layout's
    CHECK_ERROR(error, ENOMEM);
    while ((error = agent_open(agent, path, RIGHT_READ)) >= 0)
        continue;
    CHECK_ERROR(error, ENOMEM);
}

// Where the reserve runs low, pipes and processes are refused, and those who live go on; then there is room again.
static void reserve_runs_low(void) {
    static struct agent agents[HOARDERS];
    for (unsigned index = 0; index < HOARDERS; index++)
        REQUIRE(agent_start(&agents[index], KIND_APP));
    long error = -PIPE_EDQUOT;
    struct agent *hoarder = agents;
    while (hoarder < agents + HOARDERS && (error = hoard(hoarder)) == -PIPE_EDQUOT)
        hoarder++;
    CHECK_ERROR(error, ENOMEM);
    CHECK_ERROR(role_spawn(SPAWN_AS_PLAIN, "exit", "3", 0), ENOMEM);
    hoard_the_rest(hoarder);
    CHECK(system_information().reserve_used + RESERVE_SLACK > system_information().reserve);
    for (unsigned index = 0; index < HOARDERS; index++)
        CHECK_EQUAL(agent_call(&agents[index], AGENT_PEEK, address_of("x"), 0, 0, 0, 0), 'x');
    for (unsigned index = 0; index < HOARDERS; index++)
        agent_stop(&agents[index]);
    long pid = role_spawn(SPAWN_AS_PLAIN, "exit", "3", 0);
    REQUIRE(CHECK_SUCCESS(pid) && CHECK_EQUAL(process_wait((uint32_t)pid), 3));
}

static const struct test tests[] = {
    {"invariant 2: hooks, handles and what messages bring, to the quota",
     small_things_to_the_quota}, // the table of handles grows
    {"limits: handles to the last", handles_to_the_last},
    {"limits: a reply's handle finds no slot", reply_finds_no_slot},
    {"invariant 14: a call for whose handles there is no room ends, and its server goes on", call_finds_no_room},
    {"invariant 2: pipes to the quota, and nobody else notices", pipes_to_the_quota},
    {"limits: threads to the last", threads_to_the_last},
    {"limits: a name is made again while it goes by chunks", name_made_while_it_goes},
    {"limits: a thousand processes, one after the other", processes_in_turn},
    {"limits: fifty processes at once", processes_at_once},
    {"limits: processes to the last", processes_to_the_last},
    {"limits: the kernel's reserve runs low", reserve_runs_low},
};

const struct suite limits_suite = SUITE(tests);
