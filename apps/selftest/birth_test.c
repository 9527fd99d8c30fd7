// SPDX-License-Identifier: MIT
// Processes as the kernel makes them, their pagers, and the successors of those that are supervised (birth.h).
#include "birth.h"
#include "clock.h"
#include "page.h"
#include "process.h"
#include "raw_thread.h"

#include <stdio.h>
#include <string.h>

#define TOUCHED_AT 0x500123ull
#define HANDLE_GIVEN_FIRST 2u // of a new process, after its control
#define KEY BIRTH_KEY

// ---- What runs in the new processes: no address but those it is given, nothing of the library ----

static void born_end(struct message *page, uint32_t status) {
    struct control_exit *end = (struct control_exit *)(void *)page->payload;
    end->operation = CONTROL_KILL;
    end->status = status;
    for (;;)
        system_call(SYSTEM_CALL_call, HANDLE_CONTROL, sizeof *end, 0, DEADLINE_NONE, 0);
}

// Ends with the byte at the address as its status.
__attribute__((noinline, no_stack_protector)) static void born_touch(struct message *page, void *argument) {
    born_end(page, *(volatile uint8_t *)argument);
}

// Leases a byte at the address in a call through its first handle.
__attribute__((noinline, no_stack_protector)) static void born_lease(struct message *page, void *argument) {
    page->sent.lease[0] = (struct lease){(uint64_t)argument, 1};
    born_end(page, (uint32_t)system_call(SYSTEM_CALL_call, HANDLE_GIVEN_FIRST, 0, ATTACH_LEASES(1), DEADLINE_NONE, 0));
}

// Makes a call pipe with the name that stands in its page, hooks it, and takes one call; a handle would be its
// argument.
__attribute__((noinline, no_stack_protector)) static void born_serve(struct message *page, void *argument) {
    long handle = system_call(SYSTEM_CALL_create, (uint64_t)argument, FLOW_CALL, RULES_ALL, 0, 0);
    if (handle > 0)
        system_call(SYSTEM_CALL_hook, (uint64_t)handle, KEY, 0, 0, 0);
    system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
    uint64_t token = page->received.token;
    system_call(SYSTEM_CALL_reply_wait, token, 3, 0, DEADLINE_NONE, 0);
    born_end(page, (uint32_t)handle);
}

// ---- Tests ----

static const struct process_create plain = {.kind = KIND_APP, .priority = PRIORITY_MAX, .quota = QUOTA, .name = "born"};

static void creation_refuses(void) {
    struct birth birth;
    struct process_create create = plain;
    REQUIRE(agent_start(&maker, KIND_SERVER));
    create.kind = KINDS;
    CHECK_ERROR(process_make(&create, NULL, &birth), EINVAL);
    create = plain, create.priority = PRIORITY_MAX + 1;
    CHECK_ERROR(process_make(&create, NULL, &birth), EINVAL);
    create = plain, create.supervised = 2;
    CHECK_ERROR(process_make(&create, NULL, &birth), EINVAL);
    create = plain, create.foreign = 2;
    CHECK_ERROR(process_make(&create, NULL, &birth), EINVAL);
    create = plain, create.name[0] = 0;
    CHECK_ERROR(process_make(&create, NULL, &birth), EINVAL);
    create = plain, create.predecessor = maker.pid;
    CHECK_ERROR(process_make(&create, NULL, &birth), EINVAL);
    create.supervised = 1;
    CHECK_ERROR(process_make(&create, NULL, &birth), EBUSY);
    create.predecessor = UINT32_MAX;
    CHECK_ERROR(process_make(&create, NULL, &birth), ESRCH);
    create = plain, create.quota = 64;
    CHECK_ERROR(process_make(&create, NULL, &birth), EDQUOT);
    create = plain, create.claims_length = UINT32_MAX;
    CHECK_ERROR(agent_request(&maker, "/kernel/process", &create, sizeof create, 0), E2BIG);
    create.claims_length = 1;
    CHECK_ERROR(agent_request(&maker, "/kernel/process", &create, sizeof create, 0), EMSGSIZE);
    struct claimed_create claims = {.create = plain, .claims = {0xff, 0xff, 0xff, 0xff}};
    claims.create.claims_length = 4;
    CHECK_ERROR(agent_request(&maker, "/kernel/process", &claims, sizeof claims.create + 4, 0), EINVAL);
    CHECK_ERROR(about_process(PROCESS_REAP, maker.pid), EBUSY);
    CHECK_ERROR(about_process(PROCESS_REAP, UINT32_MAX), ESRCH);
    CHECK_ERROR(about_process(PROCESS_FAULT, maker.pid), EINVAL);
    CHECK_ERROR(about_process(PROCESS_FAULT, UINT32_MAX), ESRCH);
    agent_stop(&maker);
}

