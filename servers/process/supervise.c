// SPDX-License-Identifier: MIT
#include "supervise.h"

#include "archive.h"
#include "clock.h"
#include "crash.h"
#include "error.h"
#include "pipe.h"
#include "protocol/memory.h"
#include "protocol/process.h"
#include "report.h"
#include "spawn.h"

#include <stdio.h>
#include <string.h>

#define RESTARTS_MAX 5u // in a row, each within RESTART_SPAN of its start; then it is given up, or a session waits
#define RESTART_SPAN (10ull * SECOND)
#define DELAY_DOUBLINGS 6u // of the second after which a start is tried again: up to 64 seconds
#define RESTART_TIMER "/svc/process.restart"
#define BOOT_PATIENCE (10ull * SECOND) // with a program that is to say that it is ready: most need some milliseconds
#define BOOT_TIMER "/svc/process.boot" // while the boot lasts

// Where the boot stands.
static struct {
    const struct manifest *manifest;
    uint32_t next;    // stanza
    uint32_t waiting; // pid of the program that is not ready yet, or 0
    long timer;
    uint64_t deadline; // of the program that is waited for
    bool is_self_test;
} boot;

// The next start of a program, by the number of its stanza.
static struct restart {
    uint64_t due;         // 0: none is awaited
    uint32_t predecessor; // pid of the supervised process that is not reaped before, or 0
    uint32_t in_a_row;    // restarts, the next one among them
    uint32_t failures;    // starts that failed since
} restarts[STANZAS_MAX];
static long restart_timer;

// The bytes of a program's file, or NULL.
static const uint8_t *file_of(const char *program) {
    char name[ARCHIVE_NAME_MAX + 1];
    int length = snprintf(name, sizeof name, "bin/%s", program);
    const struct archive_file *file = length < (int)sizeof name ? archive_find(&boot_image, name) : NULL;
    return file ? file->bytes : NULL;
}

// The stanza that has links, and whose file has this name too; or NULL.
static const struct stanza *stanza_of_link(const char *program) {
    for (uint32_t number = 0; number < boot.manifest->count; number++) {
        const struct stanza *stanza = &boot.manifest->stanzas[number];
        const uint8_t *file = stanza->has_links ? file_of(stanza_image(stanza, stanza->name)) : NULL;
        if (file && file == file_of(program))
            return stanza;
    }
    return NULL;
}

const struct stanza *stanza_of(const char *program) {
    const struct stanza *stanza = manifest_find(boot.manifest, program);
    bool is_default = stanza && strcmp(stanza->name, MANIFEST_DEFAULT) == 0;
    const struct stanza *linked = is_default ? stanza_of_link(program) : NULL;
    return linked ? linked : stanza;
}

// ---- Starting ----

// Opens the pipes that the manifest names as the program's standard handles. Their number, 0 where a pipe is missing,
// or the error of who has no room for them.
static long handles_open(const struct stanza *stanza, uint32_t *handles) {
    if (!stanza->input[0] || !stanza->output[0])
        return 0;
    long input = pipe_open(stanza->input, RIGHT_READ);
    long output = input < 0 ? input : pipe_open(stanza->output, RIGHT_WRITE);
    if (output < 0) {
        if (input >= 0)
            pipe_close(input);
        report("%s: its input or output is not there", stanza->name);
        return output == -PIPE_ENOENT ? 0 : output;
    }
    handles[0] = (uint32_t)input;
    handles[1] = (uint32_t)output;
    handles[2] = (uint32_t)output;
    return 3;
}

static void handles_close(const uint32_t *handles, unsigned count) {
    if (count == 0)
        return;
    pipe_close(handles[0]);
    pipe_close(handles[1]);
}

