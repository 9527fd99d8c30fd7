// SPDX-License-Identifier: MIT
// The process server: the first process. It starts the memory server, then what the manifest starts at boot, each once
// the one before is ready, and from then on programs for whoever may ask; it hears of every end, and starts again what
// is supervised.
#include "archive.h"
#include "boot_files.h"
#include "error.h"
#include "info.h"
#include "page.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"
#include "report.h"
#include "requests.h"
#include "spawn.h"
#include "stack.h"
#include "supervise.h"

#include <stdio.h>
#include <string.h>

#define HANDLE_BOOT_IMAGE 2
#define HANDLE_POOL 3
#define POOL_MAX 64u
#define KEY_PROCESS UINT32_MAX
#define KEY_BOOT (UINT32_MAX - 1)
#define KEY_PATIENCE (UINT32_MAX - 2)
#define KEY_RESTART (UINT32_MAX - 3) // all others are the slots of children: their ends
#define COMMAND_LINE_MAX 255u
#define PAGES_A_CHILD 16ull // of memory, for each slot in the table of processes: a small process takes about as many
#define CHILDREN (MAPPING_BASE + (1ull << 37)) // where that table is mapped

static struct manifest manifest;

// What can't be helped: a sentence in the kernel's log, and the end.
static _Noreturn void give_up(const char *what, long error) {
    report("process: %s: %s (%s)", what, error_sentence(error), error_name(error));
    process_exit(1);
}

static void image_open(void) {
    struct memory_info info;
    region_info(HANDLE_BOOT_IMAGE, &info);
    long result = process_map(HANDLE_BOOT_IMAGE, 0, MAPPING_BASE, info.pages, PROTECT_READ);
    if (result < 0)
        give_up("boot image", result);
    const char *wrong = archive_open(&boot_image, (const uint8_t *)MAPPING_BASE, info.pages * PAGE_SIZE);
    if (!wrong)
        return;
    report("process: the boot image can't be used: %s", wrong);
    process_exit(1);
}

// A screen of pixels that the boot loader has set up lies where it does: the manifest can't say it.
static void framebuffer_grant(void) {
    struct info_framebuffer screen;
    if (info_ask(INFO_FRAMEBUFFER, 0, &screen, sizeof screen) || screen.kind == FRAMEBUFFER_TEXT)
        return;
    uint64_t end = screen.address + (uint64_t)screen.pitch * screen.height;
    struct claim_range range = {screen.address & ~PAGE_MASK, (end - 1) | PAGE_MASK};
    manifest_grant_framebuffer(&manifest, &range);
}

static void manifest_open(void) {
    const struct archive_file *file = archive_find(&boot_image, "manifest");
    uint32_t line;
    const char *reason;
    if (!file)
        give_up("manifest", -PIPE_ENOENT);
    if (manifest_parse(&manifest, (const char *)file->bytes, file->size, &line, &reason)) {
        framebuffer_grant();
        spawn_floor = manifest_floor(&manifest);
        return;
    }
    report("process: manifest:%u: %s", (unsigned)line, reason);
    process_exit(1);
}

static long service_make(const char *path, uint32_t rules, uint64_t key) {
    long handle = pipe_create(path, FLOW_CALL, rules, 0, 0);
    long result = handle < 0 ? handle : pipe_hook(handle, key, 0);
    if (result < 0)
        give_up(path, result);
    return handle;
}

// What several programs share is nobody's of those: it stays when they end.
static void directories_make(void) {
    for (uint32_t number = 0; number < manifest.directory_count; number++) {
        const struct shared_directory *directory = &manifest.directories[number];
        long handle = pipe_create(directory->path, FLOW_DIRECTORY, directory->rules, 0, 0);
        if (handle < 0)
            give_up(directory->path, handle);
        pipe_close(handle);
    }
}

// ---- Boot ----

