// SPDX-License-Identifier: MIT
#include "compare.h"

#include "actors.h"
#include "model_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char words[512];
static uint64_t wakes_before;

__attribute__((format(printf, 1, 2))) static const char *difference(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return words;
}

#define TRY(comparison)                                                                                                \
    do {                                                                                                               \
        const char *found = comparison;                                                                                \
        if (found)                                                                                                     \
            return found;                                                                                              \
    } while (0)

void compare_begin(void) {
    wakes_before = host.wakes;
    model.wake_count = 0;
    model.lesson_count = 0;
    model.stat_node = NOBODY;
    model.may_be_stale = false;
}

const char *compare_results(long real, long modelled) {
    if (real == PIPENS_BLOCKED && modelled == MODEL_BLOCKED)
        return NULL;
    if (model.may_be_stale && real == -PIPE_ESTALE && modelled == -PIPE_EBADF)
        return NULL;
    return real == modelled ? NULL : difference("the result is %ld, the model says %ld", real, modelled);
}

// ---- What the model learns ----

static uint8_t *real_page(uint32_t thread) {
    return (uint8_t *)actors.threads[thread]->waiter.page;
}

static const char *learn_token(const struct lesson *lesson) {
    uint64_t token;
    memcpy(&token, real_page(lesson->thread) + lesson->offset, sizeof token);
    if (token == 0)
        return difference("thread %u got token 0", lesson->thread);
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++)
        if (model.threads[thread].is_alive && model.threads[thread].token == token)
            return difference("token %#lx is given out twice", token);
    for (uint32_t past = 0; past < model.past_token_count; past++)
        if (model.past_tokens[past] == token)
            return difference("token %#lx is given out again", token);
    model.threads[lesson->caller].token = token;
    memcpy(page_of(lesson->thread) + lesson->offset, &token, sizeof token);
    return NULL;
}

const char *learn_handle(int handle, uint64_t number) {
    if (number == 0 || number > INT32_MAX)
        return difference("%#lx is no handle", number);
    for (int other = 0; other < model.handle_count; other++)
        if (other != handle && model.handles[other].type != TYPE_FREE &&
            model.handles[other].process == model.handles[handle].process && model.handles[other].number == number)
            return difference("handle %#lx is given out twice", number);
    model.handles[handle].number = number;
    return NULL;
}

static const char *learn(const struct lesson *lesson) {
    if (lesson->handle == NOBODY)
        return learn_token(lesson);
    uint32_t number;
    memcpy(&number, real_page(lesson->thread) + lesson->offset, sizeof number);
    memcpy(page_of(lesson->thread) + lesson->offset, &number, sizeof number);
    return learn_handle(lesson->handle, number);
}

const char *learn_holder(uint32_t thread) {
    struct pipe_stat real, *modelled = (void *)payload_of(thread);
    memcpy(&real, real_page(thread) + sizeof(struct message_received), sizeof real);
    if (!modelled->holder_count != !real.holder || (real.holder && !is_holder(model.stat_node, real.holder)))
        return difference("stat's holder is %u; the model says, for one, %u", real.holder, modelled->holder);
    modelled->holder = real.holder;
    return NULL;
}

// ---- Threads ----

static const char *compare_wakes(void) {
    uint32_t woken = (uint32_t)(host.wakes - wakes_before);
    if (woken != model.wake_count)
        return difference("%u threads were woken, the model says %u", woken, model.wake_count);
    for (uint32_t order = 0; order < woken; order++) {
        const struct wake *wake = &model.wakes[order];
        const struct thread *thread = actors.threads[wake->thread];
        if (thread->wake_order != wakes_before + order + 1)
            return difference("thread %u was not woken as number %u", wake->thread, order + 1);
        if (thread->result != wake->result)
            return difference("thread %u woke with %ld, the model says %ld", wake->thread, thread->result,
                              wake->result);
    }
    return NULL;
}

