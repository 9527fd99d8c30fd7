// SPDX-License-Identifier: MIT
// A name outlives the process that served it: the pipes of a supervised process wait for its successor.
#include "check.h"

static struct process *succession;
static struct thread *client;

static struct thread *generation_start(uint32_t pid) {
    struct process *process = process_start_with(pid, KIND_DRIVER, succession->account, &succession->principal);
    return thread_start(process, PRIORITY_USUAL);
}

static int start(void **state) {
    check_setup(state);
    succession = succession_start(QUOTA_PLENTY);
    client = program_start(50, KIND_APP);
    return 0;
}

#define SUCCESSION_TEST(name) cmocka_unit_test_setup_teardown(name, start, check_teardown)

static void test_invariant_7_pipes_stay_with_rules_handles_and_messages(void **state) {
    (void)state;
    struct thread *first = generation_start(1);
    uint32_t rules = RULE(RIGHTS_ALL, RIGHT_READ | RIGHT_WRITE, 0u, 0u);
    struct pipe_stat stat;
    assert_true(do_create(first, "/q", FLOW_QUEUE, rules, 4, 0) > 0);
    uint32_t number = node_at("/q")->number;
    long handle = must_open(client, "/q", RIGHT_WRITE);
    assert_int_equal(do_send(client, handle, "before", 0, DEADLINE_NOW), 0);
    process_end(first->process);
    do_stat(client, handle, "", &stat);
    assert_int_equal(stat.flags, STAT_VACANT);
    assert_int_equal(stat.owner, 0);
    assert_int_equal(do_send(client, handle, "between", 0, DEADLINE_NOW), 0);
    struct thread *second = generation_start(2);
    long taken = do_create(second, "/q", FLOW_QUEUE, 0, 0, 0); // rules and capacity are as they were
    assert_true(taken > 0);
    do_stat(client, handle, "", &stat);
    assert_int_equal(stat.flags, 0);
    assert_int_equal(stat.owner, 2);
    assert_int_equal(stat.rules, rules);
    assert_int_equal(stat.number, number);
    assert_int_equal(stat.capacity, 4);
    assert_int_equal(do_hook(second, taken, 0, 0), 0);
    assert_int_equal(do_wait(second, DEADLINE_NOW), 6);
    assert_page(second, "before");
    assert_int_equal(do_wait(second, DEADLINE_NOW), 7);
    assert_page(second, "between");
}

static void test_invariant_7_queued_calls_wait_for_the_successor(void **state) {
    (void)state;
    struct thread *first = generation_start(1), *in_flight = program_start(51, KIND_APP);
    must_create(first, "/c", FLOW_CALL);
    must_hook(first, "/c", 0);
    assert_blocked(do_call(in_flight, must_open(in_flight, "/c", RIGHT_WRITE), "flight", 0, DEADLINE_NONE));
    assert_int_equal(do_wait(first, DEADLINE_NOW), 6);
    uint64_t token = first->page->received.token;
    long handle = must_open(client, "/c", RIGHT_WRITE);
    assert_blocked(do_call(client, handle, "queued", 0, DEADLINE_NONE));
    process_end(first->process);
    assert_error(in_flight->result, EOWNERDEAD);
    assert_true(client->is_blocked);
    struct thread *second = generation_start(2);
    assert_int_equal(do_hook(second, must_create(second, "/c", FLOW_CALL), 0, 0), 0);
    assert_error(do_reply(second, token, "x", 0), ESTALE); // of the one that died
    assert_int_equal(do_wait(second, DEADLINE_NOW), 6);
    assert_page(second, "queued");
    do_reply(second, second->page->received.token, "served", 0);
    assert_page(client, "served");
    assert_int_equal(client->page->received.pid, 2);
}

static void test_what_a_successor_may_not_take(void **state) {
    (void)state;
    struct thread *first = generation_start(1);
    must_create(first, "/q", FLOW_QUEUE);
    struct thread *too_early = generation_start(2);
    assert_error(do_create(too_early, "/q", FLOW_QUEUE, RULES_OPEN, 0, 0), EEXIST); // its owner lives
    process_end(first->process);
    assert_error(do_create(too_early, "/q", FLOW_TOPIC, RULES_OPEN, 0, 0), EEXIST);
    assert_error(do_create(client, "/q", FLOW_QUEUE, RULES_OPEN, 0, 0), EEXIST); // no succession of theirs
    struct process *other = succession_start(QUOTA_PLENTY);
    struct thread *stranger = thread_start(process_start_with(9, KIND_DRIVER, other->account, &other->principal), 1);
    assert_error(do_create(stranger, "/q", FLOW_QUEUE, RULES_OPEN, 0, 0), EEXIST);
    assert_true(do_create(too_early, "/q", FLOW_QUEUE, RULES_OPEN, 0, 0) > 0);
    assert_error(do_create(too_early, "/q", FLOW_QUEUE, RULES_OPEN, 0, 0), EEXIST); // once
}

static void test_a_directory_and_what_is_below_can_be_taken_over(void **state) {
    (void)state;
    struct thread *first = generation_start(1);
    must_create(first, "/d", FLOW_DIRECTORY);
    must_create(first, "/d/mine", FLOW_EVENT);
    must_create(client, "/d/theirs", FLOW_EVENT);
    process_end(first->process);
    assert_non_null(node_at("/d/mine"));
    struct thread *second = generation_start(2);
    must_create(second, "/d/mine", FLOW_EVENT);
    must_create(second, "/d", FLOW_DIRECTORY);
    assert_int_equal(node_at("/d/theirs")->owner->pid, 50);
    process_end(second->process);
    struct thread *third = generation_start(3);
    must_create(third, "/d/mine", FLOW_EVENT);
    assert_int_equal(do_remove(third, "/d/mine"), 0);
}

