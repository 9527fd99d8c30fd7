// SPDX-License-Identifier: MIT
// The model of stat, and of what is left of a node without a name.
#include "model_parts.h"

#include <string.h>

// ---- stat ----

// Callers whose calls are held, on this pipe; *holder is the process of the last that is found.
static uint32_t in_flight(int node, uint32_t *holder) {
    uint32_t count = 0;
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++) {
        const struct model_thread *caller = &model.threads[thread];
        if (!caller->is_alive || caller->state != STATE_IN_FLIGHT || caller->node != node)
            continue;
        count++;
        *holder = model.processes[model.threads[caller->holder].process].identity.pid;
    }
    return count;
}

bool is_holder(int node, uint32_t pid) {
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++) {
        const struct model_thread *caller = &model.threads[thread];
        if (caller->is_alive && caller->state == STATE_IN_FLIGHT && caller->node == node &&
            model.processes[model.threads[caller->holder].process].identity.pid == pid)
            return true;
    }
    return false;
}

static uint64_t child_count(int parent) {
    uint64_t count = 0;
    const char *name = "";
    uint32_t length = 0;
    for (int child; (child = child_after(parent, name, length)) != NOBODY; count++)
        name = name_of(&model.nodes[child], &length);
    return count;
}

static void stat_depth(int index, struct pipe_stat *stat) {
    const struct model_node *node = &model.nodes[index];
    int first = first_waiting(index);
    switch (node->flow) {
    case FLOW_DIRECTORY:
        stat->depth = child_count(index);
        break;
    case FLOW_CALL:
        stat->depth = node->waiting.count + stat->holder_count;
        stat->oldest = first == NOBODY ? 0 : model.threads[first].since;
        break;
    case FLOW_EVENT:
        stat->depth = node->total - node->taken;
        stat->oldest = stat->depth ? node->time : 0;
        break;
    default:
        stat->depth = node->messages.count;
        stat->capacity = node->capacity;
        stat->payload_max = node->payload_max;
        stat->oldest = stat->depth ? node->messages.items[0].time : 0;
    }
}

static void count_handle(struct pipe_stat *stat, uint32_t rights, bool is_outside) {
    stat->handles++;
    stat->readers += (rights & RIGHT_READ) != 0;
    stat->writers += (rights & RIGHT_WRITE) != 0;
    stat->outside += is_outside;
}

static void count_attachments(struct pipe_stat *stat, int node, const struct model_attachment *attachments,
                              uint32_t count) {
    for (uint32_t index = 0; index < count; index++)
        if (attachments[index].type == TYPE_PIPE && attachments[index].object == node)
            count_handle(stat, attachments[index].rights, true);
}

// All handles of the pipe: of processes, of waiting threads, and in messages.
static void count_handles(struct pipe_stat *stat, int node) {
    for (int handle = 0; handle < model.handle_count; handle++)
        if (model.handles[handle].type == TYPE_PIPE && model.handles[handle].object == node)
            count_handle(stat, model.handles[handle].rights, model.handles[handle].is_outside);
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++)
        if (model.threads[thread].is_alive)
            count_attachments(stat, node, model.threads[thread].attachments, model.threads[thread].attachment_count);
    for (int other = 0; other < model.node_count; other++)
        for (uint32_t index = 0; index < model.nodes[other].messages.count; index++) {
            const struct model_message *message = &model.nodes[other].messages.items[index];
            count_attachments(stat, node, message->attachments, message->attachment_count);
        }
}

struct pipe_stat stat_of(int index) {
    const struct model_node *node = &model.nodes[index];
    struct identity owner = identity_of(node->owner);
    struct pipe_stat stat = {.number = node->number,
                             .flow = node->flow,
                             .rules = node->rules,
                             .owner = owner.pid,
                             .owner_generation = owner.generation,
                             .hooks = node->hooks.count,
                             .taps = node->taps.count,
                             .waiting = node->waiting.count,
                             .in = node->in,
                             .out = node->out,
                             .dropped = node->dropped,
                             .denied = node->denied};
    stat.flags = (node->is_kernel ? STAT_KERNEL : 0) | (node->owner == OWNER_SUCCESSION ? STAT_VACANT : 0) |
                 (node->taps.count ? STAT_TAPPED : 0);
    count_handles(&stat, index);
    stat.holder_count = in_flight(index, &stat.holder);
    stat_depth(index, &stat);
    return stat;
}

static long stat_write(uint32_t thread, int node) {
    struct pipe_stat stat = stat_of(node);
    memcpy(payload_of(thread), &stat, sizeof stat);
    model.stat_node = node;
    return sizeof stat;
}

// By the name, which needs the right to list the directory that it is in.
static long stat_named(uint32_t thread, uint64_t length) {
    const char *path = (const char *)payload_of(thread);
    long error = path_error(path, length);
    if (error)
        return error;
    int node = node_find_named(path, (uint32_t)length, &error);
    if (!error)
        node_permitted(model.threads[thread].process, path, parent_length(path, (uint32_t)length), RIGHT_READ, &error);
    return error ? error : stat_write(thread, node);
}

long model_stat(uint32_t thread, uint64_t number, uint64_t path_length) {
    if (number == 0)
        return stat_named(thread, path_length);
    long error = 0;
    int handle = handle_of(model.threads[thread].process, number, TYPE_PIPE, &error);
    if (handle == NOBODY)
        return error;
    int node = model.handles[handle].object;
    return model.nodes[node].is_named ? stat_write(thread, node) : -PIPE_EPIPE;
}

// ---- Pins ----

#define PAGE_SIZE 0x1000u
// Whether the host pins the page for this range. (Even for one of no bytes, if it points into the page's middle.)
static bool covers(const struct lease *range, uint32_t page) {
    uint64_t start = range->address - ACTOR_MEMORY_BASE, end = start + range->length;
    return start / PAGE_SIZE <= page && page < (end + PAGE_SIZE - 1) / PAGE_SIZE;
}

uint32_t pins_of(uint32_t process, uint32_t page) {
    uint32_t count = 0;
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++) {
        const struct model_thread *lessor = &model.threads[thread];
        for (uint32_t index = 0; index < lessor->lease_count; index++)
            count += lessor->is_alive && lessor->process == process && covers(&lessor->leases[index], page);
    }
    return count;
}

// ---- What has no name any more ----

static bool is_attached(const struct model_attachment *attachments, uint32_t count, int node) {
    for (uint32_t index = 0; index < count; index++)
        if (attachments[index].type == TYPE_PIPE && attachments[index].object == node)
            return true;
    return false;
}

static bool is_referred_to(int node) {
    for (int handle = 0; handle < model.handle_count; handle++)
        if (model.handles[handle].type == TYPE_PIPE && model.handles[handle].object == node)
            return true;
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++)
        if (model.threads[thread].is_alive &&
            (is_attached(model.threads[thread].attachments, model.threads[thread].attachment_count, node) ||
             (model.threads[thread].state == STATE_IN_FLIGHT && model.threads[thread].node == node)))
            return true;
    for (int other = 0; other < model.node_count; other++)
        for (uint32_t index = 0; index < model.nodes[other].messages.count; index++) {
            const struct model_message *message = &model.nodes[other].messages.items[index];
            if (is_attached(message->attachments, message->attachment_count, node))
                return true;
        }
    return false;
}

void model_collect(void) {
    for (int node = 0; node < model.node_count; node++)
        if (model.nodes[node].is_used && !model.nodes[node].is_named && !is_referred_to(node))
            model.nodes[node].is_used = false;
}
