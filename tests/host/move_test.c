// SPDX-License-Identifier: MIT
// Handles in messages: pipes that are passed, regions that are shared or moved, and what is on its way when something
// ends.
#include "check.h"
#include "flow.h"

static struct thread *sender, *receiver;

static int start(void **state) {
    check_setup(state);
    sender = program_start(1, KIND_APP);
    receiver = program_start(2, KIND_SERVER);
    return 0;
}

#define MOVE_TEST(name) cmocka_unit_test_setup_teardown(name, start, check_teardown)

static struct region *region_at(const struct thread *thread, long handle) {
    return handle_entry_at(&thread->process->principal.handles, (uint32_t)handle & HANDLE_INDEX_MASK)->object;
}

// A handle of a new region of the thread's process.
static long own_region(struct thread *thread) {
    struct principal *principal = &thread->process->principal;
    assert_int_equal(handle_reserve(principal, 1), 0);
    struct attachment attachment = {.object = region_make(principal), .type = HANDLE_REGION, .rights = RIGHTS_ALL};
    return handle_install(principal, &attachment);
}

static void attach(struct thread *thread, uint32_t index, long handle) {
    thread->page->sent.handle[index] = (uint32_t)handle;
}

// A queue of `capacity` messages, hooked by the receiver; the sender's handle.
static long queue_between(uint32_t capacity) {
    assert_true(do_create(receiver, "/q", FLOW_QUEUE, RULES_OPEN, capacity, 0) > 0);
    must_hook(receiver, "/q", 0);
    return must_open(sender, "/q", RIGHT_WRITE);
}

static long call_between(void) {
    must_create(receiver, "/c", FLOW_CALL);
    must_hook(receiver, "/c", 0);
    return must_open(sender, "/c", RIGHT_WRITE);
}

// A region of so many pages, charged to the thread's process.
static long charged_region(struct thread *thread, uint64_t pages) {
    long handle = own_region(thread);
    struct region *region = region_at(thread, handle);
    region->pages = pages;
    region->payer = thread->process->principal.account;
    region->payer->pages += pages;
    return handle;
}

static void limit_pages(struct thread *thread, uint64_t pages) {
    thread->process->principal.account->has_page_limit = true;
    thread->process->principal.account->page_limit = pages;
}

static uint64_t pages_of(const struct thread *thread) {
    return thread->process->principal.account->pages;
}

// ---- Pipes ----

