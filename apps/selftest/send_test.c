// SPDX-License-Identifier: MIT
// The system calls send and call: what they do, and each error.
#include "agent.h"
#include "calls_test.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"

#include <string.h>

#define KEY 0x5e4d
#define UNKNOWN_FLAG 0x8000u
#define MAPPED_AT (MAPPING_BASE + 0x10000000ull)

static long send(long handle, uint64_t length, uint64_t flags, uint64_t deadline) {
    return system_call(SYSTEM_CALL_send, (uint64_t)handle, length, flags, deadline, 0);
}

static long call(long handle, uint64_t length, uint64_t flags, uint64_t deadline) {
    return system_call(SYSTEM_CALL_call, (uint64_t)handle, length, flags, deadline, 0);
}

// ---- send ----

static void send_refuses_handles(void) {
    CHECK_ERROR(pipe_send(HANDLE_UNUSED, "x", 1, DEADLINE_NOW), EBADF);
    CHECK_ERROR(pipe_send(handle_stale(), "x", 1, DEADLINE_NOW), ESTALE);
    long calls = own_pipe("call", FLOW_CALL), directory = own_pipe("directory", FLOW_DIRECTORY);
    CHECK_ERROR(pipe_send(calls, "x", 1, DEADLINE_NOW), ENOTSUP);
    CHECK_ERROR(pipe_send(directory, "x", 1, DEADLINE_NOW), ENOTSUP);
    long reader = own_open("call", RIGHT_READ);
    CHECK_ERROR(pipe_send(reader, "x", 1, DEADLINE_NOW), EACCES);
    CHECK_EQUAL(pipe_close(reader), 0);
    own_remove("call", calls);
    CHECK_ERROR(pipe_send(calls, "x", 1, DEADLINE_NOW), ESTALE);
    own_remove("directory", directory);
}

static void send_refuses_arguments(void) {
    struct pipe_stat stat = {0};
    struct attached handles = {.handles = {HANDLE_OUTPUT}, .handle_count = 1};
    struct attached leases = {.leases = {{address_of(&stat), sizeof stat}}, .lease_count = 1};
    long queue = own_pipe("queue", FLOW_QUEUE), topic = own_pipe("topic", FLOW_TOPIC);
    long event = own_pipe("event", FLOW_EVENT);
    CHECK_EQUAL(pipe_stat(queue, &stat), 0);
    CHECK_ERROR(send(queue, stat.payload_max + 1, 0, DEADLINE_NOW), EMSGSIZE);
    CHECK_ERROR(send(queue, UINT64_MAX, 0, DEADLINE_NOW), EMSGSIZE);
    CHECK_ERROR(send(topic, stat.payload_max + 1, 0, DEADLINE_NOW), EMSGSIZE);
    CHECK_ERROR(send(queue, 1, UNKNOWN_FLAG, DEADLINE_NOW), EINVAL);
    CHECK_ERROR(send(queue, 1, ATTACH_HANDLES(MESSAGE_HANDLES_MAX + 1), DEADLINE_NOW), EINVAL);
    CHECK_ERROR(pipe_send_attached(queue, "x", 1, &leases, DEADLINE_NOW), ENOTSUP);
    CHECK_ERROR(pipe_send_attached(topic, "x", 1, &handles, DEADLINE_NOW), ENOTSUP);
    CHECK_ERROR(pipe_send_attached(event, "x", 1, &handles, DEADLINE_NOW), ENOTSUP);
    handles.handles[0] = HANDLE_UNUSED;
    CHECK_ERROR(pipe_send_attached(queue, "x", 1, &handles, DEADLINE_NOW), EBADF);
    handles.handles[0] = (uint32_t)handle_stale();
    CHECK_ERROR(pipe_send_attached(queue, "x", 1, &handles, DEADLINE_NOW), ESTALE);
    CHECK_EQUAL(pipe_stat(queue, &stat), 0);
    CHECK(stat.depth == 0 && stat.in == 0);
    own_remove("queue", queue);
    own_remove("topic", topic);
    own_remove("event", event);
}