// The pager maps what is touched, and the instruction runs again. Then the process ends by itself.
static void pager_resumes(void) {
    struct birth birth;
    struct fault_message fault = {0};
    REQUIRE(agent_start(&maker, KIND_SERVER) && process_run(&plain, NULL, &birth, born_touch));
    uint64_t faults = maker_hooks(&birth, "fault");
    CHECK_SUCCESS(thread_run(&birth, TOUCHED_AT, ""));
    CHECK_EQUAL(maker_waits(), sizeof fault);
    memcpy(&fault, maker.result.payload, sizeof fault);
    uint64_t token = maker.result.head.token;
    CHECK(fault.vector == FAULT_PAGE && fault.address == TOUCHED_AT && fault.thread == 0);
    CHECK(fault.instruction >= CODE_AT && fault.instruction < STACK_AT);
    struct control_map map = {
        .operation = CONTROL_MAP, .flags = PROTECT_READ, .address = TOUCHED_AT & ~PAGE_MASK, .pages = 1};
    uint64_t region = code_region(born_touch); // any page whose bytes are known
    CHECK_EQUAL(maker_call(birth.control, &map, sizeof map, region), 0);
    uint64_t exit = maker_hooks(&birth, "exit");
    struct fault_reply reply = {FAULT_RESUME};
    memcpy(maker.command.payload, &reply, sizeof reply);
    CHECK_EQUAL(agent_call(&maker, SYSTEM_CALL_reply_wait, token, sizeof reply, REPLY_ONLY, DEADLINE_NOW, 0), 0);
    CHECK_EQUAL(status_awaited(exit), ((const uint8_t *)(uint64_t)born_touch)[TOUCHED_AT & (PAGE_SIZE - 1)]);
    CHECK_EQUAL(agent_call(&maker, SYSTEM_CALL_close, faults, 0, 0, 0, 0), 0);
    CHECK_EQUAL(about_process(PROCESS_REAP, birth.pid), 0);
    agent_stop(&maker);
}

// Without a pager, or with one that says so, a fault ends the process.
static void fault_without_pager_kills(void) {
    struct birth birth;
    REQUIRE(agent_start(&maker, KIND_SERVER) && process_run(&plain, NULL, &birth, born_touch));
    uint64_t exit = maker_hooks(&birth, "exit");
    CHECK_SUCCESS(thread_run(&birth, TOUCHED_AT, ""));
    CHECK_EQUAL(status_awaited(exit), EXIT_FAULT | FAULT_PAGE);
    struct process_fault told;
    CHECK_EQUAL(about_process(PROCESS_FAULT, birth.pid), sizeof told);
    memcpy(&told, maker.result.payload, sizeof told);
    CHECK(told.vector == FAULT_PAGE && told.address == TOUCHED_AT && told.caller_count <= FAULT_CALLERS_MAX);
    CHECK(strcmp(told.program, plain.name) == 0 && told.instruction >= CODE_AT && told.instruction < STACK_AT);
    CHECK_EQUAL(about_process(PROCESS_REAP, birth.pid), 0);
    CHECK_ERROR(about_process(PROCESS_FAULT, birth.pid), ESRCH);
    REQUIRE(process_run(&plain, NULL, &birth, born_touch));
    uint64_t faults = maker_hooks(&birth, "fault");
    CHECK_SUCCESS(thread_run(&birth, TOUCHED_AT, ""));
    CHECK_SUCCESS(maker_waits());
    uint64_t token = maker.result.head.token;
    exit = maker_hooks(&birth, "exit");
    struct fault_reply reply = {FAULT_KILL};
    memcpy(maker.command.payload, &reply, sizeof reply);
    CHECK_EQUAL(agent_call(&maker, SYSTEM_CALL_reply_wait, token, sizeof reply, REPLY_ONLY, DEADLINE_NOW, 0), 0);
    CHECK_EQUAL(status_awaited(exit), EXIT_FAULT | FAULT_PAGE);
    CHECK_EQUAL(agent_call(&maker, SYSTEM_CALL_close, faults, 0, 0, 0, 0), 0);
    CHECK_EQUAL(about_process(PROCESS_REAP, birth.pid), 0);
    agent_stop(&maker);
}

