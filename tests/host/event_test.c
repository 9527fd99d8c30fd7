// SPDX-License-Identifier: MIT
// Events: counters. Signals coalesce, and none is lost.
#include "check.h"

static const struct event_message *event_of(const struct thread *thread) {
    return (const void *)thread->page->payload;
}

// The next message tells of `count` signals of `total`, the last with `value`.
static void assert_event(struct thread *thread, uint64_t count, uint64_t total, uint64_t value) {
    assert_int_equal(do_wait(thread, DEADLINE_NOW), sizeof(struct event_message));
    assert_int_equal(thread->page->received.type, MESSAGE_EVENT);
    assert_int_equal(event_of(thread)->count, count);
    assert_int_equal(event_of(thread)->total, total);
    assert_int_equal(event_of(thread)->value, value);
}

static void test_signals_coalesce_and_none_is_lost(void **state) {
    (void)state;
    struct thread *signaller = program_start(1, KIND_DRIVER), *reader = program_start(2, KIND_APP);
    long handle = must_create(signaller, "/e", FLOW_EVENT);
    must_hook(reader, "/e", 0);
    for (uint64_t value = 1; value <= 1000; value++)
        assert_int_equal(do_signal(signaller, handle, value << 32), 0);
    host.now += 5;
    assert_event(reader, 1000, 1000, 1000ull << 32);
    assert_int_equal(event_of(reader)->time, host.now - 5);
    assert_int_equal(reader->page->received.pid, 1);
    assert_int_equal(reader->page->received.kind, KIND_DRIVER);
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
    assert_int_equal(do_signal(signaller, handle, 7), 0);
    assert_event(reader, 1, 1001, 7);
}

static void test_each_hook_counts_for_itself(void **state) {
    (void)state;
    struct thread *signaller = program_start(1, KIND_DRIVER);
    struct thread *first = program_start(2, KIND_APP), *second = program_start(3, KIND_APP);
    long handle = must_create(signaller, "/e", FLOW_EVENT);
    must_hook(first, "/e", 0);
    must_hook(second, "/e", 0);
    assert_blocked(do_wait(first, DEADLINE_NONE));
    assert_int_equal(do_signal(signaller, handle, 1), 0);
    assert_int_equal(event_of(first)->count, 1);
    assert_int_equal(do_signal(signaller, handle, 2), 0);
    assert_event(second, 2, 2, 2);
    assert_event(first, 1, 2, 2);
}

static void test_invariant_3_signals_before_the_hook_make_it_ready(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_DRIVER);
    long handle = must_create(thread, "/e", FLOW_EVENT);
    struct pipe_stat stat;
    assert_int_equal(do_signal(thread, handle, 1), 0);
    assert_int_equal(do_signal(thread, handle, 2), 0);
    do_stat(thread, handle, "", &stat);
    assert_int_equal(stat.depth, 2);
    assert_int_equal(stat.oldest, host.now);
    assert_int_equal(do_hook(thread, handle, 0, 0), 0);
    assert_event(thread, 2, 2, 2);
    assert_int_equal(do_unhook(thread, handle), 0);
    do_stat(thread, handle, "", &stat);
    assert_int_equal(stat.depth, 0);
    assert_int_equal(stat.oldest, 0);
    assert_int_equal(do_hook(thread, handle, 0, 0), 0);
    assert_error(do_wait(thread, DEADLINE_NOW), EAGAIN);
}

static void test_the_kernel_signals(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_DRIVER);
    must_create(thread, "/e", FLOW_EVENT);
    must_hook(thread, "/e", 0);
    assert_blocked(do_wait(thread, DEADLINE_NONE));
    pipens_signal(node_at("/e"), 99);
    scene_audit("a signal");
    assert_false(thread->is_blocked);
    assert_int_equal(event_of(thread)->value, 99);
    assert_int_equal(thread->page->received.pid, 0);
    assert_int_equal(thread->page->received.kind, KIND_SERVER);
}