// A start as the manifest describes it: its name, and the arguments of the stanza.
static struct child *stanza_start(const struct stanza *stanza, uint32_t predecessor) {
    struct {
        struct start_head head;
        char strings[PROGRAM_NAME_MAX + 1 + MANIFEST_ARGUMENTS_MAX];
    } start = {.head = {1 + stanza->argument_count, 0}};
    size_t length = strlen(stanza->name) + 1;
    memcpy(start.strings, stanza->name, length);
    const char *argument = stanza->arguments;
    for (uint32_t number = 0; number < stanza->argument_count; number++)
        argument += strlen(argument) + 1;
    memcpy(start.strings + length, stanza->arguments, (size_t)(argument - stanza->arguments));
    length += (size_t)(argument - stanza->arguments);
    struct start_plan plan = {.stanza = stanza,
                              .program = stanza->name,
                              .kind = (enum kind)stanza->kind,
                              .predecessor = predecessor,
                              .start = &start,
                              .start_length = sizeof start.head + length};
    const char *reason = NULL;
    long error = 0;
    long handles = handles_open(stanza, plan.handles);
    plan.handle_count = handles < 0 ? 0 : (unsigned)handles;
    error = handles < 0 ? handles : 0;
    struct child *child = error ? NULL : spawn(&plan, &error, &reason);
    handles_close(plan.handles, plan.handle_count);
    if (!child)
        report("%s did not start: %s (%s)", stanza->name, reason ? reason : error_sentence(error), error_name(error));
    return child;
}

// ---- Starting again ----

static struct restart *restart_of(const struct stanza *stanza) {
    return &restarts[stanza - boot.manifest->stanzas];
}

// Arms the timer for the start that is due first.
static void restarts_arm(void) {
    uint64_t first = UINT64_MAX;
    for (uint32_t number = 0; number < boot.manifest->count; number++)
        if (restarts[number].due && restarts[number].due < first)
            first = restarts[number].due;
    if (first != UINT64_MAX)
        clock_arm(restart_timer, first);
}

// The more failures in a row, the later the next start.
static void restart_delay(const struct stanza *stanza, uint32_t failures) {
    uint64_t delay = SECOND << (failures < DELAY_DOUBLINGS ? failures : DELAY_DOUBLINGS);
    report("%s is tried again in %u s", stanza->name, (unsigned)(delay / SECOND));
    restart_of(stanza)->due = clock_deadline(delay);
    restarts_arm();
}

// Starts the program; a start that fails, for whatever reason, is tried again for ever.
static struct child *restart_try(const struct stanza *stanza) {
    struct restart *restart = restart_of(stanza);
    struct child *child = stanza_start(stanza, restart->predecessor);
    if (!child) {
        restart_delay(stanza, restart->failures++);
        return NULL;
    }
    child->restarts = restart->in_a_row;
    *restart = (struct restart){0};
    return child;
}

void restarts_due(void) {
    uint64_t now = clock_now();
    for (uint32_t number = 0; number < boot.manifest->count; number++) {
        uint32_t predecessor = restarts[number].predecessor;
        bool is_due = restarts[number].due && restarts[number].due <= now;
        if (is_due && restart_try(&boot.manifest->stanzas[number]) && predecessor)
            process_reap(predecessor);
    }
    restarts_arm();
}

// ---- Boot ----

static bool starts_now(const struct stanza *stanza) {
    const char *image = stanza_image(stanza, stanza->name);
    if (strcmp(image, "selftest") == 0)
        return boot.is_self_test;
    if (strcmp(image, "shell") == 0)
        return !boot.is_self_test && stanza->starts_at_boot;
    return stanza->starts_at_boot && strcmp(stanza->name, "memory") != 0;
}

static void boot_advance(void) {
    while (!boot.waiting && boot.next < boot.manifest->count) {
        const struct stanza *stanza = &boot.manifest->stanzas[boot.next++];
        const struct child *child = NULL;
        if (starts_now(stanza))
            child = stanza->restarts ? restart_try(stanza) : stanza_start(stanza, 0);
        boot.waiting = child ? child->pid : 0;
    }
    boot.deadline = clock_deadline(BOOT_PATIENCE);
    if (boot.waiting) {
        clock_arm(boot.timer, boot.deadline);
    } else {
        pipe_remove(BOOT_TIMER);
        pipe_close(boot.timer);
    }
}

