// SPDX-License-Identifier: MIT
#include "spawn.h"

#include "archive.h"
#include "clock.h"
#include "elf.h"
#include "info.h"
#include "page.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"

#include <stdio.h>
#include <string.h>

#define RESERVE_KEPT 8u       // one part in so many of the kernel's reserve is for those who live
#define FIRST_STACK_PAGES 16u // of the memory server, which no one gives more

struct archive boot_image;
unsigned spawn_floor;

// A process that is being made.
struct birth {
    const struct start_plan *plan;
    struct elf_program program;
    const uint8_t *file;
    long control;
    uint32_t pid, generation;
};

unsigned spawn_budget(const struct stanza *stanza) {
    return stanza->priority > spawn_floor + 1 ? stanza->budget : 0;
}

// ---- What it is made of ----

static const char *program_find(struct birth *birth, long *error) {
    char name[ARCHIVE_NAME_MAX + 1];
    snprintf(name, sizeof name, "bin/%s", stanza_image(birth->plan->stanza, birth->plan->program));
    const struct archive_file *file = archive_find(&boot_image, name);
    if (!file) {
        *error = -PIPE_ENOENT;
        return NULL;
    }
    birth->file = file->bytes;
    const char *wrong = elf_check(file->bytes, file->size, &birth->program);
    if (wrong)
        *error = -PIPE_ENOEXEC;
    return wrong;
}

// Processes that live go on taking pages of the kernel's reserve, for the tables of what they touch; without one they
// would end. So who asks for a process more is refused before there is none. Successors are not asked for.
static long reserve_check(const struct birth *birth) {
    struct info_system system;
    if (birth->plan->parent == 0)
        return 0;
    long error = info_ask(INFO_SYSTEM, 0, &system, sizeof system);
    if (error)
        return error;
    return system.reserve - system.reserve_used < system.reserve / RESERVE_KEPT ? -PIPE_ENOMEM : 0;
}

static long process_make(struct birth *birth, bool is_foreign) {
    const struct stanza *stanza = birth->plan->stanza;
    uint32_t claims_length = is_foreign ? 0 : stanza->claims_length;
    static long kernel_process;
    pipe_open_once(&kernel_process, "/kernel/process");
    struct {
        struct process_create create;
        uint8_t claims[STANZA_CLAIMS_MAX];
    } request = {.create = {.operation = PROCESS_CREATE,
                            .kind = birth->plan->kind,
                            .priority = stanza->priority,
                            .budget = (uint16_t)spawn_budget(stanza),
                            .floor = (uint16_t)spawn_floor,
                            .supervised = stanza->is_supervised,
                            .predecessor = birth->plan->predecessor,
                            .claims_length = claims_length,
                            .parent = birth->plan->parent,
                            .foreign = is_foreign,
                            .quota = stanza->quota}};
    strncpy(request.create.name, birth->plan->program, PROGRAM_NAME_MAX);
    memcpy(request.claims, stanza->claims, claims_length);
    struct process_created created;
    long result = pipe_call(kernel_process, &request, sizeof request.create + claims_length, &created, sizeof created,
                            DEADLINE_NONE);
    if (result < 0)
        return result;
    birth->control = pipe_received()->handle[0];
    birth->pid = created.pid;
    birth->generation = created.generation;
    return 0;
}

static long control_ask(const struct birth *birth, const void *request, size_t length,
                        const struct attached *attached) {
    return pipe_call_attached(birth->control, request, length, attached, NULL, 0, DEADLINE_NONE);
}

static long handles_give(const struct birth *birth, const uint32_t *handles, unsigned count, bool move) {
    struct control_empty request = {CONTROL_GIVE};
    struct attached attached = {.handle_count = (uint8_t)count, .move_mask = (uint8_t)(move ? (1u << count) - 1 : 0)};
    memcpy(attached.handles, handles, count * sizeof *handles);
    return count ? control_ask(birth, &request, sizeof request, &attached) : 0;
}

// The program's first thread, whose argument is `argument`.
static long thread_run(const struct birth *birth, uint64_t stack, uint64_t argument) {
    static struct {
        struct control_start start;
        uint8_t payload[PAYLOAD_MAX - sizeof(struct control_start)];
    } request;
    if (birth->plan->start_length > sizeof request.payload)
        return -PIPE_E2BIG;
    request.start = (struct control_start){.operation = CONTROL_START,
                                           .priority = birth->plan->stanza->priority,
                                           .entry = birth->program.entry,
                                           .stack = stack,
                                           .argument = argument};
    memcpy(request.payload, birth->plan->start, birth->plan->start_length);
    return pipe_call(birth->control, &request, sizeof request.start + birth->plan->start_length, NULL, 0,
                     DEADLINE_NONE);
}

// ---- Memory from the memory server ----

static long memory_pipe(void) {
    static long handle;
    return pipe_open_once(&handle, MEMORY_PIPE);
}

