// SPDX-License-Identifier: MIT
// Measures what the paths of the system cost: `bench [OPERATION [ROUNDS]]` prints a line `bench NAME VALUE instructions
// cr3=N` for each operation whose name begins so, and `bench-end`; `bench wall ...` the same in nanoseconds; `bench
// memory` what memory objects take, `bench crowd` thousands of them on a large machine. What a figure counts stands
// above the function that takes it. tests/bench/run.sh starts it under QEMU; tests/bench/limits.json holds the rows.
// Each figure is the least of many rounds after a warm-up, without what reading the counter costs.
#include "crowd.h"
#include "measure.h"
#include "memory.h"
#include "partner.h"
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_ALL RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL)

static char directory[32];
static uint64_t cost; // of reading the counter
static uint8_t bulk[BULK_BYTES] __attribute__((aligned(4096)));

// ---- Pipes and partners ----

static void pipe_make(const char *name, enum flow flow) {
    char path[64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    pipe_close(must(pipe_create(path, flow, RULES_ALL, 0, 0), path));
}

static void pipe_unmake(const char *name) {
    char path[64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    must(pipe_remove(path), path);
}

static void partner_end(uint32_t pid) {
    must(process_kill(pid, 0), "kill");
    process_wait(pid);
}

// ---- System calls that meet nobody ----

// A call that has nothing to do: it replies to nobody, and does not wait.
static void null_syscall(void) {
    struct sample sample = {0};
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            sample = sample_begin();
        uint64_t start = counter();
        system_call(SYSTEM_CALL_reply_wait, 0, 0, REPLY_ONLY, DEADLINE_NOW, 0);
        sample_take(&sample, counter() - start);
    }
    sample_end(&sample);
    figure_report("null_syscall", &sample, cost, 1);
}

// A pipe that another process has made, in a directory of a directory; the path stands in the message page. The close
// is not counted.
#define PROCESS_SERVER 1u

static void open_3(void) {
    char path[64];
    struct sample sample = {0};
    snprintf(path, sizeof path, "/proc/%u/exit", PROCESS_SERVER);
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            sample = sample_begin();
        memcpy(pipe_message()->payload, path, strlen(path));
        uint64_t length = strlen(path);
        uint64_t start = counter();
        long handle = system_call(SYSTEM_CALL_open, length, RIGHT_READ, 0, 0, 0);
        sample_take(&sample, counter() - start);
        pipe_close(must(handle, path));
    }
    sample_end(&sample);
    figure_report("open_3", &sample, cost, 1);
}

// ---- Calls ----

// A call and its reply, with so many bytes each way, which stand in the message pages.
static void call_measure(const char *name, uint64_t call, uint64_t length) {
    struct sample sample = {0};
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            sample = sample_begin();
        uint64_t start = counter();
        long result = system_call(SYSTEM_CALL_call, call, length, 0, DEADLINE_NONE, 0);
        sample_take(&sample, counter() - start);
        must(result, name);
    }
    sample_end(&sample);
    figure_report(name, &sample, cost, 1);
}

static void call_with(const char *name, uint64_t length) {
    char role[] = "echo";
    pipe_make("call", FLOW_CALL);
    uint64_t call = (uint64_t)pipe_of(directory, "call", RIGHT_WRITE);
    uint32_t partner = role_start(role, directory, SPAWN_AS_PLAIN);
    call_measure(name, call, length);
    partner_end(partner);
    pipe_close((long)call);
    pipe_unmake("call");
}

static void call_0(void) {
    call_with("call_0", 0);
}

static void call_32(void) {
    call_with("call_32", 32);
}

static void call_64(void) {
    call_with("call_64", 64);
}

static void call_960(void) {
    call_with("call_960", 960);
}

// A call that leases 64 KiB, all of which the server copies into its own memory before it replies.
static void leasing(void) {
    char role[] = "borrow";
    struct sample sample = {0};
    pipe_make("call", FLOW_CALL);
    uint64_t call = (uint64_t)pipe_of(directory, "call", RIGHT_WRITE);
    uint32_t partner = role_start(role, directory, SPAWN_AS_PLAIN);
    memset(bulk, 1, sizeof bulk);
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            sample = sample_begin();
        pipe_message()->sent.lease[0] = (struct lease){(uint64_t)bulk, sizeof bulk};
        uint64_t start = counter();
        long result = system_call(SYSTEM_CALL_call, call, 0, ATTACH_LEASES(1), DEADLINE_NONE, 0);
        sample_take(&sample, counter() - start);
        must(result, "lease");
    }
    sample_end(&sample);
    figure_report("lease_64k_per_kib", &sample, cost, BULK_BYTES / 1024);
    partner_end(partner);
    pipe_close((long)call);
    pipe_unmake("call");
}

