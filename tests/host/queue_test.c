// SPDX-License-Identifier: MIT
// Queues: a message goes to exactly one receiver, in order; a full queue makes its senders wait, in order of priority.
#include "check.h"

#define SMALL 2u // messages that the queues of these tests hold

// A queue of SMALL messages, made by the thread; the handle.
static long small_queue(struct thread *thread) {
    long handle = do_create(thread, "/q", FLOW_QUEUE, RULES_OPEN, SMALL, 0);
    assert_true(handle > 0);
    return handle;
}

static void fill(struct thread *thread, long handle) {
    for (uint32_t count = 0; count < SMALL; count++)
        assert_int_equal(do_send(thread, handle, "fill", 0, DEADLINE_NOW), 0);
}

static void test_messages_come_in_order_and_whole(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP), *receiver = program_start(2, KIND_SERVER);
    long handle = must_create(sender, "/q", FLOW_QUEUE);
    must_hook(receiver, "/q", 9);
    static const char *const texts[] = {"one", "", "three"};
    for (size_t index = 0; index < 3; index++)
        assert_int_equal(do_send(sender, handle, texts[index], 0, DEADLINE_NOW), 0);
    for (size_t index = 0; index < 3; index++) {
        assert_int_equal(do_wait(receiver, DEADLINE_NOW), strlen(texts[index]));
        assert_page(receiver, texts[index]);
        assert_int_equal(receiver->page->received.type, MESSAGE_DATA);
        assert_int_equal(receiver->page->received.key, 9);
        assert_int_equal(receiver->page->received.token, 0);
    }
    assert_error(do_wait(receiver, DEADLINE_NOW), EAGAIN);
    assert_int_equal(node_at("/q")->in, 3);
    assert_int_equal(node_at("/q")->out, 3);
}

// Nothing of what the page held before is left in the header, and nothing after an empty message is written.
static void test_a_header_is_written_whole(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP), *receiver = program_start(2, KIND_SERVER);
    long handle = must_create(sender, "/q", FLOW_QUEUE);
    must_hook(receiver, "/q", 9);
    assert_int_equal(do_send(sender, handle, "", 0, DEADLINE_NOW), 0);
    memset(receiver->page, 0xff, sizeof *receiver->page);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 0);
    const struct message_received expected = {
        .key = 9, .pid = 1, .generation = 1, .kind = KIND_APP, .type = MESSAGE_DATA, .pipe = node_at("/q")->number};
    assert_memory_equal(&receiver->page->received, &expected, sizeof expected);
    for (uint32_t index = 0; index < PAYLOAD_MAX; index++)
        assert_int_equal(receiver->page->payload[index], 0xff);
}

static void test_a_message_goes_to_exactly_one_receiver(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP);
    struct thread *first = program_start(2, KIND_SERVER), *second = program_start(3, KIND_SERVER);
    long handle = must_create(sender, "/q", FLOW_QUEUE);
    must_hook(first, "/q", 0);
    must_hook(second, "/q", 0);
    assert_blocked(do_wait(first, DEADLINE_NONE));
    assert_blocked(do_wait(second, DEADLINE_NONE));
    assert_int_equal(do_send(sender, handle, "a", 0, DEADLINE_NOW), 0);
    assert_true(first->is_blocked != second->is_blocked);
    assert_int_equal(do_send(sender, handle, "b", 0, DEADLINE_NOW), 0);
    assert_false(first->is_blocked || second->is_blocked);
    assert_page(first, "a");
    assert_page(second, "b");
}

// One that both see ready and one takes is settled for the other.
static void test_a_hook_whose_message_was_taken_is_ready_no_more(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP);
    struct thread *first = program_start(2, KIND_SERVER), *second = program_start(3, KIND_SERVER);
    long handle = must_create(sender, "/q", FLOW_QUEUE);
    must_hook(first, "/q", 0);
    must_hook(second, "/q", 0);
    assert_int_equal(do_send(sender, handle, "a", 0, DEADLINE_NOW), 0);
    assert_int_equal(do_wait(second, DEADLINE_NOW), 1);
    assert_error(do_wait(first, DEADLINE_NOW), EAGAIN);
}

