// SPDX-License-Identifier: MIT
// The short way of call and reply_wait: pipens/fast.h, and a direct switch from one thread to the other.
#ifndef KERNEL_FAST_PATH_H
#define KERNEL_FAST_PATH_H

#include "calls.h"

// As pipens_call and pipens_reply_wait, or RESULT_SWITCHED.
long fast_call(struct waiter *caller, uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline);
long fast_reply_wait(struct waiter *server, uint64_t token, int64_t length, uint64_t flags, uint64_t deadline);

#endif
