// SPDX-License-Identifier: MIT
// The time of day, where the machine has a real-time clock that this program may read; else the time since boot.
#ifndef LIB_WALL_H
#define LIB_WALL_H

#include <stdint.h>

// Nanoseconds since 1970 UTC, now. The clock is asked again when its answer is a second old, so that one that was set
// is noticed.
uint64_t wall_now(void);
// The same of a time of the kernel's clock.
int64_t wall_at(int64_t time);
// Sets the real-time clock. 0 or a negated error: that of opening its pipe, ERANGE, EIO.
long wall_set(int64_t seconds);

#endif