static void test_a_full_queue_blocks_or_refuses(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP), *receiver = program_start(2, KIND_SERVER);
    long handle = small_queue(sender);
    fill(sender, handle);
    assert_error(do_send(sender, handle, "late", 0, DEADLINE_NOW), EAGAIN);
    assert_int_equal(node_at("/q")->in, SMALL);
    assert_blocked(do_send(sender, handle, "late", 0, DEADLINE_NONE));
    must_hook(receiver, "/q", 0);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 4);
    assert_page(receiver, "fill");
    assert_false(sender->is_blocked);
    assert_int_equal(sender->result, 0);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 4);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 4);
    assert_page(receiver, "late");
}

static void test_invariant_6_a_sender_has_a_deadline(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP);
    long handle = small_queue(sender);
    fill(sender, handle);
    assert_blocked(do_send(sender, handle, "late", 0, host.now + 100));
    do_pass(99);
    assert_true(sender->is_blocked);
    do_pass(1);
    assert_false(sender->is_blocked);
    assert_error(sender->result, ETIMEDOUT);
    assert_int_equal(node_at("/q")->in, SMALL);
    assert_int_equal(node_at("/q")->waiting.count, 0);
}

static void test_invariant_6_a_blocked_sender_may_be_killed(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_APP), *sender = program_start(2, KIND_APP);
    long handle = small_queue(owner);
    fill(owner, handle);
    assert_blocked(do_send(sender, must_open(sender, "/q", RIGHT_WRITE), "late", 0, DEADLINE_NONE));
    process_end(sender->process);
    assert_int_equal(node_at("/q")->waiting.count, 0);
}

// Of a lower priority first, then two of a higher: the higher go first, in the order in which they came.
static void test_blocked_senders_go_by_priority(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_APP), *receiver = program_start(2, KIND_SERVER);
    fill(owner, small_queue(owner));
    static const unsigned priorities[] = {5, 20, 20, 12};
    static const char *const texts[] = {"low", "high1", "high2", "middle"};
    for (uint32_t index = 0; index < 4; index++) {
        struct thread *sender = thread_start(process_start(10 + index, KIND_APP, QUOTA_PLENTY), priorities[index]);
        assert_blocked(do_send(sender, must_open(sender, "/q", RIGHT_WRITE), texts[index], 0, DEADLINE_NONE));
    }
    must_hook(receiver, "/q", 0);
    static const char *const order[] = {"fill", "fill", "high1", "high2", "middle", "low"};
    for (size_t index = 0; index < 6; index++) {
        assert_int_equal(do_wait(receiver, DEADLINE_NOW), strlen(order[index]));
        assert_page(receiver, order[index]);
    }
}

static void test_a_removed_queue_sends_its_senders_away(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_APP);
    long handle = small_queue(owner);
    fill(owner, handle);
    struct thread *senders[2];
    for (uint32_t index = 0; index < 2; index++) {
        senders[index] = program_start(10 + index, KIND_APP);
        assert_blocked(do_send(senders[index], must_open(senders[index], "/q", RIGHT_WRITE), "x", 0, DEADLINE_NONE));
    }
    assert_int_equal(do_remove(owner, "/q"), 0);
    for (uint32_t index = 0; index < 2; index++)
        assert_error(senders[index]->result, EPIPE);
    assert_error(do_send(owner, handle, "x", 0, DEADLINE_NOW), EPIPE);
}

static void test_the_longest_payload(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    static const uint32_t sizes[] = {1, 160, 1000, PAYLOAD_MAX};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        long handle = do_create(thread, "/q", FLOW_QUEUE, RULES_OPEN, 3, sizes[index]);
        struct pipe_stat stat;
        do_stat(thread, handle, "", &stat);
        assert_true(stat.payload_max >= sizes[index] && stat.payload_max <= PAYLOAD_MAX);
        struct waiter *waiter = &thread->waiter;
        assert_int_equal(do_hook(thread, handle, 0, 0), 0);
        memset(thread->page->payload, 'z', PAYLOAD_MAX);
        assert_int_equal(pipens_send(waiter, (uint64_t)handle, stat.payload_max, 0, DEADLINE_NOW), 0);
        assert_error(pipens_send(waiter, (uint64_t)handle, stat.payload_max + 1, 0, DEADLINE_NOW), EMSGSIZE);
        assert_error(pipens_send(waiter, (uint64_t)handle, UINT64_MAX, 0, DEADLINE_NOW), EMSGSIZE);
        assert_error(pipens_send(waiter, (uint64_t)handle, (uint64_t)1 << 32, 0, DEADLINE_NOW), EMSGSIZE);
        memset(thread->page->payload, 0, PAYLOAD_MAX);
        assert_int_equal(do_wait(thread, DEADLINE_NOW), stat.payload_max);
        for (uint32_t byte = 0; byte < stat.payload_max; byte++)
            assert_int_equal(thread->page->payload[byte], 'z');
        assert_int_equal(do_remove(thread, "/q"), 0);
        assert_int_equal(do_wait(thread, DEADLINE_NOW), 0); // the end of the hook
    }
}

