// SPDX-License-Identifier: MIT
// The model of waiting: who waits for whom and with what priority; messages with handles and leases; calls and replies.
#include "model_parts.h"

#include <string.h>

// ---- Pages ----

uint8_t *page_of(uint32_t thread) {
    struct model_thread *owner = &model.threads[thread];
    return owner->is_message_buffer ? owner->message_buffer : owner->page;
}

uint8_t *payload_of(uint32_t thread) {
    return page_of(thread) + sizeof(struct message_received);
}

void header_write(uint32_t thread, const struct message_received *head) {
    memcpy(page_of(thread), head, sizeof *head);
}

// ---- Priorities ----

static bool waits_on_pipe(const struct model_thread *thread) {
    return thread->is_alive && (thread->state == STATE_QUEUED || thread->state == STATE_SENDING);
}

// The one thread that serves the pipe, or NOBODY: several threads that hook it are no single server.
static int only_server(int node) {
    const struct model_indices *hooks = &model.nodes[node].hooks;
    int server = NOBODY;
    for (uint32_t index = 0; index < hooks->count; index++) {
        int thread = (int)model.hooks[hooks->items[index]].thread;
        if (index && thread != server)
            return NOBODY;
        server = thread;
    }
    return server;
}

// Whom the thread donates its priority to: the holder of its call, or the one thread that serves the pipe.
static int donates_to(const struct model_thread *thread) {
    if (thread->is_alive && thread->state == STATE_IN_FLIGHT)
        return (int)thread->holder;
    return waits_on_pipe(thread) ? only_server(thread->node) : NOBODY;
}

// Each thread has the highest of its own priority and of those donated to it, and no donation exists that nobody has.
// Who waits under a new priority stands last in it.
void priorities_settle(void) {
    uint32_t priorities[ACTOR_THREADS];
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++)
        priorities[thread] = model.threads[thread].base_priority;
    for (uint32_t round = 0; round < ACTOR_THREADS; round++) {
        for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++) {
            int to = donates_to(&model.threads[thread]);
            if (to != NOBODY && priorities[to] < priorities[thread])
                priorities[to] = priorities[thread];
        }
    }
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++) {
        if (model.threads[thread].priority != priorities[thread])
            model.threads[thread].ticket = ++model.tickets;
        model.threads[thread].priority = priorities[thread];
    }
}

int first_waiting(int node) {
    int first = NOBODY;
    const struct model_indices *waiting = &model.nodes[node].waiting;
    for (uint32_t index = 0; index < waiting->count; index++) {
        const struct model_thread *thread = &model.threads[waiting->items[index]];
        const struct model_thread *best = first == NOBODY ? NULL : &model.threads[first];
        if (!best || thread->priority > best->priority ||
            (thread->priority == best->priority && thread->ticket < best->ticket))
            first = waiting->items[index];
    }
    return first;
}

// ---- Waiting ----

void wait_on(uint32_t thread, int node, enum model_state state, uint64_t deadline) {
    struct model_thread *waiter = &model.threads[thread];
    waiter->state = state;
    waiter->node = node;
    waiter->since = model.now;
    waiter->deadline = deadline;
    waiter->ticket = ++model.tickets;
    indices_append(&model.nodes[node].waiting, (int)thread);
    priorities_settle();
}

void wait_over(uint32_t thread) {
    indices_remove(&model.nodes[model.threads[thread].node].waiting, (int)thread);
    model.threads[thread].state = STATE_RUNNING;
}

void wake_up(uint32_t thread, long result) {
    struct model_thread *woken = &model.threads[thread];
    woken->state = STATE_RUNNING;
    woken->deadline = DEADLINE_NONE;
    woken->is_message_buffer = false;
    woken->payload_limit = PAYLOAD_MAX;
    model.wakes[model.wake_count++] = (struct wake){thread, result};
    priorities_settle();
}

static void call_over(uint32_t caller) {
    struct model_thread *thread = &model.threads[caller];
    indices_remove(&model.threads[thread->holder].held, (int)caller);
    model.past_tokens[model.past_token_count++] = thread->token;
    thread->token = 0;
    thread->lease_count = 0;
    thread->state = STATE_RUNNING;
    priorities_settle();
}

