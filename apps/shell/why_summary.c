// SPDX-License-Identifier: MIT
// From each stuck thread a chain leads over pipes and processes to the first process that does not wait for another
// one: it must act, or it is missing. The chains are grouped by that culprit.
//
// Invariants: 1. A chain has at most CHAIN_MAX links, and a process that comes twice ends it. 2. Nothing is asked but
// the kernel's own pipes.
#include "why_summary.h"

#include "clock.h"
#include "describe.h"
#include "failure.h"
#include "info.h"
#include "output.h"
#include "pipe_walk.h"
#include "threads.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE SECOND // between the two looks
#define CHAIN_MAX 16u
#define REASON_MAX 160u

// A pipe that a stuck thread waits for.
struct awaited {
    uint32_t number;
    struct pipe_stat stat;
    char path[WALK_PATH_MAX];
};

// One thread: what it waits for, and who is to blame.
struct wait {
    struct thread_entry thread;
    uint32_t culprit; // pid, or 0: nobody
    unsigned blamed;  // how many waits have the same culprit and reason
    char reason[REASON_MAX];
    char chain[REASON_MAX + WALK_PATH_MAX];
};

static struct {
    struct threads before, now;
    struct awaited *pipes;
    struct wait *waits;
    unsigned pipe_count, count;
} look;

// ---- What is stuck --------------------------------------------------------------------------------------------------

static bool waits_for_another(const struct info_thread *thread) {
    return thread->pipe &&
           (thread->state == WAIT_QUEUED || thread->state == WAIT_IN_FLIGHT || thread->state == WAIT_SENDING);
}

static const struct thread_entry *entry_of(const struct threads *threads, uint32_t pid, uint32_t thread) {
    for (unsigned index = 0; index < threads->count; index++)
        if (threads->entries[index].pid == pid && threads->entries[index].info.thread == thread)
            return &threads->entries[index];
    return NULL;
}

// Whether the thread has waited in the same way since the first look.
static bool is_stuck(const struct thread_entry *entry) {
    const struct thread_entry *before = entry_of(&look.before, entry->pid, entry->info.thread);
    return before && waits_for_another(&entry->info) && before->info.state == entry->info.state &&
           before->info.pipe == entry->info.pipe && before->info.processor_time == entry->info.processor_time;
}

static const struct thread_entry *stuck_thread_of(uint32_t pid) {
    for (unsigned index = 0; index < look.now.count; index++)
        if (look.now.entries[index].pid == pid && is_stuck(&look.now.entries[index]))
            return &look.now.entries[index];
    return NULL;
}

static struct awaited *awaited_of(uint32_t number) {
    for (unsigned index = 0; index < look.pipe_count; index++)
        if (look.pipes[index].number == number)
            return &look.pipes[index];
    return NULL;
}

static void pipe_keep(const char *path, const char *name, unsigned depth, const struct pipe_stat *stat, void *work) {
    struct awaited *pipe = awaited_of(stat->number);
    (void)name;
    (void)depth;
    (void)work;
    if (pipe && !pipe->path[0]) {
        pipe->stat = *stat;
        strcpy(pipe->path, path);
    }
}

// The paths of the pipes that stuck threads wait for. False: no memory.
static bool pipes_find(void) {
    look.pipe_count = 0;
    look.pipes = calloc(look.now.count + 1, sizeof *look.pipes);
    look.waits = calloc(look.now.count + 1, sizeof *look.waits);
    if (!look.pipes || !look.waits)
        return false;
    for (unsigned index = 0; index < look.now.count; index++)
        if (is_stuck(&look.now.entries[index]) && !awaited_of(look.now.entries[index].info.pipe))
            look.pipes[look.pipe_count++].number = look.now.entries[index].info.pipe;
    struct pipe_walk walk = {.visit = pipe_keep, .is_recursive = true, .is_quiet = true};
    if (look.pipe_count)
        pipe_walk(&walk, "/");
    return true;
}

