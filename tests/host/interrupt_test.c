// SPDX-License-Identifier: MIT
// Interrupt lines: masked while an answer is owed, opened by the last answer, tried again when nobody handled it.
#include "check.h"
#include "fast.h"
#include "flow.h"

#define LINE 3u
#define FIRST_RETRY 1000000u // nanoseconds

static struct node *node;
static struct thread *first, *second;
static long of_first, of_second; // their handles, hooked

// A line that no hook has opened yet.
static void make_line(bool is_level) {
    const struct node_plan directory = {FLOW_DIRECTORY, RULES_OPEN, 0, 0}, event = {FLOW_EVENT, RULES_OPEN, 0, 0};
    long error = 0;
    node_create(&host.names.kernel, "/irq", 4, &directory, &error);
    node = node_create(&host.names.kernel, "/irq/3", 6, &event, &error);
    node->interrupt = (struct interrupt_line){.line = LINE, .is_line = true, .is_level = is_level};
    host.lines[LINE].is_masked = true;
    first = program_start(1, KIND_DRIVER);
    second = program_start(2, KIND_DRIVER);
}

static long bind(struct thread *thread) {
    long handle = must_open(thread, "/irq/3", RIGHT_READ | RIGHT_WRITE);
    assert_int_equal(do_hook(thread, handle, 0, 0), 0);
    return handle;
}

static int start_level(void **state) {
    check_setup(state);
    make_line(true);
    of_first = bind(first);
    of_second = bind(second);
    return 0;
}

static int start_edge(void **state) {
    check_setup(state);
    make_line(false);
    of_first = bind(first);
    return 0;
}

#define LEVEL_TEST(name) cmocka_unit_test_setup_teardown(name, start_level, check_teardown)
#define EDGE_TEST(name) cmocka_unit_test_setup_teardown(name, start_edge, check_teardown)

// What the processor's entry does.
static void interrupt(void) {
    assert_false(host.lines[LINE].is_masked);
    if (pipens_interrupt(node))
        host_line_mask(LINE, true);
    scene_audit("an interrupt");
}

static void assert_count(struct thread *thread, uint64_t count) {
    assert_int_equal(do_wait(thread, DEADLINE_NOW), sizeof(struct event_message));
    assert_int_equal(((const struct event_message *)(void *)thread->page->payload)->count, count);
}

static bool is_masked(void) {
    return host.lines[LINE].is_masked;
}

static void test_the_line_opens_when_all_have_answered(void **state) {
    (void)state;
    assert_blocked(do_wait(first, DEADLINE_NONE));
    interrupt();
    assert_true(is_masked());
    assert_false(first->is_blocked);
    assert_int_equal(((const struct event_message *)(void *)first->page->payload)->time, host.now);
    assert_count(second, 1);
    assert_int_equal(node->interrupt.owing, 2);
    assert_int_equal(do_signal(second, of_second, INTERRUPT_NOT_MINE), 0);
    assert_true(is_masked());
    assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
    assert_false(is_masked());
    interrupt();
    assert_count(first, 1);
}

static void test_handled_first_and_not_mine_last_opens_too(void **state) {
    (void)state;
    interrupt();
    assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
    assert_true(is_masked());
    assert_int_equal(do_signal(second, of_second, INTERRUPT_NOT_MINE), 0);
    assert_false(is_masked());
    assert_int_equal(host.lines[LINE].retry_at, 0);
}

static void test_an_answer_counts_once(void **state) {
    (void)state;
    assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0); // nothing was asked
    interrupt();
    assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
    assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
    assert_true(is_masked());
    assert_int_equal(node->interrupt.owing, 1);
}

static void test_answers_that_are_none(void **state) {
    (void)state;
    interrupt();
    assert_error(do_signal(first, of_first, 0), EINVAL);
    assert_error(do_signal(first, of_first, INTERRUPT_NOT_MINE + 1), EINVAL);
    assert_error(do_signal(first, of_first, INTERRUPT_HANDLED | 1ull << 32), EINVAL);
    assert_error(do_signal(first, must_open(first, "/irq/3", RIGHT_WRITE), INTERRUPT_HANDLED), EINVAL);
    long tap = must_open(first, "/irq/3", RIGHT_WRITE | RIGHT_TAP);
    assert_int_equal(do_hook(first, tap, 0, HOOK_TAP), 0);
    assert_error(do_signal(first, tap, INTERRUPT_HANDLED), EINVAL);
    assert_error(do_send(first, of_first, "x", ATTACH_HANDLES(1), DEADLINE_NOW), ENOTSUP);
    assert_int_equal(node->interrupt.owing, 2);
    assert_int_equal(node->total, 1); // no answer counts as a signal
}

