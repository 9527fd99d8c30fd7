// SPDX-License-Identifier: MIT
// The fast paths of a signal and of a message for a thread that waits (pipens/fast.h): each does just what the general
// way does, and says no to everything else. The same random operations run twice, once with them and once without.
#include "check.h"
#include "fast.h"

#define SENDERS 2u
#define RECEIVERS 2u
#define THREADS (SENDERS + RECEIVERS)
#define STEPS 3000u
#define SEEDS 6u
#define TEXT 128u   // bytes of payload that are compared
#define LONGEST 96u // payload of the queue without handles: with its header it fills a slot of 128 bytes
#define PLANNED 32u // payload that there is room for beside four handles
#define CAPACITY 3u // of the queue

static struct thread *threads[THREADS]; // the senders first
static long queues[SENDERS], events[SENDERS];
static bool is_fast;
static uint64_t fast_sends, fast_signals;
static uint32_t random_state;

static uint32_t draw(uint32_t limit) {
    random_state = random_state * 1103515245u + 12345u;
    return (random_state >> 16) % limit;
}

// ---- What the host does on the fast path ----

// The thread, which waited, goes on with this result.
static void wake(struct thread *thread, long result) {
    thread->is_blocked = false;
    thread->result = result;
    thread->deadline = DEADLINE_NONE;
}

static long fast_send(struct thread *sender, long handle, const char *text) {
    uint64_t length = strlen(text);
    struct hook *hook = is_fast ? fast_send_check(&sender->waiter, (uint64_t)handle, length, 0) : NULL;
    if (!hook)
        return do_send(sender, handle, text, 0, DEADLINE_NOW);
    fast_sends++;
    memcpy(sender->page->payload, text, length);
    fast_send_commit(hook, &sender->process->principal, length);
    memcpy(hook->waiter->page->payload, text, length);
    wake(thread_of(hook->waiter), (long)length);
    scene_audit("the fast path of a message");
    return 0;
}

static long fast_signal(struct thread *sender, long handle, uint64_t value) {
    struct hook *hook = is_fast ? fast_signal_check(&sender->waiter, (uint64_t)handle, 0) : NULL;
    if (!hook)
        return do_signal(sender, handle, value);
    fast_signals++;
    fast_signal_commit(hook, &sender->process->principal, value);
    wake(thread_of(hook->waiter), sizeof(struct event_message));
    scene_audit("the fast path of a signal");
    return 0;
}

// ---- What can be seen ----

struct view {
    long result;
    struct message_received heads[RECEIVERS];
    uint8_t texts[RECEIVERS][TEXT];
    long results[RECEIVERS];
    uint32_t states[THREADS], is_blocked[THREADS], is_ready[THREADS];
    uint64_t queue[5], event[8];
};

static void view_pipes(struct view *view) {
    const struct node *queue = node_at("/q"), *event = node_at("/e");
    const uint64_t of_queue[] = {queue->in, queue->out, queue->ring.head, queue->ring.tail, queue->waiting.count};
    const uint64_t of_event[] = {event->in,   event->out,   event->total,     event->taken,
                                 event->time, event->value, event->signaller, event->signaller_generation};
    memcpy(view->queue, of_queue, sizeof of_queue);
    memcpy(view->event, of_event, sizeof of_event);
}

static void view_all(struct view *view, long result) {
    memset(view, 0, sizeof *view);
    view->result = result;
    for (uint32_t index = 0; index < THREADS; index++) {
        const struct thread *thread = threads[index];
        view->states[index] = thread->waiter.state;
        view->is_blocked[index] = thread->is_blocked;
        view->is_ready[index] = !list_is_empty(&thread->waiter.ready);
    }
    for (uint32_t index = 0; index < RECEIVERS; index++) {
        view->results[index] = threads[SENDERS + index]->result;
        view->heads[index] = threads[SENDERS + index]->page->received;
        memcpy(view->texts[index], threads[SENDERS + index]->page->payload, TEXT);
    }
    view_pipes(view);
}

// ---- Random operations ----

