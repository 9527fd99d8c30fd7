// SPDX-License-Identifier: MIT
#include "wall.h"

#include "clock.h"
#include "pipe.h"
#include "protocol/rtc.h"

// When the kernel's clock was 0, in nanoseconds since 1970; 0 where that is not known.
static uint64_t boot_ask(void) {
    static long handle;
    struct rtc_request request = {.operation = RTC_READ};
    struct rtc_time answer;
    pipe_open_once(&handle, RTC_PIPE);
    if (handle < 0 || pipe_call(handle, &request, sizeof request, &answer, sizeof answer, DEADLINE_NONE) < 0)
        return 0;
    uint64_t seconds = (uint64_t)answer.seconds * SECOND;
    return seconds > answer.time ? seconds - answer.time : 0;
}

static uint64_t boot_time(uint64_t now) {
    static uint64_t boot, asked;
    if (!asked || now - asked >= SECOND) {
        boot = boot_ask();
        asked = now;
    }
    return boot;
}

uint64_t wall_now(void) {
    uint64_t now = clock_now();
    return boot_time(now) + now;
}

int64_t wall_at(int64_t time) {
    return (int64_t)boot_time(clock_now()) + time;
}

long wall_set(int64_t seconds) {
    struct rtc_request request = {.operation = RTC_SET, .seconds = seconds};
    long handle = pipe_open(RTC_SET_PIPE, RIGHT_WRITE);
    if (handle < 0)
        return handle;
    long result = pipe_call(handle, &request, sizeof request, NULL, 0, DEADLINE_NONE);
    pipe_close(handle);
    return result < 0 ? result : 0;
}