// ---- Who must act ---------------------------------------------------------------------------------------------------

static bool process_get(uint32_t pid, struct info_process *process) {
    bool is_there = info_ask(INFO_PROCESS, pid, process, sizeof *process) == 0 && process->pid == pid;
    process->name[PROGRAM_NAME_MAX] = 0;
    return is_there;
}

static bool may_take(uint32_t pid, uint32_t number) {
    static struct info_handles answer;
    uint32_t cursor = 0;
    do {
        if (info_ask_handles(pid, cursor, &answer))
            return false;
        for (uint32_t index = 0; index < answer.count && index < INFO_HANDLES_MAX; index++)
            if (answer.handle[index].type == HANDLE_PIPE && answer.handle[index].object == number &&
                answer.handle[index].rights & RIGHT_READ)
                return true;
        cursor = answer.next;
    } while (cursor);
    return false;
}

// How likely it is that this process is the one that does not take messages out.
static unsigned suspicion(const struct info_process *process) {
    return process->state == PROCESS_SUSPENDED ? 3 : stuck_thread_of(process->pid) ? 2 : 1;
}

// The process that should take messages out of a pipe: its owner, unless others than the waiter can read it, too. Of
// those that are equally suspect it is the youngest, as the older ones may just have passed their handles on.
static uint32_t taker_of(const struct awaited *pipe, uint32_t waiter) {
    struct info_process process;
    uint32_t taker = pipe->stat.owner;
    unsigned most = 0;
    for (uint32_t pid = 1; info_ask(INFO_PROCESS, pid, &process, sizeof process) == 0; pid = process.pid + 1) {
        if (process.pid == waiter || process.pid == pipe->stat.owner || !may_take(process.pid, pipe->number))
            continue;
        if (suspicion(&process) >= most) {
            most = suspicion(&process);
            taker = process.pid;
        }
    }
    return taker;
}

// What a process that waits for nobody does instead of acting.
static void state_write(uint32_t pid, const char *path, const char *did, char *to) {
    struct info_process process;
    const struct thread_entry *thread = NULL;
    for (unsigned index = 0; index < look.now.count && !thread; index++)
        if (look.now.entries[index].pid == pid)
            thread = &look.now.entries[index];
    if (!process_get(pid, &process))
        snprintf(to, REASON_MAX, "it is no more");
    else if (process.state != PROCESS_ALIVE)
        snprintf(to, REASON_MAX, "it is %s", process_state_name(process.state));
    else if (!thread)
        snprintf(to, REASON_MAX, "it has no thread");
    else
        snprintf(to, REASON_MAX, "it %s %.100s, and %s", did, path,
                 thread->info.state == WAIT_NONE ? "computes" : "waits for other messages");
}

// The next process of a chain, or 0 where it ends; then the culprit and the reason are known.
static uint32_t next_of(struct wait *wait, const struct thread_entry *entry) {
    const struct awaited *pipe = awaited_of(entry->info.pipe);
    const char *path = pipe && pipe->path[0] ? pipe->path : "a pipe that is out of sight";
    const struct pipe_stat *stat = pipe && pipe->path[0] ? &pipe->stat : NULL;
    if (entry->info.state == WAIT_IN_FLIGHT || (stat && stat->holder_count)) {
        wait->culprit = entry->info.state == WAIT_IN_FLIGHT ? entry->info.holder : stat->holder;
        state_write(wait->culprit, path, "has not answered the call of", wait->reason);
    } else if (!stat) {
        wait->culprit = 0;
        snprintf(wait->reason, REASON_MAX, "the pipe is out of sight");
    } else if (stat->flags & STAT_VACANT) {
        wait->culprit = stat->owner;
        snprintf(wait->reason, REASON_MAX, "its process died; no successor of %.100s has come", path);
        return 0;
    } else {
        wait->culprit = taker_of(pipe, entry->pid);
        if (!stat->hooks && wait->culprit == stat->owner) {
            snprintf(wait->reason, REASON_MAX, "nobody hooks %.100s", path);
            return 0;
        }
        state_write(wait->culprit, path, "takes nothing out of", wait->reason);
    }
    return wait->culprit;
}

