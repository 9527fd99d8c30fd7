// SPDX-License-Identifier: MIT
// Priority donation: along chains of calls, back again when the wait ends, and in the order of the wait queues.
#include "check.h"

// A server of this priority with a call pipe that it hooks.
static struct thread *server_start(uint32_t pid, const char *path, unsigned priority) {
    struct thread *thread = thread_start(process_start(pid, KIND_SERVER, QUOTA_PLENTY), priority);
    must_create(thread, path, FLOW_CALL);
    must_hook(thread, path, 0);
    return thread;
}

static struct thread *caller_start(uint32_t pid, unsigned priority) {
    return thread_start(process_start(pid, KIND_APP, QUOTA_PLENTY), priority);
}

static void call(struct thread *thread, const char *path) {
    assert_blocked(do_call(thread, must_open(thread, path, RIGHT_WRITE), "x", 0, DEADLINE_NONE));
}

static uint64_t take(struct thread *thread) {
    assert_int_equal(do_wait(thread, DEADLINE_NOW), 1);
    return thread->page->received.token;
}

static void test_a_server_runs_with_its_callers_priority(void **state) {
    (void)state;
    struct thread *server = server_start(1, "/s", 5), *caller = caller_start(2, 20);
    call(caller, "/s");
    assert_int_equal(server->waiter.priority, 20); // while the call is only queued
    assert_int_equal(server->priority_changes, 1);
    uint64_t token = take(server);
    assert_int_equal(server->waiter.priority, 20);
    assert_int_equal(server->priority_changes, 1); // it did not sink between
    do_reply(server, token, "x", 0);
    assert_int_equal(server->waiter.priority, 5);
    assert_int_equal(server->waiter.base_priority, 5);
}

static void test_a_lower_caller_does_not_pull_its_server_down(void **state) {
    (void)state;
    struct thread *server = server_start(1, "/s", 15), *caller = caller_start(2, 3);
    call(caller, "/s");
    uint64_t token = take(server);
    assert_int_equal(server->waiter.priority, 15);
    do_reply(server, token, "x", 0);
    assert_int_equal(server->waiter.priority, 15);
    assert_int_equal(server->priority_changes, 0);
}

static void test_priority_goes_along_a_chain_and_comes_back(void **state) {
    (void)state;
    struct thread *low = caller_start(9, 2), *high = caller_start(10, 30);
    struct thread *a = server_start(1, "/a", 4), *b = server_start(2, "/b", 5), *c = server_start(3, "/c", 6);
    call(low, "/a");
    uint64_t token_low = take(a);
    call(a, "/b");
    uint64_t token_a = take(b);
    call(b, "/c"); // stays queued
    assert_int_equal(c->waiter.priority, 6);
    call(high, "/a"); // a is in flight at b, and its pipe donates the priority to it
    assert_int_equal(a->waiter.priority, 30);
    assert_int_equal(b->waiter.priority, 30);
    assert_int_equal(c->waiter.priority, 30);
    do_cancel(high, -PIPE_ETIMEDOUT);
    assert_int_equal(a->waiter.priority, 4);
    assert_int_equal(b->waiter.priority, 5);
    assert_int_equal(c->waiter.priority, 6);
    uint64_t token_b = take(c);
    do_reply(c, token_b, "x", 0);
    do_reply(b, token_a, "x", 0);
    do_reply(a, token_low, "x", 0);
    assert_int_equal(low->result, 1);
}

static void test_a_holder_sinks_to_the_highest_that_is_left(void **state) {
    (void)state;
    struct thread *server = server_start(1, "/s", 1);
    static const unsigned priorities[] = {12, 25, 25, 7};
    struct thread *callers[4];
    uint64_t tokens[4];
    for (uint32_t index = 0; index < 4; index++) {
        callers[index] = caller_start(10 + index, priorities[index]);
        call(callers[index], "/s");
        tokens[index] = take(server);
    }
    assert_int_equal(server->waiter.priority, 25);
    do_reply(server, tokens[1], "x", 0);
    assert_int_equal(server->waiter.priority, 25); // the other 25
    thread_end(callers[2]);
    assert_int_equal(server->waiter.priority, 12);
    do_reply(server, tokens[0], "x", 0);
    assert_int_equal(server->waiter.priority, 7);
    do_reply(server, tokens[3], "x", 0);
    assert_int_equal(server->waiter.priority, 1);
}