// One way of a region of 64 KiB: it is unmapped, moved with a message, and mapped by the receiver. A round has two
// ways: a call and its reply.
static void moving(void) {
    char role[] = "receive-region";
    struct sample sample = {0};
    pipe_make("call", FLOW_CALL);
    uint64_t call = (uint64_t)pipe_of(directory, "call", RIGHT_WRITE);
    uint32_t partner = role_start(role, directory, SPAWN_AS_PLAIN);
    long region = must(region_allocate(BULK_PAGES), "region");
    must(process_map(region, 0, REGION_INDEX, BULK_PAGES, PROTECT_READ | PROTECT_WRITE), "map");
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            sample = sample_begin();
        uint64_t start = counter();
        process_unmap(REGION_INDEX, BULK_PAGES);
        pipe_message()->sent.handle[0] = (uint32_t)region;
        must(system_call(SYSTEM_CALL_call, call, 0, ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE, 0), "move");
        region = pipe_received()->handle[0];
        process_map(region, 0, REGION_INDEX, BULK_PAGES, PROTECT_READ | PROTECT_WRITE);
        sample_take(&sample, counter() - start);
    }
    sample_end(&sample);
    figure_report("move_64k_per_page", &sample, cost, 2 * BULK_PAGES);
    process_unmap(REGION_INDEX, BULK_PAGES);
    pipe_close(region);
    partner_end(partner);
    pipe_close((long)call);
    pipe_unmake("call");
}

// ---- Events and queues ----

static struct sample low_sample;

// From the signal to the first instruction after the wait of a thread that is more important.
static void signal_rounds(const char *cursor) {
    uint64_t there = (uint64_t)pipe_of(cursor, "there", RIGHT_WRITE);
    long back = pipe_of(cursor, "back", RIGHT_READ);
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            low_sample = sample_begin();
        uint64_t start = counter();
        system_call(SYSTEM_CALL_send, there, 0, 0, DEADLINE_NOW, 0);
        must(pipe_wait(DEADLINE_NONE), "back");
        struct event_message event;
        memcpy(&event, pipe_payload(), sizeof event);
        sample_take(&low_sample, event.value - start);
    }
    sample_end(&low_sample);
    pipe_close((long)there);
    pipe_close(back);
}

static void event_wakeup(void) {
    char role[] = "stamp-events";
    pipe_make("there", FLOW_EVENT);
    pipe_make("back", FLOW_EVENT);
    uint32_t partner = role_start(role, directory, SPAWN_AS_PLAIN);
    run_below(directory, signal_rounds);
    low_sample.switches /= 2; // the way back is not counted
    figure_report("event_signal_wakeup", &low_sample, cost, 1);
    partner_end(partner);
    pipe_unmake("there");
    pipe_unmake("back");
}

static void event_pingpong(void) {
    char role[] = "answer-events";
    struct sample sample = {0};
    pipe_make("there", FLOW_EVENT);
    pipe_make("back", FLOW_EVENT);
    uint64_t there = (uint64_t)pipe_of(directory, "there", RIGHT_WRITE);
    long back = pipe_of(directory, "back", RIGHT_READ);
    uint32_t partner = role_start(role, directory, SPAWN_AS_PLAIN);
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            sample = sample_begin();
        uint64_t start = counter();
        system_call(SYSTEM_CALL_send, there, 0, 0, DEADLINE_NOW, 0);
        system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
        sample_take(&sample, counter() - start);
    }
    sample_end(&sample);
    figure_report("event_pingpong", &sample, cost, 1);
    partner_end(partner);
    pipe_close((long)there);
    pipe_close(back);
    pipe_unmake("there");
    pipe_unmake("back");
}

// One byte to the partner, and one back.
static void queue_pingpong(void) {
    char role[] = "answer-messages";
    struct sample sample = {0};
    pipe_make("to", FLOW_QUEUE);
    pipe_make("from", FLOW_QUEUE);
    uint64_t to = (uint64_t)pipe_of(directory, "to", RIGHT_WRITE);
    long from = pipe_of(directory, "from", RIGHT_READ);
    uint32_t partner = role_start(role, directory, SPAWN_AS_PLAIN);
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            sample = sample_begin();
        uint64_t start = counter();
        system_call(SYSTEM_CALL_send, to, 1, 0, DEADLINE_NONE, 0);
        system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
        sample_take(&sample, counter() - start);
    }
    sample_end(&sample);
    figure_report("queue_pingpong_1", &sample, cost, 1);
    partner_end(partner);
    pipe_close((long)to);
    pipe_close(from);
    pipe_unmake("to");
    pipe_unmake("from");
}