static const char *compare_page(uint32_t thread, const uint8_t *real, const uint8_t *modelled) {
    if (memcmp(real, modelled, MESSAGE_PAGE_SIZE) == 0)
        return NULL;
    uint32_t index = 0;
    while (real[index] == modelled[index])
        index++;
    return difference("byte %u of the page of thread %u is %#x, the model says %#x", index, thread, real[index],
                      modelled[index]);
}

static const char *compare_ready(uint32_t thread) {
    const struct waiter *waiter = &actors.threads[thread]->waiter;
    const struct model_indices *ready = &model.threads[thread].ready;
    uint32_t index = 0;
    for (const struct list *link = waiter->ready.next; link != &waiter->ready; link = link->next, index++) {
        const struct hook *hook = list_object(link, struct hook, in_ready);
        if (index == ready->count)
            return difference("thread %u has more than %u ready hooks", thread, ready->count);
        const struct model_hook *expected = &model.hooks[ready->items[index]];
        if (hook->handle_index != (model.handles[expected->handle].number & HANDLE_INDEX_MASK))
            return difference("ready hook %u of thread %u has key %#lx, the model says %#lx", index, thread, hook->key,
                              expected->key);
    }
    return index == ready->count
               ? NULL
               : difference("thread %u has %u ready hooks, the model says %u", thread, index, ready->count);
}

static const char *compare_held(uint32_t thread) {
    const struct waiter *waiter = &actors.threads[thread]->waiter;
    const struct model_indices *held = &model.threads[thread].held;
    uint32_t index = 0;
    for (const struct list *link = waiter->held.next; link != &waiter->held; link = link->next, index++) {
        const struct waiter *caller = list_object(link, struct waiter, in_held);
        if (index == held->count || caller != &actors.threads[held->items[index]]->waiter)
            return difference("thread %u holds another caller than the model says", thread);
    }
    return index == held->count ? NULL
                                : difference("thread %u holds %u calls, the model says %u", thread, index, held->count);
}

static const char *compare_thread(uint32_t thread) {
    const struct thread *real = actors.threads[thread];
    const struct model_thread *modelled = &model.threads[thread];
    if (!real)
        return NULL;
    if (real->waiter.state != (uint8_t)modelled->state || real->is_blocked != (modelled->state != STATE_RUNNING))
        return difference("thread %u is in state %u, the model says %u", thread, real->waiter.state, modelled->state);
    if (real->waiter.priority != modelled->priority)
        return difference("thread %u has priority %u, the model says %u", thread, real->waiter.priority,
                          modelled->priority);
    if (real->is_blocked && real->deadline != modelled->deadline)
        return difference("thread %u has deadline %lu, the model says %lu", thread, real->deadline, modelled->deadline);
    TRY(compare_page(thread, (const uint8_t *)real->page, modelled->page));
    if (modelled->is_message_buffer)
        TRY(compare_page(thread, (const uint8_t *)&actors.message_buffers[thread], modelled->message_buffer));
    TRY(compare_ready(thread));
    return compare_held(thread);
}

// ---- Handles ----

static const char *compare_handle(const struct model_handle *handle) {
    static const enum handle_type types[] = {HANDLE_FREE, HANDLE_PIPE, HANDLE_REGION, HANDLE_IN_TRANSIT};
    const struct handle_entry *entry =
        handle_find(&actors.processes[handle->process]->principal.handles, handle->number);
    if (!entry || entry->type != types[handle->type])
        return difference("handle %#lx of process %u is not open", handle->number, handle->process);
    if (entry->rights != handle->rights || entry->rule_class != handle->class)
        return difference("handle %#lx has rights %u as class %u", handle->number, entry->rights, entry->rule_class);
    if (!entry->hook != (handle->hook == NOBODY))
        return difference("handle %#lx is hooked or not, unlike the model's", handle->number);
    const void *object = handle->type == TYPE_PIPE ? NULL : model.regions[handle->object].real;
    if (handle->type == TYPE_PIPE && ((const struct node *)entry->object)->number != model.nodes[handle->object].number)
        return difference("handle %#lx is of another pipe", handle->number);
    if (object && entry->object != object)
        return difference("handle %#lx is of another region", handle->number);
    return NULL;
}