static void test_a_passed_pipe_donates_its_givers_standing(void **state) {
    (void)state;
    long queue = queue_between(4);
    // Only its owner and apps may write; the receiver is a server.
    long given = do_create(sender, "/p", FLOW_QUEUE, RULE(RIGHTS_ALL, RIGHT_WRITE, 0u, 0u), 0, 0);
    long narrow = must_open(sender, "/p", RIGHT_WRITE);
    attach(sender, 0, narrow);
    assert_int_equal(do_send(sender, queue, "take", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 4);
    assert_int_equal(receiver->page->received.handle_count, 1);
    long handle = (long)receiver->page->received.handle[0];
    assert_error(do_open(receiver, "/p", RIGHT_WRITE), EACCES);
    assert_int_equal(do_send(receiver, handle, "x", 0, DEADLINE_NOW), 0);
    assert_error(do_hook(receiver, handle, 0, 0), EACCES);              // not more than was given
    assert_int_equal(do_send(sender, narrow, "x", 0, DEADLINE_NOW), 0); // the giver keeps its own
    assert_int_equal(do_rules(sender, given, 0), 0);
    assert_error(do_send(receiver, handle, "x", 0, DEADLINE_NOW), EACCES);
}

// From hand to hand a handle stays of the class under which the first giver opened it.
static void test_a_handle_that_is_passed_on_keeps_its_class(void **state) {
    (void)state;
    struct thread *third = program_start(3, KIND_DRIVER);
    long queue = queue_between(4);
    must_create(third, "/r", FLOW_QUEUE);
    must_hook(third, "/r", 0);
    must_create(third, "/p", FLOW_EVENT);
    attach(sender, 0, must_open(sender, "/p", RIGHT_WRITE)); // as an app
    assert_int_equal(do_send(sender, queue, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 0);
    attach(receiver, 0, receiver->page->received.handle[0]);
    assert_int_equal(do_send(receiver, must_open(receiver, "/r", RIGHT_WRITE), "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    assert_int_equal(do_wait(third, DEADLINE_NOW), 0);
    long handle = third->page->received.handle[0];
    node_at("/p")->rules = RULE(0u, RIGHT_WRITE, 0u, 0u);
    assert_int_equal(do_signal(third, handle, 1), 0);
    node_at("/p")->rules = RULE(RIGHT_WRITE, 0u, RIGHT_WRITE, RIGHT_WRITE);
    assert_error(do_signal(third, handle, 1), EACCES);
}

// As many handles as a message holds lie after a payload of full length, and nothing of the next message with them.
static void test_handles_after_full_payloads(void **state) {
    (void)state;
    static const uint32_t asked[] = {33, 160, 161, 3936};
    for (size_t index = 0; index < sizeof asked / sizeof *asked; index++) {
        long queue = do_create(sender, "/q", FLOW_QUEUE, RULES_OPEN, 2, asked[index]);
        struct waiter *waiter = &sender->waiter;
        uint32_t longest = ring_payload_max(&node_at("/q")->ring, MESSAGE_HANDLES_MAX);
        assert_true(longest >= asked[index]);
        must_hook(receiver, "/q", 0);
        for (uint32_t offset = 0; offset < MESSAGE_HANDLES_MAX; offset++)
            attach(sender, offset, queue);
        memset(sender->page->payload, 'z', PAYLOAD_MAX);
        uint64_t handle = (uint64_t)queue;
        assert_error(pipens_send(waiter, handle, longest + 1, ATTACH_HANDLES(4), DEADLINE_NOW), EMSGSIZE);
        assert_int_equal(pipens_send(waiter, handle, longest, ATTACH_HANDLES(4), DEADLINE_NOW), 0);
        assert_int_equal(pipens_send(waiter, handle, longest, ATTACH_HANDLES(4), DEADLINE_NOW), 0);
        for (uint32_t count = 0; count < 2; count++) {
            assert_int_equal(do_wait(receiver, DEADLINE_NOW), longest);
            struct message_received head = receiver->page->received;
            assert_int_equal(head.handle_count, MESSAGE_HANDLES_MAX);
            assert_int_equal(receiver->page->payload[longest - 1], 'z');
            for (uint32_t offset = 0; offset < MESSAGE_HANDLES_MAX; offset++)
                assert_int_equal(do_close(receiver, (long)head.handle[offset]), 0);
        }
        assert_int_equal(do_remove(sender, "/q"), 0);
        assert_int_equal(do_wait(receiver, DEADLINE_NOW), 0); // the end of the hook
    }
}

static void test_four_handles_arrive_in_order(void **state) {
    (void)state;
    long queue = queue_between(4);
    char path[] = "/0";
    for (uint32_t index = 0; index < MESSAGE_HANDLES_MAX; index++) {
        path[1] = (char)('0' + index);
        attach(sender, index, must_create(sender, path, FLOW_EVENT));
    }
    assert_int_equal(do_send(sender, queue, "four", ATTACH_HANDLES(4), DEADLINE_NOW), 0);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 4);
    assert_page(receiver, "four");
    struct message_received head = receiver->page->received;
    assert_int_equal(head.handle_count, MESSAGE_HANDLES_MAX);
    for (uint32_t index = 0; index < MESSAGE_HANDLES_MAX; index++) {
        path[1] = (char)('0' + index);
        struct pipe_stat stat;
        do_stat(receiver, (long)head.handle[index], "", &stat);
        assert_int_equal(stat.number, node_at(path)->number);
    }
}

static void test_invariant_5_attachments_that_are_refused_have_moved_nothing(void **state) {
    (void)state;
    long queue = queue_between(4), region = own_region(sender), pipe = must_create(sender, "/p", FLOW_EVENT);
    static const struct {
        long which, flags, error; // which: of the second handle: 0 the region again, 1 a bad one, 2 the pipe
    } cases[] = {
        {0, ATTACH_MOVE(0), -PIPE_EINVAL},                  // moved, then shared
        {0, ATTACH_MOVE(0) | ATTACH_MOVE(1), -PIPE_EINVAL}, // moved twice
        {1, ATTACH_MOVE(0), -PIPE_EBADF},
        {2, ATTACH_MOVE(0) | ATTACH_MOVE(1), -PIPE_EINVAL}, // a pipe cannot be moved
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        attach(sender, 0, region);
        attach(sender, 1, cases[index].which == 0 ? region : cases[index].which == 1 ? 999 : pipe);
        uint64_t flags = ATTACH_HANDLES(2) | (uint64_t)cases[index].flags;
        assert_int_equal(do_send(sender, queue, "x", flags, DEADLINE_NOW), cases[index].error);
        assert_int_equal(region_at(sender, region)->references, 1);
        assert_ptr_equal(region_at(sender, region)->owner, &sender->process->principal);
    }
    attach(sender, 0, pipe);
    attach(sender, 1, region);
    attach(sender, 2, region);
    uint64_t two_moves = ATTACH_HANDLES(3) | ATTACH_MOVE(1) | ATTACH_MOVE(2);
    assert_error(do_send(sender, queue, "x", two_moves, DEADLINE_NOW), EINVAL);
    attach(sender, 0, region);
    region_at(sender, region)->is_busy = true;
    assert_error(do_send(sender, queue, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NOW), EBUSY);
    assert_error(do_send(sender, queue, "x", ATTACH_HANDLES(1), DEADLINE_NOW), EINVAL); // not shared
    assert_int_equal(node_at("/q")->in, 0);
    assert_int_equal(do_close(sender, region), 0);
}

static void test_a_pipe_that_was_removed_is_not_passed(void **state) {
    (void)state;
    long queue = queue_between(4), pipe = must_create(sender, "/p", FLOW_EVENT);
    assert_int_equal(do_remove(sender, "/p"), 0);
    attach(sender, 0, pipe);
    assert_error(do_send(sender, queue, "x", ATTACH_HANDLES(1), DEADLINE_NOW), EPIPE);
    assert_int_equal(do_close(sender, pipe), 0);
    attach(sender, 0, pipe);
    assert_error(do_send(sender, queue, "x", ATTACH_HANDLES(1), DEADLINE_NOW), ESTALE);
}

static void test_a_pipe_on_its_way_outlives_its_name(void **state) {
    (void)state;
    long queue = queue_between(4), pipe = must_create(sender, "/p", FLOW_EVENT);
    attach(sender, 0, pipe);
    assert_int_equal(do_send(sender, queue, "x", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    process_end(sender->process);
    assert_null(node_at("/p"));
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    long handle = (long)receiver->page->received.handle[0];
    assert_error(do_signal(receiver, handle, 1), EPIPE);
    assert_int_equal(do_close(receiver, handle), 0);
}

// A queue may hold a handle of itself; its end must not wait for that.
static void test_a_queue_that_holds_itself_ends(void **state) {
    (void)state;
    long queue = queue_between(4);
    attach(sender, 0, queue);
    assert_int_equal(do_send(sender, queue, "x", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    process_end(receiver->process);
    assert_error(do_send(sender, queue, "x", 0, DEADLINE_NOW), EPIPE);
}

// ---- Regions ----

static void test_a_moved_region_leaves_its_sender(void **state) {
    (void)state;
    long queue = queue_between(4), handle = own_region(sender);
    struct region *region = region_at(sender, handle);
    attach(sender, 0, handle);
    assert_int_equal(do_send(sender, queue, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NOW), 0);
    assert_error(do_close(sender, handle), ESTALE);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    long moved = (long)receiver->page->received.handle[0];
    assert_ptr_equal(region_at(receiver, moved), region);
    assert_ptr_equal(region->owner, &receiver->process->principal);
    assert_int_equal(region->references, 1);
    assert_int_equal(do_close(receiver, moved), 0);
    assert_null(host.regions);
}

// Its sender may end while it lies in the queue.
static void test_a_region_in_a_queue_is_nobodys(void **state) {
    (void)state;
    long queue = queue_between(1), first = own_region(sender), second = own_region(sender);
    attach(sender, 0, first);
    assert_int_equal(do_send(sender, queue, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NOW), 0);
    assert_null(host.regions->next->owner);
    attach(sender, 0, second);
    assert_blocked(do_send(sender, queue, "y", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE));
    assert_ptr_equal(host.regions->owner, &sender->process->principal); // it may still come back
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    assert_null(host.regions->owner); // now the queue has it
    process_end(sender->process);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    assert_ptr_equal(host.regions->owner, &receiver->process->principal);
}

#define MOVE_ALL (ATTACH_HANDLES(4) | ATTACH_MOVE(0) | ATTACH_MOVE(1) | ATTACH_MOVE(2) | ATTACH_MOVE(3))

static void attach_regions(long *handles) {
    for (uint32_t index = 0; index < MESSAGE_HANDLES_MAX; index++) {
        handles[index] = own_region(sender);
        attach(sender, index, handles[index]);
    }
}

static void test_four_regions_in_a_queue_are_nobodys(void **state) {
    (void)state;
    long queue = queue_between(4), handles[MESSAGE_HANDLES_MAX];
    attach_regions(handles);
    assert_int_equal(do_send(sender, queue, "", MOVE_ALL, DEADLINE_NOW), 0);
    for (const struct region *region = host.regions; region; region = region->next)
        assert_null(region->owner);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 0);
    for (const struct region *region = host.regions; region; region = region->next)
        assert_ptr_equal(region->owner, &receiver->process->principal);
}

// Each of them leaves its sender when the call is taken, and comes back when it is withdrawn; no call's regions have a
// part in the next.
static void test_four_regions_go_with_a_call_that_waits(void **state) {
    (void)state;
    long call = call_between(), handles[MESSAGE_HANDLES_MAX];
    uint32_t open = sender->process->principal.handles.open;
    attach_regions(handles);
    assert_blocked(do_call(sender, call, "", MOVE_ALL, DEADLINE_NONE));
    do_cancel(sender, -PIPE_ETIMEDOUT);
    for (uint32_t index = 0; index < MESSAGE_HANDLES_MAX; index++)
        attach(sender, index, handles[index]);
    assert_blocked(do_call(sender, call, "", MOVE_ALL, DEADLINE_NONE));
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 0);
    assert_int_equal(receiver->page->received.handle_count, MESSAGE_HANDLES_MAX);
    assert_int_equal(sender->process->principal.handles.open, open);
    for (uint32_t index = 0; index < MESSAGE_HANDLES_MAX; index++)
        assert_error(do_close(sender, handles[index]), ESTALE);
    assert_int_equal(do_reply(receiver, receiver->page->received.token, "", 0), 0);
    long one = own_region(sender), other = own_region(sender);
    attach(sender, 0, one);
    assert_blocked(do_call(sender, call, "", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE));
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 0);
    assert_int_equal(sender->process->principal.handles.open, open + 1);
    assert_int_equal(do_close(sender, other), 0);
}

static void test_a_shared_region_is_counted(void **state) {
    (void)state;
    long queue = queue_between(4), handle = own_region(sender);
    struct region *region = region_at(sender, handle);
    region->is_shared = true;
    attach(sender, 0, handle);
    attach(sender, 1, handle);
    assert_error(do_send(sender, queue, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NOW), EINVAL);
    assert_int_equal(do_send(sender, queue, "x", ATTACH_HANDLES(2), DEADLINE_NOW), 0);
    assert_int_equal(region->references, 3);
    assert_int_equal(do_remove(receiver, "/q"), 0); // with the message
    assert_int_equal(region->references, 1);
    assert_int_equal(do_close(sender, handle), 0);
    assert_null(host.regions);
}

static void test_a_region_in_a_removed_queue_is_released(void **state) {
    (void)state;
    long queue = queue_between(4);
    attach(sender, 0, own_region(sender));
    assert_int_equal(do_send(sender, queue, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NOW), 0);
    assert_non_null(host.regions);
    assert_int_equal(do_remove(receiver, "/q"), 0);
    assert_null(host.regions);
}

// ---- In transit ----

// While its caller waits, a moved region can be neither used nor moved again; it comes back if the call fails.
static void test_a_region_in_transit_comes_back_or_goes(void **state) {
    (void)state;
    long call = call_between(), handle = own_region(sender);
    struct thread *second = thread_start(sender->process, PRIORITY_USUAL);
    attach(sender, 0, handle);
    assert_blocked(do_call(sender, call, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), host.now + 10));
    assert_error(do_close(second, handle), EBADF);
    attach(second, 0, handle);
    assert_error(do_call(second, call, "y", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE), EBADF);
    do_pass(10);
    assert_error(sender->result, ETIMEDOUT);
    assert_int_equal(region_at(sender, handle)->references, 1); // the same handle
    attach(sender, 0, handle);
    assert_blocked(do_call(sender, call, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE));
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    assert_error(do_close(second, handle), ESTALE);
    assert_ptr_equal(host.regions->owner, &receiver->process->principal);
    do_cancel(sender, -PIPE_ECANCELED); // too late for the region: it was taken
    assert_ptr_equal(host.regions->owner, &receiver->process->principal);
}

static void test_a_sender_that_dies_takes_what_is_in_transit(void **state) {
    (void)state;
    long call = call_between(), pipe = must_create(sender, "/p", FLOW_EVENT);
    attach(sender, 0, own_region(sender));
    attach(sender, 1, pipe);
    assert_blocked(do_call(sender, call, "x", ATTACH_HANDLES(2) | ATTACH_MOVE(0), DEADLINE_NONE));
    assert_int_equal(node_at("/p")->references, 3);
    process_end(sender->process);
    assert_null(host.regions);
    assert_error(do_wait(receiver, DEADLINE_NOW), EAGAIN);
}

static void test_a_blocked_sender_moves_when_there_is_room(void **state) {
    (void)state;
    long queue = queue_between(1), handle = own_region(sender);
    assert_int_equal(do_send(sender, queue, "first", 0, DEADLINE_NOW), 0);
    attach(sender, 0, handle);
    uint64_t flags = ATTACH_HANDLES(1) | ATTACH_MOVE(0);
    assert_error(do_send(sender, queue, "moved", flags, DEADLINE_NOW), EAGAIN);
    assert_blocked(do_send(sender, queue, "moved", flags, host.now + 10));
    do_pass(10);
    assert_error(sender->result, ETIMEDOUT);
    attach(sender, 0, handle);
    assert_blocked(do_send(sender, queue, "moved", flags, host.now + 10));
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 5);
    assert_int_equal(receiver->page->received.handle_count, 0);
    assert_int_equal(sender->result, 0);
    assert_error(do_close(sender, handle), ESTALE);
    attach(sender, 0, queue);
    assert_blocked(do_send(sender, queue, "passed", ATTACH_HANDLES(1), DEADLINE_NONE));
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 5);
    assert_int_equal(receiver->page->received.handle_count, 1);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 6);
    assert_int_equal(receiver->page->received.handle_count, 1);
    assert_int_equal(do_send(sender, queue, "x", 0, DEADLINE_NOW), 0); // its own handle stayed
}

