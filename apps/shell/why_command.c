// SPDX-License-Identifier: MIT
// `why`: explains a wait. From a process it goes to the pipe that each of its threads is blocked on, from a pipe to who
// holds what was taken out of it, or who should take it, and on from there.
#include "clock.h"
#include "describe.h"
#include "failure.h"
#include "info.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "pipe_walk.h"
#include "threads.h"
#include "tool_commands.h"
#include "why_summary.h"
#include "words.h"

#include <stdbool.h>
#include <string.h>

#define CHAIN_MAX 16u // processes, one waiting for the next
#define TENTH (SECOND / 10)
#define TENTHS 10u // in a second

static struct {
    struct threads threads;
    uint32_t visited[CHAIN_MAX]; // pids
    unsigned visited_count;
} chain;

static void indent(void) {
    say("%*s", (int)chain.visited_count * 2, "");
}

// "1 message waits", "2 messages wait".
static void count_say(uint64_t count, const char *what, const char *does) {
    say("%lu %s%s %s%s", count, what, count == 1 ? "" : "s", does, count == 1 ? "s" : "");
}

// ---- The path of a pipe ----

struct named_pipe {
    uint32_t number;
    char path[WALK_PATH_MAX];
};

static void number_compare(const char *path, const char *name, unsigned depth, const struct pipe_stat *stat,
                           void *work) {
    struct named_pipe *pipe = work;
    (void)name;
    (void)depth;
    if (stat->number == pipe->number && !pipe->path[0])
        strcpy(pipe->path, path);
}

// False: it is not in the tree any more, or out of sight.
static bool path_find(struct named_pipe *pipe) {
    struct pipe_walk walk = {.visit = number_compare, .work = pipe, .is_recursive = true, .is_quiet = true};
    pipe->path[0] = 0;
    pipe_walk(&walk, "/");
    return pipe->path[0];
}

// ---- A pipe ----

static void process_explain(uint32_t pid);

static void age_say(const struct pipe_stat *stat) {
    uint64_t now = clock_now(), tenths = now > stat->oldest ? (now - stat->oldest) / TENTH : 0;
    if (stat->oldest)
        say(", the oldest for %lu.%lu s", tenths / TENTHS, tenths % TENTHS);
}

static void backlog_say(const struct pipe_stat *stat) {
    static const char *const words[] = {
        [FLOW_QUEUE] = "message", [FLOW_TOPIC] = "message", [FLOW_CALL] = "caller", [FLOW_EVENT] = "signal"};
    if (stat->flow == FLOW_TOPIC) {
        count_say(stat->depth, "message", "stand");
        say(" in it for who hooks it next");
    } else if (stat->depth) {
        count_say(stat->depth, words[stat->flow], "wait");
        say(" in it");
        age_say(stat);
    } else {
        say("nothing waits in it");
    }
}

// Who takes out what waits.
static void takers_say(const struct pipe_stat *stat) {
    if (stat->flags & STAT_KERNEL)
        say("; the kernel answers it");
    else if (stat->flags & STAT_VACANT)
        say("; its process died, and the successor has not come");
    else if (!stat->hooks)
        say("; nobody hooks it, so nobody takes anything out");
    if (!stat->hooks || stat->flags & STAT_KERNEL)
        return;
    say("; ");
    count_say(stat->hooks, "thread", "hook");
    say(" it");
}

static void threads_say(const struct pipe_stat *stat) {
    for (unsigned index = 0; index < chain.threads.count; index++) {
        const struct thread_entry *entry = &chain.threads.entries[index];
        char name[OWNER_TEXT_MAX];
        if (!entry->info.pipe || entry->info.pipe != stat->number)
            continue;
        indent();
        say("  %s %s\n", process_text(entry->pid, name),
            entry->info.state == WAIT_SENDING  ? "waits for room in it"
            : entry->info.state == WAIT_QUEUED ? "calls it, and stands in line"
                                               : "calls it, and waits for the reply");
    }
}

static void pipe_say(const char *path, const struct pipe_stat *stat) {
    char owner[OWNER_TEXT_MAX], depth[DEPTH_TEXT_MAX];
    indent();
    say("%s is a %s of %s: ", path, flow_name(stat->flow), owner_text(stat->owner, stat->owner_generation, owner));
    backlog_say(stat);
    takers_say(stat);
    say(stat->flow == FLOW_QUEUE && stat->depth == stat->capacity ? "; it is full, %s\n" : "\n",
        depth_text(stat, depth));
}

