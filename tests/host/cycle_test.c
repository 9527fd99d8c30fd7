// SPDX-License-Identifier: MIT
// Cycles of waiting: the wait that would close one is refused, with the names of the chain.
#include "check.h"
#include "flow.h"

static struct thread *server_start(uint32_t pid, const char *path) {
    struct thread *thread = program_start(pid, KIND_SERVER);
    must_create(thread, path, FLOW_CALL);
    must_hook(thread, path, 0);
    return thread;
}

static long call(struct thread *thread, const char *path) {
    return do_call(thread, must_open(thread, path, RIGHT_WRITE), "x", 0, DEADLINE_NONE);
}

static void test_invariant_8_a_call_of_oneself_is_refused(void **state) {
    (void)state;
    struct thread *a = server_start(1, "/a");
    assert_error(call(a, "/a"), EDEADLK);
    assert_page(a, "/a\n");
    assert_int_equal(node_at("/a")->in, 0);
    assert_error(do_wait(a, DEADLINE_NOW), EAGAIN);
}

static void test_invariant_8_a_cycle_of_three_is_refused_with_its_names(void **state) {
    (void)state;
    struct thread *a = server_start(1, "/a"), *b = server_start(2, "/b"), *c = server_start(3, "/c");
    assert_blocked(call(a, "/b"));
    assert_blocked(call(b, "/c"));
    assert_error(call(c, "/a"), EDEADLK);
    assert_page(c, "/a\n/b\n/c\n");
    assert_int_equal(do_wait(c, DEADLINE_NOW), 1); // c can still serve
    do_reply(c, c->page->received.token, "x", 0);
    assert_blocked(call(c, "/a")); // and then call
}

// b took a's call and waits on its hooks again: it still owes a the reply.
static void test_invariant_8_a_server_that_waits_while_it_owes_is_seen(void **state) {
    (void)state;
    struct thread *a = server_start(1, "/a"), *b = server_start(2, "/b");
    assert_blocked(call(a, "/b"));
    assert_int_equal(do_wait(b, DEADLINE_NOW), 1);
    uint64_t token = b->page->received.token;
    assert_blocked(do_wait(b, host.now + 5));
    do_pass(5);
    assert_error(call(b, "/a"), EDEADLK);
    assert_page(b, "/a\n/b\n");
    do_reply(b, token, "x", 0);
    assert_blocked(call(b, "/a"));
}

static void test_invariant_8_a_full_queue_closes_a_cycle_too(void **state) {
    (void)state;
    struct thread *a = server_start(1, "/a"), *b = server_start(2, "/b");
    assert_true(do_create(b, "/q", FLOW_QUEUE, RULES_OPEN, 1, 0) > 0);
    must_hook(b, "/q", 0);
    long handle = must_open(a, "/q", RIGHT_WRITE);
    assert_int_equal(do_send(a, handle, "x", 0, DEADLINE_NONE), 0);
    assert_blocked(call(b, "/a"));
    assert_error(do_send(a, handle, "x", 0, DEADLINE_NONE), EDEADLK);
    assert_page(a, "/q\n/a\n");
    assert_error(do_send(a, handle, "x", 0, DEADLINE_NOW), EAGAIN); // it would not wait
    struct thread *c = program_start(3, KIND_APP);
    assert_blocked(do_send(c, must_open(c, "/q", RIGHT_WRITE), "x", 0, DEADLINE_NONE));
    assert_error(do_send(b, must_open(b, "/q", RIGHT_WRITE), "x", 0, DEADLINE_NONE), EDEADLK);
}

// A chain may go through a sender that waits.
static void test_invariant_8_a_blocked_sender_is_part_of_the_chain(void **state) {
    (void)state;
    struct thread *a = server_start(1, "/a"), *b = server_start(2, "/b");
    assert_true(do_create(b, "/q", FLOW_QUEUE, RULES_OPEN, 1, 0) > 0);
    must_hook(b, "/q", 0);
    long handle = must_open(a, "/q", RIGHT_WRITE);
    assert_int_equal(do_send(a, handle, "x", 0, DEADLINE_NONE), 0);
    assert_blocked(do_send(a, handle, "x", 0, DEADLINE_NONE));
    assert_error(call(b, "/a"), EDEADLK);
    assert_page(b, "/a\n/q\n");
}

