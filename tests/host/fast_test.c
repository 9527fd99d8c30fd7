// SPDX-License-Identifier: MIT
// The fast path of a call (pipens/fast.h): it does just what the slow path does, and says no to everything else. The
// same random operations run twice, once with it and once without; after each, all that can be seen must be the same.
#include "check.h"
#include "fast.h"

#define CLIENTS 4u
#define SERVERS 3u // 0 and 1 have a pipe each, 2 is a second thread of 1's process, on the same pipe
#define THREADS (CLIENTS + SERVERS)
#define STEPS 4000u
#define TOKENS_KEPT 3u
#define TEXT 24u // bytes of payload that are compared

static struct thread *threads[THREADS];
static long handles[THREADS][2]; // of each thread on the two pipes
static uint64_t tokens[THREADS][TOKENS_KEPT];
static struct thread *watcher;
static bool is_fast;
static uint64_t fast_calls, fast_calls_for, fast_replies, fast_attached;

// ---- What the host does on the fast path ----

static void receiver_wakes(struct waiter *receiver, long result) {
    thread_of(receiver)->is_blocked = false;
    thread_of(receiver)->result = result;
    thread_of(receiver)->deadline = DEADLINE_NONE;
}

static long fast_call(struct thread *caller, long handle, const char *text, uint64_t flags) {
    uint64_t length = strlen(text);
    struct hook *hook = NULL;
    struct waiter *server =
        is_fast ? fast_call_check(&caller->waiter, (uint64_t)handle, length, 0, DEADLINE_NONE, &hook) : NULL;
    long error = 0;
    if (server && flags)
        error = fast_call_attached(&caller->waiter, server, hook, length, flags);
    else if (server)
        fast_call_commit(&caller->waiter, server, hook, length);
    if (!server || (error && error != BLOCKED))
        return do_call(caller, handle, text, flags, DEADLINE_NONE);
    fast_calls++;
    fast_attached += flags != 0;
    memcpy(caller->page->payload, text, length);
    caller->is_blocked = true;
    if (!error) {
        memcpy(server->page->payload, text, length);
        receiver_wakes(server, (long)length);
    }
    scene_audit("the fast path of a call");
    return BLOCKED;
}

// A call that the host makes for a thread, whose own page is the message buffer.
static long fast_call_for(struct thread *caller, struct node *node, const char *text) {
    uint64_t length = strlen(text);
    struct hook *hook = NULL;
    struct waiter *server = is_fast ? fast_call_for_check(&caller->waiter, node, &hook) : NULL;
    memcpy(caller->page->payload, text, length);
    if (!server) {
        long result = pipens_call_for(&caller->waiter, node, caller->page, (uint32_t)length, PAYLOAD_MAX);
        if (result == BLOCKED)
            caller->is_blocked = true;
        return result;
    }
    fast_calls_for++;
    fast_call_commit(&caller->waiter, server, hook, length);
    memcpy(server->page->payload, text, length);
    caller->is_blocked = true;
    receiver_wakes(server, (long)length);
    scene_audit("the fast path of a call for a thread");
    return BLOCKED;
}

static long general_reply_wait(struct thread *server, uint64_t token, int64_t length, uint64_t flags) {
    long result = pipens_reply_wait(&server->waiter, token, length, flags, DEADLINE_NONE);
    if (result == BLOCKED)
        server->is_blocked = true;
    else
        server->result = result;
    scene_audit("reply_wait");
    return result;
}

static long fast_reply_wait(struct thread *server, uint64_t token, const char *text, uint64_t flags) {
    uint64_t length = strlen(text);
    memcpy(server->page->payload, text, length);
    struct waiter *caller = is_fast ? fast_reply_to(&server->waiter, token, length, 0, DEADLINE_NONE) : NULL;
    if (caller && (flags || caller->lease_count)) {
        if (fast_reply_attached(&server->waiter, caller, length, flags))
            caller = NULL;
        else
            fast_attached++;
    } else if (caller) {
        fast_reply_commit(&server->waiter, caller, length);
    }
    if (!caller)
        return general_reply_wait(server, token, (int64_t)length, flags);
    fast_replies++;
    memcpy(caller->page->payload, server->page->payload, length);
    server->is_blocked = true;
    receiver_wakes(caller, (long)length);
    scene_audit("the fast path of a reply");
    return BLOCKED;
}