static void send_refuses_mapped_region(void) {
    long region = region_allocate(1);
    REQUIRE(CHECK_SUCCESS(region));
    struct attached attached = {.handles = {(uint32_t)region}, .handle_count = 1, .move_mask = 1};
    long queue = own_pipe("queue", FLOW_QUEUE);
    CHECK_EQUAL(process_map(region, 0, MAPPED_AT, 1, PROTECT_READ), 0);
    CHECK_ERROR(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), EBUSY);
    CHECK_EQUAL(process_unmap(MAPPED_AT, 1), 0);
    CHECK_EQUAL(pipe_close(region), 0);
    own_remove("queue", queue);
}

// A full queue: the sender is told at once, waits until its deadline, until the queue goes, or until there is room.
static void send_to_a_full_queue(void) {
    static struct agent agent;
    REQUIRE(agent_start(&agent, KIND_APP));
    long queue = pipe_create(own_path("full"), FLOW_QUEUE, RULES_ALL, 1, 0);
    uint64_t handle = (uint64_t)agent_open(&agent, own_path("full"), RIGHT_WRITE);
    CHECK_EQUAL(pipe_send(queue, "1", 1, DEADLINE_NOW), 0);
    CHECK_ERROR(pipe_send(queue, "x", 1, DEADLINE_NOW), EAGAIN);
    CHECK_ERROR(pipe_send(queue, "x", 1, DEADLINE_PAST), ETIMEDOUT);
    agent.command.payload[0] = '2';
    agent_begin(&agent, SYSTEM_CALL_send, handle, 1, 0, DEADLINE_NONE, 0);
    until_waiting(queue, 1);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    CHECK(pipe_wait(DEADLINE_NOW) == 1 && pipe_message()->payload[0] == '1');
    CHECK_ERROR(pipe_send(queue, "x", 1, DEADLINE_NONE), EDEADLK); // the second message has filled it again
    CHECK(pipe_wait(DEADLINE_NOW) == 1 && pipe_message()->payload[0] == '2');
    CHECK_EQUAL(pipe_unhook(queue), 0);
    CHECK_EQUAL(agent_end(&agent), 0);
    CHECK_EQUAL(pipe_send(queue, "3", 1, DEADLINE_NOW), 0);
    agent_begin(&agent, SYSTEM_CALL_send, handle, 1, 0, DEADLINE_NONE, 0);
    until_waiting(queue, 1);
    own_remove("full", queue);
    CHECK_ERROR(agent_end(&agent), EPIPE);
    CHECK_ERROR(agent_call(&agent, SYSTEM_CALL_send, handle, 1, 0, DEADLINE_NOW, 0), EPIPE);
    agent_stop(&agent);
}

void call_send(void) {
    send_refuses_handles();
    send_refuses_arguments();
    send_refuses_mapped_region();
    send_to_a_full_queue();
}

// ---- call ----

static void call_refuses_handles(void) {
    CHECK_ERROR(call(HANDLE_UNUSED, 0, 0, DEADLINE_NONE), EBADF);
    CHECK_ERROR(call(handle_stale(), 0, 0, DEADLINE_NONE), ESTALE);
    for (uint64_t flow = 0; flow < FLOWS; flow++) {
        long handle = own_pipe("pipe", (enum flow)flow);
        if (flow != FLOW_CALL)
            CHECK_ERROR(call(handle, 0, 0, DEADLINE_NONE), ENOTSUP);
        long reader = own_open("pipe", RIGHT_READ);
        CHECK_ERROR(call(reader, 0, 0, DEADLINE_NONE), EACCES);
        CHECK_EQUAL(pipe_close(reader), 0);
        own_remove("pipe", handle);
    }
}

