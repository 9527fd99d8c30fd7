// SPDX-License-Identifier: MIT
// What each operation means to both sides. A thread that is dead is started instead of what it would have done; in
// position of one that is blocked the next that runs makes a system call, or, if none runs, one wait is cancelled.
#include "run.h"

#include "actors.h"
#include "compare.h"
#include "fast.h"
#include "model.h"
#include "model_parts.h"

#include <stdio.h>
#include <string.h>

#define CANARY 0xc3u // what a page holds before each call, but for the call's arguments
#define IN_VAIN 16u  // one in so many waits without any hook does wait
#define CALL_LENGTH 40u
#define CALL_LIMIT 64u

static bool is_telling;
// The next call that may allocate finds this allocation failing (0: none), or a quota with so many bytes left.
static uint32_t scarce_allocation;
static bool is_quota_scarce;
#define SCARCE_BYTES 300u

// ---- What a call is given ----

static bool is_suitable(const struct model_handle *handle, const struct reference *reference) {
    if (handle->type == TYPE_REGION)
        return reference->suits & SUITS_REGION;
    if (handle->type != TYPE_PIPE || !model.nodes[handle->object].is_named)
        return false;
    if (reference->suits & SUITS_UNHOOKED && handle->hook != NOBODY)
        return false;
    return reference->suits & SUITS(model.nodes[handle->object].flow) && !(reference->rights & ~handle->rights);
}

// The process's handle that is the `selector`-th of those that suit (of all, if `reference` is NULL); 0 if there is
// none.
static uint64_t nth_suitable(uint32_t process, uint64_t selector, const struct reference *reference) {
    uint64_t numbers[MODEL_HANDLES];
    uint64_t count = 0;
    for (int handle = 0; handle < model.handle_count; handle++)
        if (model.handles[handle].process == process && model.handles[handle].type != TYPE_FREE &&
            (!reference || is_suitable(&model.handles[handle], reference)))
            numbers[count++] = model.handles[handle].number;
    return count ? numbers[selector % count] : 0;
}

static uint64_t nth_handle(uint32_t process, const struct reference *reference) {
    uint64_t handle = nth_suitable(process, reference->selector, reference);
    return handle ? handle : nth_suitable(process, reference->selector, NULL);
}

static uint64_t handle_value(uint32_t process, const struct reference *reference) {
    const struct model_process *owner = &model.processes[process];
    switch (reference->choice) {
    case CHOICE_NTH:
        return nth_handle(process, reference);
    case CHOICE_STALE:
        return owner->past_count ? owner->past[owner->past_count - 1 - reference->selector % owner->past_count] : 0;
    case CHOICE_GARBAGE:
        return reference->selector;
    default:
        return 0;
    }
}

// The `selector`-th of the tokens that the process holds, or of all if it is NOBODY; only of calls that lease, if there
// are any.
static uint64_t nth_token(int process, uint64_t selector, bool must_donate) {
    uint64_t tokens[ACTOR_THREADS];
    uint32_t count = 0;
    for (uint32_t caller = 0; caller < ACTOR_THREADS; caller++) {
        const struct model_thread *thread = &model.threads[caller];
        if (thread->is_alive && thread->state == STATE_IN_FLIGHT &&
            (process == NOBODY || model.threads[thread->holder].process == (uint32_t)process) &&
            (!must_donate || thread->lease_count))
            tokens[count++] = thread->token;
    }
    if (!count && must_donate)
        return nth_token(process, selector, false);
    return count ? tokens[selector % count] : 0;
}

static uint64_t token_value(uint32_t process, const struct reference *reference, bool must_donate) {
    switch (reference->choice) {
    case CHOICE_NTH:
        return nth_token((int)process, reference->selector, must_donate);
    case CHOICE_STALE:
        return model.past_token_count
                   ? model.past_tokens[model.past_token_count - 1 - reference->selector % model.past_token_count]
                   : 0;
    case CHOICE_GARBAGE: // of another process, or of nobody
        return nth_token(NOBODY, reference->selector, false) + (reference->selector & 1) * reference->selector;
    default:
        return 0;
    }
}