// ---- What can be seen ----

struct view_of_thread {
    struct message_received head;
    uint8_t text[TEXT];
    uint64_t token;
    long result;
    uint32_t state, priority, is_blocked, held, donated_mask, holder, donates_to, donates_priority;
    uint32_t denied, ready, open, attached;
    uint32_t pins[HOST_MEMORY_PAGES];
};

struct view_of_node {
    uint64_t in, out, denied;
    uint32_t in_flight, references, waiting, hooks, donates_to, donates_priority;
};

struct view {
    long result; // of the operation
    uint64_t regions, region_owners;
    struct view_of_thread threads[THREADS];
    struct view_of_node nodes[2];
};

static uint32_t length_of(const struct list *list) {
    uint32_t count = 0;
    for (const struct list *link = list->next; link != list; link = link->next)
        count++;
    return count;
}

static uint32_t number_of(const struct waiter *waiter) {
    return waiter ? waiter->number : UINT32_MAX;
}

static void view_thread(const struct thread *thread, struct view_of_thread *view) {
    const struct waiter *waiter = &thread->waiter;
    view->head = thread->page->received;
    memcpy(view->text, thread->page->payload, TEXT);
    view->token = waiter->token;
    view->result = thread->result;
    view->state = waiter->state;
    view->priority = waiter->priority;
    view->is_blocked = thread->is_blocked;
    view->held = length_of(&waiter->held);
    view->ready = length_of(&waiter->ready);
    view->donated_mask = waiter->donated_mask;
    view->holder = number_of(waiter->holder);
    view->donates_to = number_of(waiter->donation.to);
    view->donates_priority = waiter->donation.to ? waiter->donation.priority : 0;
    view->denied = (uint32_t)thread->process->principal.denied;
    view->open = thread->process->principal.handles.open;
    view->attached = waiter->attachment_count + 16u * waiter->lease_count;
    memcpy(view->pins, thread->process->pins, sizeof view->pins);
}

static void view_node(const struct node *node, struct view_of_node *view) {
    *view = (struct view_of_node){node->in,
                                  node->out,
                                  node->denied,
                                  node->in_flight,
                                  node->references,
                                  node->waiting.count,
                                  node->hook_count,
                                  number_of(node->donation.to),
                                  node->donation.to ? node->donation.priority : 0};
}

static void view_all(struct view *view, long result) {
    memset(view, 0, sizeof *view);
    view->result = result;
    for (const struct region *region = host.regions; region; region = region->next) {
        view->regions += region->references;
        view->region_owners = 31 * view->region_owners + (region->owner ? region->owner->pid : 0);
    }
    for (uint32_t index = 0; index < THREADS; index++)
        view_thread(threads[index], &view->threads[index]);
    view_node(node_at("/a"), &view->nodes[0]);
    view_node(node_at("/b"), &view->nodes[1]);
}

// ---- The random operations ----

static uint32_t random_state;

static uint32_t draw(uint32_t below) {
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 12) % below;
}

static void cast_start(uint32_t seed) {
    scene_start();
    random_state = seed;
    memset(tokens, 0, sizeof tokens);
    for (uint32_t index = 0; index < THREADS - 1; index++) {
        enum kind kind = index < CLIENTS ? KIND_APP : KIND_SERVER;
        threads[index] = thread_start(process_start(1 + index, kind, QUOTA_PLENTY), 3 * index);
    }
    threads[CLIENTS + 2] = thread_start(threads[CLIENTS + 1]->process, 7);
    watcher = program_start(40, KIND_SERVER);
    must_create(threads[CLIENTS], "/a", FLOW_CALL);
    must_create(threads[CLIENTS + 1], "/b", FLOW_CALL);
    must_hook(threads[CLIENTS], "/a", 0xa);
    must_hook(threads[CLIENTS + 1], "/b", 0xb1);
    must_hook(threads[CLIENTS + 2], "/b", 0xb2);
    for (uint32_t index = 0; index < THREADS; index++) {
        handles[index][0] = must_open(threads[index], "/a", RIGHT_WRITE);
        handles[index][1] = must_open(threads[index], "/b", RIGHT_WRITE);
    }
    threads[0]->process->is_absent[1] = true;
    threads[1]->process->is_read_only[1] = true;
}

