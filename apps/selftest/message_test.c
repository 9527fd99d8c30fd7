// SPDX-License-Identifier: MIT
// Messages: lengths, the header that the kernel stamps, and what each flow and each kind of hook delivers.
#include "agent.h"
#include "process.h"

#include <string.h>

#define KEY 0x1234567890abcdefull
#define CANARY 0xa5
#define SIGNALS 1000u

// Fills this thread's page: what a message does not write keeps it.
static void page_fill(void) {
    memset(pipe_message(), CANARY, sizeof(struct message));
}

// Whether the payload holds this byte from one offset to another.
static bool payload_is(unsigned first, unsigned end, uint8_t byte) {
    const uint8_t *payload = pipe_payload();
    for (unsigned index = first; index < end; index++)
        if (payload[index] != byte)
            return false;
    return true;
}

static void bytes_and_lengths(void) {
    static const unsigned lengths[] = {0, 1, 63, 64, 65, 4000, PAYLOAD_MAX - 1, PAYLOAD_MAX};
    long queue = pipe_create(own_path("queue"), FLOW_QUEUE, RULES_ALL, 4, PAYLOAD_MAX);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    for (unsigned index = 0; index < sizeof lengths / sizeof *lengths; index++) {
        static uint8_t bytes[PAYLOAD_MAX];
        unsigned length = lengths[index];
        memset(bytes, (int)index + 1, sizeof bytes);
        CHECK_EQUAL(pipe_send(queue, bytes, length, DEADLINE_NOW), 0);
        page_fill();
        CHECK_EQUAL(pipe_wait(DEADLINE_NOW), length);
        CHECK_EQUAL(pipe_received()->length, length);
        CHECK(payload_is(0, length, (uint8_t)(index + 1)) && payload_is(length, PAYLOAD_MAX, CANARY));
    }
    CHECK_ERROR(pipe_send(queue, "", PAYLOAD_MAX + 1, DEADLINE_NOW), EMSGSIZE);
    CHECK_ERROR(pipe_send(queue, "", UINT32_MAX, DEADLINE_NOW), EMSGSIZE);
    own_remove("queue", queue);
}

// The sender writes a header of its own; the receiver sees nothing of it.
static void header_is_the_kernels(void) {
    struct info_process self = own_information();
    long queue = own_pipe("queue", FLOW_QUEUE);
    struct pipe_stat stat = {0};
    CHECK_EQUAL(pipe_stat(queue, &stat), 0);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    page_fill();
    CHECK_EQUAL(system_call(SYSTEM_CALL_send, (uint64_t)queue, 8, 0, DEADLINE_NOW, 0), 0);
    page_fill();
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 8);
    struct message_received head = *pipe_received();
    struct message_received expected = {.key = KEY,
                                        .pid = self.pid,
                                        .generation = self.generation,
                                        .length = 8,
                                        .kind = (uint8_t)self.kind,
                                        .type = MESSAGE_DATA,
                                        .pipe = stat.number};
    CHECK_EQUAL(memcmp(&head, &expected, sizeof head), 0);
    own_remove("queue", queue);
}

static void kind_is_the_senders(void) {
    long queue = own_pipe("queue", FLOW_QUEUE);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        static struct agent agent;
        REQUIRE(agent_start(&agent, (enum kind)kind));
        uint64_t handle = (uint64_t)agent_open(&agent, own_path("queue"), RIGHT_WRITE);
        memset(&agent.command.head, CANARY, sizeof agent.command.head);
        CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_send, handle, 3, 0, DEADLINE_NOW, 0), 0);
        CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
        CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 3);
        CHECK_EQUAL(pipe_received()->kind, kind);
        CHECK_EQUAL(pipe_received()->pid, agent.pid);
        uint32_t generation = pipe_received()->generation;
        CHECK_EQUAL(generation, information_of(agent.pid).generation);
        CHECK_EQUAL(pipe_unhook(queue), 0);
        agent_stop(&agent);
    }
    own_remove("queue", queue);
}

static void queue_keeps_order(void) {
    long queue = own_pipe("queue", FLOW_QUEUE);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    for (uint32_t number = 0; number < CAPACITY_DEFAULT; number++)
        CHECK_EQUAL(pipe_send(queue, &number, sizeof number, DEADLINE_NOW), 0);
    for (uint32_t number = 0; number < CAPACITY_DEFAULT; number++) {
        uint32_t received;
        CHECK_EQUAL(pipe_wait(DEADLINE_NOW), sizeof received);
        memcpy(&received, pipe_payload(), sizeof received);
        CHECK_EQUAL(received, number);
    }
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
    own_remove("queue", queue);
}

