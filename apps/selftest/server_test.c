// SPDX-License-Identifier: MIT
// Calls as a server sees them: tokens, deferred replies, deadlines, death on either side, cycles, priorities.
#include "agent.h"
#include "process.h"
#include "roles.h"

#include <string.h>

#define KEY 0x5e88e8
#define CALLERS 3u
#define ECHOES 200u

// A pipe of this process's that it hooks, and agents with a handle to call it.
static struct agent callers[CALLERS], server;
static uint64_t to_pipe[CALLERS];
static long pipe;

static bool callers_start(unsigned count) {
    pipe = own_pipe("calls", FLOW_CALL);
    for (unsigned index = 0; index < count; index++) {
        if (!agent_start(&callers[index], KIND_APP))
            return false;
        to_pipe[index] = (uint64_t)agent_open(&callers[index], own_path("calls"), RIGHT_WRITE);
    }
    return true;
}

static void callers_end(unsigned count) {
    for (unsigned index = 0; index < count; index++)
        agent_stop(&callers[index]);
    own_remove("calls", pipe);
}

static void call_begin(unsigned index, uint64_t deadline) {
    agent_begin(&callers[index], SYSTEM_CALL_call, to_pipe[index], 1, 0, deadline, 0);
}

// The token of the next call; it must be this caller's.
static uint64_t take(unsigned index) {
    CHECK_SUCCESS(pipe_wait(DEADLINE_NONE));
    CHECK(pipe_received()->key == KEY && pipe_received()->pid == callers[index].pid);
    return pipe_received()->token;
}

static void replies_may_come_in_any_order(void) {
    uint64_t tokens[CALLERS];
    REQUIRE(callers_start(CALLERS));
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    for (unsigned index = 0; index < CALLERS; index++) {
        call_begin(index, DEADLINE_NONE);
        tokens[index] = take(index);
    }
    for (unsigned index = CALLERS; index-- > 0;) {
        CHECK_EQUAL(pipe_reply(tokens[index], &index, (long)index + 1), 0);
        CHECK_ERROR(pipe_reply(tokens[index], NULL, 0), ESTALE);
        CHECK_EQUAL(agent_end(&callers[index]), index + 1);
    }
    callers_end(CALLERS);
}

// Takes a call before its deadline, however slow the machine is; the token.
static uint64_t take_before_deadline(void) {
    for (uint64_t patience = 10000000;; patience *= 2) {
        uint64_t now = (uint64_t)agent_call(&callers[0], AGENT_TIME, 0, 0, 0, 0, 0);
        call_begin(0, now + patience);
        if (!CHECK_SUCCESS(pipe_wait(DEADLINE_NONE)))
            return 0;
        if (pipe_received()->key == KEY)
            return pipe_received()->token;
        if (!agent_heard()) // it was too late
            return 0;
    }
}

// A deadline passes while the call is queued, and while it is held: then its token is nobody's.
static void deadlines_withdraw_calls(void) {
    REQUIRE(callers_start(1));
    call_begin(0, DEADLINE_PAST);
    CHECK_ERROR(agent_end(&callers[0]), ETIMEDOUT);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
    uint64_t token = take_before_deadline();
    CHECK_ERROR(agent_end(&callers[0]), ETIMEDOUT);
    CHECK_ERROR(pipe_reply(token, NULL, 0), ESTALE);
    callers_end(1);
}

static void token_dies_with_its_caller(void) {
    REQUIRE(callers_start(1));
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    call_begin(0, DEADLINE_NONE);
    uint64_t token = take(0);
    agent_stop(&callers[0]);
    CHECK_ERROR(pipe_reply(token, NULL, 0), ESTALE);
    callers_end(1);
}

// A token is good in the process that took the call, and in no other.
static void token_is_its_takers(void) {
    REQUIRE(callers_start(2));
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    call_begin(0, DEADLINE_NONE);
    uint64_t token = take(0);
    CHECK_ERROR(agent_call(&callers[1], SYSTEM_CALL_reply_wait, token, 0, REPLY_ONLY, DEADLINE_NOW, 0), ESTALE);
    CHECK_EQUAL(pipe_reply(token, NULL, 0), 0);
    CHECK_EQUAL(agent_end(&callers[0]), 0);
    callers_end(2);
}

