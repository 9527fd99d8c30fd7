// SPDX-License-Identifier: MIT
// /proc/<pid>/control: the mappings, threads and end of a process. A mapping is changed only while the process has no
// thread, by the process itself, or by its pager.
#include "kernel.h"

#include "flow.h"
#include "foreign.h"
#include "host.h"
#include "log.h"

static struct process *process_at(const struct request *request) {
    return list_object(request->service, struct process, control);
}

// Whether a thread of the principal's hooks the process's faults.
static bool is_pager(const struct principal *principal, const struct process *process) {
    const struct list *hooks = &process->fault_node->hooks;
    return !list_is_empty(hooks) && list_object(hooks->next, struct hook, of_node)->waiter->principal == principal;
}

// 0 if the caller may change the mappings, -EPERM, or -ESRCH for a process that is ending.
static long may_map(const struct process *process, const struct request *request) {
    const struct principal *caller = request->waiter->principal;
    if (process_is_ending(process))
        return -PIPE_ESRCH;
    if (process->state == PROCESS_NEW || caller == &process->principal || is_pager(caller, process))
        return 0;
    return -PIPE_EPERM;
}

// A program gets its text while it is made, or from its pager: never from itself, since it could have written that.
static bool may_execute(const struct process *process, const struct request *request) {
    const struct principal *caller = request->waiter->principal;
    return process->state == PROCESS_NEW || caller != &process->principal;
}

static void pages_clear(const struct region *region, uint64_t first, uint64_t pages) {
    for (uint64_t page = 0; page < pages; page++)
        host_clear(physical_pointer(region->physical + (first + page) * PAGE_SIZE), PAGE_SIZE);
}

static long map(const struct request *request) {
    struct process *process = process_at(request);
    const struct control_map *map = request->asked;
    long error = may_map(process, request);
    const struct handle_entry *entry = error ? NULL : request_handle(request, 0, HANDLE_REGION, &error);
    if (!entry)
        return error;
    struct region *region = entry->object;
    if (map->flags & PROTECT_EXECUTE && !(map->flags & PROTECT_WRITE) && !may_execute(process, request))
        return -PIPE_EPERM;
    if (map->offset & PAGE_MASK || (map->flags & MAP_ZERO && region->flags & REGION_DEVICE))
        return -PIPE_EINVAL;
    error =
        space_map(&process->space, region, map->offset >> PAGE_SHIFT, map->address, map->pages, map->flags & ~MAP_ZERO);
    if (!error && map->flags & MAP_ZERO)
        pages_clear(region, map->offset >> PAGE_SHIFT, map->pages);
    return error;
}

static long unmap(const struct request *request) {
    struct process *process = process_at(request);
    const struct control_range *range = request->asked;
    long error = may_map(process, request);
    return error ? error : space_unmap(&process->space, range->address, range->pages);
}

static long protect(const struct request *request) {
    struct process *process = process_at(request);
    const struct control_range *range = request->asked;
    long error = may_map(process, request);
    return error ? error : space_protect(&process->space, range->address, range->pages, range->flags);
}

static void start_log(const struct process *process) {
    const struct principal *principal = &process->principal;
    const struct process *parent = process_find(process->parent);
    if (parent)
        log_line("process %u %s started as %s by %s/%u", principal->pid, principal->name, process_kind(process),
                 parent->principal.name, process->parent);
    else
        log_line("process %u %s started as %s", principal->pid, principal->name, process_kind(process));
}

static bool may_start(const struct process *process, const struct principal *caller) {
    if (process->state == PROCESS_NEW || caller == &process->principal)
        return true;
    return process_is_foreign(process) && is_pager(caller, process);
}

// Copies the bytes after the struct to the new thread's message page.
static long start(const struct request *request) {
    struct process *process = process_at(request);
    const struct control_start *start = request->asked;
    if (!may_start(process, request->waiter->principal))
        return -PIPE_EPERM;
    long number =
        thread_start(process, start, request->payload + sizeof *start, request->length - (uint32_t)sizeof *start);
    if (number < 0)
        return number;
    if (!process->was_started)
        start_log(process);
    process->was_started = true;
    uint64_t page = process_is_foreign(process) ? 0 : thread_message_page((uint32_t)number);
    struct control_thread thread = {(uint32_t)number, 0, page};
    return request_reply(request, &thread, sizeof thread);
}

// Moves the request's attached handles to a process without threads, as a message would.
static long give(const struct request *request) {
    struct process *process = process_at(request);
    struct attachments attachments;
    if (process->state != PROCESS_NEW)
        return process_is_ending(process) ? -PIPE_ESRCH : -PIPE_EPERM;
    long error = attachments_check(request->waiter, request->flags, &attachments);
    if (!error)
        error = attachments_reserve(&process->principal, attachments.attachments, attachments.attachment_count);
    if (error)
        return error;
    attachments_take(request->waiter, &attachments, false);
    for (uint32_t index = 0; index < attachments.attachment_count; index++)
        attachment_install(&process->principal, &attachments.attachments[index]);
    return 0;
}

// Changes the process from one state to the other.
static long state_change(struct process *process, enum process_state from, enum process_state to) {
    if (process->state != from)
        return process_is_ending(process) ? -PIPE_ESRCH : -PIPE_EINVAL;
    process->state = (uint8_t)to;
    schedule_process(process, to == PROCESS_ALIVE);
    return 0;
}

