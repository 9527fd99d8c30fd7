// SPDX-License-Identifier: MIT
// Compares pipens with its model, after each operation.
#ifndef TESTS_MODEL_COMPARE_H
#define TESTS_MODEL_COMPARE_H

#include <stdint.h>

// Begins an operation: what happens from now on is compared by the next compare_all.
void compare_begin(void);
// What differs, in words that hold until the next call, or NULL. The model learns what pipens chose.
const char *compare_all(void);
// The results of a call: of pipens, and of the model. NULL if they agree.
const char *compare_results(long real, long modelled);
// The number of a new handle of the model is this, unless it can't be.
const char *learn_handle(int handle, uint64_t number);
// Before compare_all: the thread's page holds a stat, which leaves open who is named as a holder.
const char *learn_holder(uint32_t thread);
// The memory of all processes, which only leases change.
const char *compare_memory(void);

#endif
