// SPDX-License-Identifier: MIT
#include "calendar.h"

#define YEAR_FIRST 1970u
#define YEAR_LAST 2399u
#define YEAR_LAST_OF_TWO_DIGITS 2069u
#define PIVOT (YEAR_FIRST % 100) // two digits below it are of the next century
#define DAY_SECONDS 86400
#define WEEK 7u
#define FIRST_WEEK_DAY 4u // 1970-01-01 was a Thursday, 4 days after Sunday
#define PM 0x80u          // of the hour, where there are 12
#define TRIES 20u         // an update takes 2.2 ms at most, and comes once a second

// ---- Days ----

static bool is_leap(uint32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Days from the start of 1970 to that of a year.
static uint32_t days_before_year(uint32_t year) {
    uint32_t last = year - 1;
    uint32_t leaps = last / 4 - last / 100 + last / 400;
    uint32_t leaps_before = (YEAR_FIRST - 1) / 4 - (YEAR_FIRST - 1) / 100 + (YEAR_FIRST - 1) / 400;
    return (year - YEAR_FIRST) * 365 + leaps - leaps_before;
}

static uint32_t month_length(uint32_t year, uint32_t month) {
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

// ---- Registers ----

// A register's number; 100 or more, which is none of a calendar, if it holds a digit that is none.
static uint32_t decode(uint8_t value, uint8_t register_b) {
    if (register_b & CALENDAR_BINARY)
        return value;
    uint32_t tens = value >> 4, ones = value & 0xfu;
    return ones > 9 ? 100 : tens * 10 + ones;
}

static uint8_t encode(uint32_t number, uint8_t register_b) {
    return (uint8_t)(register_b & CALENDAR_BINARY ? number : number / 10 << 4 | number % 10);
}

// Midnight and noon are the 12 of their half.
static uint32_t hour_decode(uint8_t value, uint8_t register_b) {
    if (register_b & CALENDAR_24_HOURS)
        return decode(value, register_b);
    uint32_t hour = decode(value & (uint8_t)~PM, register_b);
    if (hour < 1 || hour > 12)
        return 100;
    return hour % 12 + (value & PM ? 12 : 0);
}

static uint8_t hour_encode(uint32_t hour, uint8_t register_b) {
    if (register_b & CALENDAR_24_HOURS)
        return encode(hour, register_b);
    return (uint8_t)(encode((hour + 11) % 12 + 1, register_b) | (hour >= 12 ? PM : 0));
}

// 0 if the registers hold none.
static uint32_t year_decode(const struct calendar *calendar, uint8_t register_b) {
    uint32_t year = decode(calendar->year, register_b), century = decode(calendar->century, register_b);
    if (year > 99)
        return 0;
    if (!calendar->has_century)
        return year + (year < PIVOT ? 2000 : 1900);
    return century * 100 + year;
}

// ---- Dates ----

bool calendar_read(const struct calendar *calendar, uint8_t register_b, int64_t *seconds) {
    uint32_t second = decode(calendar->second, register_b), minute = decode(calendar->minute, register_b);
    uint32_t hour = hour_decode(calendar->hour, register_b), day = decode(calendar->day, register_b);
    uint32_t month = decode(calendar->month, register_b), year = year_decode(calendar, register_b);
    if (second > 59 || minute > 59 || hour > 23 || month < 1 || month > 12 || year < YEAR_FIRST || year > YEAR_LAST)
        return false;
    if (day < 1 || day > month_length(year, month))
        return false;
    uint32_t days = days_before_year(year) + day - 1;
    for (uint32_t before = 1; before < month; before++)
        days += month_length(year, before);
    *seconds = (int64_t)days * DAY_SECONDS + hour * 3600 + minute * 60 + second;
    return true;
}

bool calendar_write(struct calendar *calendar, uint8_t register_b, int64_t seconds) {
    uint32_t year_last = calendar->has_century ? YEAR_LAST : YEAR_LAST_OF_TWO_DIGITS;
    if (seconds < 0 || seconds >= (int64_t)days_before_year(year_last + 1) * DAY_SECONDS)
        return false;
    uint32_t days = (uint32_t)(seconds / DAY_SECONDS), rest = (uint32_t)(seconds % DAY_SECONDS);
    uint32_t year = YEAR_FIRST + days / 366, month = 1; // never too late a year
    while (days_before_year(year + 1) <= days)
        year++;
    uint32_t day = days - days_before_year(year);
    for (; day >= month_length(year, month); month++)
        day -= month_length(year, month);
    calendar->second = encode(rest % 60, register_b);
    calendar->minute = encode(rest / 60 % 60, register_b);
    calendar->hour = hour_encode(rest / 3600, register_b);
    calendar->week_day = encode((days + FIRST_WEEK_DAY) % WEEK + 1, register_b);
    calendar->day = encode(day + 1, register_b);
    calendar->month = encode(month, register_b);
    calendar->year = encode(year % 100, register_b);
    calendar->century = encode(year / 100, register_b);
    return true;
}

// ---- Reading a device ----

static bool registers_equal(const struct calendar_registers *one, const struct calendar_registers *other) {
    const struct calendar *first = &one->calendar, *second = &other->calendar;
    return first->second == second->second && first->minute == second->minute && first->hour == second->hour &&
           first->day == second->day && first->month == second->month && first->year == second->year &&
           first->century == second->century && one->register_b == other->register_b &&
           one->is_valid == other->is_valid;
}

bool calendar_take(calendar_reader *read, void *device, struct calendar_registers *registers) {
    struct calendar_registers before = {0};
    bool has_one = false;
    for (uint32_t try = 0; try < TRIES; try++) {
        enum calendar_reading result = read(device, registers);
        if (result == CALENDAR_FAILED)
            return false;
        if (result == CALENDAR_TAKEN && has_one && registers_equal(&before, registers))
            return true;
        has_one = result == CALENDAR_TAKEN;
        before = *registers;
    }
    return false;
}