// Nobody handled it: the line stays masked and is tried again, each time after twice the time, up to a bound.
static void test_not_mine_backs_off(void **state) {
    (void)state;
    uint64_t wait = FIRST_RETRY;
    for (uint32_t round = 0; round < 14; round++) {
        interrupt();
        assert_int_equal(do_signal(first, of_first, INTERRUPT_NOT_MINE), 0);
        assert_int_equal(do_signal(second, of_second, INTERRUPT_NOT_MINE), 0);
        assert_true(is_masked());
        do_pass(wait - 1);
        assert_true(is_masked());
        do_pass(1);
        assert_false(is_masked());
        if (round < 10)
            wait *= 2;
    }
    interrupt();
    assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
    assert_int_equal(do_signal(second, of_second, INTERRUPT_NOT_MINE), 0);
    assert_false(is_masked());
    interrupt();
    assert_int_equal(do_signal(first, of_first, INTERRUPT_NOT_MINE), 0);
    assert_int_equal(do_signal(second, of_second, INTERRUPT_NOT_MINE), 0);
    assert_int_equal(host.lines[LINE].retry_at, host.now + FIRST_RETRY); // handled once: from the start again
}

static void test_a_retry_that_is_overtaken_opens_nothing(void **state) {
    (void)state;
    interrupt();
    pipens_interrupt_retry(node);
    assert_true(is_masked()); // answers are owed
    assert_int_equal(do_close(first, of_first), 0);
    assert_int_equal(do_close(second, of_second), 0);
    pipens_interrupt_retry(node);
    assert_true(is_masked()); // nobody hooks it
}

#define RUSH 1000u // interrupts in a row

// The device goes on raising its line: an interrupt comes before the driver waits again.
static void storm(uint32_t count) {
    for (uint32_t number = 0; number < count; number++) {
        interrupt();
        assert_count(first, 1);
        assert_int_equal(do_signal(second, of_second, INTERRUPT_NOT_MINE), 0);
        assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
    }
}

static void test_a_storm_is_slowed(void **state) {
    (void)state;
    storm(RUSH - 1);
    assert_null(host.lines[LINE].storms);
    assert_false(is_masked());
    storm(1);
    assert_ptr_equal(host.lines[LINE].storms, &first->process->principal);
    uint64_t wait = FIRST_RETRY;
    for (uint32_t round = 0; round < 3; round++, wait *= 2) { // as when nobody handles it
        assert_true(is_masked());
        do_pass(wait - 1);
        assert_true(is_masked());
        do_pass(1);
        assert_false(is_masked());
        storm(1); // at once
    }
    do_pass(wait + FIRST_RETRY);
    storm(1); // the line was open a while and stayed quiet, but not longer than that
    assert_true(is_masked());
    do_pass(16 * FIRST_RETRY);
    assert_false(is_masked());
    do_pass(FIRST_RETRY + 1);
    storm(1);
    assert_false(is_masked()); // the storm is over
    storm(RUSH - 1);
    assert_false(is_masked()); // and another one counts from the start
}

static void test_a_driver_that_waits_between_is_no_storm(void **state) {
    (void)state;
    for (uint32_t round = 0; round < 3; round++) {
        storm(RUSH - 1);
        assert_blocked(do_wait(first, DEADLINE_NONE));
        interrupt();
        assert_int_equal(do_signal(second, of_second, INTERRUPT_NOT_MINE), 0);
        assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
        assert_false(is_masked());
    }
    assert_null(host.lines[LINE].storms);
}

static void test_a_late_hook_is_found(void **state) {
    (void)state;
    assert_null(pipens_interrupt_late(node, UINT64_MAX));
    interrupt();
    uint64_t told = host.now;
    assert_null(pipens_interrupt_late(node, told));
    assert_ptr_equal(pipens_interrupt_late(node, told + 1)->waiter, &first->waiter);
    assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
    assert_ptr_equal(pipens_interrupt_late(node, told + 1)->waiter, &second->waiter);
    assert_int_equal(do_signal(second, of_second, INTERRUPT_HANDLED), 0);
    assert_null(pipens_interrupt_late(node, UINT64_MAX));
}

static void test_a_hook_that_dies_has_answered(void **state) {
    (void)state;
    interrupt();
    assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
    process_end(second->process);
    assert_false(is_masked());
    interrupt();
    process_end(first->process);
    assert_true(is_masked()); // the last one went
    assert_int_equal(node->interrupt.owing, 0);
}