void withdraw(uint32_t waiter) {
    struct model_thread *thread = &model.threads[waiter];
    enum model_state state = thread->state;
    if (state == STATE_IN_FLIGHT)
        call_over(waiter);
    thread->state = STATE_RUNNING;
    if (state != STATE_QUEUED && state != STATE_SENDING)
        return;
    wait_over(waiter);
    transit_ends(waiter, false);
    thread->lease_count = 0;
    priorities_settle();
    hooks_unready(thread->node);
}

// ---- Cycles ----

static int waits_for(int thread) {
    const struct model_thread *waiter = &model.threads[thread];
    if (waiter->state == STATE_IN_FLIGHT)
        return (int)waiter->holder;
    return waits_on_pipe(waiter) ? only_server(waiter->node) : NOBODY;
}

static void tell_name(uint32_t thread, int index, uint32_t *length) {
    const struct model_node *node = &model.nodes[index];
    uint8_t *payload = payload_of(thread);
    if (*length + node->length + 1 > PAYLOAD_MAX)
        return;
    memcpy(payload + *length, node->path, node->length);
    payload[*length + node->length] = '\n';
    *length += node->length + 1;
}

// EDEADLK, and the names of the chain in the thread's page, if waiting on the pipe would close a cycle.
long cycle_found(uint32_t thread, int node, bool is_told) {
    int next = only_server(node);
    for (uint32_t step = 0; step < ACTOR_THREADS && next != NOBODY && next != (int)thread; step++)
        next = waits_for(next);
    if (next != (int)thread)
        return 0;
    uint32_t length = 0;
    if (is_told) {
        tell_name(thread, node, &length);
        for (next = only_server(node); next != (int)thread; next = waits_for(next))
            tell_name(thread, model.threads[next].node, &length);
        ((struct message_received *)(void *)page_of(thread))->length = length;
    }
    return -PIPE_EDEADLK;
}

void cycle_end(int node) {
    int next = only_server(node);
    for (uint32_t step = 0; step < ACTOR_THREADS && next != NOBODY; step++) {
        if (waits_on_pipe(&model.threads[next]) && model.threads[next].node == node) {
            withdraw((uint32_t)next);
            wake_up((uint32_t)next, -PIPE_EDEADLK);
            return;
        }
        next = waits_for(next);
    }
}

// ---- What goes along ----

static uint32_t region_references(int region) {
    uint32_t count = 0;
    for (int handle = 0; handle < model.handle_count; handle++)
        if ((model.handles[handle].type == TYPE_REGION || model.handles[handle].type == TYPE_TRANSIT) &&
            model.handles[handle].object == region)
            count++;
    for (int node = 0; node < model.node_count; node++)
        for (uint32_t offset = 0; offset < model.nodes[node].messages.count; offset++) {
            const struct model_message *message = &model.nodes[node].messages.items[offset];
            for (uint32_t index = 0; index < message->attachment_count; index++)
                count +=
                    message->attachments[index].type == TYPE_REGION && message->attachments[index].object == region;
        }
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++)
        for (uint32_t index = 0; index < model.threads[thread].attachment_count; index++) {
            const struct model_attachment *attachment = &model.threads[thread].attachments[index];
            count += attachment->type == TYPE_REGION && attachment->object == region && !attachment->move;
        }
    return count;
}

static long region_error(uint32_t process, int index, bool move) {
    const struct model_region *region = &model.regions[index];
    if (!move)
        return region->is_shared ? 0 : -PIPE_EINVAL;
    if (region->is_shared || region->owner != (int)process || region_references(index) != 1)
        return -PIPE_EINVAL;
    return region->is_busy ? -PIPE_EBUSY : 0;
}