static void test_a_pipe_with_two_servers_closes_no_cycle(void **state) {
    (void)state;
    struct thread *a = server_start(1, "/a"), *helper = thread_start(a->process, PRIORITY_USUAL);
    long handle = must_hook(helper, "/a", 0);
    assert_blocked(call(a, "/a"));
    assert_int_equal(do_wait(helper, DEADLINE_NOW), 1);
    do_reply(helper, helper->page->received.token, "x", 0);
    assert_int_equal(do_unhook(helper, handle), 0);
    assert_error(call(a, "/a"), EDEADLK);
}

// A thread that hooks a pipe through two handles is still its only server.
static void test_invariant_8_two_hooks_of_one_thread_hide_no_cycle(void **state) {
    (void)state;
    struct thread *a = server_start(1, "/a"), *b = thread_start(program_start(2, KIND_APP)->process, 25);
    must_hook(a, "/a", 1);
    assert_error(call(a, "/a"), EDEADLK);
    assert_blocked(call(b, "/a"));
    assert_int_equal(a->waiter.priority, 25);
}

// Waiting for a pipe of several servers closes no cycle, but the end of a hook may leave only the one that waits.
static void test_invariant_8_a_cycle_that_a_hooks_end_closes_is_broken(void **state) {
    (void)state;
    struct thread *a = server_start(1, "/a"), *b = server_start(2, "/b"), *c = program_start(3, KIND_APP);
    struct thread *helper = thread_start(a->process, PRIORITY_USUAL);
    long handle = must_hook(helper, "/a", 0);
    assert_blocked(call(a, "/b"));
    assert_blocked(call(c, "/a"));
    assert_blocked(call(b, "/a"));
    assert_int_equal(do_unhook(helper, handle), 0);
    assert_error(b->result, EDEADLK);
    assert_true(a->is_blocked && c->is_blocked);
    assert_int_equal(do_wait(b, DEADLINE_NOW), 1); // of a, which now is served
}

static void test_invariant_8_a_senders_cycle_that_a_threads_end_closes_is_broken(void **state) {
    (void)state;
    struct thread *a = program_start(1, KIND_SERVER), *helper = thread_start(a->process, PRIORITY_USUAL);
    long handle = do_create(a, "/q", FLOW_QUEUE, RULES_OPEN, 1, 0);
    must_hook(a, "/q", 0);
    must_hook(helper, "/q", 0);
    assert_int_equal(do_send(a, handle, "x", 0, DEADLINE_NONE), 0);
    assert_blocked(do_send(a, handle, "y", 0, DEADLINE_NONE));
    thread_end(helper);
    assert_error(a->result, EDEADLK);
    assert_int_equal(do_wait(a, DEADLINE_NOW), 1);
    assert_error(do_wait(a, DEADLINE_NOW), EAGAIN);
}

static void test_a_chain_that_ends_is_no_cycle(void **state) {
    (void)state;
    struct thread *a = server_start(1, "/a"), *b = server_start(2, "/b"), *c = program_start(3, KIND_APP);
    must_create(a, "/nobody", FLOW_CALL);
    assert_blocked(call(b, "/nobody"));
    assert_blocked(call(a, "/b"));
    assert_blocked(call(c, "/a"));
}

// The names of a long chain are cut to what the page holds; they never run over its end.
static void test_the_names_fit_the_page(void **state) {
    (void)state;
    char path[80];
    struct thread *threads[100], *last = NULL;
    for (uint32_t index = 0; index < 100; index++) {
        snprintf(path, sizeof path, "/a-name-that-is-so-long-that-a-page-does-not-hold-them-all-%03u", index);
        threads[index] = server_start(10 + index, path);
        if (last)
            assert_blocked(call(last, path));
        last = threads[index];
    }
    assert_error(call(last, "/a-name-that-is-so-long-that-a-page-does-not-hold-them-all-000"), EDEADLK);
    assert_true(last->page->received.length <= PAYLOAD_MAX);
    assert_true(last->page->received.length > PAYLOAD_MAX - sizeof path);
    assert_int_equal(last->page->payload[last->page->received.length - 1], '\n');
}

#define FILLING "/a-name-of-which-as-many-as-that-fill-the-page-to-its-end-" // with a number, 63 bytes

// A further server, which the last one calls.
static struct thread *chain_append(struct thread *last, uint32_t index, const char *end) {
    char path[80];
    snprintf(path, sizeof path, FILLING "%05u%s", index, end);
    struct thread *thread = server_start(10 + index, path);
    if (last)
        assert_blocked(call(last, path));
    return thread;
}

