// SPDX-License-Identifier: MIT
// Calls: tokens, replies, deadlines, deaths and what is leased.
#include "check.h"

static struct thread *server, *client;
static long to_server; // the client's handle

static int start(void **state) {
    check_setup(state);
    server = program_start(1, KIND_SERVER);
    client = program_start(2, KIND_APP);
    must_create(server, "/c", FLOW_CALL);
    must_hook(server, "/c", 5);
    to_server = must_open(client, "/c", RIGHT_WRITE);
    return 0;
}

#define CALL_TEST(name) cmocka_unit_test_setup_teardown(name, start, check_teardown)

// The server takes the next call; its token.
static uint64_t take_call(struct thread *thread) {
    assert_true(do_wait(thread, DEADLINE_NOW) >= 0);
    assert_int_equal(thread->page->received.type, MESSAGE_CALL);
    return thread->page->received.token;
}

// The client's call, taken by the server; its token.
static uint64_t call_and_take(const char *text) {
    assert_blocked(do_call(client, to_server, text, 0, DEADLINE_NONE));
    return take_call(server);
}

static struct thread *another_client(uint32_t pid, unsigned priority, const char *text, uint64_t deadline) {
    struct thread *thread = thread_start(process_start(pid, KIND_APP, QUOTA_PLENTY), priority);
    assert_blocked(do_call(thread, must_open(thread, "/c", RIGHT_WRITE), text, 0, deadline));
    return thread;
}

// ---- Request and reply ----

static void test_a_call_to_a_waiting_server(void **state) {
    (void)state;
    assert_blocked(do_wait(server, DEADLINE_NONE));
    assert_blocked(do_call(client, to_server, "ask", 0, DEADLINE_NONE));
    assert_false(server->is_blocked);
    assert_int_equal(server->result, 3);
    assert_page(server, "ask");
    const struct message_received *head = &server->page->received;
    assert_int_equal(head->type, MESSAGE_CALL);
    assert_int_equal(head->key, 5);
    assert_int_equal(head->pid, 2);
    assert_int_equal(head->kind, KIND_APP);
    assert_blocked(do_reply_wait(server, head->token, "answer", DEADLINE_NONE));
    assert_false(client->is_blocked);
    assert_int_equal(client->result, 6);
    assert_page(client, "answer");
    assert_int_equal(client->page->received.pid, 1);
    assert_int_equal(client->page->received.kind, KIND_SERVER);
    assert_int_equal(client->page->received.token, 0);
    assert_true(server->is_blocked);
    assert_int_equal(node_at("/c")->in, 1);
    assert_int_equal(node_at("/c")->out, 1);
    assert_int_equal(node_at("/c")->in_flight, 0);
}

static void test_a_call_to_a_busy_server_is_queued(void **state) {
    (void)state;
    struct pipe_stat stat;
    assert_blocked(do_call(client, to_server, "ask", 0, DEADLINE_NONE));
    do_stat(client, to_server, "", &stat);
    assert_int_equal(stat.waiting, 1);
    assert_int_equal(stat.depth, 1);
    assert_int_equal(stat.oldest, host.now);
    assert_int_equal(stat.holder_count, 0);
    uint64_t token = take_call(server);
    do_stat(client, to_server, "", &stat);
    assert_int_equal(stat.oldest, 0); // nothing waits any more
    assert_int_equal(stat.waiting, 0);
    assert_int_equal(stat.depth, 1);
    assert_int_equal(stat.holder_count, 1);
    assert_int_equal(stat.holder, 1);
    assert_int_equal(do_reply(server, token, "", 0), 0);
    assert_int_equal(client->result, 0);
    assert_int_equal(client->page->received.pid, 1); // an empty reply has its header too
    assert_int_equal(client->page->received.length, 0);
}

// Whoever holds a call is named: also one that hooks the pipe no more, and not one that only hooks it.
static void test_stat_names_a_holder(void **state) {
    (void)state;
    struct thread *worker = program_start(3, KIND_SERVER), *second = another_client(10, 1, "two", DEADLINE_NONE);
    struct pipe_stat stat;
    uint64_t two = take_call(server);
    long handle = must_hook(worker, "/c", 0);
    assert_blocked(do_call(client, to_server, "one", 0, DEADLINE_NONE));
    uint64_t one = take_call(worker);
    assert_int_equal(do_reply(server, two, "x", 0), 0);
    do_stat(second, must_open(second, "/c", RIGHT_WRITE), "", &stat);
    assert_int_equal(stat.holder_count, 1);
    assert_int_equal(stat.holder, 3);
    assert_int_equal(do_unhook(worker, handle), 0);
    do_stat(second, 0, "/c", &stat);
    assert_int_equal(stat.holder, 3);
    assert_int_equal(do_reply(worker, one, "x", 0), 0);
    do_stat(second, 0, "/c", &stat);
    assert_int_equal(stat.holder_count, 0);
    assert_int_equal(stat.holder, 0);
}

