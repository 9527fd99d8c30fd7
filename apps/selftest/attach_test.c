// SPDX-License-Identifier: MIT
// The attachments of messages: handles, and regions that are moved. Check first, then move.
#include "agent.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"

#include <string.h>

#define KEY 0xca88
#define ROUNDS 200u
#define RESERVE_SLACK 16384u // bytes: slabs
#define MAPPED_AT (MAPPING_BASE + 0x20000000ull)

static struct attached one_handle(long handle, bool move) {
    return (struct attached){.handles = {(uint32_t)handle}, .handle_count = 1, .move_mask = move};
}

static void handles_pass(void) {
    long queue = own_pipe("queue", FLOW_QUEUE), event = own_pipe("event", FLOW_EVENT);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    struct attached attached = {.handle_count = 4};
    for (unsigned index = 0; index < 4; index++)
        attached.handles[index] = (uint32_t)(index == 1 ? queue : event);
    CHECK_EQUAL(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 1);
    struct message_received head = *pipe_received();
    CHECK_EQUAL(head.handle_count, 4);
    for (unsigned index = 0; index < 4; index++) {
        struct pipe_stat stat = {0};
        CHECK_EQUAL(pipe_stat(head.handle[index], &stat), 0);
        CHECK_EQUAL(stat.flow, index == 1 ? FLOW_QUEUE : FLOW_EVENT);
        CHECK_EQUAL(pipe_close(head.handle[index]), 0);
    }
    own_remove("event", event);
    own_remove("queue", queue);
}

// A handle that is passed keeps the class under which it was opened, and its rights.
static void handle_keeps_its_class(void) {
    static struct agent agent;
    REQUIRE(agent_start(&agent, KIND_DRIVER));
    long queue = own_pipe("queue", FLOW_QUEUE), event = own_pipe("event", FLOW_EVENT);
    CHECK_EQUAL(pipe_set_rules(event, RULE(RIGHTS_ALL, 0u, 0u, 0u)), 0);
    CHECK_ERROR(agent_open(&agent, own_path("event"), RIGHT_WRITE), EACCES);
    uint64_t to = (uint64_t)agent_open(&agent, own_path("queue"), RIGHT_READ);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_hook, to, KEY, 0, 0, 0), 0);
    long writer = own_open("event", RIGHT_WRITE);
    struct attached attached = one_handle(writer, false);
    CHECK_EQUAL(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), 0);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NOW, 0), 1);
    uint64_t given = agent.result.head.handle[0];
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_send, given, 1, 0, DEADLINE_NOW, 0), 0);
    CHECK_ERROR(agent_call(&agent, SYSTEM_CALL_hook, given, 1, 0, 0, 0), EACCES);
    CHECK_EQUAL(pipe_set_rules(event, RULE(RIGHT_MANAGE, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL)), 0);
    CHECK_ERROR(agent_call(&agent, SYSTEM_CALL_send, given, 1, 0, DEADLINE_NOW, 0), EACCES);
    CHECK_EQUAL(pipe_close(writer), 0);
    agent_stop(&agent);
    own_remove("event", event);
    own_remove("queue", queue);
}

// A moved region is no longer its sender's: handle and ownership are gone, and come to the receiver with the bytes.
static void region_moves(void) {
    static struct agent agent;
    REQUIRE(agent_start(&agent, KIND_APP));
    long queue = own_pipe("queue", FLOW_QUEUE), region = region_allocate(2);
    REQUIRE(CHECK_SUCCESS(region));
    CHECK_EQUAL(process_map(region, 0, MAPPED_AT, 2, PROTECT_READ | PROTECT_WRITE), 0);
    memset((void *)MAPPED_AT, 0x77, 2);
    CHECK_EQUAL(process_unmap(MAPPED_AT, 2), 0);
    struct attached attached = one_handle(region, true);
    CHECK_EQUAL(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), 0);
    CHECK_ERROR(pipe_close(region), ESTALE);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 1);
    region = pipe_received()->handle[0];
    CHECK_EQUAL(process_map(region, 0, MAPPED_AT, 1, PROTECT_READ), 0);
    CHECK_EQUAL(*(volatile uint8_t *)MAPPED_AT, 0x77);
    CHECK_EQUAL(process_unmap(MAPPED_AT, 1), 0);
    CHECK_EQUAL(pipe_unhook(queue), 0);
    uint64_t to = (uint64_t)agent_open(&agent, own_path("queue"), RIGHT_READ);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_hook, to, KEY, 0, 0, 0), 0);
    attached = one_handle(region, true);
    CHECK_EQUAL(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), 0);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NOW, 0), 1);
    CHECK_EQUAL(agent.result.head.handle_count, 1);
    agent_stop(&agent);
    own_remove("queue", queue);
}