// The lines of the kernel's log that begin with this after their time.
static unsigned log_lines(const char *text) {
    char line[PAYLOAD_MAX + 1];
    unsigned count = 0;
    long length, log = pipe_open("/kernel/log", RIGHT_READ);
    CHECK_EQUAL(pipe_hook(log, KEY, 0), 0);
    while ((length = pipe_wait(DEADLINE_NOW)) >= 0) {
        memcpy(line, pipe_payload(), (size_t)length);
        line[length] = 0;
        const char *begin = strstr(line, "] ");
        count += begin && strncmp(begin + 2, text, strlen(text)) == 0;
    }
    CHECK_EQUAL(pipe_close(log), 0);
    return count;
}

// The same by a lease that would go by the fast path: it is said once.
static void lease_without_pager_kills_once(void) {
    static struct agent server;
    struct birth birth;
    struct control_empty give = {CONTROL_GIVE};
    char line[COMPONENT_MAX];
    REQUIRE(agent_start(&maker, KIND_SERVER) && agent_start(&server, KIND_SERVER));
    long pipe = own_pipe("leased", FLOW_CALL);
    uint64_t served = (uint64_t)agent_open(&server, own_path("leased"), RIGHT_READ);
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_hook, served, KEY, 0, 0, 0), 0);
    agent_begin(&server, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
    REQUIRE(process_run(&plain, NULL, &birth, born_lease));
    uint64_t given = (uint64_t)agent_open(&maker, own_path("leased"), RIGHT_WRITE);
    CHECK_EQUAL(maker_call(birth.control, &give, sizeof give, given), 0);
    uint64_t exit = maker_hooks(&birth, "exit");
    CHECK_SUCCESS(thread_run(&birth, TOUCHED_AT, ""));
    CHECK_EQUAL(status_awaited(exit), EXIT_FAULT | FAULT_PAGE);
    snprintf(line, sizeof line, "process %u born: exception %u,", (unsigned)birth.pid, FAULT_PAGE);
    CHECK_EQUAL(log_lines(line), 1);
    CHECK_EQUAL(about_process(PROCESS_REAP, birth.pid), 0);
    agent_stop(&server);
    agent_stop(&maker);
    own_remove("leased", pipe);
}

static const struct process_create supervised = {
    .kind = KIND_SERVER, .priority = PRIORITY_MAX, .supervised = 1, .quota = QUOTA, .name = "born"};

// Starts a supervised server of this name, a successor if a predecessor is given.
static bool server_run(const char *path, uint32_t predecessor, struct birth *birth) {
    struct process_create create = supervised;
    create.predecessor = predecessor;
    return process_run(&create, path, birth, born_serve) && CHECK_SUCCESS(thread_run(birth, strlen(path), path));
}

// Kills it and waits for its end.
static void server_end(const struct birth *birth) {
    uint64_t exit = maker_hooks(birth, "exit");
    CHECK_EQUAL(kill_by(birth, 1), 0);
    CHECK_EQUAL(status_awaited(exit), EXIT_KILLED | 1);
}

