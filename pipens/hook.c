// SPDX-License-Identifier: MIT
// Hooks.
//
//   pipens_hook --> idle -- hook_make_ready, when something comes --> ready
//   ready -- waiter_take takes the last, hooks_refresh or hooks_bar finds nothing more --> idle
//   idle, ready -- hook_gone: the pipe is removed --> gone, ready for ever -- gone_take --> freed
//   any -- hook_end: pipens_unhook, pipens_close, waiter_end_step --> freed
//   not revoked -- node_set_rules --> revoked -- node_set_rules --> not revoked
//
// 1. A hook is in its waiter's ready list if and only if its pipe has something for it: no wakeup is lost, none is
// vain.
// 2. A waiter that is RECEIVING has no ready hook.
// 3. A hook's memory, and its ring's, is its thread's process's; the payer's, if it is the owner's hook on a pipe of
// LIFE_CALLER_PAYS.
// 4. A hook is revoked if and only if the rules do not give its handle's class the right to read, or for a tap to tap.
// A revoked hook has nothing: what comes stays in the pipe, and a record of its own is not made.
#include "flow.h"

// Whether the pipe holds something that the hook would take.
static bool flow_has(const struct hook *hook) {
    const struct node *node = hook->node;
    switch (node->flow) {
    case FLOW_QUEUE:
        return ring_depth(&node->ring) != 0;
    case FLOW_TOPIC:
        return node->ring.head != hook->cursor;
    case FLOW_CALL:
        return node->waiting.leaders != NULL;
    case FLOW_EVENT:
        return node->total != hook->cursor;
    default:
        return false;
    }
}

bool hook_has(const struct hook *hook) {
    if (!hook->node)
        return true;
    if (hook->is_revoked)
        return false;
    if (hook->ring.capacity && ring_depth(&hook->ring))
        return true;
    if (hook->is_tap)
        return false;
    if (hook->is_watcher)
        return hook_has_begun(hook);
    return flow_has(hook) || hook_has_ended(hook) || hook_is_closed(hook);
}

static void hook_enter_ready(struct hook *hook) {
    hook->is_ready = true;
    list_append(&hook->waiter->ready, &hook->in_ready);
}

static void hook_leave_ready(struct hook *hook) {
    hook->is_ready = false;
    list_remove(&hook->in_ready);
}

void hook_make_ready(struct hook *hook) {
    struct waiter *waiter = hook->waiter;
    if (!hook->is_ready)
        hook_enter_ready(hook);
    if (waiter_receives(waiter) && list_is_empty(&waiter->peers))
        list_append(&waiter->principal->names->awake, &waiter->peers);
}

static void refresh(const struct list *hooks) {
    for (struct list *link = hooks->next; link != hooks; link = link->next) {
        struct hook *hook = list_object(link, struct hook, of_node);
        if (hook_has(hook))
            hook_make_ready(hook);
        else if (hook->is_ready)
            hook_leave_ready(hook);
    }
}

void hooks_refresh(struct node *node) {
    refresh(&node->hooks);
    refresh(&node->watchers);
}

// What made the waiter's hook ready may have gone to another waiter before: then it goes on waiting.
void deliver_all(struct namespace *names) {
    while (!list_is_empty(&names->awake)) {
        struct waiter *waiter = list_object(names->awake.next, struct waiter, peers);
        uint8_t state = waiter->state;
        waiter_stop_receiving(waiter);
        long result = waiter_take(waiter, state == WAIT_LIMITED ? waiter->limit : PAYLOAD_MAX);
        if (result == PIPENS_BLOCKED)
            waiter->state = state;
        else
            host_wake(waiter, result);
    }
}

static void hooks_bar(struct node *node, const struct list *hooks, unsigned right) {
    for (struct list *link = hooks->next; link != hooks; link = link->next) {
        struct hook *hook = list_object(link, struct hook, of_node);
        const struct handle_entry *entry = handle_entry_at(&hook->waiter->principal->handles, hook->handle_index);
        hook->is_revoked = !node_allows(node, entry->rule_shift, right);
        if (hook->is_revoked)
            node->special |= NODE_REVOKED;
        if (hook->is_revoked && hook->owes_answer)
            interrupt_answer(hook, false);
        if (hook->is_ready && hook->is_revoked)
            hook_leave_ready(hook);
        else if (!hook->is_ready && hook_has(hook))
            hook_make_ready(hook);
    }
}

void node_set_rules(struct node *node, uint16_t rules) {
    node->rules = rules;
    node->special &= (uint8_t)~NODE_REVOKED;
    hooks_bar(node, &node->hooks, RIGHT_READ);
    hooks_bar(node, &node->watchers, RIGHT_READ);
    hooks_bar(node, &node->taps, RIGHT_TAP);
    deliver(node->owner->names);
}

