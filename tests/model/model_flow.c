// SPDX-License-Identifier: MIT
// The model of hooks, of what the four flows give to them, of taps, trace and interrupt lines.
#include "model_parts.h"

#include <string.h>

struct model_message stamp(struct identity sender, uint8_t type, uint32_t length) {
    return (struct model_message){.sender = sender, .time = model.now, .type = type, .length = length};
}

// ---- When a hook is ready ----

// The rules may have taken the right away since.
static bool hook_is_revoked(int index) {
    const struct model_hook *hook = &model.hooks[index];
    uint32_t rights = model.nodes[hook->node].rules >> (4 * model.handles[hook->handle].class);
    return !(rights & (hook->is_tap ? RIGHT_TAP : RIGHT_READ));
}

bool hook_is_due(int index) {
    const struct model_hook *hook = &model.hooks[index];
    if (hook->is_gone)
        return true;
    if (hook_is_revoked(index))
        return false;
    if (hook->records.count)
        return true;
    if (hook->is_tap)
        return false;
    const struct model_node *node = &model.nodes[hook->node];
    switch (node->flow) {
    case FLOW_QUEUE:
        return node->messages.count != 0;
    case FLOW_TOPIC:
        return hook->cursor != node->first + node->messages.count;
    case FLOW_CALL:
        return node->waiting.count != 0;
    case FLOW_EVENT:
        return hook->cursor != node->total;
    default:
        return false;
    }
}

void hook_ready(int index) {
    struct model_hook *hook = &model.hooks[index];
    struct model_thread *thread = &model.threads[hook->thread];
    if (!hook->is_ready)
        indices_append(&thread->ready, index);
    hook->is_ready = true;
    bool is_awake = false;
    for (uint32_t offset = 0; offset < model.awake.count; offset++)
        is_awake |= model.awake.items[offset] == (int)hook->thread;
    if (thread->state == STATE_RECEIVING && !is_awake)
        indices_append(&model.awake, (int)hook->thread);
}

void model_deliver(void) {
    while (model.awake.count) {
        uint32_t thread = (uint32_t)model.awake.items[0];
        indices_remove(&model.awake, (int)thread);
        if (model.threads[thread].state != STATE_RECEIVING)
            continue;
        model.threads[thread].state = STATE_RUNNING;
        long result = take(thread);
        if (result == MODEL_BLOCKED)
            model.threads[thread].state = STATE_RECEIVING;
        else
            wake_up(thread, result);
    }
}

static void hook_unready(int index) {
    model.hooks[index].is_ready = false;
    indices_remove(&model.threads[model.hooks[index].thread].ready, index);
}

void hooks_ready(int node) {
    for (uint32_t index = 0; index < model.nodes[node].hooks.count; index++)
        if (hook_is_due(model.nodes[node].hooks.items[index]))
            hook_ready(model.nodes[node].hooks.items[index]);
}

void hooks_unready(int node) {
    for (uint32_t index = 0; index < model.nodes[node].hooks.count; index++)
        if (!hook_is_due(model.nodes[node].hooks.items[index]))
            hook_unready(model.nodes[node].hooks.items[index]);
}

// Hooks that new rules bar have answered, and are ready no more; others are, if there is something for them.
static void hooks_obey(const struct model_indices *hooks) {
    for (uint32_t offset = 0; offset < hooks->count; offset++) {
        int index = hooks->items[offset];
        if (hook_is_revoked(index) && model.hooks[index].owes)
            hook_answers(index, false);
        if (!hook_is_due(index))
            hook_unready(index);
        else if (!model.hooks[index].is_ready)
            hook_ready(index);
    }
}

void rules_change(int node, uint32_t rules) {
    model.nodes[node].rules = rules;
    hooks_obey(&model.nodes[node].hooks);
    hooks_obey(&model.nodes[node].taps);
}

// ---- Taking ----

