// SPDX-License-Identifier: MIT
// Processes. The states are drawn in process.h.
//
// 1. A pid is used again only with another generation.
// 2. /proc/<pid> is the kernel's, and lives from creation to reaping.
// 3. A process is taken apart in this order: threads, devices, timers, handles and pipes, address space. Then its exit
//    is signalled. So no device reaches memory that returns to the pool.
#include "process.h"

#include "host.h"
#include "kernel.h"
#include "log.h"

#define PATH_MAX 40u

// ---- The table of processes ----

static struct process **slot_of(uint32_t pid) {
    struct process **page = kernel.processes.pages[pid / PROCESSES_PER_PAGE];
    return page ? &page[pid % PROCESSES_PER_PAGE] : NULL;
}

struct process *process_find(uint32_t pid) {
    struct process **slot = pid < PIDS_MAX ? slot_of(pid) : NULL;
    return slot ? *slot : NULL;
}

struct process *process_next(uint32_t pid) {
    for (; pid < PIDS_MAX; pid++) {
        struct process **slot = slot_of(pid);
        if (!slot)
            pid |= PROCESSES_PER_PAGE - 1;
        else if (*slot)
            return *slot;
    }
    return NULL;
}

const char *process_kind(const struct process *process) {
    static const char *const kinds[KINDS] = {[KIND_APP] = "app", [KIND_DRIVER] = "driver", [KIND_SERVER] = "server"};
    return kinds[process->principal.kind];
}

static bool page_make(uint32_t page) {
    struct process ***slot = &kernel.processes.pages[page];
    if (!*slot) {
        *slot = page_allocate();
        if (*slot)
            host_clear(*slot, PAGE_SIZE);
    }
    return *slot != NULL;
}

// The next free pid after the one allocated last, or 0 with *error set.
static uint32_t pid_take(long *error) {
    struct process_table *table = &kernel.processes;
    for (uint32_t count = 0; count < PIDS_MAX; count++) {
        uint32_t pid = table->next_pid;
        table->next_pid = pid + 1 < PIDS_MAX ? pid + 1 : 1;
        if (!page_make(pid / PROCESSES_PER_PAGE)) {
            *error = -PIPE_ENOMEM;
            return 0;
        }
        if (!*slot_of(pid))
            return pid;
    }
    *error = -PIPE_ENFILE;
    return 0;
}

static void pid_use(uint32_t pid, struct process *process) {
    *slot_of(pid) = process;
    kernel.processes.used[pid / PROCESSES_PER_PAGE]++;
    kernel.processes.count++;
}

// The page goes with its last process: else the table would grow by a page for each so many pids that were ever used.
static void pid_give(uint32_t pid) {
    struct process_table *table = &kernel.processes;
    uint32_t page = pid / PROCESSES_PER_PAGE;
    *slot_of(pid) = NULL;
    table->count--;
    if (--table->used[page])
        return;
    page_free(table->pages[page]);
    table->pages[page] = NULL;
}

// ---- Accounts and successions ----

static struct account *account_make(uint64_t limit) {
    struct account *account = host_allocate(sizeof *account);
    if (account)
        *account = (struct account){.limit = limit};
    return account;
}

static struct succession *succession_make(const struct process_create *create, struct account *account, uint32_t pid) {
    struct succession *succession = host_allocate(sizeof *succession);
    if (!succession)
        return NULL;
    principal_initialize(&succession->principal, &kernel.names, account, pid, 0, (enum kind)create->kind, create->name);
    succession->principal.is_succession = true;
    succession->processes = 0;
    return succession;
}

static void succession_release(struct succession *succession) {
    if (!succession || --succession->processes)
        return;
    account_release(succession->principal.account);
    host_free(succession, sizeof *succession);
}

static bool names_agree(const char *one, const char *other) {
    uint32_t index = 0;
    while (index < PROGRAM_NAME_MAX && one[index] && one[index] == other[index])
        index++;
    return one[index] == other[index];
}

// The succession of a successor: that of the predecessor it names. NULL with *error set.
static struct succession *succession_of(const struct process_create *create, long *error) {
    const struct process *before = process_find(create->predecessor);
    if (!before || before->state != PROCESS_DEAD)
        *error = before ? -PIPE_EBUSY : -PIPE_ESRCH;
    else if (!before->succession || before->principal.kind != create->kind ||
             !names_agree(before->principal.name, create->name))
        *error = -PIPE_EINVAL;
    return *error ? NULL : before->succession;
}