static const char *compare_handles(void) {
    uint32_t open[ACTOR_PROCESSES] = {0};
    for (int handle = 0; handle < model.handle_count; handle++) {
        if (model.handles[handle].type == TYPE_FREE)
            continue;
        open[model.handles[handle].process]++;
        TRY(compare_handle(&model.handles[handle]));
    }
    for (uint32_t process = 0; process < ACTOR_PROCESSES; process++) {
        if (!actors.processes[process])
            continue;
        const struct principal *principal = &actors.processes[process]->principal;
        if (principal->handles.open != open[process])
            return difference("process %u has %u handles, the model says %u", process, principal->handles.open,
                              open[process]);
        if (principal->denied != model.processes[process].denied)
            return difference("process %u was denied %lu times, the model says %lu", process, principal->denied,
                              model.processes[process].denied);
    }
    return NULL;
}

// ---- Pipes ----

// A handle of the observer on the node, without a reference of its own: no operation happens while it is there.
static uint64_t look_at(struct node *node, uint16_t *rules) {
    *rules = node->rules;
    node->rules |= RIGHTS_ALL;
    struct attachment attachment = {node, HANDLE_PIPE, CLASS_OWNER, RIGHTS_ALL, 0};
    return handle_install(&actors.observer->principal, &attachment);
}

static void look_away(struct node *node, uint64_t handle, uint16_t rules) {
    handle_forget(&actors.observer->principal, (uint32_t)handle & HANDLE_INDEX_MASK);
    node->rules = rules;
}

static const char *compare_stat(const struct model_node *node, const struct pipe_stat *real,
                                const struct pipe_stat *modelled) {
    static const char *const fields[] = {"depth", "capacity", "payload_max", "hooks",  "taps",  "waiting",
                                         "in",    "out",      "dropped",     "denied", "oldest"};
    if (memcmp(real, modelled, offsetof(struct pipe_stat, depth)) != 0)
        return difference("%.*s: number %u, flags %u, owner %u, rules %#x; the model says %u, %u, %u, %#x",
                          (int)node->length, node->path, real->number, real->flags, real->owner, real->rules,
                          modelled->number, modelled->flags, modelled->owner, modelled->rules);
    const uint64_t *ours = &modelled->depth, *theirs = &real->depth;
    for (size_t field = 0; field < sizeof fields / sizeof *fields; field++)
        if (ours[field] != theirs[field])
            return difference("%.*s: %s is %lu, the model says %lu", (int)node->length, node->path, fields[field],
                              theirs[field], ours[field]);
    if (real->readers != modelled->readers || real->writers != modelled->writers ||
        real->outside != modelled->outside || real->handles != modelled->handles)
        return difference("%.*s: %u readers, %u writers, %u outside, %u handles; the model says %u, %u, %u, %u",
                          (int)node->length, node->path, real->readers, real->writers, real->outside, real->handles,
                          modelled->readers, modelled->writers, modelled->outside, modelled->handles);
    if (real->holder_count != modelled->holder_count)
        return difference("%.*s: %u callers are in flight, the model says %u", (int)node->length, node->path,
                          real->holder_count, modelled->holder_count);
    return NULL;
}

