// SPDX-License-Identifier: MIT
// Handles: good, stale, out of range, of another object; and how many there may be.
#include "check.h"

// What every call that takes a handle says to this one.
static void assert_refused(struct thread *thread, uint64_t handle, long error) {
    struct waiter *waiter = &thread->waiter;
    assert_int_equal(pipens_close(waiter, handle), error);
    assert_int_equal(pipens_set_rules(waiter, handle, RULES_OPEN), error);
    assert_int_equal(pipens_list(waiter, handle, 0), error);
    assert_int_equal(pipens_hook(waiter, handle, 0, 0), error);
    assert_int_equal(pipens_unhook(waiter, handle), error);
    assert_int_equal(pipens_send(waiter, handle, 0, 0, DEADLINE_NOW), error);
    assert_int_equal(pipens_call(waiter, handle, 0, 0, DEADLINE_NOW), error);
    if (handle)
        assert_int_equal(pipens_stat(waiter, handle, 0), error);
    scene_audit("a refused handle");
}

static void test_handles_out_of_range(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    uint64_t bad[] = {0,         1,          31,         32,        HANDLE_INDEX_MASK, HANDLE_INDEX_MASK + 1,
                      INT32_MAX, UINT32_MAX, UINT64_MAX, 1ull << 63};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++)
        assert_refused(thread, bad[index], -PIPE_EBADF);
    long handle = must_create(thread, "/p", FLOW_QUEUE);
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++)
        if (bad[index] != (uint64_t)handle)
            assert_refused(thread, bad[index], -PIPE_EBADF);
    assert_refused(thread, (uint64_t)handle | 1ull << 32, -PIPE_EBADF);
    assert_refused(thread, (uint64_t)handle | 1ull << HANDLE_INDEX_BITS, -PIPE_EBADF); // a generation to come
}

static void test_a_closed_handle_is_stale(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long first = must_create(thread, "/p", FLOW_QUEUE);
    assert_int_equal(do_close(thread, first), 0);
    assert_refused(thread, (uint64_t)first, -PIPE_ESTALE);
    long second = must_open(thread, "/p", RIGHT_WRITE);
    assert_int_not_equal(first, second);
    assert_refused(thread, (uint64_t)first, -PIPE_ESTALE);
    assert_int_equal(do_send(thread, second, "x", 0, DEADLINE_NOW), 0);
}

static void test_a_handle_of_another_process_is_nobodys(void **state) {
    (void)state;
    struct thread *mine = program_start(1, KIND_APP), *theirs = program_start(2, KIND_APP);
    long handle = must_create(mine, "/p", FLOW_QUEUE);
    assert_refused(theirs, (uint64_t)handle, -PIPE_EBADF);
}

static void test_a_region_is_not_a_pipe(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    struct principal *principal = &thread->process->principal;
    assert_int_equal(handle_reserve(principal, 1), 0);
    struct attachment attachment = {.object = region_make(principal), .type = HANDLE_REGION, .rights = RIGHTS_ALL};
    long handle = handle_install(principal, &attachment);
    assert_error(do_send(thread, handle, "x", 0, DEADLINE_NOW), EBADF);
    assert_error(do_hook(thread, handle, 0, 0), EBADF);
    assert_error(do_unhook(thread, handle), EBADF);
    assert_int_equal(do_close(thread, handle), 0);
    assert_null(host.regions);
    assert_error(do_close(thread, handle), ESTALE);
}

// Each wrong kind of pipe for each call.
static void test_a_call_on_the_wrong_flow_is_refused(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long handles[FLOWS];
    static const char *const paths[FLOWS] = {"/directory", "/queue", "/topic", "/call", "/event"};
    for (unsigned flow = 0; flow < FLOWS; flow++)
        handles[flow] = must_create(thread, paths[flow], (enum flow)flow);
    for (unsigned flow = 0; flow < FLOWS; flow++) {
        if (flow != FLOW_CALL)
            assert_error(do_call(thread, handles[flow], "x", 0, DEADLINE_NONE), ENOTSUP);
        if (flow == FLOW_CALL || flow == FLOW_DIRECTORY)
            assert_error(do_send(thread, handles[flow], "x", 0, DEADLINE_NONE), ENOTSUP);
        if (flow != FLOW_DIRECTORY)
            assert_error(do_list(thread, handles[flow], ""), ENOTDIR);
    }
    assert_error(do_hook(thread, handles[FLOW_DIRECTORY], 0, HOOK_TAP), ENOTSUP);
    for (uint64_t flags = 0; flags <= 2 * HOOK_BEGIN; flags++) {
        if (flags > HOOK_BEGIN || flags & (flags - 1))
            assert_error(do_hook(thread, handles[FLOW_QUEUE], 0, flags), EINVAL);
        for (unsigned flow = 0; flow < FLOWS; flow++)
            if (flow != FLOW_QUEUE && flags & (HOOK_END | HOOK_BEGIN))
                assert_error(do_hook(thread, handles[flow], 0, flags), EINVAL);
    }
    assert_error(do_hook(thread, handles[FLOW_QUEUE], 0, 1ull << 32), EINVAL);
    assert_error(do_unhook(thread, handles[FLOW_QUEUE]), EINVAL);
}

