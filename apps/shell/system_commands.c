// SPDX-License-Identifier: MIT
// `ps`, `mem`, `irq`, `uptime`, `poweroff` and `reboot`: what the kernel and the memory server tell of
// themselves.
#include "clock.h"
#include "commands.h"
#include "describe.h"
#include "failure.h"
#include "info.h"
#include "input.h"
#include "options.h"
#include "output.h"
#include "page.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

#define KIBIBYTE 1024u
#define MINUTE 60u
#define HOUR 3600u
#define PERCENT 100u

static const char info_path[] = "/kernel/info";

// Commands that take no words.
static bool is_alone(int count, char **words) {
    static const struct option_plan plan = {"", 0, 0, "", false};
    struct options options;
    return options_parse(count, words, &plan, &options);
}

// ---- ps ----

static void process_say(const struct info_process *info) {
    char time[TIME_TEXT_MAX];
    say("%5u %-6s %-9s %4u %7u %12s %7lu %.*s\n", info->pid, kind_name(info->kind), process_state_name(info->state),
        info->priority, info->threads, time_text(info->processor_time, time), info->pages, (int)sizeof info->name,
        info->name);
}

int processes_command(int count, char **words) {
    struct info_process info;
    if (!is_alone(count, words))
        return STATUS_USAGE;
    say("%5s %-6s %-9s %4s %7s %12s %7s %s\n", "PID", "KIND", "STATE", "PRIO", "THREADS", "TIME", "PAGES", "NAME");
    uint32_t number = 1;
    long error;
    while ((error = info_ask(INFO_PROCESS, number, &info, sizeof info)) == 0) {
        process_say(&info);
        number = info.pid + 1;
    }
    return error == -PIPE_ESRCH ? 0 : fail(info_path, error);
}

// ---- mem ----

static void memory_line(const char *what, uint64_t bytes) {
    say("%-22s %10lu KiB\n", what, bytes / KIBIBYTE);
}

static long pool_ask(struct memory_stats *stats) {
    struct memory_request request = {.operation = MEMORY_STATISTICS};
    long handle = pipe_open(MEMORY_PIPE, RIGHT_WRITE);
    if (handle < 0)
        return handle;
    long result = pipe_call(handle, &request, sizeof request, stats, sizeof *stats, DEADLINE_NONE);
    pipe_close(handle);
    return result < 0 ? result : 0;
}

int memory_command(int count, char **words) {
    struct info_system info;
    struct memory_stats stats = {0};
    if (!is_alone(count, words))
        return STATUS_USAGE;
    long error = info_ask(INFO_SYSTEM, 0, &info, sizeof info);
    if (error)
        return fail(info_path, error);
    memory_line("memory", info.memory);
    memory_line("kernel's reserve", info.reserve);
    memory_line("  used", info.reserve_used);
    error = pool_ask(&stats);
    if (error)
        return fail(MEMORY_PIPE, error);
    memory_line("pool", stats.pages * PAGE_SIZE);
    memory_line("  free", stats.free_pages * PAGE_SIZE);
    say("%-22s %10lu\n", "page faults", info.faults);
    return 0;
}

// ---- irq ----

// `wires` is how many lines are no messages of devices.
static void line_say(const struct info_line *info, unsigned wires) {
    bool is_wire = info->line < wires;
    char name[16];
    snprintf(name, sizeof name, is_wire ? "%u" : "msi%u", (unsigned)info->line - (is_wire ? 0 : wires));
    say("%5s %-5s %-6s %10lu %5u %5u %8lu %5lu\n", name, info->flags & LINE_LEVEL ? "level" : "edge",
        info->flags & LINE_MASKED ? "yes" : "no", info->count, info->hooks, info->owing, info->spurious, info->late);
}

int interrupts_command(int count, char **words) {
    struct info_system system;
    struct info_line info;
    if (!is_alone(count, words))
        return STATUS_USAGE;
    long error = info_ask(INFO_SYSTEM, 0, &system, sizeof system);
    if (error)
        return fail(info_path, error);
    say("%5s %-5s %-6s %10s %5s %5s %8s %5s\n", "LINE", "TYPE", "MASKED", "COUNT", "HOOKS", "OWING", "SPURIOUS",
        "LATE");
    for (uint32_t number = 0; number < system.lines; number++) {
        error = info_ask(INFO_LINE, number, &info, sizeof info);
        if (error)
            return fail(info_path, error);
        line_say(&info, system.lines - MESSAGE_LINES);
    }
    return 0;
}

// ---- uptime and power ----

int uptime_command(int count, char **words) {
    struct info_system info;
    if (!is_alone(count, words))
        return STATUS_USAGE;
    long error = info_ask(INFO_SYSTEM, 0, &info, sizeof info);
    if (error)
        return fail(info_path, error);
    uint64_t seconds = info.time / SECOND;
    say("up %lu:%02lu:%02lu, ", seconds / HOUR, seconds / MINUTE % MINUTE, seconds % MINUTE);
    say("%lu processes, %lu threads, %lu pipes, ", info.processes, info.threads, info.pipes);
    say("%lu%% idle\n", info.time ? info.idle * PERCENT / info.time : 0);
    return 0;
}

static int power(int count, char **words, enum power_operation operation) {
    if (!is_alone(count, words))
        return STATUS_USAGE;
    output_flush();
    long error = process_power(operation, 0);
    return error < 0 ? fail(PROCESS_PIPE, error) : 0;
}

int power_off_command(int count, char **words) {
    return power(count, words, POWER_OFF);
}

int reboot_command(int count, char **words) {
    return power(count, words, POWER_REBOOT);
}
