// SPDX-License-Identifier: MIT
// The system calls about processes and signals.
#include "task.h"

#include <stdlib.h>
#include <string.h>

// ---- Start ----

#define STRINGS_MAX 1024u // arguments, and variables

// A new task that is a copy of this one; its thread starts with these registers. Its pid or a negated error.
static long task_copy(struct task *parent, struct register_set *registers, bool borrows) {
    long error;
    const char *slash = strrchr(parent->program, '/');
    struct task *child = task_make(slash ? slash + 1 : parent->program, &error);
    if (!child)
        return error;
    child->parent = parent->pid;
    child->group = parent->group;
    child->session = parent->session;
    child->mask = parent->mask;
    child->signal_mask = parent->signal_mask;
    memcpy(child->actions, parent->actions, sizeof child->actions);
    strcpy(child->directory, parent->directory);
    strcpy(child->program, parent->program);
    memcpy(child->name, parent->name, sizeof child->name);
    files_copy(&child->files, &parent->files);
    child->is_borrowing = borrows;
    error = memory_copy(&child->memory, &parent->memory);
    if (!error)
        error = task_start(child, registers);
    if (!error)
        return child->pid;
    child->parent = 1;
    task_end(child, LINUX_SIGKILL);
    return error;
}

// fork and vfork. A child of vfork has a copy of the memory, not the memory itself. Flags: VM with VFORK, SETTID and
// CLEARTID; threads are not supported yet.
static long process_clone(struct task *task, uint64_t flags, uint64_t stack, uint64_t parent_id, uint64_t child_id) {
    const uint64_t known = LINUX_CLONE_SIGNAL | LINUX_CLONE_VM | LINUX_CLONE_VFORK | LINUX_CLONE_PARENT_SETTID |
                           LINUX_CLONE_CHILD_CLEARTID | LINUX_CLONE_CHILD_SETTID;
    struct register_set registers;
    if (flags & ~known || (flags & LINUX_CLONE_VM && !(flags & LINUX_CLONE_VFORK)))
        return -LINUX_EINVAL;
    if (task->progress) { // vfork: the child was made before
        const struct task *child = task_find((uint32_t)task->progress);
        return child && child->is_borrowing ? RESULT_BLOCKED : (long)task->progress;
    }
    long error = task_get_registers(task, &registers);
    if (error < 0)
        return error;
    registers.general[RESULT_REGISTER] = 0;
    if (stack)
        registers.general[STACK_REGISTER] = stack;
    long pid = task_copy(task, &registers, flags & LINUX_CLONE_VFORK);
    if (pid < 0)
        return pid;
    uint32_t id = (uint32_t)pid;
    struct task *child = task_find(id);
    if (flags & LINUX_CLONE_PARENT_SETTID)
        memory_put(&task->memory, parent_id, &id, sizeof id);
    if (flags & LINUX_CLONE_CHILD_SETTID)
        memory_put(&child->memory, child_id, &id, sizeof id);
    if (flags & LINUX_CLONE_CHILD_CLEARTID)
        child->clear_thread = child_id;
    task->progress = flags & LINUX_CLONE_VFORK ? id : 0;
    return flags & LINUX_CLONE_VFORK ? RESULT_BLOCKED : pid;
}

long call_clone(struct task *task, const uint64_t *arguments) {
    return process_clone(task, arguments[0], arguments[1], arguments[2], arguments[3]);
}

long call_fork(struct task *task, const uint64_t *arguments) {
    (void)arguments;
    return process_clone(task, LINUX_SIGCHLD, 0, 0, 0);
}

long call_vfork(struct task *task, const uint64_t *arguments) {
    (void)arguments;
    return process_clone(task, LINUX_CLONE_VM | LINUX_CLONE_VFORK | LINUX_SIGCHLD, 0, 0, 0);
}

static void strings_free(char **strings) {
    for (size_t index = 0; strings && strings[index]; index++)
        free(strings[index]);
    free(strings);
}

// The strings of an array in the program's memory, as copies. NULL with *error set.
static char **strings_get(struct task *task, uint64_t address, long *error) {
    char **strings = calloc(STRINGS_MAX + 1, sizeof *strings);
    static char text[PATH_ROOM];
    for (size_t count = 0; strings && !*error && address; count++) {
        uint64_t word;
        if (!memory_get(&task->memory, address + count * sizeof word, &word, sizeof word))
            *error = -LINUX_EFAULT;
        if (*error || !word)
            break;
        long length = memory_get_string(&task->memory, word, text, sizeof text);
        if (length < 0 || count == STRINGS_MAX)
            *error = length == -LINUX_EFAULT ? length : -LINUX_E2BIG;
        else if (!(strings[count] = strdup(text)))
            *error = -LINUX_ENOMEM;
    }
    if (strings && !*error)
        return strings;
    *error = *error ? *error : -LINUX_ENOMEM;
    strings_free(strings);
    return NULL;
}