static void give(int index, const struct model_message *message, const uint8_t *payload) {
    struct model_hook *hook = &model.hooks[index];
    struct message_received head = {.key = hook->key,
                                    .pid = message->sender.pid,
                                    .generation = message->sender.generation,
                                    .length = message->length,
                                    .kind = message->sender.kind,
                                    .type = message->type,
                                    .lost = (uint32_t)hook->lost,
                                    .pipe = hook->pipe};
    hook->lost = 0;
    header_write(hook->thread, &head);
    memcpy(payload_of(hook->thread), payload, message->length);
}

// Senders that wait get their messages into the queue while there is room.
static void admit(int index) {
    struct model_node *node = &model.nodes[index];
    while (node->messages.count < node->capacity && node->waiting.count) {
        uint32_t sender = (uint32_t)first_waiting(index);
        struct model_thread *thread = &model.threads[sender];
        struct identity identity = model.processes[thread->process].identity;
        struct model_message message = stamp(identity, MESSAGE_DATA, (uint32_t)thread->length);
        message.attachment_count = thread->attachment_count;
        memcpy(message.attachments, thread->attachments, sizeof message.attachments);
        messages_append(&node->messages, &message, payload_of(sender));
        node->in++;
        transit_ends(sender, true);
        wait_over(sender);
        wake_up(sender, 0);
    }
}

static long take_queue(int hook) {
    int index = model.hooks[hook].node;
    struct model_node *node = &model.nodes[index];
    const struct model_message *message = &node->messages.items[0];
    long length = message->length;
    give(hook, message, message->payload);
    attachments_hand(model.hooks[hook].thread, message->attachments, message->attachment_count);
    messages_drop_first(&node->messages);
    node->out++;
    admit(index);
    hooks_unready(index);
    return length;
}

static long take_topic(int index) {
    struct model_hook *hook = &model.hooks[index];
    struct model_node *node = &model.nodes[hook->node];
    if (hook->cursor < node->first) {
        hook->lost += node->first - hook->cursor;
        node->dropped += node->first - hook->cursor;
        hook->cursor = node->first;
    }
    const struct model_message *message = &node->messages.items[hook->cursor++ - node->first];
    give(index, message, message->payload);
    node->out++;
    return message->length;
}

static long take_event(int index) {
    struct model_hook *hook = &model.hooks[index];
    struct model_node *node = &model.nodes[hook->node];
    struct event_message event = {node->total - hook->cursor, node->total, node->time, node->value};
    struct model_message message = stamp(node->signaller, MESSAGE_EVENT, sizeof event);
    give(index, &message, (const uint8_t *)&event);
    hook->cursor = node->total;
    node->taken = node->total;
    node->out++;
    return sizeof event;
}

static void announce_leases(uint32_t caller, struct message_received *head) {
    const struct model_thread *thread = &model.threads[caller];
    head->lease_count = (uint8_t)thread->lease_count;
    for (uint32_t index = 0; index < thread->lease_count; index++) {
        head->lease_length[index] = (uint32_t)thread->leases[index].length;
        if (thread->flags & ATTACH_WRITABLE(index))
            head->lease_length[index] |= LEASE_WRITABLE;
    }
}

static long take_call(int index) {
    struct model_hook *hook = &model.hooks[index];
    uint32_t caller = (uint32_t)first_waiting(hook->node);
    struct model_thread *thread = &model.threads[caller];
    wait_over(caller);
    thread->state = STATE_IN_FLIGHT;
    thread->node = hook->node;
    thread->holder = hook->thread;
    indices_append(&model.threads[hook->thread].held, (int)caller);
    struct identity identity = model.processes[thread->process].identity;
    struct model_message message = stamp(identity, MESSAGE_CALL, (uint32_t)thread->length);
    give(index, &message, payload_of(caller));
    struct message_received *head = (void *)page_of(hook->thread);
    announce_leases(caller, head);
    model.lessons[model.lesson_count++] =
        (struct lesson){hook->thread, offsetof(struct message_received, token), NOBODY, caller};
    attachments_hand(hook->thread, thread->attachments, thread->attachment_count);
    transit_ends(caller, true);
    priorities_settle();
    hooks_unready(hook->node);
    return thread->length;
}

