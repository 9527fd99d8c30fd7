// SPDX-License-Identifier: MIT
// Interrupt lines as a driver sees them. The line is one that no device of the machine uses, so that none arrives: what
// is shown is who may hook it, that the last hook masks it again, and what an answer may be. Then a device pulls one.
#include "agent.h"
#include "process.h"
#include "roles.h"
#include "wire_role.h"

#include <stdio.h>

#define LINES_TRIED_FIRST 10u // of the old controllers' lines, those left to the user
#define KEY 0x124

static uint32_t line; // that nobody hooks
static char path[COMPONENT_MAX];

static struct info_line line_information(uint32_t number) {
    struct info_request request = {.operation = INFO_LINE, .number = number};
    struct info_line information = {0};
    long info = pipe_open("/kernel/info", RIGHT_WRITE);
    CHECK_EQUAL(pipe_call(info, &request, sizeof request, &information, sizeof information, DEADLINE_NONE),
                sizeof information);
    CHECK_EQUAL(pipe_close(info), 0);
    return information;
}

// Chooses a line without hooks that has never fired.
static bool line_choose(void) {
    for (line = LINES_TRIED_FIRST; line < 2 * LINES_TRIED_FIRST; line++) {
        struct info_line information = line_information(line);
        if (information.hooks == 0 && information.count == 0)
            break;
    }
    snprintf(path, sizeof path, "/irq/%u", (unsigned)line);
    return CHECK(line < 2 * LINES_TRIED_FIRST);
}

static void line_is_masked_by_hooks(void) {
    static struct agent driver;
    REQUIRE(line_choose() && agent_start(&driver, KIND_DRIVER));
    CHECK(line_information(line).flags & LINE_MASKED);
    uint64_t one = (uint64_t)agent_open(&driver, path, RIGHT_READ | RIGHT_WRITE);
    uint64_t other = (uint64_t)agent_open(&driver, path, RIGHT_READ);
    CHECK_EQUAL(agent_call(&driver, SYSTEM_CALL_hook, one, KEY, 0, 0, 0), 0);
    CHECK_EQUAL(agent_call(&driver, SYSTEM_CALL_hook, other, KEY, 0, 0, 0), 0);
    struct info_line hooked = line_information(line);
    CHECK(hooked.hooks == 2 && !(hooked.flags & LINE_MASKED) && hooked.owing == 0);
    CHECK_EQUAL(agent_call(&driver, SYSTEM_CALL_unhook, one, 0, 0, 0, 0), 0);
    CHECK(!(line_information(line).flags & LINE_MASKED));
    agent_stop(&driver); // whose death ends the last hook
    CHECK(line_information(line).flags & LINE_MASKED && line_information(line).hooks == 0);
}

static long answer(struct agent *driver, uint64_t handle, uint64_t value, uint64_t flags) {
    return agent_call(driver, SYSTEM_CALL_send, handle, value, flags, DEADLINE_NOW, 0);
}

static void answers_are_checked(void) {
    static struct agent driver;
    REQUIRE(line_choose() && agent_start(&driver, KIND_DRIVER));
    uint64_t hooked = (uint64_t)agent_open(&driver, path, RIGHT_READ | RIGHT_WRITE);
    CHECK_ERROR(answer(&driver, hooked, INTERRUPT_HANDLED, 0), EINVAL);
    CHECK_EQUAL(agent_call(&driver, SYSTEM_CALL_hook, hooked, KEY, 0, 0, 0), 0);
    CHECK_ERROR(answer(&driver, hooked, 0, 0), EINVAL);
    CHECK_ERROR(answer(&driver, hooked, INTERRUPT_NOT_MINE + 1, 0), EINVAL);
    CHECK_ERROR(answer(&driver, hooked, UINT64_MAX, 0), EINVAL);
    CHECK_ERROR(answer(&driver, hooked, INTERRUPT_HANDLED, ATTACH_HANDLES(1)), ENOTSUP);
    CHECK_EQUAL(answer(&driver, hooked, INTERRUPT_HANDLED, 0), 0); // it owed nothing
    CHECK_EQUAL(line_information(line).owing, 0);
    agent_stop(&driver);
}

// Drivers alone wait for hardware and answer it; no process can make an interrupt.
static void lines_are_for_drivers(void) {
    static struct agent others[2], driver;
    static const enum kind kinds[] = {KIND_APP, KIND_SERVER};
    REQUIRE(line_choose());
    for (unsigned index = 0; index < 2; index++) {
        REQUIRE(agent_start(&others[index], kinds[index]));
        CHECK_ERROR(agent_open(&others[index], path, RIGHT_READ), EACCES);
        CHECK_ERROR(agent_open(&others[index], path, RIGHT_WRITE), EACCES);
        CHECK_ERROR(agent_open(&others[index], path, RIGHT_MANAGE), EACCES);
        agent_stop(&others[index]);
    }
    REQUIRE(agent_start(&driver, KIND_DRIVER));
    CHECK_ERROR(agent_open(&driver, path, RIGHT_MANAGE), EACCES);
    CHECK_ERROR(agent_open(&driver, "/irq/100000", RIGHT_READ), ENOENT);
    CHECK_ERROR(agent_path_call(&driver, SYSTEM_CALL_remove, path, 0, 0), EACCES);
    agent_stop(&driver);
}

// Only pipes that are no lines can be armed as timers: a driver can't fake its line's interrupts.
static void line_is_no_timer(void) {
    static struct agent driver;
    REQUIRE(line_choose() && agent_start(&driver, KIND_DRIVER));
    uint32_t handle = (uint32_t)agent_open(&driver, path, RIGHT_READ | RIGHT_WRITE);
    struct clock_request request = {.operation = CLOCK_ARM, .time = 1};
    CHECK_ERROR(agent_request(&driver, "/kernel/clock", &request, sizeof request, handle), ENOTSUP);
    CHECK_EQUAL(line_information(line).count, 0);
    agent_stop(&driver);
}

// A level counts once, and once more whenever its line is opened while it stays. Needs QEMU's edu
// (tests/serial/selftest.t).
static void level_counts_once(void) {
    struct pci_function device;
    if (!wire_find(&device)) {
        puts("# no edu device: no wire was pulled");
        return;
    }
    long pid = role_spawn(KIND_DRIVER, "wire", NULL, 0);
    REQUIRE(CHECK_SUCCESS(pid));
    CHECK_EQUAL(process_wait((uint32_t)pid), WIRE_WELL);
}

static const struct test tests[] = {
    {"interrupts: hooks open a line, and the last one's end masks it", line_is_masked_by_hooks},
    {"interrupts: what an answer may be", answers_are_checked},
    {"interrupts: lines are for drivers", lines_are_for_drivers},
    {"interrupts: a line is no timer", line_is_no_timer},
    {"interrupts: a level counts once", level_counts_once},
};

const struct suite interrupt_suite = SUITE(tests);
