// SPDX-License-Identifier: MIT
// The audit itself: each invariant is broken by hand, and the audit must say which.
#include "call.h"
#include "check.h"
#include "flow.h"

#include <stdlib.h>

// A scene where everything occurs: a call in flight, three callers queued, a blocked sender, hooks, taps and a line.
static struct thread *server, *in_flight, *first, *peer, *lower, *sender, *idle;
static struct node *call, *queue, *topic, *event, *line, *directory;
static struct hook *call_hook, *queue_hook, *topic_hook, *event_hook, *queue_tap;

static struct thread *caller(uint32_t pid, unsigned priority) {
    struct thread *thread = thread_start(process_start(pid, KIND_APP, QUOTA_PLENTY), priority);
    assert_blocked(do_call(thread, must_open(thread, "/d/call", RIGHT_WRITE), "x", 0, DEADLINE_NONE));
    return thread;
}

static struct hook *hook_on(const char *path, uint32_t right, uint64_t flags) {
    long handle = must_open(server, path, right);
    assert_int_equal(do_hook(server, handle, 0, flags), 0);
    return handle_entry_at(&server->process->principal.handles, (uint32_t)handle & HANDLE_INDEX_MASK)->hook;
}

static void make_pipes(void) {
    must_create(server, "/d", FLOW_DIRECTORY);
    must_create(server, "/d/call", FLOW_CALL);
    assert_true(do_create(server, "/d/queue", FLOW_QUEUE, RULES_OPEN, 1, 0) > 0);
    must_create(server, "/d/topic", FLOW_TOPIC);
    must_create(server, "/d/event", FLOW_EVENT);
    must_create(server, "/d/line", FLOW_EVENT);
    directory = node_at("/d");
    call = node_at("/d/call");
    queue = node_at("/d/queue");
    topic = node_at("/d/topic");
    event = node_at("/d/event");
    line = node_at("/d/line");
    line->interrupt.is_line = true;
}

static int start(void **state) {
    check_setup(state);
    server = program_start(1, KIND_SERVER);
    idle = program_start(9, KIND_APP);
    make_pipes();
    call_hook = hook_on("/d/call", RIGHT_READ, 0);
    queue_hook = hook_on("/d/queue", RIGHT_READ, 0);
    topic_hook = hook_on("/d/topic", RIGHT_READ, 0);
    event_hook = hook_on("/d/event", RIGHT_READ, 0);
    queue_tap = hook_on("/d/queue", RIGHT_TAP, HOOK_TAP);
    in_flight = caller(2, 5);
    assert_int_equal(do_wait(server, DEADLINE_NOW), 1);
    first = caller(3, 20);
    peer = caller(4, 20);
    lower = caller(5, 15);
    sender = program_start(6, KIND_APP);
    long handle = must_open(sender, "/d/queue", RIGHT_WRITE);
    assert_int_equal(do_send(sender, handle, "x", 0, DEADLINE_NONE), 0);
    assert_blocked(do_send(sender, handle, "x", 0, DEADLINE_NONE));
    return 0;
}

#define AUDIT_TEST(name) cmocka_unit_test_setup_teardown(name, start, check_teardown)

static void assert_broken(const char *sentence) {
    const char *broken = pipens_audit(&host.names);
    assert_non_null(broken);
    assert_string_equal(broken, sentence);
}

// With `value` in `position`, the audit says `sentence`; without, all is well.
#define BREAK(position, value, sentence)                                                                               \
    do {                                                                                                               \
        __typeof__(position) kept_ = (position);                                                                       \
        (position) = (__typeof__(position))(value);                                                                    \
        assert_broken(sentence);                                                                                       \
        (position) = kept_;                                                                                            \
        assert_null(pipens_audit(&host.names));                                                                        \
    } while (0)