// The next token that the thread owes a reply for; 0 if it took none. Now and then a wrong one.
static uint64_t token_to_answer(uint32_t index) {
    uint64_t *slot = &tokens[index][draw(TOKENS_KEPT)];
    uint64_t token = *slot;
    *slot = 0;
    return draw(50) == 0 ? token ^ 1u << TOKEN_NUMBER_BITS : token;
}

// A call that the thread has received is remembered, once.
static void note_token(uint32_t index) {
    struct message_received *head = &threads[index]->page->received;
    if (threads[index]->is_blocked || head->type != MESSAGE_CALL || !head->token)
        return;
    for (uint32_t offset = 0; offset < TOKENS_KEPT; offset++)
        if (tokens[index][offset] == head->token)
            return;
    for (uint32_t offset = 0; offset < TOKENS_KEPT; offset++)
        if (!tokens[index][offset]) {
            tokens[index][offset] = head->token;
            return;
        }
}

static long toggle(struct thread *thread, const char *path, uint32_t right, uint64_t flags) {
    static long handle;
    if (random_state & 1)
        handle = 0;
    if (handle && do_close(thread, handle) == 0)
        return handle = 0;
    handle = do_open(thread, path, right);
    return do_hook(thread, handle, 0, flags);
}

// Things that bar the fast path, or open it again.
static long disturb(void) {
    switch (draw(8)) {
    case 0:
        return toggle(watcher, "/a", RIGHT_TAP, HOOK_TAP);
    case 1:
        return toggle(watcher, "/bus/trace", RIGHT_READ, 0);
    case 2:
        node_at("/b")->rules = (uint16_t)(draw(2) ? RULES_DEFAULT : RULES_OPEN);
        return 0;
    case 3:
        waiter_set_priority(&threads[draw(THREADS)]->waiter, draw(PRIORITIES));
        return 0;
    default:
        while (length_of(&watcher->waiter.hooks))
            hook_end(list_object(watcher->waiter.hooks.next, struct hook, of_waiter));
        return 0;
    }
}

// One that runs, drawn at random; now and then, or if none runs, one that is cancelled first.
static uint32_t draw_thread(void) {
    uint32_t index = draw(THREADS);
    bool is_cancelled = draw(30) == 0;
    for (uint32_t tries = 0; tries < THREADS && threads[index]->is_blocked && !is_cancelled; tries++)
        index = (index + 1) % THREADS;
    if (threads[index]->is_blocked)
        do_cancel(threads[index], -PIPE_ECANCELED);
    return index;
}

static long own_region(struct thread *thread) {
    struct principal *principal = &thread->process->principal;
    assert_int_equal(handle_reserve(principal, 1), 0);
    struct attachment attachment = {.object = region_make(principal), .type = HANDLE_REGION, .rights = RIGHTS_ALL};
    return handle_install(principal, &attachment);
}