static void chain_append(struct wait *wait, const struct thread_entry *entry) {
    static const char *const words[] = {[WAIT_QUEUED] = "stands in line to call",
                                        [WAIT_IN_FLIGHT] = "waits for the reply of",
                                        [WAIT_SENDING] = "waits for room in"};
    char name[OWNER_TEXT_MAX];
    const struct awaited *pipe = awaited_of(entry->info.pipe);
    size_t length = strlen(wait->chain);
    snprintf(wait->chain + length, sizeof wait->chain - length, "%s%s %s %s", length ? "; " : "",
             process_text(entry->pid, name), words[entry->info.state], pipe && pipe->path[0] ? pipe->path : "a pipe");
}

static void wait_explain(struct wait *wait) {
    uint32_t visited[CHAIN_MAX];
    unsigned count = 0;
    for (const struct thread_entry *entry = &wait->thread; entry && count < CHAIN_MAX;) {
        for (unsigned index = 0; index < count; index++)
            if (visited[index] == entry->pid) {
                snprintf(wait->reason, REASON_MAX, "it waits for itself, over %u others", count - 1);
                return;
            }
        visited[count++] = entry->pid;
        chain_append(wait, entry);
        uint32_t next = next_of(wait, entry);
        entry = next ? stuck_thread_of(next) : NULL;
    }
}

// ---- Telling --------------------------------------------------------------------------------------------------------

static bool is_same(const struct wait *one, const struct wait *other) {
    return one->culprit == other->culprit && strcmp(one->reason, other->reason) == 0;
}

static void blame_count(void) {
    for (unsigned index = 0; index < look.count; index++)
        for (unsigned other = 0; other < look.count; other++)
            look.waits[index].blamed += is_same(&look.waits[index], &look.waits[other]);
}

static int wait_compare(const void *one, const void *two) {
    const struct wait *first = one, *second = two;
    if (first->blamed != second->blamed)
        return first->blamed > second->blamed ? -1 : 1;
    if (first->culprit != second->culprit)
        return first->culprit < second->culprit ? -1 : 1;
    int order = strcmp(first->reason, second->reason);
    return order ? order : (first->thread.pid > second->thread.pid) - (first->thread.pid < second->thread.pid);
}

static void waits_say(void) {
    char name[OWNER_TEXT_MAX];
    for (unsigned index = 0; index < look.count; index++) {
        const struct wait *wait = &look.waits[index];
        if (!index || !is_same(wait, wait - 1))
            say("%s holds up %u: %s\n", wait->culprit ? process_text(wait->culprit, name) : "nobody", wait->blamed,
                wait->reason);
        say("  %s\n", wait->chain);
    }
}

int why_summary(void) {
    long error = threads_collect(&look.before);
    if (error)
        return fail("/kernel/info", error);
    clock_sleep(PATIENCE);
    error = threads_collect(&look.now);
    if (error)
        return fail("/kernel/info", error);
    look.count = 0;
    if (!pipes_find())
        return fail("why", -PIPE_ENOMEM);
    for (unsigned index = 0; index < look.now.count; index++)
        if (is_stuck(&look.now.entries[index])) {
            look.waits[look.count].thread = look.now.entries[index];
            wait_explain(&look.waits[look.count++]);
        }
    blame_count();
    qsort(look.waits, look.count, sizeof *look.waits, wait_compare);
    waits_say();
    if (!look.count)
        say("nothing has waited for another process for longer than a second\n");
    free(look.pipes);
    free(look.waits);
    look.pipes = NULL;
    look.waits = NULL;
    return 0;
}
