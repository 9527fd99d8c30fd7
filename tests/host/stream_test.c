// SPDX-License-Identifier: MIT
// Ends and beginnings of streams, and parts of messages.
#include "life.h"

// ---- Streams ----

static void test_the_end_of_a_stream_is_a_level(void **state) {
    (void)state;
    long owned = must_create(server, "/q", FLOW_QUEUE), writer = must_open(client, "/q", RIGHT_WRITE);
    long reader = must_open(other, "/q", RIGHT_READ);
    assert_int_equal(do_hook(other, reader, 7, HOOK_END), 0);
    do_close(server, owned);
    assert_nothing(other);
    assert_int_equal(do_send(client, writer, "last", 0, DEADLINE_NOW), 0);
    do_close(client, writer);
    assert_gets(other, MESSAGE_DATA);
    assert_page(other, "last");
    for (uint32_t count = 0; count < 3; count++) {
        memset(&other->page->received, 0xff, sizeof other->page->received);
        assert_int_equal(do_wait(other, DEADLINE_NOW), 0);
        const struct message_received expected = {
            .key = 7, .kind = KIND_SERVER, .type = MESSAGE_END, .pipe = node_at("/q")->number};
        assert_memory_equal(&other->page->received, &expected, sizeof expected);
    }
    // A new writer begins a new stream.
    writer = must_open(client, "/q", RIGHT_WRITE);
    assert_nothing(other);
    assert_int_equal(do_send(client, writer, "again", 0, DEADLINE_NOW), 0);
    assert_gets(other, MESSAGE_DATA);
    assert_nothing(other);
    process_end(client->process);
    assert_gets(other, MESSAGE_END);
}

static void test_the_end_wakes_who_waits(void **state) {
    (void)state;
    long owned = must_create(server, "/q", FLOW_QUEUE);
    long readers[] = {must_open(other, "/q", RIGHT_READ), must_open(client, "/q", RIGHT_READ)};
    assert_int_equal(do_hook(other, readers[0], 1, HOOK_END), 0);
    assert_int_equal(do_hook(client, readers[1], 2, HOOK_END), 0);
    assert_blocked(do_wait(other, DEADLINE_NONE));
    assert_blocked(do_wait(client, DEADLINE_NONE));
    do_close(server, owned);
    assert_false(other->is_blocked || client->is_blocked);
    assert_int_equal(other->result, 0);
    assert_int_equal(other->page->received.type, MESSAGE_END);
    assert_int_equal(client->page->received.type, MESSAGE_END);
    assert_int_equal(client->page->received.key, 2);
}

// A pipe without writers that a plain hook reads: a service queue never ends.
static void test_without_the_flag_a_queue_never_ends(void **state) {
    (void)state;
    long owned = must_create(server, "/q", FLOW_QUEUE);
    must_hook(other, "/q", 1);
    do_close(server, owned);
    assert_nothing(other);
}

// The writer's handle is closed by another thread while it waits for room: the end comes after its message.
static void test_a_blocked_sender_comes_before_the_end(void **state) {
    (void)state;
    long owned = create_with(server, "/q", FLOW_QUEUE, 1);
    struct thread *closer = thread_start(client->process, PRIORITY_USUAL);
    long writer = must_open(client, "/q", RIGHT_WRITE);
    do_close(server, owned);
    assert_int_equal(do_send(client, writer, "first", 0, DEADLINE_NOW), 0);
    assert_blocked(do_send(client, writer, "second", 0, DEADLINE_NONE));
    do_close(closer, writer);
    assert_int_equal(do_hook(other, must_open(other, "/q", RIGHT_READ), 1, HOOK_END), 0);
    assert_gets(other, MESSAGE_DATA);
    assert_gets(other, MESSAGE_DATA);
    assert_page(other, "second");
    assert_gets(other, MESSAGE_END);
}

