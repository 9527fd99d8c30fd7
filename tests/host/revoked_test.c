// SPDX-License-Identifier: MIT
// Hooks whose right the rules have taken away: they get nothing until it is back, and then what waits.
#include "check.h"
#include "fast.h"
#include "flow.h"

#define LINE 3u
#define CLOSED RULE(RIGHTS_ALL, RIGHT_WRITE, 0u, RIGHT_WRITE) // drivers have nothing
#define OPEN RULE(RIGHTS_ALL, RIGHT_WRITE, RIGHT_READ | RIGHT_TAP, RIGHT_WRITE)

static struct thread *owner, *reader, *writer;
static long pipe, hooked; // the owner's handle; the reader's

static void make_pipe(enum flow flow, uint64_t hook_flags) {
    owner = program_start(1, KIND_SERVER);
    reader = program_start(2, KIND_DRIVER);
    writer = program_start(3, KIND_APP);
    pipe = do_create(owner, "/p", flow, OPEN, 0, 0);
    assert_true(pipe > 0);
    hooked = must_open(reader, "/p", hook_flags & HOOK_TAP ? RIGHT_TAP : RIGHT_READ);
    assert_int_equal(do_hook(reader, hooked, 7, hook_flags), 0);
}

static void close_to_reader(void) {
    assert_int_equal(do_rules(owner, pipe, CLOSED), 0);
}

static void open_to_reader(void) {
    assert_int_equal(do_rules(owner, pipe, OPEN), 0);
}

static void test_what_waits_is_taken_only_with_the_right(void **state) {
    (void)state;
    make_pipe(FLOW_QUEUE, 0);
    long theirs = must_open(writer, "/p", RIGHT_WRITE);
    assert_int_equal(do_send(writer, theirs, "one", 0, DEADLINE_NOW), 0);
    close_to_reader();
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
    assert_int_equal(do_send(writer, theirs, "two", 0, DEADLINE_NOW), 0);
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
    open_to_reader();
    assert_int_equal(do_wait(reader, DEADLINE_NOW), 3);
    assert_page(reader, "one");
    assert_int_equal(do_wait(reader, DEADLINE_NOW), 3);
    assert_page(reader, "two");
}

static void test_who_waits_is_woken_once_the_right_is_back(void **state) {
    (void)state;
    make_pipe(FLOW_QUEUE, 0);
    long theirs = must_open(writer, "/p", RIGHT_WRITE);
    assert_blocked(do_wait(reader, DEADLINE_NONE));
    close_to_reader();
    assert_int_equal(do_send(writer, theirs, "late", 0, DEADLINE_NOW), 0);
    assert_true(reader->is_blocked);
    open_to_reader();
    assert_false(reader->is_blocked);
    assert_page(reader, "late");
}

static void test_another_reader_goes_on(void **state) {
    (void)state;
    make_pipe(FLOW_QUEUE, 0);
    must_hook(owner, "/p", 1);
    close_to_reader();
    long theirs = must_open(writer, "/p", RIGHT_WRITE);
    assert_int_equal(do_send(writer, theirs, "for the owner", 0, DEADLINE_NOW), 0);
    assert_int_equal(do_wait(owner, DEADLINE_NOW), 13);
    open_to_reader();
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
}

static void test_signals_are_counted_meanwhile(void **state) {
    (void)state;
    make_pipe(FLOW_EVENT, 0);
    assert_blocked(do_wait(reader, DEADLINE_NONE));
    close_to_reader();
    pipens_signal(node_at("/p"), 1);
    pipens_signal(node_at("/p"), 2);
    assert_true(reader->is_blocked);
    open_to_reader();
    assert_false(reader->is_blocked);
    assert_int_equal(((const struct event_message *)(void *)reader->page->payload)->count, 2);
}

static void test_a_topic_is_read_from_where_it_was(void **state) {
    (void)state;
    make_pipe(FLOW_TOPIC, 0);
    close_to_reader();
    pipens_publish(node_at("/p"), "news", 4);
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
    open_to_reader();
    assert_int_equal(do_wait(reader, DEADLINE_NOW), 4);
}

static void test_a_call_waits_for_a_server_that_may(void **state) {
    (void)state;
    make_pipe(FLOW_CALL, 0);
    long theirs = must_open(writer, "/p", RIGHT_WRITE);
    assert_blocked(do_wait(reader, DEADLINE_NONE));
    close_to_reader();
    struct hook *through = NULL;
    assert_null(fast_call_check(&writer->waiter, (uint64_t)theirs, 3, 0, DEADLINE_NONE, &through));
    assert_blocked(do_call(writer, theirs, "ask", 0, DEADLINE_NONE));
    assert_true(reader->is_blocked);
    open_to_reader();
    assert_false(reader->is_blocked);
    assert_page(reader, "ask");
    assert_int_equal(do_reply(reader, reader->page->received.token, "answer", 0), 0);
    assert_page(writer, "answer");
    assert_blocked(do_wait(reader, DEADLINE_NONE));
    assert_ptr_equal(fast_call_check(&writer->waiter, (uint64_t)theirs, 3, 0, DEADLINE_NONE, &through),
                     &reader->waiter);
}

