// SPDX-License-Identifier: MIT
// Dates as the MC146818 holds them (Motorola MC146818A data sheet, "Time, calendar and alarm locations"), and seconds
// since 1970 (POSIX.1-2017, 4.16). Pure.
#ifndef RTC_CALENDAR_H
#define RTC_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

// Bits of register B that say in which form the others are.
#define CALENDAR_24_HOURS 2u
#define CALENDAR_BINARY 4u

// The registers' bytes as they are read and written.
struct calendar {
    uint8_t second, minute, hour;
    uint8_t week_day; // 1: Sunday; not read
    uint8_t day, month, year;
    uint8_t century;
    bool has_century; // there is such a register; without, years are 1970 to 2069
};

// The seconds of a date in the form that register B tells. False if it is none: a digit or a day that does not exist, a
// year outside 1970 to 2399.
bool calendar_read(const struct calendar *calendar, uint8_t register_b, int64_t *seconds);
// Fills in all but has_century, which tells the range. False if it does not hold these seconds.
bool calendar_write(struct calendar *calendar, uint8_t register_b, int64_t seconds);

#endif
