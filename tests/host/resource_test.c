// SPDX-License-Identifier: MIT
// What happens when there is no more: each allocation of several scenarios fails once, each byte of quota runs out,
// each table is filled. The call that meets it gives an error, has changed nothing, and works once there is room again.
//
// The tables, and where they are filled: waiters and accounts here; handles in handle_test.c, and here by messages;
// hooks and taps of a pipe in hook_test.c; the memory of queues and topics in queue_test.c; claims in rules_test.c;
// names and paths in name_test.c; attachments in move_test.c and donation_test.c. The table of names has no
// end; numbers of pipes, tokens and generations of handles go round, which the model sees.
#include "check.h"

#include <stdlib.h>

static struct thread *actor, *helper;

// ---- Scenarios: calls in a row that must all succeed ----

typedef long step_function(void);

static long make_directory(void) {
    return do_create(actor, "/d", FLOW_DIRECTORY, RULES_OPEN, 0, 0);
}

static long make_queue(void) {
    return do_create(actor, "/d/q", FLOW_QUEUE, RULES_OPEN, 20, 1000); // a ring of several pages
}

static long make_topic(void) {
    return do_create(actor, "/d/t", FLOW_TOPIC, RULES_OPEN, 3, 100);
}

static long make_call(void) {
    return do_create(actor, "/d/c", FLOW_CALL, RULES_OPEN, 0, 0);
}

static long make_event(void) {
    return do_create(actor, "/d/e", FLOW_EVENT, RULES_OPEN, 0, 0);
}

static long open_queue(void) {
    return do_open(actor, "/d/q", RIGHT_WRITE);
}

// Hooks through a handle of its own, which stays open only if the hook was made.
static long hook_new(const char *path, uint32_t right, uint64_t flags) {
    long handle = do_open(actor, path, right);
    if (handle < 0)
        return handle;
    long error = do_hook(actor, handle, 0, flags);
    const struct handle_table *table = &actor->process->principal.handles;
    assert_int_equal(handle_find(table, (uint64_t)handle)->hook != NULL, error == 0);
    if (error)
        assert_int_equal(do_close(actor, handle), 0);
    return error;
}

static long hook_queue(void) {
    return hook_new("/d/q", RIGHT_READ, 0);
}

static long hook_directory(void) {
    return hook_new("/d", RIGHT_READ, 0);
}

static long tap_queue(void) {
    return hook_new("/d/q", RIGHT_TAP, HOOK_TAP);
}

static long claim(void) {
    static const uint8_t bytes[] = {CLAIM_OPEN, RIGHT_READ, 2, 0, '/', 'p'};
    long error = principal_claim(&actor->process->principal, bytes, sizeof bytes);
    assert_int_equal(actor->process->principal.claims != NULL, error == 0);
    return error;
}

// Sends itself a handle when its table has just room for none.
static long receive_handles(void) {
    long handle = do_open(helper, "/d/q", RIGHT_WRITE);
    if (handle < 0)
        return handle;
    if (!ring_depth(&node_at("/d/q")->ring)) {
        for (uint32_t index = 0; index < MESSAGE_HANDLES_MAX; index++)
            helper->page->sent.handle[index] = (uint32_t)handle;
        assert_int_equal(do_send(helper, handle, "x", ATTACH_HANDLES(MESSAGE_HANDLES_MAX), DEADLINE_NOW), 0);
    }
    assert_int_equal(do_close(helper, handle), 0);
    long result = do_wait(actor, DEADLINE_NOW);
    return result == 1 ? 0 : result;
}

static step_function *const objects[] = {make_directory, make_queue,     make_topic, make_call, make_event, open_queue,
                                         hook_queue,     hook_directory, tap_queue,  claim,     NULL};
static step_function *const attached[] = {make_directory,  make_queue,      hook_queue,      receive_handles,
                                          receive_handles, receive_handles, receive_handles, receive_handles,
                                          receive_handles, receive_handles, receive_handles, NULL};
static step_function *const opened[] = {make_directory, make_queue, open_queue, open_queue, open_queue, NULL};