static void test_broken_wait_queues(void **state) {
    (void)state;
    BREAK(peer->waiter.queued_priority, 3, "peers of a leader have its priority");
    BREAK(peer->waiter.priority, 3, "a waiter is queued under its priority");
    BREAK(peer->waiter.is_leader, true, "only the first of a priority is its leader");
    BREAK(first->waiter.is_leader, false, "only the first of a priority is its leader");
    BREAK(lower->waiter.blocked_on, queue, "who stands in a pipe's queue is blocked on it");
    BREAK(first->waiter.state, WAIT_SENDING, "who stands in a queue is calling or sending");
    BREAK(sender->waiter.state, WAIT_QUEUED, "who stands in a queue is calling or sending");
    BREAK(lower->waiter.queued_priority, 20, "leaders are in order of falling priority");
    BREAK(call->waiting.count, 4, "a wait queue counts its waiters");
}

static void test_broken_donation(void **state) {
    (void)state;
    BREAK(call->donation.to, &idle->waiter, "a pipe donates to the thread that serves it");
    BREAK(call->donation.priority, 19, "a pipe donates the highest priority that waits on it");
    static const char donates_nothing[] = "a pipe where nobody waits, or that no single thread serves, donates nothing";
    BREAK(topic->donation.to, &server->waiter, donates_nothing);
    BREAK(server->waiter.donated_count[7], 1, "the mask tells the counts");
    BREAK(server->waiter.donated_mask, 0, "the mask tells the counts");
    BREAK(idle->waiter.donated_count[0], 1, "the mask tells the counts");
    BREAK(server->waiter.priority, 19, "a waiter has the highest of its own and the donated priorities");
    BREAK(idle->waiter.base_priority, 30, "a waiter has the highest of its own and the donated priorities");
    BREAK(in_flight->waiter.donation.to, &idle->waiter, "a caller in flight donates its priority to the holder");
    BREAK(in_flight->waiter.donation.priority, 6, "a caller in flight donates its priority to the holder");
}

static void test_broken_flights(void **state) {
    (void)state;
    BREAK(call->in_flight, 2, "a pipe counts its callers in flight");
    BREAK(in_flight->waiter.blocked_on, queue, "a caller in flight waits for a reply");
    BREAK(in_flight->waiter.state, WAIT_QUEUED, "a caller in flight waits for a reply");
    BREAK(in_flight->waiter.holder, &idle->waiter, "a held caller knows its holder");
    list_append(&server->waiter.held, &idle->waiter.in_held);
    idle->waiter.state = WAIT_RECEIVING;
    assert_broken("a held caller is in flight");
    list_remove(&idle->waiter.in_held);
    idle->waiter.state = WAIT_IN_FLIGHT;
    assert_broken("a caller in flight is in its holder's list");
    idle->waiter.state = WAIT_NONE;
    struct list stray;
    list_initialize(&stray);
    list_append(&stray, &idle->waiter.in_held);
    assert_broken("who runs waits nowhere");
    list_remove(&idle->waiter.in_held);
    list_append(&stray, &idle->waiter.peers);
    assert_broken("who runs waits nowhere");
    list_remove(&idle->waiter.peers);
    list_append(&stray, &lower->waiter.in_held);
    assert_broken("who stands in a queue is held by nobody");
    list_remove(&lower->waiter.in_held);
    idle->waiter.state = WAIT_RECEIVING;
    list_append(&stray, &idle->waiter.in_held);
    assert_broken("who receives stands in no queue");
    list_remove(&idle->waiter.in_held);
    list_append(&stray, &idle->waiter.peers);
    assert_broken("who receives stands in no queue");
    list_remove(&idle->waiter.peers);
    idle->waiter.state = WAIT_NONE;
    BREAK(idle->waiter.donation.to, &server->waiter, "who runs donates nothing");
    BREAK(idle->waiter.attachment_count, 1, "who runs has nothing on its way");
    BREAK(idle->waiter.lease_count, 1, "who runs has nothing on its way");
    BREAK(idle->waiter.number, 77, "a waiter knows its number");
}

