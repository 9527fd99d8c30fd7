// SPDX-License-Identifier: MIT
#include "task.h"

#include "pipe.h"
#include "process.h"

#include <stdio.h>
#include <string.h>

struct task tasks[TASKS_MAX];
uint32_t top_pid;
bool may_go_on;

#define PRIORITY_OF_TASKS 10u // at most that of the manifest

// ---- The process ----

static long control_ask(const struct task *task, const void *request, size_t size, void *reply, size_t room) {
    long result = pipe_call(task->memory.control, request, size, reply, room, DEADLINE_NONE);
    return result < 0 ? linux_result(result) : 0;
}

static long process_make(struct task *task, const char *name) {
    static long handle;
    struct foreign_request request = {.operation = PROCESS_FOREIGN};
    struct spawn_reply reply;
    strncpy(request.name, name, PROGRAM_NAME_MAX);
    pipe_open_once(&handle, PROCESS_PIPE);
    long result = pipe_call(handle, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    if (result < 0)
        return result;
    task->pid = reply.pid;
    task->memory.control = pipe_received()->handle[0];
    return 0;
}

static long hook(const struct task *task, const char *name, enum task_key key) {
    char path[sizeof "/proc/" + PID_DIGITS + sizeof "/system"];
    process_path(path, "/proc/", task->pid, name);
    long handle = pipe_open(path, RIGHT_READ);
    long error = handle < 0 ? handle : pipe_hook(handle, task_index(task) * KEYS_PER_TASK + key, 0);
    return error < 0 ? error : handle;
}

static void handles_close(const struct task *task) {
    const long handles[] = {task->system, task->fault, task->exit, task->memory.control};
    for (unsigned index = 0; index < sizeof handles / sizeof *handles; index++)
        if (handles[index] > 0)
            pipe_close(handles[index]);
}

// ---- Tasks ----

struct task *task_find(uint32_t pid) {
    for (struct task *task = tasks; task < tasks + TASKS_MAX; task++)
        if (task->state != TASK_FREE && task->pid == pid)
            return task;
    return NULL;
}

static struct task *task_take(void) {
    for (struct task *task = tasks; task < tasks + TASKS_MAX; task++)
        if (task->state == TASK_FREE) {
            memset(task, 0, sizeof *task);
            return task;
        }
    return NULL;
}

struct task *task_make(const char *name, long *error) {
    struct task *task = task_take();
    *error = task ? process_make(task, name) : -PIPE_EAGAIN;
    if (*error) {
        *error = linux_result(*error);
        return NULL;
    }
    task->state = TASK_LIVES;
    task->exit = hook(task, "/exit", KEY_EXIT);
    task->fault = hook(task, "/fault", KEY_FAULT);
    task->system = hook(task, "/system", KEY_SYSTEM);
    if (task->exit > 0 && task->fault > 0 && task->system > 0)
        return task;
    *error = -LINUX_EAGAIN;
    task_end(task, LINUX_SIGKILL);
    return NULL;
}

long task_start(struct task *task, const struct register_set *registers) {
    struct {
        struct control_start start;
        struct register_set registers;
    } request = {{.operation = CONTROL_START, .priority = PRIORITY_OF_TASKS}, *registers};
    return control_ask(task, &request, sizeof request, NULL, 0);
}

long task_get_registers(const struct task *task, struct register_set *registers) {
    struct control_thread_name request = {CONTROL_GET_REGISTERS, 0};
    return control_ask(task, &request, sizeof request, registers, sizeof *registers);
}

long task_set_registers(const struct task *task, const struct register_set *registers) {
    struct {
        struct control_thread_name name;
        struct register_set registers;
    } request = {{CONTROL_SET_REGISTERS, 0}, *registers};
    return control_ask(task, &request, sizeof request, NULL, 0);
}

void task_end(struct task *task, uint32_t status) {
    struct control_exit request = {CONTROL_KILL, 0};
    if (task->state != TASK_LIVES)
        return;
    task->state = TASK_ENDING;
    task->status = status;
    task->has_status = true;
    task->token = 0;
    files_close(&task->files, true);
    control_ask(task, &request, sizeof request, NULL, 0);
}

void task_free(struct task *task) {
    task->state = TASK_FREE;
}

// Those whose parent has ended are nobody's.
static void children_leave(const struct task *parent) {
    for (struct task *child = tasks; child < tasks + TASKS_MAX; child++)
        if (child->state != TASK_FREE && child->parent == parent->pid) {
            child->parent = 1;
            if (child->state == TASK_ZOMBIE)
                task_free(child);
        }
}

void task_ended(struct task *task) {
    if (!task->has_status) // killed from outside
        files_close(&task->files, true), task->status = LINUX_SIGKILL;
    memory_clear(&task->memory, false);
    process_wait(task->pid);
    handles_close(task);
    task->state = TASK_ZOMBIE;
    task->is_borrowing = false;
    may_go_on = true;
    children_leave(task);
    struct task *parent = task->parent > 1 ? task_find(task->parent) : NULL;
    if (task->pid != top_pid && !parent)
        task_free(task);
    else if (parent)
        task_signal(parent, LINUX_SIGCHLD);
}

bool task_signal(struct task *task, uint32_t signal) {
    const struct linux_action *action = &task->actions[signal - 1];
    bool is_ignored =
        signal == LINUX_SIGCHLD || signal == LINUX_SIGCONT || signal == LINUX_SIGURG || signal == LINUX_SIGWINCH;
    if (signal == LINUX_SIGKILL || (action->handler == 0 && !is_ignored)) {
        task_end(task, signal);
        return true;
    }
    if (action->handler > LINUX_SIG_IGN)
        task->pending |= 1ull << (signal - 1);
    return false;
}
