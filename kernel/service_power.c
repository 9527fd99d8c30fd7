// SPDX-License-Identifier: MIT
// /kernel/power: the end of the system's run.
#include "kernel.h"

#include "log.h"

static long power_off(const struct request *request) {
    log_line("process %u %s switches off", request->waiter->principal->pid, request->waiter->principal->name);
    machine_power_off();
}

static long power_reboot(const struct request *request) {
    log_line("process %u %s reboots", request->waiter->principal->pid, request->waiter->principal->name);
    machine_reboot();
}

static long power_test_exit(const struct request *request) {
    const struct power_request *power = request->asked;
    machine_test_exit(power->status);
}

static const struct operation operations[] = {[POWER_OFF] = {power_off, 0},
                                              [POWER_REBOOT] = {power_reboot, 0},
                                              [POWER_TEST_EXIT] = {power_test_exit, sizeof(struct power_request)}};
struct service power_service = {operations, sizeof operations / sizeof *operations};