static const char *compare_listing(struct node *directory, int modelled, uint64_t handle) {
    const uint8_t *payload = actors.observer_page->payload;
    const char *name = "";
    uint32_t length = 0, index = 0;
    long written = pipens_list(&actors.observer_waiter, handle, 0);
    for (int child; (child = child_after(modelled, name, length)) != NOBODY; index += 2 + length) {
        name = name_of(&model.nodes[child], &length);
        if (index + 2 + length > written || payload[index] != model.nodes[child].flow || payload[index + 1] != length ||
            memcmp(payload + index + 2, name, length) != 0)
            return difference("directory %u lists other names than the model at %u", directory->number, index);
    }
    return index == written ? NULL : difference("directory %u lists more names than the model", directory->number);
}

static const char *compare_node(int index) {
    const struct model_node *modelled = &model.nodes[index];
    struct node *node = real_node(modelled->path, modelled->length);
    if (!node)
        return difference("%.*s does not exist", (int)modelled->length, modelled->path);
    struct pipe_stat expected = stat_of(index), real;
    uint16_t rules;
    uint64_t handle = look_at(node, &rules);
    long length = pipens_stat(&actors.observer_waiter, handle, 0);
    memcpy(&real, actors.observer_page->payload, sizeof real);
    real.rules = rules;
    const char *found = length == sizeof real ? compare_stat(modelled, &real, &expected) : "stat failed";
    if (!found && node->flow == FLOW_DIRECTORY)
        found = compare_listing(node, index, handle);
    look_away(node, handle, rules);
    if (!found && wait_queue_first(&node->waiting) &&
        wait_queue_first(&node->waiting) != &actors.threads[first_waiting(index)]->waiter)
        return difference("%.*s: another thread waits first", (int)modelled->length, modelled->path);
    return found;
}

static const char *compare_nodes(void) {
    uint64_t count = 0;
    for (int node = 0; node < model.node_count; node++) {
        if (!model.nodes[node].is_named)
            continue;
        count++;
        TRY(compare_node(node));
    }
    return count == host.names.node_count ? NULL : "there are more names than in the model";
}

static const char *compare_lines(void) {
    for (int node = 0; node < model.node_count; node++) {
        if (!model.nodes[node].is_line)
            continue;
        struct node *real = real_node(model.nodes[node].path, model.nodes[node].length);
        if ((pipens_interrupt_late(real, model.now) != NULL) != model_interrupt_late(node, model.now))
            return difference("line %u is late or not, unlike the model's", model.nodes[node].line);
    }
    for (uint32_t line = 0; line < ACTOR_LINES; line++)
        if (host.lines[line].is_masked != model.line_masked[line] ||
            host.lines[line].retry_at != model.line_retry_at[line])
            return difference("line %u is masked %d, to be tried at %lu; the model says %d, %lu", line,
                              host.lines[line].is_masked, host.lines[line].retry_at, model.line_masked[line],
                              model.line_retry_at[line]);
    return NULL;
}

static const char *compare_pins(void) {
    for (uint32_t process = 0; process < ACTOR_PROCESSES; process++)
        for (uint32_t page = 0; actors.processes[process] && page < HOST_MEMORY_PAGES; page++)
            if (actors.processes[process]->pins[page] != pins_of(process, page))
                return difference("page %u of process %u is pinned %u times, the model says %u", page, process,
                                  actors.processes[process]->pins[page], pins_of(process, page));
    return NULL;
}

// ---- The whole ----

const char *compare_memory(void) {
    for (uint32_t process = 0; process < ACTOR_PROCESSES; process++)
        if (actors.processes[process] &&
            memcmp(actors.processes[process]->memory, model.processes[process].memory, ACTOR_MEMORY_SIZE) != 0)
            return difference("the memory of process %u differs", process);
    return NULL;
}

const char *compare_all(void) {
    TRY(host.complaint);
    for (uint32_t lesson = 0; lesson < model.lesson_count; lesson++)
        TRY(learn(&model.lessons[lesson]));
    TRY(compare_wakes());
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++)
        TRY(compare_thread(thread));
    TRY(compare_handles());
    TRY(compare_nodes());
    TRY(compare_lines());
    TRY(compare_pins());
    return pipens_audit(&host.names);
}