static void test_a_callers_own_priority_changes_while_it_waits(void **state) {
    (void)state;
    struct thread *server = server_start(1, "/s", 1);
    struct thread *first = caller_start(10, 10), *second = caller_start(11, 10), *third = caller_start(12, 10);
    call(first, "/s");
    call(second, "/s");
    call(third, "/s");
    waiter_set_priority(&third->waiter, 20);
    scene_audit("a change of priority");
    assert_int_equal(server->waiter.priority, 20);
    waiter_set_priority(&first->waiter, 5);
    scene_audit("a change of priority");
    static const uint32_t order[] = {12, 11, 10};
    for (size_t index = 0; index < 3; index++) {
        take(server);
        assert_int_equal(server->page->received.pid, order[index]);
    }
    waiter_set_priority(&second->waiter, 31);
    scene_audit("a change of priority");
    assert_int_equal(server->waiter.priority, 31); // in flight
    waiter_set_priority(&second->waiter, 0);
    scene_audit("a change of priority");
    assert_int_equal(server->waiter.priority, 20);
}

static void test_a_priority_that_stays_keeps_its_position(void **state) {
    (void)state;
    struct thread *server = server_start(1, "/s", 1);
    struct thread *first = caller_start(10, 10), *second = caller_start(11, 10);
    call(first, "/s");
    call(second, "/s");
    waiter_set_priority(&first->waiter, 10);
    scene_audit("a priority that stays");
    take(server);
    assert_int_equal(server->page->received.pid, 10);
}

static void test_the_thread_that_serves_a_pipe_may_change(void **state) {
    (void)state;
    struct thread *first = server_start(1, "/s", 1), *second = thread_start(first->process, 2);
    struct thread *caller = caller_start(10, 20);
    call(caller, "/s");
    assert_int_equal(first->waiter.priority, 20);
    long handle = must_hook(second, "/s", 0);
    assert_int_equal(first->waiter.priority, 1); // either may take the call
    assert_int_equal(second->waiter.priority, 2);
    thread_end(first);
    assert_int_equal(second->waiter.priority, 20);
    assert_int_equal(do_unhook(second, handle), 0);
    assert_int_equal(second->waiter.priority, 2); // nobody serves it
    assert_int_equal(do_hook(second, handle, 0, 0), 0);
    assert_int_equal(second->waiter.priority, 20);
}

// Of two threads that serve a pipe one may wait, itself or through others, for the other: its own donation may not come
// back to it and hold its priority up when the lessor has gone.
static void test_priority_does_not_go_round_and_stay(void **state) {
    (void)state;
    struct thread *first = server_start(1, "/s", 1), *second = thread_start(first->process, 1);
    struct thread *between = server_start(2, "/between", 1), *high = caller_start(3, 30);
    must_create(first, "/first", FLOW_CALL);
    must_hook(first, "/first", 0);
    must_hook(second, "/s", 0);
    call(first, "/between");
    uint64_t token = take(between);
    call(between, "/s");
    call(high, "/first");
    assert_int_equal(between->waiter.priority, 30); // high waits for first, first for it
    do_cancel(high, -PIPE_ETIMEDOUT);
    assert_int_equal(first->waiter.priority, 1);
    assert_int_equal(between->waiter.priority, 1);
    do_reply(second, take(second), "x", 0);
    do_reply(between, token, "x", 0);
    call(first, "/s"); // of its own pipe, for the other thread
    waiter_set_priority(&first->waiter, 9);
    scene_audit("a change of priority");
    waiter_set_priority(&first->waiter, 1);
    scene_audit("a change of priority");
    assert_int_equal(first->waiter.priority, 1);
    take(second);
    assert_int_equal(second->waiter.priority, 1);
}

static void test_senders_donate_to_the_reader_of_a_full_queue(void **state) {
    (void)state;
    struct thread *reader = thread_start(process_start(1, KIND_SERVER, QUOTA_PLENTY), 3), *sender = caller_start(2, 18);
    assert_true(do_create(reader, "/q", FLOW_QUEUE, RULES_OPEN, 1, 0) > 0);
    must_hook(reader, "/q", 0);
    long handle = must_open(sender, "/q", RIGHT_WRITE);
    assert_int_equal(do_send(sender, handle, "x", 0, DEADLINE_NONE), 0);
    assert_int_equal(reader->waiter.priority, 3);
    assert_blocked(do_send(sender, handle, "x", 0, DEADLINE_NONE));
    assert_int_equal(reader->waiter.priority, 18);
    waiter_set_priority(&sender->waiter, 22);
    assert_int_equal(reader->waiter.priority, 22);
    assert_int_equal(do_wait(reader, DEADLINE_NOW), 1);
    assert_int_equal(reader->waiter.priority, 3);
}