static void test_a_tap_records_nothing_meanwhile(void **state) {
    (void)state;
    make_pipe(FLOW_QUEUE, HOOK_TAP);
    long theirs = must_open(writer, "/p", RIGHT_WRITE);
    assert_int_equal(do_send(writer, theirs, "seen", 0, DEADLINE_NOW), 0);
    close_to_reader();
    assert_int_equal(do_send(writer, theirs, "unseen", 0, DEADLINE_NOW), 0);
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
    open_to_reader();
    assert_int_equal(do_wait(reader, DEADLINE_NOW), sizeof(struct tap_message) + 4);
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
}

static void test_a_directory_tells_nothing_meanwhile(void **state) {
    (void)state;
    make_pipe(FLOW_DIRECTORY, 0);
    close_to_reader();
    assert_true(do_create(owner, "/p/child", FLOW_QUEUE, OPEN, 0, 0) > 0);
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
    open_to_reader();
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
    assert_true(do_create(owner, "/p/next", FLOW_QUEUE, OPEN, 0, 0) > 0);
    assert_int_equal(do_wait(reader, DEADLINE_NOW), sizeof(struct change_message));
}

// The end of a pipe is told to whoever hooks it; what it held is not.
static void test_the_end_is_told_without_what_was_held(void **state) {
    (void)state;
    make_pipe(FLOW_EVENT, 0);
    pipens_signal(node_at("/p"), 1);
    close_to_reader();
    assert_int_equal(do_remove(owner, "/p"), 0);
    assert_int_equal(do_wait(reader, DEADLINE_NOW), 0);
    assert_int_equal(reader->page->received.type, MESSAGE_GONE);
}

static void test_the_end_is_told_without_what_was_tapped(void **state) {
    (void)state;
    make_pipe(FLOW_QUEUE, HOOK_TAP);
    long theirs = must_open(writer, "/p", RIGHT_WRITE);
    assert_int_equal(do_send(writer, theirs, "seen", 0, DEADLINE_NOW), 0);
    close_to_reader();
    assert_int_equal(do_remove(owner, "/p"), 0);
    assert_int_equal(do_wait(reader, DEADLINE_NOW), 0);
    assert_int_equal(reader->page->received.type, MESSAGE_GONE);
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
}

static void set_line_rules(uint32_t driver) {
    struct node *line = node_at("/irq");
    node_set_rules(line, (uint16_t)RULE(RIGHTS_ALL, 0u, driver, 0u));
    scene_audit("new rules of a line");
}

static void interrupt(void) {
    if (pipens_interrupt(node_at("/irq")))
        host_line_mask(LINE, true);
    scene_audit("an interrupt");
}

// A line is not kept masked by a driver that may not read it, neither for the present interrupt nor for the next.
static void test_a_revoked_driver_has_answered(void **state) {
    (void)state;
    const struct node_plan event = {FLOW_EVENT, RULES_OPEN, 0, 0};
    long error = 0;
    struct node *line = node_create(&host.names.kernel, "/irq", 4, &event, &error);
    line->interrupt = (struct interrupt_line){.line = LINE, .is_line = true, .is_level = true};
    reader = program_start(2, KIND_DRIVER);
    long handle = must_open(reader, "/irq", RIGHT_READ | RIGHT_WRITE);
    assert_int_equal(do_hook(reader, handle, 0, 0), 0);
    interrupt();
    assert_int_equal(line->interrupt.owing, 1);
    set_line_rules(RIGHT_WRITE);
    assert_int_equal(line->interrupt.owing, 0);
    assert_true(host.lines[LINE].retry_at > host.now);
    pipens_interrupt_retry(line);
    assert_false(host.lines[LINE].is_masked);
    uint32_t retries = line->interrupt.retries;
    interrupt();
    assert_true(host.lines[LINE].is_masked);
    assert_int_equal(line->interrupt.owing, 0);
    assert_int_equal(line->interrupt.retries, retries + 1);
    set_line_rules(RIGHT_READ | RIGHT_WRITE);
    pipens_interrupt_retry(line);
    assert_false(host.lines[LINE].is_masked);
    assert_int_equal(do_wait(reader, DEADLINE_NOW), sizeof(struct event_message));
    interrupt();
    assert_int_equal(line->interrupt.owing, 1);
    assert_int_equal(do_signal(reader, handle, INTERRUPT_HANDLED), 0);
    assert_false(host.lines[LINE].is_masked);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_what_waits_is_taken_only_with_the_right),
        SCENE_TEST(test_who_waits_is_woken_once_the_right_is_back),
        SCENE_TEST(test_another_reader_goes_on),
        SCENE_TEST(test_signals_are_counted_meanwhile),
        SCENE_TEST(test_a_topic_is_read_from_where_it_was),
        SCENE_TEST(test_a_call_waits_for_a_server_that_may),
        SCENE_TEST(test_a_tap_records_nothing_meanwhile),
        SCENE_TEST(test_a_directory_tells_nothing_meanwhile),
        SCENE_TEST(test_the_end_is_told_without_what_was_held),
        SCENE_TEST(test_the_end_is_told_without_what_was_tapped),
        SCENE_TEST(test_a_revoked_driver_has_answered),
    };
    return scene_run(tests);
}