// ---- Replies ----

static void test_a_reply_passes_handles(void **state) {
    (void)state;
    long call = call_between(), handle = own_region(receiver), pipe = must_create(receiver, "/p", FLOW_EVENT);
    assert_blocked(do_call(sender, call, "x", 0, DEADLINE_NONE));
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    uint64_t token = receiver->page->received.token;
    attach(receiver, 0, handle);
    attach(receiver, 1, pipe);
    uint64_t flags = ATTACH_HANDLES(2) | ATTACH_MOVE(0) | REPLY_ONLY;
    assert_error(pipens_reply_wait(&receiver->waiter, token, -PIPE_EIO, flags, 0), EINVAL);
    region_at(receiver, handle)->is_busy = true;
    assert_error(pipens_reply_wait(&receiver->waiter, token, 0, flags, 0), EBUSY);
    region_at(receiver, handle)->is_busy = false;
    assert_true(sender->is_blocked);
    assert_int_equal(do_reply(receiver, token, "two", ATTACH_HANDLES(2) | ATTACH_MOVE(0)), 0);
    assert_int_equal(sender->page->received.handle_count, 2);
    assert_ptr_equal(region_at(sender, (long)sender->page->received.handle[0])->owner, &sender->process->principal);
    assert_int_equal(do_signal(sender, (long)sender->page->received.handle[1], 1), 0);
    assert_error(do_close(receiver, handle), ESTALE);
}

