// SPDX-License-Identifier: MIT
// /kernel/report: lines of servers and drivers in the kernel's log.
#include "kernel.h"

#include "log.h"

static long report(const struct request *request) {
    char text[REPORT_MAX + 1];
    uint32_t length = request->length - (uint32_t)sizeof(struct report_request);
    if (length > REPORT_MAX)
        return -PIPE_EMSGSIZE;
    log_text(text, request->payload + sizeof(struct report_request), length);
    const struct principal *principal = request->waiter->principal;
    log_line("process %u %s: %s", principal->pid, principal->name, text);
    return 0;
}

static const struct operation operations[] = {{report, sizeof(struct report_request)}};
struct service report_service = {operations, sizeof operations / sizeof *operations};
