// SPDX-License-Identifier: MIT
// What the process server does about ends and about starts that fail: supervise.c with a clock, children and starts of
// the test's own.
#include "supervise.c" // the file itself

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define ROUNDS 100u
#define SPAN_LONG (2 * RESTART_SPAN)

enum program { PROGRAM_SESSION, PROGRAM_SUPERVISED, PROGRAMS };

static struct {
    uint64_t now, armed;
    long spawn_error; // of the next starts
    unsigned starts, reaped;
    uint32_t last_reaped, last_predecessor;
    struct child child; // the one that lives
    struct manifest manifest;
    struct message page;
} world;

struct message *pipe_main_message = &world.page;
bool pipe_has_threads;

// ---- What supervise.c asks of others ----

uint64_t clock_now(void) {
    return world.now;
}
uint64_t clock_deadline(uint64_t nanoseconds) {
    return world.now + nanoseconds;
}
// A boot image without files.
struct archive boot_image;

const struct archive_file *archive_find(const struct archive *archive, const char *name) {
    (void)archive;
    (void)name;
    return NULL;
}

long clock_arm(long event, uint64_t time) {
    (void)event;
    world.armed = time;
    return 0;
}

struct child *spawn(const struct start_plan *plan, long *error, const char **reason) {
    static uint32_t pid;
    *reason = NULL;
    *error = world.spawn_error;
    world.last_predecessor = plan->predecessor;
    if (*error)
        return NULL;
    world.starts++;
    world.child = (struct child){.is_used = true, .pid = ++pid, .stanza = plan->stanza, .started = world.now};
    return &world.child;
}

long pipe_call(long handle, const void *request, size_t length, void *reply, size_t reply_max, uint64_t deadline) {
    (void)handle, (void)reply, (void)reply_max, (void)deadline;
    (void)request, (void)length;
    return 0;
}

long process_reap(uint32_t pid) {
    world.reaped++;
    world.last_reaped = pid;
    return 0;
}

long pipe_create(const char *path, enum flow flow, uint32_t rules, uint32_t capacity, uint32_t payload_max) {
    (void)path, (void)flow, (void)rules, (void)capacity, (void)payload_max;
    return 1;
}
long pipe_open(const char *path, uint32_t rights) {
    (void)path, (void)rights;
    return 1;
}
long pipe_open_once(long *handle, const char *path) {
    (void)path;
    return *handle = 1;
}
long pipe_close(long handle) {
    return handle * 0;
}
long pipe_remove(const char *path) {
    (void)path;
    return 0;
}
long pipe_hook(long handle, uint64_t key, uint32_t flags) {
    (void)handle, (void)key, (void)flags;
    return 0;
}
long pipe_reply(uint64_t token, const void *reply, long length) {
    (void)token, (void)reply, (void)length;
    return 0;
}
void report(const char *format, ...) {
    (void)format;
}
const char *error_name(long error) {
    (void)error;
    return "";
}
const char *error_sentence(long error) {
    (void)error;
    return "";
}
struct child *child_at(uint32_t index) {
    (void)index;
    return &world.child;
}
struct child *child_find(uint32_t pid) {
    return pid == world.child.pid ? &world.child : NULL;
}
void child_give(struct child *child) {
    (void)child;
}
void child_await(struct child *child) {
    (void)child;
}
void children_disown(struct child *parent) {
    (void)parent;
}
void crash_report(const struct child *child) {
    (void)child;
}
long crash_tell(const struct child *child, struct wait_reply *reply) {
    (void)child, (void)reply;
    return 0;
}
const struct stanza *manifest_find(const struct manifest *manifest, const char *name) {
    (void)name;
    return manifest->stanzas;
}
const char *stanza_image(const struct stanza *stanza, const char *program) {
    (void)program;
    return stanza->name;
}

// ---- The scene ----

