// SPDX-License-Identifier: MIT
// The real-time clock's dates, against the host's own calendar: every day from 1970 to 2399 in every form of the
// registers, and what is no date.
#include "check.h"

#include "../../drivers/rtc/calendar.c"

#include <time.h>

#define DAYS 157054 // from 1970 to 2399
#define FORMS 8u    // values of register B: 24 hours or 12, binary or BCD, and a bit that means nothing here

static uint8_t bcd(int number) {
    return (uint8_t)(number / 10 << 4 | number % 10);
}

// What the registers must hold, by the host's calendar.
static struct calendar expected(int64_t seconds, uint8_t form, bool has_century) {
    time_t time = (time_t)seconds;
    struct tm date;
    gmtime_r(&time, &date);
    bool is_binary = form & CALENDAR_BINARY, is_long = form & CALENDAR_24_HOURS;
    int hour = is_long ? date.tm_hour : date.tm_hour % 12 ? date.tm_hour % 12 : 12;
    int numbers[] = {date.tm_sec,
                     date.tm_min,
                     hour,
                     date.tm_wday + 1,
                     date.tm_mday,
                     date.tm_mon + 1,
                     date.tm_year % 100,
                     date.tm_year / 100 + 19};
    uint8_t bytes[8];
    for (unsigned number = 0; number < 8; number++)
        bytes[number] = is_binary ? (uint8_t)numbers[number] : bcd(numbers[number]);
    bytes[2] = (uint8_t)(bytes[2] | (!is_long && date.tm_hour >= 12 ? 0x80 : 0));
    return (struct calendar){bytes[0], bytes[1], bytes[2], bytes[3],   bytes[4],
                             bytes[5], bytes[6], bytes[7], has_century};
}

static void assert_both_ways(int64_t seconds, uint8_t form, bool has_century) {
    struct calendar wanted = expected(seconds, form, has_century), written = {.has_century = has_century};
    int64_t read = -1;
    assert_true(calendar_write(&written, form, seconds));
    assert_memory_equal(&written, &wanted, sizeof wanted);
    wanted.week_day = 0; // it is not looked at
    if (!has_century)
        wanted.century = 0x77;
    assert_true(calendar_read(&wanted, form, &read));
    assert_int_equal(read, seconds);
}

static void test_every_day_goes_both_ways(void **state) {
    (void)state;
    for (int64_t day = 0; day < DAYS; day++)
        for (uint8_t form = 0; form < FORMS; form++)
            assert_both_ways(day * DAY_SECONDS + (day * 7919 + form) % DAY_SECONDS, form, true);
}

static void test_every_second_of_a_day_goes_both_ways(void **state) {
    (void)state;
    for (int64_t second = 0; second < DAY_SECONDS; second++)
        for (uint8_t form = 0; form < FORMS; form++)
            assert_both_ways(1772236800 + second, form, true); // 2026-02-28
}

static void test_years_of_two_digits_are_1970_to_2069(void **state) {
    (void)state;
    const int64_t end = 3155760000; // 2070-01-01
    for (int64_t time = 0; time < end; time += DAY_SECONDS)
        assert_both_ways(time, CALENDAR_24_HOURS, false);
    struct calendar calendar = {.has_century = false};
    assert_true(calendar_write(&calendar, 0, end - 1));
    assert_false(calendar_write(&calendar, 0, end));
}

static void test_seconds_out_of_range_are_refused(void **state) {
    (void)state;
    const struct calendar untouched = {.second = 77, .has_century = true};
    static const int64_t times[] = {-1, INT64_MIN, (int64_t)DAYS * DAY_SECONDS, INT64_MAX};
    for (size_t number = 0; number < sizeof times / sizeof *times; number++) {
        struct calendar calendar = untouched;
        assert_false(calendar_write(&calendar, 0, times[number]));
        assert_memory_equal(&calendar, &untouched, sizeof calendar);
    }
}

// 2024-02-29 12:30:45, then one register after the other damaged.
static void test_what_is_no_date_is_refused(void **state) {
    (void)state;
    const struct calendar good = {0x45, 0x30, 0x12, 0, 0x29, 0x02, 0x24, 0x20, true};
    const struct {
        size_t offset;
        uint8_t value;
    } damages[] = {{offsetof(struct calendar, second), 0x60},  {offsetof(struct calendar, second), 0x4a},
                   {offsetof(struct calendar, second), 0xa0},  {offsetof(struct calendar, minute), 0x60},
                   {offsetof(struct calendar, hour), 0x24},    {offsetof(struct calendar, hour), 0x92},
                   {offsetof(struct calendar, day), 0x00},     {offsetof(struct calendar, day), 0x30},
                   {offsetof(struct calendar, month), 0x00},   {offsetof(struct calendar, month), 0x13},
                   {offsetof(struct calendar, year), 0x23},    {offsetof(struct calendar, year), 0x1f},
                   {offsetof(struct calendar, century), 0x18}, {offsetof(struct calendar, century), 0x24},
                   {offsetof(struct calendar, century), 0xff}};
    int64_t seconds = 0;
    assert_true(calendar_read(&good, CALENDAR_24_HOURS, &seconds));
    assert_int_equal(seconds, 1709209845);
    for (size_t number = 0; number < sizeof damages / sizeof *damages; number++) {
        struct calendar calendar = good;
        ((uint8_t *)&calendar)[damages[number].offset] = damages[number].value;
        assert_false(calendar_read(&calendar, CALENDAR_24_HOURS, &seconds));
    }
}

