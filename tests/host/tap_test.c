// SPDX-License-Identifier: MIT
// Taps and the trace: they see what passes, pay for it themselves, count what they dropped and slow nothing.
#include "check.h"

#define CUT (TAP_BYTES - sizeof(struct tap_message)) // bytes of a payload that a tap surely keeps

static const struct tap_message *tap_of(const struct thread *thread) {
    return (const void *)thread->page->payload;
}

static const char *tapped_text(const struct thread *thread) {
    return (const char *)thread->page->payload + sizeof(struct tap_message);
}

static long tap(struct thread *thread, const char *path, uint64_t key) {
    long handle = must_open(thread, path, RIGHT_TAP);
    assert_int_equal(do_hook(thread, handle, key, HOOK_TAP), 0);
    return handle;
}

static void assert_tapped(struct thread *watcher, enum tap_operation operation, uint32_t pid, const char *text) {
    size_t length = strlen(text);
    assert_int_equal(do_wait(watcher, DEADLINE_NOW), sizeof(struct tap_message) + length);
    assert_int_equal(watcher->page->received.type, MESSAGE_TAP);
    assert_int_equal(watcher->page->received.pid, pid);
    assert_int_equal(tap_of(watcher)->operation, operation);
    assert_int_equal(tap_of(watcher)->length, length);
    assert_int_equal(tap_of(watcher)->time, host.now);
    assert_memory_equal(tapped_text(watcher), text, length);
}

static void test_a_tap_sees_and_takes_nothing(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP), *watcher = program_start(2, KIND_SERVER);
    long queue = must_create(sender, "/q", FLOW_QUEUE), topic = must_create(sender, "/t", FLOW_TOPIC);
    tap(watcher, "/q", 5);
    tap(watcher, "/t", 6);
    assert_int_equal(do_send(sender, queue, "to the queue", 0, DEADLINE_NOW), 0);
    assert_int_equal(do_send(sender, topic, "to the topic", 0, DEADLINE_NOW), 0);
    assert_tapped(watcher, TAP_SENT, 1, "to the queue");
    assert_int_equal(watcher->page->received.key, 5);
    assert_tapped(watcher, TAP_SENT, 1, "to the topic");
    assert_int_equal(watcher->page->received.key, 6);
    assert_error(do_wait(watcher, DEADLINE_NOW), EAGAIN);
    assert_int_equal(do_hook(sender, queue, 0, 0), 0);
    assert_int_equal(do_wait(sender, DEADLINE_NOW), 12);
    assert_page(sender, "to the queue");
}

static void test_a_tap_sees_calls_replies_and_signals(void **state) {
    (void)state;
    struct thread *server = program_start(1, KIND_SERVER), *client = program_start(2, KIND_APP);
    struct thread *watcher = program_start(3, KIND_SERVER);
    must_create(server, "/c", FLOW_CALL);
    must_hook(server, "/c", 0);
    long event = must_create(client, "/e", FLOW_EVENT);
    tap(watcher, "/c", 0);
    tap(watcher, "/e", 0);
    assert_blocked(do_call(client, must_open(client, "/c", RIGHT_WRITE), "ask", 0, DEADLINE_NONE));
    assert_tapped(watcher, TAP_CALLED, 2, "ask");
    assert_int_equal(do_wait(server, DEADLINE_NOW), 3);
    do_reply(server, server->page->received.token, "answer", 0);
    assert_tapped(watcher, TAP_REPLIED, 1, "answer");
    assert_blocked(do_call(client, must_open(client, "/c", RIGHT_WRITE), "ask", 0, DEADLINE_NONE));
    assert_int_equal(do_wait(server, DEADLINE_NOW), 3);
    do_reply_error(server, server->page->received.token, -PIPE_EPROTO);
    assert_tapped(watcher, TAP_CALLED, 2, "ask");
    assert_tapped(watcher, TAP_REPLIED, 1, "");
    assert_int_equal(do_signal(client, event, 0x1234), 0);
    pipens_signal(node_at("/e"), 0x5678);
    assert_int_equal(do_wait(watcher, DEADLINE_NOW), sizeof(struct tap_message) + sizeof(uint64_t));
    assert_int_equal(tap_of(watcher)->operation, TAP_SIGNALLED);
    assert_int_equal(*(const uint64_t *)(const void *)tapped_text(watcher), 0x1234);
    assert_int_equal(do_wait(watcher, DEADLINE_NOW), sizeof(struct tap_message) + sizeof(uint64_t));
    assert_int_equal(watcher->page->received.pid, 0);
    assert_int_equal(*(const uint64_t *)(const void *)tapped_text(watcher), 0x5678);
}

