// SPDX-License-Identifier: MIT
// Processes as the process server gives them: spawning, kinds, how they end, and what their end leaves.
#include "agent.h"
#include "clock.h"
#include "process.h"
#include "roles.h"

#include <stdio.h>
#include <string.h>

#define KEY 0x9b0ce55

static long child_status(const char *argument) {
    long pid = role_spawn(SPAWN_AS_PLAIN, "exit", argument, 0);
    return CHECK_SUCCESS(pid) ? process_wait((uint32_t)pid) : pid;
}

static void exit_status_arrives(void) {
    CHECK_EQUAL(child_status("0"), 0);
    CHECK_EQUAL(child_status("1"), 1);
    CHECK_EQUAL(child_status("255"), 255);
    CHECK_EQUAL(child_status("256"), 0); // eight bits
}

// A child that does not end by itself.
static long waiting_child(void) {
    static long pipe;
    if (pipe <= 0)
        pipe = own_pipe("waiting", FLOW_CALL);
    return role_spawn(SPAWN_AS_PLAIN, "echo", NULL, pipe);
}

static void killed_child_says_so(void) {
    long pid = waiting_child();
    REQUIRE(CHECK_SUCCESS(pid));
    CHECK_SUCCESS(process_kill((uint32_t)pid, 7));
    CHECK_EQUAL(process_wait((uint32_t)pid), EXIT_KILLED | 7);
    CHECK_ERROR(process_kill((uint32_t)pid, 7), ESRCH);
    CHECK_ERROR(process_wait((uint32_t)pid), ESRCH);
}

// A wait that has passed is no wait any more: the status is kept for who asks again.
static void wait_may_be_asked_again(void) {
    struct pid_request request = {PROCESS_WAIT, 0, 0};
    struct pipe_stat stat;
    char path[COMPONENT_MAX];
    long pid = waiting_child(), service = pipe_open(PROCESS_PIPE, RIGHT_WRITE);
    REQUIRE(CHECK_SUCCESS(pid) && CHECK_SUCCESS(service));
    request.pid = (uint32_t)pid;
    for (unsigned time = 0; time < 2; time++)
        CHECK_ERROR(pipe_call(service, &request, sizeof request, NULL, 0, clock_deadline(MILLISECOND)), ETIMEDOUT);
    CHECK_SUCCESS(process_kill((uint32_t)pid, 7));
    process_path(path, "/proc/", request.pid, "");
    while (pipe_stat_path(path, &stat) == 0) // until the process server has heard of it
        clock_sleep(MILLISECOND);
    CHECK_EQUAL(process_wait((uint32_t)pid), EXIT_KILLED | 7);
    pipe_close(service);
}