static long attachment_plan(uint32_t process, uint64_t number, bool move, struct model_attachment *attachment,
                            int *handle) {
    long error = 0;
    *handle = handle_of(process, number, TYPE_PIPE, &error);
    if (*handle == NOBODY && error == -PIPE_EBADF)
        *handle = handle_of(process, number, TYPE_REGION, &error);
    if (*handle == NOBODY)
        return error;
    const struct model_handle *found = &model.handles[*handle];
    *attachment = (struct model_attachment){found->type, found->object, found->class, found->rights, move};
    if (found->type == TYPE_REGION)
        return region_error(process, found->object, move);
    if (move)
        return -PIPE_EINVAL;
    return model.nodes[found->object].is_named ? 0 : -PIPE_EPIPE;
}

long attachments_plan_make(uint32_t thread, uint64_t flags, struct attachments_plan *plan) {
    struct message_sent sent;
    memcpy(&sent, page_of(thread), sizeof sent);
    *plan = (struct attachments_plan){.attachment_count = flags & ATTACH_HANDLES_MASK,
                                      .lease_count = (uint32_t)(flags & ATTACH_LEASES_MASK) >> 7};
    if (flags & ~(uint64_t)ATTACH_ALL || plan->attachment_count > MESSAGE_HANDLES_MAX ||
        plan->lease_count > MESSAGE_LEASES_MAX)
        return -PIPE_EINVAL;
    memcpy(plan->leases, sent.lease, sizeof plan->leases);
    for (uint32_t index = 0; index < plan->attachment_count; index++) {
        struct model_attachment *attachment = &plan->attachments[index];
        long error = attachment_plan(model.threads[thread].process, sent.handle[index], flags & ATTACH_MOVE(index),
                                     attachment, &plan->handles[index]);
        for (uint32_t other = 0; !error && other < index; other++)
            if (plan->attachments[other].type == TYPE_REGION && attachment->type == TYPE_REGION &&
                plan->attachments[other].object == attachment->object &&
                (plan->attachments[other].move || attachment->move))
                error = -PIPE_EINVAL;
        if (error)
            return error;
    }
    return 0;
}

void attachments_plan_send(const struct attachments_plan *plan) {
    for (uint32_t index = 0; index < plan->attachment_count; index++)
        if (plan->attachments[index].move)
            handle_drop(plan->handles[index]);
}

void attachments_plan_keep(uint32_t sender, const struct attachments_plan *plan, int64_t length, uint64_t flags) {
    struct model_thread *thread = &model.threads[sender];
    thread->length = length;
    thread->flags = flags;
    thread->attachment_count = plan->attachment_count;
    thread->lease_count = plan->lease_count;
    memcpy(thread->attachments, plan->attachments, sizeof plan->attachments);
    memcpy(thread->transit, plan->handles, sizeof plan->handles);
    memcpy(thread->leases, plan->leases, sizeof plan->leases);
    for (uint32_t index = 0; index < plan->attachment_count; index++)
        if (plan->attachments[index].move)
            model.handles[plan->handles[index]].type = TYPE_TRANSIT;
}

void transit_ends(uint32_t sender, bool is_taken) {
    struct model_thread *thread = &model.threads[sender];
    for (uint32_t index = 0; index < thread->attachment_count; index++) {
        if (!thread->attachments[index].move)
            continue;
        if (is_taken)
            handle_drop(thread->transit[index]);
        else
            model.handles[thread->transit[index]].type = TYPE_REGION;
    }
    thread->attachment_count = 0;
}

void attachments_hand(uint32_t receiver, const struct model_attachment *attachments, uint32_t count) {
    struct message_received *head = (void *)page_of(receiver);
    head->handle_count = (uint8_t)count;
    for (uint32_t index = 0; index < count; index++) {
        uint32_t process = model.threads[receiver].process;
        if (attachments[index].move)
            model.regions[attachments[index].object].owner = (int)process;
        uint32_t offset =
            (uint32_t)offsetof(struct message_received, handle) + index * (uint32_t)sizeof head->handle[0];
        model.lessons[model.lesson_count++] =
            (struct lesson){receiver, offset, handle_new(process, &attachments[index]), 0};
    }
}

// ---- call ----

