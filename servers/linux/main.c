// SPDX-License-Identifier: MIT
// linux: runs a Linux program of x86-64, and those that it starts: `linux PROGRAM [ARGUMENT...]`. This process answers
// their system calls and is their pager; their end is its own.
#include "clock.h"
#include "error.h"
#include "file.h"
#include "pipe.h"
#include "process.h"
#include "task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAMS "/boot/linux/" // of the boot image
#define STATUS_SIGNAL 128       // and its number: how a shell tells it
#define MASK_FIRST 022u
#define STATUS_USAGE 2
#define STATUS_NO_PROGRAM 126
#define STATUS_NO_COMMAND 127

// ---- Replies ----

// The length of the reply that says how the thread goes on; -1: none.
static long reply_length(long result) {
    return result == RESULT_NONE ? -1 : result == RESULT_REGISTERS ? 0 : (long)sizeof result;
}

static void reply(uint64_t token, long result) {
    long length = reply_length(result);
    if (length >= 0)
        pipe_reply(token, &result, length);
}

// ---- Calls that block ----

// Makes a task's call. A task that is to wait keeps its token.
static void call_try(struct task *task, uint64_t token) {
    task->token = 0;
    long result = call_make(task);
    if (task->state != TASK_LIVES)
        return;
    if (result == RESULT_BLOCKED) {
        task->token = token;
        return;
    }
    task->deadline = task->progress = 0;
    reply(token, result);
}

static bool is_due(const struct task *task, uint64_t now) {
    return task->deadline && now >= task->deadline;
}

static void blocked_try(void) {
    while (may_go_on) {
        may_go_on = false;
        for (struct task *task = tasks; task < tasks + TASKS_MAX; task++)
            if (task->state == TASK_LIVES && task->token)
                call_try(task, task->token);
    }
    uint64_t now = clock_now();
    for (struct task *task = tasks; task < tasks + TASKS_MAX; task++)
        if (task->state == TASK_LIVES && task->token && is_due(task, now))
            call_try(task, task->token);
}

static uint64_t next_deadline(void) {
    uint64_t next = DEADLINE_NONE;
    for (const struct task *task = tasks; task < tasks + TASKS_MAX; task++)
        if (task->state == TASK_LIVES && task->token && task->deadline && task->deadline < next)
            next = task->deadline;
    return next;
}

// ---- Messages ----

static void fault_answer(struct task *task, uint64_t token, const struct fault_message *fault) {
    struct fault_reply verdict = {FAULT_RESUME};
    if (!memory_fault(&task->memory, fault)) {
        task_signal(task, LINUX_SIGSEGV);
        task_end(task, LINUX_SIGSEGV); // its handler does not run yet
        return;
    }
    pipe_reply(token, &verdict, sizeof verdict);
}

static void message_take(long length) {
    const struct message_received head = *pipe_received();
    struct task *task = &tasks[head.key / KEYS_PER_TASK % TASKS_MAX];
    struct fault_message fault;
    switch (head.key % KEYS_PER_TASK) {
    case KEY_SYSTEM:
        if (head.type != MESSAGE_CALL || length != sizeof task->call)
            return;
        memcpy(&task->call, pipe_payload(), sizeof task->call);
        task->deadline = task->progress = 0;
        call_try(task, head.token);
        return;
    case KEY_FAULT:
        if (head.type != MESSAGE_CALL || length != sizeof fault)
            return;
        memcpy(&fault, pipe_payload(), sizeof fault);
        fault_answer(task, head.token, &fault);
        return;
    default: // its event, or that the pipe went with the reaped process
        if (task->state == TASK_LIVES || task->state == TASK_ENDING)
            task_ended(task);
    }
}

static int status_of(const struct task *task) {
    uint32_t signal = task->status & 0x7f;
    return signal ? STATUS_SIGNAL + (int)signal : (int)(task->status >> 8 & 0xff);
}

// Until the first program has ended. Its children end with this process.
static int serve_programs(const struct task *top) {
    while (top->state != TASK_ZOMBIE) {
        long length = pipe_wait(next_deadline());
        if (length >= 0)
            message_take(length);
        blocked_try();
    }
    return status_of(top);
}

// ---- The first program ----

static bool standard_open(struct task *task) {
    static const uint32_t flags[] = {0, LINUX_O_WRONLY, LINUX_O_WRONLY};
    for (long descriptor = 0; descriptor < 3; descriptor++) {
        struct description *description = description_make(DESCRIPTION_STANDARD, flags[descriptor], descriptor, NULL);
        if (!description || descriptor_add(&task->files, 0, description, false) != descriptor)
            return false;
    }
    return true;
}

// A word without a slash is a program of the boot image.
static void program_path(const char *word, char *path) {
    char joined[PATH_ROOM];
    if (!strchr(word, '/'))
        snprintf(joined, sizeof joined, PROGRAMS "%s", word);
    if (strchr(word, '/') && path_join(file_directory(), word, joined) < 0)
        joined[0] = 0;
    strcpy(path, joined);
}

static struct task *first_start(char *words[], long *error) {
    char path[PATH_ROOM];
    struct register_set registers;
    bool is_gone;
    program_path(words[0], path);
    struct task *task = task_make(words[0][0] == '/' ? strrchr(words[0], '/') + 1 : words[0], error);
    if (!task)
        return NULL;
    top_pid = task->pid;
    task->parent = 1;
    task->group = task->session = task->pid;
    task->mask = MASK_FIRST;
    strcpy(task->directory, file_directory());
    *error = standard_open(task) ? 0 : -LINUX_ENOMEM;
    if (!*error)
        *error = program_load(task, path, words, environ, &registers, &is_gone);
    if (!*error)
        *error = task_start(task, &registers);
    if (!*error)
        return task;
    task_end(task, LINUX_SIGKILL);
    return NULL;
}

int main(int argument_count, char *arguments[]) {
    if (argument_count < 2) {
        fputs("linux: usage: linux PROGRAM [ARGUMENT...]\n", stderr);
        return STATUS_USAGE;
    }
    long error;
    const struct task *task = first_start(arguments + 1, &error);
    if (task)
        return serve_programs(task);
    fprintf(stderr, "linux: %s: %s (%s)\n", arguments[1], error_sentence(error), error_name(error));
    return error == -LINUX_ENOENT ? STATUS_NO_COMMAND : STATUS_NO_PROGRAM;
}