// The flags of something that goes along, which stands in the page's header; most often nothing does.
static uint64_t draw_cargo(uint32_t index) {
    struct message_sent *head = &threads[index]->page->sent;
    uint64_t writable = draw(2) ? ATTACH_WRITABLE(0) : 0;
    head->handle[0] = head->handle[1] = (uint32_t)handles[index][draw(2)];
    switch (draw(10)) {
    case 0:
        return ATTACH_HANDLES(2);
    case 1:
        head->handle[1] = (uint32_t)own_region(threads[index]);
        return ATTACH_HANDLES(2) | ATTACH_MOVE(1);
    case 2:
        return ATTACH_HANDLES(1) | ATTACH_MOVE(0); // a pipe can't be moved
    case 3:
        head->lease[0] = (struct lease){HOST_MEMORY_BASE + 0x400 * draw(4), draw(0x1000)};
        head->lease[1] = (struct lease){HOST_MEMORY_BASE + 0x2000, draw(0x1000)};
        return ATTACH_LEASES(1 + draw(2)) | writable;
    default:
        return 0;
    }
}

static long operate(void) {
    char text[TEXT];
    if (draw(60) == 0)
        return disturb();
    uint32_t index = draw_thread();
    struct thread *thread = threads[index];
    snprintf(text, sizeof text, "%u", random_state);
    if (index < CLIENTS && draw(6) == 0)
        return fast_call_for(thread, node_at(draw(2) ? "/a" : "/b"), text);
    if (index < CLIENTS || draw(12) == 0)
        return fast_call(thread, handles[index][draw(2)], text, draw_cargo(index));
    return fast_reply_wait(thread, token_to_answer(index), text, draw_cargo(index));
}

static void test_the_fast_path_does_what_the_slow_path_does(void **state) {
    (void)state;
    static struct view views[STEPS];
    fast_calls = fast_calls_for = fast_replies = fast_attached = 0;
    for (uint32_t seed = 1; seed <= 8; seed++)
        for (uint32_t round = 0; round < 2; round++) {
            is_fast = round == 1;
            cast_start(seed);
            for (uint32_t step = 0; step < STEPS; step++) {
                struct view view;
                long result = operate();
                for (uint32_t index = CLIENTS; index < THREADS; index++)
                    note_token(index);
                view_all(is_fast ? &view : &views[step], result);
                if (is_fast)
                    assert_memory_equal(&view, &views[step], sizeof view);
            }
            scene_stop();
        }
    assert_true(fast_calls > 2000);
    assert_true(fast_calls_for > 300);
    assert_true(fast_replies > 2000);
    assert_true(fast_attached > 1000);
}

// ---- What the fast path refuses ----

static struct thread *client, *server;
static struct hook *hook;

static int start(void **state) {
    check_setup(state);
    server = program_start(1, KIND_SERVER);
    client = program_start(2, KIND_APP);
    must_create(server, "/c", FLOW_CALL);
    must_hook(server, "/c", 1);
    assert_blocked(do_wait(server, DEADLINE_NONE));
    hook = NULL;
    return 0;
}

#define FAST_TEST(name) cmocka_unit_test_setup_teardown(name, start, check_teardown)

static bool call_is_fast(long handle, uint64_t length, uint64_t flags, uint64_t deadline) {
    struct waiter *found = fast_call_check(&client->waiter, (uint64_t)handle, length, flags, deadline, &hook);
    assert_true(!found || found == &server->waiter);
    return found;
}

static void test_calls_that_take_the_slow_path(void **state) {
    (void)state;
    long handle = must_open(client, "/c", RIGHT_WRITE), topic = must_create(client, "/t", FLOW_TOPIC);
    assert_true(call_is_fast(handle, PAYLOAD_MAX, 0, DEADLINE_NONE));
    assert_false(call_is_fast(handle, PAYLOAD_MAX + 1, 0, DEADLINE_NONE));
    assert_false(call_is_fast(handle, UINT64_MAX, 0, DEADLINE_NONE));
    assert_false(call_is_fast(handle, 1, ATTACH_LEASES(1), DEADLINE_NONE));
    assert_false(call_is_fast(handle, 1, 1ull << 63, DEADLINE_NONE));
    assert_false(call_is_fast(handle, 1, 0, DEADLINE_NOW));
    assert_false(call_is_fast(handle, 1, 0, DEADLINE_NONE - 1));
    assert_false(call_is_fast(handle + (1 << HANDLE_INDEX_BITS), 1, 0, DEADLINE_NONE));
    assert_false(call_is_fast(0, 1, 0, DEADLINE_NONE));
    assert_false(call_is_fast(topic, 1, 0, DEADLINE_NONE));
    assert_false(call_is_fast(must_open(client, "/c", RIGHT_READ), 1, 0, DEADLINE_NONE));
}