static void cast_start(uint32_t seed) {
    scene_start();
    random_state = seed;
    threads[SENDERS] = program_start(1, KIND_SERVER);
    threads[SENDERS + 1] = program_start(2, KIND_DRIVER);
    assert_true(do_create(threads[SENDERS], "/q", FLOW_QUEUE, RULES_OPEN, CAPACITY, PLANNED) > 0);
    must_create(threads[SENDERS], "/e", FLOW_EVENT);
    for (uint32_t index = 0; index < SENDERS; index++) {
        threads[index] = program_start(10 + index, index ? KIND_APP : KIND_SERVER);
        queues[index] = must_open(threads[index], "/q", RIGHT_WRITE);
        events[index] = must_open(threads[index], "/e", RIGHT_WRITE);
    }
    must_hook(threads[SENDERS], "/q", 7);
    must_hook(threads[SENDERS], "/e", 8);
}

// The second receiver's hooks come and go.
static void second_toggle(const char *path) {
    struct thread *second = threads[SENDERS + 1];
    if (second->is_blocked)
        do_cancel(second, -PIPE_ECANCELED);
    for (struct list *link = second->waiter.hooks.next; link != &second->waiter.hooks; link = link->next) {
        const struct hook *hook = list_object(link, struct hook, of_waiter);
        if (hook->node == node_at(path)) {
            handle_close(&second->process->principal, hook->handle_index);
            return;
        }
    }
    must_hook(second, path, 9);
}

static long operate(void) {
    char text[TEXT];
    uint32_t index = draw(SENDERS);
    if (draw(100) == 0)
        second_toggle(draw(2) ? "/q" : "/e");
    do_pass(draw(3));
    if (draw(4) < 3 || threads[index]->is_blocked) { // mostly receivers are waiting
        struct thread *receiver = threads[SENDERS + draw(RECEIVERS)];
        return receiver->is_blocked ? 0 : do_wait(receiver, DEADLINE_NONE);
    }
    if (draw(2))
        return fast_signal(threads[index], events[index], draw(1000));
    snprintf(text, sizeof text, "%0*u", (int)draw(LONGEST + 2), draw(10));
    return fast_send(threads[index], queues[index], text);
}

static void test_the_fast_path_do_what_the_slow_path_do(void **state) {
    (void)state;
    static struct view views[STEPS];
    fast_sends = fast_signals = 0;
    for (uint32_t seed = 1; seed <= SEEDS; seed++)
        for (uint32_t round = 0; round < 2; round++) {
            is_fast = round == 1;
            cast_start(seed);
            for (uint32_t step = 0; step < STEPS; step++) {
                struct view view;
                view_all(&view, operate());
                if (is_fast)
                    assert_memory_equal(&view, &views[step], sizeof view);
                views[step] = view;
            }
            scene_stop();
        }
    assert_true(fast_sends > 800);
    assert_true(fast_signals > 300);
}

// ---- What the fast paths refuse ----

static struct thread *sender, *receiver;
static long queue, event;

static int start(void **state) {
    check_setup(state);
    receiver = program_start(1, KIND_SERVER);
    sender = program_start(2, KIND_APP);
    assert_true(do_create(receiver, "/q", FLOW_QUEUE, RULES_OPEN, CAPACITY, PLANNED) > 0);
    must_create(receiver, "/e", FLOW_EVENT);
    queue = must_open(sender, "/q", RIGHT_WRITE);
    event = must_open(sender, "/e", RIGHT_WRITE);
    must_hook(receiver, "/q", 1);
    must_hook(receiver, "/e", 2);
    assert_blocked(do_wait(receiver, DEADLINE_NONE));
    return 0;
}

#define FAST_TEST(name) cmocka_unit_test_setup_teardown(name, start, check_teardown)

static bool send_is_fast(long handle, uint64_t length, uint64_t flags) {
    struct hook *hook = fast_send_check(&sender->waiter, (uint64_t)handle, length, flags);
    assert_true(!hook || (hook->waiter == &receiver->waiter && hook->key == 1));
    return hook;
}