static void test_removing_a_pipe_ends_its_donation(void **state) {
    (void)state;
    struct thread *server = server_start(1, "/s", 1), *caller = caller_start(10, 20);
    call(caller, "/s");
    assert_int_equal(do_remove(server, "/s"), 0);
    assert_int_equal(server->waiter.priority, 1);
}

// A change goes along 64 waits at most; what is after keeps its priority, and nothing is counted wrong when it goes
// back.
static void test_invariant_1_a_long_chain_is_bounded(void **state) {
    (void)state;
    struct thread *threads[80];
    char path[16];
    for (uint32_t index = 0; index < 80; index++) {
        snprintf(path, sizeof path, "/%u", index);
        threads[index] = server_start(10 + index, path, 1);
    }
    for (uint32_t index = 79; index > 0; index--) {
        snprintf(path, sizeof path, "/%u", index);
        call(threads[index - 1], path);
    }
    waiter_set_priority(&threads[20]->waiter, 9);
    assert_int_equal(threads[79]->waiter.priority, 9);
    waiter_set_priority(&threads[20]->waiter, 1);
    assert_int_equal(threads[79]->waiter.priority, 1);
    (waiter_set_priority)(&threads[0]->waiter, 9); // the audit would name the first that is after
    assert_int_equal(threads[63]->waiter.priority, 9);
    assert_int_equal(threads[64]->waiter.priority, 1);
    waiter_set_priority(&threads[0]->waiter, 1);
}

// ---- The wait queue alone, against a model: a list in order of priority and arrival ----

#define WAITERS 40u

static uint32_t model_first(const struct waiter *waiters, const bool *is_in, const uint32_t *arrival) {
    uint32_t found = WAITERS;
    for (uint32_t index = 0; index < WAITERS; index++)
        if (is_in[index] && (found == WAITERS || waiters[index].priority > waiters[found].priority ||
                             (waiters[index].priority == waiters[found].priority && arrival[index] < arrival[found])))
            found = index;
    return found;
}

static void test_a_wait_queue_agrees_with_its_model(void **state) {
    (void)state;
    struct wait_queue queue = {NULL, 0};
    struct waiter waiters[WAITERS] = {0};
    bool is_in[WAITERS] = {false};
    uint32_t arrival[WAITERS] = {0}, random = 1, count = 0;
    for (uint32_t index = 0; index < WAITERS; index++)
        list_initialize(&waiters[index].peers);
    for (uint32_t step = 1; step < 20000; step++) {
        random = random * 1664525u + 1013904223u;
        uint32_t index = (random >> 16) % WAITERS;
        if (is_in[index]) {
            wait_queue_remove(&queue, &waiters[index]);
            count--;
        } else {
            waiters[index].priority = (uint8_t)((random >> 8) % 6);
            wait_queue_insert(&queue, &waiters[index]);
            arrival[index] = step;
            count++;
        }
        is_in[index] = !is_in[index];
        assert_int_equal(queue.count, count);
        uint32_t expected = model_first(waiters, is_in, arrival);
        assert_ptr_equal(wait_queue_first(&queue), expected == WAITERS ? NULL : &waiters[expected]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_a_server_runs_with_its_callers_priority),
        SCENE_TEST(test_a_lower_caller_does_not_pull_its_server_down),
        SCENE_TEST(test_priority_goes_along_a_chain_and_comes_back),
        SCENE_TEST(test_a_holder_sinks_to_the_highest_that_is_left),
        SCENE_TEST(test_a_callers_own_priority_changes_while_it_waits),
        SCENE_TEST(test_a_priority_that_stays_keeps_its_position),
        SCENE_TEST(test_the_thread_that_serves_a_pipe_may_change),
        SCENE_TEST(test_priority_does_not_go_round_and_stay),
        SCENE_TEST(test_senders_donate_to_the_reader_of_a_full_queue),
        SCENE_TEST(test_removing_a_pipe_ends_its_donation),
        SCENE_TEST(test_invariant_1_a_long_chain_is_bounded),
        SCENE_TEST(test_a_wait_queue_agrees_with_its_model),
    };
    return scene_run(tests);
}