// A thread that waits for itself, and two that wait for each other.
static void test_broken_chains(void **state) {
    (void)state;
    struct waiter *one = &idle->waiter, *other = &sender->waiter;
    hook_end(queue_hook);
    assert_int_equal(do_hook(idle, must_open(idle, "/d/queue", RIGHT_READ), 0, 0), 0); // so the sender waits for it
    struct waiter *const holders[] = {one, other};
    for (size_t index = 0; index < sizeof holders / sizeof *holders; index++) {
        list_append(&holders[index]->held, &one->in_held);
        one->state = WAIT_IN_FLIGHT;
        one->holder = holders[index];
        assert_broken("no chain of waits leads back to its start");
        one->state = WAIT_NONE;
        list_remove(&one->in_held);
        assert_null(pipens_audit(&host.names));
    }
}

static void test_broken_claims(void **state) {
    (void)state;
    struct claim_range ports = {1, 2};
    uint8_t claims[sizeof(struct claim) * 2 + 2 + sizeof ports] = {CLAIM_OPEN, RIGHT_READ, 2, 0, '/', 'p'};
    struct claim range = {CLAIM_PORTS, 0, sizeof ports};
    uint32_t second = sizeof(struct claim) + 2;
    memcpy(claims + second, &range, sizeof range);
    memcpy(claims + second + sizeof range, &ports, sizeof ports);
    struct principal *principal = &server->process->principal;
    assert_int_equal(principal_claim(principal, claims, sizeof claims), 0);
    struct claim_record *pattern = (struct claim_record *)principal->claims;
    struct claim_record *kept = (struct claim_record *)(principal->claims + second);
    static const char whole[] = "each claim lies whole within the claims";
    BREAK(principal->claims_length, principal->claims_length - 1, whole);
    BREAK(principal->claims_length, second + sizeof range - 1, whole);
    BREAK(kept->length, sizeof ports + 1, whole);
    static const char valid[] = "a claim's type and rights are valid";
    BREAK(kept->type, CLAIM_DMA + 1, valid);
    BREAK(pattern->rights, RIGHTS_ALL + 1, valid);
    BREAK(kept->length, sizeof ports - 1, "a claim of a range is as long as that");
    BREAK(pattern->body[1], 'q', "a pattern has its end within its claim");
    char *last = &pattern->body[pattern->length], kept_last = *last;
    *last = CLAIM_END;
    pattern->body[1] = 'q';
    assert_null(pipens_audit(&host.names)); // the last byte is within it, too
    pattern->body[1] = CLAIM_END;
    *last = kept_last;
    kept->type = CLAIM_PHYSICAL;
    assert_null(pipens_audit(&host.names));
    kept->type = CLAIM_DMA;
    assert_null(pipens_audit(&host.names));
}

static void test_broken_accounts(void **state) {
    (void)state;
    struct account *account = server->process->account;
    BREAK(account->limit, account->used - 1, "no account has given more than its limit");
    BREAK(account->references, 0, "an account counts whom it pays for");
}

static void test_broken_totals(void **state) {
    (void)state;
    idle->waiter.state = WAIT_QUEUED;
    idle->waiter.blocked_on = topic;
    assert_broken("whoever calls or sends and is not served stands in a queue");
    idle->waiter.state = WAIT_NONE;
    idle->waiter.donated_count[0] = 1;
    idle->waiter.donated_mask = 1;
    assert_broken("what is donated is counted by whom it is donated to");
    idle->waiter.donated_count[0] = 0;
    idle->waiter.donated_mask = 0;
    BREAK(in_flight->waiter.token, in_flight->waiter.token ^ 1, "a token holds its caller's number");
    uint64_t number = in_flight->waiter.number, next = host.names.next_token << TOKEN_NUMBER_BITS;
    BREAK(in_flight->waiter.token, next | number, "no token is good that was not given yet");
    first->waiter.attachment_count = 1;
    first->waiter.attachments[0].move = true;
    first->waiter.transit[0] = 1;
    assert_broken("what waits to be moved is in transit");
    first->waiter.attachments[0].move = false;
    first->waiter.attachment_count = 2;
    first->waiter.attachments[1].move = true;
    first->waiter.transit[1] = 1;
    assert_broken("what waits to be moved is in transit");
    first->waiter.attachments[1].move = false;
    first->waiter.attachment_count = 0;
    assert_null(pipens_audit(&host.names));
}

