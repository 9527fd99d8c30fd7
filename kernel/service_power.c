// SPDX-License-Identifier: MIT
// /kernel/power: the end of the system's run.
#include "kernel.h"

#include "log.h"

// Stops a machine that does not obey, with a sentence on the console for the user. No driver runs any more that could
// show a line of the log.
static _Noreturn void stop_with(const char *sentence) {
    size_t length = 0;
    while (sentence[length])
        length++;
    machine_console_return();
    machine_console_write(sentence, length);
    machine_stop();
}

static long power_off(const struct request *request) {
    log_line("process %u %s switches off", request->waiter->principal->pid, request->waiter->principal->name);
    machine_power_off();
    stop_with("\nThe system has stopped, and the machine can't switch itself off: you may switch it off now.\n");
}

static long power_reboot(const struct request *request) {
    log_line("process %u %s reboots", request->waiter->principal->pid, request->waiter->principal->name);
    machine_reboot();
    stop_with("\nThe system has stopped, and the machine does not reset itself: you may switch it off now.\n");
}

static long power_test_exit(const struct request *request) {
    const struct power_request *power = request->asked;
    machine_test_exit(power->status);
}

static const struct operation operations[] = {[POWER_OFF] = {power_off, 0},
                                              [POWER_REBOOT] = {power_reboot, 0},
                                              [POWER_TEST_EXIT] = {power_test_exit, sizeof(struct power_request)}};
struct service power_service = {operations, sizeof operations / sizeof *operations};