static void test_callers_go_by_priority(void **state) {
    (void)state;
    static const unsigned priorities[] = {3, 31, 0, 31, 17};
    static const char *const texts[] = {"3", "31a", "0", "31b", "17"}, *const order[] = {"31a", "31b", "17", "3", "0"};
    for (uint32_t index = 0; index < 5; index++)
        another_client(10 + index, priorities[index], texts[index], DEADLINE_NONE);
    for (size_t index = 0; index < 5; index++) {
        take_call(server);
        assert_page(server, order[index]);
    }
}

static void test_a_token_is_good_once(void **state) {
    (void)state;
    uint64_t token = call_and_take("ask");
    assert_int_equal(do_reply(server, token, "x", 0), 0);
    assert_error(do_reply(server, token, "x", 0), ESTALE);
    assert_error(do_lease(server, token, 0, 0, HOST_MEMORY_BASE, 0), ESTALE);
    uint64_t second = call_and_take("ask");
    assert_int_not_equal(token, second);
    assert_error(do_reply(server, token, "x", 0), ESTALE);
    assert_true(client->is_blocked);
    assert_int_equal(do_reply(server, second, "x", 0), 0);
}

static void test_a_token_of_another_process_is_stale(void **state) {
    (void)state;
    struct thread *thief = program_start(3, KIND_SERVER);
    uint64_t token = call_and_take("ask");
    uint64_t wrong[] = {token + 1, token ^ 1ull << 16, UINT64_MAX, 0xffff, 1, token | 1ull << 63};
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++)
        assert_error(do_reply(server, wrong[index], "x", 0), ESTALE);
    assert_error(do_reply(thief, token, "x", 0), ESTALE);
    assert_error(do_reply_wait(thief, token, "x", DEADLINE_NONE), ESTALE);
    assert_false(thief->is_blocked);
    assert_true(client->is_blocked);
    assert_int_equal(do_reply(server, token, "x", 0), 0);
}

static void test_replies_may_be_deferred_and_by_any_thread(void **state) {
    (void)state;
    struct thread *second = thread_start(server->process, PRIORITY_USUAL);
    struct thread *other = another_client(10, PRIORITY_USUAL, "two", DEADLINE_NONE);
    assert_blocked(do_call(client, to_server, "one", 0, DEADLINE_NONE));
    uint64_t two = take_call(server), one = take_call(server);
    assert_page(server, "one");
    assert_int_equal(do_reply(second, one, "to one", 0), 0);
    assert_page(client, "to one");
    assert_true(other->is_blocked);
    assert_int_equal(do_reply(server, two, "to two", 0), 0);
    assert_page(other, "to two");
}

static void test_a_server_replies_an_error(void **state) {
    (void)state;
    uint64_t token = call_and_take("ask");
    assert_int_equal(do_reply_error(server, token, -PIPE_EPROTO), 0);
    assert_error(client->result, EPROTO);
    token = call_and_take("ask");
    assert_error(do_reply_error(server, token, -4096), EINVAL);
    assert_error(do_reply_error(server, token, INT64_MIN), EINVAL);
    assert_int_equal(do_reply_error(server, token, -4095), 0);
    assert_int_equal(client->result, -4095);
}

static void test_lengths_that_are_too_long(void **state) {
    (void)state;
    assert_error(pipens_call(&client->waiter, (uint64_t)to_server, PAYLOAD_MAX + 1, 0, DEADLINE_NONE), EMSGSIZE);
    assert_error(pipens_call(&client->waiter, (uint64_t)to_server, 1ull << 32, 0, DEADLINE_NONE), EMSGSIZE);
    memset(client->page->payload, 'z', PAYLOAD_MAX);
    assert_blocked(pipens_call(&client->waiter, (uint64_t)to_server, PAYLOAD_MAX, 0, DEADLINE_NONE));
    client->is_blocked = true;
    uint64_t token = take_call(server);
    assert_int_equal(server->page->received.length, PAYLOAD_MAX);
    assert_int_equal(server->page->payload[PAYLOAD_MAX - 1], 'z');
    assert_error(pipens_reply_wait(&server->waiter, token, PAYLOAD_MAX + 1, REPLY_ONLY, 0), EMSGSIZE);
    assert_error(pipens_reply_wait(&server->waiter, token, INT64_MAX, REPLY_ONLY, 0), EMSGSIZE);
    assert_int_equal(pipens_reply_wait(&server->waiter, token, PAYLOAD_MAX, REPLY_ONLY, 0), 0);
    assert_int_equal(client->result, PAYLOAD_MAX);
}