// ---- No room for what comes ----

// Fills the thread's present table of handles and lets its quota end there.
static void fill_table(struct thread *thread) {
    struct handle_table *table = &thread->process->principal.handles;
    must_create(thread, "/filler", FLOW_EVENT);
    while (table->open < table->chunk_count * HANDLE_CHUNK_ENTRIES - 1)
        must_open(thread, "/filler", RIGHT_READ);
    thread->process->account->limit = thread->process->account->used;
}

// What is sent may not depend on the receiver's room, or one message would keep all those after it.
static void test_invariant_14_a_message_comes_without_handles_for_which_there_is_no_room(void **state) {
    (void)state;
    long queue = queue_between(4), event = must_create(sender, "/e", FLOW_EVENT), region = own_region(sender);
    attach(sender, 0, event);
    attach(sender, 1, region);
    assert_int_equal(do_send(sender, queue, "x", ATTACH_HANDLES(2) | ATTACH_MOVE(1), DEADLINE_NOW), 0);
    assert_int_equal(do_send(sender, queue, "next", 0, DEADLINE_NOW), 0);
    fill_table(receiver);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    assert_int_equal(receiver->page->received.handle_count, 0);
    assert_int_equal(node_at("/e")->handles, 1);
    assert_null(host.regions);
    assert_int_equal(node_at("/q")->dropped, 1);
    assert_int_equal(node_at("/q")->out, 1);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 4);
    assert_int_equal(node_at("/q")->dropped, 1);
}