static long memory_ask(const struct memory_request *request, const struct attached *attached) {
    return pipe_call_attached(memory_pipe(), request, sizeof *request, attached, NULL, 0, DEADLINE_NONE);
}

static long adopt(const struct birth *birth) {
    struct memory_request request = {
        .operation = MEMORY_ADOPT, .pid = birth->pid, .amount = birth->plan->stanza->memory / PAGE_SIZE};
    struct attached attached = {.handles = {(uint32_t)birth->control}, .handle_count = 1};
    return memory_ask(&request, &attached);
}

// Zeroes from an address to an end, of which those from `promised` on are promised.
static long lazy(const struct birth *birth, uint64_t address, uint64_t promised, uint64_t end, uint32_t protection) {
    struct memory_request request = {.operation = MEMORY_LAZY,
                                     .pid = birth->pid,
                                     .flags = protection,
                                     .spare = (uint32_t)((promised - address) / PAGE_SIZE),
                                     .address = address,
                                     .amount = end - address};
    return address < end ? memory_ask(&request, &(struct attached){0}) : 0;
}

// Loads what stands in the file, in parts that may be leased, and leaves whole pages of zeroes to be filled as they
// are touched.
static long segment_load(const struct birth *birth, const struct elf_segment *segment) {
    uint64_t in_file = page_end(segment->file_size);
    for (uint64_t done = 0; done < in_file; done += LEASE_LENGTH_MAX) {
        uint64_t left = segment->file_size - done;
        uint64_t chunk = left < LEASE_LENGTH_MAX ? left : LEASE_LENGTH_MAX;
        struct memory_request request = {.operation = MEMORY_LOAD,
                                         .pid = birth->pid,
                                         .flags = segment->protection,
                                         .address = segment->address + done,
                                         .amount = chunk};
        struct attached attached = {.leases = {{(uint64_t)(birth->file + segment->offset + done), chunk}},
                                    .lease_count = 1};
        long result = memory_ask(&request, &attached);
        if (result < 0)
            return result;
    }
    uint64_t end = page_end(segment->address + segment->memory_size);
    return lazy(birth, segment->address + in_file, segment->address + in_file, end, segment->protection);
}

static long program_load(const struct birth *birth) {
    long result = adopt(birth);
    for (uint32_t number = 0; result >= 0 && number < birth->program.segment_count; number++)
        result = segment_load(birth, &birth->program.segments[number]);
    if (result < 0)
        return result;
    return lazy(birth, STACK_TOP - STACK_MAX, STACK_TOP - STACK_PROMISED, STACK_TOP, PROTECT_READ | PROTECT_WRITE);
}

// ---- The whole ----

// Processes that were ended because nobody hears of their ends: there was no room to hook them.
#define UNHEARD_MAX 16u
static struct {
    uint32_t count;
    uint32_t pids[UNHEARD_MAX];
} unheard;

long process_reap(uint32_t pid) {
    static long kernel_process;
    struct process_name request = {PROCESS_REAP, pid};
    pipe_open_once(&kernel_process, "/kernel/process");
    return pipe_call(kernel_process, &request, sizeof request, NULL, 0, DEADLINE_NONE);
}

// Reaps those that are dead by now. Whether there is room for one more.
static bool unheard_reap(void) {
    for (uint32_t index = unheard.count; index > 0; index--)
        if (process_reap(unheard.pids[index - 1]) != -PIPE_EBUSY)
            unheard.pids[index - 1] = unheard.pids[--unheard.count];
    return unheard.count < UNHEARD_MAX;
}

// A child for a process that was made; its end is an event with the key of its slot. Its `exit` is a negated error if
// that can't be hooked.
static struct child *child_make(const struct birth *birth, struct child *child) {
    child->exit = process_watch(birth->pid, child_index(child));
    child->pid = birth->pid;
    child->generation = birth->generation;
    child->control = birth->control;
    child->parent = birth->plan->parent;
    child->stanza = birth->plan->stanza;
    const struct child *parent = birth->plan->parent ? child_find(birth->plan->parent) : NULL;
    child->owner = stanza_owner(child->stanza, birth->plan->kind, parent ? parent->owner : 0);
    child->leader = parent && !parent->stanza->is_operator ? parent->leader : child->pid;
    child->files = child->stanza->has_parents_owner && parent ? parent->files : child->stanza;
    child->started = clock_now();
    child_name(child);
    return child;
}

static void birth_undo(const struct birth *birth) {
    struct control_exit request = {CONTROL_KILL, 0};
    pipe_call(birth->control, &request, sizeof request, NULL, 0, DEADLINE_NONE);
}