static void test_flags_that_do_not_exist(void **state) {
    (void)state;
    assert_error(do_call(client, to_server, "ask", REPLY_ONLY, DEADLINE_NONE), EINVAL);
    assert_error(do_call(client, to_server, "ask", 1ull << 32, DEADLINE_NONE), EINVAL);
    assert_error(do_call(client, to_server, "ask", ATTACH_HANDLES(MESSAGE_HANDLES_MAX + 1), DEADLINE_NONE), EINVAL);
    uint64_t token = call_and_take("ask");
    assert_error(do_reply(server, token, "x", RECEIVE_LIMIT << 1), EINVAL);
    assert_error(do_reply(server, token, "x", ATTACH_LEASES(1)), EINVAL);
    assert_true(client->is_blocked);
}

static void test_a_call_that_may_not_wait(void **state) {
    (void)state;
    assert_blocked(do_wait(server, DEADLINE_NONE));
    assert_error(do_call(client, to_server, "ask", 0, DEADLINE_NOW), EAGAIN);
    assert_true(server->is_blocked);
    assert_int_equal(node_at("/c")->in, 0);
}

// ---- Deadlines, deaths, removal ----

static void test_invariant_6_a_queued_call_has_a_deadline(void **state) {
    (void)state;
    assert_blocked(do_call(client, to_server, "ask", 0, host.now + 10));
    do_pass(10);
    assert_error(client->result, ETIMEDOUT);
    assert_int_equal(node_at("/c")->waiting.count, 0);
    assert_error(do_wait(server, DEADLINE_NOW), EAGAIN); // nor is its hook ready
}

static void test_invariant_6_a_call_in_flight_has_a_deadline(void **state) {
    (void)state;
    assert_blocked(do_call(client, to_server, "ask", 0, host.now + 10));
    uint64_t token = take_call(server);
    do_pass(10);
    assert_error(client->result, ETIMEDOUT);
    assert_error(do_reply(server, token, "late", 0), ESTALE);
    assert_int_equal(node_at("/c")->in_flight, 0);
}

static void test_invariant_6_a_wait_has_a_deadline(void **state) {
    (void)state;
    assert_blocked(do_wait(server, host.now + 10));
    do_pass(10);
    assert_error(server->result, ETIMEDOUT);
    assert_blocked(do_call(client, to_server, "ask", 0, DEADLINE_NONE));
    assert_int_equal(do_wait(server, DEADLINE_NONE), 3);
}

static void test_invariant_6_callers_may_be_killed_anywhere(void **state) {
    (void)state;
    struct thread *queued = another_client(10, 1, "queued", DEADLINE_NONE);
    uint64_t token = call_and_take("in flight");
    process_end(client->process);
    process_end(queued->process);
    assert_error(do_reply(server, token, "x", 0), ESTALE);
    assert_error(do_wait(server, DEADLINE_NOW), EAGAIN);
    assert_blocked(do_wait(server, DEADLINE_NONE));
    process_end(server->process);
}

static void test_invariant_6_a_dead_server_ends_calls_in_flight_and_keeps_the_queued(void **state) {
    (void)state;
    struct thread *owner = program_start(3, KIND_SERVER);
    must_create(owner, "/d", FLOW_CALL);
    struct thread *worker = program_start(4, KIND_SERVER), *other = program_start(5, KIND_APP);
    must_hook(worker, "/d", 0);
    assert_blocked(do_call(client, must_open(client, "/d", RIGHT_WRITE), "flight", 0, DEADLINE_NONE));
    take_call(worker);
    assert_blocked(do_call(other, must_open(other, "/d", RIGHT_WRITE), "queued", 0, DEADLINE_NONE));
    process_end(worker->process);
    assert_error(client->result, EOWNERDEAD);
    assert_true(other->is_blocked);
    must_hook(owner, "/d", 0);
    uint64_t token = take_call(owner);
    assert_page(owner, "queued");
    assert_int_equal(do_reply(owner, token, "served", 0), 0);
    assert_page(other, "served");
}