static bool is_inside(uint64_t address, uint64_t length) {
    return address >= ACTOR_MEMORY_BASE && length <= ACTOR_MEMORY_SIZE &&
           address + length <= ACTOR_MEMORY_BASE + ACTOR_MEMORY_SIZE && address + length >= address;
}

static long leases_error(const struct attachments_plan *plan) {
    for (uint32_t index = 0; index < plan->lease_count; index++) {
        if (plan->leases[index].length > LEASE_LENGTH_MAX)
            return -PIPE_EMSGSIZE;
        if (!is_inside(plan->leases[index].address, plan->leases[index].length))
            return -PIPE_EFAULT;
    }
    return 0;
}

// What the host of the test answers on its pipe: the request's bytes, each with its bits inverted.
static long kernel_answers(uint32_t thread, int index, uint32_t length, uint64_t flags) {
    struct model_node *node = &model.nodes[index];
    uint8_t *payload = payload_of(thread);
    if (flags & ~(uint64_t)ATTACH_ALL)
        return -PIPE_EINVAL;
    observe_passing(index, TAP_CALLED, model.processes[model.threads[thread].process].identity, payload, length, 0);
    model_deliver();
    node->in++;
    node->out++;
    for (uint32_t byte = 0; byte < length; byte++)
        payload[byte] = (uint8_t)~payload[byte];
    return length;
}

static void call_begins(uint32_t thread, int node, uint32_t length, uint64_t deadline) {
    const uint8_t *payload = payload_of(thread);
    observe_passing(node, TAP_CALLED, model.processes[model.threads[thread].process].identity, payload, length, 0);
    model.nodes[node].in++;
    wait_on(thread, node, STATE_QUEUED, deadline);
    hooks_ready(node);
}

long model_call(uint32_t thread, uint64_t number, uint64_t length, uint64_t flags, uint64_t deadline) {
    long error = 0;
    int handle = usable_handle(thread, number, RIGHT_WRITE, &error);
    if (handle == NOBODY)
        return error;
    int node = model.handles[handle].object;
    if (model.nodes[node].flow != FLOW_CALL)
        return -PIPE_ENOTSUP;
    if (length > PAYLOAD_MAX)
        return -PIPE_EMSGSIZE;
    if (model.nodes[node].is_kernel)
        return kernel_answers(thread, node, (uint32_t)length, flags);
    if (deadline == DEADLINE_NOW)
        return -PIPE_EAGAIN;
    struct attachments_plan plan;
    error = attachments_plan_make(thread, flags, &plan);
    if (!error)
        error = cycle_found(thread, node, true);
    if (!error)
        error = leases_error(&plan);
    if (error)
        return error;
    attachments_plan_keep(thread, &plan, (int64_t)length, flags);
    call_begins(thread, node, (uint32_t)length, deadline);
    return MODEL_BLOCKED;
}

long model_call_for(uint32_t thread, int node, uint32_t length, uint32_t limit) {
    struct model_thread *caller = &model.threads[thread];
    if (!model.nodes[node].hooks.count)
        return -PIPE_ENXIO;
    long error = cycle_found(thread, node, false);
    if (error)
        return error;
    caller->is_message_buffer = true;
    caller->payload_limit = limit;
    caller->length = length;
    caller->flags = 0;
    caller->attachment_count = 0;
    caller->lease_count = 0;
    call_begins(thread, node, length, DEADLINE_NONE);
    return MODEL_BLOCKED;
}

// ---- reply_wait, copy_lease ----

// The thread whose call the process of this one holds under the token.
static int caller_of(uint32_t thread, uint64_t token) {
    for (uint32_t caller = 0; caller < ACTOR_THREADS; caller++) {
        const struct model_thread *candidate = &model.threads[caller];
        if (candidate->is_alive && candidate->state == STATE_IN_FLIGHT && candidate->token == token &&
            model.threads[candidate->holder].process == model.threads[thread].process)
            return (int)caller;
    }
    return NOBODY;
}