static long take_record(int index) {
    struct model_hook *hook = &model.hooks[index];
    long length = hook->records.items[0].length;
    give(index, &hook->records.items[0], hook->records.items[0].payload);
    messages_drop_first(&hook->records);
    return length;
}

static long take_gone(int index) {
    struct model_hook *hook = &model.hooks[index];
    uint32_t length = hook->last.total ? sizeof hook->last : 0;
    struct model_message message = stamp(identity_of(OWNER_KERNEL), MESSAGE_GONE, length);
    give(index, &message, (const uint8_t *)&hook->last);
    hook_close(index);
    return length;
}

static long take_from(int hook) {
    if (model.hooks[hook].records.count)
        return take_record(hook);
    switch (model.nodes[model.hooks[hook].node].flow) {
    case FLOW_QUEUE:
        return take_queue(hook);
    case FLOW_TOPIC:
        return take_topic(hook);
    case FLOW_CALL:
        return take_call(hook);
    default:
        return take_event(hook);
    }
}

// The oldest ready hook is served; it goes to the end if there is more.
long take(uint32_t thread) {
    if (!model.threads[thread].ready.count)
        return MODEL_BLOCKED;
    int hook = model.threads[thread].ready.items[0];
    if (model.hooks[hook].is_gone && !model.hooks[hook].records.count)
        return take_gone(hook);
    hook_unready(hook);
    long result = take_from(hook);
    if (hook_is_due(hook))
        hook_ready(hook);
    return result;
}

// ---- Hooking ----

#define RECORD_SLOT(wanted) ((wanted) <= 256u ? 256u : 512u) // a power of two, as for the pipes themselves
#define RECORD_OVERHEAD (32u + MESSAGE_HANDLES_MAX * 16u)
#define TAP_RECORDS 16u
#define TAP_RECORD_BYTES 416u
#define CHANGE_RECORDS 32u

static void hook_records_make(struct model_hook *hook, uint32_t flow) {
    uint32_t wanted = 0;
    if (hook->is_tap) {
        hook->record_capacity = TAP_RECORDS;
        wanted = TAP_RECORD_BYTES;
    } else if (flow == FLOW_DIRECTORY) {
        hook->record_capacity = CHANGE_RECORDS;
        wanted = sizeof(struct change_message);
    }
    hook->record_max = RECORD_SLOT(wanted + RECORD_OVERHEAD) - 32;
}

static void line_hooked(const struct model_node *node) {
    if (node->is_line && node->hooks.count == 1)
        model.line_masked[node->line] = false;
}

long model_hook(uint32_t thread, uint64_t number, uint64_t key, uint64_t flags) {
    long error = 0;
    int handle = usable_handle(thread, number, flags & HOOK_TAP ? RIGHT_TAP : RIGHT_READ, &error);
    if (handle == NOBODY)
        return error;
    struct model_node *node = &model.nodes[model.handles[handle].object];
    if (flags & ~(uint64_t)HOOK_TAP)
        return -PIPE_EINVAL;
    if (model.handles[handle].hook != NOBODY)
        return -PIPE_EBUSY;
    if (flags & HOOK_TAP ? node->flow == FLOW_DIRECTORY : node->is_kernel)
        return -PIPE_ENOTSUP;
    int index = model.hook_count++;
    struct model_hook *hook = &model.hooks[index];
    *hook = (struct model_hook){.is_used = true,
                                .is_tap = flags & HOOK_TAP,
                                .thread = thread,
                                .node = model.handles[handle].object,
                                .handle = handle,
                                .pipe = node->number,
                                .key = key};
    hook->cursor = node->flow == FLOW_TOPIC ? node->first : node->taken;
    hook_records_make(hook, node->flow);
    model.handles[handle].hook = index;
    indices_append(&model.threads[thread].hooks, index);
    indices_append(hook->is_tap ? &node->taps : &node->hooks, index);
    if (!hook->is_tap)
        line_hooked(node);
    priorities_settle();
    if (hook_is_due(index))
        hook_ready(index);
    return 0;
}

