// SPDX-License-Identifier: MIT
// The system calls hook, unhook, reply_wait and copy_lease: what they do, and each error.
#include "agent.h"
#include "calls_test.h"
#include "protocol/start.h"

#include <string.h>

#define KEY 0x40cc
#define HOOKS_MAX 256u      // of one pipe: HOOKS_PER_PIPE_MAX of pipens/node.h
#define HOOKS_A_PROCESS 64u // HOOKS_PER_PROCESS_MAX there
#define UNKNOWN_FLAG 0x8000u
#define LEASED 5000u // bytes

// ---- hook, unhook ----

static void hook_refuses(void) {
    long pipe = own_pipe("pipe", FLOW_QUEUE), directory = own_pipe("directory", FLOW_DIRECTORY);
    CHECK_ERROR(pipe_hook(HANDLE_UNUSED, KEY, 0), EBADF);
    CHECK_ERROR(pipe_hook(handle_stale(), KEY, 0), ESTALE);
    CHECK_ERROR(pipe_hook(pipe, KEY, HOOK_TAP | HOOK_END), EINVAL);
    CHECK_ERROR(system_call(SYSTEM_CALL_hook, (uint64_t)pipe, KEY, 1ull << 63, 0, 0), EINVAL);
    CHECK_ERROR(pipe_hook(HANDLE_CONTROL, KEY, 0), EACCES);
    CHECK_ERROR(pipe_hook(directory, KEY, HOOK_TAP), ENOTSUP);
    long writer = own_open("pipe", RIGHT_WRITE);
    CHECK_ERROR(pipe_hook(writer, KEY, 0), EACCES);
    CHECK_ERROR(pipe_hook(writer, KEY, HOOK_TAP), EACCES);
    CHECK_EQUAL(pipe_close(writer), 0);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    CHECK_ERROR(pipe_hook(pipe, KEY, 0), EBUSY);
    CHECK_ERROR(pipe_hook(pipe, KEY, HOOK_TAP), EBUSY);
    own_remove("pipe", pipe);
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN); // the handle's end was the hook's, its last message included
    own_remove("directory", directory);
}

// One process may have so many of a pipe's hooks, and several may have all.
static void hook_table_is_full(void) {
    static long handles[HOOKS_A_PROCESS + 1];
    static struct agent agents[HOOKS_MAX / HOOKS_A_PROCESS - 1];
    long pipe = own_pipe("pipe", FLOW_EVENT);
    for (unsigned index = 0; index <= HOOKS_A_PROCESS; index++)
        handles[index] = own_open("pipe", RIGHT_READ);
    for (unsigned index = 0; index < HOOKS_A_PROCESS; index++)
        CHECK_EQUAL(pipe_hook(handles[index], KEY, 0), 0);
    CHECK_ERROR(pipe_hook(handles[HOOKS_A_PROCESS], KEY, 0), EMFILE);
    for (unsigned number = 0; number < sizeof agents / sizeof *agents; number++) {
        REQUIRE(agent_start(&agents[number], KIND_APP));
        for (unsigned index = 0; index < HOOKS_A_PROCESS; index++) {
            uint64_t handle = (uint64_t)agent_open(&agents[number], own_path("pipe"), RIGHT_READ);
            CHECK_EQUAL(agent_call(&agents[number], SYSTEM_CALL_hook, handle, KEY, 0, 0, 0), 0);
        }
    }
    CHECK_ERROR(pipe_hook(handles[HOOKS_A_PROCESS], KEY, 0), ENFILE);
    CHECK_EQUAL(pipe_unhook(handles[0]), 0);
    CHECK_EQUAL(pipe_hook(handles[HOOKS_A_PROCESS], KEY, 0), 0);
    for (unsigned number = 0; number < sizeof agents / sizeof *agents; number++)
        agent_stop(&agents[number]);
    for (unsigned index = 0; index <= HOOKS_A_PROCESS; index++)
        CHECK_EQUAL(pipe_close(handles[index]), 0);
    own_remove("pipe", pipe);
}

