// SPDX-License-Identifier: MIT
// How a process ended that did not end by itself: the names of the processor's exceptions, and the signals that stand
// for them in other systems (POSIX.1-2017, <signal.h>).
#ifndef LIB_FAULT_H
#define LIB_FAULT_H

#include <stdint.h>

// "division by zero" for vector 0 (Intel SDM volume 3, table 6-1); "exception" for one without a name.
const char *fault_name(uint32_t vector);
// The signal that ended a process with this status of process_wait: SIGSEGV for a page fault, SIGKILL or the one that
// was named for a killed one; 0 if it ended by itself.
int fault_signal(uint32_t status);
// What is added to the signal in `$?`.
#define FAULT_STATUS 128

#endif