static bool call_for_is_fast(const char *path) {
    return fast_call_for_check(&client->waiter, node_at(path), &hook) != NULL;
}

static void test_calls_for_a_thread_that_take_the_slow_path(void **state) {
    (void)state;
    must_create(server, "/unhooked", FLOW_CALL);
    assert_true(call_for_is_fast("/c"));
    assert_false(call_for_is_fast("/unhooked"));
    host.names.is_traced = true;
    assert_false(call_for_is_fast("/c"));
    host.names.is_traced = false;
    node_at("/c")->special = NODE_OBSERVED;
    assert_false(call_for_is_fast("/c"));
    node_at("/c")->special = 0;
}

static void test_pipes_that_take_the_slow_path(void **state) {
    (void)state;
    long handle = must_open(client, "/c", RIGHT_WRITE);
    static const uint8_t special[] = {NODE_REMOVED, NODE_KERNEL, NODE_OBSERVED};
    for (size_t index = 0; index < sizeof special; index++) {
        node_at("/c")->special = special[index];
        assert_false(call_is_fast(handle, 1, 0, DEADLINE_NONE));
    }
    node_at("/c")->special = 0;
    node_at("/c")->rules = RULES_DEFAULT;
    assert_false(call_is_fast(handle, 1, 0, DEADLINE_NONE));
    node_at("/c")->rules = (uint16_t)RULES_OPEN;
    host.names.is_traced = true;
    assert_false(call_is_fast(handle, 1, 0, DEADLINE_NONE));
    host.names.is_traced = false;
    assert_true(call_is_fast(handle, 1, 0, DEADLINE_NONE));
    do_cancel(server, -PIPE_ECANCELED);
    assert_false(call_is_fast(handle, 1, 0, DEADLINE_NONE)); // the server does not wait
    thread_end(server);
    assert_false(call_is_fast(handle, 1, 0, DEADLINE_NONE)); // there is none
}

static void test_a_region_is_no_pipe_on_the_fast_path(void **state) {
    (void)state;
    struct principal *principal = &client->process->principal;
    assert_int_equal(handle_reserve(principal, 1), 0);
    struct attachment attachment = {.object = region_make(principal), .type = HANDLE_REGION, .rights = RIGHTS_ALL};
    assert_false(call_is_fast(handle_install(principal, &attachment), 1, 0, DEADLINE_NONE));
}

static bool reply_is_fast(struct thread *thread, uint64_t token, uint64_t length) {
    struct waiter *found = fast_reply_to(&thread->waiter, token, length, 0, DEADLINE_NONE);
    assert_true(!found || found == &client->waiter);
    return found && !found->lease_count;
}