// 63 names of 64 bytes, with the ends of their lines, fill the page; one more finds no room.
static void test_names_fill_the_page(void **state) {
    (void)state;
    struct thread *last = NULL;
    for (uint32_t index = 0; index < 63; index++)
        last = chain_append(last, index, "");
    assert_error(call(last, FILLING "00000"), EDEADLK);
    assert_int_equal(last->page->received.length, PAYLOAD_MAX);
    last = chain_append(last, 63, "");
    assert_error(call(last, FILLING "00000"), EDEADLK);
    assert_int_equal(last->page->received.length, PAYLOAD_MAX);
}

// A name that would just fit, but not the end of its line, is left out.
static void test_a_name_comes_with_the_end_of_its_line(void **state) {
    (void)state;
    struct thread *last = NULL;
    for (uint32_t index = 0; index < 63; index++)
        last = chain_append(last, index, index < 62 ? "" : "x");
    assert_error(call(last, FILLING "00000"), EDEADLK);
    assert_int_equal(last->page->received.length, PAYLOAD_MAX - 64);
}

#define CHAIN 1030u // longer than what is followed

static struct thread *chain[CHAIN];

static long open_number(struct thread *thread, uint32_t number, uint32_t rights) {
    int length = snprintf((char *)thread->page->payload, PAYLOAD_MAX, "/%u", number);
    return (pipens_open)(&thread->waiter, (uint64_t)length, rights);
}

// Thread n serves the pipe /n and calls /n+1. It is done without the audits that follow each action of the scene.
static void make_chain(void) {
    const struct node_plan plan = {FLOW_CALL, RULES_OPEN, 0, 0};
    for (uint32_t index = 0; index < CHAIN; index++) {
        char path[16];
        long error = 0;
        chain[index] = program_start(10 + index, KIND_SERVER);
        struct waiter *waiter = &chain[index]->waiter;
        int length = snprintf(path, sizeof path, "/%u", index);
        assert_non_null((node_create)(waiter->principal, path, (uint32_t)length, &plan, &error));
        long handle = open_number(chain[index], index, RIGHT_READ);
        assert_int_equal((pipens_hook)(waiter, (uint64_t)handle, 0, 0), 0);
        if (!index)
            continue;
        handle = open_number(chain[index - 1], index, RIGHT_WRITE);
        assert_blocked((pipens_call)(&chain[index - 1]->waiter, (uint64_t)handle, 0, 0, DEADLINE_NONE));
        chain[index - 1]->is_blocked = true;
    }
}

static void test_invariant_1_the_search_is_bounded(void **state) {
    (void)state;
    make_chain();
    scene_audit("a long chain");
    const struct waiter *last = &chain[CHAIN - 1]->waiter;
    assert_error(cycle_check(last, node_at("/20"), NULL), EDEADLK);
    assert_int_equal(cycle_check(last, node_at("/0"), NULL), 0);
    cycle_break(node_at("/0"));
    assert_true(chain[0]->is_blocked);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_invariant_8_a_call_of_oneself_is_refused),
        SCENE_TEST(test_invariant_8_a_cycle_of_three_is_refused_with_its_names),
        SCENE_TEST(test_invariant_8_a_server_that_waits_while_it_owes_is_seen),
        SCENE_TEST(test_invariant_8_a_full_queue_closes_a_cycle_too),
        SCENE_TEST(test_invariant_8_a_blocked_sender_is_part_of_the_chain),
        SCENE_TEST(test_a_pipe_with_two_servers_closes_no_cycle),
        SCENE_TEST(test_invariant_8_two_hooks_of_one_thread_hide_no_cycle),
        SCENE_TEST(test_invariant_8_a_cycle_that_a_hooks_end_closes_is_broken),
        SCENE_TEST(test_invariant_8_a_senders_cycle_that_a_threads_end_closes_is_broken),
        SCENE_TEST(test_a_chain_that_ends_is_no_cycle),
        SCENE_TEST(test_the_names_fit_the_page),
        SCENE_TEST(test_names_fill_the_page),
        SCENE_TEST(test_a_name_comes_with_the_end_of_its_line),
        SCENE_TEST(test_invariant_1_the_search_is_bounded),
    };
    return scene_run(tests);
}