static step_function *const *const scenarios[] = {objects, attached, opened};

// ---- What a call that failed may not have changed ----

struct snapshot {
    uint64_t names, hooks, used, live;
    uint32_t open;
};

static uint64_t hooks_of(const struct thread *thread) {
    uint64_t count = 0;
    for (const struct list *link = thread->waiter.hooks.next; link != &thread->waiter.hooks; link = link->next)
        count++;
    return count;
}

// The table of handles may have grown meanwhile; it counts as nothing.
static uint64_t table_bytes(const struct handle_table *table) {
    uint64_t array = table->chunks == table->inline_chunks ? 0 : HANDLE_CHUNKS_MAX * sizeof(struct handle_entry *);
    return array + (uint64_t)table->chunk_count * HANDLE_CHUNK_ENTRIES * sizeof(struct handle_entry);
}

static struct snapshot snapshot_take(void) {
    const struct handle_table *table = &actor->process->principal.handles;
    uint64_t helpers = table_bytes(&helper->process->principal.handles);
    return (struct snapshot){host.names.node_count, hooks_of(actor), actor->process->account->used - table_bytes(table),
                             host.live_bytes - table_bytes(table) - helpers, table->open};
}

static void assert_unchanged(const struct snapshot *before) {
    struct snapshot after = snapshot_take();
    assert_int_equal(after.names, before->names);
    assert_int_equal(after.hooks, before->hooks);
    assert_int_equal(after.used, before->used);
    assert_int_equal(after.live, before->live);
    assert_int_equal(after.open, before->open);
}

// Opens handles until the thread's table has this many chunks and room for none.
static void crowd(struct thread *thread, uint32_t chunks) {
    const struct handle_table *table = &thread->process->principal.handles;
    if (chunks)
        must_create(thread, "/crowd", FLOW_EVENT);
    while (chunks && table->open < chunks * HANDLE_CHUNK_ENTRIES - 1)
        must_open(thread, "/crowd", RIGHT_WRITE);
}

// Runs the scenario; the step that fails with `error` is done again, now without a failure.
static void play(step_function *const *steps, long error) {
    for (; *steps; steps++) {
        struct snapshot before = snapshot_take();
        long result = (*steps)();
        if (result < 0) {
            assert_int_equal(result, error);
            assert_unchanged(&before);
            host_fail_allocation(0);
            actor->process->account->limit = QUOTA_PLENTY;
            result = (*steps)();
        }
        assert_true(result >= 0);
    }
}

// The last of these fills the chunks that a table has room for in itself.
static const uint32_t crowds[] = {0, 1, HANDLE_CHUNKS_INLINE};
#define CROWDS (sizeof crowds / sizeof *crowds)

static void scenario_start(uint32_t chunks) {
    scene_start();
    helper = program_start(2, KIND_SERVER);
    actor = program_start(1, KIND_SERVER);
    crowd(actor, chunks);
}

static void test_invariant_5_every_allocation_may_fail(void **state) {
    (void)state;
    for (size_t scenario = 0; scenario < sizeof scenarios / sizeof *scenarios; scenario++)
        for (size_t chunks = 0; chunks < CROWDS; chunks++) {
            uint64_t failed = 1;
            for (uint64_t count = 1; failed; count++) {
                scenario_start(crowds[chunks]);
                host_fail_allocation(count);
                play(scenarios[scenario], -PIPE_ENOMEM);
                failed = host.failed;
                scene_stop();
            }
        }
}

// The quota ends after each number of bytes, in steps that meet every allocation.
static void test_invariant_2_every_byte_of_quota_may_be_the_last(void **state) {
    (void)state;
    for (size_t scenario = 0; scenario < sizeof scenarios / sizeof *scenarios; scenario++)
        for (uint64_t more = 0; more < 48 * 1024; more += 61) {
            scenario_start(crowds[more % CROWDS]);
            actor->process->account->limit = actor->process->account->used + more;
            play(scenarios[scenario], -PIPE_EDQUOT);
            scene_stop();
        }
}

