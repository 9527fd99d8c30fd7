// SPDX-License-Identifier: MIT
// usage: fuzz [STRINGS [SEED]]: the kept corpus, then so many random strings. Prints TAP. This process is the director:
// it gives out the operations in their order, and sees that after each string everything is as it was before.
#include "clock.h"
#include "fuzz.h"
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRINGS_DEFAULT 100u
#define STRING_OPERATIONS 60u
#define STEP (MILLISECOND / 2)    // that an operation gets before it counts as blocked
#define PATIENCE (10 * SECOND)    // until an actor that does not come back is a failure
#define CLEANINGS 8u              // a directory goes after what others have made in it
#define RESERVE_SLACK (64u << 10) // bytes that the kernel may keep: pages of its tables

extern const uint32_t corpus_strings;
extern const uint8_t corpus[]; // each string after its length of two bytes

static const char *const complaints[COMPLAINTS] = {[COMPLAINT_ERROR] = "an error that it does not have",
                                                   [COMPLAINT_PAGE] = "wrote more than its result",
                                                   [COMPLAINT_MEMORY] = "wrote where it may not",
                                                   [COMPLAINT_MESSAGE] = "gave a message that nobody sent",
                                                   [COMPLAINT_PIPE] = "made another pipe than was asked for"};
static const char *const calls[] = {
#define SYSTEM_CALL(name, arguments, ...) #name,
#include "syscalls.def"
#undef SYSTEM_CALL
};

static struct process {
    uint32_t pid;
    uint64_t quota_used, handles; // when it had done nothing yet
} processes[ACTOR_PROCESSES];
static uint64_t tokens[ACTOR_THREADS]; // of the threads that wait for work
static struct report last[ACTOR_THREADS];
static uint64_t calls_made, operations, left_out, deaths;
static unsigned failures;
static long info;

static void fail(const char *what, uint64_t number) {
    failures++;
    printf("# %s: %lu\n", what, (unsigned long)number);
}

// ---- Reports and orders ----

static void report_take(const struct message_received *head, const struct report *report) {
    if (report->thread >= ACTOR_THREADS || head->pid != processes[thread_process(report->thread)].pid)
        return;
    tokens[report->thread] = head->token;
    last[report->thread] = *report;
    calls_made += report->calls;
    if (!report->complaint)
        return;
    failures++;
    printf("# thread %u: %s: %ld: %s\n", (unsigned)report->thread, calls[report->call], (long)report->result,
           complaints[report->complaint]);
}

// Takes the message that has come, and those after it.
static void reports_take(long result) {
    while (result >= 0) {
        struct message_received head = *pipe_received();
        struct report report = {0};
        if (head.type == MESSAGE_CALL && head.length == sizeof report)
            memcpy(&report, pipe_payload(), sizeof report);
        report_take(&head, &report);
        result = pipe_wait(DEADLINE_NOW);
    }
}

static void order_give(uint32_t thread, const struct order *order) {
    uint64_t token = tokens[thread];
    tokens[thread] = 0;
    reports_take(pipe_reply_wait(token, order, sizeof *order, clock_deadline(STEP)));
}

// Waits until all threads wait for work.
static void await_all(void) {
    uint64_t end = clock_deadline(PATIENCE);
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++) {
        while (!tokens[thread] && clock_now() < end)
            reports_take(pipe_wait(clock_deadline(STEP)));
        if (!tokens[thread])
            fail("an actor does not come back", thread);
    }
}

// ---- Processes ----

