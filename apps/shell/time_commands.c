// SPDX-License-Identifier: MIT
// `sleep` and `time`.
#include "run.h"
#include "clock.h"
#include "describe.h"
#include "failure.h"
#include "info.h"
#include "input.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "tool_commands.h"

// ---- sleep ----

int sleep_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 1, "SECONDS", false};
    struct options options;
    uint64_t nanoseconds;
    if (!options_parse(count, words, &plan, &options) || !duration_parse(options.operands[0], &nanoseconds))
        return STATUS_USAGE;
    uint64_t deadline = clock_deadline(nanoseconds);
    long result;
    do
        result = input_wait(deadline);
    while (result >= 0);
    return result == INPUT_STOPPED ? STATUS_INTERRUPTED : 0;
}

// ---- time ----

static void duration_complain(const char *what, uint64_t time, const char *end) {
    char text[TIME_TEXT_MAX];
    complain("%s %s s%s", what, time_text(time, text), end);
}

// Of what the processor did beside, all counts: the servers' work for the command is not told apart from other work.
int time_command(int count, char **words) {
    struct info_system before, after;
    if (count < 2)
        return fail_usage("COMMAND", "missing");
    long error = info_ask(INFO_SYSTEM, 0, &before, sizeof before);
    if (error)
        return fail("/kernel/info", error);
    int status = run_host->command_run(count - 1, words + 1);
    info_ask(INFO_SYSTEM, 0, &after, sizeof after);
    uint64_t time = after.time - before.time, idle = after.idle - before.idle;
    duration_complain("real", time, ", ");
    duration_complain("processor", time > idle ? time - idle : 0, "\n");
    return status;
}