static void test_broken_handles(void **state) {
    (void)state;
    struct handle_table *table = &server->process->principal.handles;
    struct handle_entry *open = handle_entry_at(table, topic_hook->handle_index);
    struct handle_entry *free = handle_entry_at(table, table->first_free);
    BREAK(table->open, table->open + 1, "a table counts its open handles");
    BREAK(table->first_free, topic_hook->handle_index, "what is in the list of free handles is free");
    BREAK(table->first_free, 0, "the list of free handles ends, and lies in the table");
    BREAK(table->first_free, HANDLE_CHUNK_ENTRIES, "the list of free handles ends, and lies in the table");
    BREAK(free->next_free, table->first_free, "the list of free handles ends, and lies in the table");
    BREAK(table->first_free, free->next_free, "each free handle is in the list");
    BREAK(open->type, HANDLE_FREE, "a table counts its open handles");
}

static void test_broken_lives(void **state) {
    (void)state;
    static const char counts[] = "a pipe counts its handles, their rights, and those outside";
    struct handle_entry *entry = handle_entry_at(&server->process->principal.handles, topic_hook->handle_index);
    BREAK(topic->handles, topic->handles + 1, counts);
    BREAK(topic->readers, topic->readers + 1, counts);
    BREAK(topic->writers, topic->writers - 1, counts);
    BREAK(queue->outside, queue->outside - 1, counts);
    BREAK(entry->is_outside, true, counts);
    BREAK(call->life, LIFE_CALLER_PAYS | call->life, "only a transient pipe is at a caller's cost");
    BREAK(call->life, 0, "a pipe with outside handles was given");
    BREAK(topic->special, NODE_UNHELD, "a transient pipe is unheld if it had outside handles and has none");
    BREAK(topic->life, LIFE_TRANSIENT | LIFE_GIVEN,
          "a transient pipe is unheld if it had outside handles and has none");
    call->life |= LIFE_TRANSIENT;
    BREAK(call->handles, 0, "a transient pipe without handles is removed, unless it is vacant");
    BREAK(call->readers, 0, "nobody waits on a transient pipe without readers");
    call->life &= (uint8_t)~LIFE_TRANSIENT;
    list_append(&host.names.closing, &topic->in_closing);
    assert_broken("only transient pipes close");
    list_remove(&topic->in_closing);
    list_append(&host.names.awake, &idle->waiter.peers);
    idle->waiter.state = WAIT_RECEIVING;
    assert_broken("who receives stands in no queue");
    idle->waiter.state = WAIT_LIMITED;
    assert_broken("a limit is not 0");
    idle->waiter.state = WAIT_NONE;
    list_remove(&idle->waiter.peers);
}

static void test_broken_hooks(void **state) {
    (void)state;
    struct handle_entry *entry = handle_entry_at(&server->process->principal.handles, topic_hook->handle_index);
    BREAK(topic_hook->node, event, "a hook in a pipe's list is on that pipe");
    BREAK(topic_hook->is_ready, true, "a hook is ready if and only if its pipe has something for it");
    BREAK(queue_hook->is_ready, false, "a hook is ready if and only if its pipe has something for it");
    BREAK(server->waiter.state, WAIT_RECEIVING, "who waits has no ready hook");
    BREAK(entry->hook, event_hook, "a hook and its handle know each other");
    BREAK(entry->object, event, "a hook and its handle know each other");
    BREAK(topic_hook->is_tap, true, "taps, watchers and hooks are in lists of their own");
    BREAK(queue_tap->is_tap, false, "taps, watchers and hooks are in lists of their own");
    BREAK(queue_hook->is_watcher, true, "taps, watchers and hooks are in lists of their own");
    BREAK(topic_hook->tells_end, true, "only a queue has a stream");
    BREAK(queue_tap->tells_end, true, "only a queue has a stream");
    BREAK(queue_tap->ring.tail, queue_tap->ring.head + 1, "a hook's ring holds at most its capacity");
    BREAK(topic->hook_count, 2, "a pipe counts its hooks and taps");
    BREAK(queue->tap_count, 2, "a pipe counts its hooks and taps");
    BREAK(host.names.is_traced, true, "the trace is written if it is hooked");
    BREAK(queue->special, 0, "a pipe is observed if it is tapped");
    BREAK(topic->special, NODE_OBSERVED, "a pipe is observed if it is tapped");
    BREAK(topic_hook->is_revoked, true, "a hook is revoked if and only if the rules refuse it");
    node_set_rules(topic, 0);
    BREAK(topic_hook->is_revoked, false, "a hook is revoked if and only if the rules refuse it");
    BREAK(topic->special, 0, "a pipe with a revoked hook takes no fast path");
    struct list *link = &queue_hook->in_ready;
    list_remove(link);
    assert_broken("a ready hook is in its waiter's ready list");
    list_append(&idle->waiter.ready, link);
    assert_broken("the ready list holds ready hooks of its waiter");
    list_remove(link);
    list_append(&server->waiter.ready, link);
    assert_null(pipens_audit(&host.names));
}

