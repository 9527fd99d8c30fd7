// SPDX-License-Identifier: MIT
// /kernel/info: what ps, mem and irq show.
#include "kernel.h"

#include "host.h"

static void add_processors(struct info_system *info) {
    for (uint32_t number = 0; number < CPUS_MAX; number++) {
        info->switches += kernel.cpu[number].switches;
        info->idle += kernel.cpu[number].idle;
    }
}

// Whether the caller's claims let it hook the line's pipe. Nobody else may know when interrupts come, because those of
// the keyboard tell the times of keys.
static bool may_time(const struct request *request, const char *path, uint32_t length) {
    return claims_check_open(request->waiter->principal, path, length, RIGHT_READ) == 0;
}

#define LINES_DIRECTORY "/irq"

static long system_info(const struct request *request) {
    const struct reserve *reserve = &kernel.reserve;
    bool sees_lines = may_time(request, LINES_DIRECTORY, sizeof LINES_DIRECTORY - 1);
    struct info_system info = {.time = machine_now(),
                               .memory = kernel.memory,
                               .reserve = reserve->pages * PAGE_SIZE,
                               .reserve_used = (reserve->pages - reserve->free_count) * PAGE_SIZE,
                               .processes = kernel.processes.count,
                               .threads = kernel.threads,
                               .pipes = kernel.names.node_count,
                               .interrupts = sees_lines ? kernel.interrupts : 0,
                               .faults = kernel.faults,
                               .processors = CPUS_MAX,
                               .lines = machine_lines(),
                               .locked = kernel.is_locked,
                               .century_register = machine_century_register(),
                               .guarded = machine_dma_is_guarded()};
    add_processors(&info);
    machine_processor_name(info.processor);
    return request_reply(request, &info, sizeof info);
}

// The processor time of all its threads, including ended ones.
static uint64_t process_time(const struct process *process) {
    uint64_t time = process->time;
    for (const struct list *link = process->threads.next; link != &process->threads; link = link->next)
        time += list_object(link, struct thread, of_process)->time;
    for (uint32_t number = 0; number < CPUS_MAX; number++) { // adds the time since the switch to a thread that runs now
        const struct cpu *cpu = &kernel.cpu[number];
        if (cpu->thread && cpu->thread->process == process)
            time += machine_cycles() - cpu->since;
    }
    return machine_nanoseconds(time);
}

static long process_info(const struct request *request) {
    const struct info_request *wanted = request->asked;
    const struct process *process = process_next(wanted->number);
    if (!process)
        return -PIPE_ESRCH;
    const struct principal *principal = &process->principal;
    struct info_process info = {.pid = principal->pid,
                                .generation = principal->generation,
                                .kind = principal->kind,
                                .priority = process->priority,
                                .threads = process->thread_count,
                                .state = process->state,
                                .processor_time = process_time(process),
                                .pages = process->space.pages,
                                .quota = principal->account->limit,
                                .quota_used = principal->account->used,
                                .handles = principal->handles.open,
                                .denied = principal->denied};
    host_copy(info.name, principal->name, sizeof info.name);
    return request_reply(request, &info, sizeof info);
}

// The thread with the lowest number at or above, or NULL.
static struct thread *thread_next(const struct process *process, uint32_t number) {
    struct thread *found = NULL;
    for (struct list *link = process->threads.next; link != &process->threads; link = link->next) {
        struct thread *thread = list_object(link, struct thread, of_process);
        if (thread->number >= number && (!found || thread->number < found->number))
            found = thread;
    }
    return found;
}

static long thread_info(const struct request *request) {
    const struct info_request *wanted = request->asked;
    const struct process *process = process_find(wanted->number);
    const struct thread *thread = process ? thread_next(process, wanted->index) : NULL;
    if (!thread)
        return -PIPE_ESRCH;
    const struct waiter *waiter = &thread->waiter;
    bool is_held = waiter->state == WAIT_IN_FLIGHT;
    bool is_blocked = is_held || waiter->state == WAIT_QUEUED || waiter->state == WAIT_SENDING;
    struct info_thread info = {.thread = thread->number,
                               .state = waiter->state,
                               .priority = waiter->base_priority,
                               .effective = waiter->priority,
                               .pipe = is_blocked ? waiter->blocked_on->number : 0,
                               .holder = is_held ? waiter->holder->principal->pid : 0,
                               .processor_time = machine_nanoseconds(thread->time)};
    return request_reply(request, &info, sizeof info);
}

static long line_info(const struct request *request) {
    const struct info_request *wanted = request->asked;
    if (wanted->number >= machine_lines())
        return -PIPE_ENXIO;
    const struct line *line = &kernel.lines[wanted->number];
    const struct node *node = line->node;
    struct interrupt_message message = machine_line_message(wanted->number);
    struct info_line info = {.line = wanted->number,
                             .flags = node->interrupt.is_level ? LINE_LEVEL : 0,
                             .message_address = message.address,
                             .message_data = message.data};
    if (may_time(request, node->path, node->path_length)) {
        info.flags |= line->is_masked ? LINE_MASKED : 0;
        info.count = line->count;
        info.spurious = line->spurious;
        info.late = line->late;
        info.hooks = node->hook_count;
        info.owing = node->interrupt.owing;
        info.late_pid = line->late_pid;
    }
    return request_reply(request, &info, sizeof info);
}

static long framebuffer_info(const struct request *request) {
    const struct info_framebuffer *info = machine_framebuffer();
    return info->width ? request_reply(request, info, sizeof *info) : -PIPE_ENODEV;
}

// Table entries that one request looks at, at most.
#define HANDLES_PER_REQUEST 1024u

static struct info_handle handle_info(const struct handle_entry *entry, uint32_t index) {
    struct info_handle info = {.handle = (uint32_t)entry->generation << HANDLE_INDEX_BITS | index,
                               .type = entry->type,
                               .rights = entry->rights,
                               .is_outside = entry->is_outside};
    info.object = entry->type == HANDLE_PIPE ? ((const struct node *)entry->object)->number
                                             : ((const struct region *)entry->object)->pages;
    return info;
}

static long handles_info(const struct request *request) {
    const struct info_request *wanted = request->asked;
    const struct process *process = process_find(wanted->number);
    if (!process)
        return -PIPE_ESRCH;
    const struct handle_table *table = &process->principal.handles;
    struct info_handles info;
    uint32_t index = wanted->index, end = table->chunk_count << HANDLE_CHUNK_SHIFT, count = 0;
    for (uint32_t looked = 0; index < end && looked < HANDLES_PER_REQUEST && count < INFO_HANDLES_MAX;
         looked++, index++) {
        const struct handle_entry *entry = handle_entry_at(table, index);
        if (entry->type != HANDLE_FREE)
            info.handle[count++] = handle_info(entry, index);
    }
    info.count = count;
    info.next = index < end ? index : 0;
    return request_reply(request, &info, offsetof(struct info_handles, handle) + count * sizeof *info.handle);
}

static const struct operation operations[] = {[INFO_SYSTEM] = {system_info, 0},
                                              [INFO_PROCESS] = {process_info, sizeof(struct info_request)},
                                              [INFO_THREAD] = {thread_info, sizeof(struct info_request)},
                                              [INFO_LINE] = {line_info, sizeof(struct info_request)},
                                              [INFO_FRAMEBUFFER] = {framebuffer_info, 0},
                                              [INFO_HANDLES] = {handles_info, sizeof(struct info_request)}};
struct service info_service = {operations, sizeof operations / sizeof *operations};