static void test_invariant_14_a_waiting_receiver_gets_it_too(void **state) {
    (void)state;
    long queue = queue_between(4);
    fill_table(receiver);
    assert_blocked(do_wait(receiver, DEADLINE_NONE));
    attach(sender, 0, queue);
    assert_int_equal(do_send(sender, queue, "x", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    assert_int_equal(receiver->result, 1);
    assert_int_equal(receiver->page->received.handle_count, 0);
}

// A call ends, and the one after it is served.
static void test_invariant_14_a_call_ends_for_whose_handles_there_is_no_room(void **state) {
    (void)state;
    long call = call_between(), handle = own_region(sender);
    struct thread *next = program_start(3, KIND_APP);
    fill_table(receiver);
    attach(sender, 0, handle);
    assert_blocked(do_call(sender, call, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE));
    assert_blocked(do_call(next, must_open(next, "/c", RIGHT_WRITE), "next", 0, DEADLINE_NONE));
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 4);
    assert_page(receiver, "next");
    assert_error(sender->result, ENOBUFS);
    assert_int_equal(node_at("/c")->dropped, 1);
    assert_int_equal(do_close(sender, handle), 0);
}

// A server that waits goes on waiting, and is woken by nothing.
static void test_invariant_14_a_server_that_waits_is_not_woken_in_vain(void **state) {
    (void)state;
    long call = call_between(), handle = own_region(sender);
    fill_table(receiver);
    assert_blocked(do_wait(receiver, DEADLINE_NONE));
    uint32_t wakes = receiver->wakes;
    attach(sender, 0, handle);
    assert_blocked(do_call(sender, call, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE));
    assert_false(sender->is_blocked);
    assert_error(sender->result, ENOBUFS);
    assert_true(receiver->is_blocked);
    assert_int_equal(receiver->wakes, wakes);
    assert_blocked(do_call(sender, call, "plain", 0, DEADLINE_NONE));
    assert_int_equal(receiver->result, 5);
}

// Turning callers away is bounded: the server is told, and goes on at its next wait.
static void test_invariant_14_turning_away_goes_in_steps(void **state) {
    (void)state;
    call_between();
    struct thread *callers[BATCH + 1];
    for (uint32_t index = 0; index <= BATCH; index++) {
        callers[index] = program_start(10 + index, KIND_APP);
        long handle = must_open(callers[index], "/c", RIGHT_WRITE);
        attach(callers[index], 0, handle);
        assert_blocked(do_call(callers[index], handle, "x", ATTACH_HANDLES(1), DEADLINE_NONE));
    }
    fill_table(receiver);
    assert_error(do_wait(receiver, DEADLINE_NOW), ENOBUFS);
    assert_error(callers[BATCH - 1]->result, ENOBUFS);
    assert_true(callers[BATCH]->is_blocked);
    assert_error(do_wait(receiver, DEADLINE_NOW), EAGAIN);
    assert_error(callers[BATCH]->result, ENOBUFS);
    assert_int_equal(node_at("/c")->dropped, BATCH + 1);
}

static void test_a_reply_that_finds_no_room_is_an_error_for_the_caller(void **state) {
    (void)state;
    long call = call_between(), handle = own_region(receiver);
    fill_table(sender);
    assert_blocked(do_call(sender, call, "x", 0, DEADLINE_NONE));
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    uint64_t token = receiver->page->received.token;
    attach(receiver, 0, handle);
    assert_int_equal(do_reply(receiver, token, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0)), 0);
    assert_error(sender->result, EDQUOT);
    assert_int_equal(do_close(receiver, handle), 0); // it kept the region
}

