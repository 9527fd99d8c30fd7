// SPDX-License-Identifier: MIT
// `sysinfo`, `uname` and `clear`: the machine and the system on one page, its name, and a page without anything.
#include "clock.h"
#include "failure.h"
#include "info.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "pipe_walk.h"
#include "tool_commands.h"

#define MEBIBYTE (1024u * 1024u)
#define MINUTE 60u
#define HOUR 3600u
#define PERCENT 100u

struct totals {
    uint64_t hooks, taps, messages;
};

static void total(const char *path, const char *name, unsigned depth, const struct pipe_stat *stat, void *work) {
    struct totals *totals = work;
    (void)path;
    (void)name;
    (void)depth;
    totals->hooks += stat->hooks;
    totals->taps += stat->taps;
    totals->messages += stat->flow == FLOW_DIRECTORY ? 0 : stat->in;
}

static void pipes_say(const struct info_system *info) {
    struct totals totals = {0};
    struct pipe_walk walk = {.visit = total, .work = &totals, .is_recursive = true, .is_quiet = true};
    pipe_walk(&walk, "/");
    say("pipes      %lu, with %lu hooks and %lu taps; %lu messages, calls and signals so far\n", info->pipes,
        totals.hooks, totals.taps, totals.messages);
}

static void info_say(const struct info_system *info) {
    uint64_t seconds = info->time / SECOND;
    say("system     Sluice " SYSTEM_VERSION "%s\n", info->locked ? ", locked: apps may not tap" : "");
    say("processor  %.*s", (int)sizeof info->processor, info->processor);
    say("; %u in use, %lu%% idle since boot\n", info->processors, info->time ? info->idle * PERCENT / info->time : 0);
    say("memory     %lu MiB, %lu MiB of it the kernel's reserve\n", info->memory / MEBIBYTE, info->reserve / MEBIBYTE);
    say("uptime     %lu:%02lu:%02lu\n", seconds / HOUR, seconds / MINUTE % MINUTE, seconds % MINUTE);
    say("processes  %lu, with %lu threads; %lu switches and %lu page faults so far\n", info->processes, info->threads,
        info->switches, info->faults);
    pipes_say(info);
    say("interrupts %lu so far, on %u lines\n", info->interrupts, info->lines);
}

static bool is_alone(int count, char **words) {
    static const struct option_plan plan = {"", 0, 0, "", false};
    struct options options;
    return options_parse(count, words, &plan, &options);
}

int system_information_command(int count, char **words) {
    struct info_system info;
    if (!is_alone(count, words))
        return STATUS_USAGE;
    long error = info_ask(INFO_SYSTEM, 0, &info, sizeof info);
    if (error)
        return fail("/kernel/info", error);
    info_say(&info);
    return 0;
}

int name_command(int count, char **words) {
    static const struct option_plan plan = {"a", 0, 0, "", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    say(option_given(&options, 'a') ? "Sluice " SYSTEM_VERSION " x86_64\n" : "Sluice\n");
    return 0;
}

// What has scrolled off goes too (ECMA-48, 8.3.39; 3 is xterm's).
int clear_command(int count, char **words) {
    if (!is_alone(count, words))
        return STATUS_USAGE;
    say("\x1b[H\x1b[2J\x1b[3J");
    return 0;
}
