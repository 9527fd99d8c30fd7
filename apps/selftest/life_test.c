// SPDX-License-Identifier: MIT
// The lives of pipes: streams that begin and end, parts of messages, transient pipes, who pays, and who holds what.
#include "agent.h"
#include "process.h"

#include <stddef.h>
#include <string.h>

#define KEY 0x11fe
#define CHAIN 200u // queues, each of which holds the next one's last handle

static struct agent agent;

static long transient_pipe(const char *name, enum flow flow, uint64_t payer) {
    return pipe_create_transient(own_path(name), flow, RULES_ALL, 0, 0, payer);
}

static void is_told(enum message_type type) {
    CHECK_SUCCESS(pipe_wait(DEADLINE_NONE));
    CHECK_EQUAL(pipe_received()->type, type);
    CHECK_EQUAL(pipe_received()->key, KEY);
}

static void is_told_nothing(void) {
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
}

static void has_counts(const char *name, uint32_t handles, uint32_t readers, uint32_t writers, uint32_t outside) {
    struct pipe_stat stat = {0};
    CHECK_EQUAL(pipe_stat_path(own_path(name), &stat), 0);
    CHECK_EQUAL(stat.handles, handles);
    CHECK_EQUAL(stat.readers, readers);
    CHECK_EQUAL(stat.writers, writers);
    CHECK_EQUAL(stat.outside, outside);
}

static void is_no_more(const char *name) {
    struct pipe_stat stat;
    CHECK_ERROR(pipe_stat_path(own_path(name), &stat), ENOENT);
}

// The writer is another process, and its death ends the stream.
static void stream_begins_and_ends(void) {
    REQUIRE(agent_start(&agent, KIND_APP));
    long queue = own_pipe("queue", FLOW_QUEUE), reader = own_open("queue", RIGHT_READ);
    CHECK_EQUAL(pipe_close(queue), 0);
    CHECK_EQUAL(pipe_hook(reader, KEY, HOOK_BEGIN), 0);
    is_told_nothing();
    CHECK_EQUAL(pipe_unhook(reader), 0); // what an agent says comes to the hooks of this thread, too
    long writer = agent_open(&agent, own_path("queue"), RIGHT_WRITE);
    has_counts("queue", 2, 1, 1, 1);
    CHECK_EQUAL(pipe_hook(reader, KEY, HOOK_BEGIN), 0);
    is_told(MESSAGE_BEGIN);
    CHECK_EQUAL(pipe_unhook(reader), 0);
    CHECK_EQUAL(pipe_hook(reader, KEY, HOOK_END), 0);
    is_told_nothing();
    CHECK_EQUAL(pipe_unhook(reader), 0);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_send, (uint64_t)writer, 3, 0, DEADLINE_NOW, 0), 0);
    CHECK_EQUAL(pipe_hook(reader, KEY, HOOK_END), 0);
    agent_stop(&agent);
    is_told(MESSAGE_DATA);
    is_told(MESSAGE_END);
    is_told(MESSAGE_END);
    own_remove("queue", reader);
}

static void limit_leaves_the_remainder(void) {
    long queue = own_pipe("queue", FLOW_QUEUE);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    CHECK_EQUAL(pipe_send(queue, "one\ntwo\n", 8, DEADLINE_NOW), 0);
    CHECK_ERROR(pipe_wait_limited(0, DEADLINE_NOW), EINVAL);
    CHECK_EQUAL(pipe_wait_limited(4, DEADLINE_NOW), 4);
    CHECK(memcmp(pipe_payload(), "one\n", 4) == 0);
    CHECK_EQUAL(pipe_wait_limited(100, DEADLINE_NOW), 4);
    CHECK(memcmp(pipe_payload(), "two\n", 4) == 0);
    CHECK_ERROR(pipe_wait_limited(4, DEADLINE_NOW), EAGAIN);
    own_remove("queue", queue);
}

// A thread that waits with a limit gets a part, also of a message that is sent while it waits.
static void limit_holds_while_waiting(void) {
    REQUIRE(agent_start(&agent, KIND_APP));
    long queue = own_pipe("queue", FLOW_QUEUE);
    long reader = agent_open(&agent, own_path("queue"), RIGHT_READ);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_hook, (uint64_t)reader, KEY, 0, 0, 0), 0);
    agent.command.head.limit = 2;
    agent_begin(&agent, SYSTEM_CALL_reply_wait, 0, 0, RECEIVE_LIMIT, DEADLINE_NONE, 0);
    while (first_thread_of(agent.pid).state != WAIT_LIMITED)
        continue;
    CHECK_EQUAL(pipe_send(queue, "abc", 3, DEADLINE_NOW), 0);
    CHECK_EQUAL(agent_end(&agent), 2);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0), 1);
    CHECK_EQUAL(agent.result.payload[0], 'c');
    agent_stop(&agent);
    own_remove("queue", queue);
}