static void test_a_dead_hook_alone_backs_off(void **state) {
    (void)state;
    interrupt();
    assert_int_equal(do_signal(first, of_first, INTERRUPT_NOT_MINE), 0);
    assert_int_equal(do_unhook(second, of_second), 0);
    assert_true(is_masked());
    do_pass(FIRST_RETRY);
    assert_false(is_masked());
}

static void test_the_line_is_open_only_while_somebody_hooks_it(void **state) {
    (void)state;
    make_line(true);
    assert_true(is_masked());
    long handle = bind(first);
    assert_false(is_masked());
    bind(second);
    assert_int_equal(do_unhook(first, handle), 0);
    assert_false(is_masked());
    thread_end(second);
    assert_true(is_masked());
    bind(first);
    assert_false(is_masked());
}

static void test_a_hook_that_comes_later_owes_nothing_yet(void **state) {
    (void)state;
    interrupt();
    struct thread *third = program_start(3, KIND_DRIVER);
    bind(third);
    assert_true(is_masked());
    assert_int_equal(node->interrupt.owing, 2);
}

static void test_a_removed_line_is_masked_and_tells(void **state) {
    (void)state;
    interrupt();
    while (node_remove_step(node))
        continue;
    scene_audit("remove");
    assert_true(is_masked());
    assert_int_equal(host.lines[LINE].retry_at, host.now + FIRST_RETRY); // nobody has handled it
    assert_int_equal(do_wait(first, DEADLINE_NOW), sizeof(struct event_message));
    assert_int_equal(first->page->received.type, MESSAGE_GONE);
    assert_error(do_signal(first, of_first, INTERRUPT_HANDLED), EPIPE);
}

// ---- Edges ----

static void test_invariant_4_no_edge_is_lost(void **state) {
    (void)state;
    for (uint32_t count = 0; count < 1000; count++)
        interrupt();
    assert_false(is_masked());
    assert_int_equal(node->interrupt.owing, 1);
    assert_count(first, 1000);
    interrupt();
    assert_int_equal(do_signal(first, of_first, INTERRUPT_NOT_MINE), 0);
    assert_false(is_masked());
    assert_int_equal(host.lines[LINE].retry_at, 0);
    assert_count(first, 1);
}

// Binding order: an edge that came before the hook makes the hook ready at once.
static void test_an_edge_that_no_hook_may_take_is_counted(void **state) {
    (void)state;
    node_set_rules(node, (uint16_t)RULE(RIGHTS_ALL, 0u, 0u, 0u));
    interrupt();
    assert_int_equal(node->interrupt.owing, 0);
    assert_int_equal(host.lines[LINE].retry_at, 0); // only what is masked is tried again
    node_set_rules(node, (uint16_t)RULES_OPEN);
    assert_count(first, 1);
}

static void test_invariant_4_an_edge_before_the_hook_is_seen(void **state) {
    (void)state;
    assert_int_equal(do_unhook(first, of_first), 0);
    assert_true(is_masked());
    pipens_interrupt(node); // it was latched
    bind(second);
    assert_count(second, 1);
}

// A flood of messages, with every queue of the driver full and its quota gone, takes no interrupt away.
static void test_invariant_4_no_flood_of_messages_loses_an_interrupt(void **state) {
    (void)state;
    long queue = must_create(first, "/q", FLOW_QUEUE);
    assert_int_equal(do_hook(first, queue, 1, 0), 0);
    long flooder = must_open(second, "/q", RIGHT_WRITE);
    while (do_send(second, flooder, "flood", 0, DEADLINE_NOW) == 0)
        continue;
    first->process->account->limit = first->process->account->used;
    host_fail_allocation(1);
    for (uint32_t count = 0; count < 5; count++)
        interrupt();
    host_fail_allocation(0);
    assert_int_equal(do_wait(first, DEADLINE_NOW), 5);
    assert_count(first, 5); // second in turn
}

static void test_an_interrupt_is_traced(void **state) {
    (void)state;
    struct thread *watcher = program_start(3, KIND_APP);
    must_hook(watcher, "/bus/trace", 0);
    interrupt();
    bool is_found = false;
    while (do_wait(watcher, DEADLINE_NOW) >= 0) {
        const struct trace_record *record = (const void *)watcher->page->payload;
        if (record->operation != TRACE_INTERRUPT)
            continue;
        is_found = true;
        assert_int_equal(record->pipe, node->number);
        assert_int_equal(record->length, 0);
        assert_int_equal(record->value, 1);
    }
    assert_true(is_found);
    assert_count(first, 1);
    assert_int_equal(((const struct event_message *)(void *)first->page->payload)->value, 0);
}

// ---- The fast path (pipens/fast.h) ----