static uint64_t deadline_of(const struct operation *operation) {
    bool is_in_vain = operation->code == OPERATION_REPLY_WAIT && !model.threads[operation->thread].hooks.count;
    if (operation->time == TIME_NOW || (is_in_vain && operation->target.selector % IN_VAIN != 0))
        return DEADLINE_NOW;
    return operation->time == TIME_NEVER ? DEADLINE_NONE : model.now + operation->time;
}

static void fill_bytes(uint8_t *payload, const struct operation *operation, uint64_t length) {
    for (uint64_t index = 0; index < length; index++)
        payload[index] = (uint8_t)(operation->fill + index);
}

static void fill_header(struct message *page, const struct operation *operation) {
    memcpy(page->sent.lease, operation->leases, sizeof page->sent.lease);
    for (uint32_t index = 0; index < MESSAGE_HANDLES_MAX; index++)
        page->sent.handle[index] = (uint32_t)handle_value(operation->process, &operation->attached[index]);
}

// The pages of both sides hold the canary, and what goes with the call.
static void fill_page(const struct operation *operation) {
    struct message *page = actors.threads[operation->thread]->page;
    memset(page, CANARY, sizeof *page);
    if (operation->path)
        memcpy(page->payload, operation->path, operation->path_length);
    else if (operation->length > 0)
        fill_bytes(page->payload, operation,
                   operation->length < (int64_t)PAYLOAD_MAX ? (uint64_t)operation->length : PAYLOAD_MAX);
    if (operation->flags & (ATTACH_HANDLES_MASK | ATTACH_LEASES_MASK))
        fill_header(page, operation);
    memcpy(model.threads[operation->thread].page, page, sizeof *page);
}

// ---- The fast paths ----

// As the host does it: what fast.h leaves to it is the payload, and who runs.
static bool call_shortly(struct thread *caller, uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline) {
    struct hook *hook = NULL;
    struct waiter *server = fast_call_check(&caller->waiter, handle, length, 0, deadline, &hook);
    if (!server || (flags && fast_call_attached(&caller->waiter, server, hook, length, flags)))
        return false;
    if (!flags)
        fast_call_commit(&caller->waiter, server, hook, length);
    memcpy(server->page->payload, caller->waiter.page->payload, length);
    host_wake(server, (long)length);
    return true;
}

static bool reply_shortly(struct thread *server, uint64_t token, int64_t length, uint64_t flags, uint64_t deadline) {
    struct waiter *caller = fast_reply_to(&server->waiter, token, (uint64_t)length, 0, deadline);
    bool attaches = flags || (caller && caller->lease_count);
    if (!caller || (attaches && fast_reply_attached(&server->waiter, caller, (uint64_t)length, flags)))
        return false;
    if (!attaches)
        fast_reply_commit(&server->waiter, caller, (uint64_t)length);
    memcpy(caller->page->payload, server->waiter.page->payload, (uint64_t)length);
    host_wake(caller, (long)length);
    return true;
}

static bool send_shortly(struct thread *sender, uint64_t handle, uint64_t length, uint64_t flags) {
    struct waiter *waiter = &sender->waiter;
    struct hook *hook = fast_signal_check(waiter, handle, flags);
    if (hook) {
        fast_signal_commit(hook, waiter->principal, length);
        host_wake(hook->waiter, sizeof(struct event_message));
        return true;
    }
    hook = fast_send_check(waiter, handle, length, flags);
    if (!hook)
        return false;
    fast_send_commit(hook, waiter->principal, length);
    memcpy(hook->waiter->page->payload, waiter->page->payload, length);
    host_wake(hook->waiter, (long)length);
    return true;
}

// ---- System calls on both sides ----

struct results {
    long real, modelled;
};

