// SPDX-License-Identifier: MIT
// Topics: a message goes to every hook; the sender never waits; who reads too slowly loses the oldest and is told how
// many.
#include "check.h"

#define SMALL 4u // messages that the topics of these tests hold

static long small_topic(struct thread *thread) {
    long handle = do_create(thread, "/t", FLOW_TOPIC, RULES_OPEN, SMALL, 0);
    assert_true(handle > 0);
    return handle;
}

static void publish(struct thread *thread, long handle, uint32_t from, uint32_t to) {
    char text[16];
    for (uint32_t number = from; number < to; number++) {
        snprintf(text, sizeof text, "%u", number);
        assert_int_equal(do_send(thread, handle, text, 0, DEADLINE_NONE), 0);
    }
}

// The next message is this number, after `lost` lost ones.
static void assert_next(struct thread *thread, uint32_t number, uint32_t lost) {
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    assert_int_equal(do_wait(thread, DEADLINE_NOW), strlen(text));
    assert_page(thread, text);
    assert_int_equal(thread->page->received.lost, lost);
}

static void test_every_hook_gets_every_message(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_SERVER);
    struct thread *waiting = program_start(2, KIND_APP), *later = program_start(3, KIND_APP);
    long handle = small_topic(sender);
    must_hook(waiting, "/t", 0);
    must_hook(later, "/t", 0);
    assert_blocked(do_wait(waiting, DEADLINE_NONE));
    publish(sender, handle, 0, 2);
    assert_page(waiting, "0");
    assert_next(waiting, 1, 0);
    assert_next(later, 0, 0);
    assert_next(later, 1, 0);
    assert_error(do_wait(later, DEADLINE_NOW), EAGAIN);
    assert_int_equal(node_at("/t")->in, 2);
    assert_int_equal(node_at("/t")->out, 4);
}

static void test_a_slow_reader_is_told_what_it_lost(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_SERVER);
    struct thread *quick = program_start(2, KIND_APP), *slow = program_start(3, KIND_APP);
    long handle = small_topic(sender);
    must_hook(quick, "/t", 0);
    must_hook(slow, "/t", 0);
    publish(sender, handle, 0, SMALL);
    for (uint32_t number = 0; number < SMALL; number++)
        assert_next(quick, number, 0);
    publish(sender, handle, SMALL, SMALL + 3);
    assert_next(quick, SMALL, 0);
    assert_next(slow, 3, 3);
    assert_next(slow, 4, 0);
    assert_int_equal(node_at("/t")->dropped, 3);
    publish(sender, handle, 100, 100 + 2 * SMALL);
    assert_next(slow, 100 + SMALL, 2 + SMALL);
}

static void test_a_late_hook_reads_what_is_still_held(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_SERVER), *late = program_start(2, KIND_APP);
    long handle = small_topic(sender);
    publish(sender, handle, 0, SMALL + 2);
    must_hook(late, "/t", 0);
    for (uint32_t number = 2; number < SMALL + 2; number++)
        assert_next(late, number, 0);
    assert_error(do_wait(late, DEADLINE_NOW), EAGAIN);
}

static void test_what_a_topic_refuses(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER);
    long handle = do_create(thread, "/t", FLOW_TOPIC, RULES_OPEN, SMALL, 100);
    struct pipe_stat stat;
    do_stat(thread, handle, "", &stat);
    thread->page->sent.handle[0] = (uint32_t)handle;
    assert_error(do_send(thread, handle, "x", ATTACH_HANDLES(1), DEADLINE_NOW), ENOTSUP);
    assert_error(do_send(thread, handle, "x", (uint64_t)1 << 63, DEADLINE_NOW), ENOTSUP);
    assert_error(pipens_send(&thread->waiter, (uint64_t)handle, stat.payload_max + 1, 0, DEADLINE_NOW), EMSGSIZE);
    assert_error(pipens_send(&thread->waiter, (uint64_t)handle, UINT64_MAX, 0, DEADLINE_NOW), EMSGSIZE);
    assert_int_equal(node_at("/t")->in, 0);
    assert_int_equal(pipens_send(&thread->waiter, (uint64_t)handle, stat.payload_max, 0, DEADLINE_NOW), 0);
}

static void test_the_kernel_publishes(void **state) {
    (void)state;
    struct thread *reader = program_start(2, KIND_APP);
    const struct node_plan plan = {FLOW_TOPIC, RULES_OPEN, SMALL, 0};
    long error = 0;
    struct node *log = node_create(&host.names.kernel, "/log", 4, &plan, &error);
    must_hook(reader, "/log", 0);
    pipens_publish(log, "line", 4);
    assert_int_equal(do_wait(reader, DEADLINE_NOW), 4);
    assert_page(reader, "line");
    assert_int_equal(reader->page->received.pid, 0);
    assert_int_equal(do_hook(reader, must_open(reader, "/log", RIGHT_TAP), 0, HOOK_TAP), 0);
    pipens_publish(log, "more", 4);
    assert_int_equal(do_wait(reader, DEADLINE_NOW), sizeof(struct tap_message) + 4);
    assert_int_equal(reader->page->received.type, MESSAGE_TAP);
}

static void test_a_removed_topic_tells_its_hooks_what_they_lost(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_SERVER), *reader = program_start(2, KIND_APP);
    long handle = small_topic(sender);
    must_hook(reader, "/t", 4);
    publish(sender, handle, 0, 3);
    assert_next(reader, 0, 0);
    assert_int_equal(do_remove(sender, "/t"), 0);
    assert_int_equal(do_wait(reader, DEADLINE_NOW), 0);
    assert_int_equal(reader->page->received.type, MESSAGE_GONE);
    assert_int_equal(reader->page->received.lost, 2);
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_every_hook_gets_every_message),
        SCENE_TEST(test_a_slow_reader_is_told_what_it_lost),
        SCENE_TEST(test_a_late_hook_reads_what_is_still_held),
        SCENE_TEST(test_what_a_topic_refuses),
        SCENE_TEST(test_the_kernel_publishes),
        SCENE_TEST(test_a_removed_topic_tells_its_hooks_what_they_lost),
    };
    return scene_run(tests);
}