// ---- Pages ----

static void test_invariant_16_who_owns_a_region_pays_for_it(void **state) {
    (void)state;
    long call = call_between(), region = charged_region(sender, 10);
    limit_pages(receiver, 10);
    attach(sender, 0, region);
    assert_blocked(do_call(sender, call, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE));
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    assert_int_equal(pages_of(sender), 0);
    assert_int_equal(pages_of(receiver), 10);
    assert_int_equal(do_close(receiver, (long)receiver->page->received.handle[0]), 0);
    assert_int_equal(pages_of(receiver), 0);
}

static void test_invariant_16_who_has_no_room_for_the_pages_refuses_the_call(void **state) {
    (void)state;
    long call = call_between(), region = charged_region(sender, 10), other = charged_region(sender, 1);
    limit_pages(receiver, 10);
    attach(sender, 0, region);
    attach(sender, 1, other);
    assert_blocked(do_call(sender, call, "x", ATTACH_HANDLES(2) | ATTACH_MOVE(0) | ATTACH_MOVE(1), DEADLINE_NONE));
    assert_error(do_wait(receiver, DEADLINE_NOW), EAGAIN);
    assert_false(sender->is_blocked);
    assert_error(sender->result, ENOBUFS);
    assert_int_equal(pages_of(sender), 11); // and it has them still
    assert_int_equal(do_close(sender, region), 0);
    assert_int_equal(do_close(sender, other), 0);
}