// More callers than one bounded step wakes.
#define MANY 150u

static void test_invariant_1_a_server_with_many_callers_dies_in_steps(void **state) {
    (void)state;
    struct thread *threads[MANY];
    for (uint32_t index = 0; index < MANY; index++) {
        threads[index] = another_client(100 + index, PRIORITY_USUAL, "x", DEADLINE_NONE);
        take_call(server);
    }
    uint32_t chunks = 1;
    while (waiter_end_step(&server->waiter)) {
        scene_audit("a chunk");
        chunks++;
    }
    assert_int_equal(chunks, 3);
    for (uint32_t index = 0; index < MANY; index++)
        assert_error(threads[index]->result, EOWNERDEAD);
}

static void test_invariant_1_a_pipe_with_many_callers_goes_in_steps(void **state) {
    (void)state;
    struct thread *threads[MANY];
    for (uint32_t index = 0; index < MANY; index++)
        threads[index] = another_client(100 + index, PRIORITY_USUAL, "x", DEADLINE_NONE);
    memcpy(server->page->payload, "/c", 2);
    assert_int_equal(pipens_remove(&server->waiter, 2), PIPENS_RESTART);
    scene_audit("a chunk");
    assert_error(do_call(client, to_server, "x", 0, DEADLINE_NONE), EPIPE);
    assert_error(do_open(client, "/c", RIGHT_WRITE), ENOENT);
    uint64_t token = take_call(server); // of those that still wait
    assert_int_equal(do_remove(server, "/c"), 0);
    assert_int_equal(do_reply(server, token, "in time", 0), 0);
    uint32_t sent_away = 0;
    for (uint32_t index = 0; index < MANY; index++)
        sent_away += threads[index]->result == -PIPE_EPIPE;
    assert_int_equal(sent_away, MANY - 1);
}

static void test_removing_sends_the_queued_away_and_lets_those_in_flight_end(void **state) {
    (void)state;
    uint64_t token = call_and_take("in flight");
    struct thread *queued = another_client(10, 1, "queued", DEADLINE_NONE);
    assert_int_equal(do_remove(server, "/c"), 0);
    assert_error(queued->result, EPIPE);
    assert_true(client->is_blocked);
    assert_int_equal(do_reply(server, token, "done", 0), 0);
    assert_page(client, "done");
    assert_int_equal(do_wait(server, DEADLINE_NOW), 0);
    assert_int_equal(server->page->received.type, MESSAGE_GONE);
}

// The pipe's owner has ended, and a call on it is still in flight at another process.
static void test_a_reply_on_a_pipe_whose_owner_has_ended(void **state) {
    (void)state;
    struct thread *worker = program_start(3, KIND_SERVER);
    must_hook(worker, "/c", 0);
    assert_blocked(do_call(client, to_server, "ask", 0, DEADLINE_NONE));
    uint64_t token = take_call(worker);
    process_end(server->process);
    assert_null(node_at("/c"));
    assert_true(client->is_blocked);
    assert_int_equal(do_reply(worker, token, "done", 0), 0);
    assert_page(client, "done");
}

// ---- Leasing memory ----

#define AT(offset) (HOST_MEMORY_BASE + (offset))

// A call that leases `first` read-only and `second` writable; its token.
static uint64_t lease_and_take(struct lease first, struct lease second) {
    client->page->sent = (struct message_sent){.lease = {first, second}};
    uint64_t flags = ATTACH_LEASES(2) | ATTACH_WRITABLE(1);
    assert_blocked(do_call(client, to_server, "lease", flags, DEADLINE_NONE));
    return take_call(server);
}

static uint32_t pins(const struct process *process) {
    uint32_t count = 0;
    for (uint32_t page = 0; page < HOST_MEMORY_PAGES; page++)
        count += process->pins[page];
    return count;
}