static void test_replies_that_take_the_slow_path(void **state) {
    (void)state;
    assert_blocked(do_call(client, must_open(client, "/c", RIGHT_WRITE), "x", 0, DEADLINE_NONE));
    uint64_t token = server->page->received.token;
    struct thread *second = thread_start(server->process, PRIORITY_USUAL);
    assert_true(reply_is_fast(server, token, PAYLOAD_MAX));
    assert_false(reply_is_fast(server, token, PAYLOAD_MAX + 1));
    assert_false(reply_is_fast(server, token, (uint64_t)-PIPE_EIO));
    assert_false(reply_is_fast(server, 0, 1));
    assert_false(reply_is_fast(server, token + (1u << TOKEN_NUMBER_BITS), 1));
    assert_false(reply_is_fast(server, UINT64_MAX, 1));
    assert_false(reply_is_fast(server, second->waiter.number, 1)); // its token was never given
    assert_false(reply_is_fast(second, token, 1));                 // the slow path lets it
    assert_null(fast_reply_to(&server->waiter, token, 1, REPLY_ONLY, DEADLINE_NONE));
    assert_null(fast_reply_to(&server->waiter, token, 1, 0, DEADLINE_NOW));
    assert_null(fast_reply_to(&server->waiter, token, 1, 0, DEADLINE_NONE - 1));
    client->waiter.payload_limit = 64;
    assert_false(reply_is_fast(server, token, 65));
    client->waiter.payload_limit = PAYLOAD_MAX;
    client->waiter.lease_count = 1;
    assert_false(reply_is_fast(server, token, 1));
    client->waiter.lease_count = 0;
    node_at("/c")->special = NODE_OBSERVED;
    assert_false(reply_is_fast(server, token, 1));
    node_at("/c")->special = 0;
    host.names.is_traced = true;
    assert_false(reply_is_fast(server, token, 1));
    host.names.is_traced = false;
    struct thread *other = program_start(3, KIND_APP);
    assert_blocked(do_call(other, must_open(other, "/c", RIGHT_WRITE), "y", 0, DEADLINE_NONE));
    assert_false(reply_is_fast(server, token, 1)); // there is something to take
}

// What fails changes nothing, and the slow path says the same.
static void test_cargo_that_goes_the_slow_path(void **state) {
    (void)state;
    long handle = must_open(client, "/c", RIGHT_WRITE);
    static const uint64_t refused[] = {1ull << 63, REPLY_ONLY, ATTACH_HANDLES(MESSAGE_HANDLES_MAX + 1),
                                       ATTACH_LEASES(3)};
    assert_true(call_is_fast(handle, 1, 0, DEADLINE_NONE));
    for (size_t index = 0; index < sizeof refused / sizeof *refused; index++) {
        assert_error(fast_call_attached(&client->waiter, &server->waiter, hook, 1, refused[index]), EINVAL);
        assert_error(do_call(client, handle, "x", refused[index], DEADLINE_NONE), EINVAL);
    }
    client->page->sent.lease[0] = (struct lease){HOST_MEMORY_BASE, LEASE_LENGTH_MAX + 1};
    assert_error(fast_call_attached(&client->waiter, &server->waiter, hook, 1, ATTACH_LEASES(1)), EMSGSIZE);
    assert_int_equal(client->waiter.state, WAIT_NONE);
    assert_int_equal(server->waiter.state, WAIT_RECEIVING);
    assert_blocked(do_call(client, handle, "x", 0, DEADLINE_NONE));
    uint64_t token = server->page->received.token;
    assert_true(reply_is_fast(server, token, 1));
    assert_error(fast_reply_attached(&server->waiter, &client->waiter, 1, REPLY_ONLY), EINVAL);
    assert_error(fast_reply_attached(&server->waiter, &client->waiter, 1, ATTACH_LEASES(1)), EINVAL);
    assert_int_equal(client->waiter.state, WAIT_IN_FLIGHT);
}

static void test_an_ended_callers_token_is_stale_on_the_fast_path(void **state) {
    (void)state;
    assert_blocked(do_call(client, must_open(client, "/c", RIGHT_WRITE), "x", 0, DEADLINE_NONE));
    uint64_t token = server->page->received.token;
    do_cancel(client, -PIPE_ECANCELED);
    assert_false(reply_is_fast(server, token, 1));
    process_end(client->process);
    assert_false(reply_is_fast(server, token, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_fast_path_does_what_the_slow_path_does),
        FAST_TEST(test_calls_that_take_the_slow_path),
        FAST_TEST(test_calls_for_a_thread_that_take_the_slow_path),
        FAST_TEST(test_pipes_that_take_the_slow_path),
        FAST_TEST(test_a_region_is_no_pipe_on_the_fast_path),
        FAST_TEST(test_replies_that_take_the_slow_path),
        FAST_TEST(test_cargo_that_goes_the_slow_path),
        FAST_TEST(test_an_ended_callers_token_is_stale_on_the_fast_path),
    };
    return scene_run(tests);
}
