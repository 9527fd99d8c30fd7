// SPDX-License-Identifier: MIT
// What the tests of the lives of pipes share: three programs, and what they do with handles.
#ifndef TESTS_HOST_LIFE_H
#define TESTS_HOST_LIFE_H

#include "check.h"
#include "fast.h"
#include "flow.h"

static struct thread *server, *client, *other;

static inline int start(void **state) {
    check_setup(state);
    server = program_start(1, KIND_SERVER);
    client = program_start(2, KIND_APP);
    other = program_start(3, KIND_APP);
    return 0;
}

#define LIFE_TEST(name) cmocka_unit_test_setup_teardown(name, start, check_teardown)

static inline long create_with(struct thread *thread, const char *path, uint64_t flow, uint32_t capacity) {
    return do_create(thread, path, (enum flow)flow, RULES_OPEN, capacity, 0);
}

static inline long must_create_transient(struct thread *thread, const char *path, enum flow flow) {
    long handle = create_with(thread, path, (uint64_t)flow | CREATE_TRANSIENT, 0);
    assert_true(handle > 0);
    return handle;
}

static inline struct pipe_stat stat_of(struct thread *thread, long handle) {
    struct pipe_stat stat;
    assert_int_equal(do_stat(thread, handle, "", &stat), sizeof stat);
    return stat;
}

static inline void assert_counts(const char *path, uint32_t handles, uint32_t readers, uint32_t writers,
                                 uint32_t outside) {
    const struct node *node = node_at(path);
    assert_int_equal(node->handles, handles);
    assert_int_equal(node->readers, readers);
    assert_int_equal(node->writers, writers);
    assert_int_equal(node->outside, outside);
}

static inline void assert_gets(struct thread *thread, enum message_type type) {
    assert_true(do_wait(thread, DEADLINE_NOW) >= 0);
    assert_int_equal(thread->page->received.type, type);
}

static inline void assert_nothing(struct thread *thread) {
    assert_error(do_wait(thread, DEADLINE_NOW), EAGAIN);
}

static inline void attach(struct thread *thread, uint32_t index, long handle) {
    thread->page->sent.handle[index] = (uint32_t)handle;
}

// The receiver's handle of what the sender passes in a message of a queue that both have.
static inline long pass(struct thread *sender, struct thread *receiver, long handle) {
    static const char path[] = "/post";
    if (!node_at(path))
        must_create(other, path, FLOW_QUEUE);
    long in = must_open(sender, path, RIGHT_WRITE), out = must_hook(receiver, path, 99);
    attach(sender, 0, handle);
    assert_int_equal(do_send(sender, in, "", ATTACH_HANDLES(1), DEADLINE_NOW), 0);
    assert_int_equal(do_wait(receiver, DEADLINE_NOW), 0);
    long passed = (long)receiver->page->received.handle[0];
    assert_int_equal(do_close(sender, in), 0);
    assert_int_equal(do_close(receiver, out), 0);
    return passed;
}

#endif
