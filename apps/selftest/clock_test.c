// SPDX-License-Identifier: MIT
// Time: it goes forward; timers and deadlines in the past are due at once, those in the future not before. How long
// after is not tested: that depends on the machine.
#include "agent.h"
#include "clock.h"
#include "page.h"

#include <string.h>

#define KEY 0x71e2
#define AHEAD (5 * MILLISECOND)
#define FAR_AHEAD (1000 * SECOND)
#define MANY 500u
#define TIMER_BYTES_LEAST 64u // of the kernel's memory

static struct clock_time kernel_time(void) {
    struct clock_request request = {.operation = CLOCK_NOW};
    struct clock_time time = {0};
    long clock = pipe_open("/kernel/clock", RIGHT_WRITE);
    CHECK_EQUAL(pipe_call(clock, &request, sizeof request, &time, sizeof time, DEADLINE_NONE), sizeof time);
    CHECK_EQUAL(pipe_close(clock), 0);
    return time;
}

static void time_goes_forward(void) {
    struct clock_time before = kernel_time();
    CHECK(before.time > 0 && before.cycles > 0 && before.cycles_per_second > 0);
    for (unsigned count = 0; count < MANY; count++) {
        struct clock_time after = kernel_time();
        REQUIRE(CHECK(after.time >= before.time && after.cycles >= before.cycles));
        before = after;
    }
    uint64_t mine = clock_now();
    // The library's clock is the kernel's, but for what rounding makes of it.
    CHECK(kernel_time().time >= mine - MILLISECOND);
}

// Waits for the timer; when it went off.
static uint64_t timer_awaited(void) {
    struct event_message event = {0};
    CHECK_EQUAL(pipe_wait(DEADLINE_NONE), sizeof event);
    memcpy(&event, pipe_payload(), sizeof event);
    CHECK_EQUAL(event.count, 1);
    CHECK_EQUAL(pipe_received()->pid, 0);
    return event.time;
}

static void timers_go_off(void) {
    long event = own_pipe("event", FLOW_EVENT);
    CHECK_EQUAL(pipe_hook(event, KEY, 0), 0);
    CHECK_EQUAL(clock_arm(event, DEADLINE_PAST), 0);
    timer_awaited();
    CHECK_EQUAL(clock_arm(event, 0), 0);
    timer_awaited();
    uint64_t due = kernel_time().time + AHEAD;
    CHECK_EQUAL(clock_arm(event, due), 0);
    CHECK(timer_awaited() >= due);
    CHECK_EQUAL(clock_arm(event, kernel_time().time + FAR_AHEAD), 0);
    due = kernel_time().time + AHEAD;
    CHECK_EQUAL(clock_arm(event, due), 0); // instead of the earlier one
    CHECK(timer_awaited() >= due);
    CHECK_EQUAL(clock_arm(event, UINT64_MAX), 0);
    CHECK_ERROR(pipe_wait(kernel_time().time + AHEAD), ETIMEDOUT);
    CHECK_EQUAL(clock_disarm(event), 0);
    CHECK_EQUAL(clock_disarm(event), 0); // it is not armed: nothing is done
    own_remove("event", event);
}

static void disarmed_timer_is_silent(void) {
    long event = own_pipe("event", FLOW_EVENT);
    CHECK_EQUAL(pipe_hook(event, KEY, 0), 0);
    CHECK_EQUAL(clock_arm(event, kernel_time().time + FAR_AHEAD), 0);
    CHECK_EQUAL(clock_disarm(event), 0);
    CHECK_ERROR(pipe_wait(kernel_time().time + AHEAD), ETIMEDOUT);
    own_remove("event", event);
}

static void timers_are_refused(void) {
    long queue = own_pipe("queue", FLOW_QUEUE), event = own_pipe("event", FLOW_EVENT);
    long reader = own_open("event", RIGHT_READ);
    CHECK_ERROR(clock_arm(queue, DEADLINE_PAST), ENOTSUP);
    CHECK_ERROR(clock_arm(reader, DEADLINE_PAST), EACCES);
    CHECK_ERROR(clock_disarm(reader), EACCES);
    CHECK_ERROR(clock_arm(UINT32_MAX, DEADLINE_PAST), EBADF);
    CHECK_EQUAL(pipe_close(reader), 0);
    own_remove("queue", queue);
    CHECK_ERROR(clock_arm(queue, DEADLINE_PAST), ESTALE);
    CHECK_EQUAL(clock_arm(event, kernel_time().time + FAR_AHEAD), 0);
    CHECK_EQUAL(pipe_remove(own_path("event")), 0);
    CHECK_ERROR(clock_arm(event, DEADLINE_PAST), EPIPE);
    CHECK_EQUAL(pipe_close(event), 0);
}

// Has the agent arm timers for a time far ahead on events that it removes at once.
static void arm_and_remove(struct agent *agent) {
    const char *path = agent_path(agent, "theirs");
    struct clock_request request = {.operation = CLOCK_ARM, .time = kernel_time().time + FAR_AHEAD};
    for (unsigned count = 0; count < MANY; count++) {
        uint32_t event = (uint32_t)agent_path_call(agent, SYSTEM_CALL_create, path, FLOW_EVENT, RULES_ALL);
        CHECK_SUCCESS(agent_request(agent, "/kernel/clock", &request, sizeof request, event));
        CHECK_EQUAL(agent_path_call(agent, SYSTEM_CALL_remove, path, 0, 0), 0);
        CHECK_EQUAL(agent_call(agent, SYSTEM_CALL_close, event, 0, 0, 0, 0), 0);
    }
}

