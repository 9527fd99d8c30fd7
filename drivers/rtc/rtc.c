// SPDX-License-Identifier: MIT
// Motorola MC146818A data sheet. While the bit UIP of register A is clear, no update begins for 244 us. One request to
// /kernel/io reads all registers, in less where the machine does not pause; two readings must agree.
#include "rtc.h"

#include "calendar.h"
#include "clock.h"
#include "info.h"
#include "ports.h"
#include "report.h"

#include <stdbool.h>

#define NUMBER 0x70u // port: the register's; the top bit, clear, lets NMI pass
#define VALUE 0x71u  // port: of that register

enum register_number {
    SECONDS = 0,
    MINUTES = 2,
    HOURS = 4,
    WEEK_DAY = 6,
    DAY = 7,
    MONTH = 8,
    YEAR = 9,
    REGISTER_A = 10,
    REGISTER_B = 11,
    REGISTER_D = 13
};

#define UPDATES 0x80u // of A (UIP): an update is about to begin, or going on
#define SETTING 0x80u // of B (SET): no updates
#define VALID 0x80u   // of D (VRT): power has not failed since the registers were set

#define REGISTERS_MAX 16u

struct access {
    uint8_t number, value;
};

// Reads or writes registers in their order.
static long access_all(struct access *list, uint32_t count, bool is_write) {
    struct io_access accesses[2 * REGISTERS_MAX];
    for (uint32_t index = 0; index < count; index++) {
        accesses[2 * index] = (struct io_access){NUMBER, 1, 1, list[index].number};
        accesses[2 * index + 1] = (struct io_access){VALUE, 1, is_write, list[index].value};
    }
    long error = ports_access(accesses, 2 * count);
    for (uint32_t index = 0; index < count && !error; index++)
        list[index].value = (uint8_t)accesses[2 * index + 1].value;
    return error;
}

// The number of the century's register, 0: there is none.
static uint8_t century_register(void) {
    struct info_system info;
    info_ask(INFO_SYSTEM, 0, &info, sizeof info);
    return (uint8_t)info.century_register;
}

// Reads all registers, after a wait while the device steps.
static enum calendar_reading registers_read(void *century, struct calendar_registers *registers) {
    struct access list[] = {{REGISTER_A, 0}, {SECONDS, 0}, {MINUTES, 0},    {HOURS, 0},      {DAY, 0},
                            {MONTH, 0},      {YEAR, 0},    {REGISTER_B, 0}, {REGISTER_D, 0}, {*(uint8_t *)century, 0}};
    if (access_all(list, sizeof list / sizeof *list, false) < 0)
        return CALENDAR_FAILED;
    if (list[0].value & UPDATES) {
        clock_sleep(MILLISECOND);
        return CALENDAR_UPDATING;
    }
    registers->calendar =
        (struct calendar){list[1].value, list[2].value, list[3].value,           0, list[4].value, list[5].value,
                          list[6].value, list[9].value, *(uint8_t *)century != 0};
    registers->register_b = list[7].value;
    registers->is_valid = list[8].value & VALID;
    return CALENDAR_TAKEN;
}

// Without a device all bits are ones: it seems to update for ever.
long rtc_read(int64_t *seconds) {
    struct calendar_registers registers;
    uint8_t century = century_register();
    const char *wrong = NULL;
    if (!calendar_take(registers_read, &century, &registers))
        wrong = "the device does not answer";
    else if (!registers.is_valid)
        wrong = "its battery was empty: the time must be set";
    else if (!calendar_read(&registers.calendar, registers.register_b, seconds))
        wrong = "it holds no date: the time must be set";
    if (wrong)
        report("%s", wrong);
    return wrong ? -PIPE_EIO : 0;
}

long rtc_write(int64_t seconds) {
    struct access form = {REGISTER_B, 0};
    uint8_t century = century_register();
    struct calendar calendar = {.has_century = century != 0};
    if (access_all(&form, 1, false) < 0)
        return -PIPE_EIO;
    if (!calendar_write(&calendar, form.value, seconds))
        return -PIPE_ERANGE;
    struct access list[] = {{REGISTER_B, form.value | SETTING},
                            {SECONDS, calendar.second},
                            {MINUTES, calendar.minute},
                            {HOURS, calendar.hour},
                            {WEEK_DAY, calendar.week_day},
                            {DAY, calendar.day},
                            {MONTH, calendar.month},
                            {YEAR, calendar.year},
                            {REGISTER_B, form.value & (uint8_t)~SETTING},
                            {century, calendar.century}};
    uint32_t count = sizeof list / sizeof *list - (century == 0);
    return access_all(list, count, true) < 0 ? -PIPE_EIO : 0;
}