static void spawn_refuses(void) {
    static char long_argument[PAYLOAD_MAX + 1];
    memset(long_argument, 'x', PAYLOAD_MAX);
    char *unknown[] = {"no-such-program", NULL}, *none[] = {"manifest", NULL}, *empty[] = {NULL};
    char *too_long[] = {"selftest", long_argument, NULL};
    uint32_t handles[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    struct foreign_request foreign = {.operation = PROCESS_FOREIGN, .name = "foreign"};
    long server = pipe_open(PROCESS_PIPE, RIGHT_WRITE);
    CHECK_ERROR(pipe_call(server, &foreign, sizeof foreign, NULL, 0, DEADLINE_NONE), EPERM);
    CHECK_ERROR(pipe_call(server, &foreign, sizeof foreign - 1, NULL, 0, DEADLINE_NONE), EMSGSIZE);
    CHECK_EQUAL(pipe_close(server), 0);
    CHECK_ERROR(process_spawn(unknown, handles, 3, SPAWN_AS_PLAIN), ENOENT);
    CHECK_ERROR(process_spawn(none, handles, 3, SPAWN_AS_PLAIN), ENOENT);
    CHECK_ERROR(process_spawn(empty, handles, 3, SPAWN_AS_PLAIN), EINVAL);
    CHECK_ERROR(process_spawn(too_long, handles, 3, SPAWN_AS_PLAIN), E2BIG);
    CHECK_ERROR(role_spawn(KINDS, "exit", NULL, 0), EACCES);
    handles[0] = UINT32_MAX;
    CHECK_ERROR(process_spawn(unknown, handles, 3, SPAWN_AS_PLAIN), EBADF);
}

// Invariant 10: a program is of the kinds that the manifest allows it.
static void kind_comes_from_the_manifest(void) {
    char *driver[] = {"serial", NULL};
    uint32_t handles[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    CHECK_ERROR(process_spawn(driver, handles, 3, KIND_SERVER), EACCES);
    CHECK_ERROR(process_spawn(driver, handles, 3, KIND_APP), EACCES);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        static struct agent agent;
        REQUIRE(agent_start(&agent, (enum kind)kind));
        CHECK_EQUAL(information_of(agent.pid).kind, kind);
        agent_stop(&agent);
    }
}

// /proc/<pid>/exit is an event whose value is the status.
static void exit_is_an_event(void) {
    static struct agent agent;
    char path[COMPONENT_MAX];
    struct event_message event = {0};
    REQUIRE(agent_start(&agent, KIND_APP));
    snprintf(path, sizeof path, "/proc/%u/exit", (unsigned)agent.pid);
    long exit = pipe_open(path, RIGHT_READ);
    REQUIRE(CHECK_SUCCESS(exit));
    CHECK_EQUAL(pipe_hook(exit, KEY, 0), 0);
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
    agent_begin(&agent, AGENT_EXIT, 33, 0, 0, 0, 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NONE), sizeof event);
    memcpy(&event, pipe_payload(), sizeof event);
    CHECK(pipe_received()->key == KEY && event.count == 1 && event.value == 33);
    CHECK_EQUAL(pipe_received()->pid, 0); // the kernel's word
    CHECK_EQUAL(agent_wait_end(&agent), 33);
    CHECK_EQUAL(pipe_close(exit), 0);
}

// A dead process's names are gone: /proc/<pid> and /app/<pid>; its hooks, too.
static void death_leaves_nothing(void) {
    static struct agent agent;
    struct pipe_stat stat = {0};
    char path[COMPONENT_MAX];
    long queue = own_pipe("queue", FLOW_QUEUE);
    REQUIRE(agent_start(&agent, KIND_APP));
    uint32_t pid = agent.pid;
    uint64_t to = (uint64_t)agent_open(&agent, own_path("queue"), RIGHT_READ);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_hook, to, KEY, 0, 0, 0), 0);
    snprintf(path, sizeof path, "/app/%u", (unsigned)pid);
    CHECK_EQUAL(pipe_stat_path(path, &stat), 0);
    CHECK(stat.owner == pid && stat.flow == FLOW_DIRECTORY);
    agent_stop(&agent);
    CHECK_ERROR(pipe_stat_path(path, &stat), ENOENT);
    snprintf(path, sizeof path, "/proc/%u", (unsigned)pid);
    CHECK_ERROR(pipe_stat_path(path, &stat), ENOENT);
    CHECK_EQUAL(pipe_stat(queue, &stat), 0);
    CHECK_EQUAL(stat.hooks, 0);
    own_remove("queue", queue);
}

// Whether a line of the kernel's log says this. Takes all lines.
static bool is_logged(const char *text) {
    char line[PAYLOAD_MAX + 1];
    bool found = false;
    long length;
    while ((length = pipe_wait(DEADLINE_NOW)) >= 0) {
        memcpy(line, pipe_payload(), (size_t)length);
        line[length] = 0;
        found |= strstr(line, text) != NULL;
    }
    return found;
}