// What they take is of the process that has armed them: it pays, and they end with it.
static void timers_end_with_their_process(void) {
    static struct agent agent;
    REQUIRE(agent_start(&agent, KIND_APP));
    uint64_t paid = information_of(agent.pid).quota_used, used = system_information().reserve_used;
    arm_and_remove(&agent);
    paid = information_of(agent.pid).quota_used - paid;
    used = system_information().reserve_used - used;
    CHECK(used >= MANY * TIMER_BYTES_LEAST && used <= paid + paid / 2 + PAGE_SIZE); // objects lie in slabs
    agent_stop(&agent);
    REQUIRE(agent_start(&agent, KIND_APP));
    used = system_information().reserve_used;
    arm_and_remove(&agent);
    agent_stop(&agent);
    CHECK(system_information().reserve_used < used);
}

// One process arms what another has armed: the timer is its own then, and does not end with the first.
static void timer_is_its_last_armers(void) {
    static struct agent agent;
    long event = own_pipe("event", FLOW_EVENT);
    REQUIRE(agent_start(&agent, KIND_APP));
    uint32_t theirs = (uint32_t)agent_open(&agent, own_path("event"), RIGHT_WRITE);
    struct clock_request request = {.operation = CLOCK_ARM, .time = kernel_time().time + FAR_AHEAD};
    CHECK_SUCCESS(agent_request(&agent, "/kernel/clock", &request, sizeof request, theirs));
    CHECK_EQUAL(pipe_hook(event, KEY, 0), 0);
    CHECK_EQUAL(clock_arm(event, UINT64_MAX), 0);
    agent_stop(&agent);
    CHECK_EQUAL(clock_arm(event, DEADLINE_PAST), 0);
    timer_awaited();
    own_remove("event", event);
}

// Armed timers are the memory of who armed them, and go with them.
static void timers_are_charged(void) {
    static struct agent agent;
    REQUIRE(agent_start(&agent, KIND_APP));
    uint64_t before = own_information().quota_used;
    for (unsigned count = 0; count < MANY; count++) {
        long event = own_pipe("event", FLOW_EVENT);
        CHECK_EQUAL(clock_arm(event, count % 2 ? DEADLINE_PAST : kernel_time().time + FAR_AHEAD), 0);
        if (count % 2 == 0)
            CHECK_EQUAL(clock_disarm(event), 0);
        own_remove("event", event);
    }
    const char *path = agent_path(&agent, "theirs");
    uint32_t event = (uint32_t)agent_path_call(&agent, SYSTEM_CALL_create, path, FLOW_EVENT, RULES_ALL);
    struct clock_request request = {.operation = CLOCK_ARM, .time = kernel_time().time + FAR_AHEAD};
    CHECK_SUCCESS(agent_request(&agent, "/kernel/clock", &request, sizeof request, event));
    agent_stop(&agent);                                        // armed, and removed with its owner
    CHECK_ERROR(pipe_wait(kernel_time().time + 1), ETIMEDOUT); // by now all that were due before have gone off
    CHECK_EQUAL(own_information().quota_used, before);
}

// Each call that may wait takes a deadline: none waits when it has passed, and none ends before it.
static void every_wait_has_a_deadline(void) {
    long queue = pipe_create(own_path("full"), FLOW_QUEUE, RULES_ALL, 1, 0), calls = own_pipe("calls", FLOW_CALL);
    CHECK_EQUAL(pipe_send(queue, "x", 1, DEADLINE_NOW), 0);
    CHECK_ERROR(pipe_send(queue, "x", 1, DEADLINE_NOW), EAGAIN);
    CHECK_ERROR(pipe_call(calls, "x", 1, NULL, 0, DEADLINE_NOW), EAGAIN);
    CHECK_ERROR(pipe_wait(DEADLINE_NOW), EAGAIN);
    CHECK_ERROR(pipe_send(queue, "x", 1, DEADLINE_PAST), ETIMEDOUT);
    CHECK_ERROR(pipe_call(calls, "x", 1, NULL, 0, DEADLINE_PAST), ETIMEDOUT);
    CHECK_ERROR(pipe_wait(DEADLINE_PAST), ETIMEDOUT);
    uint64_t due = kernel_time().time + AHEAD;
    CHECK_ERROR(pipe_send(queue, "x", 1, due), ETIMEDOUT);
    CHECK(kernel_time().time >= due);
    due = kernel_time().time + AHEAD;
    CHECK_ERROR(pipe_call(calls, "x", 1, NULL, 0, due), ETIMEDOUT);
    CHECK(kernel_time().time >= due);
    due = kernel_time().time + AHEAD;
    CHECK_ERROR(pipe_wait(due), ETIMEDOUT);
    CHECK(kernel_time().time >= due);
    CHECK_EQUAL(pipe_call(pipe_open("/kernel/clock", RIGHT_WRITE), &(struct clock_request){.operation = CLOCK_NOW},
                          sizeof(struct clock_request), NULL, 0, DEADLINE_NOW),
                sizeof(struct clock_time)); // the kernel never makes its callers wait
    own_remove("full", queue);
    own_remove("calls", calls);
}

static const struct test tests[] = {
    {"clock: time goes forward", time_goes_forward},
    {"clock: timers in the past and in the future", timers_go_off},
    {"clock: a timer that is disarmed is silent", disarmed_timer_is_silent},
    {"clock: what can't be armed", timers_are_refused},
    {"invariant 2: timers are charged, and leave nothing", timers_are_charged},
    {"invariant 2: timers end with who armed them, and so do pipes that they alone hold",
     timers_end_with_their_process},
    {"clock: a timer is its last armer's", timer_is_its_last_armers},
    {"invariant 6: every wait takes a deadline", every_wait_has_a_deadline},
};

const struct suite clock_suite = SUITE(tests);