// Round the ring several times, across its pages.
static void test_a_queue_holds_its_capacity(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    static const uint32_t capacities[] = {1, 7, 64, 100};
    for (size_t index = 0; index < sizeof capacities / sizeof *capacities; index++) {
        uint32_t capacity = capacities[index], sent = 0, taken = 0;
        char text[16];
        long handle = do_create(thread, "/q", FLOW_QUEUE, RULES_OPEN, capacity, 100);
        assert_int_equal(do_hook(thread, handle, 0, 0), 0);
        while (taken < 3 * capacity) {
            for (; sent < taken + capacity; sent++) {
                snprintf(text, sizeof text, "%u", sent);
                assert_int_equal(do_send(thread, handle, text, 0, DEADLINE_NOW), 0);
            }
            assert_error(do_send(thread, handle, "more", 0, DEADLINE_NOW), EAGAIN);
            for (uint32_t count = 0; count <= capacity / 2; count++) {
                snprintf(text, sizeof text, "%u", taken++);
                assert_int_equal(do_wait(thread, DEADLINE_NOW), strlen(text));
                assert_page(thread, text);
            }
        }
        assert_int_equal(do_remove(thread, "/q"), 0);
        assert_int_equal(do_wait(thread, DEADLINE_NOW), 0); // the end of the hook
    }
}

// A ring's last page is only as long as its slots.
static void test_a_small_queue_costs_little(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    must_create(thread, "/e", FLOW_EVENT);
    uint64_t used = thread->process->account->used;
    assert_true(do_create(thread, "/q", FLOW_QUEUE, RULES_OPEN, 1, 16) > 0);
    assert_true(thread->process->account->used - used < sizeof(struct node) + 256);
}

// Exactly its slots: a default queue has 16 of 256 bytes, a page; others have more pages, the last of them shorter.
static void test_a_queues_memory(void **state) {
    (void)state;
    static const struct {
        uint32_t capacity, payload_max, slot;
    } cases[] = {{0, 0, 256}, {16, 160, 256}, {16, 161, 512}, {5, 1000, 2048}, {9, 400, 512}, {3, 4000, 4096}};
    struct thread *thread = program_start(1, KIND_APP);
    must_create(thread, "/e", FLOW_EVENT);
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        uint64_t used = thread->process->account->used;
        assert_true(do_create(thread, "/q", FLOW_QUEUE, RULES_OPEN, cases[index].capacity, cases[index].payload_max) >
                    0);
        uint64_t bytes = (uint64_t)(cases[index].capacity ? cases[index].capacity : 16) * cases[index].slot;
        uint64_t pages = (bytes + 4095) / 4096;
        uint64_t taken = thread->process->account->used - used;
        assert_int_equal(taken, sizeof(struct node) + strlen("/q") + pages * sizeof(void *) + bytes);
        assert_int_equal(do_remove(thread, "/q"), 0);
    }
}

// A queue of 16,384 of the smallest messages, and one of 512 of the longest, are the largest.
static void test_the_largest_queues(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    assert_error(do_create(thread, "/q", FLOW_QUEUE, RULES_OPEN, CAPACITY_MAX + 1, 1), EINVAL);
    assert_true(do_create(thread, "/q", FLOW_QUEUE, RULES_OPEN, CAPACITY_MAX, 32) > 0);
    assert_error(do_create(thread, "/r", FLOW_QUEUE, RULES_OPEN, CAPACITY_MAX, 33), EINVAL);
    assert_error(do_create(thread, "/r", FLOW_QUEUE, RULES_OPEN, 513, PAYLOAD_MAX), EINVAL);
    assert_true(do_create(thread, "/r", FLOW_QUEUE, RULES_OPEN, 512, PAYLOAD_MAX) > 0);
}