// ---- The kernel's own memory ----

static void test_a_namespace_needs_its_memory(void **state) {
    (void)state;
    static struct node *buckets[HOST_BUCKETS];
    uint64_t failed = 1;
    for (uint64_t count = 1; failed; count++) {
        struct namespace names;
        memset(buckets, 0, sizeof buckets);
        assert_int_equal(host_start(1), 0);
        host_fail_allocation(count);
        long result = namespace_initialize(&names, buckets, HOST_BUCKETS, 7);
        failed = host.failed;
        assert_int_equal(result, failed ? -PIPE_ENOMEM : 0);
        assert_int_equal(names.seed, 7);
        host_free_all();
        free(host.buckets);
    }
}

static void test_the_table_of_waiters_needs_memory(void **state) {
    (void)state;
    scene_start();
    struct process *process = process_start(1, KIND_APP, QUOTA_PLENTY);
    host_fail_allocation(1);
    assert_null(thread_start(process, PRIORITY_USUAL));
    assert_non_null(thread_start(process, PRIORITY_USUAL));
    host_fail_allocation(1);
    assert_non_null(thread_start(process, PRIORITY_USUAL)); // there is room for more
    host_fail_allocation(0);
    scene_stop();
}

// ---- Tables ----

// Opens handles of /crowd until there is room for `room` more. The audit looks at the end only: it takes its time.
static void fill_handles(struct thread *thread, uint32_t room) {
    const struct handle_table *table = &thread->process->principal.handles;
    memcpy(thread->page->payload, "/crowd", 6);
    while (table->open + room < HANDLE_CHUNKS_MAX * HANDLE_CHUNK_ENTRIES - 1)
        assert_true((pipens_open)(&thread->waiter, 6, RIGHT_WRITE) > 0);
    scene_audit("a full table of handles");
}

static void pass(struct thread *thread, long handle, uint32_t count) {
    for (uint32_t index = 0; index < count; index++)
        thread->page->sent.handle[index] = (uint32_t)handle;
}

// A message for whose handles the table has no room comes without them, and a call ends.
static void test_a_full_table_of_handles_takes_no_handles(void **state) {
    (void)state;
    scenario_start(0);
    must_create(helper, "/crowd", FLOW_EVENT);
    long queue = must_create(helper, "/q", FLOW_QUEUE), call = must_create(actor, "/c", FLOW_CALL);
    must_hook(actor, "/q", 1);
    assert_int_equal(do_hook(actor, call, 2, 0), 0);
    long spare[] = {must_open(actor, "/crowd", RIGHT_WRITE), must_open(actor, "/crowd", RIGHT_WRITE)};
    fill_handles(actor, 0);
    for (uint32_t count = 0; count < 3; count++) {
        pass(helper, queue, 2);
        assert_int_equal(do_send(helper, queue, "x", ATTACH_HANDLES(2), DEADLINE_NOW), 0);
    }
    assert_int_equal(do_wait(actor, DEADLINE_NOW), 1);
    assert_int_equal(actor->page->received.handle_count, 0);
    assert_int_equal(do_close(actor, spare[0]), 0); // there is room for one
    assert_int_equal(do_wait(actor, DEADLINE_NOW), 1);
    assert_int_equal(actor->page->received.handle_count, 0);
    assert_int_equal(node_at("/q")->dropped, 2);
    assert_int_equal(do_close(actor, spare[1]), 0);
    assert_int_equal(do_wait(actor, DEADLINE_NOW), 1);
    assert_int_equal(actor->page->received.handle_count, 2);
    long taken = (long)actor->page->received.handle[0], calling = must_open(helper, "/c", RIGHT_WRITE);
    pass(helper, queue, 1);
    assert_blocked(do_call(helper, calling, "y", ATTACH_HANDLES(1), DEADLINE_NONE));
    assert_error(do_wait(actor, DEADLINE_NOW), EAGAIN);
    assert_error(helper->result, ENOBUFS);
    assert_int_equal(do_close(actor, taken), 0);
    pass(helper, queue, 1);
    assert_blocked(do_call(helper, calling, "y", ATTACH_HANDLES(1), DEADLINE_NONE));
    assert_int_equal(do_wait(actor, DEADLINE_NOW), 1);
    assert_int_equal(helper->waiter.state, WAIT_IN_FLIGHT);
    scene_stop();
}