// Waits until the pipe has a hook, so that its server has come so far, however unimportant it is.
static long handle_when_hooked(const char *path) {
    struct pipe_stat stat;
    while (pipe_stat_path(path, &stat) < 0 || stat.hooks == 0)
        clock_sleep(MILLISECOND);
    return pipe_open(path, RIGHT_WRITE);
}

// Invariant 7: a supervised server's pipe outlives it, with who waits on it, until its successor takes it over.
static void name_outlives_its_server(void) {
    static struct agent caller;
    static const char path[] = "/svc/selftest-born";
    struct birth first, second;
    struct pipe_stat stat = {0};
    REQUIRE(agent_start(&maker, KIND_SERVER) && agent_start(&caller, KIND_APP) && server_run(path, 0, &first));
    long handle = handle_when_hooked(path);
    CHECK(pipe_stat(handle, &stat) == 0 && stat.owner == first.pid && !(stat.flags & STAT_VACANT));
    server_end(&first);
    CHECK(pipe_stat(handle, &stat) == 0 && stat.flags & STAT_VACANT && stat.hooks == 0);
    uint64_t to = (uint64_t)agent_open(&caller, path, RIGHT_WRITE);
    agent_begin(&caller, SYSTEM_CALL_call, to, 3, 0, DEADLINE_NONE, 0);
    until_waiting(handle, 1);
    REQUIRE(server_run(path, first.pid, &second));
    CHECK_EQUAL(agent_end(&caller), 3); // it waited through the change
    CHECK(pipe_stat(handle, &stat) == 0 && stat.owner == second.pid && !(stat.flags & STAT_VACANT));
    server_end(&second);
    CHECK_EQUAL(about_process(PROCESS_REAP, first.pid), 0);
    CHECK(pipe_stat(handle, &stat) == 0 && stat.flags & STAT_VACANT);
    CHECK_EQUAL(about_process(PROCESS_REAP, second.pid), 0); // nobody is left whom a successor could name
    CHECK_ERROR(pipe_stat(handle, &stat), EPIPE);
    CHECK_ERROR(pipe_stat_path(path, &stat), ENOENT);
    CHECK_EQUAL(pipe_close(handle), 0);
    agent_stop(&caller);
    agent_stop(&maker);
}

// Both ended, the unimportant one first, which may wait as long as this test has something to do.
static void important_process_ends_first(void) {
    struct process_create low = plain;
    struct birth first, second;
    low.priority = 0;
    REQUIRE(agent_start(&maker, KIND_SERVER) && CHECK_SUCCESS(process_make(&low, NULL, &first)) &&
            CHECK_SUCCESS(process_make(&plain, NULL, &second)));
    uint64_t exit = maker_hooks(&first, "exit");
    CHECK_EQUAL(kill_by(&first, 0), 0);
    CHECK_EQUAL(kill_by(&second, 0), 0);
    CHECK_EQUAL(information_of(second.pid).state, PROCESS_DEAD);
    CHECK_EQUAL(information_of(first.pid).state, PROCESS_DYING);
    CHECK_EQUAL(status_awaited(exit), EXIT_KILLED);
    CHECK_EQUAL(about_process(PROCESS_REAP, first.pid), 0);
    CHECK_EQUAL(about_process(PROCESS_REAP, second.pid), 0);
    agent_stop(&maker);
}

#define REPLIES 100u // each to a caller that is less important than the death, which goes on before it

// Calls the pipe for ever. Its calls and their replies go by the fast path, past the scheduler.
static void calls_on(struct message *page, void *argument) {
    while (system_call(SYSTEM_CALL_call, (uint64_t)argument, 0, 0, DEADLINE_NONE, 0) >= 0)
        continue;
    raw_thread_exit(page);
}