static bool signal_is_fast(long handle, uint64_t flags) {
    struct hook *hook = fast_signal_check(&sender->waiter, (uint64_t)handle, flags);
    assert_true(!hook || (hook->waiter == &receiver->waiter && hook->key == 2));
    return hook;
}

static void test_what_goes_the_slow_path(void **state) {
    (void)state;
    long topic = must_create(sender, "/t", FLOW_TOPIC);
    assert_true(send_is_fast(queue, 0, 0) && send_is_fast(queue, LONGEST, 0) && signal_is_fast(event, 0));
    assert_false(send_is_fast(queue, LONGEST + 1, 0));
    assert_false(send_is_fast(queue, UINT64_MAX, 0));
    assert_false(send_is_fast(queue, 1, ATTACH_HANDLES(1)));
    assert_false(send_is_fast(queue, 1, 1ull << 63));
    assert_false(signal_is_fast(event, ATTACH_HANDLES(1)));
    assert_false(signal_is_fast(event, 1ull << 63));
    assert_false(send_is_fast(event, 1, 0) || signal_is_fast(queue, 0));
    assert_false(send_is_fast(topic, 1, 0) || signal_is_fast(topic, 0));
    assert_false(send_is_fast(0, 1, 0) || signal_is_fast(0, 0));
    long stale = 1l << HANDLE_INDEX_BITS;
    assert_false(send_is_fast(queue + stale, 1, 0) || signal_is_fast(event + stale, 0));
    assert_false(send_is_fast(must_open(sender, "/q", RIGHT_READ), 1, 0));
    assert_false(signal_is_fast(must_open(sender, "/e", RIGHT_READ), 0));
}

static void test_pipes_that_go_the_slow_path(void **state) {
    (void)state;
    struct node *nodes[] = {node_at("/q"), node_at("/e")};
    static const uint8_t special[] = {NODE_REMOVED, NODE_KERNEL, NODE_OBSERVED};
    for (size_t index = 0; index < sizeof special; index++) {
        nodes[0]->special = nodes[1]->special = special[index];
        assert_false(send_is_fast(queue, 1, 0) || signal_is_fast(event, 0));
    }
    nodes[0]->special = nodes[1]->special = 0;
    nodes[0]->rules = nodes[1]->rules = RULES_DEFAULT;
    assert_false(send_is_fast(queue, 1, 0) || signal_is_fast(event, 0));
    nodes[0]->rules = nodes[1]->rules = (uint16_t)RULES_OPEN;
    host.names.is_traced = true;
    assert_false(send_is_fast(queue, 1, 0) || signal_is_fast(event, 0));
    host.names.is_traced = false;
    nodes[1]->interrupt.is_line = true;
    assert_false(signal_is_fast(event, 0));
    nodes[1]->interrupt.is_line = false;
    assert_true(send_is_fast(queue, 1, 0) && signal_is_fast(event, 0));
}

static void test_receivers_that_are_reached_the_slow_path(void **state) {
    (void)state;
    must_hook(program_start(3, KIND_APP), "/e", 3);
    assert_false(signal_is_fast(event, 0)); // there are two to tell
    assert_true(send_is_fast(queue, 1, 0));
    do_cancel(receiver, -PIPE_ECANCELED);
    assert_false(send_is_fast(queue, 1, 0) || signal_is_fast(event, 0)); // it does not wait
    thread_end(receiver);
    assert_false(send_is_fast(queue, 1, 0) || signal_is_fast(event, 0)); // it has ended
}

static void test_one_that_does_not_wait_is_not_signalled_the_fast_path(void **state) {
    (void)state;
    do_cancel(receiver, -PIPE_ECANCELED);
    assert_false(signal_is_fast(event, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_fast_path_do_what_the_slow_path_do),
        FAST_TEST(test_what_goes_the_slow_path),
        FAST_TEST(test_pipes_that_go_the_slow_path),
        FAST_TEST(test_receivers_that_are_reached_the_slow_path),
        FAST_TEST(test_one_that_does_not_wait_is_not_signalled_the_fast_path),
    };
    return scene_run(tests);
}