static void test_what_is_leased_is_copied_both_ways(void **state) {
    (void)state;
    uint64_t token = lease_and_take((struct lease){AT(100), 50}, (struct lease){AT(4000), 200});
    assert_int_equal(server->page->received.lease_count, 2);
    assert_int_equal(server->page->received.lease_length[0], 50);
    assert_int_equal(server->page->received.lease_length[1], 200 | LEASE_WRITABLE);
    assert_int_equal(pins(client->process), 3); // the second crosses a page's end
    memcpy(client->process->memory + 110, "from the client", 15);
    assert_int_equal(do_lease(server, token, 0, 10, AT(0), 15), 15);
    assert_memory_equal(server->process->memory, "from the client", 15);
    memcpy(server->process->memory, "from the server", 15);
    assert_int_equal(do_lease(server, token, 1 | LEASE_WRITE, 185, AT(0), 15), 15);
    assert_memory_equal(client->process->memory + 4185, "from the server", 15);
    assert_int_equal(do_reply(server, token, "", 0), 0);
    assert_int_equal(pins(client->process), 0);
    assert_error(do_lease(server, token, 0, 0, AT(0), 1), ESTALE);
    call_and_take("no leases");
    assert_int_equal(server->page->received.lease_count, 0);
    assert_int_equal(server->page->received.lease_length[0], 0);
}

static void test_the_bounds_of_a_lease(void **state) {
    (void)state;
    uint64_t token = lease_and_take((struct lease){AT(100), 50}, (struct lease){AT(0), HOST_MEMORY_SIZE});
    static const uint64_t bad[][2] = {{0, 51}, {50, 1}, {51, 0}, {1, 50}, {UINT64_MAX, 1}, {1, UINT64_MAX}};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++)
        assert_error(do_lease(server, token, 0, bad[index][0], AT(0), bad[index][1]), ERANGE);
    assert_int_equal(do_lease(server, token, 0, 50, AT(0), 0), 0);
    assert_error(do_lease(server, token, LEASE_WRITE, 0, AT(0), 1), EACCES);
    assert_error(do_lease(server, token, 4, 0, AT(0), 1), EINVAL);
    assert_error(do_lease(server, token, 1ull << 32, 0, AT(0), 1), EINVAL);
    assert_error(do_lease(server, token, 1, 0, AT(1), HOST_MEMORY_SIZE), EFAULT); // the server's own memory
    assert_error(do_lease(server, token, 1, 0, 0, 1), EFAULT);
    assert_int_equal(do_reply(server, token, "", 0), 0);
    token = call_and_take("no leases");
    assert_error(do_lease(server, token, 0, 0, AT(0), 0), EINVAL);
}

// Another thread writes into the page while its call waits: what was checked is what counts.
static void test_invariant_12_a_page_that_changes_after_the_check_changes_nothing(void **state) {
    (void)state;
    long event = must_create(client, "/e", FLOW_EVENT);
    client->page->sent = (struct message_sent){.lease = {{AT(8), 4}}, .handle = {(uint32_t)event}};
    assert_blocked(do_call(client, to_server, "lease", ATTACH_LEASES(1) | ATTACH_HANDLES(1), DEADLINE_NONE));
    memset(client->page, 0xff, sizeof client->page->sent);
    uint64_t token = take_call(server);
    assert_int_equal(server->page->received.lease_length[0], 4);
    assert_int_equal(do_signal(server, (long)server->page->received.handle[0], 1), 0);
    assert_int_equal(do_lease(server, token, 0, 0, AT(0), 4), 4);
    assert_int_equal(do_reply(server, token, "", 0), 0);
    assert_int_equal(pins(client->process), 0);
}

// The same in the middle of the call: the header changes as soon as a part of it was looked at, a path once it was
// copied.
static void test_invariant_12_what_is_checked_was_copied(void **state) {
    (void)state;
    struct attachment attachment = {.object = region_make(&client->process->principal), .type = HANDLE_REGION};
    assert_int_equal(handle_reserve(&client->process->principal, 1), 0);
    uint32_t region = handle_install(&client->process->principal, &attachment);
    client->page->sent = (struct message_sent){.lease = {{AT(8), 4}, {AT(16), 5}}, .handle = {region}};
    uint64_t flags = ATTACH_LEASES(2) | ATTACH_HANDLES(1) | ATTACH_MOVE(0);
    host.raced = client->page;
    assert_blocked(do_call(client, to_server, "lease", flags, DEADLINE_NONE));
    host.raced = NULL;
    uint64_t token = take_call(server);
    assert_int_equal(server->page->received.lease_length[0], 4);
    assert_int_equal(server->page->received.lease_length[1], 5);
    assert_int_equal(do_close(server, server->page->received.handle[0]), 0);
    assert_error(do_close(client, region), ESTALE);
    assert_int_equal(do_reply(server, token, "", 0), 0);
    assert_int_equal(pins(client->process), 0);
    host.raced = client->page;
    long made = do_create(client, "/made", FLOW_EVENT, RULES_OPEN, 0, 0), opened = do_open(client, "/made", RIGHT_READ);
    host.raced = NULL;
    assert_true(made > 0 && opened > 0 && node_at("/made"));
}