static void test_a_long_payload_is_cut(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER);
    long handle = do_create(thread, "/q", FLOW_QUEUE, RULES_OPEN, 0, PAYLOAD_MAX);
    tap(thread, "/q", 0);
    memset(thread->page->payload, 'z', PAYLOAD_MAX);
    assert_int_equal(pipens_send(&thread->waiter, (uint64_t)handle, PAYLOAD_MAX, 0, DEADLINE_NOW), 0);
    long length = do_wait(thread, DEADLINE_NOW);
    assert_true(length >= (long)TAP_BYTES && length < (long)PAYLOAD_MAX);
    assert_int_equal(tap_of(thread)->length, PAYLOAD_MAX);
    assert_int_equal(tapped_text(thread)[CUT - 1], 'z');
}

// A record has 512 bytes in the tap's ring; what fits between its heads and its end is kept, and no byte more.
static void test_a_payload_of_a_taps_length_is_kept_whole(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER);
    const uint32_t room = 512 - sizeof(struct slot) - sizeof(struct tap_message);
    long handle = do_create(thread, "/q", FLOW_QUEUE, RULES_OPEN, 0, PAYLOAD_MAX);
    tap(thread, "/q", 0);
    for (uint32_t length = room - 1; length <= room + 1; length++) {
        memset(thread->page->payload, 'a' + (int)(length % 26), PAYLOAD_MAX);
        assert_int_equal(pipens_send(&thread->waiter, (uint64_t)handle, length, 0, DEADLINE_NOW), 0);
    }
    for (uint32_t length = room - 1; length <= room + 1; length++) {
        uint32_t kept = length < room ? length : room;
        assert_int_equal(do_wait(thread, DEADLINE_NOW), sizeof(struct tap_message) + kept);
        assert_int_equal(tap_of(thread)->length, length);
        assert_int_equal(tapped_text(thread)[kept - 1], 'a' + (int)(length % 26));
    }
}

static void test_a_slow_tap_drops_the_oldest_and_counts(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP), *watcher = program_start(2, KIND_SERVER);
    long handle = must_create(sender, "/t", FLOW_TOPIC);
    tap(watcher, "/t", 0);
    char text[8];
    for (uint32_t number = 0; number < TAP_CAPACITY + 5; number++) {
        snprintf(text, sizeof text, "%u", number);
        assert_int_equal(do_send(sender, handle, text, 0, DEADLINE_NOW), 0);
    }
    assert_tapped(watcher, TAP_SENT, 1, "5");
    assert_int_equal(watcher->page->received.lost, 5);
    assert_tapped(watcher, TAP_SENT, 1, "6");
    assert_int_equal(watcher->page->received.lost, 0);
}

static void test_a_tap_never_slows_the_pipe(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP), *watcher = program_start(2, KIND_SERVER);
    long handle = do_create(sender, "/q", FLOW_QUEUE, RULES_OPEN, 2, 0);
    tap(watcher, "/q", 0);
    uint64_t allocations = host.allocations;
    for (uint32_t count = 0; count < 2; count++)
        assert_int_equal(do_send(sender, handle, "x", 0, DEADLINE_NOW), 0);
    assert_error(do_send(sender, handle, "x", 0, DEADLINE_NOW), EAGAIN); // full because of the queue alone
    assert_int_equal(host.allocations, allocations);
    assert_tapped(watcher, TAP_SENT, 1, "x");
    assert_tapped(watcher, TAP_SENT, 1, "x");
    assert_error(do_wait(watcher, DEADLINE_NOW), EAGAIN); // what was refused did not pass
}

static void test_a_tap_is_seen_and_paid_by_who_taps(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_APP), *watcher = program_start(2, KIND_SERVER);
    long handle = must_create(owner, "/q", FLOW_QUEUE);
    uint64_t used = owner->process->account->used, watchers = watcher->process->account->used;
    struct pipe_stat stat;
    long of_tap = tap(watcher, "/q", 0);
    assert_int_equal(owner->process->account->used, used);
    assert_true(watcher->process->account->used > watchers + TAP_CAPACITY * TAP_BYTES);
    do_stat(owner, handle, "", &stat);
    assert_int_equal(stat.taps, 1);
    assert_int_equal(stat.hooks, 0);
    assert_int_equal(stat.flags, STAT_TAPPED);
    assert_int_equal(do_unhook(watcher, of_tap), 0);
    do_stat(owner, handle, "", &stat);
    assert_int_equal(stat.flags, 0);
    assert_int_equal(node_at("/q")->special, 0); // back on the fast path
}