static void test_a_generation_wraps(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long handle = must_create(thread, "/p", FLOW_EVENT);
    long index = handle & HANDLE_INDEX_MASK;
    long last = (long)HANDLE_GENERATION_MASK << HANDLE_INDEX_BITS | index;
    assert_refused(thread, (uint64_t)last, -PIPE_EBADF); // not used yet
    for (uint32_t uses = 0; uses < 2; uses++) {
        assert_int_equal(do_close(thread, handle), 0);
        assert_refused(thread, (uint64_t)last, -PIPE_EBADF);
        handle = must_open(thread, "/p", RIGHT_WRITE);
    }
    for (uint32_t uses = 2; uses <= HANDLE_GENERATION_MASK; uses++) {
        assert_int_equal(pipens_close(&thread->waiter, (uint64_t)handle), 0);
        handle = must_open(thread, "/p", RIGHT_WRITE);
        assert_true(handle > 0 && handle <= INT32_MAX);
        assert_int_equal(handle & HANDLE_INDEX_MASK, index);
    }
    assert_int_equal(handle >> HANDLE_INDEX_BITS, 0); // round once
    assert_refused(thread, (uint64_t)last, -PIPE_ESTALE);
    assert_refused(thread, (uint64_t)handle | 1ull << HANDLE_INDEX_BITS, -PIPE_EBADF); // comes again
    // Of the generations the nearer half counts as past.
    long farthest = (long)(HANDLE_GENERATION_MASK / 2 + 2) << HANDLE_INDEX_BITS | index;
    assert_refused(thread, (uint64_t)farthest, -PIPE_ESTALE);
    assert_refused(thread, (uint64_t)(farthest - (1l << HANDLE_INDEX_BITS)), -PIPE_EBADF);
    assert_int_equal(do_close(thread, handle), 0);
    assert_refused(thread, (uint64_t)handle, -PIPE_ESTALE);
    assert_refused(thread, (uint64_t)handle | 1ull << HANDLE_INDEX_BITS, -PIPE_EBADF); // comes next
}

#define HANDLES_ALL (HANDLE_CHUNKS_MAX * HANDLE_CHUNK_ENTRIES - 1) // number 0 is never used

static void test_the_table_of_handles_fills(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    must_create(thread, "/p", FLOW_EVENT);
    memcpy(thread->page->payload, "/p", 2);
    for (uint32_t count = 1; count < HANDLES_ALL; count++)
        assert_true((pipens_open)(&thread->waiter, 2, RIGHT_READ) > 0);
    scene_audit("a full table");
    assert_error(do_open(thread, "/p", RIGHT_READ), EMFILE);
    assert_error(do_create(thread, "/q", FLOW_EVENT, RULES_OPEN, 0, 0), EMFILE);
    assert_null(node_at("/q"));
    assert_int_equal(do_close(thread, 77), 0);
    assert_true(do_open(thread, "/p", RIGHT_READ) > 0);
    assert_error(do_open(thread, "/p", RIGHT_READ), EMFILE);
}

// The end of a process may be asked for again: what had room of its own is freed once.
static void test_a_table_ends_once(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    struct process *process = thread->process;
    must_create(thread, "/p", FLOW_EVENT);
    while (process->principal.handles.chunks == process->principal.handles.inline_chunks)
        must_open(thread, "/p", RIGHT_READ);
    thread_end(thread);
    while (principal_end_step(&process->principal))
        continue;
    assert_int_equal(process->account->used, 0);
    assert_false(principal_end_step(&process->principal));
    assert_int_equal(process->account->used, 0);
}

// Those that were closed, in whatever order, are given out again before the table grows.
static void test_closed_handles_are_used_again(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    const struct handle_table *table = &thread->process->principal.handles;
    long handles[HANDLE_CHUNK_ENTRIES];
    handles[1] = must_create(thread, "/p", FLOW_EVENT);
    for (uint32_t index = 2; index < HANDLE_CHUNK_ENTRIES; index++)
        handles[index] = must_open(thread, "/p", RIGHT_READ);
    for (uint32_t index = 1; index < HANDLE_CHUNK_ENTRIES; index += 2)
        assert_int_equal(do_close(thread, handles[index]), 0);
    for (uint32_t index = HANDLE_CHUNK_ENTRIES - 2; index; index -= 2)
        assert_int_equal(do_close(thread, handles[index]), 0);
    assert_int_equal(table->open, 0);
    bool is_used[HANDLE_CHUNK_ENTRIES] = {false};
    for (uint32_t count = 1; count < HANDLE_CHUNK_ENTRIES; count++) {
        long index = must_open(thread, "/p", RIGHT_READ) & HANDLE_INDEX_MASK;
        assert_true(index < HANDLE_CHUNK_ENTRIES && !is_used[index]);
        is_used[index] = true;
    }
    assert_int_equal(table->chunk_count, 1);
}

static void test_closing_a_handle_ends_its_hook(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long handle = must_create(thread, "/p", FLOW_QUEUE);
    assert_int_equal(do_hook(thread, handle, 5, 0), 0);
    assert_error(do_hook(thread, handle, 5, 0), EBUSY);
    assert_int_equal(do_send(thread, handle, "x", 0, DEADLINE_NOW), 0);
    assert_int_equal(do_close(thread, handle), 0);
    assert_int_equal(node_at("/p")->hook_count, 0);
    assert_error(do_wait(thread, DEADLINE_NOW), EAGAIN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_handles_out_of_range),
        SCENE_TEST(test_a_closed_handle_is_stale),
        SCENE_TEST(test_a_handle_of_another_process_is_nobodys),
        SCENE_TEST(test_a_region_is_not_a_pipe),
        SCENE_TEST(test_a_call_on_the_wrong_flow_is_refused),
        SCENE_TEST(test_a_generation_wraps),
        SCENE_TEST(test_the_table_of_handles_fills),
        SCENE_TEST(test_a_table_ends_once),
        SCENE_TEST(test_closed_handles_are_used_again),
        SCENE_TEST(test_closing_a_handle_ends_its_hook),
    };
    return scene_run(tests);
}
