// SPDX-License-Identifier: MIT
// trace: records what passes in the whole system, by a collector that goes on when this program has ended.
#include "capture.h"
#include "clock.h"
#include "error.h"
#include "info.h"
#include "pipe.h"
#include "process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_FAILED 1
#define STATUS_USAGE 2
#define KIB 1024u
#define KIB_DEFAULT 2048u
#define KIB_MAX 8192u
#define ATTEMPTS 500u // at finding the collector that was started, one in
#define ATTEMPT (10 * MILLISECOND)

static const char usage[] =
    "usage: trace start [-b] [-m KIB] [-p PID] [-o KIND] [PATH...]\n"
    "       trace status | stop | dump | save FILE | end\n"
    "record what passes in the system: in memory of KIB (2048), of one process, of one kind (send, call, reply,\n"
    "signal, interrupt, denied, death), of the pipes at and below PATHs; -b: with their content, by taps\n"
    "save: FILE as pcapng, for Wireshark; end: forget what is held\n";

static int fail(const char *what, long error) {
    fprintf(stderr, "trace: %s: %s (%s)\n", what, error_sentence(error), error_name(error));
    return STATUS_FAILED;
}

static int fail_usage(void) {
    fputs(usage, stderr);
    return STATUS_USAGE;
}

static long collector_ask(long collector, enum collector_operation operation, void *reply, size_t size) {
    struct collect_request request = {operation, 0};
    return pipe_call(collector, &request, sizeof request, reply, size, DEADLINE_NONE);
}

// ---- Start ----

static bool number_parse(const char *text, unsigned long max, uint64_t *number) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *number = value;
    return *text && !*end && value > 0 && value <= max;
}

static bool filter_parse(int count, char **words, struct filter *filter) {
    int letter;
    uint64_t number = KIB_DEFAULT, pid = 0;
    bool is_well = true;
    enum trace_operation kind;
    while (is_well && (letter = getopt(count, words, "bm:p:o:")) != -1) {
        filter->has_bodies |= letter == 'b';
        if (letter == 'm')
            is_well = number_parse(optarg, KIB_MAX, &number);
        else if (letter == 'p')
            is_well = number_parse(optarg, PIDS_MAX, &pid);
        else if (letter == 'o' && (is_well = trace_name_parse(optarg, &kind)))
            filter->kinds |= 1u << kind;
        is_well = is_well && letter != '?';
    }
    filter->limit = number * KIB;
    filter->pid = (uint32_t)pid;
    for (; is_well && optind < count && filter->path_count < FILTER_PATHS_MAX; optind++)
        filter->paths[filter->path_count++] = words[optind];
    return is_well && optind == count;
}

static long paths_check(const struct filter *filter) {
    struct pipe_stat stat;
    for (unsigned index = 0; index < filter->path_count; index++) {
        long error = pipe_stat_path(filter->paths[index], &stat);
        if (error)
            return fail(filter->paths[index], error);
    }
    return 0;
}

// Ends a collector that has stopped; one that records is left alone: EBUSY.
static long collector_replace(void) {
    struct collect_status status = {0};
    long collector = pipe_open(COLLECTOR_PIPE, RIGHT_WRITE);
    if (collector < 0)
        return collector == -PIPE_ENOENT ? 0 : collector;
    long error = collector_ask(collector, COLLECT_STATUS, &status, sizeof status);
    if (error >= 0 && status.is_recording)
        error = -PIPE_EBUSY;
    else if (error >= 0)
        collector_ask(collector, COLLECT_QUIT, NULL, 0);
    pipe_close(collector);
    return error < 0 ? error : 0;
}

static long collector_await(uint32_t pid) {
    struct info_process process;
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        long collector = pipe_open(COLLECTOR_PIPE, RIGHT_WRITE);
        if (collector >= 0)
            return pipe_close(collector);
        if (info_ask(INFO_PROCESS, pid, &process, sizeof process) || process.pid != pid ||
            process.state == PROCESS_DEAD)
            break;
        clock_sleep(ATTEMPT);
    }
    return -PIPE_ECANCELED;
}