static void call_refuses_arguments(long pipe) {
    static const char constant = 'c';
    struct attached lease = {.leases = {{address_of(&constant), 1}}, .lease_count = 1, .writable_mask = 1};
    struct attached twice = {.handles = {HANDLE_OUTPUT}, .handle_count = 1, .move_mask = 1};
    CHECK_ERROR(call(pipe, PAYLOAD_MAX + 1, 0, DEADLINE_PAST), EMSGSIZE);
    CHECK_ERROR(call(pipe, UINT64_MAX, 0, DEADLINE_PAST), EMSGSIZE);
    CHECK_ERROR(call(pipe, 0, UNKNOWN_FLAG, DEADLINE_PAST), EINVAL);
    CHECK_ERROR(call(pipe, 0, ATTACH_LEASES(3), DEADLINE_PAST), EINVAL);
    CHECK_ERROR(call(pipe, 0, ATTACH_HANDLES(5), DEADLINE_PAST), EINVAL);
    CHECK_ERROR(pipe_call_attached(pipe, "x", 1, &twice, NULL, 0, DEADLINE_PAST), EINVAL);
    CHECK_ERROR(pipe_call_attached(pipe, "x", 1, &lease, NULL, 0, DEADLINE_PAST), EFAULT);
    lease.leases[0] = (struct lease){address_of(&lease), LEASE_LENGTH_MAX + 1};
    CHECK_ERROR(pipe_call_attached(pipe, "x", 1, &lease, NULL, 0, DEADLINE_PAST), EMSGSIZE);
    CHECK_ERROR(call(pipe, 0, 0, DEADLINE_NOW), EAGAIN);
    CHECK_ERROR(call(pipe, 0, 0, DEADLINE_PAST), ETIMEDOUT);
    struct pipe_stat stat = {0};
    CHECK_EQUAL(pipe_stat(pipe, &stat), 0);
    CHECK(stat.waiting == 0 && stat.depth == 0 && stat.in == 1);
}

static void call_refuses_mapped_region(long pipe) {
    long region = region_allocate(1);
    REQUIRE(CHECK_SUCCESS(region));
    struct attached attached = {.handles = {(uint32_t)region}, .handle_count = 1, .move_mask = 1};
    CHECK_EQUAL(process_map(region, 0, MAPPED_AT, 1, PROTECT_READ), 0);
    CHECK_ERROR(pipe_call_attached(pipe, "x", 1, &attached, NULL, 0, DEADLINE_PAST), EBUSY);
    CHECK_EQUAL(process_unmap(MAPPED_AT, 1), 0);
    CHECK_ERROR(pipe_call_attached(pipe, "x", 1, &attached, NULL, 0, DEADLINE_PAST), ETIMEDOUT);
    CHECK_EQUAL(pipe_close(region), 0); // it came back
}

// A thread that serves a pipe can't call it; the message says which pipes the waits go round.
static void call_refuses_a_cycle(long pipe) {
    const char *path = own_path("pipe");
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    CHECK_ERROR(call(pipe, 0, 0, DEADLINE_NONE), EDEADLK);
    uint32_t length = pipe_received()->length;
    CHECK(length == strlen(path) + 1 && memcmp(pipe_payload(), path, length - 1) == 0);
    CHECK_EQUAL(pipe_message()->payload[length - 1], '\n');
    CHECK_EQUAL(pipe_unhook(pipe), 0);
}

static void call_is_answered(long pipe, struct agent *agent, uint64_t handle) {
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    memcpy(agent->command.payload, "question", 8);
    agent_begin(agent, SYSTEM_CALL_call, handle, 8, 0, DEADLINE_NONE, 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NONE), 8);
    CHECK(pipe_received()->type == MESSAGE_CALL && memcmp(pipe_payload(), "question", 8) == 0);
    CHECK_EQUAL(pipe_reply(pipe_received()->token, "answer", 6), 0);
    CHECK_EQUAL(agent_end(agent), 6);
    CHECK_EQUAL(memcmp(agent->result.payload, "answer", 6), 0);
    agent_begin(agent, SYSTEM_CALL_call, handle, 0, 0, DEADLINE_NONE, 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NONE), 0);
    CHECK_EQUAL(pipe_reply(pipe_received()->token, NULL, -PIPE_EROFS), 0);
    CHECK_ERROR(agent_end(agent), EROFS);
    CHECK_EQUAL(pipe_unhook(pipe), 0);
}

void call_call(void) {
    static struct agent agent;
    call_refuses_handles();
    long pipe = own_pipe("pipe", FLOW_CALL);
    call_refuses_arguments(pipe);
    call_refuses_mapped_region(pipe);
    call_refuses_a_cycle(pipe);
    REQUIRE(agent_start(&agent, KIND_APP));
    uint64_t handle = (uint64_t)agent_open(&agent, own_path("pipe"), RIGHT_WRITE);
    call_is_answered(pipe, &agent, handle);
    agent_begin(&agent, SYSTEM_CALL_call, handle, 0, 0, DEADLINE_NONE, 0);
    until_waiting(pipe, 1);
    own_remove("pipe", pipe);
    CHECK_ERROR(agent_end(&agent), EPIPE);
    agent_stop(&agent);
}