// Invariant 6: the call that the dead server held ends with an error of its own; the one that was queued goes to the
// next.
static void dead_server_gives_an_error(void) {
    REQUIRE(callers_start(2) && agent_start(&server, KIND_APP));
    uint64_t served = (uint64_t)agent_open(&server, own_path("calls"), RIGHT_READ);
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_hook, served, KEY, 0, 0, 0), 0);
    call_begin(0, DEADLINE_NONE);
    until_waiting(pipe, 1);
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0), 1);
    until_held(pipe, 1);
    call_begin(1, DEADLINE_NONE);
    until_waiting(pipe, 1);
    agent_stop(&server);
    CHECK_ERROR(agent_end(&callers[0]), EOWNERDEAD);
    struct pipe_stat stat = {0};
    CHECK_EQUAL(pipe_stat(pipe, &stat), 0);
    CHECK(stat.waiting == 1 && stat.holder_count == 0 && stat.hooks == 0);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    CHECK_EQUAL(pipe_reply(take(1), NULL, 0), 0);
    CHECK_EQUAL(agent_end(&callers[1]), 0);
    callers_end(2);
}

// What a process owns goes with it: callers of its pipes are told.
static void pipes_go_with_their_owner(void) {
    REQUIRE(callers_start(1) && agent_start(&server, KIND_APP));
    char path[COMPONENT_MAX];
    strcpy(path, agent_path(&server, "theirs"));
    CHECK_SUCCESS(agent_path_call(&server, SYSTEM_CALL_create, path, FLOW_CALL, RULES_ALL));
    uint64_t theirs = (uint64_t)agent_open(&callers[0], path, RIGHT_WRITE);
    long handle = pipe_open(path, RIGHT_READ);
    agent_begin(&callers[0], SYSTEM_CALL_call, theirs, 0, 0, DEADLINE_NONE, 0);
    until_waiting(handle, 1);
    agent_stop(&server);
    CHECK_ERROR(agent_end(&callers[0]), EPIPE);
    CHECK_ERROR(pipe_open(path, RIGHT_WRITE), ENOENT);
    CHECK_EQUAL(pipe_close(handle), 0);
    callers_end(1);
}

// Invariant 8: A holds B's call and calls B: refused, with the names of the pipes that the waits go round.
static void cycle_of_two_is_refused(void) {
    REQUIRE(callers_start(1));
    struct agent *other = &callers[0];
    const char *path = agent_path(other, "others");
    uint64_t mine = (uint64_t)agent_path_call(other, SYSTEM_CALL_create, path, FLOW_CALL, RULES_ALL);
    CHECK_EQUAL(agent_call(other, SYSTEM_CALL_hook, mine, KEY, 0, 0, 0), 0);
    long others = pipe_open(path, RIGHT_WRITE);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    call_begin(0, DEADLINE_NONE);
    uint64_t token = take(0);
    CHECK_ERROR(pipe_call(others, "", 0, NULL, 0, DEADLINE_NONE), EDEADLK);
    char names[PATH_LENGTH_MAX * 2] = "";
    uint32_t length = pipe_received()->length;
    if (CHECK(length < sizeof names))
        memcpy(names, pipe_payload(), length);
    CHECK(strstr(names, path) == names && strstr(names, own_path("calls")) != NULL);
    CHECK_EQUAL(pipe_reply(token, NULL, 0), 0);
    CHECK_EQUAL(agent_end(other), 0);
    CHECK_EQUAL(pipe_close(others), 0);
    callers_end(1);
}

// The fast path of a call, many times over: the complement of what was asked comes back.
static void echo_gives_back_what_it_got(void) {
    static uint8_t sent[PAYLOAD_MAX], complement[PAYLOAD_MAX], received[PAYLOAD_MAX];
    pipe = own_pipe("calls", FLOW_CALL);
    long pid = role_spawn(KIND_APP, "echo", NULL, pipe);
    REQUIRE(CHECK_SUCCESS(pid));
    for (unsigned round = 0; round < ECHOES; round++) {
        size_t length = round * PAYLOAD_MAX / (ECHOES - 1);
        memset(sent, (int)round, length);
        memset(complement, (int)round ^ 0xff, length);
        memset(received, 0xff, sizeof received);
        CHECK_EQUAL(pipe_call(pipe, sent, length, received, sizeof received, DEADLINE_NONE), (long)length);
        CHECK_EQUAL(memcmp(complement, received, length), 0);
    }
    own_remove("calls", pipe);
    CHECK_EQUAL(process_wait((uint32_t)pid), 0);
}

static const struct test tests[] = {
    {"calls: replies may come late, and in any order", replies_may_come_in_any_order},
    {"invariant 6: a deadline withdraws a call, queued or held", deadlines_withdraw_calls},
    {"calls: a token dies with its caller", token_dies_with_its_caller},
    {"calls: a token is good only where the call was taken", token_is_its_takers},
    {"invariant 6: a dead server's callers get EOWNERDEAD, and what is queued stays", dead_server_gives_an_error},
    {"calls: a dead owner's pipes are gone", pipes_go_with_their_owner},
    {"invariant 8: a cycle of waiting is refused, with its names", cycle_of_two_is_refused},
    {"calls: an echo of each length", echo_gives_back_what_it_got},
};

const struct suite server_suite = SUITE(tests);