struct told {
    struct message_received head;
    struct event_message event;
    uint64_t told_at, cursor_after, taken_after;
    uint32_t owing, was_handled, owes_answer, state;
};

// What an interrupt leaves, this way or that, with the thread that waits for it.
static struct told told_by(bool is_fast) {
    assert_blocked(do_wait(first, DEADLINE_NONE));
    struct hook *hook = list_object(node->hooks.next, struct hook, of_node);
    if (is_fast) {
        assert_ptr_equal(fast_interrupt_check(node), hook);
        fast_interrupt_commit(hook);
        first->is_blocked = false;
        scene_audit("the fast path of an interrupt");
    } else {
        pipens_interrupt(node);
    }
    struct told told = {.head = first->page->received,
                        .told_at = hook->told_at,
                        .cursor_after = node->total - hook->cursor,
                        .taken_after = node->total - node->taken,
                        .owing = node->interrupt.owing,
                        .was_handled = node->interrupt.was_handled,
                        .owes_answer = hook->owes_answer,
                        .state = hook->waiter->state};
    memcpy(&told.event, first->page->payload, sizeof told.event);
    told.event.total -= node->total;
    return told;
}

static void test_the_fast_path_tells_what_the_slow_path_tells(void **state) {
    (void)state;
    for (uint32_t answer = INTERRUPT_HANDLED; answer <= INTERRUPT_NOT_MINE; answer++) {
        struct told general = told_by(false);
        uint64_t in = node->in, out = node->out;
        assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
        struct told shortly = told_by(true);
        assert_memory_equal(&general, &shortly, sizeof general);
        assert_int_equal(node->in, in + 1);
        assert_int_equal(node->out, out + 1);
        assert_int_equal(do_signal(first, of_first, answer), 0);
    }
}

// An edge that comes while an answer is owed: what has been answered of the one before still counts.
static void test_the_fast_path_while_an_answer_is_owed(void **state) {
    (void)state;
    told_by(true);
    node->interrupt.was_handled = true;
    struct told told = told_by(true);
    assert_int_equal(told.owing, 1);
    assert_true(told.was_handled);
    assert_int_equal(do_signal(first, of_first, INTERRUPT_HANDLED), 0);
    told_by(true);
    assert_false(node->interrupt.was_handled);
}

static void test_interrupts_that_go_the_slow_path(void **state) {
    (void)state;
    assert_null(fast_interrupt_check(node)); // nobody waits
    assert_blocked(do_wait(first, DEADLINE_NONE));
    assert_non_null(fast_interrupt_check(node));
    host.names.is_traced = true;
    assert_null(fast_interrupt_check(node));
    host.names.is_traced = false;
    node->special = NODE_OBSERVED;
    assert_null(fast_interrupt_check(node));
    node->special = 0;
    bind(second);
    assert_null(fast_interrupt_check(node)); // two are to be told
}

int main(void) {
    const struct CMUnitTest tests[] = {
        LEVEL_TEST(test_the_line_opens_when_all_have_answered),
        LEVEL_TEST(test_handled_first_and_not_mine_last_opens_too),
        LEVEL_TEST(test_an_answer_counts_once),
        LEVEL_TEST(test_answers_that_are_none),
        LEVEL_TEST(test_not_mine_backs_off),
        LEVEL_TEST(test_a_retry_that_is_overtaken_opens_nothing),
        LEVEL_TEST(test_a_storm_is_slowed),
        LEVEL_TEST(test_a_driver_that_waits_between_is_no_storm),
        LEVEL_TEST(test_a_late_hook_is_found),
        LEVEL_TEST(test_a_hook_that_dies_has_answered),
        LEVEL_TEST(test_a_dead_hook_alone_backs_off),
        SCENE_TEST(test_the_line_is_open_only_while_somebody_hooks_it),
        LEVEL_TEST(test_a_hook_that_comes_later_owes_nothing_yet),
        LEVEL_TEST(test_a_removed_line_is_masked_and_tells),
        EDGE_TEST(test_invariant_4_no_edge_is_lost),
        EDGE_TEST(test_an_edge_that_no_hook_may_take_is_counted),
        EDGE_TEST(test_invariant_4_an_edge_before_the_hook_is_seen),
        EDGE_TEST(test_invariant_4_no_flood_of_messages_loses_an_interrupt),
        EDGE_TEST(test_an_interrupt_is_traced),
        EDGE_TEST(test_the_fast_path_tells_what_the_slow_path_tells),
        EDGE_TEST(test_the_fast_path_while_an_answer_is_owed),
        EDGE_TEST(test_interrupts_that_go_the_slow_path),
    };
    return scene_run(tests);
}
