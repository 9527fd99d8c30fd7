// SPDX-License-Identifier: MIT
#include "job.h"

#include "failure.h"
#include "fault.h"
#include "info.h"
#include "input.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "state.h"
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_CAPTURE (KEY_INPUT + 8)
#define KEY_PROCESS (KEY_INPUT + 16) // and up: of the job's processes

#define STATUS_MASK 0xffu
#define INTERRUPT_STATUS 2u // that a process ends with by Ctrl-C

uint32_t shell_kind(void) {
    static struct info_process own;
    if (!own.pid)
        info_ask(INFO_PROCESS, process_id(), &own, sizeof own);
    return own.kind;
}

// ---- Queues ----

void ends_close(const struct ends *ends) {
    for (unsigned descriptor = 0; descriptor < STREAMS; descriptor++)
        if (ends->handles[descriptor] > 0)
            pipe_close(ends->handles[descriptor]);
}

// A topic that nobody reads takes all and keeps nothing.
static long nothing_topic(void) {
    static long handle;
    char path[COMPONENT_MAX];
    if (handle > 0)
        return handle;
    long error = queue_ended(); // it makes the directory
    snprintf(path, sizeof path, "/app/%u/nothing", (unsigned)process_id());
    return handle = error < 0 ? error : pipe_create(path, FLOW_TOPIC, RULES_DEFAULT, 1, PAYLOAD_MAX);
}

// ---- Starting ----

void job_begin(struct job *job) {
    *job = (struct job){0};
    output_flush();
}

static struct process *process_add(struct job *job) {
    return job->process_count == JOB_PROCESSES_MAX ? NULL : &job->processes[job->process_count++];
}

static long process_begin(struct job *job, const char *name, char *const words[], uint32_t kind,
                          const uint32_t *handles, unsigned handle_count) {
    char path[COMPONENT_MAX];
    long pid = process_spawn(words, handles, handle_count, kind);
    if (pid < 0)
        return pid;
    struct process *process = process_add(job);
    if (!process)
        return -PIPE_E2BIG;
    snprintf(path, sizeof path, "/proc/%u/exit", (unsigned)pid);
    *process = (struct process){.pid = (uint32_t)pid, .exit = pipe_open(path, RIGHT_READ)};
    snprintf(process->name, sizeof process->name, "%s", name);
    return process - job->processes;
}

// Where a process's stream leads: a handle, or a negated error.
static long end_handle(const struct ends *ends, unsigned descriptor) {
    const struct stream *stream = stream_of(descriptor);
    if (ends->handles[descriptor] > 0)
        return ends->handles[descriptor];
    if (ends->handles[descriptor] == END_NOTHING || stream->type == STREAM_NOTHING)
        return descriptor == 0 ? queue_ended() : nothing_topic();
    return stream->handle;
}

long job_start(struct job *job, const char *name, char *const words[], uint32_t kind, struct ends ends, long text) {
    uint32_t handles[STREAMS + 1] = {[STREAMS] = (uint32_t)text};
    long result = 0;
    for (unsigned descriptor = 0; descriptor < STREAMS && result >= 0; descriptor++) {
        result = end_handle(&ends, descriptor);
        handles[descriptor] = (uint32_t)result;
    }
    if (result >= 0)
        result = process_begin(job, name, words, kind, handles, text ? STREAMS + 1 : STREAMS);
    return result;
}

void job_lack(struct job *job, long error) {
    struct process *process = process_add(job);
    if (process)
        *process = (struct process){.has_ended = true, .status = error};
}

// ---- Waiting ----

static void process_ended(struct process *process) {
    if (process->has_ended)
        return;
    if (process->exit > 0)
        pipe_close(process->exit);
    process->exit = 0;
    process->has_ended = true;
    struct wait_reply reply;
    process->status = process_wait_text(process->pid, &reply);
    process->crash = *reply.text ? strdup(reply.text) : NULL;
}

// Whether the process's end was signalled: others may have been told of it already, so a hook need not hear of it.
static bool is_over(const struct process *process) {
    struct pipe_stat stat;
    return process->exit <= 0 || pipe_stat(process->exit, &stat) < 0 || stat.in;
}