// A boot, after which a program of this stanza lives.
static void boot_of(enum program program) {
    memset(&world, 0, sizeof world);
    memset(restarts, 0, sizeof restarts);
    memset(&boot, 0, sizeof boot);
    world.now = SECOND;
    world.manifest.count = PROGRAMS;
    for (unsigned number = 0; number < PROGRAMS; number++)
        world.manifest.stanzas[number] = (struct stanza){.name = "program",
                                                         .restarts = true,
                                                         .is_supervised = number == PROGRAM_SUPERVISED,
                                                         .starts_at_boot = number == (unsigned)program};
    boot_begin(&world.manifest, false, 1, 2);
    boot_ready(world.child.pid);
    boot_ready(world.child.pid);
    assert_int_equal(world.starts, 1);
}

// The child ends `after` nanoseconds of its life. Its pid.
static uint32_t end_after(uint64_t after) {
    uint32_t pid = world.child.pid;
    world.now += after;
    child_ended(0);
    return pid;
}

// The timer's event, when it is due.
static void timer_passes(void) {
    assert_true(world.armed > world.now);
    world.now = world.armed;
    restarts_due();
}

// ---- Tests ----

static void a_session_comes_back_however_often_it_ends(void **state) {
    (void)state;
    boot_of(PROGRAM_SESSION);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        unsigned starts = world.starts;
        end_after(0);
        assert_int_equal(world.reaped, round);
        assert_int_equal(world.starts, starts + (round <= RESTARTS_MAX));
        if (round > RESTARTS_MAX)
            timer_passes();
        assert_int_equal(world.starts, starts + 1);
    }
    end_after(SPAN_LONG);
    assert_int_equal(world.starts, ROUNDS + 2); // who has lived long comes back at once
}

static void a_start_that_fails_is_tried_again_for_ever(void **state) {
    (void)state;
    boot_of(PROGRAM_SESSION);
    world.spawn_error = -PIPE_ENOMEM;
    end_after(SPAN_LONG);
    uint64_t delay = SECOND;
    for (unsigned round = 0; round < ROUNDS; round++) {
        assert_int_equal(world.armed - world.now, delay);
        timer_passes();
        delay = delay < SECOND << DELAY_DOUBLINGS ? 2 * delay : delay;
    }
    world.spawn_error = 0;
    timer_passes();
    assert_int_equal(world.starts, 2);
    restarts_due();
    assert_int_equal(world.starts, 2);
}

static void a_start_at_boot_that_fails_is_tried_again(void **state) {
    (void)state;
    boot_of(PROGRAM_SESSION);
    memset(&world.child, 0, sizeof world.child);
    world.spawn_error = -PIPE_ENOMEM;
    boot_begin(&world.manifest, false, 1, 2);
    boot.next = 0;
    boot_ready(0);
    assert_int_equal(boot.waiting, 0);
    world.spawn_error = 0;
    timer_passes();
    assert_int_equal(world.starts, 2);
}

static void pipes_wait_for_a_successor_that_can_not_start_yet(void **state) {
    (void)state;
    boot_of(PROGRAM_SUPERVISED);
    world.spawn_error = -PIPE_ENOMEM;
    uint32_t pid = end_after(0);
    timer_passes();
    assert_int_equal(world.reaped, 0);
    world.spawn_error = 0;
    timer_passes();
    assert_int_equal(world.last_predecessor, pid);
    assert_int_equal(world.last_reaped, pid);
    assert_int_equal(world.reaped, 1);
}

static void a_supervised_program_that_ends_too_often_is_given_up(void **state) {
    (void)state;
    boot_of(PROGRAM_SUPERVISED);
    for (unsigned round = 1; round <= RESTARTS_MAX; round++)
        end_after(0);
    assert_int_equal(world.starts, RESTARTS_MAX + 1);
    end_after(0);
    assert_int_equal(world.starts, RESTARTS_MAX + 1);
    assert_int_equal(world.reaped, RESTARTS_MAX + 1);
    world.now += SPAN_LONG;
    restarts_due();
    assert_int_equal(world.starts, RESTARTS_MAX + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_comes_back_however_often_it_ends),
        cmocka_unit_test(a_start_that_fails_is_tried_again_for_ever),
        cmocka_unit_test(a_start_at_boot_that_fails_is_tried_again),
        cmocka_unit_test(pipes_wait_for_a_successor_that_can_not_start_yet),
        cmocka_unit_test(a_supervised_program_that_ends_too_often_is_given_up),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