// Bodies come from taps, which the locked system has none of.
static long locked_check(const struct filter *filter) {
    struct info_system system;
    long error = info_ask(INFO_SYSTEM, 0, &system, sizeof system);
    return error ? error : system.locked && filter->has_bodies ? -PIPE_EACCES : 0;
}

static int start(int count, char **words) {
    static char collect_word[] = "collect";
    struct filter filter = {0};
    if (!filter_parse(count, words, &filter))
        return fail_usage();
    if (paths_check(&filter))
        return STATUS_FAILED;
    long error = locked_check(&filter);
    if (!error)
        error = collector_replace();
    if (error)
        return fail(error == -PIPE_EBUSY ? COLLECTOR_PIPE : "start", error);
    char **arguments = calloc((size_t)count + 2, sizeof *arguments);
    arguments[0] = "trace";
    arguments[1] = collect_word;
    memcpy(arguments + 2, words + 1, (size_t)(count - 1) * sizeof *arguments);
    long pid = process_spawn(arguments, NULL, 0, SPAWN_AS_PLAIN);
    error = pid < 0 ? pid : collector_await((uint32_t)pid);
    return error < 0 ? fail("start", error) : 0;
}

// ---- The rest ----

static void status_show(const struct collect_status *status) {
    printf("%s%s: %" PRIu64 " records in %" PRIu64 " of %" PRIu64 " KiB, %" PRIu64 " dropped for later ones, %" PRIu64
           " lost\n",
           status->is_recording ? "recording" : "stopped", status->has_bodies ? " with content" : "", status->held,
           status->bytes / KIB, status->limit / KIB, status->dropped, status->lost);
}

static int dump(const struct capture *capture) {
    char text[PASSAGE_TEXT_MAX];
    for (size_t index = 0; index < capture->count; index++)
        puts(passage_format(&capture->all[index].passage, false, text));
    return 0;
}

static int save(struct capture *capture, const char *path) {
    if (capture_write(capture, path))
        return 0;
    fprintf(stderr, "trace: %s: %s\n", path, strerror(errno));
    return STATUS_FAILED;
}

static int captured_use(long collector, const char *path) {
    struct capture capture;
    long error = capture_load(&capture, collector);
    if (error)
        return fail(COLLECTOR_PIPE, error);
    return path ? save(&capture, path) : dump(&capture);
}

// The command on a collector that runs.
static int command_run(const char *command, const char *path, long collector) {
    struct collect_status status;
    if (strcmp(command, "dump") == 0 || strcmp(command, "save") == 0)
        return captured_use(collector, path);
    if (strcmp(command, "end") == 0)
        return collector_ask(collector, COLLECT_QUIT, NULL, 0), 0;
    long error = strcmp(command, "stop") == 0 ? collector_ask(collector, COLLECT_STOP, NULL, 0) : 0;
    if (error >= 0)
        error = collector_ask(collector, COLLECT_STATUS, &status, sizeof status);
    if (error < 0)
        return fail(COLLECTOR_PIPE, error);
    status_show(&status);
    return 0;
}

static bool is_command(int count, char **words) {
    static const char *const commands[] = {"status", "stop", "dump", "end"};
    for (size_t index = 0; index < sizeof commands / sizeof *commands; index++)
        if (strcmp(words[1], commands[index]) == 0)
            return count == 2;
    return strcmp(words[1], "save") == 0 && count == 3;
}

int main(int count, char **words) {
    struct filter filter = {0};
    opterr = 0;
    if (count == 2 && strcmp(words[1], "-h") == 0)
        return fputs(usage, stdout) < 0;
    if (count > 1 && strcmp(words[1], "start") == 0)
        return start(count - 1, words + 1);
    if (count > 1 && strcmp(words[1], "collect") == 0)
        return filter_parse(count - 1, words + 1, &filter) ? fail("collect", collect(&filter)) : fail_usage();
    if (count < 2 || !is_command(count, words))
        return fail_usage();
    long collector = pipe_open(COLLECTOR_PIPE, RIGHT_WRITE);
    if (collector == -PIPE_ENOENT) {
        fputs("trace: nothing is recorded: `trace start` begins\n", stderr);
        return STATUS_FAILED;
    }
    return collector < 0 ? fail(COLLECTOR_PIPE, collector)
                         : command_run(words[1], count == 3 ? words[2] : NULL, collector);
}
