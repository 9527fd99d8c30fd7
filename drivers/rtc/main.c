// SPDX-License-Identifier: MIT
// The driver of the real-time clock. It reads the device once; from then on it adds the time that the kernel's clock,
// which is finer, has advanced.
#include "clock.h"
#include "process.h"
#include "protocol/rtc.h"
#include "report.h"
#include "rtc.h"
#include "serve.h"

#include <string.h>

#define KEY_READ 1u
#define KEY_SET 2u

static struct rtc_time known;
static long trouble; // negated error: no time is known

static long read_operation(struct request *request, void *reply, struct attached *attached) {
    (void)request, (void)attached;
    if (trouble)
        return trouble;
    memcpy(reply, &known, sizeof known);
    return sizeof known;
}

static long set_operation(struct request *request, void *reply, struct attached *attached) {
    struct rtc_request wanted;
    (void)reply, (void)attached;
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    long result = rtc_write(wanted.seconds);
    if (result < 0)
        return result;
    known = (struct rtc_time){wanted.seconds, clock_now()};
    trouble = 0;
    return 0;
}

static serve_function *const read_operations[] = {[RTC_READ] = read_operation};
static serve_function *const set_operations[] = {[RTC_SET] = set_operation};

static long pipe_make(const char *path, uint64_t key) {
    long handle = pipe_create(path, FLOW_CALL, RULES_SERVICE, 0, 0);
    return handle < 0 ? handle : pipe_hook(handle, key, 0);
}

int main(void) {
    static const struct service services[] = {
        {.key = KEY_READ, .operations = read_operations, .operation_count = RTC_OPERATIONS},
        {.key = KEY_SET, .operations = set_operations, .operation_count = RTC_SET_OPERATIONS}};
    trouble = rtc_read(&known.seconds); // before the hooks: it may sleep
    known.time = clock_now();
    if (pipe_make(RTC_PIPE, KEY_READ) < 0 || pipe_make(RTC_SET_PIPE, KEY_SET) < 0) {
        report("its pipes are unavailable");
        return 1;
    }
    process_ready();
    serve(services, sizeof services / sizeof *services, NULL);
}
