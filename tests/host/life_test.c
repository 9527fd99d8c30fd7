// SPDX-License-Identifier: MIT
// The lives of pipes: what holds them, transient pipes, who pays for them, and their succession.
#include "life.h"

// ---- Counts ----

static void test_a_pipe_counts_its_handles_by_right(void **state) {
    (void)state;
    long owned = must_create(server, "/p", FLOW_QUEUE);
    assert_counts("/p", 1, 1, 1, 0);
    long reader = must_open(client, "/p", RIGHT_READ);
    long writer = must_open(client, "/p", RIGHT_WRITE), tap = must_open(other, "/p", RIGHT_TAP | RIGHT_MANAGE);
    assert_counts("/p", 4, 2, 2, 3);
    struct pipe_stat stat = stat_of(client, writer);
    assert_int_equal(stat.handles, 4);
    assert_int_equal(stat.readers, 2);
    assert_int_equal(stat.writers, 2);
    assert_int_equal(stat.outside, 3);
    assert_false(stat.flags & STAT_TRANSIENT);
    do_close(client, reader);
    assert_counts("/p", 3, 1, 2, 2);
    do_close(other, tap);
    assert_counts("/p", 2, 1, 2, 1);
    do_close(server, owned);
    assert_counts("/p", 1, 0, 1, 1);
    process_end(client->process);
    assert_counts("/p", 0, 0, 0, 0);
}