static void test_a_lease_is_copied_in_steps(void **state) {
    (void)state;
    uint64_t token = lease_and_take((struct lease){AT(0), 1}, (struct lease){AT(0), HOST_MEMORY_SIZE});
    client->waiter.leases[0].length = LEASE_LENGTH_MAX; // more than a test's process has
    assert_error(do_lease(server, token, 0, 0, AT(0), LEASE_COPY_MAX + 1), EMSGSIZE);
    assert_error(do_lease(server, token, 0, 0, AT(0), LEASE_COPY_MAX), EFAULT); // that long it may be
    client->waiter.leases[0].length = 1;
}

static void test_invariant_5_a_lease_that_is_refused_pins_nothing(void **state) {
    (void)state;
    static const struct {
        struct lease range;
        long error;
    } bad[] = {
        {{AT(0), LEASE_LENGTH_MAX + 1}, -PIPE_EMSGSIZE},
        {{AT(0), UINT64_MAX}, -PIPE_EMSGSIZE},
        {{AT(0), HOST_MEMORY_SIZE + 1}, -PIPE_EFAULT},
        {{0, 1}, -PIPE_EFAULT},
        {{UINT64_MAX, 2}, -PIPE_EFAULT},
        {{AT(HOST_PAGE_SIZE), 1}, -PIPE_EFAULT},
        {{AT(0), LEASE_LENGTH_MAX}, -PIPE_EFAULT}, // that long it may be
    };
    client->process->is_read_only[1] = true;
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        client->page->sent = (struct message_sent){.lease = {{AT(0), 1}, bad[index].range}};
        long result = do_call(client, to_server, "lease", ATTACH_LEASES(2) | ATTACH_WRITABLE(1), DEADLINE_NONE);
        assert_int_equal(result, bad[index].error);
        assert_int_equal(pins(client->process), 0);
    }
    assert_int_equal(node_at("/c")->in, 0);
    client->page->sent = (struct message_sent){.lease = {{AT(HOST_PAGE_SIZE), 1}}};
    assert_blocked(do_call(client, to_server, "lease", ATTACH_LEASES(1), DEADLINE_NONE)); // only to be read
}

static void test_invariant_13_an_absent_page_is_the_callers_own_fault(void **state) {
    (void)state;
    client->process->is_absent[1] = true;
    client->page->sent = (struct message_sent){.lease = {{AT(0), HOST_MEMORY_SIZE}}};
    assert_blocked(do_call(client, to_server, "lease", ATTACH_LEASES(1), DEADLINE_NONE));
    assert_int_equal(client->waiter.state, WAIT_NONE); // it waits for its pager, not yet for the server
    assert_int_equal(pins(client->process), 0);
    client->process->is_absent[1] = false;
    client->is_blocked = false;
    assert_blocked(do_call(client, to_server, "lease", ATTACH_LEASES(1), DEADLINE_NONE));
    assert_int_equal(pins(client->process), HOST_MEMORY_PAGES);
}

static void test_pins_end_with_every_end_of_a_call(void **state) {
    (void)state;
    for (uint32_t way = 0; way < 3; way++) {
        client->page->sent = (struct message_sent){.lease = {{AT(0), 10}}};
        assert_blocked(do_call(client, to_server, "lease", ATTACH_LEASES(1), host.now + 10));
        assert_int_equal(pins(client->process), 1);
        if (way)
            take_call(server);
        if (way == 2)
            thread_end(server);
        else
            do_pass(10);
        assert_false(client->is_blocked);
        assert_int_equal(pins(client->process), 0);
    }
}

// ---- The kernel's side ----

static uint32_t answered_length;

static long answer_length(struct node *node, struct waiter *waiter, uint32_t length, uint32_t flags) {
    (void)node;
    answered_length = length;
    memcpy(waiter->page->payload, "kernel", 6);
    return flags ? -PIPE_EPROTO : 6;
}