// A topic never holds a sender up: a slow hook loses the oldest, and is told how many.
static void topic_drops_the_oldest(void) {
    const uint32_t capacity = 4, sent = 10;
    long topic = pipe_create(own_path("topic"), FLOW_TOPIC, RULES_ALL, capacity, 0);
    long second = own_open("topic", RIGHT_READ);
    CHECK_EQUAL(pipe_hook(topic, 1, 0), 0);
    CHECK_EQUAL(pipe_hook(second, 2, 0), 0);
    for (uint32_t number = 0; number < sent; number++)
        CHECK_EQUAL(pipe_send(topic, &number, sizeof number, DEADLINE_NOW), 0);
    uint32_t next[3] = {0, sent - capacity, sent - capacity};
    for (uint32_t count = 0; count < 2 * capacity; count++) {
        uint32_t received;
        CHECK_EQUAL(pipe_wait(DEADLINE_NOW), sizeof received);
        struct message_received head = *pipe_received();
        memcpy(&received, pipe_payload(), sizeof received);
        REQUIRE(CHECK(head.key == 1 || head.key == 2));
        CHECK_EQUAL(head.lost, received == sent - capacity ? sent - capacity : 0);
        CHECK_EQUAL(received, next[head.key]++);
    }
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
    CHECK_EQUAL(pipe_close(second), 0);
    own_remove("topic", topic);
}

// Invariant 4, as far as it shows without hardware: an event is a counter, so that none is lost.
static void event_counts(void) {
    struct event_message event = {0};
    long pipe = own_pipe("event", FLOW_EVENT);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    for (uint64_t value = 1; value <= SIGNALS; value++)
        CHECK_EQUAL(pipe_signal(pipe, value), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), sizeof event);
    memcpy(&event, pipe_payload(), sizeof event);
    CHECK(event.count == SIGNALS && event.total == SIGNALS && event.value == SIGNALS && event.time != 0);
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
    CHECK_EQUAL(pipe_signal(pipe, UINT64_MAX), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), sizeof event);
    memcpy(&event, pipe_payload(), sizeof event);
    CHECK(event.count == 1 && event.total == SIGNALS + 1 && event.value == UINT64_MAX);
    own_remove("event", pipe);
}

// Invariant 3: a hook on a pipe that has something is ready at once; a hook that waits is woken.
static void no_wakeup_is_lost(void) {
    for (unsigned round = 0; round < 2; round++) {
        static const enum flow flows[] = {FLOW_QUEUE, FLOW_TOPIC, FLOW_EVENT};
        for (unsigned index = 0; index < 3; index++) {
            long pipe = own_pipe("pipe", flows[index]);
            if (round == 0)
                CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
            CHECK_EQUAL(pipe_send(pipe, "x", 1, DEADLINE_NOW), 0);
            if (round == 1)
                CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
            CHECK_SUCCESS(pipe_wait(DEADLINE_NOW));
            own_remove("pipe", pipe);
        }
    }
}

// A thread's ready hooks are served in the order in which they became ready: a busy pipe starves no other.
static void ready_hooks_take_turns(void) {
    long busy = own_pipe("busy", FLOW_QUEUE), quiet = own_pipe("quiet", FLOW_QUEUE);
    CHECK_EQUAL(pipe_hook(busy, 1, 0), 0);
    CHECK_EQUAL(pipe_hook(quiet, 2, 0), 0);
    for (unsigned count = 0; count < 3; count++)
        CHECK_EQUAL(pipe_send(busy, "b", 1, DEADLINE_NOW), 0);
    CHECK_EQUAL(pipe_send(quiet, "q", 1, DEADLINE_NOW), 0);
    static const uint64_t order[] = {1, 2, 1, 1};
    for (unsigned index = 0; index < 4; index++) {
        CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 1);
        CHECK_EQUAL(pipe_received()->key, order[index]);
    }
    own_remove("busy", busy);
    own_remove("quiet", quiet);
}

static void directory_tells_of_names(void) {
    struct change_message change;
    long directory = own_pipe("directory", FLOW_DIRECTORY);
    CHECK_EQUAL(pipe_hook(directory, KEY, 0), 0);
    own_remove("directory/name", own_pipe("directory/name", FLOW_TOPIC));
    for (uint32_t added = 2; added-- > 0;) {
        CHECK_EQUAL(pipe_wait(DEADLINE_NOW), sizeof change);
        CHECK_EQUAL(pipe_received()->type, MESSAGE_CHANGE);
        memcpy(&change, pipe_payload(), sizeof change);
        CHECK(change.added == added && change.flow == FLOW_TOPIC && strcmp(change.name, "name") == 0);
    }
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
    own_remove("directory", directory);
}

