// SPDX-License-Identifier: MIT
// A start that fails half-way: spawn.c over a kernel of the test's own. A process whose end can't be awaited is ended,
// and reaped once it is dead.
#include "children.c"
#include "spawn.c" // the file itself

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define CHILDREN 4u
#define CONTROL 7u // the handle of the process that is made
#define EXIT_HANDLE 9

static struct {
    long watch_result;
    long reap_result;
    unsigned created, killed, reaped, closed;
    uint32_t last_reaped;
    struct message page;
    struct stanza stanza;
} world;

struct message *pipe_main_message = &world.page;
bool pipe_has_threads;

// ---- What spawn.c asks of others ----

uint64_t clock_now(void) {
    return 0;
}
const struct archive_file *archive_find(const struct archive *archive, const char *name) {
    static const struct archive_file file;
    (void)archive, (void)name;
    return &file;
}
const char *elf_check(const uint8_t *file, size_t length, struct elf_program *program) {
    (void)file, (void)length;
    *program = (struct elf_program){0};
    return NULL;
}
long info_ask(enum info_operation operation, uint32_t number, void *reply, size_t size) {
    (void)operation, (void)number;
    struct info_system system = {.reserve = 100};
    memcpy(reply, &system, size);
    return 0;
}
long process_watch(uint32_t pid, uint64_t key) {
    (void)pid, (void)key;
    return world.watch_result;
}
long process_map(long region, uint64_t page_offset, uint64_t address, uint64_t pages, uint32_t flags) {
    (void)region, (void)page_offset, (void)address, (void)pages, (void)flags;
    return 0;
}
long process_unmap(uint64_t address, uint64_t pages) {
    (void)address, (void)pages;
    return 0;
}
long region_split(long region, uint64_t page_offset, uint64_t pages) {
    (void)region, (void)page_offset, (void)pages;
    return 3;
}
long pipe_open_once(long *handle, const char *path) {
    (void)path;
    return *handle = 1;
}
long pipe_close(long handle) {
    world.closed += handle == CONTROL;
    return 0;
}
long pipe_call(long handle, const void *request, size_t length, void *reply, size_t reply_max, uint64_t deadline) {
    (void)deadline;
    uint32_t operation;
    memcpy(&operation, request, sizeof operation);
    if (handle == CONTROL) {
        world.killed += operation == CONTROL_KILL;
        return 0;
    }
    if (operation == PROCESS_CREATE) {
        struct process_created created = {++world.created, 1};
        memcpy(reply, &created, reply_max);
        world.page.received.handle[0] = CONTROL;
        return (long)reply_max;
    }
    struct process_name name;
    assert_int_equal(length, sizeof name);
    memcpy(&name, request, sizeof name);
    assert_int_equal(name.operation, PROCESS_REAP);
    world.reaped++;
    world.last_reaped = name.pid;
    return world.reap_result;
}
long pipe_call_attached(long handle, const void *request, size_t length, const struct attached *attached, void *reply,
                        size_t reply_max, uint64_t deadline) {
    (void)handle, (void)request, (void)length, (void)attached, (void)reply, (void)reply_max, (void)deadline;
    return 0;
}
uint32_t stanza_owner(const struct stanza *stanza, enum kind kind, uint32_t parents_owner) {
    (void)stanza, (void)kind;
    return parents_owner;
}
const char *stanza_image(const struct stanza *stanza, const char *program) {
    (void)stanza;
    return program;
}

// ---- The scene ----

static int setup(void **state) {
    static uint64_t memory[CHILDREN * sizeof(struct child) / sizeof(uint64_t)];
    (void)state;
    memset(&world, 0, sizeof world);
    memset(memory, 0, sizeof memory);
    memset(&unheard, 0, sizeof unheard);
    children = (struct slots){.size = sizeof(struct child)};
    oldest = newest = NULL;
    children_initialize(memory, CHILDREN);
    world.watch_result = EXIT_HANDLE;
    return 0;
}

static struct child *start(long *error) {
    const char *reason;
    struct start_plan plan = {.stanza = &world.stanza, .program = "p", .kind = KIND_APP, .start = ""};
    return spawn(&plan, error, &reason);
}

static void a_start_is_awaited(void **state) {
    (void)state;
    long error;
    const struct child *child = start(&error);
    assert_non_null(child);
    assert_int_equal(child->exit, EXIT_HANDLE);
    assert_int_equal(world.killed + world.reaped, 0);
}

static void a_process_whose_end_cannot_be_awaited_is_ended(void **state) {
    (void)state;
    long error = 0;
    world.watch_result = -PIPE_ENOMEM;
    assert_null(start(&error));
    assert_int_equal(error, -PIPE_ENOMEM);
    assert_int_equal(world.killed, 1);
    assert_int_equal(world.closed, 1);
    assert_null(child_find(1));
    world.watch_result = EXIT_HANDLE;
    world.reap_result = -PIPE_EBUSY; // it is not dead yet
    assert_non_null(start(&error));
    assert_true(world.reaped == 1 && world.last_reaped == 1);
    world.reap_result = 0;
    assert_non_null(start(&error));
    assert_true(world.reaped == 2 && world.last_reaped == 1);
    assert_non_null(start(&error));
    assert_int_equal(world.reaped, 2); // it is gone
}

static void no_more_are_made_than_can_be_reaped(void **state) {
    (void)state;
    long error = 0;
    world.watch_result = -PIPE_EMFILE;
    world.reap_result = -PIPE_EBUSY;
    for (unsigned number = 0; number < UNHEARD_MAX; number++)
        assert_null(start(&error));
    assert_int_equal(error, -PIPE_EMFILE);
    assert_null(start(&error));
    assert_int_equal(error, -PIPE_ENOMEM);
    assert_int_equal(world.created, UNHEARD_MAX);
    world.reap_result = 0;
    world.watch_result = EXIT_HANDLE;
    assert_non_null(start(&error));
    assert_int_equal(unheard.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(a_start_is_awaited, setup),
                                       cmocka_unit_test_setup(a_process_whose_end_cannot_be_awaited_is_ended, setup),
                                       cmocka_unit_test_setup(no_more_are_made_than_can_be_reaped, setup)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