// A call that was refused for want of memory must have changed nothing: then the model does nothing.
static bool is_refused(long real) {
    return (real == -PIPE_ENOMEM && host.failed) || (real == -PIPE_EDQUOT && is_quota_scarce);
}

static struct results call_names(const struct operation *operation, struct waiter *waiter) {
    struct results results = {0, 0};
    uint32_t thread = operation->thread;
    uint64_t length = operation->path_length;
    switch (operation->code) {
    case OPERATION_CREATE:
        results.real = pipens_create(waiter, length, operation->flow, operation->rules, operation->capacity,
                                     operation->payload_max);
        if (is_refused(results.real))
            results.modelled = results.real;
        else
            results.modelled = model_create(thread, length, operation->flow, operation->rules, operation->capacity,
                                            operation->payload_max);
        break;
    case OPERATION_OPEN:
        results.real = pipens_open(waiter, length, operation->rights);
        if (is_refused(results.real))
            results.modelled = results.real;
        else
            results.modelled = model_open(thread, length, operation->rights);
        break;
    default:
        do
            results.real = pipens_remove(waiter, length);
        while (results.real == PIPENS_RESTART);
        results.modelled = model_remove(thread, length);
    }
    return results;
}

static struct results call_handles(const struct operation *operation, struct waiter *waiter) {
    uint32_t thread = operation->thread;
    uint64_t handle = handle_value(operation->process, &operation->target);
    uint64_t length = operation->path_length;
    switch (operation->code) {
    case OPERATION_CLOSE:
        return (struct results){pipens_close(waiter, handle), model_close(thread, handle)};
    case OPERATION_SET_RULES:
        return (struct results){pipens_set_rules(waiter, handle, operation->rules),
                                model_set_rules(thread, handle, operation->rules)};
    case OPERATION_LIST:
        return (struct results){pipens_list(waiter, handle, length), model_list(thread, handle, length)};
    case OPERATION_STAT:
        handle = operation->key & 1 ? 0 : handle;
        return (struct results){pipens_stat(waiter, handle, length), model_stat(thread, handle, length)};
    case OPERATION_HOOK: {
        long real = pipens_hook(waiter, handle, operation->key, operation->flags);
        if (is_refused(real))
            return (struct results){real, real};
        return (struct results){real, model_hook(thread, handle, operation->key, operation->flags)};
    }
    default:
        return (struct results){pipens_unhook(waiter, handle), model_unhook(thread, handle)};
    }
}

static struct results call_data(const struct operation *operation, struct waiter *waiter) {
    uint32_t number = operation->thread;
    struct thread *thread = actors.threads[number];
    uint64_t deadline = deadline_of(operation), flags = operation->flags, length = (uint64_t)operation->length;
    uint64_t handle = handle_value(operation->process, &operation->target);
    uint64_t token = token_value(operation->process, &operation->target, operation->code == OPERATION_COPY_LEASE);
    switch (operation->code) {
    case OPERATION_SEND:
        if (operation->fill & 1 && send_shortly(thread, handle, length, flags))
            return (struct results){0, model_send(number, handle, length, flags, deadline)};
        return (struct results){pipens_send(waiter, handle, length, flags, deadline),
                                model_send(number, handle, length, flags, deadline)};
    case OPERATION_CALL:
        if (operation->fill & 1 && call_shortly(thread, handle, length, flags, deadline))
            return (struct results){PIPENS_BLOCKED, model_call(number, handle, length, flags, deadline)};
        return (struct results){pipens_call(waiter, handle, length, flags, deadline),
                                model_call(number, handle, length, flags, deadline)};
    case OPERATION_REPLY_WAIT:
        if (operation->fill & 8 && reply_shortly(thread, token, operation->length, flags, deadline))
            return (struct results){PIPENS_BLOCKED,
                                    model_reply_wait(number, token, operation->length, flags, deadline)};
        return (struct results){pipens_reply_wait(waiter, token, operation->length, flags, deadline),
                                model_reply_wait(number, token, operation->length, flags, deadline)};
    default:
        return (struct results){pipens_copy_lease(waiter, token, flags, operation->offset, operation->address, length),
                                model_copy_lease(number, token, flags, operation->offset, operation->address, length)};
    }
}