// A hook that has seen more than there was is ready, so it is put into the list to show the other breach.
static void break_cursor(struct hook *hook, const char *sentence) {
    hook->cursor = 5;
    hook->is_ready = true;
    list_append(&server->waiter.ready, &hook->in_ready);
    assert_broken(sentence);
    list_remove(&hook->in_ready);
    hook->is_ready = false;
    hook->cursor = 0;
    assert_null(pipens_audit(&host.names));
}

static void test_broken_flows(void **state) {
    (void)state;
    break_cursor(event_hook, "what a hook has seen of an event is taken");
    break_cursor(topic_hook, "no hook has read messages that never were");
    BREAK(line->interrupt.owing, 1, "a line counts the hooks that owe an answer");
    static const char answers[] = "only a hook that a line may tell owes an answer";
    BREAK(event_hook->owes_answer, true, answers);
    BREAK(topic_hook->owes_answer, true, answers);
    BREAK(queue_tap->owes_answer, true, answers);
    struct hook *line_hook = hook_on("/d/line", RIGHT_READ, 0), *line_tap = hook_on("/d/line", RIGHT_TAP, HOOK_TAP);
    BREAK(line_tap->owes_answer, true, answers);
    node_set_rules(line, 0);
    BREAK(line_hook->owes_answer, true, answers);
    BREAK(event->taken, 1, "no signals were taken that never were");
    BREAK(directory->child_count, 4, "a directory counts its names");
    BREAK(queue->ring.head, 3, "a queue holds at most its capacity");
    BREAK(queue->ring.capacity, 2, "senders wait only while the queue is full");
    // Nobody may hook the topic, or its hook would be found ready first.
    hook_end(topic_hook);
    BREAK(topic->ring.head, CAPACITY_DEFAULT + 1, "a topic holds at most its capacity");
}

static void test_broken_names(void **state) {
    (void)state;
    BREAK(event->path[4], ' ', "a node's path is valid"); // and still in order
    BREAK(event->path[4], 'x', "a node is hashed by its path");
    BREAK(event->references, 0, "a named node has the references of its name and its calls");
    BREAK(call->references, 1, "a named node has the references of its name and its calls");
    BREAK(host.names.node_count, 1, "the table counts its nodes");
    struct list *next = event->of_owner.next;
    list_remove(&event->of_owner);
    assert_broken("a named node is in its owner's list");
    list_append(next, &event->of_owner);
    assert_null(pipens_audit(&host.names));
    BREAK(event->owner, &idle->process->principal, "a named node is in its owner's list");
    BREAK(next->previous, next, "a named node is in its owner's list");
}

// A second node of the same name, in front of the first.
static void test_two_nodes_of_one_name(void **state) {
    (void)state;
    size_t size = sizeof *line + line->path_length;
    struct node *twin = malloc(size);
    struct node **bucket = &host.names.buckets[line->hash & (host.names.bucket_count - 1)];
    memcpy(twin, line, size);
    list_initialize(&twin->in_closing);
    list_initialize(&twin->watchers);
    list_initialize(&twin->hooks);
    list_initialize(&twin->taps);
    list_initialize(&twin->flights);
    list_append(&line->owner->owned, &twin->of_owner);
    twin->next_in_bucket = *bucket;
    *bucket = twin;
    assert_broken("a node is found by its path");
    *bucket = twin->next_in_bucket;
    list_remove(&twin->of_owner);
    free(twin);
}