// Makes the process, still empty, and its child. NULL with *error set.
static struct child *birth_begin(struct birth *birth, bool is_foreign, long *error) {
    *error = unheard_reap() ? reserve_check(birth) : -PIPE_ENOMEM;
    if (*error)
        return NULL;
    struct child *child = child_take();
    *error = child ? process_make(birth, is_foreign) : -PIPE_ENFILE;
    if (!*error && child_make(birth, child)->exit >= 0)
        return child;
    if (!*error) {
        *error = child->exit;
        birth_undo(birth);
        pipe_close(birth->control);
        unheard.pids[unheard.count++] = birth->pid;
    }
    if (child)
        child_give(child);
    return NULL;
}

struct child *spawn_foreign(const struct start_plan *plan, long *error) {
    struct birth birth = {.plan = plan};
    struct child *child = birth_begin(&birth, true, error);
    if (child)
        child->is_foreign = true;
    return child;
}

struct child *spawn(const struct start_plan *plan, long *error, const char **reason) {
    struct birth birth = {.plan = plan};
    *error = 0;
    *reason = program_find(&birth, error);
    struct child *child = *error ? NULL : birth_begin(&birth, false, error);
    if (!child)
        return NULL;
    long result = program_load(&birth);
    if (result >= 0)
        result = handles_give(&birth, plan->handles, plan->handle_count, false);
    if (result >= 0)
        result = thread_run(&birth, STACK_TOP, 0);
    if (result >= 0)
        return child;
    child_disown(child); // its end comes like any other's
    birth_undo(&birth);
    *error = result;
    return NULL;
}

// ---- The memory server ----

#define SCRATCH (MAPPING_BASE + (1ull << 36)) // where this process maps what it fills

// Maps pages of a region into the new process.
static long chunk_map(const struct birth *birth, long region, uint64_t page, uint64_t address, uint64_t pages,
                      uint32_t protection) {
    struct attached attached = {.handles = {(uint32_t)region}, .handle_count = 1};
    for (uint64_t done = 0; done < pages; done += MAP_PAGES_MAX) {
        struct control_map map = {.operation = CONTROL_MAP,
                                  .flags = protection,
                                  .offset = (page + done) * PAGE_SIZE,
                                  .address = address + done * PAGE_SIZE,
                                  .pages = pages - done < MAP_PAGES_MAX ? pages - done : MAP_PAGES_MAX};
        long result = control_ask(birth, &map, sizeof map, &attached);
        if (result < 0)
            return result;
    }
    return 0;
}

// The pages that the program and its stack need.
static uint64_t pages_needed(const struct elf_program *program) {
    uint64_t pages = FIRST_STACK_PAGES;
    for (uint32_t number = 0; number < program->segment_count; number++)
        pages += pages_of(program->segments[number].memory_size);
    return pages;
}

// Fills a region that this process has mapped at SCRATCH, and maps it part by part into the new one.
static long chunks_fill(const struct birth *birth, long region) {
    uint64_t page = 0;
    long result = 0;
    for (uint32_t number = 0; result >= 0 && number < birth->program.segment_count; number++) {
        const struct elf_segment *segment = &birth->program.segments[number];
        memcpy((char *)SCRATCH + page * PAGE_SIZE, birth->file + segment->offset, segment->file_size);
        result = chunk_map(birth, region, page, segment->address, pages_of(segment->memory_size), segment->protection);
        page += pages_of(segment->memory_size);
    }
    if (result < 0)
        return result;
    return chunk_map(birth, region, page, STACK_TOP - FIRST_STACK_PAGES * PAGE_SIZE, FIRST_STACK_PAGES,
                     PROTECT_READ | PROTECT_WRITE);
}

static long memory_server_load(const struct birth *birth, long pool, uint64_t taken) {
    uint64_t pages = pages_needed(&birth->program);
    long region = region_split(pool, taken, pages);
    if (region < 0)
        return region;
    long result = process_map(region, 0, SCRATCH, pages, PROTECT_READ | PROTECT_WRITE | MAP_ZERO);
    if (result >= 0)
        result = chunks_fill(birth, region);
    process_unmap(SCRATCH, pages);
    pipe_close(region);
    return result;
}

struct child *spawn_memory_server(const struct start_plan *plan, const long *pool, unsigned pool_count, uint64_t taken,
                                  long *error, const char **reason) {
    struct birth birth = {.plan = plan};
    *error = 0;
    *reason = program_find(&birth, error);
    if (*error)
        return NULL;
    *error = process_make(&birth, false);
    long result = *error ? *error : memory_server_load(&birth, pool[pool_count - 1], taken);
    for (unsigned number = 0; result >= 0 && number < pool_count; number++) {
        uint32_t handle = (uint32_t)pool[number];
        result = handles_give(&birth, &handle, 1, true);
    }
    if (result >= 0)
        result = thread_run(&birth, STACK_TOP, pool_count | (taken + pages_needed(&birth.program)) << POOL_COUNT_BITS);
    struct child *child = result < 0 ? NULL : child_make(&birth, child_take());
    *error = !child ? result : child->exit < 0 ? child->exit : 0;
    return *error ? NULL : child;
}