// ---- /proc/<pid> ----

static const struct node_plan directory_plan = {FLOW_DIRECTORY, RULES_READABLE, 0, 0};
static const struct node_plan control_plan = {FLOW_CALL, RULE(RIGHTS_ALL, RIGHT_TAP, 0u, 0u), 0, 0};
static const struct node_plan fault_plan = {FLOW_CALL, RULE(RIGHTS_ALL, RIGHT_TAP, 0u, RIGHT_READ), 0, 0};
static const struct node_plan system_plan = {FLOW_CALL, RULE(RIGHTS_ALL, RIGHT_TAP, 0u, RIGHT_READ), 0, 0};
static const struct node_plan exit_plan = {FLOW_EVENT, RULES_READABLE, 0, 0};
static const struct node_plan private_plan = {FLOW_DIRECTORY, RULES_DEFAULT, 0, 0};

static struct node *node_make(struct principal *owner, const struct node_plan *plan, const char *pattern, uint32_t pid,
                              long *error) {
    char path[PATH_MAX];
    if (*error)
        return NULL;
    uint32_t length = (uint32_t)format(path, sizeof path, pattern, pid);
    return node_create(owner, path, length, plan, error);
}

static void node_unmake(struct node *node) {
    while (node && node_remove_step(node))
        continue;
}

static void nodes_unmake(struct process *process) {
    node_unmake(process->control_node);
    node_unmake(process->fault_node);
    node_unmake(process->system_node);
    node_unmake(process->exit_node);
    node_unmake(process->directory);
}

static long nodes_make(struct process *process, bool is_foreign) {
    struct principal *owner = &kernel.names.kernel;
    uint32_t pid = process->principal.pid;
    long error = 0;
    process->directory = node_make(owner, &directory_plan, "/proc/%u", pid, &error);
    process->control_node = node_make(owner, &control_plan, "/proc/%u/control", pid, &error);
    process->fault_node = node_make(owner, &fault_plan, "/proc/%u/fault", pid, &error);
    if (is_foreign)
        process->system_node = node_make(owner, &system_plan, "/proc/%u/system", pid, &error);
    process->exit_node = node_make(owner, &exit_plan, "/proc/%u/exit", pid, &error);
    if (!error && process->principal.kind == KIND_APP)
        node_make(&process->principal, &private_plan, "/app/%u", pid, &error);
    if (error)
        return error;
    process->control_node->special |= NODE_KERNEL;
    process->control_node->host_data = &process->control;
    return 0;
}

// The handle to control that each process starts with, and that its creator gets.
struct attachment process_control_handle(struct process *process) {
    node_hold(process->control_node, RIGHT_WRITE, true);
    return (struct attachment){
        .object = process->control_node, .type = HANDLE_PIPE, .rule_class = CLASS_OWNER, .rights = RIGHT_WRITE};
}

// ---- Creation ----

static long create_check(const struct process_create *create) {
    if (create->kind >= KINDS || create->priority >= PRIORITIES || create->supervised > 1 || create->foreign > 1 ||
        !create->name[0] || create->budget > BUDGET_SHARE_MAX || create->floor >= PRIORITIES)
        return -PIPE_EINVAL;
    if (create->predecessor && !create->supervised)
        return -PIPE_EINVAL;
    return 0;
}

// Finds the account and succession of a new process: those of its predecessor, or new ones.
static long heritage(struct process *process, const struct process_create *create, uint32_t pid,
                     struct account **account) {
    long error = 0;
    host_clear(process, sizeof *process);
    if (create->predecessor) {
        process->succession = succession_of(create, &error);
        *account = error ? NULL : process->succession->principal.account;
        return error;
    }
    *account = account_make(create->quota);
    if (!*account)
        return -PIPE_ENOMEM;
    if (!create->supervised)
        return 0;
    process->succession = succession_make(create, *account, pid);
    if (process->succession)
        return 0;
    host_free(*account, sizeof **account);
    return -PIPE_ENOMEM;
}

