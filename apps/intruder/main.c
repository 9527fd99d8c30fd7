// SPDX-License-Identifier: MIT
// It says what is not as it was; its status tells whether all is.
//
// usage: intruder handles | regions | lines | room | names | programs | text | flood | called | queued
//        intruder random CALLS SEED
#include "intruder.h"

#include "clock.h"
#include "file.h"
#include "info.h"
#include "page.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "protocol/start.h"
#include "protocol/tty.h"
#include "protocol/vfs.h"
#include "region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGION_PAGES 16u
#define HANDLES_MAX 32768u

const char *const targets[TARGETS] = {"/svc/process",
                                      "/svc/boot",
                                      "/svc/memory",
                                      "/svc/vfs",
                                      "/svc/log",
                                      "/svc/random",
                                      "/svc/tty/screen/control",
                                      "/dev/rtc",
                                      "/svc/tty/serial/control"};

// ---- What there is ----

static uint64_t handles_of_handles_owner(long pipe) {
    struct pipe_stat stat = {0};
    struct info_process process;
    if (pipe < 0 || pipe_stat(pipe, &stat) < 0)
        return UINT64_MAX; // an owner that can't be told has never as many as wanted
    info_ask(INFO_PROCESS, stat.owner, &process, sizeof process);
    return process.handles;
}

uint64_t handles_of_owner(const char *path) {
    long pipe = strcmp(path, OUTPUT) == 0 ? (long)HANDLE_OUTPUT : pipe_open(path, RIGHT_WRITE);
    uint64_t handles = handles_of_handles_owner(pipe);
    if (pipe > 0 && pipe != HANDLE_OUTPUT)
        pipe_close(pipe);
    return handles;
}

long volume_of(const char *path) {
    struct vfs_request request = {.operation = VFS_RESOLVE};
    struct attached attached = {.leases = {{(uint64_t)path, strlen(path)}}, .lease_count = 1};
    long vfs = pipe_open(VFS_PIPE, RIGHT_WRITE);
    long result = pipe_call_attached(vfs, &request, sizeof request, &attached, NULL, 0, DEADLINE_NONE);
    if (result >= 0)
        result = pipe_received()->handle_count ? (long)pipe_received()->handle[0] : -PIPE_EPROTO;
    pipe_close(vfs);
    return result;
}

uint64_t free_pages(void) {
    struct memory_request request = {.operation = MEMORY_STATISTICS};
    struct memory_stats stats = {0};
    long memory = pipe_open(MEMORY_PIPE, RIGHT_WRITE);
    pipe_call(memory, &request, sizeof request, &stats, sizeof stats, DEADLINE_NONE);
    pipe_close(memory);
    return stats.free_pages;
}

bool is(const char *what, uint64_t number, uint64_t wanted) {
    bool is_good = number == wanted && number != UINT64_MAX;
    if (!is_good)
        printf("%s: %lu, not %lu\n", what, (unsigned long)number, (unsigned long)wanted);
    return is_good;
}

bool handles_become(const char *path, uint64_t wanted) {
    for (unsigned look = 0; look < LOOKS && handles_of_owner(path) != wanted; look++)
        clock_sleep(MILLISECOND);
    return is(path, handles_of_owner(path), wanted);
}

// ---- Handles that nobody has asked for ----

static bool handles_call(const char *path) {
    struct tty_request request = {TTY_GET_MODE, 0};
    struct attached attached = {.handles = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS, HANDLE_CONTROL},
                                .handle_count = 4};
    uint64_t before = handles_of_owner(path);
    long target = pipe_open(path, RIGHT_WRITE);
    for (unsigned round = 0; round < ROUNDS; round++)
        pipe_call_attached(target, &request, sizeof request, &attached, NULL, 0, DEADLINE_NONE);
    pipe_close(target);
    return is(path, handles_of_owner(path), before);
}

// The session's server takes messages of its output when it has time for them.
static bool handles_print(void) {
    struct attached attached = {.handles = {HANDLE_OUTPUT, HANDLE_ERRORS}, .handle_count = 2};
    uint64_t before = handles_of_owner(OUTPUT);
    for (unsigned round = 0; round < ROUNDS; round++)
        pipe_send_attached(HANDLE_OUTPUT, "", 0, &attached, DEADLINE_NONE);
    return handles_become(OUTPUT, before);
}

