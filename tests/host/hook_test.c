// SPDX-License-Identifier: MIT
// Hooks: ready at once or when something comes, served in the order of arrival, told of the end of their pipe.
#include "check.h"

static const enum flow flows[] = {FLOW_QUEUE, FLOW_TOPIC, FLOW_CALL, FLOW_EVENT};

static const struct change_message *change_of(const struct thread *thread) {
    return (const void *)thread->page->payload;
}

// Puts something into the pipe that the handle is open on.
static void put(struct thread *thread, long handle, enum flow flow) {
    if (flow == FLOW_CALL)
        assert_blocked(do_call(thread, handle, "x", 0, DEADLINE_NONE));
    else
        assert_int_equal(do_send(thread, handle, "x", 0, DEADLINE_NOW), 0);
}

static void test_invariant_3_a_pipe_that_is_ready_makes_its_hook_ready_at_once(void **state) {
    (void)state;
    for (size_t index = 0; index < sizeof flows / sizeof *flows; index++) {
        struct thread *server = program_start(1, KIND_SERVER), *client = program_start(2, KIND_APP);
        must_create(server, "/p", flows[index]);
        put(client, must_open(client, "/p", RIGHT_WRITE), flows[index]);
        must_hook(server, "/p", 7);
        assert_true(do_wait(server, DEADLINE_NOW) > 0);
        assert_int_equal(server->page->received.key, 7);
        assert_error(do_wait(server, DEADLINE_NOW), EAGAIN);
        process_end(client->process);
        process_end(server->process);
    }
}

static void test_invariant_3_what_comes_wakes_who_waits(void **state) {
    (void)state;
    for (size_t index = 0; index < sizeof flows / sizeof *flows; index++) {
        struct thread *server = program_start(1, KIND_SERVER), *client = program_start(2, KIND_APP);
        must_create(server, "/p", flows[index]);
        must_hook(server, "/p", 7);
        assert_blocked(do_wait(server, DEADLINE_NONE));
        put(client, must_open(client, "/p", RIGHT_WRITE), flows[index]);
        assert_false(server->is_blocked);
        assert_int_equal(server->wakes, 1);
        assert_true(server->result > 0);
        process_end(client->process);
        process_end(server->process);
    }
}

// Another thread of the process hooks for one that waits already.
static void test_hooks_belong_to_the_thread_that_made_them(void **state) {
    (void)state;
    struct thread *first = program_start(1, KIND_SERVER), *second = thread_start(first->process, PRIORITY_USUAL);
    long handle = must_create(first, "/p", FLOW_QUEUE);
    assert_int_equal(do_hook(second, handle, 1, 0), 0);
    assert_error(do_hook(first, handle, 1, 0), EBUSY);
    assert_blocked(do_wait(second, DEADLINE_NONE));
    assert_int_equal(do_send(first, handle, "x", 0, DEADLINE_NOW), 0);
    assert_false(second->is_blocked);
    assert_error(do_wait(first, DEADLINE_NOW), EAGAIN);
    assert_blocked(do_wait(second, DEADLINE_NONE));
    assert_int_equal(do_unhook(first, handle), 0); // and the one that waits waits on
    assert_int_equal(do_send(first, handle, "x", 0, DEADLINE_NOW), 0);
    assert_true(second->is_blocked);
}

#define PIPES 4u

// Each pipe has three messages; they are served in turn, in the order in which the pipes became ready.
static void test_ready_hooks_are_served_in_order_of_arrival(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER);
    static const char *const paths[PIPES] = {"/a", "/b", "/c", "/d"};
    static const size_t arrival[PIPES] = {2, 0, 3, 1};
    long handles[PIPES];
    for (size_t index = 0; index < PIPES; index++) {
        handles[index] = must_create(thread, paths[index], FLOW_QUEUE);
        assert_int_equal(do_hook(thread, handles[index], index, 0), 0);
    }
    for (size_t index = 0; index < PIPES; index++)
        for (uint32_t count = 0; count < 3; count++)
            assert_int_equal(do_send(thread, handles[arrival[index]], "x", 0, DEADLINE_NOW), 0);
    for (uint32_t round = 0; round < 3; round++)
        for (size_t index = 0; index < PIPES; index++) {
            assert_int_equal(do_wait(thread, DEADLINE_NOW), 1);
            assert_int_equal(thread->page->received.key, arrival[index]);
        }
    assert_error(do_wait(thread, DEADLINE_NOW), EAGAIN);
}

