// SPDX-License-Identifier: MIT
// Counting instructions by single steps: exact, and the same in each run.
#ifndef SCALE_STEPS_H
#define SCALE_STEPS_H

#include <stdint.h>

// Runs `prepare` and then `operation` so many times in a process of its own. How many instructions one of the
// operations took on average; ends the program if that process did not get to its end.
uint64_t steps_of(void (*prepare)(void), void (*operation)(void), unsigned rounds);

#endif