static struct info_process information_of(uint32_t pid) {
    struct info_request request = {.operation = INFO_PROCESS, .number = pid};
    struct info_process reply = {0};
    pipe_call(info, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    return reply;
}

static struct info_system system_information(void) {
    struct info_request request = {.operation = INFO_SYSTEM};
    struct info_system reply = {0};
    if (pipe_call(info, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE) != sizeof reply)
        fail("/kernel/info does not answer", 0);
    return reply;
}

static void process_start(uint32_t process) {
    char director[16], number[16], priority[16];
    char *words[] = {"fuzz", "--actor", director, number, priority, NULL};
    snprintf(director, sizeof director, "%u", (unsigned)process_id());
    snprintf(number, sizeof number, "%u", (unsigned)process);
    snprintf(priority, sizeof priority, "%u", (unsigned)information_of(process_id()).priority);
    long pid = process_spawn(words, NULL, 0, SPAWN_AS_PLAIN);
    if (pid < 0) {
        printf("Bail out! no actors: %ld\n", pid);
        exit(EXIT_FAILURE);
    }
    processes[process] = (struct process){.pid = (uint32_t)pid};
}

static void process_replace(uint32_t process) {
    process_kill(processes[process].pid, 0);
    process_wait(processes[process].pid);
    reports_take(pipe_wait(DEADLINE_NOW));
    for (uint32_t thread = 0; thread < ACTOR_THREADS; thread++)
        if (thread_process(thread) == process)
            tokens[thread] = 0;
    process_start(process);
    await_all();
    deaths++;
}

static uint32_t first_thread_of(uint32_t process) {
    uint32_t thread = 0;
    while (thread_process(thread) != process)
        thread++;
    return thread;
}

// ---- After a string ----

// Every process gives up what it has; the pipes that could not be removed.
static uint32_t clean_once(void) {
    static const struct order order = {.kind = ORDER_CLEAN};
    uint32_t left = 0;
    for (uint32_t process = 0; process < ACTOR_PROCESSES; process++) {
        uint32_t thread = first_thread_of(process);
        order_give(thread, &order);
        await_all();
        left += last[thread].left;
        if (last[thread].is_locked) // with its owner the pipe goes, too
            process_replace(process);
    }
    return left;
}

static void clean(void) {
    uint32_t left = 1;
    await_all();
    for (uint32_t count = 0; left && count < CLEANINGS; count++)
        left = clean_once();
    if (left)
        fail("pipes that cannot be removed", left);
}

// The first time a process is seen it has done nothing.
static void check_processes(void) {
    for (uint32_t index = 0; index < ACTOR_PROCESSES; index++) {
        struct process *process = &processes[index];
        struct info_process now = information_of(process->pid);
        if (!process->handles) {
            process->quota_used = now.quota_used;
            process->handles = now.handles;
        }
        if (now.quota_used != process->quota_used)
            fail("bytes of quota more than before", now.quota_used - process->quota_used);
        if (now.handles != process->handles)
            fail("handles more than before", now.handles - process->handles);
    }
}

static void check_system(const struct info_system *before) {
    struct info_system now = system_information();
    if (now.pipes != before->pipes)
        fail("pipes more than before", now.pipes - before->pipes);
    if (now.threads != before->threads || now.processes != before->processes)
        fail("threads and processes more than before",
             now.threads - before->threads + now.processes - before->processes);
}

// ---- Strings ----

static void operation_run(const uint8_t *bytes, const struct operation *operation) {
    struct order order = {.kind = ORDER_OPERATION};
    operations++;
    if (operation->code == OPERATION_TIME)
        reports_take(pipe_wait(clock_deadline(operation->time < MILLISECOND ? operation->time : MILLISECOND)));
    else if (operation->code == OPERATION_PROCESS_END || operation->code == OPERATION_THREAD_END)
        process_replace(operation->process);
    else if (operation->code > OPERATION_COPY_LEASE && operation->code != OPERATION_REGION)
        return; // what only the host brings
    else if (!tokens[operation->thread])
        left_out++;
    else {
        memcpy(order.bytes, bytes, sizeof order.bytes);
        order_give(operation->thread, &order);
    }
}

static void string_run(const uint8_t *bytes, size_t size, const struct info_system *before) {
    struct operation operation;
    size_t index = 0;
    for (size_t start = 0; operation_decode(bytes, size, &index, &operation); start = index) {
        uint8_t record[OPERATION_BYTES] = {0};
        memcpy(record, bytes + start, size - start < sizeof record ? size - start : sizeof record);
        operation_run(record, &operation);
    }
    clean();
    check_processes();
    check_system(before);
}

static void corpus_run(const struct info_system *before) {
    const uint8_t *cursor = corpus;
    for (uint32_t string = 0; string < corpus_strings; string++) {
        size_t size = cursor[0] | (size_t)cursor[1] << 8;
        string_run(cursor + 2, size, before);
        cursor += 2 + size;
    }
}

// xorshift64* (S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016).
static uint64_t next_random(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull;
}

static void random_run(unsigned strings, uint64_t seed, const struct info_system *before) {
    uint8_t bytes[STRING_OPERATIONS * OPERATION_BYTES];
    uint64_t state = seed * 0x9e3779b97f4a7c15ull + 1;
    while (strings--) {
        for (size_t index = 0; index < sizeof bytes; index++)
            bytes[index] = (uint8_t)(next_random(&state) >> 32);
        string_run(bytes, sizeof bytes, before);
    }
}

// ---- The command ----

static void tap(unsigned number, const char *what) {
    static unsigned before;
    printf("%s %u - %s\n", failures == before ? "ok" : "not ok", number, what);
    fflush(stdout);
    before = failures;
}

static void prepare(void) {
    char path[COMPONENT_MAX];
    info = pipe_open("/kernel/info", RIGHT_WRITE);
    snprintf(path, sizeof path, WORK_PIPE, (unsigned)process_id());
    long work = pipe_create(path, FLOW_CALL, RULES_ALL, 0, 0);
    snprintf(path, sizeof path, NAMES_DIRECTORY, (unsigned)process_id());
    if (work < 0 || pipe_create(path, FLOW_DIRECTORY, RULES_ALL, 0, 0) < 0 || pipe_hook(work, 0, 0) < 0)
        fail("the director's own pipes", 0);
    for (uint32_t process = 0; process < ACTOR_PROCESSES; process++)
        process_start(process);
    clean();
    check_processes();
}

static void end(const struct info_system *before, uint32_t strings) {
    char text[120];
    struct info_system now = system_information();
    if (now.reserve_used > before->reserve_used + RESERVE_SLACK)
        fail("bytes of the kernel's reserve more than before", now.reserve_used - before->reserve_used);
    for (uint32_t process = 0; process < ACTOR_PROCESSES; process++)
        process_kill(processes[process].pid, 0);
    snprintf(text, sizeof text, "%u strings: %lu operations, %lu left out, %lu deaths, %lu system calls",
             (unsigned)strings, (unsigned long)operations, (unsigned long)left_out, (unsigned long)deaths,
             (unsigned long)calls_made);
    tap(3, text);
}

int main(int count, char *words[]) {
    if (count == 5 && strcmp(words[1], "--actor") == 0)
        return actor_main((uint32_t)atoi(words[2]), (uint32_t)atoi(words[3]), (uint32_t)atoi(words[4]));
    unsigned strings = count > 1 ? (unsigned)atoi(words[1]) : STRINGS_DEFAULT;
    printf("1..3\n");
    prepare();
    struct info_system before = system_information();
    corpus_run(&before);
    tap(1, "the kept strings");
    random_run(strings, count > 2 ? (uint64_t)atoll(words[2]) : 1, &before);
    tap(2, "random strings");
    end(&before, corpus_strings + strings);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