// A reply whose handles find no position ends the call with that error, and the server keeps them.
static void test_a_full_table_of_handles_takes_no_reply(void **state) {
    (void)state;
    scenario_start(0);
    must_create(helper, "/crowd", FLOW_EVENT);
    long call = must_create(actor, "/c", FLOW_CALL);
    assert_int_equal(do_hook(actor, call, 0, 0), 0);
    long calling = must_open(helper, "/c", RIGHT_WRITE);
    fill_handles(helper, 0);
    assert_blocked(do_call(helper, calling, "x", 0, DEADLINE_NONE));
    assert_int_equal(do_wait(actor, DEADLINE_NOW), 1);
    uint32_t references = node_at("/c")->references;
    pass(actor, call, 1);
    assert_int_equal(do_reply(actor, actor->page->received.token, "y", ATTACH_HANDLES(1)), 0);
    assert_error(helper->result, EMFILE);
    assert_int_equal(node_at("/c")->references, references - 1); // that of the call
    scene_stop();
}

// Number 0 is nobody's.
#define WAITERS_USABLE (WAITERS_MAX - 1)

static void test_the_table_of_waiters_fills(void **state) {
    (void)state;
    scene_start();
    struct thread *thread = program_start(1, KIND_APP);
    struct principal *principal = &thread->process->principal;
    struct waiter *waiters = calloc(WAITERS_USABLE, sizeof *waiters);
    for (uint32_t index = 0; index < WAITERS_USABLE - 1; index++) // one is the thread's
        assert_int_equal((waiter_initialize)(&waiters[index], principal, thread->page, 1), 0);
    scene_audit("a full table");
    struct waiter *last = &waiters[WAITERS_USABLE - 1];
    assert_error(waiter_initialize(last, principal, thread->page, 1), ENFILE);
    assert_false(waiter_end_step(&waiters[100]));
    assert_int_equal(waiter_initialize(last, principal, thread->page, 1), 0);
    assert_int_equal(last->number, waiters[100].number);
    for (uint32_t index = 0; index < WAITERS_USABLE; index++)
        if (index != 100)
            assert_false((waiter_end_step)(&waiters[index]));
    free(waiters);
    scene_stop();
}

// A waiter's position is given back once, however often its end is asked for.
static void test_a_waiter_ends_once(void **state) {
    (void)state;
    scene_start();
    struct thread *thread = program_start(1, KIND_APP);
    struct waiter waiters[3];
    assert_int_equal(waiter_initialize(&waiters[0], &thread->process->principal, thread->page, 1), 0);
    assert_false(waiter_end_step(&waiters[0]));
    assert_false(waiter_end_step(&waiters[0]));
    for (uint32_t index = 1; index < 3; index++)
        assert_int_equal(waiter_initialize(&waiters[index], &thread->process->principal, thread->page, 1), 0);
    assert_int_not_equal(waiters[1].number, waiters[2].number);
    for (uint32_t index = 1; index < 3; index++)
        assert_false(waiter_end_step(&waiters[index]));
    scene_stop();
}

// The table has room for so many numbers that nobody has; a token of any other is not even looked up.
static void test_tokens_beyond_the_table_of_waiters(void **state) {
    (void)state;
    scene_start();
    struct thread *thread = program_start(1, KIND_SERVER);
    uint32_t limit = host.names.waiter_limit;
    assert_true(limit < WAITERS_MAX);
    assert_error(do_reply(thread, limit, "", 0), ESTALE);
    assert_error(do_reply(thread, limit - 1, "", 0), ESTALE);
    assert_error(do_reply(thread, limit + 1, "", 0), ESTALE);
    assert_error(do_reply(thread, WAITERS_MAX - 1, "", 0), ESTALE);
    scene_stop();
}