static void test_a_tap_outlives_its_pipe_until_it_is_read(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_APP), *watcher = program_start(2, KIND_SERVER);
    long handle = must_create(owner, "/q", FLOW_QUEUE);
    tap(watcher, "/q", 0);
    assert_int_equal(do_send(owner, handle, "last", 0, DEADLINE_NOW), 0);
    assert_int_equal(do_remove(owner, "/q"), 0);
    assert_tapped(watcher, TAP_SENT, 1, "last");
    assert_int_equal(do_wait(watcher, DEADLINE_NOW), 0);
    assert_int_equal(watcher->page->received.type, MESSAGE_GONE);
    assert_error(do_wait(watcher, DEADLINE_NOW), EAGAIN);
}

static void test_a_tap_sees_a_sender_that_waits(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP), *watcher = program_start(2, KIND_SERVER);
    long handle = do_create(sender, "/q", FLOW_QUEUE, RULES_OPEN, 1, 0);
    tap(watcher, "/q", 0);
    assert_int_equal(do_send(sender, handle, "first", 0, DEADLINE_NONE), 0);
    assert_blocked(do_send(sender, handle, "second", 0, DEADLINE_NONE));
    assert_tapped(watcher, TAP_SENT, 1, "first");
    assert_tapped(watcher, TAP_SENT, 1, "second");
}

// The end that a tap is told is not the message of the hooks: no last count, no messages that it would have lost.
static void test_a_tap_has_no_part_in_what_the_hooks_lose(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_APP), *watcher = program_start(2, KIND_SERVER);
    static const enum flow flows[] = {FLOW_EVENT, FLOW_TOPIC};
    for (size_t index = 0; index < sizeof flows / sizeof *flows; index++) {
        long handle = must_create(owner, "/p", flows[index]);
        tap(watcher, "/p", 0);
        assert_int_equal(do_send(owner, handle, "x", 0, DEADLINE_NOW), 0);
        assert_true(do_wait(watcher, DEADLINE_NOW) > 0);
        assert_int_equal(do_remove(owner, "/p"), 0);
        assert_int_equal(do_wait(watcher, DEADLINE_NOW), 0);
        assert_int_equal(watcher->page->received.type, MESSAGE_GONE);
        assert_int_equal(watcher->page->received.lost, 0);
    }
}

// ---- The trace ----

static const struct trace_record *record_of(const struct thread *thread) {
    return (const void *)thread->page->payload;
}

static void assert_traced(struct thread *watcher, enum trace_operation operation, uint32_t pid, uint32_t pipe,
                          uint32_t length, uint64_t value) {
    assert_int_equal(do_wait(watcher, DEADLINE_NOW), sizeof(struct trace_record));
    assert_int_equal(record_of(watcher)->operation, operation);
    assert_int_equal(record_of(watcher)->pid, pid);
    assert_int_equal(record_of(watcher)->pipe, pipe);
    assert_int_equal(record_of(watcher)->length, length);
    assert_int_equal(record_of(watcher)->value, value);
    assert_int_equal(record_of(watcher)->time, host.now);
}

static void test_the_trace_records_every_operation(void **state) {
    (void)state;
    struct thread *server = program_start(1, KIND_SERVER), *client = program_start(2, KIND_APP);
    struct thread *watcher = program_start(3, KIND_SERVER);
    must_create(server, "/c", FLOW_CALL);
    must_hook(server, "/c", 0);
    long queue = must_create(client, "/q", FLOW_QUEUE), event = must_create(client, "/e", FLOW_EVENT);
    long call = must_open(client, "/c", RIGHT_WRITE);
    assert_int_equal(do_send(client, queue, "before", 0, DEADLINE_NOW), 0); // nobody looks
    must_hook(watcher, "/bus/trace", 0);
    assert_int_equal(do_send(client, queue, "send", 0, DEADLINE_NOW), 0);
    assert_blocked(do_call(client, call, "ask", 0, DEADLINE_NONE));
    assert_int_equal(do_wait(server, DEADLINE_NOW), 3);
    uint64_t token = server->page->received.token;
    do_reply(server, token, "answer", 0);
    assert_int_equal(do_signal(client, event, 77), 0);
    assert_error(do_open(client, "/none", RIGHT_READ), ENOENT);
    assert_error(do_send(client, must_open(client, "/c", RIGHT_READ), "x", 0, DEADLINE_NOW), EACCES);
    pipens_denied(&client->process->principal, NULL, -PIPE_EPERM);
    pipens_trace_death(&client->process->principal, 9);
    assert_traced(watcher, TRACE_SEND, 2, node_at("/q")->number, 4, 0);
    assert_traced(watcher, TRACE_CALL, 2, node_at("/c")->number, 3, 0);
    assert_traced(watcher, TRACE_REPLY, 1, node_at("/c")->number, 6, token);
    assert_traced(watcher, TRACE_SIGNAL, 2, node_at("/e")->number, 8, 77);
    assert_traced(watcher, TRACE_DENIED, 2, node_at("/c")->number, 0, PIPE_EACCES);
    assert_traced(watcher, TRACE_DENIED, 2, 0, 0, PIPE_EPERM);
    assert_traced(watcher, TRACE_DEATH, 2, 0, 0, 9);
    assert_error(do_wait(watcher, DEADLINE_NOW), EAGAIN);
}