// The holder's death closes the pipe; the owner is told once, and then it is gone.
static void owner_is_told_of_the_last_holder(void) {
    REQUIRE(agent_start(&agent, KIND_APP));
    long pipe = transient_pipe("open", FLOW_CALL, 0);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    is_told_nothing();
    long held = agent_open(&agent, own_path("open"), RIGHT_WRITE);
    has_counts("open", 2, 1, 2, 1);
    is_told_nothing();
    CHECK_EQUAL(pipe_unhook(pipe), 0);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_close, (uint64_t)held, 0, 0, 0, 0), 0);
    agent_open(&agent, own_path("open"), RIGHT_WRITE);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    is_told_nothing(); // a new handle has taken it back
    agent_stop(&agent);
    is_told(MESSAGE_CLOSED);
    is_no_more("open");
    CHECK_ERROR(pipe_close(pipe), ESTALE);
}

static void nobody_writes_without_readers(void) {
    REQUIRE(agent_start(&agent, KIND_APP));
    long pipe = transient_pipe("open", FLOW_CALL, 0);
    uint64_t held = (uint64_t)agent_open(&agent, own_path("open"), RIGHT_WRITE);
    long writer = own_open("open", RIGHT_WRITE);
    agent_begin(&agent, SYSTEM_CALL_call, held, 1, 0, DEADLINE_NONE, 0);
    until_waiting(pipe, 1);
    CHECK_EQUAL(pipe_close(pipe), 0);
    CHECK_ERROR(agent_end(&agent), EPIPE);
    CHECK_ERROR(pipe_call(writer, "x", 1, NULL, 0, DEADLINE_NONE), EPIPE);
    agent_stop(&agent);
    CHECK_EQUAL(pipe_close(writer), 0);
    is_no_more("open");
}

// As a server opens a file for its caller: at the caller's cost, with a handle that may only write.
static void caller_pays_for_what_it_opens(void) {
    REQUIRE(agent_start(&agent, KIND_APP));
    long service = own_pipe("service", FLOW_CALL);
    CHECK_EQUAL(pipe_hook(service, KEY, 0), 0);
    uint64_t to_service = (uint64_t)agent_open(&agent, own_path("service"), RIGHT_WRITE);
    agent_begin(&agent, SYSTEM_CALL_call, to_service, 1, 0, DEADLINE_NONE, 0);
    is_told(MESSAGE_CALL);
    uint64_t token = pipe_received()->token;
    CHECK_ERROR(transient_pipe("open", FLOW_QUEUE, token), EACCES);
    CHECK_EQUAL(pipe_reply(token, NULL, 0), 0);
    CHECK_EQUAL(agent_end(&agent), 0);
    CHECK_ERROR(transient_pipe("open", FLOW_QUEUE, token), ESTALE);
    agent_begin(&agent, SYSTEM_CALL_call, to_service, 1, CALL_PAYS, DEADLINE_NONE, 0);
    is_told(MESSAGE_CALL);
    token = pipe_received()->token;
    uint64_t own = own_information().quota_used, before = information_of(agent.pid).quota_used;
    long pipe = transient_pipe("open", FLOW_QUEUE, token);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    CHECK_EQUAL(own_information().quota_used, own);
    CHECK(information_of(agent.pid).quota_used > before + 4096); // the ring is a page
    CHECK_EQUAL(pipe_unhook(pipe), 0);
    struct attached attached = {.handles = {(uint32_t)pipe}, .handle_count = 1, .rights = {RIGHT_WRITE}};
    CHECK_EQUAL(pipe_reply_attached(token, NULL, 0, &attached), 0);
    CHECK_EQUAL(agent_end(&agent), 0);
    uint64_t given = agent.result.head.handle[0];
    has_counts("open", 2, 1, 2, 1);
    CHECK_ERROR(agent_call(&agent, SYSTEM_CALL_hook, given, KEY, 0, 0, 0), EACCES);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_send, given, 2, 0, DEADLINE_NOW, 0), 0);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_close, given, 0, 0, 0, 0), 0);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    is_told(MESSAGE_DATA);
    is_told(MESSAGE_CLOSED);
    CHECK_EQUAL(information_of(agent.pid).quota_used, before);
    agent_stop(&agent);
    own_remove("service", service);
}