static long timer_make(const char *path, uint64_t key) {
    long timer = pipe_create(path, FLOW_EVENT, RULES_DEFAULT, 0, 0);
    pipe_hook(timer, key, 0);
    return timer;
}

void boot_begin(const struct manifest *manifest, bool is_self_test, uint64_t boot_key, uint64_t restart_key) {
    boot.timer = timer_make(BOOT_TIMER, boot_key);
    restart_timer = timer_make(RESTART_TIMER, restart_key);
    boot.manifest = manifest;
    boot.is_self_test = is_self_test;
    boot.waiting = child_at(0)->pid;
}

void boot_ready(uint32_t pid) {
    if (pid != boot.waiting)
        return;
    boot.waiting = 0;
    boot_advance();
}

void boot_hurry(void) {
    if (!boot.waiting || clock_now() < boot.deadline)
        return;
    report("%s is not ready: the boot goes on without it", child_find(boot.waiting)->stanza->name);
    boot_ready(boot.waiting);
}

// ---- Ends ----

static void memory_release(uint32_t pid) {
    static long handle;
    struct memory_request request = {.operation = MEMORY_RELEASE, .pid = pid};
    pipe_open_once(&handle, MEMORY_PIPE);
    pipe_call(handle, &request, sizeof request, NULL, 0, DEADLINE_NONE);
}

// Starts the program of a child that has ended again: a supervised process as the child's successor. Whether the child
// may be reaped, with which its pipes go if it has no successor: a supervised program that ends too often is given up.
// A session never is: its shell comes back, a little later each time.
static bool succeed(const struct child *child) {
    const struct stanza *stanza = child->stanza;
    bool is_quick = clock_now() - child->started < RESTART_SPAN;
    uint32_t in_a_row = is_quick ? child->restarts + 1 : 1;
    if (in_a_row > RESTARTS_MAX && stanza->is_supervised) {
        report("%s ended %u times in a row: it is given up", stanza->name, (unsigned)in_a_row);
        return true;
    }
    uint32_t predecessor = stanza->is_supervised ? child->pid : 0;
    *restart_of(stanza) = (struct restart){.predecessor = predecessor, .in_a_row = in_a_row};
    if (in_a_row > RESTARTS_MAX) {
        restart_delay(stanza, in_a_row - RESTARTS_MAX - 1);
        return true;
    }
    return restart_try(stanza) || !predecessor;
}

// Tells those who wait. Whether who started it has heard of its end; if its wait has passed, it may ask again.
static bool end_tell(const struct child *child) {
    struct wait_reply reply;
    long length = crash_tell(child, &reply);
    bool is_told[WAITERS] = {false};
    for (unsigned waiter = 0; waiter < WAITERS; waiter++)
        is_told[waiter] = child->waiting[waiter] && pipe_reply(child->waiting[waiter], &reply, length) >= 0;
    return is_told[WAITER_PARENT];
}

// Foreign processes can't go on without their maker: those that compute and make no call are ended too.
static void foreign_end(const struct child *maker) {
    for (const struct child *child = maker->first; child; child = child->next)
        if (child->is_foreign && !child->has_ended)
            child_kill(child, 0);
}

void child_ended(uint32_t index) {
    struct child *child = child_at(index);
    if (!child || child->has_ended)
        return;
    struct event_message event;
    memcpy(&event, pipe_payload(), sizeof event);
    child->has_ended = true;
    child->status = (uint32_t)event.value;
    pipe_close(child->exit);
    pipe_close(child->control);
    memory_release(child->pid);
    if (child->status & EXIT_FAULT)
        crash_report(child);
    bool is_succeeded = child->stanza->restarts && child->parent == 0;
    if (!is_succeeded || succeed(child))
        process_reap(child->pid);
    foreign_end(child);
    children_disown(child);
    boot_ready(child->pid);
    if (end_tell(child) || child->parent == 0 || child->parent == NOBODY)
        child_give(child);
    else
        child_await(child);
}

long child_kill(const struct child *child, uint32_t status) {
    struct control_exit request = {CONTROL_KILL, status};
    return pipe_call(child->control, &request, sizeof request, NULL, 0, DEADLINE_NONE);
}