static void test_invariant_16_who_made_a_queue_pays_for_what_lies_in_it(void **state) {
    (void)state;
    long queue = queue_between(2), first = charged_region(sender, 6), second = charged_region(sender, 6);
    limit_pages(receiver, 10);
    attach(sender, 0, first);
    assert_int_equal(do_send(sender, queue, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NOW), 0);
    assert_int_equal(pages_of(receiver), 6);
    attach(sender, 0, second);
    assert_error(do_send(sender, queue, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NOW), EDQUOT);
    assert_int_equal(pages_of(sender), 6);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1); // it pays already
    assert_int_equal(receiver->page->received.handle_count, 1);
    assert_int_equal(pages_of(receiver), 6);
    assert_int_equal(do_close(sender, second), 0);
}

// There was room when it began to wait, but not when its turn comes.
static void test_invariant_16_a_sender_that_waits_keeps_what_finds_no_room(void **state) {
    (void)state;
    long queue = queue_between(1), region = charged_region(sender, 6);
    assert_int_equal(do_send(sender, queue, "x", 0, DEADLINE_NOW), 0);
    attach(sender, 0, region);
    assert_blocked(do_send(sender, queue, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE));
    limit_pages(receiver, 5);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    assert_false(sender->is_blocked);
    assert_error(sender->result, EDQUOT);
    assert_int_equal(pages_of(sender), 6);
    assert_int_equal(do_close(sender, region), 0);
}

static void test_invariant_16_a_message_whose_pages_find_no_room_comes_without_them(void **state) {
    (void)state;
    assert_true(do_create(sender, "/q", FLOW_QUEUE, RULES_OPEN, 1, 0) > 0);
    must_hook(receiver, "/q", 0);
    long queue = must_open(sender, "/q", RIGHT_WRITE), region = charged_region(sender, 6);
    limit_pages(receiver, 5);
    attach(sender, 0, region);
    assert_int_equal(do_send(sender, queue, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NOW), 0);
    assert_int_equal(pages_of(sender), 6);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 1);
    assert_int_equal(receiver->page->received.handle_count, 0);
    assert_int_equal(pages_of(sender), 0);
    assert_int_equal(node_at("/q")->dropped, 1);
}