// ---- Interrupts ----

// The two drivers report the figure themselves.
static void interrupt_measure(char *waiter_role, char *raiser_role) {
    pipe_make("back", FLOW_EVENT);
    uint32_t waiter = role_start(waiter_role, directory, KIND_DRIVER);
    uint32_t raiser = role_start(raiser_role, directory, KIND_DRIVER);
    process_wait(raiser);
    partner_end(waiter);
    pipe_unmake("back");
}

static void irq_to_driver(void) {
    char waiter[] = "stamp-interrupts", raiser[] = "raise-for-stamps";
    interrupt_measure(waiter, raiser);
}

static void irq_cycle(void) {
    char waiter[] = "answer-interrupts", raiser[] = "raise-for-answers";
    interrupt_measure(waiter, raiser);
}

// ---- Processes, boot ----

static void spawn_exit_wait(void) {
    char program[] = "tiny";
    char *const arguments[] = {program, NULL};
    struct sample sample = {0};
    for (unsigned round = 0; round < warm_up + rounds; round++) {
        if (round == warm_up)
            sample = sample_begin();
        uint64_t start = counter();
        long pid = process_spawn(arguments, NULL, 0, SPAWN_AS_PLAIN);
        long status = process_wait((uint32_t)pid);
        sample_take(&sample, counter() - start);
        must(pid, program);
        must(status, program);
    }
    sample_end(&sample);
    figure_report("spawn_exit_wait", &sample, cost, 1);
}

// The kernel's clock began with its first instruction, so what it shows without the time that nobody ran is what the
// system has run since, up to here: to the prompt, and what it took to start this program from there.
static void boot(void) {
    const struct info_request request = {INFO_SYSTEM, 0, 0};
    struct info_system system;
    long info = must(pipe_open("/kernel/info", RIGHT_WRITE), "/kernel/info");
    must(pipe_call(info, &request, sizeof request, &system, sizeof system, DEADLINE_NONE), "/kernel/info");
    pipe_close(info);
    printf("bench boot %llu %s\n", (unsigned long long)(system.time - system.idle), measure_unit());
}

static const struct {
    const char *name;
    void (*measure)(void);
} operations[] = {{"boot", boot},
                  {"null_syscall", null_syscall},
                  {"call_0", call_0},
                  {"call_32", call_32},
                  {"call_64", call_64},
                  {"call_960", call_960},
                  {"event_signal_wakeup", event_wakeup},
                  {"event_pingpong", event_pingpong},
                  {"queue_pingpong_1", queue_pingpong},
                  {"irq_to_driver", irq_to_driver},
                  {"irq_cycle", irq_cycle},
                  {"lease_64k_per_kib", leasing},
                  {"move_64k_per_page", moving},
                  {"spawn_exit_wait", spawn_exit_wait},
                  {"open_3", open_3}};

// Those whose name begins so, or all. How many were measured.
static unsigned operations_measure(const char *beginning) {
    unsigned count = 0;
    for (unsigned number = 0; number < sizeof operations / sizeof *operations; number++) {
        if (strncmp(beginning, operations[number].name, strlen(beginning)) != 0)
            continue;
        operations[number].measure();
        count++;
    }
    return count;
}

static int unknown_operation(const char *name) {
    printf("bench-error no operation %s; there are", name);
    for (unsigned number = 0; number < sizeof operations / sizeof *operations; number++)
        printf(" %s", operations[number].name);
    puts(" memory crowd");
    return EXIT_FAILURE;
}

int main(int argument_count, char **arguments) {
    if (argument_count == 4 && strcmp(arguments[1], "--role") == 0)
        return role_run(arguments[2], arguments[3]) ? 0 : 2;
    if (argument_count > 1 && strcmp(arguments[1], "wall") == 0) {
        measure_time();
        argument_count--;
        arguments++;
    }
    const char *operation = argument_count > 1 ? arguments[1] : "";
    if (argument_count == 3)
        warm_up = rounds = (unsigned)atoi(arguments[2]);
    snprintf(directory, sizeof directory, "/app/%u", (unsigned)process_id());
    pipe_make("done", FLOW_EVENT);
    cost = counter_cost();
    if (strcmp(operation, "memory") == 0)
        memory_measure(directory);
    else if (strcmp(operation, "crowd") == 0) {
        pipe_make("to", FLOW_QUEUE);
        crowd_measure(directory);
    } else if (operations_measure(operation) == 0)
        return unknown_operation(operation);
    puts("bench-end");
    return EXIT_SUCCESS;
}
