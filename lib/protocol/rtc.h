// SPDX-License-Identifier: MIT
// The real-time clock, which goes on while the machine is off: seconds since 1970-01-01 00:00:00 UTC, without leap
// seconds, as POSIX counts them. Two pipes, so that rules and claims tell those who may read it from those who may set
// it.
#ifndef PROTOCOL_RTC_H
#define PROTOCOL_RTC_H

#include <stdint.h>

#define RTC_PIPE "/dev/rtc"
#define RTC_SET_PIPE "/dev/rtc.set"

// Of RTC_PIPE.
enum rtc_operation {
    // struct rtc_request -> struct rtc_time. The device was read once, when the driver started or the clock was set:
    // all who ask get the same pair, and time never steps between two of them. EIO (the device holds no time).
    RTC_READ,
    RTC_OPERATIONS
};

// Of RTC_SET_PIPE.
enum rtc_set_operation {
    RTC_SET, // struct rtc_request with `seconds`. ERANGE (no date that the device can hold), EIO.
    RTC_SET_OPERATIONS
};

struct rtc_request {
    uint32_t operation, unused;
    int64_t seconds; // RTC_SET
};

struct rtc_time {
    int64_t seconds; // since 1970
    uint64_t time;   // of the kernel's clock, in nanoseconds, when it was so
};

#endif