// The end of one leads to the end of the next, in steps: neither a stack nor a pause limits how many they are.
static void chain_of_queues_ends(void) {
    uint64_t pipes = system_information().pipes;
    long last = 0;
    for (unsigned index = 0; index < CHAIN; index++) {
        char name[] = "chain000";
        name[5] = (char)('0' + index / 100);
        name[6] = (char)('0' + index / 10 % 10);
        name[7] = (char)('0' + index % 10);
        long queue = pipe_create_transient(own_path(name), FLOW_QUEUE, RULES_ALL, 1, 0, 0);
        REQUIRE(CHECK_SUCCESS(queue));
        struct attached attached = {.handles = {(uint32_t)last}, .handle_count = 1};
        if (last) {
            CHECK_EQUAL(pipe_send_attached(queue, "", 0, &attached, DEADLINE_NOW), 0);
            CHECK_EQUAL(pipe_close(last), 0);
        }
        last = queue;
    }
    CHECK_EQUAL(system_information().pipes, pipes + CHAIN);
    CHECK_EQUAL(pipe_close(last), 0);
    CHECK_EQUAL(system_information().pipes, pipes);
}

// How many entries of a process's handles are of this pipe; the last of them.
static unsigned handles_of(uint32_t pid, uint32_t number, struct info_handle *found) {
    struct info_request request = {.operation = INFO_HANDLES, .number = pid};
    struct info_handles handles;
    unsigned count = 0;
    long info = pipe_open("/kernel/info", RIGHT_WRITE);
    do {
        long length = pipe_call(info, &request, sizeof request, &handles, sizeof handles, DEADLINE_NONE);
        if (!CHECK(length >= (long)offsetof(struct info_handles, handle)))
            break;
        for (unsigned index = 0; index < handles.count; index++)
            if (handles.handle[index].type == HANDLE_PIPE && handles.handle[index].object == number) {
                *found = handles.handle[index];
                count++;
            }
        request.index = handles.next;
    } while (request.index);
    CHECK_EQUAL(pipe_close(info), 0);
    return count;
}

static void holders_are_found(void) {
    REQUIRE(agent_start(&agent, KIND_APP));
    long pipe = own_pipe("pipe", FLOW_EVENT);
    struct pipe_stat stat = {0};
    struct info_handle found = {0};
    CHECK_EQUAL(pipe_stat(pipe, &stat), 0);
    CHECK_EQUAL(handles_of(own_information().pid, stat.number, &found), 1);
    CHECK(found.handle == (uint32_t)pipe && found.rights == RIGHTS_ALL && !found.is_outside);
    CHECK_EQUAL(handles_of(agent.pid, stat.number, &found), 0);
    long held = agent_open(&agent, own_path("pipe"), RIGHT_WRITE);
    CHECK_EQUAL(handles_of(agent.pid, stat.number, &found), 1);
    CHECK(found.handle == (uint32_t)held && found.rights == RIGHT_WRITE && found.is_outside);
    struct info_request request = {.operation = INFO_HANDLES, .number = UINT32_MAX};
    long info = pipe_open("/kernel/info", RIGHT_WRITE);
    CHECK_ERROR(pipe_call(info, &request, sizeof request, NULL, 0, DEADLINE_NONE), ESRCH);
    CHECK_EQUAL(pipe_close(info), 0);
    agent_stop(&agent);
    own_remove("pipe", pipe);
}

static const struct test tests[] = {
    {"lives: a queue's stream begins and ends", stream_begins_and_ends},
    {"lives: a limit leaves the remainder of a message", limit_leaves_the_remainder},
    {"lives: a limit holds while its thread waits", limit_holds_while_waiting},
    {"lives: a transient pipe's owner is told of the last holder", owner_is_told_of_the_last_holder},
    {"lives: nobody writes to a transient pipe without readers", nobody_writes_without_readers},
    {"lives: a caller pays for what it opens", caller_pays_for_what_it_opens},
    {"lives: a chain of queues ends", chain_of_queues_ends},
    {"lives: the holders of a pipe are found", holders_are_found},
};

const struct suite life_suite = SUITE(tests);