// What is less important than the death of a process, and is kept busy by what is more important, does not put it off.
static void fast_paths_let_processes_end(void) {
    static uint8_t stack[RAW_STACK];
    struct process_create low = plain;
    struct birth birth;
    uint32_t rounds = 0;
    low.priority = own_priority() - 1;
    REQUIRE(agent_start(&maker, KIND_SERVER) && CHECK_SUCCESS(process_make(&low, NULL, &birth)));
    long pipe = own_pipe("short", FLOW_CALL);
    REQUIRE(CHECK_SUCCESS(raw_thread_start(calls_on, (void *)pipe, stack, own_priority() - 2)));
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NONE), 0);
    uint64_t token = pipe_received()->token;
    CHECK_EQUAL(kill_by(&birth, 0), 0);
    CHECK_EQUAL(information_of(birth.pid).state, PROCESS_DYING);
    for (; rounds < REPLIES && information_of(birth.pid).state == PROCESS_DYING; rounds++) {
        CHECK_EQUAL(pipe_reply_wait(token, NULL, 0, DEADLINE_NONE), 0);
        token = pipe_received()->token;
    }
    CHECK(rounds < REPLIES);
    own_remove("short", pipe);
    CHECK_EQUAL(pipe_reply(token, NULL, 0), 0);
    while (own_information().threads != 1)
        clock_sleep(MILLISECOND);
    CHECK_EQUAL(about_process(PROCESS_REAP, birth.pid), 0);
    agent_stop(&maker);
}

// A server of no importance ends with that of its caller, which waits for the end.
static void end_has_the_priority_donated(void) {
    static struct agent caller;
    static const char path[] = "/svc/selftest-born";
    struct process_create low = {.kind = KIND_SERVER, .priority = 0, .quota = QUOTA, .name = "born"};
    struct control_empty suspend = {CONTROL_SUSPEND};
    struct birth server;
    REQUIRE(agent_start(&maker, KIND_SERVER) && agent_start(&caller, KIND_APP) &&
            process_run(&low, path, &server, born_serve) && CHECK_SUCCESS(thread_run(&server, strlen(path), path)));
    long handle = handle_when_hooked(path);
    while (first_thread_of(server.pid).state != WAIT_RECEIVING)
        clock_sleep(MILLISECOND);
    CHECK_EQUAL(maker_call(server.control, &suspend, sizeof suspend, 0), 0);
    uint64_t to = (uint64_t)agent_open(&caller, path, RIGHT_WRITE);
    agent_begin(&caller, SYSTEM_CALL_call, to, 3, 0, DEADLINE_NONE, 0);
    until_held(handle, 1);
    CHECK_EQUAL(kill_by(&server, 0), 0);
    CHECK_EQUAL(information_of(server.pid).state, PROCESS_DEAD);
    CHECK_ERROR(agent_end(&caller), EOWNERDEAD);
    CHECK_EQUAL(about_process(PROCESS_REAP, server.pid), 0);
    CHECK_EQUAL(pipe_close(handle), 0);
    agent_stop(&caller);
    agent_stop(&maker);
}

#define ROUNDS 20000u // take far longer than a turn

// The same if the caller comes when the server has ended, and nothing was left of it but its being taken apart.
static void caller_hurries_an_end(void) {
    static struct agent caller;
    static const char path[] = "/svc/selftest-born";
    struct process_create low = {.kind = KIND_SERVER, .priority = 0, .quota = QUOTA, .name = "born"};
    struct birth server;
    uint32_t rounds = 0;
    REQUIRE(agent_start(&maker, KIND_SERVER) && agent_start(&caller, KIND_APP) &&
            process_run(&low, path, &server, born_serve) && CHECK_SUCCESS(thread_run(&server, strlen(path), path)));
    long handle = handle_when_hooked(path);
    uint64_t to = (uint64_t)agent_open(&caller, path, RIGHT_WRITE);
    CHECK_EQUAL(kill_by(&server, 0), 0);
    CHECK_EQUAL(information_of(server.pid).state, PROCESS_DYING);
    agent_begin(&caller, SYSTEM_CALL_call, to, 3, 0, DEADLINE_NONE, 0);
    while (rounds < ROUNDS && information_of(server.pid).state == PROCESS_DYING)
        rounds++;
    CHECK(rounds < ROUNDS);
    CHECK_ERROR(agent_end(&caller), EPIPE);
    CHECK_EQUAL(about_process(PROCESS_REAP, server.pid), 0);
    CHECK_EQUAL(pipe_close(handle), 0);
    agent_stop(&caller);
    agent_stop(&maker);
}