// Makes the parts that need the principal: claims, handle 1, address space, names.
static long process_equip(struct process *process, const struct process_create *create, const uint8_t *claims) {
    struct principal *principal = &process->principal;
    long error = principal_claim(principal, claims, create->claims_length);
    if (!error)
        error = handle_reserve(principal, 1);
    if (!error)
        error = space_make(&process->space, principal->account);
    if (!error)
        error = nodes_make(process, create->foreign);
    if (error)
        return error;
    struct attachment control = process_control_handle(process);
    handle_install(principal, &control);
    return 0;
}

static void process_free(struct process *process) {
    struct succession *succession = process->succession;
    account_release(process->principal.account);
    succession_release(succession);
    host_free(process, sizeof *process);
}

// Frees the parts of a process whose creation failed.
static void process_unmake(struct process *process) {
    nodes_unmake(process);
    while (process->space.root && space_end_step(&process->space))
        continue;
    process->principal.inherited_by = NULL;
    while (principal_end_step(&process->principal))
        continue;
    process_free(process);
}

struct process *process_create(const struct process_create *create, const uint8_t *claims, long *error) {
    *error = create_check(create);
    uint32_t pid = *error ? 0 : pid_take(error);
    if (!pid)
        return NULL;
    struct process *process = host_allocate(sizeof *process);
    struct account *account = NULL;
    *error = process ? heritage(process, create, pid, &account) : -PIPE_ENOMEM;
    if (*error) {
        if (process)
            host_free(process, sizeof *process);
        return NULL;
    }
    uint32_t generation = ++kernel.processes.generations[pid / PROCESSES_PER_PAGE];
    principal_initialize(&process->principal, &kernel.names, account, pid, generation, (enum kind)create->kind,
                         create->name);
    if (process->succession) {
        process->succession->processes++;
        process->principal.inherited_by = &process->succession->principal;
    }
    list_initialize(&process->threads);
    list_initialize(&process->in_dying);
    list_initialize(&process->timers);
    list_initialize(&process->dma.devices);
    process->priority = (uint8_t)create->priority;
    process->parent = create->parent;
    budget_initialize(process, create->budget, create->floor);
    process->control = control_service;
    *error = process_equip(process, create, claims);
    if (*error) {
        process_unmake(process);
        return NULL;
    }
    pid_use(pid, process);
    return process;
}

// ---- The end ----

void process_end(struct process *process, uint32_t status) {
    if (process_is_ending(process))
        return;
    process->state = PROCESS_DYING;
    process->status = status;
    budget_end(process);
    reaper_add_process(process);
    for (struct list *link = process->threads.next; link != &process->threads; link = link->next) {
        struct thread *thread = list_object(link, struct thread, of_process);
        thread_stop(thread);
        host_priority_changed(&thread->waiter); // includes the priority that it inherited before
    }
}

bool process_end_step(struct process *process) {
    if (!list_is_empty(&process->threads)) {
        thread_end_step(list_object(process->threads.next, struct thread, of_process));
        return true;
    }
    if (dma_end_step(process) || clock_end_step(process) || principal_end_step(&process->principal))
        return true;
    for (uint32_t number = 0; number < CPUS_MAX; number++)
        machine_leave_space(&kernel.cpu[number], &process->space);
    if (process->space.root && space_end_step(&process->space))
        return true;
    process->state = PROCESS_DEAD;
    log_line("process %u %s ended: status %u%s", process->principal.pid, process->principal.name,
             process->status & 0xff,
             process->status & EXIT_FAULT    ? ", by an exception"
             : process->status & EXIT_KILLED ? ", killed"
                                             : "");
    pipens_trace_death(&process->principal, process->status);
    pipens_signal(process->exit_node, process->status);
    return false;
}

long process_reap(uint32_t pid) {
    struct process *process = process_find(pid);
    if (!process || process->state != PROCESS_DEAD)
        return process ? -PIPE_EBUSY : -PIPE_ESRCH;
    struct succession *succession = process->succession;
    if (succession && succession->processes == 1 && principal_abandon_step(&succession->principal))
        return PIPENS_RESTART;
    pid_give(pid);
    nodes_unmake(process);
    process_free(process);
    return 0;
}