static void test_the_host_answers_a_kernel_pipe(void **state) {
    (void)state;
    const struct node_plan plan = {FLOW_CALL, RULES_OPEN, 0, 0};
    long error = 0;
    struct node *node = node_create(&host.names.kernel, "/k", 2, &plan, &error);
    node->special |= NODE_KERNEL;
    host.answer = answer_length;
    struct pipe_stat stat;
    long handle = must_open(client, "/k", RIGHT_WRITE | RIGHT_READ | RIGHT_TAP);
    assert_int_equal(do_call(client, handle, "ask", 0, DEADLINE_NOW), 6);
    assert_int_equal(answered_length, 3);
    assert_error(do_call(client, handle, "ask", ATTACH_HANDLES(1), DEADLINE_NOW), EPROTO);
    assert_error(do_call(client, handle, "ask", REPLY_ONLY, DEADLINE_NOW), EINVAL);
    assert_error(do_hook(client, handle, 0, 0), ENOTSUP);
    assert_error(do_remove(client, "/k"), EBUSY);
    do_stat(client, handle, "", &stat);
    assert_int_equal(stat.flags, STAT_KERNEL);
    assert_int_equal(do_hook(client, handle, 0, HOOK_TAP), 0);
    assert_int_equal(do_call(client, handle, "tapped", 0, DEADLINE_NOW), 6);
    assert_int_equal(do_wait(client, DEADLINE_NOW), sizeof(struct tap_message) + 6);
    assert_int_equal(node->in, 3);
    assert_int_equal(node->out, 3);
    do_stat(client, handle, "", &stat);
    assert_int_equal(stat.owner, 0);
    assert_int_equal(stat.owner_generation, 0);
}

static long call_for(struct thread *thread, struct message *message_buffer, uint32_t length, uint32_t limit) {
    long result = pipens_call_for(&thread->waiter, node_at("/c"), message_buffer, length, limit);
    thread->is_blocked = result == BLOCKED;
    scene_audit("call_for");
    return result;
}

static void test_the_kernel_calls_for_a_thread(void **state) {
    (void)state;
    struct message message_buffer = {.payload = "fault"};
    assert_blocked(call_for(client, &message_buffer, 5, 64));
    uint64_t token = take_call(server);
    assert_page(server, "fault");
    assert_int_equal(server->page->received.pid, 2);
    server->page->sent.handle[0] = 1;
    assert_error(do_reply(server, token, "", ATTACH_HANDLES(1)), ENOTSUP);
    assert_error(pipens_reply_wait(&server->waiter, token, 65, REPLY_ONLY, 0), EMSGSIZE);
    assert_int_equal(do_reply(server, token, "resume", 0), 0);
    assert_memory_equal(message_buffer.payload, "resume", 6);
    assert_ptr_equal(client->waiter.page, client->page);
    assert_int_equal(client->result, 6);
    assert_int_equal(node_at("/c")->in, 1);
    assert_int_equal(node_at("/c")->out, 1);
}

// The next call in the trace, which has this length; nothing else about it is told.
static void assert_call_traced(struct thread *watcher, uint32_t pipe, uint32_t length) {
    const struct trace_record *record = (const void *)watcher->page->payload;
    do
        assert_int_equal(do_wait(watcher, DEADLINE_NOW), sizeof *record);
    while (record->operation != TRACE_CALL);
    assert_int_equal(record->pid, 2);
    assert_int_equal(record->pipe, pipe);
    assert_int_equal(record->length, length);
    assert_int_equal(record->value, 0);
}

static void test_calls_for_and_to_the_kernel_are_traced(void **state) {
    (void)state;
    const struct node_plan plan = {FLOW_CALL, RULES_OPEN, 0, 0};
    struct thread *watcher = program_start(3, KIND_SERVER);
    struct message message_buffer = {.payload = "fault"};
    long error = 0;
    struct node *node = node_create(&host.names.kernel, "/k", 2, &plan, &error);
    node->special |= NODE_KERNEL;
    must_hook(watcher, "/bus/trace", 0);
    assert_error(do_call(client, must_open(client, "/k", RIGHT_WRITE), "ask", 0, DEADLINE_NOW), ENOSYS);
    assert_call_traced(watcher, node->number, 3);
    assert_blocked(call_for(client, &message_buffer, 5, 64));
    assert_call_traced(watcher, node_at("/c")->number, 5);
}

static void test_the_kernel_calls_nobody(void **state) {
    (void)state;
    struct message message_buffer;
    assert_error(pipens_call_for(&server->waiter, node_at("/c"), &message_buffer, 0, 64), EDEADLK);
    struct node *node = node_at("/c");
    thread_end(server);
    assert_error(pipens_call_for(&client->waiter, node, &message_buffer, 0, 64), ENXIO);
    assert_ptr_equal(client->waiter.page, client->page);
    scene_audit("call_for");
}