static bool handles_given(void) {
    bool is_good = true;
    for (unsigned target = 0; target < TARGETS; target++)
        is_good = handles_call(targets[target]) && is_good;
    return handles_print() && is_good;
}

// ---- Regions for which there is no room ----

static void await_pages(uint64_t wanted) {
    for (unsigned look = 0; look < LOOKS && free_pages() != wanted; look++)
        clock_sleep(MILLISECOND);
}

// What the memory server opens when the first region comes back is there from now on.
static void region_return(void) {
    uint64_t before = free_pages();
    pipe_close(region_allocate(REGION_PAGES));
    await_pages(before);
}

static bool regions_refused(void) {
    static long handles[HANDLES_MAX];
    struct memory_request request = {.operation = MEMORY_ALLOCATE, .amount = REGION_PAGES};
    unsigned count = 0;
    long memory = pipe_open(MEMORY_PIPE, RIGHT_WRITE), result = 0;
    memset(handles, 0xff, sizeof handles); // its pages are there from now on
    region_return();
    uint64_t before = free_pages(), before_owner = handles_of_owner(MEMORY_PIPE);
    while (count < HANDLES_MAX && (handles[count] = pipe_open(MEMORY_PIPE, RIGHT_WRITE)) > 0)
        count++;
    for (unsigned round = 0; round < ROUNDS; round++)
        result = pipe_call(memory, &request, sizeof request, NULL, 0, DEADLINE_NONE);
    for (unsigned number = 0; number < count; number++)
        pipe_close(handles[number]);
    await_pages(before);
    pipe_close(memory);
    bool is_good = is("errors", (uint64_t)-result, PIPE_EMFILE);
    is_good = is("free pages", free_pages(), before) && is_good;
    return is("handles of the memory server", handles_of_owner(MEMORY_PIPE), before_owner) && is_good;
}

// ---- Names that others will need ----

#define PIDS_AHEAD 2000u