// Its limit fell below what it has.
static void test_invariant_16_who_has_too_much_takes_nothing_more(void **state) {
    (void)state;
    long call = call_between(), region = charged_region(sender, 1), had = charged_region(receiver, 6);
    limit_pages(receiver, 5);
    attach(sender, 0, region);
    assert_blocked(do_call(sender, call, "x", ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE));
    assert_error(do_wait(receiver, DEADLINE_NOW), EAGAIN);
    assert_error(sender->result, ENOBUFS);
    assert_int_equal(do_close(sender, region), 0);
    assert_int_equal(do_close(receiver, had), 0);
}

static void test_an_account_lives_while_it_pays_for_pages(void **state) {
    (void)state;
    uint64_t blocks = host.live_blocks;
    struct account *account = account_make(QUOTA_PLENTY);
    account->references = 1;
    account_move_pages(NULL, account, 5);
    account_release(account);
    assert_int_equal(host.live_blocks, blocks + 1);
    account_move_pages(account, NULL, 2);
    assert_int_equal(account->pages, 3);
    account_move_pages(account, NULL, 3);
    assert_int_equal(host.live_blocks, blocks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MOVE_TEST(test_invariant_16_who_has_too_much_takes_nothing_more),
        MOVE_TEST(test_an_account_lives_while_it_pays_for_pages),
        MOVE_TEST(test_invariant_16_a_message_whose_pages_find_no_room_comes_without_them),
        MOVE_TEST(test_invariant_16_a_sender_that_waits_keeps_what_finds_no_room),
        MOVE_TEST(test_invariant_16_who_made_a_queue_pays_for_what_lies_in_it),
        MOVE_TEST(test_invariant_16_who_has_no_room_for_the_pages_refuses_the_call),
        MOVE_TEST(test_invariant_16_who_owns_a_region_pays_for_it),
        MOVE_TEST(test_a_passed_pipe_donates_its_givers_standing),
        MOVE_TEST(test_four_handles_arrive_in_order),
        MOVE_TEST(test_invariant_5_attachments_that_are_refused_have_moved_nothing),
        MOVE_TEST(test_a_pipe_that_was_removed_is_not_passed),
        MOVE_TEST(test_a_pipe_on_its_way_outlives_its_name),
        MOVE_TEST(test_a_queue_that_holds_itself_ends),
        MOVE_TEST(test_a_moved_region_leaves_its_sender),
        MOVE_TEST(test_a_region_in_a_queue_is_nobodys),
        MOVE_TEST(test_a_handle_that_is_passed_on_keeps_its_class),
        MOVE_TEST(test_handles_after_full_payloads),
        MOVE_TEST(test_four_regions_in_a_queue_are_nobodys),
        MOVE_TEST(test_four_regions_go_with_a_call_that_waits),
        MOVE_TEST(test_a_shared_region_is_counted),
        MOVE_TEST(test_a_region_in_a_removed_queue_is_released),
        MOVE_TEST(test_a_region_in_transit_comes_back_or_goes),
        MOVE_TEST(test_a_sender_that_dies_takes_what_is_in_transit),
        MOVE_TEST(test_a_blocked_sender_moves_when_there_is_room),
        MOVE_TEST(test_a_reply_passes_handles),
        MOVE_TEST(test_invariant_14_a_message_comes_without_handles_for_which_there_is_no_room),
        MOVE_TEST(test_invariant_14_a_waiting_receiver_gets_it_too),
        MOVE_TEST(test_invariant_14_a_call_ends_for_whose_handles_there_is_no_room),
        MOVE_TEST(test_invariant_14_a_server_that_waits_is_not_woken_in_vain),
        MOVE_TEST(test_invariant_14_turning_away_goes_in_steps),
        MOVE_TEST(test_a_reply_that_finds_no_room_is_an_error_for_the_caller),
    };
    return scene_run(tests);
}