// The hook leaves its pipe.
static void hook_leave(int index) {
    struct model_hook *hook = &model.hooks[index];
    struct model_node *node = &model.nodes[hook->node];
    indices_remove(&node->hooks, index);
    indices_remove(&node->taps, index);
    if (node->is_line && !hook->is_tap && !node->hooks.count)
        model.line_masked[node->line] = true;
    cycle_end(hook->node);
    priorities_settle();
}

void hook_close(int index) {
    struct model_hook *hook = &model.hooks[index];
    if (hook->owes)
        hook_answers(index, false);
    if (!hook->is_gone)
        hook_leave(index);
    hook_unready(index);
    indices_remove(&model.threads[hook->thread].hooks, index);
    model.handles[hook->handle].hook = NOBODY;
    while (hook->records.count)
        messages_drop_first(&hook->records);
    hook->is_used = false;
}

long model_unhook(uint32_t thread, uint64_t number) {
    long error = 0;
    int handle = handle_of(model.threads[thread].process, number, TYPE_PIPE, &error);
    if (handle == NOBODY)
        return error;
    if (model.handles[handle].hook == NOBODY)
        return -PIPE_EINVAL;
    hook_close(model.handles[handle].hook);
    return 0;
}

void hook_pipe_gone(int index) {
    struct model_hook *hook = &model.hooks[index];
    const struct model_node *node = &model.nodes[hook->node];
    bool is_revoked = hook_is_revoked(index);
    while (is_revoked && hook->records.count)
        messages_drop_first(&hook->records);
    if (!hook->is_tap && !is_revoked && node->flow == FLOW_EVENT)
        hook->last = (struct event_message){node->total - hook->cursor, node->total, node->time, node->value};
    if (!hook->is_tap && node->flow == FLOW_TOPIC)
        hook->lost += node->first + node->messages.count - hook->cursor;
    hook_leave(index);
    hook->is_gone = true;
    hook_ready(index);
}

// ---- Taps, trace, directories ----

static void record(int index, struct model_message message, const void *payload, uint32_t length) {
    struct model_hook *hook = &model.hooks[index];
    if (hook_is_revoked(index))
        return;
    if (hook->records.count == hook->record_capacity) {
        messages_drop_first(&hook->records);
        hook->lost++;
    }
    message.length = length < hook->record_max ? length : hook->record_max;
    messages_append(&hook->records, &message, payload);
    hook_ready(index);
}

static void topic_append(int index, struct identity sender, const void *payload, uint32_t length) {
    struct model_node *node = &model.nodes[index];
    if (node->messages.count == node->capacity) {
        messages_drop_first(&node->messages);
        node->first++;
    }
    struct model_message message = stamp(sender, MESSAGE_DATA, length);
    messages_append(&node->messages, &message, payload);
    node->in++;
    hooks_ready(index);
}

void trace_record(uint32_t operation, struct identity actor, int index, uint32_t length, uint64_t value) {
    static const char path[] = "/bus/trace";
    int trace = node_named(path, sizeof path - 1);
    if (!model.nodes[trace].hooks.count || index == trace)
        return;
    struct trace_record written = {model.now, operation, actor.pid, index == NOBODY ? 0 : model.nodes[index].number,
                                   length,    value};
    topic_append(trace, actor, &written, sizeof written);
}

void observe_passing(int index, uint32_t operation, struct identity actor, const uint8_t *payload, uint32_t length,
                     uint64_t value) {
    static const uint32_t traced[] = {TRACE_SEND, TRACE_CALL, TRACE_REPLY, TRACE_SIGNAL};
    struct tap_message head = {model.now, operation, length};
    uint8_t joined[sizeof head + PAYLOAD_MAX];
    memcpy(joined, &head, sizeof head);
    memcpy(joined + sizeof head, payload, length);
    const struct model_node *node = &model.nodes[index];
    for (uint32_t offset = 0; offset < node->taps.count; offset++)
        record(node->taps.items[offset], stamp(actor, MESSAGE_TAP, 0), joined, (uint32_t)sizeof head + length);
    trace_record(traced[operation], actor, index, length, value);
}