bool job_has_ended(struct job *job) {
    bool have_all = !job->captured;
    for (unsigned index = 0; index < job->process_count; index++) {
        struct process *process = &job->processes[index];
        if (!process->has_ended && is_over(process))
            process_ended(process);
        have_all = have_all && process->has_ended;
    }
    return have_all;
}

static void job_watch(struct job *job) {
    for (unsigned index = 0; index < job->process_count; index++)
        if (job->processes[index].exit > 0)
            pipe_hook(job->processes[index].exit, KEY_PROCESS + index, 0);
    if (job->captured)
        pipe_hook(job->captured, KEY_CAPTURE, HOOK_END);
}

static void job_unwatch(struct job *job) {
    for (unsigned index = 0; index < job->process_count; index++)
        if (job->processes[index].exit > 0)
            pipe_unhook(job->processes[index].exit);
}

static void capture_close(struct job *job) {
    if (job->captured)
        pipe_close(job->captured);
    job->captured = 0;
}

// Whoever writes more than there is room for finds no reader.
static void capture_take(struct job *job, long length) {
    char bytes[PAYLOAD_MAX]; // memory comes by messages too, which take the page
    bool has_ended = pipe_received()->type != MESSAGE_DATA;
    memcpy(bytes, pipe_payload(), (size_t)length);
    if (has_ended || !buffer_add(job->capture, bytes, (size_t)length))
        capture_close(job);
}

typedef long tree_function(uint32_t pid);

static long interrupt_tree(uint32_t pid) {
    return process_kill_tree(pid, INTERRUPT_STATUS);
}

static void trees_do(const struct job *job, tree_function *function) {
    for (unsigned index = 0; index < job->process_count; index++)
        if (!job->processes[index].has_ended)
            function(job->processes[index].pid);
}

void job_suspend(struct job *job, bool is_suspended) {
    trees_do(job, is_suspended ? process_suspend_tree : process_resume_tree);
    job->is_suspended = is_suspended;
}

// What was typed ends the job, or the waiting, or suspends the job. Whether the waiting is over.
static bool signal_heed(struct job *job, enum tty_signal signal, bool only_waits) {
    if (signal == TTY_SUSPEND && !only_waits && !job->capture) {
        job_suspend(job, true);
        return true;
    }
    if (signal != TTY_INTERRUPT && signal != TTY_QUIT)
        return false;
    job->is_stopped = true;
    capture_close(job);
    if (!only_waits)
        trees_do(job, interrupt_tree);
    return only_waits;
}

void job_wait(struct job *job, bool only_waits) {
    bool is_left = false;
    job_watch(job);
    while (!is_left && !job_has_ended(job)) {
        long length = pipe_wait_data(DEADLINE_NONE);
        if (length < 0)
            continue;
        if (pipe_received()->key == KEY_CAPTURE)
            capture_take(job, length);
        else
            is_left = signal_heed(job, input_signal(), only_waits);
    }
    job_unwatch(job);
}

void job_end(struct job *job) {
    capture_close(job);
}

// The status of a process in `$?`; says how it ended if it did not end by itself.
static int process_status(struct process *process) {
    if (process->status < 0)
        return process->status == -PIPE_ENOENT ? STATUS_NO_COMMAND : STATUS_FAILED;
    int signal = fault_signal((uint32_t)process->status), low = (int)(process->status & STATUS_MASK);
    if (process->status & EXIT_FAULT)
        complain("%s: %s\n", process->name, process->crash ? process->crash : fault_name((uint32_t)low));
    else if (signal)
        complain("%s: killed by signal %d\n", process->name, signal);
    free(process->crash);
    process->crash = NULL;
    return signal ? FAULT_STATUS + signal : low;
}

int job_status(struct job *job) {
    int status = 0;
    for (unsigned index = 0; index < job->process_count && !job->is_stopped; index++)
        status = process_status(&job->processes[index]);
    if (job->is_stopped)
        shell.leaving = LEAVING_ALL;
    return job->is_stopped ? STATUS_INTERRUPTED : status;
}

// ---- The whole ----

bool (*job_keep)(struct job *job);

int job_run(struct job *job) {
    job_wait(job, false);
    for (; job->is_suspended; job_wait(job, false)) {
        if (job_keep(job))
            return STATUS_SUSPENDED;
        job_suspend(job, false);
    }
    int status = job_status(job);
    job_end(job);
    free(job);
    return status;
}
