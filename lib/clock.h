// SPDX-License-Identifier: MIT
// Time: nanoseconds of the kernel's clock, 0 at boot.
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>

#define MILLISECOND 1000000ull
#define SECOND 1000000000ull

// Now. Reads the processor's counter; asks the kernel for its rate once.
uint64_t clock_now(void);
// The deadline that lies so many nanoseconds ahead.
uint64_t clock_deadline(uint64_t nanoseconds);
// Has the event pipe signalled once at this time. 0 or a negated error.
long clock_arm(long event, uint64_t time);
long clock_disarm(long event);
// Waits. Only for threads without hooks of their own: their messages would be taken.
void clock_sleep(uint64_t nanoseconds);

#endif