static void actions_reset(struct task *task) {
    for (uint32_t signal = 0; signal < LINUX_SIGNALS; signal++)
        if (task->actions[signal].handler != LINUX_SIG_IGN)
            task->actions[signal] = (struct linux_action){0};
}

long call_execve(struct task *task, const uint64_t *arguments) {
    char path[PATH_ROOM];
    struct register_set registers;
    bool is_gone = false;
    long error = path_of(task, LINUX_AT_FDCWD, arguments[0], path);
    char **words = error ? NULL : strings_get(task, arguments[1], &error);
    char **variables = error ? NULL : strings_get(task, arguments[2], &error);
    if (!error)
        error = program_load(task, path, words, variables, &registers, &is_gone);
    strings_free(words);
    strings_free(variables);
    if (error && is_gone) {
        task_end(task, LINUX_SIGKILL);
        return RESULT_NONE;
    }
    if (error)
        return error;
    files_close(&task->files, false);
    actions_reset(task);
    task->clear_thread = 0;
    task->is_borrowing = false;
    may_go_on = true;
    return task_set_registers(task, &registers) < 0 ? -LINUX_EIO : RESULT_REGISTERS;
}

// ---- End ----

long call_exit_group(struct task *task, const uint64_t *arguments) {
    task_end(task, STATUS_EXITED(arguments[0]));
    return RESULT_NONE;
}

long call_exit(struct task *task, const uint64_t *arguments) {
    return call_exit_group(task, arguments);
}

// Whether the task is one that wait4 has named: a pid, -1, 0 for the own group, or the negative of a group.
static bool is_awaited(const struct task *task, const struct task *parent, int32_t wanted) {
    if (task->state == TASK_FREE || task->parent != parent->pid)
        return false;
    return wanted == -1 || (wanted > 0 && task->pid == (uint32_t)wanted) ||
           (wanted <= 0 && task->group == (wanted ? (uint32_t)-wanted : parent->group));
}

// Flags: WNOHANG; WUNTRACED and WCONTINUED are taken, since nothing stops. The usage is told as zero.
long call_wait4(struct task *task, const uint64_t *arguments) {
    static const uint8_t usage[144];
    bool has_child = false;
    if (arguments[2] & ~(uint64_t)(LINUX_WNOHANG | LINUX_WUNTRACED | LINUX_WCONTINUED))
        return -LINUX_EINVAL;
    for (struct task *child = tasks; child < tasks + TASKS_MAX; child++) {
        if (!is_awaited(child, task, (int32_t)arguments[0]))
            continue;
        has_child = true;
        if (child->state != TASK_ZOMBIE)
            continue;
        if ((arguments[1] && !memory_put(&task->memory, arguments[1], &child->status, sizeof child->status)) ||
            (arguments[3] && !memory_put(&task->memory, arguments[3], usage, sizeof usage)))
            return -LINUX_EFAULT;
        task_free(child);
        return child->pid;
    }
    return !has_child ? -LINUX_ECHILD : arguments[2] & LINUX_WNOHANG ? 0 : RESULT_BLOCKED;
}

// ---- Signals: kept, and obeyed by their default actions; handlers do not run yet ----

long call_rt_sigaction(struct task *task, const uint64_t *arguments) {
    uint64_t signal = arguments[0];
    if (signal == 0 || signal > LINUX_SIGNALS || arguments[3] != sizeof(uint64_t))
        return -LINUX_EINVAL;
    struct linux_action before = task->actions[signal - 1], action = before;
    if (arguments[1] && (signal == LINUX_SIGKILL || signal == 19))
        return -LINUX_EINVAL;
    if (arguments[1] && !memory_get(&task->memory, arguments[1], &action, sizeof action))
        return -LINUX_EFAULT;
    if (arguments[2] && !memory_put(&task->memory, arguments[2], &before, sizeof before))
        return -LINUX_EFAULT;
    task->actions[signal - 1] = action;
    return 0;
}

long call_rt_sigprocmask(struct task *task, const uint64_t *arguments) {
    uint64_t before = task->signal_mask, set = 0;
    if (arguments[3] != sizeof set || (arguments[1] && arguments[0] > 2))
        return -LINUX_EINVAL;
    if (arguments[1] && !memory_get(&task->memory, arguments[1], &set, sizeof set))
        return -LINUX_EFAULT;
    if (arguments[2] && !memory_put(&task->memory, arguments[2], &before, sizeof before))
        return -LINUX_EFAULT;
    if (arguments[1])
        task->signal_mask = arguments[0] == 0 ? before | set : arguments[0] == 1 ? before & ~set : set;
    return 0;
}

