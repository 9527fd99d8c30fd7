// SPDX-License-Identifier: MIT
// The system calls about time, limits, names and random numbers.
#include "task.h"

#include "abi.h"
#include "clock.h"
#include "device.h"
#include "wall.h"

#include <string.h>

// ---- Time ----

// CLOCK_REALTIME and its coarse one, 0 and 5; the others that count from the boot: 1, 4, 6 and 7.
static bool clock_read(uint64_t clock, uint64_t *now) {
    if (clock > 7 || clock == 2 || clock == 3)
        return false;
    *now = clock == 0 || clock == 5 ? wall_now() : clock_now();
    return true;
}

static bool time_put(struct task *task, uint64_t address, uint64_t nanoseconds) {
    struct linux_time time = {(int64_t)(nanoseconds / SECOND), (int64_t)(nanoseconds % SECOND)};
    return memory_put(&task->memory, address, &time, sizeof time);
}

long call_clock_gettime(struct task *task, const uint64_t *arguments) {
    uint64_t now;
    if (!clock_read(arguments[0], &now))
        return -LINUX_EINVAL;
    return time_put(task, arguments[1], now) ? 0 : -LINUX_EFAULT;
}

long call_clock_getres(struct task *task, const uint64_t *arguments) {
    uint64_t now;
    if (!clock_read(arguments[0], &now))
        return -LINUX_EINVAL;
    return !arguments[1] || time_put(task, arguments[1], 1) ? 0 : -LINUX_EFAULT;
}

long call_gettimeofday(struct task *task, const uint64_t *arguments) {
    uint64_t now = wall_now();
    int64_t time[2] = {(int64_t)(now / SECOND), (int64_t)(now % SECOND / 1000)};
    static const uint8_t zone[8];
    if (arguments[0] && !memory_put(&task->memory, arguments[0], time, sizeof time))
        return -LINUX_EFAULT;
    return !arguments[1] || memory_put(&task->memory, arguments[1], zone, sizeof zone) ? 0 : -LINUX_EFAULT;
}

long call_time(struct task *task, const uint64_t *arguments) {
    int64_t seconds = (int64_t)(wall_now() / SECOND);
    if (arguments[0] && !memory_put(&task->memory, arguments[0], &seconds, sizeof seconds))
        return -LINUX_EFAULT;
    return (long)seconds;
}

// Sleeps until a time of this clock, or for as long.
static long sleep(struct task *task, uint64_t clock, bool is_absolute, uint64_t address) {
    struct linux_time time;
    uint64_t now;
    if (task->deadline)
        return clock_now() >= task->deadline ? 0 : RESULT_BLOCKED;
    if (!clock_read(clock, &now))
        return -LINUX_EINVAL;
    if (!memory_get(&task->memory, address, &time, sizeof time))
        return -LINUX_EFAULT;
    if (time.seconds < 0 || time.nanoseconds < 0 || time.nanoseconds >= (int64_t)SECOND)
        return -LINUX_EINVAL;
    uint64_t span = (uint64_t)time.seconds * SECOND + (uint64_t)time.nanoseconds;
    if (is_absolute)
        span = span > now ? span - now : 0;
    task->deadline = clock_now() + span;
    return span ? RESULT_BLOCKED : 0;
}

long call_nanosleep(struct task *task, const uint64_t *arguments) {
    return sleep(task, 1, false, arguments[0]);
}

// Flags: TIMER_ABSTIME.
long call_clock_nanosleep(struct task *task, const uint64_t *arguments) {
    return arguments[1] > 1 ? -LINUX_EINVAL : sleep(task, arguments[0], arguments[1], arguments[2]);
}

// ---- Limits ----

// They are told, and can't be set.
static long limit_get(struct task *task, uint64_t resource, uint64_t address) {
    struct linux_limit limit = {UINT64_MAX, UINT64_MAX};
    if (resource >= LINUX_RLIMITS)
        return -LINUX_EINVAL;
    if (resource == LINUX_RLIMIT_STACK)
        limit.now = STACK_SIZE;
    if (resource == LINUX_RLIMIT_NOFILE)
        limit = (struct linux_limit){DESCRIPTORS_MAX_LINUX, DESCRIPTORS_MAX_LINUX};
    return !address || memory_put(&task->memory, address, &limit, sizeof limit) ? 0 : -LINUX_EFAULT;
}

long call_getrlimit(struct task *task, const uint64_t *arguments) {
    return limit_get(task, arguments[0], arguments[1]);
}

long call_prlimit64(struct task *task, const uint64_t *arguments) {
    if (arguments[0] && arguments[0] != task->pid)
        return -LINUX_ESRCH;
    return arguments[2] ? -1 : limit_get(task, arguments[1], arguments[3]);
}

// ---- Names and numbers ----

long call_uname(struct task *task, const uint64_t *arguments) {
    static const struct linux_names names = {.system = "Linux",
                                             .node = "sluice",
                                             .release = "6.1.0-sluice",
                                             .version = "Sluice " SYSTEM_VERSION,
                                             .machine = "x86_64",
                                             .domain = "(none)"};
    return memory_put(&task->memory, arguments[0], &names, sizeof names) ? 0 : -LINUX_EFAULT;
}

// Flags: NONBLOCK and RANDOM, which ask for what is so anyway.
long call_getrandom(struct task *task, const uint64_t *arguments) {
    if (arguments[2] > 3)
        return -LINUX_EINVAL;
    size_t done = 0, count;
    for (; done < arguments[1] && done < (1u << 20); done += count) {
        uint8_t *bytes;
        count = memory_reach(&task->memory, arguments[0] + done, arguments[1] - done, REACH_WRITE, &bytes);
        if (!count)
            return done ? (long)done : -LINUX_EFAULT;
        long got = device_read(DEVICE_RANDOM, bytes, count);
        if (got < 0)
            return linux_result(got);
    }
    return (long)done;
}
