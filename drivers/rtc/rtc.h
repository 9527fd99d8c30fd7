// SPDX-License-Identifier: MIT
// The device: an MC146818 or its equivalent at the ports 0x70 and 0x71 of every PC.
#ifndef RTC_RTC_H
#define RTC_RTC_H

#include <stdint.h>

// Reads it. -EIO, with a sentence in the log, if it does not answer, its battery was empty, or it holds no date.
long rtc_read(int64_t *seconds);
// Sets it. -ERANGE, -EIO.
long rtc_write(int64_t seconds);

#endif
