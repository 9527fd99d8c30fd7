// SPDX-License-Identifier: MIT
// From the machine's start to the first process. A boot with too little memory, or without a module, ends with a
// sentence on the console.
#include "main.h"

#include "first.h"
#include "kernel.h"
#include "log.h"
#include "panic.h"

struct kernel kernel;

extern char boot_stack_end[]; // boot/entry.asm

struct cpu *cpu_start(void) {
    struct cpu *cpu = &kernel.cpu[0];
    cpu->self = cpu;
    cpu->stack = (uint64_t)boot_stack_end;
    return cpu;
}

// ---- Memory ----

#define MEGABYTE (1ull << 20)
#define MEMORY_MIN (24 * MEGABYTE)
#define RESERVE_SHARE 8u // one part in so many of all memory is the kernel's
#define RESERVE_MIN (3 * MEGABYTE)
#define RESERVE_MAX (512 * MEGABYTE)
#define BUCKETS_MIN 1024u
#define BUCKETS_MAX (1u << 20)
#define BUCKET_BYTES 512u // of reserve for each bucket of the table of names: about what a pipe takes

static void frames_initialize(const struct boot_information *boot) {
    kernel.frame_count = boot->memory_end >> PAGE_SHIFT;
    kernel.frames = early_zeroes(kernel.frame_count * sizeof *kernel.frames);
}

static uint64_t reserve_size(uint64_t memory) {
    uint64_t size = memory / RESERVE_SHARE & ~PAGE_MASK;
    if (size < RESERVE_MIN)
        return RESERVE_MIN;
    return size < RESERVE_MAX ? size : RESERVE_MAX;
}

static void names_initialize(uint64_t reserve) {
    uint32_t buckets = BUCKETS_MIN;
    while (buckets < BUCKETS_MAX && buckets < reserve / BUCKET_BYTES)
        buckets *= 2;
    struct node **table = early_zeroes(buckets * sizeof *table);
    if (namespace_initialize(&kernel.names, table, buckets, machine_random()))
        panic("memory: too little for the namespace");
}

static void memory_initialize(const struct boot_information *boot) {
    if (boot->memory < MEMORY_MIN)
        refuse_to_start("it needs %U MiB of memory, and there are %U", MEMORY_MIN / MEGABYTE, boot->memory / MEGABYTE);
    kernel.memory = boot->memory;
    frames_initialize(boot);
    uint64_t reserve = reserve_size(boot->memory);
    reserve_initialize(&kernel.reserve, physical_of(early_allocate(reserve)), reserve >> PAGE_SHIFT);
    names_initialize(reserve);
}

// ---- The kernel's own names ----

// Apps may tap them, those whose claims say so.
#define RULES_FOR_ALL RULE(RIGHTS_ALL, RIGHT_WRITE | RIGHT_TAP, RIGHT_WRITE, RIGHT_WRITE)
#define RULES_FOR_SERVERS RULE(RIGHTS_ALL, RIGHT_TAP, 0u, RIGHT_WRITE)
#define RULES_FOR_SYSTEM RULE(RIGHTS_ALL, RIGHT_TAP, RIGHT_WRITE, RIGHT_WRITE)
#define WRITE_CREATE (RIGHT_READ | RIGHT_WRITE)
#define LOG_CAPACITY 256u

static struct node *name_make(const char *path, const struct node_plan *plan) {
    uint32_t length = 0;
    long error = 0;
    while (path[length])
        length++;
    struct node *node = node_create(&kernel.names.kernel, path, length, plan, &error);
    if (!node)
        panic("memory: too little for the kernel's names");
    return node;
}

static struct node *directory_make(const char *path, uint32_t rules) {
    return name_make(path, &(struct node_plan){FLOW_DIRECTORY, rules, 0, 0});
}

static void service_make(const char *path, struct service *service, uint32_t rules) {
    struct node *node = name_make(path, &(struct node_plan){FLOW_CALL, rules, 0, 0});
    node->special |= NODE_KERNEL;
    node->host_data = service;
}

// The directories' rules stop name squatting: servers name themselves in /svc, drivers in /dev, apps in /app. There a
// number is the name of a process's own directory, which nobody else can make first.
static void names_make(void) {
    directory_make("/kernel", RULES_READABLE);
    directory_make("/proc", RULES_READABLE);
    directory_make("/irq", RULES_READABLE);
    directory_make("/svc", RULE(RIGHTS_ALL, RIGHT_READ, RIGHT_READ, WRITE_CREATE));
    directory_make("/dev", RULE(RIGHTS_ALL, RIGHT_READ, WRITE_CREATE, WRITE_CREATE));
    directory_make("/app", RULE(RIGHTS_ALL, WRITE_CREATE, WRITE_CREATE, WRITE_CREATE))->special |= NODE_NUMBERED;
    service_make("/kernel/process", &process_service, RULES_FOR_SERVERS);
    service_make("/kernel/memory", &memory_service, RULES_FOR_SYSTEM);
    service_make("/kernel/io", &io_service, RULES_FOR_SYSTEM);
    service_make("/kernel/clock", &clock_service, RULES_FOR_ALL);
    service_make("/kernel/info", &info_service, RULES_FOR_ALL);
    service_make("/kernel/report", &report_service, RULES_FOR_SYSTEM);
    service_make("/kernel/power", &power_service, RULES_FOR_SERVERS);
    kernel.returned =
        name_make("/kernel/returned", &(struct node_plan){FLOW_EVENT, RULE(RIGHTS_ALL, 0u, 0u, RIGHT_READ), 0, 0});
    kernel.log = name_make("/kernel/log", &(struct node_plan){FLOW_TOPIC, RULES_READABLE, LOG_CAPACITY, LOG_LINE_MAX});
}

// Whether the command line holds this word.
static bool option_is_given(const char *line, const char *word) {
    for (bool begins = true; *line; begins = *line++ == ' ') {
        uint32_t index = 0;
        while (word[index] && line[index] == word[index])
            index++;
        if (begins && !word[index] && (line[index] == ' ' || !line[index]))
            return true;
    }
    return false;
}

_Noreturn void kernel_main(struct boot_information *boot) {
    struct cpu *cpu = cpu_this();
    reaper_initialize();
    kernel.processes.next_pid = 1;
    timers_initialize(cpu);
    schedule_initialize(cpu);
    memory_initialize(boot);
    names_make();
    interrupt_initialize();
    kernel.is_locked = option_is_given(boot->command_line, "locked");
    kernel.names.apps_may_tap = !kernel.is_locked;
    log_line("Sluice: %U MiB of memory, %U KiB of it the kernel's reserve; version " SYSTEM_VERSION,
             boot->memory / MEGABYTE, kernel.reserve.pages * PAGE_SIZE / 1024);
    log_line("%u interrupt lines, clock at %U kHz%s", machine_lines(), machine_cycles_per_second() / 1000,
             kernel.is_locked ? ", locked: apps may not tap" : "");
    machine_dma_initialize();
    if (machine_leaks_kernel())
        log_line(
            "this processor lets programs read the kernel's memory by speculation (Meltdown): run only trusted ones");
    if (machine_clock_error())
        log_line("the clock's rate is known to %u parts per million only: the machine pauses too often",
                 machine_clock_error());
    first_process_start(boot);
    machine_resume(schedule());
}