#define REPLY_ERROR_LAST (-4095) // a reply may be an error down to this
static long reply_error(uint32_t thread, uint32_t caller, int64_t length, uint64_t flags,
                        struct attachments_plan *plan) {
    long error = attachments_plan_make(thread, flags, plan);
    if (error)
        return error;
    if (plan->lease_count || length < REPLY_ERROR_LAST || (length < 0 && plan->attachment_count))
        return -PIPE_EINVAL;
    bool is_kernels = model.threads[caller].is_message_buffer;
    if (is_kernels && plan->attachment_count)
        return -PIPE_ENOTSUP;
    return length > (int64_t)model.threads[caller].payload_limit ? -PIPE_EMSGSIZE : 0;
}

static void reply_deliver(uint32_t thread, uint32_t caller, uint32_t length, const struct attachments_plan *plan) {
    struct identity server = model.processes[model.threads[thread].process].identity;
    struct message_received head = {.pid = server.pid,
                                    .generation = server.generation,
                                    .kind = server.kind,
                                    .type = MESSAGE_DATA,
                                    .pipe = model.nodes[model.threads[caller].node].number,
                                    .length = length};
    header_write(caller, &head);
    memcpy(payload_of(caller), payload_of(thread), length);
    attachments_plan_send(plan);
    attachments_hand(caller, plan->attachments, plan->attachment_count);
}

static long reply(uint32_t thread, uint64_t token, int64_t length, uint64_t flags) {
    int found = caller_of(thread, token);
    if (found == NOBODY)
        return -PIPE_ESTALE;
    uint32_t caller = (uint32_t)found;
    struct attachments_plan plan;
    long error = reply_error(thread, caller, length, flags, &plan);
    if (error)
        return error;
    int node = model.threads[caller].node;
    observe_passing(node, TAP_REPLIED, model.processes[model.threads[thread].process].identity, payload_of(thread),
                    length < 0 ? 0 : (uint32_t)length, token);
    if (length >= 0)
        reply_deliver(thread, caller, (uint32_t)length, &plan);
    model.nodes[node].out++;
    call_over(caller);
    wake_up(caller, (long)length);
    return 0;
}

long model_reply_wait(uint32_t thread, uint64_t token, int64_t length, uint64_t flags, uint64_t deadline) {
    if (flags & ~(uint64_t)(ATTACH_ALL | REPLY_ONLY))
        return -PIPE_EINVAL;
    if (token) {
        long error = reply(thread, token, length, flags & ATTACH_ALL);
        model_deliver();
        if (error)
            return error;
    }
    if (flags & REPLY_ONLY)
        return 0;
    long result = take(thread);
    if (result != MODEL_BLOCKED)
        return result;
    if (deadline == DEADLINE_NOW)
        return -PIPE_EAGAIN;
    model.threads[thread].state = STATE_RECEIVING;
    model.threads[thread].deadline = deadline;
    return MODEL_BLOCKED;
}

long model_copy_lease(uint32_t thread, uint64_t token, uint64_t index, uint64_t offset, uint64_t address,
                      uint64_t length) {
    int found = caller_of(thread, token);
    if (found == NOBODY)
        return -PIPE_ESTALE;
    const struct model_thread *caller = &model.threads[found];
    uint64_t slot = index & LEASE_INDEX_MASK;
    if (index & ~(uint64_t)(LEASE_INDEX_MASK | LEASE_WRITE) || slot >= caller->lease_count)
        return -PIPE_EINVAL;
    const struct lease *range = &caller->leases[slot];
    if (offset > range->length || length > range->length - offset)
        return -PIPE_ERANGE;
    if (index & LEASE_WRITE && !(caller->flags & ATTACH_WRITABLE(slot)))
        return -PIPE_EACCES;
    if (length > LEASE_COPY_MAX)
        return -PIPE_EMSGSIZE;
    if (!is_inside(address, length))
        return -PIPE_EFAULT;
    uint8_t *theirs = model.processes[caller->process].memory + (range->address + offset - ACTOR_MEMORY_BASE);
    uint8_t *mine = model.processes[model.threads[thread].process].memory + (address - ACTOR_MEMORY_BASE);
    if (index & LEASE_WRITE)
        memmove(theirs, mine, length);
    else
        memmove(mine, theirs, length);
    return (long)length;
}