// Invariant 5: no region is gone, and nothing was sent, after each way in which a send can fail.
static void failed_send_moves_nothing(void) {
    long queue = pipe_create(own_path("queue"), FLOW_QUEUE, RULES_ALL, 1, 0), topic = own_pipe("topic", FLOW_TOPIC);
    long region = region_allocate(1);
    REQUIRE(CHECK_SUCCESS(region));
    struct attached attached = one_handle(region, true);
    CHECK_ERROR(pipe_send_attached(topic, "x", 1, &attached, DEADLINE_NOW), ENOTSUP);
    attached = (struct attached){.handles = {(uint32_t)region, (uint32_t)region}, .handle_count = 2, .move_mask = 1};
    CHECK_ERROR(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), EINVAL);
    attached.handles[1] = HANDLE_INPUT;
    attached.move_mask = 3;
    CHECK_ERROR(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), EINVAL);
    attached.handles[1] = UINT32_MAX;
    CHECK_ERROR(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), EBADF);
    attached = one_handle(region, true);
    CHECK_ERROR(pipe_send_attached(queue, "x", PAYLOAD_MAX, &attached, DEADLINE_NOW), EMSGSIZE);
    CHECK_EQUAL(pipe_send(queue, "full", 4, DEADLINE_NOW), 0);
    CHECK_ERROR(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), EAGAIN);
    CHECK_ERROR(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_PAST), ETIMEDOUT);
    struct pipe_stat stat = {0};
    CHECK_EQUAL(pipe_stat(queue, &stat), 0);
    CHECK(stat.depth == 1 && stat.in == 1 && stat.waiting == 0);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 4);
    CHECK_EQUAL(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), 0); // it is still this process's to give
    CHECK_ERROR(pipe_close(region), ESTALE);
    own_remove("queue", queue);
    own_remove("topic", topic);
}

// A region can be passed without a move only when it is shared, and then it can't be moved.
static void shared_region_passes(void) {
    static struct agent agent;
    REQUIRE(agent_start(&agent, KIND_SERVER));
    long queue = own_pipe("queue", FLOW_QUEUE);
    uint64_t to = (uint64_t)agent_open(&agent, own_path("queue"), RIGHT_WRITE);
    struct memory_request allocate = {.operation = MEMORY_ALLOCATE, .amount = 1};
    CHECK_SUCCESS(agent_request(&agent, MEMORY_PIPE, &allocate, sizeof allocate, 0));
    uint32_t region = agent.result.head.handle[0];
    agent.command.head.handle[0] = region;
    CHECK_ERROR(agent_call(&agent, SYSTEM_CALL_send, to, 0, ATTACH_HANDLES(1), DEADLINE_NOW, 0), EINVAL);
    struct memory_range share = {.operation = MEMORY_SHARE};
    CHECK_SUCCESS(agent_request(&agent, "/kernel/memory", &share, sizeof share, region));
    agent.command.head.handle[0] = region;
    CHECK_ERROR(agent_call(&agent, SYSTEM_CALL_send, to, 0, ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NOW, 0),
                EINVAL);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_send, to, 0, ATTACH_HANDLES(1), DEADLINE_NOW, 0), 0);
    agent_stop(&agent);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 0);
    long received = pipe_received()->handle[0];
    CHECK_EQUAL(process_map(received, 0, MAPPED_AT, 1, PROTECT_READ), 0); // it outlives who made it
    CHECK_EQUAL(*(volatile uint8_t *)MAPPED_AT, 0);
    CHECK_EQUAL(process_unmap(MAPPED_AT, 1), 0);
    CHECK_EQUAL(pipe_close(received), 0);
    own_remove("queue", queue);
}

// The attachments of messages that nobody takes end with the queue: seen in the kernel's reserve, for what has lost
// its name is charged to nobody.
static void untaken_messages_leak_nothing(void) {
    uint64_t before = own_information().quota_used, reserve = system_information().reserve_used;
    for (unsigned round = 0; round < ROUNDS; round++) {
        long queue = own_pipe("queue", FLOW_QUEUE), event = own_pipe("event", FLOW_EVENT);
        struct attached attached = one_handle(event, false);
        CHECK_EQUAL(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), 0);
        attached = one_handle(queue, false);
        CHECK_EQUAL(pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW), 0); // the queue holds itself
        own_remove("event", event);
        own_remove("queue", queue);
    }
    CHECK_EQUAL(own_information().quota_used, before);
    CHECK(system_information().reserve_used <= reserve + RESERVE_SLACK);
}

static const struct test tests[] = {
    {"handles: up to four go with a message", handles_pass},
    {"handles: one that is passed keeps its class and rights", handle_keeps_its_class},
    {"regions: one that is moved is the receiver's", region_moves},
    {"invariant 5: a call that fails has changed nothing", failed_send_moves_nothing},
    {"regions: a shared one is passed, never moved", shared_region_passes},
    {"handles: the attachments of untaken messages go with them", untaken_messages_leak_nothing},
};

const struct suite attach_suite = SUITE(tests);