static bool has_path(enum operation_code code) {
    return code == OPERATION_CREATE || code == OPERATION_OPEN || code == OPERATION_REMOVE;
}

static bool may_allocate(enum operation_code code) {
    return code == OPERATION_CREATE || code == OPERATION_OPEN || code == OPERATION_HOOK;
}

static struct results call_both(const struct operation *operation, struct waiter *waiter) {
    struct results results;
    if (has_path(operation->code))
        results = call_names(operation, waiter);
    else
        results = operation->code >= OPERATION_SEND ? call_data(operation, waiter) : call_handles(operation, waiter);
    model_deliver();
    return results;
}

static bool needs_handle(enum operation_code code) {
    switch (code) {
    case OPERATION_CLOSE:
    case OPERATION_SET_RULES:
    case OPERATION_LIST:
    case OPERATION_HOOK:
    case OPERATION_UNHOOK:
    case OPERATION_SEND:
    case OPERATION_CALL:
        return true;
    default:
        return false;
    }
}

// The `selector`-th, counted round, of the pipes that suit, or NOBODY. Most often of those that the actors made.
static int nth_node(const struct reference *reference, bool is_made) {
    int nodes[MODEL_NODES], count = 0;
    for (int node = 0; node < model.node_count; node++)
        if (model.nodes[node].is_named && !model.nodes[node].is_kernel &&
            (!is_made || model.nodes[node].owner != OWNER_KERNEL) && reference->suits & SUITS(model.nodes[node].flow))
            nodes[count++] = node;
    return count ? nodes[reference->selector % (uint64_t)count] : NOBODY;
}

// A successor takes over what it finds.
static void provide_vacancy(struct operation *operation) {
    if (operation->code != OPERATION_CREATE || operation->process != SUCCESSION_PROCESS || operation->fill % 2)
        return;
    for (int node = 0; node < model.node_count; node++) {
        if (!model.nodes[node].is_named || model.nodes[node].owner != OWNER_SUCCESSION)
            continue;
        operation->path = model.nodes[node].path;
        operation->path_length = model.nodes[node].length;
        operation->flow = model.nodes[node].flow;
    }
}

#define STUBBORN 8u // one in so many operations without a handle that suits takes another one
static void provide_handle(struct operation *operation) {
    const struct reference *target = &operation->target;
    if (!needs_handle(operation->code) || target->choice != CHOICE_NTH || operation->fill % STUBBORN == 0 ||
        nth_suitable(operation->process, 0, target))
        return;
    int node = nth_node(target, target->selector % 8 != 0);
    if (node == NOBODY)
        operation_turn_to_create(operation);
    else
        operation_turn_to_open(operation, model.nodes[node].path, model.nodes[node].length);
}

// What pipens chose: the handle of create and open, the number that a pipe was given.
static const char *results_learn(const struct operation *operation, struct results *results) {
    if (results->real < 0 || results->modelled < 0)
        return NULL;
    if (operation->code == OPERATION_STAT)
        return learn_holder(operation->thread);
    if (operation->code != OPERATION_CREATE && operation->code != OPERATION_OPEN)
        return NULL;
    int handle = (int)results->modelled;
    results->modelled = results->real;
    return learn_handle(handle, (uint64_t)results->real);
}