void directory_tell(const struct model_node *directory, const struct model_node *child, bool added) {
    struct change_message change = {.added = added, .flow = child->flow};
    uint32_t start = directory->length == 1 ? 1 : directory->length + 1;
    memcpy(change.name, child->path + start, child->length - start);
    for (uint32_t index = 0; index < directory->hooks.count; index++)
        record(directory->hooks.items[index], stamp(identity_of(child->owner), MESSAGE_CHANGE, 0), &change,
               sizeof change);
}

// ---- Events and interrupt lines ----

static void count_signal(struct model_node *node, struct identity signaller, uint64_t value) {
    node->signaller = signaller;
    node->total++;
    node->in++;
    node->time = model.now;
    node->value = value;
}

void model_signal(int node, uint64_t value) {
    count_signal(&model.nodes[node], identity_of(OWNER_KERNEL), value);
    observe_passing(node, TAP_SIGNALLED, identity_of(OWNER_KERNEL), (const uint8_t *)&value, sizeof value, value);
    hooks_ready(node);
    model_deliver();
}

#define RETRY_FIRST_NANOSECONDS 1000000u
#define RETRY_DOUBLINGS 10u

// Every hook of a level-triggered line has answered.
static void line_settles(struct model_node *node) {
    if (node->was_handled) {
        node->retries = 0;
        model.line_masked[node->line] = false;
        return;
    }
    uint32_t doublings = node->retries < RETRY_DOUBLINGS ? node->retries : RETRY_DOUBLINGS;
    node->retries++;
    model.line_retry_at[node->line] = model.now + ((uint64_t)RETRY_FIRST_NANOSECONDS << doublings);
}

bool model_interrupt(int index) {
    struct model_node *node = &model.nodes[index];
    bool is_answered = true, is_told = false;
    for (uint32_t offset = 0; offset < node->hooks.count; offset++)
        is_answered &= !model.hooks[node->hooks.items[offset]].owes;
    if (is_answered)
        node->was_handled = false;
    for (uint32_t offset = 0; offset < node->hooks.count; offset++) {
        struct model_hook *hook = &model.hooks[node->hooks.items[offset]];
        if (hook_is_revoked(node->hooks.items[offset]))
            continue;
        if (!hook->owes)
            hook->told_at = model.now;
        hook->owes = true;
        is_told = true;
    }
    if (node->hooks.count && node->is_level && !is_told)
        line_settles(node);
    model_signal(index, 0);
    trace_record(TRACE_INTERRUPT, identity_of(OWNER_KERNEL), index, 0, node->total);
    model_deliver();
    return node->is_level;
}

void hook_answers(int index, bool handled) {
    struct model_hook *hook = &model.hooks[index];
    struct model_node *node = &model.nodes[hook->node];
    hook->owes = false;
    node->was_handled |= handled;
    for (uint32_t offset = 0; offset < node->hooks.count; offset++)
        if (model.hooks[node->hooks.items[offset]].owes)
            return;
    if (node->is_level)
        line_settles(node);
}

void model_interrupt_retry(int index) {
    const struct model_node *node = &model.nodes[index];
    for (uint32_t offset = 0; offset < node->hooks.count; offset++)
        if (model.hooks[node->hooks.items[offset]].owes)
            return;
    if (node->hooks.count)
        model.line_masked[node->line] = false;
}

bool model_interrupt_late(int index, uint64_t time) {
    const struct model_node *node = &model.nodes[index];
    for (uint32_t offset = 0; offset < node->hooks.count; offset++)
        if (model.hooks[node->hooks.items[offset]].owes && model.hooks[node->hooks.items[offset]].told_at < time)
            return true;
    return false;
}

// ---- send ----