// The kernel's log names who begins and who ends.
static void log_tells_of_processes(void) {
    char text[COMPONENT_MAX];
    long log = pipe_open("/kernel/log", RIGHT_READ), pid = role_spawn(SPAWN_AS_PLAIN, "exit", "21", 0);
    REQUIRE(CHECK_SUCCESS(pid) && CHECK_EQUAL(process_wait((uint32_t)pid), 21));
    for (unsigned part = 0; part < 2; part++) {
        const char *const parts[] = {"process %u selftest started", "process %u selftest ended: status 21"};
        snprintf(text, sizeof text, parts[part], (unsigned)pid);
        CHECK_EQUAL(pipe_hook(log, KEY, 0), 0);
        CHECK(is_logged(text));
        CHECK_EQUAL(pipe_unhook(log), 0);
    }
    CHECK_EQUAL(pipe_close(log), 0);
}

// What a dead process has sent is not lost: its messages stay, with its name in them.
static void messages_outlive_their_sender(void) {
    static struct agent agent;
    long queue = own_pipe("queue", FLOW_QUEUE);
    REQUIRE(agent_start(&agent, KIND_APP));
    uint32_t pid = agent.pid;
    uint64_t to = (uint64_t)agent_open(&agent, own_path("queue"), RIGHT_WRITE);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_send, to, 9, 0, DEADLINE_NOW, 0), 0);
    agent_stop(&agent);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 9);
    CHECK_EQUAL(pipe_received()->pid, pid);
    own_remove("queue", queue);
}

// Invariant 6: a process can be killed wherever it waits.
static void every_wait_is_killable(void) {
    struct pipe_stat stat = {0};
    long queue = pipe_create(own_path("full"), FLOW_QUEUE, RULES_ALL, 1, 0), calls = own_pipe("calls", FLOW_CALL);
    CHECK_EQUAL(pipe_send(queue, "x", 1, DEADLINE_NOW), 0);
    for (unsigned wait = 0; wait < 3; wait++) {
        static struct agent agent;
        REQUIRE(agent_start(&agent, KIND_APP));
        uint64_t to_queue = (uint64_t)agent_open(&agent, own_path("full"), RIGHT_WRITE);
        uint64_t to_call = (uint64_t)agent_open(&agent, own_path("calls"), RIGHT_WRITE);
        if (wait == 0)
            agent_begin(&agent, SYSTEM_CALL_send, to_queue, 1, 0, DEADLINE_NONE, 0);
        else if (wait == 1)
            agent_begin(&agent, SYSTEM_CALL_call, to_call, 1, 0, DEADLINE_NONE, 0);
        else
            agent_begin(&agent, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
        if (wait < 2)
            until_waiting(wait == 0 ? queue : calls, 1);
        agent_stop(&agent);
        CHECK(pipe_stat(wait == 0 ? queue : calls, &stat) == 0 && stat.waiting == 0);
    }
    own_remove("full", queue);
    own_remove("calls", calls);
}

// What the boot uses is gone: it does not wait for the tests, and so does not go on in the middle of one.
static void boot_is_over(void) {
    struct pipe_stat stat;
    CHECK_ERROR(pipe_stat_path("/svc/process.boot", &stat), ENOENT);
    CHECK_SUCCESS(pipe_stat_path(PROCESS_PIPE, &stat));
}

static const struct test tests[] = {
    {"processes: the boot is over before the tests begin", boot_is_over},
    {"processes: their exit status arrives", exit_status_arrives},
    {"processes: one that is killed says so", killed_child_says_so},
    {"processes: who has waited in vain may wait again", wait_may_be_asked_again},
    {"processes: what can't be spawned", spawn_refuses},
    {"invariant 10: the kind comes from the manifest", kind_comes_from_the_manifest},
    {"processes: exit is an event", exit_is_an_event},
    {"processes: death leaves no name and no hook", death_leaves_nothing},
    {"processes: the log tells of their beginning and end", log_tells_of_processes},
    {"processes: messages outlive their sender", messages_outlive_their_sender},
    {"invariant 6: every wait is killable", every_wait_is_killable},
};

const struct suite process_suite = SUITE(tests);