// Outside is what another process than the owner holds, and what is in a message.
static void test_a_handle_in_a_message_counts_as_outside(void **state) {
    (void)state;
    long owned = must_create(server, "/p", FLOW_EVENT), queue = must_create(server, "/q", FLOW_QUEUE);
    long hook = must_hook(server, "/q", 1);
    attach(server, 0, owned);
    assert_int_equal(do_send(server, queue, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    assert_counts("/p", 2, 2, 2, 1);
    assert_gets(server, MESSAGE_DATA);
    assert_counts("/p", 2, 2, 2, 0); // it came back to its owner
    long returned = (long)server->page->received.handle[0];
    long passed = pass(server, client, returned);
    assert_counts("/p", 3, 3, 3, 1);
    do_close(client, passed);
    assert_counts("/p", 2, 2, 2, 0);
    // A removed queue lets go of what its messages hold.
    attach(server, 0, owned);
    assert_int_equal(do_send(server, queue, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    do_close(server, hook);
    do_remove(server, "/q");
    assert_counts("/p", 2, 2, 2, 0);
}

static void test_a_blocked_senders_handles_count(void **state) {
    (void)state;
    long owned = must_create(server, "/p", FLOW_EVENT), queue = create_with(server, "/q", FLOW_QUEUE, 1);
    assert_int_equal(do_send(server, queue, "", 0, DEADLINE_NOW), 0);
    attach(server, 0, owned);
    assert_blocked(do_send(server, queue, "", ATTACH_HANDLES(1), DEADLINE_NONE));
    assert_counts("/p", 2, 2, 2, 1);
    do_cancel(server, -PIPE_ECANCELED);
    assert_counts("/p", 1, 1, 1, 0);
}

// ---- Transient pipes ----

static void test_a_transient_pipe_goes_with_its_last_handle(void **state) {
    (void)state;
    for (unsigned flow = FLOW_QUEUE; flow < FLOWS; flow++) {
        uint64_t used = server->process->account->used;
        long owned = must_create_transient(server, "/t", (enum flow)flow);
        assert_true(stat_of(server, owned).flags & STAT_TRANSIENT);
        long given = must_open(client, "/t", RIGHT_WRITE);
        do_close(server, owned);
        assert_non_null(node_at("/t"));
        do_close(client, given);
        assert_null(node_at("/t"));
        // Also if it was never given to anybody.
        do_close(server, must_create_transient(server, "/t", (enum flow)flow));
        assert_null(node_at("/t"));
        assert_true(server->process->account->used - used <= HANDLE_CHUNK_ENTRIES * sizeof(struct handle_entry));
    }
    do_close(server, must_create(server, "/p", FLOW_QUEUE));
    assert_non_null(node_at("/p"));
}

static void test_flags_that_create_refuses(void **state) {
    (void)state;
    static const uint64_t refused[] = {FLOW_DIRECTORY | CREATE_TRANSIENT,
                                       FLOW_QUEUE | CREATE_CALLER_PAYS,
                                       FLOWS,
                                       FLOWS | CREATE_TRANSIENT,
                                       FLOW_QUEUE | 0x400,
                                       FLOW_QUEUE | 1ull << 32};
    memset(&server->page->sent, 0, sizeof server->page->sent);
    memcpy(server->page->payload, "/x", 2);
    for (size_t index = 0; index < sizeof refused / sizeof *refused; index++)
        assert_error(pipens_create(&server->waiter, 2, refused[index], RULES_OPEN, 0, 0), EINVAL);
}

static void test_the_owner_is_told_once_nobody_else_holds_it(void **state) {
    (void)state;
    long owned = must_create_transient(server, "/t", FLOW_CALL);
    assert_int_equal(do_hook(server, owned, 17, 0), 0);
    assert_nothing(server); // it was never given to anybody
    long first = must_open(client, "/t", RIGHT_WRITE), second = must_open(other, "/t", RIGHT_WRITE);
    do_close(client, first);
    assert_nothing(server);
    assert_blocked(do_wait(server, DEADLINE_NONE));
    uint32_t number = node_at("/t")->number;
    do_close(other, second);
    assert_false(server->is_blocked);
    assert_int_equal(server->result, 0);
    const struct message_received expected = {.key = 17, .kind = KIND_SERVER, .type = MESSAGE_CLOSED, .pipe = number};
    assert_memory_equal(&server->page->received, &expected, sizeof expected);
    assert_null(node_at("/t")); // its handle was closed, and was the last
    assert_error(do_close(server, owned), ESTALE);
    assert_nothing(server);
}

static void test_the_death_of_the_holder_closes(void **state) {
    (void)state;
    long owned = must_create_transient(server, "/t", FLOW_CALL);
    assert_int_equal(do_hook(server, owned, 17, 0), 0);
    must_open(client, "/t", RIGHT_WRITE);
    process_end(client->process);
    assert_gets(server, MESSAGE_CLOSED);
    assert_null(node_at("/t"));
}

// Each message that was still in the pipe comes first.
static void test_closed_comes_after_what_was_sent(void **state) {
    (void)state;
    static const enum flow flows[] = {FLOW_QUEUE, FLOW_TOPIC, FLOW_EVENT};
    for (size_t index = 0; index < 3; index++) {
        long owned = must_create_transient(server, "/t", flows[index]);
        assert_int_equal(do_hook(server, owned, 1, 0), 0);
        long writer = must_open(client, "/t", RIGHT_WRITE);
        assert_int_equal(do_signal(client, writer, 1), 0);
        assert_int_equal(do_signal(client, writer, 1), 0);
        do_close(client, writer);
        assert_gets(server, flows[index] == FLOW_EVENT ? MESSAGE_EVENT : MESSAGE_DATA);
        if (flows[index] != FLOW_EVENT)
            assert_gets(server, MESSAGE_DATA);
        assert_gets(server, MESSAGE_CLOSED);
        assert_nothing(server);
        assert_null(node_at("/t"));
    }
}

// A caller whose handle another thread closes holds the pipe until its reply.
static void test_closed_comes_after_calls(void **state) {
    (void)state;
    long owned = must_create_transient(server, "/t", FLOW_CALL);
    assert_int_equal(do_hook(server, owned, 1, 0), 0);
    struct thread *closer = thread_start(client->process, PRIORITY_USUAL);
    long handle = must_open(client, "/t", RIGHT_WRITE);
    assert_blocked(do_call(client, handle, "ask", 0, DEADLINE_NONE));
    do_close(closer, handle);
    assert_gets(server, MESSAGE_CALL);
    uint64_t token = server->page->received.token;
    assert_nothing(server);
    assert_null(fast_reply_to(&server->waiter, token, 0, 0, DEADLINE_NONE));
    assert_int_equal(do_reply(server, token, "answer", 0), 0);
    assert_page(client, "answer");
    assert_gets(server, MESSAGE_CLOSED);
    assert_null(node_at("/t"));
}

static void test_closed_comes_after_a_call_that_is_withdrawn(void **state) {
    (void)state;
    long owned = must_create_transient(server, "/t", FLOW_CALL);
    assert_int_equal(do_hook(server, owned, 1, 0), 0);
    struct thread *closer = thread_start(client->process, PRIORITY_USUAL);
    long handle = must_open(client, "/t", RIGHT_WRITE);
    assert_blocked(do_call(client, handle, "ask", 0, DEADLINE_NONE));
    do_close(closer, handle);
    do_cancel(client, -PIPE_ECANCELED);
    assert_gets(server, MESSAGE_CLOSED);
}

// The owner gives a new handle to somebody before it takes the message: then the pipe is not closed.
static void test_a_new_handle_takes_closed_back(void **state) {
    (void)state;
    long owned = must_create_transient(server, "/t", FLOW_CALL);
    assert_int_equal(do_hook(server, owned, 1, 0), 0);
    do_close(client, must_open(client, "/t", RIGHT_WRITE));
    assert_true(node_at("/t")->special & NODE_UNHELD);
    long second = must_open(other, "/t", RIGHT_WRITE);
    assert_false(node_at("/t")->special & NODE_UNHELD);
    assert_nothing(server);
    do_close(other, second);
    assert_gets(server, MESSAGE_CLOSED);
}

static void test_each_hook_of_the_owner_is_told(void **state) {
    (void)state;
    long owned = must_create_transient(server, "/t", FLOW_TOPIC);
    struct thread *helper = thread_start(server->process, PRIORITY_USUAL);
    assert_int_equal(do_hook(server, owned, 1, 0), 0);
    long second = must_hook(helper, "/t", 2), reader = must_hook(client, "/t", 3);
    assert_blocked(do_wait(server, DEADLINE_NONE));
    assert_blocked(do_wait(helper, DEADLINE_NONE));
    assert_blocked(do_wait(client, DEADLINE_NONE));
    long writer = must_open(other, "/t", RIGHT_WRITE);
    do_close(other, writer);
    assert_true(server->is_blocked && client->is_blocked);
    do_cancel(client, -PIPE_ECANCELED);
    do_close(client, reader);
    assert_int_equal(server->page->received.type, MESSAGE_CLOSED);
    assert_int_equal(helper->page->received.type, MESSAGE_CLOSED);
    assert_int_equal(helper->page->received.key, 2);
    assert_error(do_close(helper, second), ESTALE);
    assert_null(node_at("/t"));
}

// Only the owner is told: another process's hook waits on.
static void test_others_are_not_told_that_it_is_closed(void **state) {
    (void)state;
    long owned = must_create_transient(server, "/t", FLOW_QUEUE);
    long tap = must_open(server, "/t", RIGHT_TAP);
    assert_int_equal(do_hook(server, tap, 1, HOOK_TAP), 0);
    do_close(client, must_open(client, "/t", RIGHT_WRITE));
    assert_nothing(server);
    do_close(server, owned);
    assert_non_null(node_at("/t"));
    do_close(server, tap);
    assert_null(node_at("/t"));
}

static void test_without_readers_a_transient_pipe_is_broken(void **state) {
    (void)state;
    for (unsigned flow = FLOW_QUEUE; flow < FLOWS; flow++) {
        long owned = must_create_transient(server, "/t", (enum flow)flow);
        long writer = must_open(client, "/t", RIGHT_WRITE);
        do_close(server, owned);
        assert_counts("/t", 1, 0, 1, 1);
        if (flow == FLOW_CALL)
            assert_error(do_call(client, writer, "x", 0, DEADLINE_NONE), EPIPE);
        else
            assert_error(do_send(client, writer, "x", 0, DEADLINE_NOW), EPIPE);
        assert_int_equal(node_at("/t")->in, 0);
        do_close(client, must_open(client, "/t", RIGHT_READ));
        do_close(client, writer);
    }
    // Another pipe keeps what nobody reads.
    long owned = must_create(server, "/p", FLOW_QUEUE), writer = must_open(client, "/p", RIGHT_WRITE);
    do_close(server, owned);
    assert_int_equal(do_send(client, writer, "x", 0, DEADLINE_NOW), 0);
}

static void test_the_last_readers_end_wakes_who_waits(void **state) {
    (void)state;
    long owned = create_with(server, "/t", FLOW_QUEUE | CREATE_TRANSIENT, 1);
    long writer = must_open(client, "/t", RIGHT_WRITE);
    assert_int_equal(do_send(client, writer, "x", 0, DEADLINE_NOW), 0);
    assert_blocked(do_send(client, writer, "y", 0, DEADLINE_NONE));
    long call = must_create_transient(server, "/c", FLOW_CALL);
    assert_blocked(do_call(other, must_open(other, "/c", RIGHT_WRITE), "z", 0, DEADLINE_NONE));
    do_close(server, owned);
    assert_error(client->result, EPIPE);
    assert_true(other->is_blocked);
    do_close(server, call);
    assert_error(other->result, EPIPE);
}

// What the steps do: a bounded part each, and nothing once there is a reader again.
static void test_invariant_1_waking_goes_by_steps(void **state) {
    (void)state;
    long owned = create_with(server, "/t", FLOW_CALL | CREATE_TRANSIENT, 0);
    struct thread *callers[BATCH + 2];
    for (uint32_t index = 0; index < BATCH + 2; index++) {
        callers[index] = program_start(10 + index, KIND_APP);
        assert_blocked(do_call(callers[index], must_open(callers[index], "/t", RIGHT_WRITE), "x", 0, DEADLINE_NONE));
    }
    assert_int_equal((pipens_close)(&server->waiter, (uint64_t)owned), 0);
    scene_audit("the first step of waking");
    assert_false(callers[BATCH - 1]->is_blocked);
    assert_true(callers[BATCH]->is_blocked);
    // Another handle's end changes nothing of what is left to do.
    uint64_t closings = host.closings;
    handle_close(&callers[1]->process->principal, 1);
    scene_audit("the end of another handle");
    assert_int_equal(host.closings, closings);
    assert_true(host.closings);
    long reader = must_open(callers[0], "/t", RIGHT_READ); // its step finds that nobody waits in vain any more
    assert_true(callers[BATCH]->is_blocked);
    do_close(callers[0], reader);
    assert_false(callers[BATCH + 1]->is_blocked);
    assert_error(callers[BATCH + 1]->result, EPIPE);
}

// Each queue's only message holds the last handle of the next: none of them may end inside another's end.
static void test_a_chain_of_queues_ends_without_recursion(void **state) {
    (void)state;
    enum { LENGTH = 300 };
    uint64_t used = server->process->account->used;
    char path[16];
    long last = 0;
    for (uint32_t index = 0; index < LENGTH; index++) {
        snprintf(path, sizeof path, "/%u", index);
        long queue = create_with(server, path, FLOW_QUEUE | CREATE_TRANSIENT, 1);
        if (last) {
            attach(server, 0, last);
            assert_int_equal(do_send(server, queue, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
            do_close(server, last);
        }
        last = queue;
    }
    assert_int_equal((pipens_close)(&server->waiter, (uint64_t)last), 0);
    assert_int_equal(host.names.node_count, 3 + LENGTH - 1); // one step has been done
    uint32_t steps = 0;
    while (pipens_close_step(&host.names))
        steps++;
    assert_int_equal(steps, LENGTH - 2); // the last one says that nothing is left
    assert_int_equal(host.names.node_count, 3);
    assert_true(server->process->account->used - used <= HANDLE_CHUNK_ENTRIES * sizeof(struct handle_entry));
}

// A full queue's messages go by steps, too; a new pipe of the name makes way.
// The end of a process does the rest as well: at its exit all is gone that it held alone.
static void test_a_chain_ends_with_its_holder(void **state) {
    (void)state;
    long first = create_with(server, "/1", FLOW_QUEUE | CREATE_TRANSIENT, 1);
    long second = create_with(server, "/2", FLOW_QUEUE | CREATE_TRANSIENT, 1);
    attach(server, 0, second);
    assert_int_equal(do_send(server, first, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    must_open(client, "/1", RIGHT_READ);
    do_close(server, first);
    do_close(server, second);
    struct process *holder = client->process;
    thread_end(client);
    while (principal_end_step(&holder->principal))
        continue;
    assert_null(node_at("/1"));
    assert_null(node_at("/2"));
}

static void test_invariant_1_messages_go_by_steps(void **state) {
    (void)state;
    long owned = create_with(server, "/t", FLOW_QUEUE | CREATE_TRANSIENT, 3 * BATCH);
    long event = must_create(server, "/e", FLOW_EVENT);
    for (uint32_t count = 0; count < 3 * BATCH; count++) {
        attach(server, 0, event);
        assert_int_equal(do_send(server, owned, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    }
    assert_int_equal((pipens_close)(&server->waiter, (uint64_t)owned), 0);
    assert_int_equal(ring_depth(&node_at("/t")->ring), 2 * BATCH);
    assert_error(do_open(client, "/t", RIGHT_WRITE), ENOENT);
    assert_null(node_at("/t"));
    assert_counts("/e", 1, 1, 1, 0);
}

static void test_a_name_that_closes_makes_way(void **state) {
    (void)state;
    long owned = create_with(server, "/t", FLOW_QUEUE | CREATE_TRANSIENT, 3 * BATCH), event;
    event = must_create(server, "/e", FLOW_EVENT);
    for (uint32_t count = 0; count < 3 * BATCH; count++) {
        attach(server, 0, event);
        assert_int_equal(do_send(server, owned, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    }
    assert_int_equal((pipens_close)(&server->waiter, (uint64_t)owned), 0);
    memcpy(client->page->payload, "/t", 2);
    long result;
    do
        result = (pipens_create)(&client->waiter, 2, FLOW_EVENT, RULES_OPEN, 0, 0);
    while (result == PIPENS_RESTART);
    assert_true(result > 0);
    assert_true(list_is_empty(&host.names.closing));
}

// A queue whose handle is taken out of a message by its owner is outside no more: that may be its close.
static void test_the_owner_takes_the_last_outside_handle(void **state) {
    (void)state;
    long owned = must_create_transient(server, "/t", FLOW_CALL);
    long post = must_create(server, "/post", FLOW_QUEUE);
    assert_int_equal(do_hook(server, owned, 1, 0), 0);
    long hook = must_hook(server, "/post", 2);
    attach(server, 0, owned);
    assert_int_equal(do_send(server, post, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    assert_gets(server, MESSAGE_DATA);
    long returned = (long)server->page->received.handle[0];
    assert_gets(server, MESSAGE_CLOSED);
    assert_non_null(node_at("/t")); // the returned handle is the owner's
    do_close(server, hook);
    do_close(server, returned);
    assert_null(node_at("/t"));
}

// By the fast path too: it leaves such a call to the slow one.
static void test_no_fast_call_brings_the_owner_its_own_handle(void **state) {
    (void)state;
    long owned = must_create_transient(server, "/t", FLOW_CALL);
    long call = must_create(server, "/c", FLOW_CALL);
    assert_int_equal(do_hook(server, call, 1, 0), 0);
    long given = pass(server, client, owned), to_server = must_open(client, "/c", RIGHT_WRITE);
    assert_blocked(do_wait(server, DEADLINE_NONE));
    struct hook *hook;
    assert_non_null(fast_call_check(&client->waiter, (uint64_t)to_server, 0, 0, DEADLINE_NONE, &hook));
    attach(client, 0, given);
    assert_error(fast_call_attached(&client->waiter, &server->waiter, hook, 0, ATTACH_HANDLES(1)), EAGAIN);
    scene_audit("a refused fast call");
    do_cancel(server, -PIPE_ECANCELED);
    // A handle of another pipe goes.
    long event = must_create(other, "/e", FLOW_EVENT);
    long passed = pass(other, client, event);
    assert_blocked(do_wait(server, DEADLINE_NONE));
    attach(client, 0, passed);
    assert_int_equal(fast_call_attached(&client->waiter, &server->waiter, hook, 0, ATTACH_HANDLES(1)), 0);
    assert_counts("/e", 3, 3, 3, 2);
    client->is_blocked = true;
    server->is_blocked = false;
    scene_audit("a fast call");
}

// ---- Limited rights ----

static void test_a_passed_handle_may_have_fewer_rights(void **state) {
    (void)state;
    long owned = must_create(server, "/p", FLOW_QUEUE), post = must_create(server, "/post", FLOW_QUEUE);
    long narrow = must_open(server, "/p", RIGHT_WRITE);
    must_hook(client, "/post", 1);
    static const uint8_t limits[] = {RIGHT_WRITE, 0, RIGHT_READ | RIGHT_WRITE, 0xf0 | RIGHT_WRITE};
    memcpy(server->page->sent.rights, limits, sizeof limits);
    attach(server, 0, owned);
    attach(server, 1, owned);
    attach(server, 2, narrow);
    attach(server, 3, owned);
    assert_int_equal(do_send(server, post, "", ATTACH_HANDLES(4) | ATTACH_LIMITED, DEADLINE_NOW), 0);
    assert_counts("/p", 6, 2, 6, 4);
    assert_gets(client, MESSAGE_DATA);
    static const uint8_t expected[] = {RIGHT_WRITE, RIGHTS_ALL, RIGHT_WRITE, RIGHT_WRITE};
    for (uint32_t index = 0; index < 4; index++) {
        uint32_t handle = client->page->received.handle[index];
        assert_int_equal(handle_find(&client->process->principal.handles, handle)->rights, expected[index]);
    }
    // Without the flag the rights in the header mean nothing; with it, one of them the handle must have.
    server->page->sent.rights[0] = RIGHT_READ;
    attach(server, 0, narrow);
    assert_error(do_send(server, post, "", ATTACH_HANDLES(1) | ATTACH_LIMITED, DEADLINE_NOW), EACCES);
    assert_int_equal(do_send(server, post, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
}

static void test_a_reply_gives_a_limited_handle(void **state) {
    (void)state;
    long call = must_create(server, "/c", FLOW_CALL);
    assert_int_equal(do_hook(server, call, 1, 0), 0);
    assert_blocked(do_call(client, must_open(client, "/c", RIGHT_WRITE), "open", 0, DEADLINE_NONE));
    assert_gets(server, MESSAGE_CALL);
    uint64_t token = server->page->received.token;
    long file = must_create_transient(server, "/file", FLOW_CALL);
    assert_int_equal(do_hook(server, file, 2, 0), 0);
    attach(server, 0, file);
    server->page->sent.rights[0] = RIGHT_WRITE;
    assert_int_equal(do_reply(server, token, "", ATTACH_HANDLES(1) | ATTACH_LIMITED), 0);
    long given = (long)client->page->received.handle[0];
    assert_counts("/file", 2, 1, 2, 1);
    assert_error(do_hook(client, given, 0, 0), EACCES);
    assert_blocked(do_call(client, given, "read", 0, DEADLINE_NONE));
    assert_gets(server, MESSAGE_CALL);
    process_end(client->process);
    assert_gets(server, MESSAGE_CLOSED);
    assert_null(node_at("/file"));
}

// ---- Who pays ----

// A call of the client that allows it; its token. The server hooks /c.
static uint64_t paying_call(uint64_t flags) {
    if (!node_at("/c"))
        assert_int_equal(do_hook(server, must_create(server, "/c", FLOW_CALL), 1, 0), 0);
    assert_blocked(do_call(client, must_open(client, "/c", RIGHT_WRITE), "open", flags, DEADLINE_NONE));
    assert_gets(server, MESSAGE_CALL);
    return server->page->received.token;
}

static long create_paid(uint64_t token, uint32_t capacity) {
    server->page->sent.payer = token;
    return create_with(server, "/t", FLOW_QUEUE | CREATE_TRANSIENT | CREATE_CALLER_PAYS, capacity);
}

static void test_a_caller_pays_for_what_it_opens(void **state) {
    (void)state;
    uint64_t token = paying_call(CALL_PAYS);
    must_open(server, "/c", RIGHT_WRITE); // the table of handles is there
    uint64_t of_server = server->process->account->used, of_client = client->process->account->used;
    long owned = create_paid(token, 5);
    assert_true(owned > 0);
    assert_int_equal(do_hook(server, owned, 1, 0), 0);
    assert_int_equal(server->process->account->used, of_server);
    assert_int_equal(client->process->account->used,
                     of_client + sizeof(struct node) + strlen("/t") + sizeof(void *) + 5 * 256 + sizeof(struct hook));
    // Another's hook, and a tap, are their own affair.
    assert_int_equal(do_hook(other, must_open(other, "/t", RIGHT_READ), 1, 0), 0);
    assert_int_equal(do_hook(server, must_open(server, "/t", RIGHT_TAP), 1, HOOK_TAP), 0);
    assert_true(server->process->account->used > of_server);
    process_end(other->process);
    do_reply(server, token, "", 0);
    process_end(server->process);
    assert_int_equal(client->process->account->used, of_client);
}

static void test_nobody_pays_who_did_not_say_so(void **state) {
    (void)state;
    uint64_t token = paying_call(0);
    assert_error(create_paid(token, 1), EACCES);
    do_reply(server, token, "", 0);
    assert_error(create_paid(token, 1), ESTALE);
    assert_error(create_paid(0, 1), ESTALE);
    token = paying_call(CALL_PAYS);
    struct thread *stranger = program_start(9, KIND_SERVER);
    stranger->page->sent.payer = token;
    assert_error(create_with(stranger, "/t", FLOW_QUEUE | CREATE_TRANSIENT | CREATE_CALLER_PAYS, 1), ESTALE);
    assert_true(create_paid(token, 1) > 0);
    do_reply(server, token, "", 0);
    // The consent was to one call: also if the next one takes the fast path, which knows no flags.
    struct hook *hook;
    long call = must_open(client, "/c", RIGHT_WRITE);
    assert_blocked(do_wait(server, DEADLINE_NONE));
    struct waiter *receiver = fast_call_check(&client->waiter, (uint64_t)call, 0, 0, DEADLINE_NONE, &hook);
    assert_non_null(receiver);
    fast_call_commit(&client->waiter, receiver, hook, 0);
    client->is_blocked = true;
    server->is_blocked = false;
    assert_error(create_paid(server->page->received.token, 1), EACCES);
    do_reply(server, server->page->received.token, "", 0);
}

// The fast path with flags notes the consent.
static void test_a_fast_call_may_pay(void **state) {
    (void)state;
    assert_int_equal(do_hook(server, must_create(server, "/c", FLOW_CALL), 1, 0), 0);
    long call = must_open(client, "/c", RIGHT_WRITE);
    assert_blocked(do_wait(server, DEADLINE_NONE));
    struct hook *hook;
    assert_non_null(fast_call_check(&client->waiter, (uint64_t)call, 0, 0, DEADLINE_NONE, &hook));
    assert_int_equal(fast_call_attached(&client->waiter, &server->waiter, hook, 0, CALL_PAYS), 0);
    client->is_blocked = true;
    server->is_blocked = false;
    assert_true(create_paid(server->page->received.token, 1) > 0);
}

static void test_a_caller_without_room_is_told(void **state) {
    (void)state;
    uint64_t token = paying_call(CALL_PAYS);
    client->process->account->limit = client->process->account->used + 1000;
    assert_error(create_paid(token, 16), EDQUOT);
    assert_null(node_at("/t"));
    long owned = create_paid(token, 1);
    assert_true(owned > 0);
    client->process->account->limit = client->process->account->used;
    assert_error(do_hook(server, owned, 1, 0), EDQUOT);
}

// The pipe outlives its payer, whose account lives as long.
static void test_a_payer_may_end_first(void **state) {
    (void)state;
    uint64_t token = paying_call(CALL_PAYS);
    long owned = create_paid(token, 1);
    assert_int_equal(do_hook(server, owned, 3, 0), 0);
    must_open(client, "/t", RIGHT_WRITE);
    process_end(client->process);
    assert_gets(server, MESSAGE_CLOSED);
    assert_null(node_at("/t"));
}

// ---- Succession ----

static struct thread *generation_start(struct process *succession, uint32_t pid) {
    return thread_start(process_start_with(pid, KIND_DRIVER, succession->account, &succession->principal),
                        PRIORITY_USUAL);
}

static void test_a_vacant_pipe_neither_ends_nor_closes(void **state) {
    (void)state;
    struct process *succession = succession_start(QUOTA_PLENTY);
    struct thread *first = generation_start(succession, 20);
    must_create_transient(first, "/t", FLOW_CALL);
    must_create_transient(first, "/u", FLOW_CALL);
    must_create_transient(first, "/never", FLOW_CALL);
    must_create(first, "/q", FLOW_QUEUE);
    assert_int_equal(do_hook(other, must_open(other, "/q", RIGHT_READ), 1, HOOK_END), 0);
    long writer = must_open(client, "/t", RIGHT_WRITE);
    must_open(client, "/u", RIGHT_WRITE);
    assert_blocked(do_call(client, writer, "x", 0, DEADLINE_NONE));
    process_end(first->process);
    assert_true(client->is_blocked); // no EPIPE
    assert_nothing(other);           // no END
    do_cancel(client, -PIPE_ECANCELED);
    do_close(client, writer);
    assert_non_null(node_at("/t")); // no CLOSED
    assert_counts("/t", 0, 0, 0, 0);
    struct thread *second = generation_start(succession, 21);
    assert_error(do_create(second, "/t", FLOW_CALL, RULES_OPEN, 0, 0), EEXIST); // the flag must agree
    long taken = must_create_transient(second, "/t", FLOW_CALL);
    assert_nothing(second);
    assert_int_equal(do_hook(second, taken, 5, 0), 0);
    assert_gets(second, MESSAGE_CLOSED);
    assert_null(node_at("/t"));
    // One that was never given to anybody is closed as well; one that somebody holds is not.
    assert_int_equal(do_hook(second, must_create_transient(second, "/never", FLOW_CALL), 6, 0), 0);
    assert_gets(second, MESSAGE_CLOSED);
    assert_int_equal(do_hook(second, must_create_transient(second, "/u", FLOW_CALL), 7, 0), 0);
    assert_nothing(second);
    long queue = must_create(second, "/q", FLOW_QUEUE);
    assert_nothing(other);
    do_close(second, queue);
    assert_gets(other, MESSAGE_END);
    process_end(second->process);
    assert_nothing(other); // vacant again
    while (principal_abandon_step(&succession->principal))
        continue;
    assert_null(node_at("/u"));
}

// An end that was told before the owner's death is no more there while the pipe is vacant.
static void test_an_end_that_waits_is_taken_back(void **state) {
    (void)state;
    struct process *succession = succession_start(QUOTA_PLENTY);
    struct thread *first = generation_start(succession, 20);
    long owned = must_create(first, "/q", FLOW_QUEUE);
    assert_int_equal(do_hook(other, must_open(other, "/q", RIGHT_READ), 1, HOOK_END), 0);
    do_close(first, owned); // ready now
    process_end(first->process);
    assert_nothing(other);
    while (principal_abandon_step(&succession->principal))
        continue;
    assert_gets(other, MESSAGE_GONE);
}

static void test_a_successor_does_not_end_who_waits(void **state) {
    (void)state;
    struct process *succession = succession_start(QUOTA_PLENTY);
    struct thread *first = generation_start(succession, 20);
    must_create_transient(first, "/t", FLOW_CALL);
    long writer = must_open(client, "/t", RIGHT_WRITE);
    process_end(first->process);
    assert_blocked(do_call(client, writer, "x", 0, DEADLINE_NONE)); // also a call that begins now
    struct thread *second = generation_start(succession, 21);
    assert_int_equal(do_hook(second, must_create_transient(second, "/t", FLOW_CALL), 5, 0), 0);
    assert_gets(second, MESSAGE_CALL);
    assert_int_equal(do_reply(second, second->page->received.token, "y", 0), 0);
    assert_page(client, "y");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        LIFE_TEST(test_a_pipe_counts_its_handles_by_right),
        LIFE_TEST(test_a_handle_in_a_message_counts_as_outside),
        LIFE_TEST(test_a_blocked_senders_handles_count),
        LIFE_TEST(test_a_transient_pipe_goes_with_its_last_handle),
        LIFE_TEST(test_flags_that_create_refuses),
        LIFE_TEST(test_the_owner_is_told_once_nobody_else_holds_it),
        LIFE_TEST(test_the_death_of_the_holder_closes),
        LIFE_TEST(test_closed_comes_after_what_was_sent),
        LIFE_TEST(test_closed_comes_after_calls),
        LIFE_TEST(test_closed_comes_after_a_call_that_is_withdrawn),
        LIFE_TEST(test_a_new_handle_takes_closed_back),
        LIFE_TEST(test_each_hook_of_the_owner_is_told),
        LIFE_TEST(test_others_are_not_told_that_it_is_closed),
        LIFE_TEST(test_without_readers_a_transient_pipe_is_broken),
        LIFE_TEST(test_the_last_readers_end_wakes_who_waits),
        LIFE_TEST(test_invariant_1_waking_goes_by_steps),
        LIFE_TEST(test_a_chain_of_queues_ends_without_recursion),
        LIFE_TEST(test_a_chain_ends_with_its_holder),
        LIFE_TEST(test_invariant_1_messages_go_by_steps),
        LIFE_TEST(test_a_name_that_closes_makes_way),
        LIFE_TEST(test_the_owner_takes_the_last_outside_handle),
        LIFE_TEST(test_no_fast_call_brings_the_owner_its_own_handle),
        LIFE_TEST(test_a_passed_handle_may_have_fewer_rights),
        LIFE_TEST(test_a_reply_gives_a_limited_handle),
        LIFE_TEST(test_a_caller_pays_for_what_it_opens),
        LIFE_TEST(test_nobody_pays_who_did_not_say_so),
        LIFE_TEST(test_a_fast_call_may_pay),
        LIFE_TEST(test_a_caller_without_room_is_told),
        LIFE_TEST(test_a_payer_may_end_first),
        LIFE_TEST(test_a_vacant_pipe_neither_ends_nor_closes),
        LIFE_TEST(test_an_end_that_waits_is_taken_back),
        LIFE_TEST(test_a_successor_does_not_end_who_waits),
    };
    return scene_run(tests);
}