static void test_a_process_of_the_succession_takes_over(void **state) {
    (void)state;
    struct thread *first = generation_start(1);
    must_create(first, "/q", FLOW_QUEUE);
    process_end(first->process);
    struct thread *second = thread_start(process_start_with(2, KIND_DRIVER, succession->account, NULL), PRIORITY_USUAL);
    assert_error(do_create(second, "/q", FLOW_QUEUE, RULES_OPEN, 0, 0), EEXIST);
    second->process->principal.inherited_by = &succession->principal;
    must_create(second, "/q", FLOW_QUEUE);
}

static void test_abandoned_pipes_go_in_steps(void **state) {
    (void)state;
    struct thread *first = generation_start(1);
    char path[16];
    for (uint32_t index = 0; index < 150; index++) {
        snprintf(path, sizeof path, "/p%u", index);
        must_create(first, path, FLOW_CALL);
    }
    assert_blocked(do_call(client, must_open(client, "/p7", RIGHT_WRITE), "x", 0, DEADLINE_NONE));
    struct process *process = first->process;
    thread_end(first);
    uint32_t chunks = 1;
    for (; principal_end_step(&process->principal); chunks++)
        scene_audit("a chunk of principal_end_step");
    assert_int_equal(chunks, 5); // 3 for the handles; the last of them begins with the pipes
    process_end(process);
    assert_true(client->is_blocked);
    chunks = 1;
    while (principal_abandon_step(&succession->principal)) {
        scene_audit("a chunk of principal_abandon_step");
        chunks++;
    }
    assert_int_equal(chunks, 3);
    assert_error(client->result, EPIPE);
    assert_null(node_at("/p0"));
    assert_null(node_at("/p149"));
}

// A pipe that is going, between two chunks, is no successor's any more.
static void test_a_pipe_that_is_being_removed_is_not_taken_over(void **state) {
    (void)state;
    struct thread *first = generation_start(1);
    long handle = do_create(first, "/q", FLOW_QUEUE, RULES_OPEN, 100, 0);
    for (uint32_t count = 0; count < 100; count++)
        assert_int_equal(do_send(first, handle, "x", 0, DEADLINE_NOW), 0);
    process_end(first->process);
    assert_true(principal_abandon_step(&succession->principal));
    uint32_t number = node_at("/q")->number;
    struct thread *second = generation_start(2);
    must_create(second, "/q", FLOW_QUEUE);
    assert_int_not_equal(node_at("/q")->number, number);
    assert_ptr_equal(node_at("/q")->owner, &second->process->principal);
    assert_false(principal_abandon_step(&succession->principal)); // nothing of the succession's is left
    assert_non_null(node_at("/q"));
}

// Its owner died in the midst of removing it: it goes on going.
static void test_a_pipe_that_is_being_removed_is_not_left_after(void **state) {
    (void)state;
    struct thread *first = generation_start(1);
    long handle = do_create(first, "/q", FLOW_QUEUE, RULES_OPEN, 200, 0);
    for (uint32_t count = 0; count < 200; count++)
        assert_int_equal(do_send(first, handle, "x", 0, DEADLINE_NOW), 0);
    memcpy(first->page->payload, "/q", 2);
    assert_int_equal(pipens_remove(&first->waiter, 2), PIPENS_RESTART);
    struct process *process = first->process;
    thread_end(first);
    uint32_t chunks = 1;
    for (; principal_end_step(&process->principal); chunks++)
        scene_audit("a chunk of principal_end_step");
    assert_int_equal(chunks, 3); // of 200 messages one was done
    process_end(process);
    assert_null(node_at("/q"));
}

static void test_the_account_that_paid_is_paid_back(void **state) {
    (void)state;
    uint64_t used = succession->account->used;
    struct thread *first = generation_start(1);
    must_create(first, "/q", FLOW_QUEUE);
    process_end(first->process);
    assert_true(succession->account->used > used);
    struct thread *second = generation_start(2);
    must_create(second, "/q", FLOW_QUEUE);
    assert_int_equal(do_remove(second, "/q"), 0);
    process_end(second->process);
    assert_int_equal(succession->account->used, used);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SUCCESSION_TEST(test_invariant_7_pipes_stay_with_rules_handles_and_messages),
        SUCCESSION_TEST(test_invariant_7_queued_calls_wait_for_the_successor),
        SUCCESSION_TEST(test_what_a_successor_may_not_take),
        SUCCESSION_TEST(test_a_directory_and_what_is_below_can_be_taken_over),
        SUCCESSION_TEST(test_a_process_of_the_succession_takes_over),
        SUCCESSION_TEST(test_abandoned_pipes_go_in_steps),
        SUCCESSION_TEST(test_a_pipe_that_is_being_removed_is_not_taken_over),
        SUCCESSION_TEST(test_a_pipe_that_is_being_removed_is_not_left_after),
        SUCCESSION_TEST(test_the_account_that_paid_is_paid_back),
    };
    return scene_run(tests);
}