static struct results call_in_scarcity(const struct operation *operation) {
    struct account *account = &actors.accounts[operation->process];
    uint64_t limit = account->limit;
    host.failed = 0;
    if (!may_allocate(operation->code))
        return call_both(operation, &actors.threads[operation->thread]->waiter);
    host_fail_allocation(scarce_allocation);
    if (is_quota_scarce)
        account->limit = account->used + SCARCE_BYTES;
    struct results results = call_both(operation, &actors.threads[operation->thread]->waiter);
    host_fail_allocation(0);
    account->limit = limit;
    scarce_allocation = 0;
    is_quota_scarce = false;
    return results;
}

static const char *system_call(struct operation *operation) {
    struct thread *thread = actors.threads[operation->thread];
    provide_handle(operation);
    provide_vacancy(operation);
    fill_page(operation);
    struct results results = call_in_scarcity(operation);
    if (is_telling)
        printf("#     %ld\n", results.real);
    if (results.real == PIPENS_BLOCKED)
        thread->is_blocked = true;
    if (operation->code == OPERATION_CREATE && results.real > 0)
        actor_node_begin(real_node(operation->path, operation->path_length));
    const char *found = results_learn(operation, &results);
    return found ? found : compare_results(results.real, results.modelled);
}

// ---- What the host brings ----

static const char *cancel(uint32_t thread) {
    if (!actors.threads[thread]->is_blocked)
        return NULL;
    pipens_cancel(&actors.threads[thread]->waiter, -PIPE_ECANCELED);
    model_cancel(thread, -PIPE_ECANCELED);
    return NULL;
}

// The blocked thread whose deadline falls due first, not after `until`, or NOBODY.
static int due_thread(uint64_t until) {
    int due = NOBODY;
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++)
        if (model.threads[thread].is_alive && model.threads[thread].state != STATE_RUNNING &&
            model.threads[thread].deadline <= until &&
            (due == NOBODY || model.threads[thread].deadline < model.threads[due].deadline))
            due = (int)thread;
    return due;
}

static int due_line(uint64_t until) {
    for (uint32_t line = 0; line < ACTOR_LINES; line++)
        if (model.line_retry_at[line] && model.line_retry_at[line] <= until)
            return (int)line;
    return NOBODY;
}

static void pass_to(uint64_t time) {
    if (time > model.now)
        model.now = time;
    host.now = model.now;
}

static const char *const line_paths[ACTOR_LINES] = {"/irq/0", "/irq/1"};

static void retry(int line) {
    const char *path = line_paths[line];
    uint32_t length = (uint32_t)strlen(path);
    pass_to(model.line_retry_at[line]);
    host.lines[line].retry_at = 0;
    model.line_retry_at[line] = 0;
    pipens_interrupt_retry(real_node(path, length));
    model_interrupt_retry(node_named(path, length));
}

static void pass(uint64_t time) {
    uint64_t until = model.now + time;
    for (;;) {
        int thread = due_thread(until);
        int line = due_line(thread == NOBODY ? until : model.threads[thread].deadline);
        if (line != NOBODY) {
            retry(line);
        } else if (thread != NOBODY) {
            pass_to(model.threads[thread].deadline);
            pipens_cancel(&actors.threads[thread]->waiter, -PIPE_ETIMEDOUT);
            model_cancel((uint32_t)thread, -PIPE_ETIMEDOUT);
        } else {
            break;
        }
    }
    pass_to(until);
}

static const char *end_thread(uint32_t thread) {
    compare_begin();
    actor_thread_end(thread);
    model_thread_end(thread);
    return compare_all();
}

static const char *end_process(uint32_t process) {
    if (!actors.processes[process])
        return NULL;
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++) {
        const char *found = actors.threads[thread] && thread_process(thread) == process ? end_thread(thread) : NULL;
        if (found)
            return found;
    }
    compare_begin();
    pipens_trace_death(&actors.processes[process]->principal, EXIT_KILLED);
    trace_record(TRACE_DEATH, model.processes[process].identity, NOBODY, 0, EXIT_KILLED);
    actor_process_end(process);
    model_process_end(process);
    return compare_all();
}