// A hundred births and deaths by the kernel alone, never run: all of it comes back.
static void unborn_processes_leave_nothing(void) {
    struct birth birth;
    REQUIRE(agent_start(&maker, KIND_SERVER));
    for (unsigned count = 0; count < 100; count++) {
        REQUIRE(CHECK_SUCCESS(process_make(&plain, NULL, &birth)));
        uint64_t exit = maker_hooks(&birth, "exit");
        CHECK_EQUAL(kill_by(&birth, 0), 0);
        CHECK_EQUAL(status_awaited(exit), EXIT_KILLED);
        CHECK_EQUAL(about_process(PROCESS_REAP, birth.pid), 0);
        CHECK_ERROR(kill_by(&birth, 0), EPIPE);
        CHECK_EQUAL(agent_call(&maker, SYSTEM_CALL_close, birth.control, 0, 0, 0, 0), 0);
    }
    CHECK(information_of(maker.pid).handles < 20);
    agent_stop(&maker);
}

// ---- More address spaces than the processor has tags for (PCID: 4,096) ----

#define SPACES 4200u
#define SPACE_BYTES 24576u // of the kernel's reserve, at most, for one that holds nothing
#define AGENTS 3u
#define TURNS 4u

// Agents that hold different bytes at one address: each sees its own, whoever ran before it.
static void spaces_are_apart(void) {
    static struct agent agents[AGENTS];
    static uint8_t target;
    for (unsigned index = 0; index < AGENTS; index++) {
        REQUIRE(agent_start(&agents[index], KIND_APP));
        CHECK_EQUAL(agent_call(&agents[index], AGENT_POKE, (uint64_t)&target, 'a' + index, 0, 0, 0), 0);
    }
    for (unsigned turn = 0; turn < TURNS * AGENTS; turn++) {
        unsigned index = turn % AGENTS;
        CHECK_EQUAL(agent_call(&agents[index], AGENT_PEEK, (uint64_t)&target, 0, 0, 0, 0), 'a' + index);
    }
    for (unsigned index = 0; index < AGENTS; index++)
        agent_stop(&agents[index]);
}

// Spaces that are made while all tags are taken have none of their own, and are kept apart without.
static void spaces_beyond_the_tags(void) {
    static struct birth births[SPACES];
    struct info_system system = system_information();
    unsigned count = 0;
    if (system.reserve - system.reserve_used < SPACES * (uint64_t)SPACE_BYTES) {
        puts("# too little memory for so many address spaces: none was made");
        return;
    }
    REQUIRE(agent_start(&maker, KIND_SERVER));
    while (count < SPACES && CHECK_SUCCESS(process_make(&plain, NULL, &births[count])))
        count++;
    spaces_are_apart();
    for (unsigned index = 0; index < count; index++) {
        CHECK_EQUAL(kill_by(&births[index], 0), 0);
        while (about_process(PROCESS_REAP, births[index].pid) == -PIPE_EBUSY)
            clock_sleep(MILLISECOND);
    }
    spaces_are_apart();
    agent_stop(&maker);
}

static const struct test tests[] = {
    {"births: what can't be made", creation_refuses},
    {"births: a pager maps, and the instruction runs again", pager_resumes},
    {"births: a fault that nobody handles kills", fault_without_pager_kills},
    {"births: a lease that nobody makes present kills once", lease_without_pager_kills_once},
    {"invariant 7: a name outlives its server", name_outlives_its_server},
    {"deaths: what is more important ends first", important_process_ends_first},
    {"deaths: the fast paths of calls do not put them off", fast_paths_let_processes_end},
    {"deaths: a server ends with the priority that it is given by donation", end_has_the_priority_donated},
    {"deaths: a caller donates its priority to the end of a server", caller_hurries_an_end},
    {"births: processes that never ran leave nothing", unborn_processes_leave_nothing},
    {"births: more address spaces than the processor has tags for", spaces_beyond_the_tags},
};

const struct suite birth_suite = SUITE(tests);