void call_hook(void) {
    hook_refuses();
    hook_table_is_full();
    long pipe = own_pipe("pipe", FLOW_EVENT);
    CHECK_EQUAL(pipe_signal(pipe, 7), 0);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), sizeof(struct event_message));
    CHECK(pipe_received()->type == MESSAGE_EVENT && pipe_received()->key == KEY);
    own_remove("pipe", pipe);
}

void call_unhook(void) {
    long pipe = own_pipe("pipe", FLOW_QUEUE);
    CHECK_ERROR(pipe_unhook(HANDLE_UNUSED), EBADF);
    CHECK_ERROR(pipe_unhook(handle_stale()), ESTALE);
    CHECK_ERROR(pipe_unhook(pipe), EINVAL);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    CHECK_EQUAL(pipe_send(pipe, "kept", 4, DEADLINE_NOW), 0);
    CHECK_EQUAL(pipe_unhook(pipe), 0);
    CHECK_ERROR(pipe_unhook(pipe), EINVAL);
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 4);
    own_remove("pipe", pipe);
}

// ---- reply_wait ----

static long reply(uint64_t token, int64_t length, uint64_t flags) {
    return system_call(SYSTEM_CALL_reply_wait, token, (uint64_t)length, flags, DEADLINE_NOW, 0);
}

// Takes the call that the agent has begun; its token.
static uint64_t call_taken(void) {
    return CHECK_SUCCESS(pipe_wait(DEADLINE_NONE)) && CHECK(pipe_received()->key == KEY) ? pipe_received()->token : 0;
}

static void reply_refuses(uint64_t token) {
    struct attached attached = {.handles = {HANDLE_UNUSED}, .handle_count = 1};
    CHECK_ERROR(reply(token, PAYLOAD_MAX + 1, REPLY_ONLY), EMSGSIZE);
    CHECK_ERROR(reply(token, INT64_MAX, REPLY_ONLY), EMSGSIZE);
    CHECK_ERROR(reply(token, INT64_MIN, REPLY_ONLY), EINVAL);
    CHECK_ERROR(reply(token, -4096, REPLY_ONLY), EINVAL);
    CHECK_ERROR(reply(token, 0, UNKNOWN_FLAG), EINVAL);
    CHECK_ERROR(reply(token, 0, ATTACH_LEASES(1) | REPLY_ONLY), EINVAL);
    CHECK_ERROR(pipe_reply_attached(token, "", 1, &attached), EBADF);
    attached.handles[0] = HANDLE_OUTPUT;
    CHECK_ERROR(pipe_reply_attached(token, NULL, -PIPE_EIO, &attached), EINVAL);
    CHECK_ERROR(reply(token + 1, 0, REPLY_ONLY), ESTALE);
    CHECK_ERROR(reply(UINT64_MAX, 0, REPLY_ONLY), ESTALE);
}

void call_reply_wait(void) {
    static struct agent agent;
    long pipe = own_pipe("pipe", FLOW_CALL);
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
    CHECK_ERROR(pipe_wait(DEADLINE_PAST), ETIMEDOUT);
    REQUIRE(agent_start(&agent, KIND_APP));
    uint64_t handle = (uint64_t)agent_open(&agent, own_path("pipe"), RIGHT_WRITE);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    agent_begin(&agent, SYSTEM_CALL_call, handle, 0, 0, DEADLINE_NONE, 0);
    uint64_t token = call_taken();
    reply_refuses(token);
    CHECK_EQUAL(pipe_reply(token, "ok", 2), 0);
    CHECK_EQUAL(agent_end(&agent), 2); // no refused reply has reached it
    CHECK_ERROR(pipe_reply(token, "ok", 2), ESTALE);
    CHECK_ERROR(pipe_reply_wait(token, "ok", 2, DEADLINE_NONE), ESTALE); // and then it has not waited
    agent_begin(&agent, SYSTEM_CALL_call, handle, 0, 0, DEADLINE_NONE, 0);
    token = call_taken();
    CHECK_ERROR(pipe_reply_wait(token, "", 0, DEADLINE_NOW), EAGAIN); // replied, and nothing is there yet
    CHECK_EQUAL(agent_end(&agent), 0);
    agent_stop(&agent);
    own_remove("pipe", pipe);
}

// ---- copy_lease ----

static uint8_t leased[LEASED];