static void interrupt(uint32_t line) {
    if (model.line_masked[line])
        return;
    const char *path = line_paths[line];
    uint32_t length = (uint32_t)strlen(path);
    host.lines[line].is_masked = pipens_interrupt(real_node(path, length));
    model.line_masked[line] = model_interrupt(node_named(path, length));
}

static void signal_timer(uint64_t value) {
    static const char path[] = "/timer";
    pipens_signal(real_node(path, sizeof path - 1), value);
    model_signal(node_named(path, sizeof path - 1), value);
}

#define NEWS_LENGTH 161u // lengths are 0 to 160
static void publish(const struct operation *operation) {
    static const char path[] = "/news";
    uint8_t news[NEWS_LENGTH];
    uint32_t length = (uint32_t)((uint64_t)operation->length % NEWS_LENGTH);
    fill_bytes(news, operation, length);
    pipens_publish(real_node(path, sizeof path - 1), news, length);
    model_publish(node_named(path, sizeof path - 1), news, length);
}

static const char *call_for(const struct operation *operation) {
    static const char path[] = "/fault";
    struct thread *thread = actors.threads[operation->thread];
    if (thread->is_blocked)
        return NULL;
    struct message *message_buffer = &actors.message_buffers[operation->thread];
    memset(message_buffer, CANARY, sizeof *message_buffer);
    fill_bytes(message_buffer->payload, operation, CALL_LENGTH);
    memcpy(model.threads[operation->thread].message_buffer, message_buffer, sizeof *message_buffer);
    long real =
        pipens_call_for(&thread->waiter, real_node(path, sizeof path - 1), message_buffer, CALL_LENGTH, CALL_LIMIT);
    long modelled = model_call_for(operation->thread, node_named(path, sizeof path - 1), CALL_LENGTH, CALL_LIMIT);
    model_deliver();
    thread->is_blocked = real == PIPENS_BLOCKED;
    return compare_results(real, modelled);
}

static void make_region(const struct operation *operation) {
    struct principal *principal = &actors.processes[operation->process]->principal;
    struct region *region = region_make(principal);
    region->is_shared = operation->line;
    region->is_busy = operation->priority == 1;
    struct attachment attachment = {region, HANDLE_REGION, CLASS_OWNER, RIGHTS_ALL, 0};
    handle_reserve(principal, 1);
    uint32_t number = handle_install(principal, &attachment);
    model_region_make(operation->process, region->is_shared, region->is_busy, region, number);
}

static const char *host_event(const struct operation *operation) {
    switch (operation->code) {
    case OPERATION_CANCEL:
        return cancel(operation->thread);
    case OPERATION_TIME:
        pass(operation->time);
        return NULL;
    case OPERATION_THREAD_END:
        return end_thread(operation->thread);
    case OPERATION_PROCESS_END:
        return end_process(operation->process);
    case OPERATION_ABANDON:
        actor_abandon();
        model_abandon();
        return NULL;
    case OPERATION_INTERRUPT:
        interrupt(operation->line);
        return NULL;
    case OPERATION_SIGNAL:
        signal_timer(operation->key);
        return NULL;
    case OPERATION_PUBLISH:
        publish(operation);
        return NULL;
    case OPERATION_CALL_FOR:
        return call_for(operation);
    case OPERATION_PRIORITY:
        waiter_set_priority(&actors.threads[operation->thread]->waiter, operation->priority);
        model_set_priority(operation->thread, operation->priority);
        return NULL;
    case OPERATION_REGION:
        for (uint32_t count = 0; count < operation->count && model.region_count < MODEL_REGIONS; count++)
            make_region(operation);
        return NULL;
    case OPERATION_SCARCITY:
        is_quota_scarce = operation->priority == 10;
        scarce_allocation = is_quota_scarce ? 0 : operation->line + 1;
        return NULL;
    default:
        model.apps_may_not_tap = operation->line;
        host.names.apps_may_tap = !operation->line;
        return NULL;
    }
}

// ---- The whole ----