#define PROCESSES (HOOKS_PER_PIPE_MAX / HOOKS_PER_PROCESS_MAX)

// So many processes that each hook, or tap, the pipe as often as one process may; the first one.
static struct thread *hook_all(uint32_t right, uint64_t flags) {
    struct thread *first = NULL;
    for (uint32_t process = 0; process < PROCESSES; process++) {
        struct thread *thread = program_start(10 + process, KIND_SERVER);
        first = first ? first : thread;
        for (uint32_t index = 0; index < HOOKS_PER_PROCESS_MAX; index++)
            assert_int_equal(do_hook(thread, must_open(thread, "/p", right), index, flags), 0);
        if (process + 1 < PROCESSES)
            assert_error(do_hook(thread, must_open(thread, "/p", right), 0, flags), EMFILE);
    }
    return first;
}

static void test_a_pipe_has_so_many_hooks(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER);
    must_create(thread, "/p", FLOW_EVENT);
    struct thread *first = hook_all(RIGHT_READ, 0);
    long last = must_open(thread, "/p", RIGHT_READ | RIGHT_TAP);
    assert_error(do_hook(thread, last, 0, 0), ENFILE);
    assert_int_equal(do_hook(thread, last, 0, HOOK_TAP), 0); // these are counted for themselves
    assert_int_equal(do_unhook(thread, last), 0);
    struct pipe_stat stat;
    do_stat(thread, last, "", &stat);
    assert_int_equal(stat.hooks, HOOKS_PER_PIPE_MAX);
    assert_int_equal(stat.taps, 0);
    process_end(first->process);
    assert_int_equal(do_hook(thread, last, 0, 0), 0);
}

static void test_a_pipe_has_so_many_taps(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER);
    must_create(thread, "/p", FLOW_EVENT);
    hook_all(RIGHT_TAP, HOOK_TAP);
    assert_error(do_hook(thread, must_open(thread, "/p", RIGHT_TAP), 0, HOOK_TAP), ENFILE);
}

// Threads of one process count together, and so do hooks that serve and those that watch.
static void test_a_process_has_so_many_hooks_of_a_pipe(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER), *other = thread_start(thread->process, PRIORITY_USUAL);
    must_create(thread, "/p", FLOW_QUEUE);
    for (uint32_t index = 0; index < HOOKS_PER_PROCESS_MAX; index++)
        assert_int_equal(
            do_hook(index % 2 ? thread : other, must_open(thread, "/p", RIGHT_READ), index, index % 3 ? HOOK_BEGIN : 0),
            0);
    assert_error(do_hook(thread, must_open(thread, "/p", RIGHT_READ), 0, 0), EMFILE);
    assert_error(do_hook(other, must_open(thread, "/p", RIGHT_READ), 0, HOOK_BEGIN), EMFILE);
}

// ---- The end of a pipe ----

static void test_the_end_of_a_pipe_reaches_every_hook_once(void **state) {
    (void)state;
    for (size_t index = 0; index < sizeof flows / sizeof *flows; index++) {
        struct thread *owner = program_start(1, KIND_SERVER), *waiting = program_start(2, KIND_APP);
        struct thread *later = program_start(3, KIND_APP);
        must_create(owner, "/p", flows[index]);
        uint32_t number = node_at("/p")->number;
        must_hook(waiting, "/p", 8);
        long handle = must_hook(later, "/p", 9);
        assert_blocked(do_wait(waiting, DEADLINE_NONE));
        assert_int_equal(do_remove(owner, "/p"), 0);
        assert_int_equal(waiting->result, 0);
        assert_int_equal(waiting->page->received.type, MESSAGE_GONE);
        assert_int_equal(waiting->page->received.key, 8);
        assert_int_equal(waiting->page->received.pipe, number);
        assert_int_equal(do_wait(later, DEADLINE_NOW), 0);
        assert_int_equal(later->page->received.key, 9);
        assert_error(do_wait(later, DEADLINE_NOW), EAGAIN);
        assert_error(do_unhook(later, handle), EINVAL);
        assert_error(do_hook(later, handle, 0, 0), EPIPE);
        assert_int_equal(do_close(later, handle), 0);
        process_end(owner->process);
        process_end(waiting->process);
        process_end(later->process);
    }
}