// A process that has nothing left is alone with that.
static void test_invariant_2_a_spent_quota_is_nobody_elses_business(void **state) {
    (void)state;
    scene_start();
    struct thread *poor = program_start(1, KIND_APP), *rich = program_start(2, KIND_APP);
    long queue = must_create(rich, "/q", FLOW_QUEUE), mine = must_open(poor, "/q", RIGHT_READ | RIGHT_WRITE);
    poor->process->account->limit = poor->process->account->used;
    assert_error(do_create(poor, "/p", FLOW_EVENT, RULES_OPEN, 0, 0), EDQUOT);
    assert_error(do_hook(poor, mine, 0, 0), EDQUOT);
    assert_int_equal(do_send(poor, mine, "x", 0, DEADLINE_NOW), 0); // what needs no memory works
    assert_int_equal(do_hook(rich, queue, 0, 0), 0);
    assert_int_equal(do_wait(rich, DEADLINE_NOW), 1);
    scene_stop();
}

// What is left of a removed pipe is its maker's to pay for until the last handle goes, even if the maker has ended.
static void test_invariant_2_a_removed_pipe_is_paid_for_while_it_is_held(void **state) {
    (void)state;
    scene_start();
    struct thread *maker = program_start(1, KIND_APP), *holder = program_start(2, KIND_APP);
    must_create(maker, "/kept", FLOW_EVENT);
    uint64_t used = maker->process->account->used;
    long pipe = must_create(maker, "/p", FLOW_EVENT), held = must_open(holder, "/p", RIGHT_READ);
    assert_int_equal(do_remove(maker, "/p"), 0);
    assert_int_equal(do_close(maker, pipe), 0);
    assert_true(maker->process->account->used >= used + sizeof(struct node));
    assert_int_equal(do_close(holder, held), 0);
    assert_int_equal(maker->process->account->used, used);
    held = must_open(holder, "/kept", RIGHT_READ);
    uint64_t blocks = host.live_blocks;
    process_end(maker->process);
    assert_int_equal(blocks - host.live_blocks, 1); // the table of handles: node and account are left
    assert_error(do_hook(holder, held, 0, 0), EPIPE);
    assert_int_equal(do_close(holder, held), 0);
    assert_int_equal(blocks - host.live_blocks, 3);
    scene_stop();
}

// The last byte of the quota may be used.
static void test_a_quota_is_used_up(void **state) {
    (void)state;
    scene_start();
    struct thread *thread = program_start(1, KIND_APP);
    struct account *account = thread->process->account;
    must_create(thread, "/p", FLOW_EVENT);
    uint64_t used = account->used;
    must_create(thread, "/q", FLOW_EVENT);
    uint64_t cost = account->used - used;
    account->limit = account->used + cost;
    must_create(thread, "/r", FLOW_EVENT);
    assert_int_equal(account->used, account->limit);
    assert_error(do_create(thread, "/s", FLOW_EVENT, RULES_OPEN, 0, 0), EDQUOT);
    scene_stop();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_invariant_5_every_allocation_may_fail),
        cmocka_unit_test(test_invariant_2_every_byte_of_quota_may_be_the_last),
        cmocka_unit_test(test_a_namespace_needs_its_memory),
        cmocka_unit_test(test_the_table_of_waiters_needs_memory),
        cmocka_unit_test(test_a_full_table_of_handles_takes_no_handles),
        cmocka_unit_test(test_a_full_table_of_handles_takes_no_reply),
        cmocka_unit_test(test_the_table_of_waiters_fills),
        cmocka_unit_test(test_a_quota_is_used_up),
        cmocka_unit_test(test_a_waiter_ends_once),
        cmocka_unit_test(test_tokens_beyond_the_table_of_waiters),
        cmocka_unit_test(test_invariant_2_a_spent_quota_is_nobody_elses_business),
        cmocka_unit_test(test_invariant_2_a_removed_pipe_is_paid_for_while_it_is_held),
    };
    return scene_run(tests);
}