static void test_what_the_kernel_publishes_is_traced(void **state) {
    (void)state;
    struct thread *watcher = program_start(3, KIND_SERVER);
    const struct node_plan plan = {FLOW_TOPIC, RULES_OPEN, 0, 0};
    long error = 0;
    struct node *log = node_create(&host.names.kernel, "/log", 4, &plan, &error);
    must_hook(watcher, "/bus/trace", 0);
    pipens_publish(log, "line", 4);
    assert_traced(watcher, TRACE_SEND, 0, log->number, 4, 0);
}

static void test_the_trace_costs_nothing_when_nobody_reads(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER), *second = program_start(2, KIND_APP);
    long queue = must_create(thread, "/q", FLOW_QUEUE);
    long first = must_hook(thread, "/bus/trace", 0), other = must_hook(second, "/bus/trace", 0);
    assert_int_equal(do_unhook(thread, first), 0);
    assert_true(host.names.is_traced);
    assert_int_equal(do_unhook(second, other), 0);
    assert_false(host.names.is_traced);
    uint64_t in = host.names.trace->in;
    assert_int_equal(do_send(thread, queue, "x", 0, DEADLINE_NOW), 0);
    assert_int_equal(host.names.trace->in, in);
    must_hook(second, "/bus/trace", 0);
    process_end(second->process);
    assert_false(host.names.is_traced);
}

static void test_the_trace_does_not_trace_itself(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER), *app = program_start(2, KIND_APP);
    must_hook(thread, "/bus/trace", 0);
    tap(thread, "/bus/trace", 1);
    uint64_t in = host.names.trace->in;
    assert_error(do_send(app, must_open(app, "/bus/trace", RIGHT_READ), "forged", 0, DEADLINE_NOW), EACCES);
    assert_int_equal(host.names.trace->in, in);
    assert_int_equal(host.names.trace->denied, 1);
    assert_error(do_open(app, "/bus/trace", RIGHT_WRITE), EACCES);
}

static void test_a_tap_on_the_trace_does_not_start_it(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER);
    long handle = tap(thread, "/bus/trace", 1);
    assert_false(host.names.is_traced);
    must_hook(thread, "/bus/trace", 0);
    assert_int_equal(do_unhook(thread, handle), 0);
    assert_true(host.names.is_traced); // by the hook
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_a_tap_sees_and_takes_nothing),
        SCENE_TEST(test_a_tap_sees_calls_replies_and_signals),
        SCENE_TEST(test_a_long_payload_is_cut),
        SCENE_TEST(test_a_payload_of_a_taps_length_is_kept_whole),
        SCENE_TEST(test_a_slow_tap_drops_the_oldest_and_counts),
        SCENE_TEST(test_a_tap_never_slows_the_pipe),
        SCENE_TEST(test_a_tap_is_seen_and_paid_by_who_taps),
        SCENE_TEST(test_a_tap_outlives_its_pipe_until_it_is_read),
        SCENE_TEST(test_a_tap_sees_a_sender_that_waits),
        SCENE_TEST(test_a_tap_has_no_part_in_what_the_hooks_lose),
        SCENE_TEST(test_the_trace_records_every_operation),
        SCENE_TEST(test_what_the_kernel_publishes_is_traced),
        SCENE_TEST(test_the_trace_costs_nothing_when_nobody_reads),
        SCENE_TEST(test_the_trace_does_not_trace_itself),
        SCENE_TEST(test_a_tap_on_the_trace_does_not_start_it),
    };
    return scene_run(tests);
}