static void revive(uint32_t thread) {
    if (!actors.processes[thread_process(thread)])
        actor_process_start(thread_process(thread));
    actor_thread_start(thread);
}

static bool holds_token(uint32_t process) {
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++)
        if (model.threads[thread].is_alive && model.threads[thread].process == process &&
            model.threads[thread].held.count)
            return true;
    return false;
}

// Whether the operation makes sense for the thread: replies and leases to those that have a caller, waits to those that
// have hooks.
static bool is_fit(const struct operation *operation, uint32_t thread) {
    enum choice choice = operation->target.choice;
    if (operation->code == OPERATION_REPLY_WAIT && choice == CHOICE_NONE)
        return model.threads[thread].hooks.count != 0;
    if ((operation->code == OPERATION_REPLY_WAIT || operation->code == OPERATION_COPY_LEASE) && choice == CHOICE_NTH)
        return holds_token(thread_process(thread));
    return true;
}

// The thread itself or the next one that lives and runs, and is fit if `must_fit`; false if there is none.
static bool choose_running(struct operation *operation, bool must_fit) {
    for (uint32_t tried = 0; tried < ACTOR_THREADS; tried++) {
        uint32_t thread = (operation->thread + tried) % ACTOR_THREADS;
        if (!actors.threads[thread] || actors.threads[thread]->is_blocked || (must_fit && !is_fit(operation, thread)))
            continue;
        operation->thread = thread;
        operation->process = thread_process(thread);
        return true;
    }
    return false;
}

// All threads are blocked: the first from this one on that only waits for messages, or else this one.
static uint32_t idlest(uint32_t first) {
    for (uint32_t tried = 0; tried < ACTOR_THREADS; tried++) {
        uint32_t thread = (first + tried) % ACTOR_THREADS;
        if (model.threads[thread].is_alive && model.threads[thread].state == STATE_RECEIVING)
            return thread;
    }
    return first;
}

static void tell(const struct operation *operation) {
    printf("#   %s thread %u path %.*s flow %u rules %#x choice %u selector %#lx length %ld flags %#lx time %ld\n",
           operation_name(operation->code), operation->thread, (int)operation->path_length,
           operation->path ? operation->path : "", operation->flow, operation->rules, operation->target.choice,
           operation->target.selector, operation->length, operation->flags, (long)operation->time);
}

static const char *run_operation(struct operation *operation) {
    const char *found = NULL;
    compare_begin();
    if (!actors.threads[operation->thread])
        revive(operation->thread);
    else if (operation->code >= OPERATION_CANCEL)
        found = host_event(operation);
    else if (choose_running(operation, true) || choose_running(operation, false))
        found = system_call(operation);
    else
        found = cancel(idlest(operation->thread));
    if (is_telling)
        tell(operation);
    if (!found)
        found = compare_all();
    if (!found && operation->code == OPERATION_COPY_LEASE)
        found = compare_memory();
    model_collect();
    return found;
}

// Everybody ends, and what the kernel and the succession have goes.
static const char *run_end(void) {
    for (uint32_t process = 0; process < ACTOR_PROCESSES; process++) {
        const char *found = end_process(process);
        if (found)
            return found;
    }
    compare_begin();
    actor_abandon();
    model_abandon();
    const char *found = compare_all();
    const char *wrong = actors_stop();
    return found ? found : wrong;
}

struct run run_bytes(const uint8_t *bytes, size_t size, bool is_told) {
    struct run run = {NULL, 0};
    struct operation operation;
    size_t index = 0;
    is_telling = is_told;
    scarce_allocation = 0;
    is_quota_scarce = false;
    actors_start();
    while (!run.difference && run.operations < RUN_OPERATIONS_MAX &&
           operation_decode(bytes, size, &index, &operation)) {
        run.difference = run_operation(&operation);
        run.operations++;
    }
    if (!run.difference)
        run.difference = run_end();
    return run;
}