// The last message of a hook whose pipe was removed. The hook ends with it.
static long gone_take(struct hook *hook) {
    uint32_t length = hook->last.total ? sizeof hook->last : 0;
    struct slot stamp = message_stamp(&hook->waiter->principal->names->kernel, MESSAGE_GONE, length);
    message_write(hook, &stamp, &hook->last);
    hook_end(hook);
    return length;
}

static long record_take(struct hook *hook) {
    struct slot *slot = ring_slot(&hook->ring, hook->ring.tail);
    message_write(hook, slot, slot_payload(slot));
    hook->ring.tail++;
    return slot->length;
}

static long hook_take(struct hook *hook, uint32_t limit) {
    if (hook->ring.capacity)
        return record_take(hook);
    if (hook->is_watcher)
        return begin_take(hook);
    if (!flow_has(hook))
        return end_take(hook);
    switch (hook->node->flow) {
    case FLOW_QUEUE:
        return queue_take(hook, limit);
    case FLOW_TOPIC:
        return topic_take(hook);
    case FLOW_CALL:
        return call_take(hook);
    default:
        return event_take(hook);
    }
}

// Whether the next message of the hook is its last, and ends it.
static bool is_last(const struct hook *hook) {
    if (hook->ring.capacity && ring_depth(&hook->ring))
        return false;
    return !hook->node || (!hook->is_watcher && !flow_has(hook) && hook_is_closed(hook));
}

// The first ready hook's next message. PIPENS_BLOCKED: there was none after all, a call's sender was turned away.
static long take_first(struct waiter *waiter, uint32_t limit) {
    struct hook *hook = list_object(waiter->ready.next, struct hook, in_ready);
    if (is_last(hook))
        return hook->node ? closed_take(hook) : gone_take(hook);
    hook_leave_ready(hook);
    long result = hook_take(hook, limit);
    if (!hook->is_ready && hook_has(hook))
        hook_enter_ready(hook);
    return result;
}

long waiter_take(struct waiter *waiter, uint32_t limit) {
    for (uint32_t count = 0; count < BATCH; count++) {
        if (list_is_empty(&waiter->ready))
            return PIPENS_BLOCKED;
        long result = take_first(waiter, limit);
        if (result != PIPENS_BLOCKED)
            return result;
    }
    return -PIPE_ENOBUFS;
}

// Takes the hook out of its pipe.
static void hook_detach(struct hook *hook) {
    struct node *node = hook->node;
    list_remove(&hook->of_node);
    if (hook->is_tap) {
        node->tap_count--;
        if (!node->tap_count)
            node->special &= (uint8_t)~NODE_OBSERVED;
    } else {
        node->hook_count--;
        if (node->flow == FLOW_EVENT && node->interrupt.is_line)
            interrupt_unhooked(node);
        if (node == node->owner->names->trace)
            node->owner->names->is_traced = node->hook_count != 0;
    }
    hook->node = NULL;
    // Before the pipe donates: a priority that goes round a cycle would move waiters of the cycle after others.
    cycle_break(node);
    node_donate_again(node);
}

void hook_end(struct hook *hook) {
    struct principal *principal = hook->waiter->principal;
    if (hook->owes_answer)
        interrupt_answer(hook, false);
    if (hook->node)
        hook_detach(hook);
    if (hook->is_ready)
        hook_leave_ready(hook);
    list_remove(&hook->of_waiter);
    handle_entry_at(&principal->handles, hook->handle_index)->hook = NULL;
    if (hook->ring.capacity)
        ring_destroy(&hook->ring, hook->payer);
    account_free(hook->payer, hook, sizeof *hook);
}

void hook_gone(struct hook *hook) {
    struct node *node = hook->node;
    if (hook->owes_answer)
        interrupt_answer(hook, false);
    if (hook->is_revoked)
        hook->ring.tail = hook->ring.head;
    else if (node->flow == FLOW_EVENT && !hook->is_tap)
        hook->last = (struct event_message){node->total - hook->cursor, node->total, node->time, node->value};
    if (node->flow == FLOW_TOPIC && !hook->is_tap)
        hook->lost += (uint32_t)(node->ring.head - hook->cursor);
    hook_detach(hook);
    hook_make_ready(hook);
}

void hook_record(struct hook *hook, const struct slot *stamp, const void *head, uint32_t head_length, const void *body,
                 uint32_t body_length) {
    struct ring *ring = &hook->ring;
    if (hook->is_revoked)
        return;
    if (ring_is_full(ring)) {
        ring->tail++;
        hook->lost++;
    }
    struct slot *slot = ring_slot(ring, ring->head++);
    uint32_t room = ring_payload_max(ring, 0) - head_length;
    *slot = *stamp;
    slot->length = head_length + (body_length < room ? body_length : room);
    host_copy(slot_payload(slot), head, head_length);
    host_copy(slot_payload(slot) + head_length, body, slot->length - head_length);
    hook_make_ready(hook);
}

