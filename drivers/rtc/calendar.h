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

// ---- Reading a device that may step meanwhile ----

// What one reading of the device brings.
struct calendar_registers {
    struct calendar calendar;
    uint8_t register_b;
    bool is_valid; // the power has not failed since they were set
};

enum calendar_reading { CALENDAR_FAILED, CALENDAR_UPDATING, CALENDAR_TAKEN };

// A function that reads all registers, in any time. CALENDAR_UPDATING: the device steps now; it may wait until that is
// over.
typedef enum calendar_reading calendar_reader(void *device, struct calendar_registers *registers);

// Reads until two readings agree: one that the device has stepped in, as from 10:59:59 to 11:00:00, holds registers of
// both times. False if it fails, or no two agree in a few tries.
bool calendar_take(calendar_reader *read, void *device, struct calendar_registers *registers);

#endif