static void test_a_signal_has_no_attachments(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_DRIVER);
    long handle = must_create(thread, "/e", FLOW_EVENT);
    assert_error(do_send(thread, handle, "", ATTACH_HANDLES(1), DEADLINE_NOW), ENOTSUP);
    assert_error(do_send(thread, handle, "", ATTACH_LEASES(1), DEADLINE_NOW), ENOTSUP);
    assert_int_equal(node_at("/e")->total, 0);
}

static void test_a_removed_event_gives_its_last_count(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_DRIVER), *reader = program_start(2, KIND_APP);
    struct thread *idle = program_start(3, KIND_APP);
    long handle = must_create(owner, "/e", FLOW_EVENT);
    must_hook(reader, "/e", 6);
    must_hook(idle, "/e", 0);
    assert_int_equal(do_signal(owner, handle, 1), 0);
    assert_event(idle, 1, 1, 1);
    assert_int_equal(do_signal(owner, handle, 2), 0);
    assert_event(idle, 1, 2, 2);
    assert_blocked(do_wait(idle, DEADLINE_NONE));
    assert_int_equal(do_remove(owner, "/e"), 0);
    assert_int_equal(do_wait(reader, DEADLINE_NOW), sizeof(struct event_message));
    assert_int_equal(reader->page->received.type, MESSAGE_GONE);
    assert_int_equal(reader->page->received.key, 6);
    assert_int_equal(event_of(reader)->count, 2);
    assert_int_equal(event_of(reader)->value, 2);
    assert_int_equal(idle->page->received.type, MESSAGE_GONE);
    assert_int_equal(event_of(idle)->count, 0);
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
}

// Who signalled last is named with its generation, also when it has ended and another has its number.
static void test_an_event_names_its_signaller(void **state) {
    (void)state;
    struct thread *signaller = program_start(1, KIND_DRIVER), *reader = program_start(2, KIND_APP);
    signaller->process->principal.generation = 9;
    long handle = must_create(signaller, "/e", FLOW_EVENT);
    must_hook(reader, "/e", 0);
    assert_int_equal(do_signal(signaller, handle, 1), 0);
    assert_event(reader, 1, 1, 1);
    assert_int_equal(reader->page->received.pid, 1);
    assert_int_equal(reader->page->received.generation, 9);
    assert_int_equal(reader->page->received.token, 0); // nobody waits for a reply
    assert_int_equal(reader->page->received.lost, 0);
    pipens_signal(node_at("/e"), 2);
    assert_event(reader, 1, 2, 2);
    assert_int_equal(reader->page->received.pid, 0);
    assert_int_equal(reader->page->received.generation, 0);
}

static void test_signals_and_takings_are_counted(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_DRIVER);
    long handle = must_create(thread, "/e", FLOW_EVENT);
    struct pipe_stat stat;
    assert_int_equal(do_hook(thread, handle, 0, 0), 0);
    assert_int_equal(do_signal(thread, handle, 1), 0);
    pipens_signal(node_at("/e"), 2);
    assert_event(thread, 2, 2, 2);
    do_stat(thread, handle, "", &stat);
    assert_int_equal(stat.in, 2);
    assert_int_equal(stat.out, 1); // messages
}

// Only the pipe of a line is one.
static void test_an_ordinary_event_touches_no_line(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_DRIVER);
    long handle = must_create(thread, "/e", FLOW_EVENT);
    assert_int_equal(do_hook(thread, handle, 0, 0), 0);
    assert_int_equal(do_unhook(thread, handle), 0);
    for (uint32_t line = 0; line < HOST_LINES; line++)
        assert_int_equal(host.lines[line].changes, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_signals_coalesce_and_none_is_lost),
        SCENE_TEST(test_each_hook_counts_for_itself),
        SCENE_TEST(test_invariant_3_signals_before_the_hook_make_it_ready),
        SCENE_TEST(test_the_kernel_signals),
        SCENE_TEST(test_a_signal_has_no_attachments),
        SCENE_TEST(test_a_removed_event_gives_its_last_count),
        SCENE_TEST(test_an_event_names_its_signaller),
        SCENE_TEST(test_signals_and_takings_are_counted),
        SCENE_TEST(test_an_ordinary_event_touches_no_line),
    };
    return scene_run(tests);
}