static long suspend(const struct request *request) {
    return state_change(process_at(request), PROCESS_ALIVE, PROCESS_SUSPENDED);
}

static long resume(const struct request *request) {
    return state_change(process_at(request), PROCESS_SUSPENDED, PROCESS_ALIVE);
}

// The status is plain if the process ends itself; otherwise it says EXIT_KILLED.
static long kill(const struct request *request) {
    struct process *process = process_at(request);
    const struct control_exit *end = request->asked;
    if (process_is_ending(process))
        return -PIPE_ESRCH;
    bool is_own = request->waiter->principal == &process->principal;
    process_end(process, (end->status & 0xff) | (is_own ? 0 : EXIT_KILLED));
    return is_own ? PIPENS_NO_RETURN : 0;
}

static long exit_thread(const struct request *request) {
    struct process *process = process_at(request);
    struct thread *thread = thread_of(request->waiter);
    if (thread->process != process)
        return -PIPE_EPERM;
    if (process->thread_count == 1) {
        process_end(process, 0);
        return PIPENS_NO_RETURN;
    }
    if (waiter_end_step(&thread->waiter))
        return PIPENS_RESTART; // in steps, so that more important threads run between them
    thread_stop(thread);
    reaper_add_thread(thread);
    return PIPENS_NO_RETURN;
}

static long thread_local(const struct request *request) {
    const struct control_local *local = request->asked;
    struct thread *thread = thread_of(request->waiter);
    if (thread->process != process_at(request))
        return -PIPE_EPERM;
    if (local->base >= USER_LIMIT)
        return -PIPE_EINVAL;
    machine_set_thread_local(thread, local->base);
    return 0;
}

static long identity(const struct request *request) {
    const struct principal *principal = &process_at(request)->principal;
    struct process_created identity = {principal->pid, principal->generation};
    return request_reply(request, &identity, sizeof identity);
}

// The pager bounds the pages of regions that the process may own by what the limit of its memory leaves.
static long memory(const struct request *request) {
    const struct process *process = process_at(request);
    const struct control_memory *wanted = request->asked;
    struct account *account = process->principal.account;
    struct control_pages reply = {account->pages};
    if (process_is_ending(process))
        return -PIPE_ESRCH;
    if (!is_pager(request->waiter->principal, process))
        return -PIPE_EPERM;
    if (account->pages > wanted->pages)
        return -PIPE_EDQUOT;
    account->has_page_limit = true;
    account->page_limit = wanted->pages;
    return request_reply(request, &reply, sizeof reply);
}

// The thread whose registers the caller may see and set, or NULL.
static struct thread *thread_asked(const struct request *request, long *error) {
    struct process *process = process_at(request);
    const struct control_thread_name *name = request->asked;
    struct thread *thread = NULL;
    if (process_is_ending(process))
        *error = -PIPE_ESRCH;
    else if (!process_is_foreign(process) || !is_pager(request->waiter->principal, process))
        *error = -PIPE_EPERM;
    else
        thread = thread_numbered(process, name->thread);
    if (!*error && (!thread || thread->kernel_call == KERNEL_CALL_NONE))
        *error = thread ? -PIPE_EBUSY : -PIPE_ESRCH;
    return *error ? NULL : thread;
}

static long get_registers(const struct request *request) {
    long error = 0;
    struct thread *thread = thread_asked(request, &error);
    struct register_set registers;
    if (!thread)
        return error;
    machine_get_registers(thread, &registers);
    return request_reply(request, &registers, sizeof registers);
}

static long set_registers(const struct request *request) {
    long error = 0;
    struct thread *thread = thread_asked(request, &error);
    struct register_set registers;
    if (!thread)
        return error;
    host_copy(&registers, request->payload + sizeof(struct control_thread_name), sizeof registers);
    if (!machine_registers_are_valid(&registers))
        return -PIPE_EINVAL;
    machine_set_registers(thread, &registers);
    return 0;
}

static const struct operation operations[] = {
    [CONTROL_MAP] = {map, sizeof(struct control_map)},
    [CONTROL_UNMAP] = {unmap, sizeof(struct control_range)},
    [CONTROL_PROTECT] = {protect, sizeof(struct control_range)},
    [CONTROL_START] = {start, sizeof(struct control_start)},
    [CONTROL_GIVE] = {give, 0},
    [CONTROL_SUSPEND] = {suspend, 0},
    [CONTROL_RESUME] = {resume, 0},
    [CONTROL_KILL] = {kill, sizeof(struct control_exit)},
    [CONTROL_EXIT_THREAD] = {exit_thread, 0},
    [CONTROL_THREAD_LOCAL] = {thread_local, sizeof(struct control_local)},
    [CONTROL_IDENTITY] = {identity, 0},
    [CONTROL_MEMORY] = {memory, sizeof(struct control_memory)},
    [CONTROL_GET_REGISTERS] = {get_registers, sizeof(struct control_thread_name)},
    [CONTROL_SET_REGISTERS] = {set_registers, sizeof(struct control_thread_name) + sizeof(struct register_set)}};
struct service control_service = {operations, sizeof operations / sizeof *operations};