// A hook learns that its pipe was removed; an event's last count comes with it.
static void hook_outlives_its_pipe(void) {
    struct event_message event = {0};
    long pipe = own_pipe("event", FLOW_EVENT);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    CHECK_EQUAL(pipe_signal(pipe, 5), 0);
    CHECK_EQUAL(pipe_remove(own_path("event")), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), sizeof event);
    memcpy(&event, pipe_payload(), sizeof event);
    CHECK(pipe_received()->type == MESSAGE_GONE && event.count == 1 && event.value == 5);
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
    CHECK_EQUAL(pipe_close(pipe), 0);
}

// A tap sees what passes, is visible, and takes nothing away.
static void tap_sees_what_passes(void) {
    struct tap_message tap;
    struct pipe_stat stat = {0};
    long queue = own_pipe("queue", FLOW_QUEUE), tapped = own_open("queue", RIGHT_TAP);
    CHECK_EQUAL(pipe_hook(tapped, KEY, HOOK_TAP), 0);
    CHECK_EQUAL(pipe_send(queue, "seen", 4, DEADLINE_NOW), 0);
    CHECK_EQUAL(pipe_stat(queue, &stat), 0);
    CHECK(stat.taps == 1 && stat.flags == STAT_TAPPED && stat.depth == 1);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), sizeof tap + 4);
    CHECK(pipe_received()->type == MESSAGE_TAP && pipe_received()->pid == process_id());
    memcpy(&tap, pipe_payload(), sizeof tap);
    CHECK(tap.operation == TAP_SENT && tap.length == 4);
    CHECK_EQUAL(memcmp((const uint8_t *)pipe_payload() + sizeof tap, "seen", 4), 0);
    CHECK_EQUAL(pipe_close(tapped), 0);
    own_remove("queue", queue);
}

// Whether the trace holds a record of this process's with this operation, pipe and value. Takes all records.
static bool is_traced(enum trace_operation operation, uint32_t number, uint64_t value) {
    struct trace_record record;
    bool found = false;
    while (pipe_wait(DEADLINE_NOW) == sizeof record) {
        memcpy(&record, pipe_payload(), sizeof record);
        found |= record.operation == operation && record.pid == process_id() && record.pipe == number &&
                 record.value == value && record.time != 0;
    }
    return found;
}

// The trace records what passes, and what was refused, on every pipe.
static void trace_records_all(void) {
    struct pipe_stat stat = {0};
    long trace = pipe_open("/bus/trace", RIGHT_READ), queue = own_pipe("queue", FLOW_QUEUE);
    long event = own_pipe("event", FLOW_EVENT), reader = own_open("queue", RIGHT_READ);
    CHECK_EQUAL(pipe_hook(trace, KEY, 0), 0);
    CHECK_EQUAL(pipe_stat(queue, &stat), 0);
    CHECK_EQUAL(pipe_send(queue, "x", 1, DEADLINE_NOW), 0);
    CHECK(is_traced(TRACE_SEND, stat.number, 0));
    CHECK_ERROR(pipe_send(reader, "x", 1, DEADLINE_NOW), EACCES);
    CHECK(is_traced(TRACE_DENIED, stat.number, PIPE_EACCES));
    CHECK_EQUAL(pipe_stat(event, &stat), 0);
    CHECK_EQUAL(pipe_signal(event, 77), 0);
    CHECK(is_traced(TRACE_SIGNAL, stat.number, 77));
    CHECK_EQUAL(pipe_close(trace), 0);
    CHECK_EQUAL(pipe_close(reader), 0);
    own_remove("event", event);
    own_remove("queue", queue);
}

static const struct test tests[] = {
    {"messages: 0 to 4032 bytes, and none after the length", bytes_and_lengths},
    {"invariant 9: the header is the kernel's word", header_is_the_kernels},
    {"invariant 9: kind, pid and generation are the sender's own", kind_is_the_senders},
    {"messages: a queue keeps their order", queue_keeps_order},
    {"messages: a topic drops the oldest and counts them", topic_drops_the_oldest},
    {"invariant 4: an event loses no signal", event_counts},
    {"invariant 3: no wakeup is lost", no_wakeup_is_lost},
    {"messages: ready hooks take turns", ready_hooks_take_turns},
    {"messages: a directory tells its hooks of names", directory_tells_of_names},
    {"messages: a hook outlives its pipe", hook_outlives_its_pipe},
    {"messages: a tap sees what passes", tap_sees_what_passes},
    {"messages: the trace records all that passes, and what was refused", trace_records_all},
};

const struct suite message_suite = SUITE(tests);
