// SPDX-License-Identifier: MIT
// The model's lists, and the coming and going of its processes and threads.
#include "model_parts.h"

#include <stdlib.h>
#include <string.h>

struct model model;

// ---- Lists ----

void indices_append(struct model_indices *indices, int item) {
    if (indices->count == indices->room) {
        indices->room = indices->room * 2 + 4;
        indices->items = realloc(indices->items, indices->room * sizeof *indices->items);
    }
    indices->items[indices->count++] = item;
}

void indices_remove(struct model_indices *indices, int item) {
    uint32_t kept = 0;
    for (uint32_t index = 0; index < indices->count; index++)
        if (indices->items[index] != item)
            indices->items[kept++] = indices->items[index];
    indices->count = kept;
}

void messages_append(struct model_messages *messages, const struct model_message *message, const void *payload) {
    if (messages->count == messages->room) {
        messages->room = messages->room * 2 + 4;
        messages->items = realloc(messages->items, messages->room * sizeof *messages->items);
    }
    struct model_message *item = &messages->items[messages->count++];
    *item = *message;
    item->payload = malloc(message->length + 1);
    if (message->length)
        memcpy(item->payload, payload, message->length);
}

void messages_drop_first(struct model_messages *messages) {
    free(messages->items[0].payload);
    messages->count--;
    memmove(messages->items, messages->items + 1, messages->count * sizeof *messages->items);
}

static void messages_free(struct model_messages *messages) {
    while (messages->count)
        free(messages->items[--messages->count].payload);
    free(messages->items);
}

// ---- The whole ----

void model_start(uint64_t now) {
    memset(&model, 0, sizeof model);
    model.now = now;
    for (uint32_t line = 0; line < ACTOR_LINES; line++)
        model.line_masked[line] = true;
}

void model_stop(void) {
    for (int node = 0; node < model.node_count; node++) {
        free(model.nodes[node].hooks.items);
        free(model.nodes[node].taps.items);
        free(model.nodes[node].waiting.items);
        messages_free(&model.nodes[node].messages);
    }
    free(model.awake.items);
    for (int hook = 0; hook < model.hook_count; hook++)
        messages_free(&model.hooks[hook].records);
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++) {
        free(model.threads[thread].hooks.items);
        free(model.threads[thread].ready.items);
        free(model.threads[thread].held.items);
    }
}

int model_kernel_node(const char *path, uint32_t flow, uint32_t rules, uint32_t capacity, uint32_t payload_max) {
    return node_make(OWNER_KERNEL, path, (uint32_t)strlen(path), flow, rules, capacity, payload_max);
}

// ---- Processes and threads ----

void model_process_start(uint32_t process, uint32_t pid, uint32_t generation, enum kind kind) {
    struct model_process *started = &model.processes[process];
    memset(started, 0, sizeof *started);
    started->is_alive = true;
    started->identity = (struct identity){pid, generation, (uint8_t)kind};
}

void model_thread_start(uint32_t thread, uint32_t priority) {
    struct model_thread *started = &model.threads[thread];
    started->is_alive = true;
    started->process = thread_process(thread);
    started->base_priority = priority;
    started->state = STATE_RUNNING;
    started->deadline = DEADLINE_NONE;
    started->is_message_buffer = false;
    started->payload_limit = PAYLOAD_MAX;
    priorities_settle();
}

void model_thread_end(uint32_t thread) {
    struct model_thread *ended = &model.threads[thread];
    withdraw(thread);
    while (ended->held.count) {
        uint32_t caller = (uint32_t)ended->held.items[0];
        withdraw(caller);
        wake_up(caller, -PIPE_EOWNERDEAD);
    }
    while (ended->hooks.count)
        hook_close(ended->hooks.items[0]);
    ended->is_alive = false;
    priorities_settle();
    model_deliver();
}

static int first_owned(int owner) {
    int first = NOBODY;
    for (int node = 0; node < model.node_count; node++)
        if (model.nodes[node].is_named && model.nodes[node].owner == owner &&
            (first == NOBODY || model.nodes[node].owned_since < model.nodes[first].owned_since))
            first = node;
    return first;
}

// Removes what the owner has, and what others made below it.
static void remove_owned(int owner) {
    int node;
    while ((node = first_owned(owner)) != NOBODY) {
        int child;
        while ((child = child_after(node, "", 0)) != NOBODY)
            node = child;
        node_remove(node);
    }
}

void model_process_end(uint32_t process) {
    int node;
    if (process == SUCCESSION_PROCESS)
        while ((node = first_owned((int)process)) != NOBODY)
            node_own(node, OWNER_SUCCESSION);
    remove_owned((int)process);
    for (int handle = 0; handle < model.handle_count; handle++)
        if (model.handles[handle].type != TYPE_FREE && model.handles[handle].process == process)
            handle_drop(handle);
    model.processes[process].is_alive = false;
}

void model_abandon(void) {
    remove_owned(OWNER_SUCCESSION);
}

int model_region_make(uint32_t process, bool is_shared, bool is_busy, void *real, uint64_t number) {
    int region = model.region_count++;
    model.regions[region] = (struct model_region){true, is_shared, is_busy, (int)process, real};
    struct model_attachment attachment = {TYPE_REGION, region, CLASS_OWNER, RIGHTS_ALL, false};
    int handle = handle_new(process, &attachment);
    model.handles[handle].number = number;
    return handle;
}

// ---- What the host brings ----

void model_cancel(uint32_t thread, long error) {
    withdraw(thread);
    wake_up(thread, error);
    model_deliver();
}

void model_set_priority(uint32_t thread, uint32_t priority) {
    model.threads[thread].base_priority = priority;
    priorities_settle();
}
