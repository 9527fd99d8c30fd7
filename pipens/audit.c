// SPDX-License-Identifier: MIT
// The audit: every invariant that the heads of these files number, checked over the whole namespace. It looks at each
// node, hook and waiter, so it is for tests and for a debug build of the kernel. It has no state of its own.
//
// 1. It changes nothing.
// 2. An invariant of a state is checked in every state. What the others say of an act (calls 1 and 2, message 1, claims
// 3, tap 2), of all that was allocated (account 1, node 2, hook 3) or of the host's mask of a line (interrupt 1) shows
// in no state of the namespace: the tests and the model compare the states before and after, and their hosts count.
#include "call.h"
#include "flow.h"
#include "name.h"

// Each check gives the sentence of the invariant that does not hold, or NULL.
#define REQUIRE(condition, sentence)                                                                                   \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return sentence;                                                                                           \
    } while (0)

// What is seen once from the one side and once from the other.
struct totals {
    uint64_t waiting_on_nodes, waiting; // callers and senders: as the pipes count them, and as their states say
    uint64_t donations, donated;        // of pipes and waiters, and as those count to whom they donate
    uint64_t handles_counted, handles;  // a sum over all pipes of what they count, and the same of all handles found
};

// The number that a pipe's handle with the property adds to the sums: no two kinds and pipes have related ones, so
// equal sums mean equal counts of each pipe (splitmix64).
enum counted { COUNTED_HANDLE, COUNTED_READER, COUNTED_WRITER, COUNTED_OUTSIDE, COUNTED };
static uint64_t counted_weight(const struct node *node, enum counted counted) {
    uint64_t mixed = (node->number * (uint64_t)COUNTED + counted + 1) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

// A pipe that is being removed counts no more.
static uint64_t counts_sum(const struct node *node) {
    if (node->special & NODE_REMOVED)
        return 0;
    return node->handles * counted_weight(node, COUNTED_HANDLE) + node->readers * counted_weight(node, COUNTED_READER) +
           node->writers * counted_weight(node, COUNTED_WRITER) + node->outside * counted_weight(node, COUNTED_OUTSIDE);
}

static uint64_t handle_sum(const struct node *node, unsigned rights, bool is_outside) {
    if (node->special & NODE_REMOVED)
        return 0;
    return counted_weight(node, COUNTED_HANDLE) + (rights & RIGHT_READ ? counted_weight(node, COUNTED_READER) : 0) +
           (rights & RIGHT_WRITE ? counted_weight(node, COUNTED_WRITER) : 0) +
           (is_outside ? counted_weight(node, COUNTED_OUTSIDE) : 0);
}

static uint64_t attachments_sum(const struct attachment *attachments, uint32_t count) {
    uint64_t sum = 0;
    for (uint32_t index = 0; index < count; index++)
        if (attachments[index].type == HANDLE_PIPE)
            sum += handle_sum(attachments[index].object, attachments[index].rights, true);
    return sum;
}

static uint64_t ring_sum(const struct ring *ring) {
    uint64_t sum = 0;
    for (uint64_t sequence = ring->tail; sequence != ring->head; sequence++) {
        struct slot *slot = ring_slot(ring, sequence);
        sum += attachments_sum(slot_attachments(slot), slot->attachment_count);
    }
    return sum;
}

static uint64_t table_sum(const struct handle_table *table) {
    uint64_t sum = 0;
    for (uint32_t index = 1; index < table->chunk_count * HANDLE_CHUNK_ENTRIES; index++) {
        const struct handle_entry *entry = handle_entry_at(table, index);
        if (entry->type == HANDLE_PIPE)
            sum += handle_sum(entry->object, entry->rights, entry->is_outside);
    }
    return sum;
}

// ---- Wait queues and donation ----

static const char *audit_peers(const struct waiter *leader, const struct node *node, uint32_t *count) {
    const struct list *link = &leader->peers;
    do {
        const struct waiter *waiter = list_object(link, struct waiter, peers);
        REQUIRE(waiter->queued_priority == leader->queued_priority, "peers of a leader have its priority");
        REQUIRE(waiter->queued_priority == waiter->priority, "a waiter is queued under its priority");
        REQUIRE(waiter->is_leader == (waiter == leader), "only the first of a priority is its leader");
        REQUIRE(waiter->blocked_on == node, "who stands in a pipe's queue is blocked on it");
        REQUIRE(waiter->state == (node->flow == FLOW_CALL ? WAIT_QUEUED : WAIT_SENDING),
                "who stands in a queue is calling or sending");
        (*count)++;
        link = link->next;
    } while (link != &leader->peers);
    return NULL;
}

static const char *audit_wait_queue(const struct node *node) {
    uint32_t count = 0;
    unsigned last = PRIORITIES;
    for (const struct waiter *leader = node->waiting.leaders; leader; leader = leader->next_leader) {
        REQUIRE(leader->queued_priority < last, "leaders are in order of falling priority");
        last = leader->queued_priority;
        const char *broken = audit_peers(leader, node, &count);
        if (broken)
            return broken;
    }
    REQUIRE(count == node->waiting.count, "a wait queue counts its waiters");
    return NULL;
}

static const char *audit_in_flight(const struct node *node) {
    uint32_t count = 0;
    for (const struct list *link = node->flights.next; link != &node->flights; link = link->next) {
        const struct waiter *caller = list_object(link, struct waiter, peers);
        REQUIRE(caller->state == WAIT_IN_FLIGHT && caller->blocked_on == node, "a caller in flight waits for a reply");
        count++;
    }
    REQUIRE(count == node->in_flight, "a pipe counts its callers in flight");
    return NULL;
}

static const char *audit_node_donation(const struct node *node) {
    const struct waiter *first = node->waiting.leaders;
    const struct waiter *server = node_server(node);
    if (!first || !server) {
        REQUIRE(!node->donation.to, "a pipe where nobody waits, or that no single thread serves, donates nothing");
        return NULL;
    }
    REQUIRE(node->donation.to == server, "a pipe donates to the thread that serves it");
    REQUIRE(node->donation.priority == first->priority, "a pipe donates the highest priority that waits on it");
    return NULL;
}

// The thread for which this one waits, or NULL.
static const struct waiter *awaited(const struct waiter *waiter) {
    if (waiter->state == WAIT_IN_FLIGHT)
        return waiter->holder;
    return waiter->state == WAIT_QUEUED || waiter->state == WAIT_SENDING ? node_server(waiter->blocked_on) : NULL;
}

#define CYCLE_MAX 16u // waits of a cycle that is seen

static const char *audit_chain(const struct waiter *waiter) {
    const struct waiter *next = awaited(waiter);
    for (uint32_t step = 0; next && step < CYCLE_MAX; step++) {
        REQUIRE(next != waiter, "no chain of waits leads back to its start");
        next = awaited(next);
    }
    return NULL;
}

// ---- Hooks ----

static const char *audit_hook(const struct hook *hook, const struct node *node) {
    REQUIRE(hook->node == node, "a hook in a pipe's list is on that pipe");
    REQUIRE(hook->is_ready == hook_has(hook), "a hook is ready if and only if its pipe has something for it");
    REQUIRE(hook->is_ready != list_is_empty(&hook->in_ready), "a ready hook is in its waiter's ready list");
    REQUIRE(!hook->is_ready || !waiter_receives(hook->waiter), "who waits has no ready hook");
    const struct handle_entry *entry = handle_entry_at(&hook->waiter->principal->handles, hook->handle_index);
    REQUIRE(entry->hook == hook && entry->object == node, "a hook and its handle know each other");
    REQUIRE(hook->is_revoked != node_allows(node, entry->rule_shift, hook->is_tap ? RIGHT_TAP : RIGHT_READ),
            "a hook is revoked if and only if the rules refuse it");
    REQUIRE(!hook->is_revoked || node->special & NODE_REVOKED, "a pipe with a revoked hook takes no fast path");
    if (node->flow == FLOW_EVENT && !hook->is_tap)
        REQUIRE(hook->cursor <= node->taken, "what a hook has seen of an event is taken");
    if (hook->owes_answer)
        REQUIRE(node->flow == FLOW_EVENT && node->interrupt.is_line && !hook->is_tap && !hook->is_revoked,
                "only a hook that a line may tell owes an answer");
    if (node->flow == FLOW_TOPIC && !hook->is_tap)
        REQUIRE(hook->cursor <= node->ring.head, "no hook has read messages that never were");
    REQUIRE(ring_depth(&hook->ring) <= hook->ring.capacity, "a hook's ring holds at most its capacity");
    return NULL;
}

static const char *audit_hook_list(const struct node *node, const struct list *hooks, uint32_t *count) {
    for (const struct list *link = hooks->next; link != hooks; link = link->next) {
        const struct hook *hook = list_object(link, struct hook, of_node);
        REQUIRE(hook->is_tap == (hooks == &node->taps) && hook->is_watcher == (hooks == &node->watchers),
                "taps, watchers and hooks are in lists of their own");
        REQUIRE(!(hook->is_watcher || hook->tells_end) || (node->flow == FLOW_QUEUE && !hook->is_tap),
                "only a queue has a stream");
        const char *broken = audit_hook(hook, node);
        if (broken)
            return broken;
        ++*count;
    }
    return NULL;
}

static const char *audit_hooks(const struct node *node) {
    uint32_t hooks = 0, taps = 0;
    const char *broken = audit_hook_list(node, &node->hooks, &hooks);
    if (!broken)
        broken = audit_hook_list(node, &node->watchers, &hooks);
    if (!broken)
        broken = audit_hook_list(node, &node->taps, &taps);
    if (broken)
        return broken;
    REQUIRE(hooks == node->hook_count && taps == node->tap_count, "a pipe counts its hooks and taps");
    return NULL;
}

// ---- Flows ----

static const char *audit_line(const struct node *node) {
    uint32_t owing = 0;
    for (const struct list *link = node->hooks.next; link != &node->hooks; link = link->next)
        owing += list_object(link, struct hook, of_node)->owes_answer;
    REQUIRE(owing == node->interrupt.owing, "a line counts the hooks that owe an answer");
    return NULL;
}

static bool is_path_below(const struct node *child, const struct node *directory) {
    uint32_t length = path_parent_length(child->path, child->path_length);
    bool is_same = directory->path_length == length;
    for (uint32_t index = 0; is_same && index < length; index++)
        is_same = child->path[index] == directory->path[index];
    return is_same && node_name(child)[-1] == '/';
}

static const char *audit_directory(const struct node *node) {
    uint64_t count = 0;
    const struct node *before = NULL;
    for (struct tree_link *link = tree_first(&node->children); link; link = tree_next(link)) {
        const struct node *child = list_object(link, struct node, of_parent);
        REQUIRE(child->parent == node, "a child knows its parent");
        REQUIRE(is_path_below(child, node), "a child's path is its directory's and its name");
        REQUIRE(!link->parent || link->parent->weight >= link->weight, "no name is heavier than the one above it");
        REQUIRE(!before || node_compare(&before->of_parent, link) < 0, "names are in order and different");
        before = child;
        count++;
    }
    REQUIRE(count == node->child_count, "a directory counts its names");
    REQUIRE(node->references >= 1 + count, "a directory has the references of its name and its children");
    return NULL;
}

static const char *audit_flow(const struct node *node) {
    switch (node->flow) {
    case FLOW_DIRECTORY:
        return audit_directory(node);
    case FLOW_QUEUE:
        REQUIRE(ring_depth(&node->ring) <= node->ring.capacity, "a queue holds at most its capacity");
        REQUIRE(!node->waiting.count || ring_is_full(&node->ring), "senders wait only while the queue is full");
        return NULL;
    case FLOW_TOPIC:
        REQUIRE(ring_depth(&node->ring) <= node->ring.capacity, "a topic holds at most its capacity");
        return NULL;
    case FLOW_EVENT:
        REQUIRE(node->taken <= node->total, "no signals were taken that never were");
        return node->interrupt.is_line ? audit_line(node) : NULL;
    default:
        return NULL;
    }
}

// ---- Nodes ----

// Whether the node's successor in the list is its owner or another node of that owner.
static bool is_of_owner(const struct node *node) {
    const struct list *next = node->of_owner.next;
    if (next == &node->of_owner || next->previous != &node->of_owner)
        return false;
    return next == &node->owner->owned || list_object(next, struct node, of_owner)->owner == node->owner;
}

static const char *audit_life(const struct node *node) {
    bool is_transient = node->life & LIFE_TRANSIENT, is_removed = node->special & NODE_REMOVED;
    bool is_closing = !list_is_empty(&node->in_closing);
    REQUIRE(is_transient || !(node->life & LIFE_CALLER_PAYS), "only a transient pipe is at a caller's cost");
    REQUIRE(is_removed ||
                !(node->special & NODE_UNHELD) == !(is_transient && node->life & LIFE_GIVEN && !node->outside),
            "a transient pipe is unheld if it had outside handles and has none");
    REQUIRE(!node->outside || node->life & LIFE_GIVEN, "a pipe with outside handles was given");
    REQUIRE(!is_transient || node->handles || is_removed || node->owner->is_succession,
            "a transient pipe without handles is removed, unless it is vacant");
    REQUIRE(!is_transient || node->readers || !node->waiting.count || is_closing || node->owner->is_succession,
            "nobody waits on a transient pipe without readers");
    REQUIRE(!is_closing || is_transient, "only transient pipes close");
    return NULL;
}

static bool is_found(const struct namespace *names, const struct node *node) {
    return node_look_up(names, node->path, node->path_length, node->hash) == node;
}

static const char *audit_node(const struct namespace *names, const struct node *node) {
    uint32_t hash = 0;
    REQUIRE(path_check(node->path, node->path_length, names->seed, &hash) == 0, "a node's path is valid");
    REQUIRE(node->hash == hash, "a node is hashed by its path");
    REQUIRE(is_found(names, node), "a node is found by its path");
    REQUIRE(node->references >= 1 + node->in_flight, "a named node has the references of its name and its calls");
    REQUIRE(is_of_owner(node), "a named node is in its owner's list");
    REQUIRE(!node->parent || is_found(names, node->parent), "a name lies below a name");
    REQUIRE(!(node->special & NODE_OBSERVED) == (node->tap_count == 0), "a pipe is observed if it is tapped");
    REQUIRE(node != names->trace || names->is_traced == (node->hook_count != 0),
            "the trace is written if it is hooked");
    const char *broken = audit_wait_queue(node);
    if (!broken)
        broken = audit_in_flight(node);
    if (!broken)
        broken = audit_node_donation(node);
    if (!broken)
        broken = audit_life(node);
    if (!broken && !(node->special & NODE_REMOVED))
        broken = audit_hooks(node);
    return broken ? broken : audit_flow(node);
}

static const char *audit_nodes(const struct namespace *names, struct totals *totals) {
    uint64_t count = 0;
    for (uint32_t bucket = 0; bucket < names->bucket_count; bucket++) {
        for (const struct node *node = names->buckets[bucket]; node; node = node->next_in_bucket) {
            const char *broken = audit_node(names, node);
            if (broken)
                return broken;
            totals->handles_counted += counts_sum(node);
            totals->handles += node->flow == FLOW_QUEUE ? ring_sum(&node->ring) : 0;
            totals->waiting_on_nodes += node->waiting.count;
            totals->donations += node->donation.to != NULL;
            count++;
        }
    }
    REQUIRE(count == names->node_count, "the table counts its nodes");
    return NULL;
}

// ---- Waiters ----

static const char *audit_held(const struct waiter *holder) {
    for (const struct list *link = holder->held.next; link != &holder->held; link = link->next) {
        const struct waiter *caller = list_object(link, struct waiter, in_held);
        REQUIRE(caller->state == WAIT_IN_FLIGHT, "a held caller is in flight");
        REQUIRE(caller->holder == holder, "a held caller knows its holder");
        REQUIRE(caller->donation.to == holder && caller->donation.priority == caller->priority,
                "a caller in flight donates its priority to the holder");
    }
    return NULL;
}

static const char *audit_priority(const struct waiter *waiter) {
    unsigned highest = waiter->base_priority;
    for (unsigned priority = 0; priority < PRIORITIES; priority++) {
        bool is_donated = waiter->donated_mask >> priority & 1;
        REQUIRE(is_donated == (waiter->donated_count[priority] != 0), "the mask tells the counts");
        if (waiter->donated_count[priority] && priority > highest)
            highest = priority;
    }
    REQUIRE(waiter->priority == highest, "a waiter has the highest of its own and the donated priorities");
    return NULL;
}

static const char *audit_state(const struct waiter *waiter) {
    switch (waiter->state) {
    case WAIT_LIMITED:
        REQUIRE(waiter->limit, "a limit is not 0");
        // fall through
    case WAIT_RECEIVING:
        REQUIRE(list_is_empty(&waiter->ready), "no wakeup is lost: who waits has nothing ready");
        REQUIRE(list_is_empty(&waiter->in_held) && list_is_empty(&waiter->peers), "who receives stands in no queue");
        break;
    case WAIT_IN_FLIGHT:
        REQUIRE(!list_is_empty(&waiter->in_held), "a caller in flight is in its holder's list");
        break;
    case WAIT_QUEUED:
    case WAIT_SENDING:
        REQUIRE(list_is_empty(&waiter->in_held), "who stands in a queue is held by nobody");
        break;
    default:
        REQUIRE(list_is_empty(&waiter->in_held) && list_is_empty(&waiter->peers), "who runs waits nowhere");
        REQUIRE(!waiter->donation.to, "who runs donates nothing");
        REQUIRE(!waiter->attachment_count && !waiter->lease_count, "who runs has nothing on its way");
    }
    return NULL;
}

// What a queued waiter moves stays in its table until it is taken.
static const char *audit_transit(const struct waiter *waiter) {
    for (uint32_t index = 0; index < waiter->attachment_count; index++)
        if (waiter->attachments[index].move)
            REQUIRE(handle_entry_at(&waiter->principal->handles, waiter->transit[index])->type == HANDLE_IN_TRANSIT,
                    "what waits to be moved is in transit");
    return NULL;
}

static const char *audit_token(const struct waiter *waiter) {
    if (waiter->state != WAIT_IN_FLIGHT)
        return NULL;
    REQUIRE((waiter->token & TOKEN_NUMBER_MASK) == waiter->number, "a token holds its caller's number");
    uint64_t to_come = waiter->principal->names->next_token << TOKEN_NUMBER_BITS;
    REQUIRE((waiter->token & ~(uint64_t)TOKEN_NUMBER_MASK) != to_come, "no token is good that was not given yet");
    return NULL;
}

static const char *audit_account(const struct account *account) {
    REQUIRE(account->used <= account->limit, "no account has given more than its limit");
    REQUIRE(account->references, "an account counts whom it pays for");
    return NULL;
}

static bool has_end(const struct claim_record *record) {
    for (uint32_t index = 0; index <= record->length; index++)
        if (record->body[index] == CLAIM_END)
            return true;
    return false;
}

static const char *audit_claims(const struct principal *principal) {
    const uint32_t head = sizeof(struct claim);
    for (uint32_t index = 0, left; (left = principal->claims_length - index);) {
        const struct claim_record *record = (const struct claim_record *)(principal->claims + index);
        REQUIRE(left >= head && record->length <= left - head, "each claim lies whole within the claims");
        REQUIRE(record->type <= CLAIM_DMA && !(record->rights & ~RIGHTS_ALL),
                "a claim's type and rights are valid");
        REQUIRE(record->type < CLAIM_PORTS || record->length == sizeof(struct claim_range),
                "a claim of a range is as long as that");
        REQUIRE(record->type >= CLAIM_PORTS || has_end(record), "a pattern has its end within its claim");
        index += head + record->length;
    }
    return NULL;
}

// The free entries are those in the list, and all others are open.
static const char *audit_handles(const struct handle_table *table) {
    uint32_t slots = table->chunk_count * HANDLE_CHUNK_ENTRIES, listed = 0, open = 0;
    for (uint32_t index = table->first_free; index != HANDLE_NONE; listed++) {
        REQUIRE(index && index < slots && listed < slots, "the list of free handles ends, and lies in the table");
        REQUIRE(handle_entry_at(table, index)->type == HANDLE_FREE, "what is in the list of free handles is free");
        index = handle_entry_at(table, index)->next_free;
    }
    for (uint32_t index = 1; index < slots; index++)
        open += handle_entry_at(table, index)->type != HANDLE_FREE;
    REQUIRE(open == table->open, "a table counts its open handles");
    REQUIRE(!slots || open + listed == slots - 1, "each free handle is in the list");
    return NULL;
}

static const char *audit_principal(const struct principal *principal) {
    const char *broken = audit_handles(&principal->handles);
    if (!broken)
        broken = audit_account(principal->account);
    return broken ? broken : audit_claims(principal);
}

static const char *audit_ready(const struct waiter *waiter) {
    for (const struct list *link = waiter->ready.next; link != &waiter->ready; link = link->next) {
        const struct hook *hook = list_object(link, struct hook, in_ready);
        REQUIRE(hook->is_ready && hook->waiter == waiter, "the ready list holds ready hooks of its waiter");
        REQUIRE(hook_has(hook), "no wakeup is vain");
    }
    return NULL;
}

static const char *audit_waiter(const struct waiter *waiter) {
    const char *broken = audit_state(waiter);
    if (!broken)
        broken = audit_chain(waiter);
    if (!broken)
        broken = audit_priority(waiter);
    if (!broken)
        broken = audit_held(waiter);
    if (!broken)
        broken = audit_token(waiter);
    if (!broken)
        broken = audit_transit(waiter);
    return broken ? broken : audit_ready(waiter);
}

static const char *audit_waiters(const struct namespace *names, struct totals *totals) {
    const struct principal *before = NULL;
    for (uint32_t number = 0; number < names->waiter_limit; number++) {
        const struct waiter *waiter = waiter_numbered(names, number);
        if (!waiter)
            continue;
        REQUIRE(waiter->number == number, "a waiter knows its number");
        const char *broken = audit_waiter(waiter);
        if (!broken && waiter->principal != before) // mostly threads of one process follow each other
            broken = audit_principal(waiter->principal);
        if (broken)
            return broken;
        before = waiter->principal;
        totals->handles += attachments_sum(waiter->attachments, waiter->attachment_count);
        totals->waiting += waiter->state == WAIT_QUEUED || waiter->state == WAIT_SENDING;
        totals->donations += waiter->donation.to != NULL;
        for (unsigned priority = 0; priority < PRIORITIES; priority++)
            totals->donated += waiter->donated_count[priority];
    }
    return NULL;
}

const char *pipens_audit(struct namespace *names) {
    struct totals totals = {0};
    const char *broken = audit_nodes(names, &totals);
    if (!broken)
        broken = audit_waiters(names, &totals);
    if (broken)
        return broken;
    for (struct principal *at = host_principal_after(NULL); at; at = host_principal_after(at))
        totals.handles += table_sum(&at->handles);
    REQUIRE(totals.handles == totals.handles_counted, "a pipe counts its handles, their rights, and those outside");
    REQUIRE(totals.waiting == totals.waiting_on_nodes, "whoever calls or sends and is not served stands in a queue");
    REQUIRE(totals.donations == totals.donated, "what is donated is counted by whom it is donated to");
    return NULL;
}