static long lease(uint64_t token, uint64_t index, uint64_t offset, const void *cursor, uint64_t length) {
    return system_call(SYSTEM_CALL_copy_lease, token, index, offset, address_of(cursor), length);
}

static void lease_refuses(uint64_t token) {
    static uint8_t copy[LEASED];
    static const uint8_t constant[16] = {1};
    CHECK_ERROR(lease(token + 1, 0, 0, copy, 1), ESTALE);
    CHECK_ERROR(lease(0, 0, 0, copy, 1), ESTALE);
    CHECK_ERROR(lease(token, 4, 0, copy, 1), EINVAL);
    CHECK_ERROR(lease(token, UINT64_MAX, 0, copy, 1), EINVAL);
    CHECK_ERROR(lease(token, 0, 0, copy, LEASED + 1), ERANGE);
    CHECK_ERROR(lease(token, 0, LEASED, copy, 1), ERANGE);
    CHECK_ERROR(lease(token, 0, UINT64_MAX, copy, 2), ERANGE);
    CHECK_ERROR(lease(token, 0, 1, copy, UINT64_MAX), ERANGE);
    CHECK_ERROR(lease(token, 0 | LEASE_WRITE, 0, copy, 1), EACCES);
    CHECK_ERROR(lease(token, 1, 0, copy, LEASE_COPY_MAX + 1), EMSGSIZE);
    CHECK_ERROR(lease(token, 0, 0, constant, sizeof constant), EFAULT);
    CHECK_ERROR(lease(token, 0, 0, (const void *)(USER_BASE - 1), 1), EFAULT);
    CHECK_EQUAL(lease(token, 0, LEASED, copy, 0), 0);
}

// The agent leases its own copy of this program's memory: the same addresses, other pages.
static void lease_copies(uint64_t token) {
    static uint8_t copy[LEASED];
    memset(copy, 0xff, sizeof copy);
    CHECK_EQUAL(lease(token, 0, 0, copy, LEASED), LEASED);
    CHECK_EQUAL(copy[0] | copy[LEASED - 1] | copy[LEASED / 2], 0);
    memset(copy, 0x5a, sizeof copy);
    CHECK_EQUAL(lease(token, 1 | LEASE_WRITE, 1, copy, LEASED - 2), LEASED - 2);
    memset(copy, 0, sizeof copy);
    CHECK_EQUAL(lease(token, 1, 0, copy, LEASED), LEASED);
    CHECK(copy[0] == 0 && copy[1] == 0x5a && copy[LEASED - 2] == 0x5a && copy[LEASED - 1] == 0);
}

void call_copy_lease(void) {
    static struct agent agent;
    static uint8_t written[LEASE_COPY_MAX + 1];
    long pipe = own_pipe("pipe", FLOW_CALL);
    REQUIRE(agent_start(&agent, KIND_APP));
    uint64_t handle = (uint64_t)agent_open(&agent, own_path("pipe"), RIGHT_WRITE);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    agent.command.head.lease[0] = (struct lease){address_of(leased), LEASED};
    agent.command.head.lease[1] = (struct lease){address_of(written), sizeof written};
    agent_begin(&agent, SYSTEM_CALL_call, handle, 0, ATTACH_LEASES(2) | ATTACH_WRITABLE(1), DEADLINE_NONE, 0);
    uint64_t token = call_taken();
    CHECK_EQUAL(pipe_received()->lease_count, 2);
    CHECK_EQUAL(pipe_received()->lease_length[0], LEASED);
    CHECK_EQUAL(pipe_received()->lease_length[1], (long)(sizeof written | LEASE_WRITABLE));
    memset(leased, 0xee, sizeof leased); // this process's, which the agent does not see
    lease_refuses(token);
    lease_copies(token);
    CHECK_EQUAL(pipe_reply(token, "", 0), 0);
    CHECK_ERROR(lease(token, 0, 0, leased, 1), ESTALE);
    CHECK_EQUAL(agent_end(&agent), 0);
    CHECK_EQUAL(agent_call(&agent, AGENT_PEEK, address_of(&written[1]), 0, 0, 0, 0), 0x5a);
    agent_stop(&agent);
    own_remove("pipe", pipe);
}