// A pid, or the negative of a group, or 0 for the own one.
long call_kill(struct task *task, const uint64_t *arguments) {
    int32_t wanted = (int32_t)arguments[0];
    long result = -LINUX_ESRCH;
    bool ends_itself = false;
    if (arguments[1] > LINUX_SIGNALS)
        return -LINUX_EINVAL;
    for (struct task *other = tasks; other < tasks + TASKS_MAX; other++) {
        bool is_meant =
            wanted > 0 ? other->pid == (uint32_t)wanted : other->group == (wanted ? (uint32_t)-wanted : task->group);
        if (other->state != TASK_LIVES || !is_meant)
            continue;
        result = 0;
        if (arguments[1] && task_signal(other, (uint32_t)arguments[1]) && other == task)
            ends_itself = true;
    }
    return ends_itself ? RESULT_NONE : result;
}

long call_tgkill(struct task *task, const uint64_t *arguments) {
    return call_kill(task, arguments + 1);
}

// ---- What a process is ----

long call_getpid(struct task *task, const uint64_t *arguments) {
    (void)arguments;
    return task->pid;
}

long call_gettid(struct task *task, const uint64_t *arguments) {
    (void)arguments;
    return task->pid;
}

long call_getppid(struct task *task, const uint64_t *arguments) {
    (void)arguments;
    return task->parent;
}

long call_getpgrp(struct task *task, const uint64_t *arguments) {
    (void)arguments;
    return task->group;
}

// The owner of all is root in the tree.
static long root(struct task *task, const uint64_t *arguments) {
    (void)task;
    (void)arguments;
    return 0;
}

long call_getuid(struct task *task, const uint64_t *arguments) {
    return root(task, arguments);
}

long call_geteuid(struct task *task, const uint64_t *arguments) {
    return root(task, arguments);
}

long call_getgid(struct task *task, const uint64_t *arguments) {
    return root(task, arguments);
}

long call_getegid(struct task *task, const uint64_t *arguments) {
    return root(task, arguments);
}

long call_getgroups(struct task *task, const uint64_t *arguments) {
    return root(task, arguments);
}

long call_setpgid(struct task *task, const uint64_t *arguments) {
    struct task *changed = arguments[0] ? task_find((uint32_t)arguments[0]) : task;
    if (!changed || (changed != task && changed->parent != task->pid))
        return -LINUX_ESRCH;
    changed->group = arguments[1] ? (uint32_t)arguments[1] : changed->pid;
    return 0;
}

long call_setsid(struct task *task, const uint64_t *arguments) {
    (void)arguments;
    if (task->group == task->pid)
        return -1;
    task->session = task->group = task->pid;
    return task->pid;
}

// ARCH_SET_FS and ARCH_GET_FS.
long call_arch_prctl(struct task *task, const uint64_t *arguments) {
    struct register_set registers;
    long error = task_get_registers(task, &registers);
    if (error < 0)
        return error;
    if (arguments[0] == LINUX_ARCH_GET_FS)
        return memory_put(&task->memory, arguments[1], &registers.thread_local, sizeof(uint64_t)) ? 0 : -LINUX_EFAULT;
    if (arguments[0] != LINUX_ARCH_SET_FS)
        return -LINUX_EINVAL;
    registers.thread_local = arguments[1];
    return task_set_registers(task, &registers) < 0 ? -1 : 0;
}

// PR_SET_NAME and PR_GET_NAME.
long call_prctl(struct task *task, const uint64_t *arguments) {
    char name[LINUX_TASK_NAME] = "";
    if (arguments[0] == LINUX_PR_GET_NAME)
        return memory_put(&task->memory, arguments[1], task->name, sizeof task->name) ? 0 : -LINUX_EFAULT;
    if (arguments[0] != LINUX_PR_SET_NAME)
        return -LINUX_EINVAL;
    if (memory_get_string(&task->memory, arguments[1], name, sizeof name) == -LINUX_EFAULT)
        return -LINUX_EFAULT;
    name[sizeof name - 1] = 0;
    memcpy(task->name, name, sizeof task->name);
    return 0;
}

long call_set_tid_address(struct task *task, const uint64_t *arguments) {
    task->clear_thread = arguments[0];
    return task->pid;
}

// There is one thread: no other one waits for its locks.
long call_set_robust_list(struct task *task, const uint64_t *arguments) {
    (void)task;
    return arguments[1] == 24 ? 0 : -LINUX_EINVAL;
}

long call_sched_yield(struct task *task, const uint64_t *arguments) {
    return root(task, arguments);
}