static void test_hours_of_twelve_are_1_to_12(void **state) {
    (void)state;
    static const uint8_t hours[] = {0x00, 0x13, 0x80, 0x93, 0x1a};
    int64_t seconds;
    for (size_t number = 0; number < sizeof hours; number++) {
        struct calendar calendar = {0, 0, hours[number], 0, 1, 1, 0x70, 0x19, true};
        assert_false(calendar_read(&calendar, 0, &seconds));
    }
}

// Whatever the registers hold, what is read can be written and is the same.
static void test_any_bytes_are_a_date_or_none(void **state) {
    (void)state;
    uint32_t random = 1, good = 0;
    for (unsigned step = 0; step < 2000000; step++) {
        uint8_t bytes[8];
        for (unsigned index = 0; index < sizeof bytes; index++) {
            random = random * 1664525 + 1013904223;
            bytes[index] = (uint8_t)(random >> 24 & 0x3f);
        }
        struct calendar calendar = {bytes[0], bytes[1], bytes[2], 0, bytes[4], bytes[5], bytes[6], bytes[7], true};
        int64_t seconds;
        uint8_t form = (uint8_t)(random & (CALENDAR_24_HOURS | CALENDAR_BINARY));
        if (!calendar_read(&calendar, form, &seconds))
            continue;
        good++;
        assert_both_ways(seconds, form, true);
    }
    assert_true(good > 100);
}

// ---- A device that steps while it is read ----

// A clock whose time goes on by `step` seconds before the register of that number is read, in reading `torn`.
struct device {
    int64_t seconds, step;
    unsigned readings, torn, number;
    bool steps_always, fails;
};

static enum calendar_reading device_read(void *context, struct calendar_registers *registers) {
    struct device *device = context;
    struct calendar old, new;
    bool is_torn = device->readings++ == device->torn || device->steps_always;
    if (device->fails)
        return CALENDAR_FAILED;
    old = expected(device->seconds, CALENDAR_24_HOURS, true);
    device->seconds += is_torn ? device->step : 0;
    new = expected(device->seconds, CALENDAR_24_HOURS, true);
    uint8_t *bytes[] = {&new.second, &new.minute, &new.hour, &new.day, &new.month, &new.year, &new.century};
    const uint8_t before[] = {old.second, old.minute, old.hour, old.day, old.month, old.year, old.century};
    for (unsigned number = 0; number < device->number; number++)
        *bytes[number] = before[number];
    *registers = (struct calendar_registers){new, CALENDAR_24_HOURS, true};
    return CALENDAR_TAKEN;
}

// From 10:59:59 to 11:00:00, and from a century to the next one, between any two registers and in any reading.
static void test_a_step_within_a_reading_is_never_taken(void **state) {
    (void)state;
    static const int64_t before[] = {1772276399, 946684799, 4102444799};
    for (unsigned time = 0; time < sizeof before / sizeof *before; time++)
        for (unsigned torn = 0; torn < 4; torn++)
            for (unsigned number = 0; number <= 7; number++) {
                struct device device = {.seconds = before[time], .step = 1, .torn = torn, .number = number};
                struct calendar_registers registers;
                int64_t seconds = 0;
                assert_true(calendar_take(device_read, &device, &registers));
                assert_true(calendar_read(&registers.calendar, registers.register_b, &seconds));
                assert_true(seconds == before[time] || seconds == before[time] + 1);
                assert_true(device.seconds - seconds <= 1);
            }
}

static void test_a_device_that_never_stands_still_is_given_up(void **state) {
    (void)state;
    struct device steps = {.seconds = 1772276399, .step = 1, .number = 1, .steps_always = true};
    struct device fails = {.fails = true};
    struct calendar_registers registers;
    assert_false(calendar_take(device_read, &steps, &registers));
    assert_true(steps.readings <= 100);
    assert_false(calendar_take(device_read, &fails, &registers));
    assert_int_equal(fails.readings, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day_goes_both_ways),
        cmocka_unit_test(test_every_second_of_a_day_goes_both_ways),
        cmocka_unit_test(test_years_of_two_digits_are_1970_to_2069),
        cmocka_unit_test(test_seconds_out_of_range_are_refused),
        cmocka_unit_test(test_what_is_no_date_is_refused),
        cmocka_unit_test(test_hours_of_twelve_are_1_to_12),
        cmocka_unit_test(test_any_bytes_are_a_date_or_none),
        cmocka_unit_test(test_a_step_within_a_reading_is_never_taken),
        cmocka_unit_test(test_a_device_that_never_stands_still_is_given_up),
    };
    return scene_run(tests);
}