// Makes the directories of processes to come, of which each would fail to start.
static bool names_taken(void) {
    char path[PATH_LENGTH_MAX], *words[] = {"intruder", "lines", NULL};
    const uint32_t streams[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    unsigned made = 0;
    for (unsigned ahead = 1; ahead <= PIDS_AHEAD; ahead++) {
        snprintf(path, sizeof path, "/app/%u", (unsigned)process_id() + ahead);
        made += pipe_create(path, FLOW_DIRECTORY, RULES_DEFAULT, 0, 0) != -PIPE_EACCES;
    }
    long pid = process_spawn(words, streams, sizeof streams / sizeof *streams, SPAWN_AS_PLAIN);
    return is("directories of others", made, 0) && pid > 0 && process_wait((uint32_t)pid) == EXIT_SUCCESS;
}

// ---- Programs that it may not start ----

static long start_as(const char *program, uint32_t kind) {
    char *words[] = {(char *)(uintptr_t)program, NULL};
    const uint32_t streams[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    return process_spawn(words, streams, sizeof streams / sizeof *streams, kind);
}

static uint64_t times_denied(void) {
    struct info_process process = {0};
    info_ask(INFO_PROCESS, process_id(), &process, sizeof process);
    return process.denied;
}

static bool programs_refused(void) {
    static const char *const programs[] = {"serial", "pci", "tty", "memory", "vfs", "edu", "pcitake"};
    uint64_t before = times_denied();
    bool is_good = is("a shell", (uint64_t)-start_as("shell", SPAWN_AS_PLAIN), PIPE_EACCES);
    for (unsigned number = 0; number < sizeof programs / sizeof *programs; number++)
        is_good = is(programs[number], (uint64_t)-start_as(programs[number], SPAWN_AS_PLAIN), PIPE_EPERM) && is_good;
    is_good = is("bench as a driver", (uint64_t)-start_as("bench", KIND_DRIVER), PIPE_EPERM) && is_good;
    return is("times denied", times_denied() - before, sizeof programs / sizeof *programs + 2) && is_good;
}

// ---- A log full of its lines ----

#define STARTS 1300u // each makes two lines, of which the log server keeps 2,048

static bool log_flooded(void) {
    unsigned started = 0;
    for (unsigned number = 0; number < STARTS; number++) {
        long pid = start_as("tiny", SPAWN_AS_PLAIN);
        started += pid > 0 && process_wait((uint32_t)pid) == EXIT_SUCCESS;
    }
    return is("programs started", started, STARTS);
}

// ---- More memory than its limit ----

#define GIVERS 24u
#define GIVEN_PAGES 256u
#define HANDLE_GIVEN 5u // of a giver: the pipe through which it gives

// Moves a region to its parent and ends. Where that is refused the region must still be its own.
static bool pages_give(bool by_call) {
    long region = region_allocate(GIVEN_PAGES);
    struct attached attached = {.handles = {(uint32_t)region}, .handle_count = 1, .move_mask = 1};
    long result = by_call ? pipe_call_attached(HANDLE_GIVEN, "", 0, &attached, NULL, 0, DEADLINE_NONE)
                          : pipe_send_attached(HANDLE_GIVEN, "", 0, &attached, DEADLINE_NOW);
    return region > 0 && (result >= 0) == (pipe_close(region) < 0);
}

// Its children give it regions by a call or by a queue, of which it takes them at once or never. The pages it has then.
static bool pages_collected(const char *way, enum flow flow, bool takes) {
    char path[PATH_LENGTH_MAX], *words[] = {"intruder", (char *)(uintptr_t)way, NULL};
    struct memory_request request = {.operation = MEMORY_STATISTICS, .pid = process_id()};
    struct memory_stats stats = {0};
    bool is_good = true;
    snprintf(path, sizeof path, "/app/%u/given", (unsigned)process_id());
    long given = pipe_create(path, flow, RULES_DEFAULT, flow == FLOW_QUEUE ? GIVERS : 0, 0);
    const uint32_t handles[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS, (uint32_t)given};
    if (takes)
        pipe_hook(given, 0, 0);
    for (unsigned giver = 0; giver < GIVERS; giver++) {
        long pid = process_spawn(words, handles, sizeof handles / sizeof *handles, SPAWN_AS_PLAIN);
        while (takes && pipe_wait(clock_deadline(SECOND / 10)) >= 0)
            if (pipe_received()->type == MESSAGE_CALL)
                pipe_reply(pipe_received()->token, NULL, 0);
        is_good = is("a giver", (uint64_t)process_wait((uint32_t)pid), EXIT_SUCCESS) && is_good;
    }
    long memory = pipe_open(MEMORY_PIPE, RIGHT_WRITE);
    pipe_call(memory, &request, sizeof request, &stats, sizeof stats, DEADLINE_NONE);
    pipe_close(memory);
    printf("%s: %lu of %lu pages\n", way, (unsigned long)stats.used_pages, (unsigned long)stats.limit);
    is_good = is("all but some of them", stats.used_pages <= stats.limit, true) && is_good;
    return is("and many", stats.used_pages > stats.limit / 2, true) && is_good;
}

static bool pages_called(void) {
    return pages_collected("give", FLOW_CALL, true);
}

static bool pages_queued(void) {
    return pages_collected("throw", FLOW_QUEUE, false);
}

// ---- Text that it has written ----

#define TEXT_AT (MAPPING_BASE + (1ull << 33))

static bool text_refused(void) {
    uint64_t own = (uint64_t)text_refused & ~PAGE_MASK;
    long region = region_allocate(1);
    long result = process_map(region, 0, TEXT_AT, 1, PROTECT_READ | PROTECT_WRITE);
    bool is_good = is("map", (uint64_t)result, 0);
    is_good = is("data", (uint64_t)-process_protect(TEXT_AT, 1, PROTECT_READ | PROTECT_EXECUTE), PIPE_EPERM) && is_good;
    is_good = is("data read", (uint64_t)process_protect(TEXT_AT, 1, PROTECT_READ), 0) && is_good;
    is_good =
        is("data then", (uint64_t)-process_protect(TEXT_AT, 1, PROTECT_READ | PROTECT_EXECUTE), PIPE_EPERM) && is_good;
    process_unmap(TEXT_AT, 1);
    result = process_map(region, 0, TEXT_AT, 1, PROTECT_READ | PROTECT_EXECUTE);
    is_good = is("map as text", (uint64_t)-result, PIPE_EPERM) && is_good;
    is_good = is("text", (uint64_t)-process_protect(own, 1, PROTECT_READ | PROTECT_WRITE), PIPE_EPERM) && is_good;
    is_good = is("text again", (uint64_t)process_protect(own, 1, PROTECT_READ | PROTECT_EXECUTE), 0) && is_good;
    pipe_close(region);
    return is_good;
}

// ---- When keys are pressed ----

// What changes with each interrupt of a line, of which some have come by now.
static bool line_is_silent(uint32_t number) {
    struct info_line line;
    char what[sizeof "line 4294967295"];
    snprintf(what, sizeof what, "line %u", (unsigned)number);
    if (info_ask(INFO_LINE, number, &line, sizeof line) < 0)
        return is(what, UINT64_MAX, 0);
    uint64_t seen = line.count | line.spurious | line.late | line.hooks | line.owing | line.late_pid;
    return is(what, seen | (line.flags & LINE_MASKED), 0);
}

static bool lines_are_silent(void) {
    struct info_system system = {.interrupts = UINT64_MAX};
    info_ask(INFO_SYSTEM, 0, &system, sizeof system);
    bool is_good = is("interrupts", system.interrupts, 0) && system.lines > 0;
    for (uint32_t number = 0; number < system.lines; number++)
        is_good = line_is_silent(number) && is_good;
    return is_good;
}

// ---- Anything ----

// The calls are another process's, with whose end all that servers keep for it goes.
static bool calls_run(char *number, char *seed) {
    char *words[] = {"intruder", "calls", number, seed, NULL};
    const uint32_t streams[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    long pid = process_spawn(words, streams, sizeof streams / sizeof *streams, SPAWN_AS_PLAIN);
    return pid > 0 && is("status of the calls", (uint64_t)process_wait((uint32_t)pid), EXIT_SUCCESS);
}

// Made once more, the same calls change nothing: the first time servers open what they use for the first time.
static bool random_made(char *number, char *seed) {
    uint64_t before[TARGETS], before_volume;
    bool is_good = calls_run(number, seed);
    long volume = volume_of("/");
    before_volume = handles_of_handles_owner(volume);
    for (unsigned target = 0; target < TARGETS; target++)
        before[target] = handles_of_owner(targets[target]);
    is_good = calls_run(number, seed) && is_good;
    for (unsigned target = 0; target < TARGETS; target++)
        is_good = handles_become(targets[target], before[target]) && is_good;
    for (unsigned look = 0; look < LOOKS && handles_of_handles_owner(volume) != before_volume; look++)
        clock_sleep(MILLISECOND);
    is_good = is("the volume", handles_of_handles_owner(volume), before_volume) && is_good;
    pipe_close(volume);
    return is_good;
}

static const struct {
    const char *name;
    bool (*run)(void);
} tests[] = {{"handles", handles_given},  {"regions", regions_refused},   {"room", room_refused},
             {"names", names_taken},      {"programs", programs_refused}, {"text", text_refused},
             {"lines", lines_are_silent}, {"flood", log_flooded},         {"called", pages_called},
             {"queued", pages_queued}};

int main(int count, char **words) {
    const char *test = count > 1 ? words[1] : "";
    bool is_good = false;
    for (unsigned number = 0; number < sizeof tests / sizeof *tests; number++)
        if (strcmp(test, tests[number].name) == 0)
            is_good = tests[number].run();
    if (strcmp(test, "give") == 0 || strcmp(test, "throw") == 0)
        is_good = pages_give(strcmp(test, "give") == 0);
    if (strcmp(test, "hoard") == 0)
        room_hoard();
    if (strcmp(test, "random") == 0 && count == 4)
        is_good = random_made(words[2], words[3]);
    if (strcmp(test, "calls") == 0 && count == 4)
        is_good = random_calls(strtoul(words[3], NULL, 0), (unsigned)strtoul(words[2], NULL, 0));
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