// What is wrong in the tree, but not in the table.
static void test_broken_directories(void **state) {
    (void)state;
    struct tree_link *root = directory->children.root, *lowest = tree_first(&directory->children);
    assert_ptr_not_equal(lowest, root);
    struct node *elsewhere = list_object(lowest, struct node, of_parent);
    struct node *parent = elsewhere->parent;
    struct node **bucket = &host.names.buckets[elsewhere->hash & (host.names.bucket_count - 1)];
    while (*bucket != elsewhere)
        bucket = &(*bucket)->next_in_bucket;
    *bucket = elsewhere->next_in_bucket; // not in the table, so that only the directory is looked at
    elsewhere->parent = host.names.root;
    assert_broken("a child knows its parent");
    elsewhere->parent = parent;
    char initial = elsewhere->path[1];
    elsewhere->path[1] = 'z';
    assert_broken("a child's path is its directory's and its name");
    elsewhere->path[1] = initial;
    elsewhere->name_length++;
    assert_broken("a child's path is its directory's and its name");
    elsewhere->name_length--;
    char *name = elsewhere->path + elsewhere->path_length - elsewhere->name_length, kept = *name;
    *name = 'z';
    assert_broken("names are in order and different");
    *name = kept;
    uint32_t weight = lowest->weight;
    lowest->weight = UINT32_MAX;
    assert_broken("no name is heavier than the one above it");
    lowest->weight = weight;
    *bucket = elsewhere;
    BREAK(directory->references, 5, "a directory has the references of its name and its children"); // its children's
    bucket = &host.names.buckets[directory->hash & (host.names.bucket_count - 1)];
    while (*bucket != directory)
        bucket = &(*bucket)->next_in_bucket;
    *bucket = directory->next_in_bucket;
    assert_broken("a name lies below a name");
    *bucket = directory;
    assert_null(pipens_audit(&host.names));
}

// Two waiters that wait and have something ready, or a ready hook without anything: what only the waiter's side shows.
static void test_broken_ready_lists(void **state) {
    (void)state;
    queue->special |= NODE_REMOVED; // hooks of a pipe that goes are looked at from the waiter's side only
    struct list *link = &queue_hook->in_ready;
    BREAK(queue_hook->is_ready, false, "the ready list holds ready hooks of its waiter");
    uint8_t state_before = server->waiter.state;
    call->special |= NODE_REMOVED;
    server->waiter.state = WAIT_RECEIVING;
    assert_broken("no wakeup is lost: who waits has nothing ready");
    server->waiter.state = state_before;
    topic->special |= NODE_REMOVED;
    topic_hook->is_ready = true;
    list_append(&server->waiter.ready, &topic_hook->in_ready);
    assert_broken("no wakeup is vain");
    list_remove(&topic_hook->in_ready);
    topic_hook->is_ready = false;
    assert_true(link->next != link);
    queue->special &= (uint8_t)~NODE_REMOVED;
    call->special &= (uint8_t)~NODE_REMOVED;
    topic->special &= (uint8_t)~NODE_REMOVED;
    assert_null(pipens_audit(&host.names));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        AUDIT_TEST(test_broken_wait_queues), AUDIT_TEST(test_broken_donation),
        AUDIT_TEST(test_broken_flights),     AUDIT_TEST(test_broken_lives),
        AUDIT_TEST(test_broken_hooks),       AUDIT_TEST(test_broken_flows),
        AUDIT_TEST(test_broken_names),       AUDIT_TEST(test_two_nodes_of_one_name),
        AUDIT_TEST(test_broken_directories), AUDIT_TEST(test_broken_ready_lists),
        AUDIT_TEST(test_broken_totals),      AUDIT_TEST(test_broken_handles),
        AUDIT_TEST(test_broken_chains),      AUDIT_TEST(test_broken_accounts),
        AUDIT_TEST(test_broken_claims),
    };
    return scene_run(tests);
}