static long send_event(uint32_t thread, int handle, uint64_t value, uint64_t flags) {
    int index = model.handles[handle].object, hook = model.handles[handle].hook;
    struct model_node *node = &model.nodes[index];
    if (flags)
        return -PIPE_ENOTSUP;
    if (!node->is_line) {
        count_signal(node, model.processes[model.threads[thread].process].identity, value);
        hooks_ready(index);
        return 0;
    }
    if ((value != INTERRUPT_HANDLED && value != INTERRUPT_NOT_MINE) || hook == NOBODY || model.hooks[hook].is_tap)
        return -PIPE_EINVAL;
    if (model.hooks[hook].owes)
        hook_answers(hook, value == INTERRUPT_HANDLED);
    return 0;
}

static long send_topic(uint32_t thread, int index, uint64_t length, uint64_t flags) {
    if (flags)
        return -PIPE_ENOTSUP;
    if (length > model.nodes[index].payload_max)
        return -PIPE_EMSGSIZE;
    struct identity sender = model.processes[model.threads[thread].process].identity;
    topic_append(index, sender, payload_of(thread), (uint32_t)length);
    return 0;
}

void model_publish(int node, const uint8_t *payload, uint32_t length) {
    struct identity owner = identity_of(model.nodes[node].owner);
    observe_passing(node, TAP_SENT, owner, payload, length, 0);
    topic_append(node, owner, payload, length);
    model_deliver();
}

static long send_queue(uint32_t thread, int index, uint64_t length, uint64_t flags, uint64_t deadline) {
    struct model_node *node = &model.nodes[index];
    struct attachments_plan plan;
    long error = attachments_plan_make(thread, flags, &plan);
    if (error)
        return error;
    if (plan.lease_count)
        return -PIPE_ENOTSUP;
    uint64_t room = node->slot_size - SLOT_BYTES - SLOT_BYTES_A_HANDLE * plan.attachment_count;
    if (length > room || length > PAYLOAD_MAX)
        return -PIPE_EMSGSIZE;
    if (node->messages.count == node->capacity && deadline == DEADLINE_NOW)
        return -PIPE_EAGAIN;
    if (node->messages.count == node->capacity) {
        error = cycle_found(thread, index, true);
        if (error)
            return error;
        attachments_plan_keep(thread, &plan, (int64_t)length, flags);
        wait_on(thread, index, STATE_SENDING, deadline);
        return MODEL_BLOCKED;
    }
    struct model_message message =
        stamp(model.processes[model.threads[thread].process].identity, MESSAGE_DATA, (uint32_t)length);
    message.attachment_count = plan.attachment_count;
    memcpy(message.attachments, plan.attachments, sizeof plan.attachments);
    attachments_plan_send(&plan);
    messages_append(&node->messages, &message, payload_of(thread));
    node->in++;
    hooks_ready(index);
    return 0;
}

static long send_to(uint32_t thread, int handle, uint64_t length, uint64_t flags, uint64_t deadline) {
    int node = model.handles[handle].object;
    switch (model.nodes[node].flow) {
    case FLOW_QUEUE:
        return send_queue(thread, node, length, flags, deadline);
    case FLOW_TOPIC:
        return send_topic(thread, node, length, flags);
    case FLOW_EVENT:
        return send_event(thread, handle, length, flags);
    default:
        return -PIPE_ENOTSUP;
    }
}

long model_send(uint32_t thread, uint64_t number, uint64_t length, uint64_t flags, uint64_t deadline) {
    long error = 0;
    int handle = usable_handle(thread, number, RIGHT_WRITE, &error);
    if (handle == NOBODY)
        return error;
    int node = model.handles[handle].object;
    long result = send_to(thread, handle, length, flags, deadline);
    if (result < 0 && result != MODEL_BLOCKED)
        return result;
    struct identity sender = model.processes[model.threads[thread].process].identity;
    if (model.nodes[node].flow == FLOW_EVENT)
        observe_passing(node, TAP_SIGNALLED, sender, (const uint8_t *)&length, sizeof length, length);
    else
        observe_passing(node, TAP_SENT, sender, payload_of(thread), (uint32_t)length, 0);
    return result;
}