// A handle in a message is a writer: who receives it may write.
static void test_a_writer_in_a_message_keeps_the_stream(void **state) {
    (void)state;
    long owned = must_create(server, "/q", FLOW_QUEUE), post = must_create(server, "/post", FLOW_QUEUE);
    attach(server, 0, owned);
    assert_int_equal(do_send(server, post, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    do_close(server, owned);
    assert_int_equal(do_hook(other, must_open(other, "/q", RIGHT_READ), 1, HOOK_END), 0);
    assert_nothing(other);
    must_hook(client, "/post", 1);
    assert_gets(client, MESSAGE_DATA);
    assert_nothing(other);
    do_close(client, (long)client->page->received.handle[0]);
    assert_gets(other, MESSAGE_END);
}

static void test_a_revoked_hook_is_not_told_the_end(void **state) {
    (void)state;
    long owned = must_create(server, "/q", FLOW_QUEUE);
    assert_int_equal(do_hook(other, must_open(other, "/q", RIGHT_READ), 1, HOOK_END), 0);
    long manager = must_open(server, "/q", RIGHT_MANAGE);
    assert_int_equal(do_rules(server, manager, RULES_DEFAULT), 0);
    do_close(server, owned);
    assert_nothing(other);
    assert_int_equal(do_rules(server, manager, RULES_OPEN), 0);
    assert_gets(other, MESSAGE_END);
}

static void test_the_beginning_of_a_stream(void **state) {
    (void)state;
    do_close(server, must_create(server, "/q", FLOW_QUEUE));
    long watcher = must_open(other, "/q", RIGHT_READ);
    assert_int_equal(do_hook(other, watcher, 5, HOOK_BEGIN), 0);
    assert_nothing(other); // the creator's handle has begun nothing
    long writer = must_open(client, "/q", RIGHT_WRITE);
    for (uint32_t count = 0; count < 2; count++) {
        assert_gets(other, MESSAGE_BEGIN);
        assert_int_equal(other->page->received.key, 5);
        assert_int_equal(other->page->received.pid, 0);
    }
    // An end that no hook was told has had its beginning.
    do_close(client, writer);
    assert_gets(other, MESSAGE_BEGIN);
    assert_int_equal(do_hook(client, must_open(client, "/q", RIGHT_READ), 1, HOOK_END), 0);
    assert_gets(client, MESSAGE_END);
    assert_nothing(other);
    // A message alone is a beginning as well.
    writer = must_open(server, "/q", RIGHT_WRITE);
    assert_gets(other, MESSAGE_BEGIN);
    assert_int_equal(do_send(server, writer, "x", 0, DEADLINE_NOW), 0);
    do_close(server, writer);
    assert_gets(other, MESSAGE_BEGIN);
    assert_gets(client, MESSAGE_DATA); // the watcher has taken nothing
    assert_gets(other, MESSAGE_BEGIN);
    assert_gets(client, MESSAGE_END);
    assert_nothing(other);
    assert_int_equal(do_unhook(other, watcher), 0);
    assert_int_equal(node_at("/q")->hook_count, 1);
}

static void test_a_message_without_writers_is_a_beginning(void **state) {
    (void)state;
    long owned = must_create(server, "/q", FLOW_QUEUE);
    assert_int_equal(do_send(server, owned, "x", 0, DEADLINE_NOW), 0);
    do_close(server, owned);
    assert_int_equal(do_hook(other, must_open(other, "/q", RIGHT_READ), 1, HOOK_BEGIN), 0);
    assert_gets(other, MESSAGE_BEGIN);
    assert_int_equal(node_at("/q")->ring.head - node_at("/q")->ring.tail, 1);
}

static void test_the_beginning_wakes_who_waits(void **state) {
    (void)state;
    do_close(server, must_create(server, "/q", FLOW_QUEUE));
    assert_int_equal(do_hook(other, must_open(other, "/q", RIGHT_READ), 1, HOOK_BEGIN), 0);
    assert_blocked(do_wait(other, DEADLINE_NONE));
    must_open(client, "/q", RIGHT_WRITE);
    assert_false(other->is_blocked);
    assert_int_equal(other->page->received.type, MESSAGE_BEGIN);
}

// It serves nothing: it is leased nothing, and a message goes past it.
static void test_a_watcher_serves_nothing(void **state) {
    (void)state;
    long owned = create_with(server, "/q", FLOW_QUEUE, 1);
    assert_int_equal(do_hook(other, must_open(other, "/q", RIGHT_READ), 1, HOOK_BEGIN), 0);
    assert_int_equal(do_send(server, owned, "x", 0, DEADLINE_NOW), 0);
    struct thread *high = thread_start(process_start(9, KIND_APP, QUOTA_PLENTY), 30);
    assert_blocked(do_send(high, must_open(high, "/q", RIGHT_WRITE), "y", 0, DEADLINE_NONE));
    assert_int_equal(other->waiter.priority, PRIORITY_USUAL);
    assert_null(fast_send_check(&server->waiter, (uint64_t)owned, 1, 0));
    do_remove(server, "/q");
    assert_gets(other, MESSAGE_GONE);
}

// ---- Parts of messages ----

static long wait_limited(struct thread *thread, uint32_t limit, uint64_t deadline) {
    thread->page->sent.limit = limit;
    long result = pipens_reply_wait(&thread->waiter, 0, 0, RECEIVE_LIMIT, deadline);
    if (result == BLOCKED)
        thread->is_blocked = true;
    return result;
}

static void test_a_limit_leaves_the_rest_for_the_next_receiver(void **state) {
    (void)state;
    long owned = create_with(server, "/q", FLOW_QUEUE, 1), passed = must_create(server, "/e", FLOW_EVENT);
    must_hook(client, "/q", 1);
    must_hook(other, "/q", 2);
    attach(server, 0, passed);
    assert_int_equal(do_send(server, owned, "one two three", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    assert_error(do_send(server, owned, "more", 0, DEADLINE_NOW), EAGAIN);
    assert_int_equal(wait_limited(client, 4, DEADLINE_NOW), 4);
    assert_page(client, "one ");
    assert_int_equal(client->page->received.handle_count, 1); // handles go with the first part
    assert_int_equal(client->page->received.pid, 1);
    assert_int_equal(node_at("/q")->out, 0);
    assert_error(do_send(server, owned, "more", 0, DEADLINE_NOW), EAGAIN); // it holds its slot still
    assert_int_equal(wait_limited(other, 4, DEADLINE_NOW), 4);
    assert_page(other, "two ");
    assert_int_equal(other->page->received.handle_count, 0);
    assert_int_equal(do_wait(client, DEADLINE_NOW), 5);
    assert_page(client, "three");
    assert_int_equal(client->page->received.handle_count, 0);
    assert_int_equal(node_at("/q")->out, 1);
    assert_error(wait_limited(client, 4, DEADLINE_NOW), EAGAIN);
    assert_int_equal(do_send(server, owned, "more", 0, DEADLINE_NOW), 0);
    assert_int_equal(wait_limited(client, 4, DEADLINE_NOW), 4); // no more than the limit: all of it
    assert_error(wait_limited(client, 4, DEADLINE_NOW), EAGAIN);
    assert_int_equal(do_send(server, owned, "", 0, DEADLINE_NOW), 0);
    assert_int_equal(wait_limited(client, 1, DEADLINE_NOW), 0);
    assert_error(wait_limited(client, 1, DEADLINE_NOW), EAGAIN);
}

static void test_a_limit_is_not_zero(void **state) {
    (void)state;
    must_create(server, "/q", FLOW_QUEUE);
    must_hook(client, "/q", 1);
    assert_error(wait_limited(client, 0, DEADLINE_NONE), EINVAL);
    assert_int_equal(client->waiter.state, WAIT_NONE);
}

// The fast path would bring all of a message to a thread that asked for a part.
static void test_who_waits_with_a_limit_gets_a_part(void **state) {
    (void)state;
    long owned = must_create(server, "/q", FLOW_QUEUE);
    must_hook(client, "/q", 1);
    assert_blocked(wait_limited(client, 3, DEADLINE_NONE));
    assert_null(fast_send_check(&server->waiter, (uint64_t)owned, 6, 0));
    assert_int_equal(do_send(server, owned, "abcdef", 0, DEADLINE_NOW), 0);
    assert_false(client->is_blocked);
    assert_int_equal(client->result, 3);
    assert_page(client, "abc");
    assert_int_equal(do_wait(client, DEADLINE_NOW), 3);
    assert_page(client, "def");
    // The limit is gone with its wait.
    assert_blocked(do_wait(client, DEADLINE_NONE));
    assert_non_null(fast_send_check(&server->waiter, (uint64_t)owned, 6, 0));
    assert_int_equal(do_send(server, owned, "abcdef", 0, DEADLINE_NOW), 0);
    assert_int_equal(client->result, 6);
}

static void test_a_wait_with_a_limit_ends_as_each_wait(void **state) {
    (void)state;
    must_create(server, "/q", FLOW_QUEUE);
    long call = must_create(server, "/c", FLOW_CALL);
    must_hook(client, "/q", 1);
    must_hook(client, "/c", 1);
    assert_blocked(wait_limited(client, 3, host.now + 100));
    do_pass(100);
    assert_error(client->result, ETIMEDOUT);
    assert_blocked(wait_limited(client, 3, DEADLINE_NONE));
    struct hook *hook;
    assert_null(fast_call_check(&server->waiter, (uint64_t)call, 1, 0, DEADLINE_NONE, &hook));
    assert_blocked(do_call(server, call, "longer", 0, DEADLINE_NONE)); // a limit is of queues alone
    assert_int_equal(client->result, 6);
    assert_blocked(wait_limited(client, 3, DEADLINE_NONE));
    process_end(client->process);
    assert_error(server->result, EOWNERDEAD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        LIFE_TEST(test_the_end_of_a_stream_is_a_level),
        LIFE_TEST(test_the_end_wakes_who_waits),
        LIFE_TEST(test_without_the_flag_a_queue_never_ends),
        LIFE_TEST(test_a_blocked_sender_comes_before_the_end),
        LIFE_TEST(test_a_writer_in_a_message_keeps_the_stream),
        LIFE_TEST(test_a_revoked_hook_is_not_told_the_end),
        LIFE_TEST(test_the_beginning_of_a_stream),
        LIFE_TEST(test_a_message_without_writers_is_a_beginning),
        LIFE_TEST(test_the_beginning_wakes_who_waits),
        LIFE_TEST(test_a_watcher_serves_nothing),
        LIFE_TEST(test_a_limit_leaves_the_rest_for_the_next_receiver),
        LIFE_TEST(test_a_limit_is_not_zero),
        LIFE_TEST(test_who_waits_with_a_limit_gets_a_part),
        LIFE_TEST(test_a_wait_with_a_limit_ends_as_each_wait),
    };
    return scene_run(tests);
}