static void test_a_gone_hook_may_be_unhooked_or_closed_unread(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_SERVER), *reader = program_start(2, KIND_APP);
    for (uint32_t round = 0; round < 2; round++) {
        must_create(owner, "/p", FLOW_QUEUE);
        long handle = must_hook(reader, "/p", 8);
        assert_int_equal(do_remove(owner, "/p"), 0);
        assert_int_equal(round ? do_close(reader, handle) : do_unhook(reader, handle), 0);
        assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
    }
}

// The messages of a removed queue go with it; the hook's end stays.
static void test_what_a_removed_queue_held_is_gone(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_SERVER);
    long handle = do_create(thread, "/p", FLOW_QUEUE, RULES_OPEN, 200, 16);
    assert_int_equal(do_hook(thread, handle, 0, 0), 0);
    for (uint32_t count = 0; count < 200; count++)
        assert_int_equal(do_send(thread, handle, "x", 0, DEADLINE_NOW), 0);
    memcpy(thread->page->payload, "/p", 2);
    assert_int_equal(pipens_remove(&thread->waiter, 2), PIPENS_RESTART);
    scene_audit("a chunk of remove");
    assert_int_equal(do_wait(thread, DEADLINE_NOW), 1); // what is left can still be taken
    assert_int_equal(do_remove(thread, "/p"), 0);
    assert_int_equal(do_wait(thread, DEADLINE_NOW), 0);
    assert_int_equal(thread->page->received.type, MESSAGE_GONE);
}

// ---- Directories ----

static void assert_change(struct thread *thread, bool added, enum flow flow, const char *name) {
    assert_int_equal(do_wait(thread, DEADLINE_NOW), sizeof(struct change_message));
    assert_int_equal(thread->page->received.type, MESSAGE_CHANGE);
    assert_int_equal(change_of(thread)->added, added);
    assert_int_equal(change_of(thread)->flow, flow);
    assert_string_equal(change_of(thread)->name, name);
}

static void test_a_directory_tells_of_names_that_come_and_go(void **state) {
    (void)state;
    struct thread *maker = program_start(1, KIND_SERVER), *reader = program_start(2, KIND_APP);
    must_create(maker, "/d", FLOW_DIRECTORY);
    must_hook(reader, "/d", 4);
    must_create(maker, "/d/one", FLOW_QUEUE);
    must_create(maker, "/d/two", FLOW_DIRECTORY);
    must_create(maker, "/d/two/below", FLOW_EVENT);
    assert_int_equal(do_remove(maker, "/d/one"), 0);
    assert_change(reader, true, FLOW_QUEUE, "one");
    assert_int_equal(reader->page->received.pid, 1);
    assert_int_equal(reader->page->received.key, 4);
    assert_change(reader, true, FLOW_DIRECTORY, "two");
    assert_change(reader, false, FLOW_QUEUE, "one");
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
    assert_blocked(do_wait(reader, DEADLINE_NONE));
    char path[3 + COMPONENT_MAX + 1] = "/d/";
    memset(path + 3, 'n', COMPONENT_MAX);
    must_create(maker, path, FLOW_EVENT);
    assert_string_equal(change_of(reader)->name, path + 3);
}

static void test_a_directory_hook_counts_what_it_lost(void **state) {
    (void)state;
    struct thread *maker = program_start(1, KIND_SERVER), *reader = program_start(2, KIND_APP);
    must_create(maker, "/d", FLOW_DIRECTORY);
    must_hook(reader, "/d", 0);
    for (uint32_t round = 0; round < CHANGE_CAPACITY; round++) {
        must_create(maker, "/d/p", FLOW_EVENT);
        assert_int_equal(do_remove(maker, "/d/p"), 0);
    }
    assert_change(reader, true, FLOW_EVENT, "p");
    assert_int_equal(reader->page->received.lost, CHANGE_CAPACITY);
    assert_change(reader, false, FLOW_EVENT, "p");
    assert_int_equal(reader->page->received.lost, 0);
}