// Full slots side by side: none reaches into the next.
static void test_messages_of_full_length_stay_apart(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long handle = do_create(thread, "/q", FLOW_QUEUE, RULES_OPEN, 3, 0);
    struct pipe_stat stat;
    do_stat(thread, handle, "", &stat);
    assert_int_equal(stat.payload_max, 256 - sizeof(struct slot));
    assert_int_equal(stat.oldest, 0); // nothing is there
    assert_int_equal(do_hook(thread, handle, 0, 0), 0);
    for (int letter = 'a'; letter <= 'c'; letter++) {
        memset(thread->page->payload, letter, PAYLOAD_MAX);
        assert_int_equal(pipens_send(&thread->waiter, (uint64_t)handle, stat.payload_max, 0, DEADLINE_NOW), 0);
    }
    for (int letter = 'a'; letter <= 'c'; letter++) {
        assert_int_equal(do_wait(thread, DEADLINE_NOW), stat.payload_max);
        for (uint32_t byte = 0; byte < stat.payload_max; byte++)
            assert_int_equal(thread->page->payload[byte], letter);
    }
}

static void test_invariant_2_sending_never_allocates(void **state) {
    (void)state;
    struct thread *sender = program_start(1, KIND_APP), *receiver = program_start(2, KIND_SERVER);
    long handle = small_queue(sender);
    long topic = must_create(sender, "/t", FLOW_TOPIC), event = must_create(sender, "/e", FLOW_EVENT);
    must_hook(receiver, "/q", 0);
    must_hook(receiver, "/t", 0);
    must_hook(receiver, "/e", 0);
    uint64_t allocations = host.allocations;
    for (uint32_t round = 0; round < 10; round++) {
        fill(sender, handle);
        assert_int_equal(do_send(sender, topic, "x", 0, DEADLINE_NOW), 0);
        assert_int_equal(do_signal(sender, event, 1), 0);
        while (do_wait(receiver, DEADLINE_NOW) >= 0)
            continue;
    }
    assert_int_equal(host.allocations, allocations);
}

static void test_flags_that_a_send_has_not(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long handle = small_queue(thread);
    memset(thread->page, 0, sizeof *thread->page);
    assert_error(do_send(thread, handle, "x", ATTACH_LEASES(1), DEADLINE_NOW), ENOTSUP);
    assert_error(do_send(thread, handle, "x", ATTACH_LEASES(3), DEADLINE_NOW), EINVAL);
    assert_error(do_send(thread, handle, "x", ATTACH_HANDLES(5), DEADLINE_NOW), EINVAL);
    assert_error(do_send(thread, handle, "x", ATTACH_ALL + 1, DEADLINE_NOW), EINVAL);
    assert_error(do_send(thread, handle, "x", (uint64_t)1 << 40, DEADLINE_NOW), EINVAL);
    assert_error(do_send(thread, handle, "x", ATTACH_HANDLES(1), DEADLINE_NOW), EBADF);
    assert_int_equal(node_at("/q")->in, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_messages_come_in_order_and_whole),
        SCENE_TEST(test_a_header_is_written_whole),
        SCENE_TEST(test_a_message_goes_to_exactly_one_receiver),
        SCENE_TEST(test_a_hook_whose_message_was_taken_is_ready_no_more),
        SCENE_TEST(test_a_full_queue_blocks_or_refuses),
        SCENE_TEST(test_invariant_6_a_sender_has_a_deadline),
        SCENE_TEST(test_invariant_6_a_blocked_sender_may_be_killed),
        SCENE_TEST(test_blocked_senders_go_by_priority),
        SCENE_TEST(test_a_removed_queue_sends_its_senders_away),
        SCENE_TEST(test_the_longest_payload),
        SCENE_TEST(test_a_queue_holds_its_capacity),
        SCENE_TEST(test_a_small_queue_costs_little),
        SCENE_TEST(test_a_queues_memory),
        SCENE_TEST(test_the_largest_queues),
        SCENE_TEST(test_messages_of_full_length_stay_apart),
        SCENE_TEST(test_invariant_2_sending_never_allocates),
        SCENE_TEST(test_flags_that_a_send_has_not),
    };
    return scene_run(tests);
}