static void test_a_fault_call_on_a_pipe_that_goes_is_refused(void **state) {
    (void)state;
    struct message message_buffer;
    for (uint32_t index = 0; index < MANY; index++)
        another_client(100 + index, PRIORITY_USUAL, "x", DEADLINE_NONE);
    struct node *node = node_at("/c");
    assert_true(node_remove_step(node));
    assert_error(pipens_call_for(&client->waiter, node, &message_buffer, 0, 64), ENXIO);
    scene_audit("call_for");
}

static void test_a_fault_call_is_tapped(void **state) {
    (void)state;
    struct thread *watcher = program_start(3, KIND_SERVER);
    struct message message_buffer = {.payload = "fault"};
    assert_int_equal(do_hook(watcher, must_open(watcher, "/c", RIGHT_TAP), 0, HOOK_TAP), 0);
    assert_blocked(call_for(client, &message_buffer, 5, 64));
    assert_int_equal(do_wait(watcher, DEADLINE_NOW), sizeof(struct tap_message) + 5);
    assert_int_equal(watcher->page->received.pid, 2);
}

static void test_a_fault_call_of_a_dying_thread_is_withdrawn(void **state) {
    (void)state;
    struct message message_buffer = {.payload = "fault"};
    assert_blocked(call_for(client, &message_buffer, 5, 64));
    do_cancel(client, -PIPE_ECANCELED);
    assert_error(client->result, ECANCELED);
    assert_error(do_wait(server, DEADLINE_NOW), EAGAIN);
    assert_blocked(call_for(client, &message_buffer, 5, 64));
    uint64_t token = take_call(server);
    thread_end(client);
    assert_error(do_reply(server, token, "", 0), ESTALE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CALL_TEST(test_a_call_to_a_waiting_server),
        CALL_TEST(test_a_call_to_a_busy_server_is_queued),
        CALL_TEST(test_stat_names_a_holder),
        CALL_TEST(test_callers_go_by_priority),
        CALL_TEST(test_a_token_is_good_once),
        CALL_TEST(test_a_token_of_another_process_is_stale),
        CALL_TEST(test_replies_may_be_deferred_and_by_any_thread),
        CALL_TEST(test_a_server_replies_an_error),
        CALL_TEST(test_lengths_that_are_too_long),
        CALL_TEST(test_flags_that_do_not_exist),
        CALL_TEST(test_a_call_that_may_not_wait),
        CALL_TEST(test_invariant_6_a_queued_call_has_a_deadline),
        CALL_TEST(test_invariant_6_a_call_in_flight_has_a_deadline),
        CALL_TEST(test_invariant_6_a_wait_has_a_deadline),
        CALL_TEST(test_invariant_6_callers_may_be_killed_anywhere),
        CALL_TEST(test_invariant_6_a_dead_server_ends_calls_in_flight_and_keeps_the_queued),
        CALL_TEST(test_invariant_1_a_server_with_many_callers_dies_in_steps),
        CALL_TEST(test_invariant_1_a_pipe_with_many_callers_goes_in_steps),
        CALL_TEST(test_removing_sends_the_queued_away_and_lets_those_in_flight_end),
        CALL_TEST(test_a_reply_on_a_pipe_whose_owner_has_ended),
        CALL_TEST(test_what_is_leased_is_copied_both_ways),
        CALL_TEST(test_the_bounds_of_a_lease),
        CALL_TEST(test_invariant_12_a_page_that_changes_after_the_check_changes_nothing),
        CALL_TEST(test_invariant_12_what_is_checked_was_copied),
        CALL_TEST(test_a_lease_is_copied_in_steps),
        CALL_TEST(test_invariant_5_a_lease_that_is_refused_pins_nothing),
        CALL_TEST(test_invariant_13_an_absent_page_is_the_callers_own_fault),
        CALL_TEST(test_pins_end_with_every_end_of_a_call),
        CALL_TEST(test_the_host_answers_a_kernel_pipe),
        CALL_TEST(test_the_kernel_calls_for_a_thread),
        CALL_TEST(test_calls_for_and_to_the_kernel_are_traced),
        CALL_TEST(test_the_kernel_calls_nobody),
        CALL_TEST(test_a_fault_call_on_a_pipe_that_goes_is_refused),
        CALL_TEST(test_a_fault_call_is_tapped),
        CALL_TEST(test_a_fault_call_of_a_dying_thread_is_withdrawn),
    };
    return scene_run(tests);
}