// The pool region with the most pages goes last: what this server and the memory server need comes from it. How many
// pages there are in all.
static uint64_t pool_collect(long *pool, unsigned count) {
    uint64_t most = 0, total = 0;
    for (unsigned number = 0; number < count; number++) {
        struct memory_info info = {0};
        pool[number] = HANDLE_POOL + number;
        region_info(pool[number], &info);
        total += info.pages;
        if (info.pages < most)
            continue;
        most = info.pages;
        long largest = pool[number];
        pool[number] = pool[0];
        pool[0] = largest;
    }
    long largest = pool[0];
    pool[0] = pool[count - 1];
    pool[count - 1] = largest;
    return total;
}

// The table of children, as large as what memory there is can hold, in the first pages of the last region. How many
// these are.
static uint64_t children_slot(const long *pool, unsigned count, uint64_t memory_pages) {
    uint64_t limit = memory_pages / PAGES_A_CHILD;
    if (limit > PIDS_MAX)
        limit = PIDS_MAX;
    uint64_t pages = pages_of(children_size((uint32_t)limit));
    long region = region_split(pool[count - 1], 0, pages);
    long result =
        region < 0 ? region : process_map(region, 0, CHILDREN, pages, PROTECT_READ | PROTECT_WRITE | MAP_ZERO);
    if (result < 0)
        give_up("table of processes", result);
    children_initialize((void *)CHILDREN, (uint32_t)limit);
    return pages;
}

static void memory_server_start(unsigned pool_count) {
    static const struct start_head none;
    long pool[POOL_MAX] = {0}, error = -PIPE_ENOENT;
    const char *reason = NULL;
    struct start_plan plan = {.stanza = manifest_find(&manifest, "memory"),
                              .program = "memory",
                              .kind = KIND_SERVER,
                              .start = &none,
                              .start_length = sizeof none};
    if (pool_count == 0 || pool_count > POOL_MAX)
        give_up("memory pool", -PIPE_ENOMEM);
    uint64_t pages = pool_collect(pool, pool_count), taken = children_slot(pool, pool_count, pages);
    if (!plan.stanza || !spawn_memory_server(&plan, pool, pool_count, taken, &error, &reason))
        give_up(reason ? reason : "memory server", error);
}

// Without an IOMMU a driver that may do DMA can make its device write any memory: says which drivers may.
static void trusted_say(void) {
    struct info_system system = {0};
    char names[REPORT_MAX / 2] = "";
    size_t length = 0;
    if (info_ask(INFO_SYSTEM, 0, &system, sizeof system) || system.guarded)
        return;
    for (uint32_t number = 0; number < manifest.count; number++) {
        const struct stanza *stanza = &manifest.stanzas[number];
        if (stanza_has_claim(stanza, CLAIM_DMA) && length < sizeof names)
            length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", stanza->name);
    }
    if (length)
        report("no IOMMU: drivers trusted with DMA to all memory: %s", names);
}

static void other(const struct request *message) {
    if (message->head.type != MESSAGE_EVENT)
        return;
    if (message->head.key == KEY_PATIENCE)
        boot_hurry();
    else if (message->head.key == KEY_RESTART)
        restarts_due();
    else
        child_ended((uint32_t)message->head.key);
}

// The kernel hands over the number of pool regions, and its command line in the message page.
_Noreturn void program_begin(struct message *page, uint64_t pool_count);
_Noreturn void program_begin(struct message *page, uint64_t pool_count) {
    static char command_line[COMMAND_LINE_MAX + 1];
    stack_guard_make();
    pipe_main_message = page;
    size_t length = page->received.length < COMMAND_LINE_MAX ? page->received.length : COMMAND_LINE_MAX;
    memcpy(command_line, page->payload, length);
    image_open();
    manifest_open();
    service_make(PROCESS_PIPE, RULES_SERVICE, KEY_PROCESS);
    service_make(BOOT_PIPE, RULES_SERVICE, KEY_BOOT);
    directories_make();
    trusted_say();
    memory_server_start((unsigned)pool_count);
    boot_begin(&manifest, strstr(command_line, "self-test") != NULL, KEY_PATIENCE, KEY_RESTART);
    static const struct service services[] = {
        {.key = KEY_PROCESS, .operations = process_operations, .operation_count = PROCESS_OPERATIONS},
        {.key = KEY_BOOT, .operations = boot_operations, .operation_count = BOOT_OPERATIONS}};
    serve(services, sizeof services / sizeof *services, other);
}