// Who has to act before the pipe moves on, or 0.
static uint32_t next_in_chain(const struct pipe_stat *stat) {
    if (stat->holder_count)
        return stat->holder;
    bool is_stuck = stat->depth && (stat->flow == FLOW_QUEUE || stat->flow == FLOW_CALL || stat->flow == FLOW_EVENT);
    return is_stuck && stat->hooks && !(stat->flags & (STAT_KERNEL | STAT_VACANT)) ? stat->owner : 0;
}

static int pipe_explain(const char *path) {
    struct pipe_stat stat;
    char holder[OWNER_TEXT_MAX];
    long error = stat_get(path, &stat);
    if (error)
        return fail(path, error);
    if (stat.flow == FLOW_DIRECTORY)
        return fail(path, -PIPE_EISDIR);
    pipe_say(path, &stat);
    threads_say(&stat);
    if (stat.holder_count) {
        indent();
        say("  ");
        count_say(stat.holder_count, "call", "wait");
        say(" for a reply of %s\n", process_text(stat.holder, holder));
    }
    if (next_in_chain(&stat))
        process_explain(next_in_chain(&stat));
    return 0;
}

// ---- A process ----

static void blocked_explain(const struct info_thread *thread) {
    struct named_pipe pipe = {.number = thread->pipe};
    if (!path_find(&pipe)) {
        say(" a pipe that is out of sight\n");
        if (thread->holder)
            process_explain(thread->holder);
        return;
    }
    say(" %s\n", pipe.path);
    pipe_explain(pipe.path);
}

static void thread_explain(const struct info_process *process, const struct info_thread *thread) {
    static const char *const words[] = {[WAIT_NONE] = "runs, or is ready to run",
                                        [WAIT_RECEIVING] = "waits for messages of the pipes that it hooks",
                                        [WAIT_LIMITED] = "waits for messages of the pipes that it hooks",
                                        [WAIT_QUEUED] = "stands in line to call",
                                        [WAIT_IN_FLIGHT] = "waits for the reply to its call of",
                                        [WAIT_SENDING] = "waits for room in"};
    char time[TIME_TEXT_MAX];
    indent();
    say("%s/%u", process->name, process->pid);
    if (process->threads > 1)
        say(" thread %u", thread->thread);
    say(" %s", thread->state <= WAIT_LIMITED ? words[thread->state] : "waits");
    if (thread->pipe)
        blocked_explain(thread);
    else
        say("; it ran for %s s\n", time_text(thread->processor_time, time));
}

static bool was_visited(uint32_t pid) {
    for (unsigned index = 0; index < chain.visited_count; index++)
        if (chain.visited[index] == pid)
            return true;
    return false;
}

static void threads_explain(const struct info_process *process) {
    for (unsigned index = 0; index < chain.threads.count; index++)
        if (chain.threads.entries[index].pid == process->pid)
            thread_explain(process, &chain.threads.entries[index].info);
}

static void process_explain(uint32_t pid) {
    struct info_process process;
    if (info_ask(INFO_PROCESS, pid, &process, sizeof process) || process.pid != pid)
        return;
    process.name[PROGRAM_NAME_MAX] = 0;
    indent();
    if (was_visited(pid) || chain.visited_count == CHAIN_MAX) {
        say("and so on with %s/%u, from above\n", process.name, pid);
        return;
    }
    say("%s/%u is %s\n", process.name, pid, process_state_name(process.state));
    chain.visited[chain.visited_count++] = pid;
    threads_explain(&process);
    chain.visited_count--;
}

int why_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, 1, "PID or PIPE", false};
    struct options options;
    struct info_process process;
    uint64_t pid;
    directories_trim(count, words);
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (!options.operand_count)
        return why_summary();
    const char *operand = options.operands[0];
    chain.visited_count = 0;
    long error = threads_collect(&chain.threads);
    if (error)
        return fail("/kernel/info", error);
    if (*operand == '/')
        return pipe_explain(operand);
    if (!number_parse(operand, "PID", 1, UINT32_MAX, &pid))
        return STATUS_USAGE;
    if (info_ask(INFO_PROCESS, (uint32_t)pid, &process, sizeof process) || process.pid != pid)
        return fail(operand, -PIPE_ESRCH);
    process_explain((uint32_t)pid);
    return 0;
}