// The ring that a tap or a hook on a directory needs.
static long hook_make_ring(struct hook *hook, struct account *payer) {
    if (hook->is_tap)
        return ring_make(&hook->ring, payer, TAP_CAPACITY, TAP_BYTES);
    if (hook->node->flow == FLOW_DIRECTORY)
        return ring_make(&hook->ring, payer, CHANGE_CAPACITY, sizeof(struct change_message));
    return 0;
}

static void hook_attach(struct hook *hook) {
    struct node *node = hook->node;
    if (hook->is_tap) {
        node->tap_count++;
        node->special |= NODE_OBSERVED;
        list_append(&node->taps, &hook->of_node);
        return;
    }
    node->hook_count++;
    list_append(hook->is_watcher ? &node->watchers : &node->hooks, &hook->of_node);
    if (node->flow == FLOW_TOPIC)
        hook->cursor = node->ring.tail;
    if (node->flow == FLOW_EVENT)
        hook->cursor = node->taken;
    if (node->flow == FLOW_EVENT && node->interrupt.is_line)
        interrupt_hooked(node);
    if (node == node->owner->names->trace)
        node->owner->names->is_traced = true;
    node_donate_again(node);
}

static uint32_t hooks_of(const struct list *hooks, const struct principal *principal) {
    uint32_t count = 0;
    for (const struct list *link = hooks->next; link != hooks; link = link->next)
        count += list_object(link, struct hook, of_node)->waiter->principal == principal;
    return count;
}

// Whether the process has as many of the pipe's hooks, or taps, as one may: it leaves some to others.
static bool has_all_hooks(const struct node *node, const struct principal *principal, uint64_t flags) {
    uint32_t count = flags & HOOK_TAP ? hooks_of(&node->taps, principal)
                                      : hooks_of(&node->hooks, principal) + hooks_of(&node->watchers, principal);
    return count >= HOOKS_PER_PROCESS_MAX;
}

static long hook_check(const struct handle_entry *entry, const struct node *node, const struct principal *principal,
                       uint64_t flags) {
    if (flags > HOOK_BEGIN || flags & (flags - 1))
        return -PIPE_EINVAL;
    if (flags & (HOOK_END | HOOK_BEGIN) && node->flow != FLOW_QUEUE)
        return -PIPE_EINVAL;
    if (entry->hook)
        return -PIPE_EBUSY;
    if (flags & HOOK_TAP ? node->flow == FLOW_DIRECTORY : node->special & NODE_KERNEL)
        return -PIPE_ENOTSUP;
    uint32_t count = flags & HOOK_TAP ? node->tap_count : node->hook_count;
    if (count == HOOKS_PER_PIPE_MAX)
        return -PIPE_ENFILE;
    return count >= HOOKS_PER_PROCESS_MAX && has_all_hooks(node, principal, flags) ? -PIPE_EMFILE : 0;
}

// The owner's hook on a pipe that a caller pays for is paid by that caller.
static struct account *hook_payer(const struct principal *principal, const struct node *node, uint64_t flags) {
    bool is_callers = node->life & LIFE_CALLER_PAYS && node->owner == principal && !(flags & HOOK_TAP);
    return is_callers ? node->payer : principal->account;
}

long pipens_hook(struct waiter *caller, uint64_t handle, uint64_t key, uint64_t flags) {
    long error = 0;
    struct handle_entry *entry = pipe_entry(caller, handle, flags & HOOK_TAP ? RIGHT_TAP : RIGHT_READ, &error);
    if (!entry)
        return error;
    struct node *node = entry->object;
    error = hook_check(entry, node, caller->principal, flags);
    if (error)
        return error;
    struct account *payer = hook_payer(caller->principal, node, flags);
    struct hook *hook = account_allocate(payer, sizeof *hook, &error);
    if (!hook)
        return error;
    *hook = (struct hook){.node = node,
                          .waiter = caller,
                          .key = key,
                          .handle_index = (uint32_t)handle & HANDLE_INDEX_MASK,
                          .pipe = node->number,
                          .payer = payer,
                          .is_tap = flags & HOOK_TAP,
                          .is_watcher = flags & HOOK_BEGIN,
                          .tells_end = flags & HOOK_END};
    error = hook_make_ring(hook, payer);
    if (error) {
        account_free(payer, hook, sizeof *hook);
        return error;
    }
    list_initialize(&hook->in_ready);
    list_append(&caller->hooks, &hook->of_waiter);
    entry->hook = hook;
    hook_attach(hook);
    if (hook_has(hook))
        hook_make_ready(hook);
    return 0;
}

long pipens_unhook(struct waiter *caller, uint64_t handle) {
    struct handle_table *table = &caller->principal->handles;
    struct handle_entry *entry = handle_find(table, handle);
    if (!entry || entry->type != HANDLE_PIPE)
        return handle_error(table, handle);
    if (!entry->hook)
        return -PIPE_EINVAL;
    hook_end(entry->hook);
    deliver(caller->principal->names);
    return 0;
}