static void test_the_last_changes_come_before_the_directorys_end(void **state) {
    (void)state;
    struct thread *maker = program_start(1, KIND_SERVER), *reader = program_start(2, KIND_APP);
    must_create(maker, "/d", FLOW_DIRECTORY);
    must_hook(reader, "/d", 0);
    must_create(maker, "/d/p", FLOW_EVENT);
    assert_int_equal(do_remove(maker, "/d/p"), 0);
    assert_int_equal(do_remove(maker, "/d"), 0);
    assert_change(reader, true, FLOW_EVENT, "p");
    assert_change(reader, false, FLOW_EVENT, "p");
    assert_int_equal(do_wait(reader, DEADLINE_NOW), 0);
    assert_int_equal(reader->page->received.type, MESSAGE_GONE);
    assert_error(do_wait(reader, DEADLINE_NOW), EAGAIN);
}

// ---- The end of a thread, a process and its names ----

static void test_a_dead_thread_hooks_nothing(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_SERVER), *reader = program_start(2, KIND_APP);
    long handle = must_create(owner, "/p", FLOW_EVENT);
    must_create(owner, "/r", FLOW_EVENT);
    for (uint32_t count = 0; count < 100; count++)
        must_hook(reader, count % 2 ? "/p" : "/r", 0);
    assert_int_equal(do_signal(owner, handle, 1), 0);
    thread_end(reader);
    assert_int_equal(node_at("/p")->hook_count, 0);
    assert_int_equal(node_at("/r")->hook_count, 0);
    assert_int_equal(do_signal(owner, handle, 1), 0);
}

static void test_a_dead_process_takes_its_names_and_those_below(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_SERVER), *guest = program_start(2, KIND_APP);
    must_create(owner, "/d", FLOW_DIRECTORY);
    must_create(owner, "/d/deep", FLOW_DIRECTORY);
    must_create(guest, "/d/deep/theirs", FLOW_QUEUE);
    must_create(guest, "/outside", FLOW_QUEUE);
    long handle = must_hook(guest, "/d/deep/theirs", 3);
    process_end(owner->process);
    assert_null(node_at("/d"));
    assert_non_null(node_at("/outside"));
    assert_error(do_send(guest, handle, "x", 0, DEADLINE_NOW), EPIPE);
    assert_int_equal(do_wait(guest, DEADLINE_NOW), 0);
    assert_int_equal(guest->page->received.type, MESSAGE_GONE);
}

static void test_invariant_1_many_names_go_in_steps(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_SERVER), *guest = program_start(2, KIND_APP);
    char path[32];
    must_create(owner, "/d", FLOW_DIRECTORY);
    for (uint32_t index = 0; index < 200; index++) {
        snprintf(path, sizeof path, "/d/%u", index);
        must_create(guest, path, FLOW_EVENT);
    }
    struct process *process = owner->process;
    thread_end(owner);
    assert_true(principal_end_step(&process->principal));
    scene_audit("a chunk of principal_end_step");
    // Nobody makes new names where the old ones go.
    assert_error(do_create(guest, "/d/new", FLOW_EVENT, RULES_OPEN, 0, 0), ENOENT);
    process_end(process);
    assert_null(node_at("/d"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_invariant_3_a_pipe_that_is_ready_makes_its_hook_ready_at_once),
        SCENE_TEST(test_invariant_3_what_comes_wakes_who_waits),
        SCENE_TEST(test_hooks_belong_to_the_thread_that_made_them),
        SCENE_TEST(test_ready_hooks_are_served_in_order_of_arrival),
        SCENE_TEST(test_a_pipe_has_so_many_hooks),
        SCENE_TEST(test_a_pipe_has_so_many_taps),
        SCENE_TEST(test_a_process_has_so_many_hooks_of_a_pipe),
        SCENE_TEST(test_the_end_of_a_pipe_reaches_every_hook_once),
        SCENE_TEST(test_a_gone_hook_may_be_unhooked_or_closed_unread),
        SCENE_TEST(test_what_a_removed_queue_held_is_gone),
        SCENE_TEST(test_a_directory_tells_of_names_that_come_and_go),
        SCENE_TEST(test_a_directory_hook_counts_what_it_lost),
        SCENE_TEST(test_the_last_changes_come_before_the_directorys_end),
        SCENE_TEST(test_a_dead_thread_hooks_nothing),
        SCENE_TEST(test_a_dead_process_takes_its_names_and_those_below),
        SCENE_TEST(test_invariant_1_many_names_go_in_steps),
    };
    return scene_run(tests);
}
