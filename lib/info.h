// SPDX-License-Identifier: MIT
// What the kernel tells of itself, of processes, lines and the screen: /kernel/info.
#ifndef LIB_INFO_H
#define LIB_INFO_H

#include "abi.h"

#include <stddef.h>

// The struct that belongs to the operation. 0, or a negated error, and then it is all zero.
long info_ask(enum info_operation operation, uint32_t number, void *reply, size_t size);
// The same for the thread of a process with the lowest number from `index` on. ESRCH: there is none.
long info_ask_thread(uint32_t pid, uint32_t index, struct info_thread *thread);
// Handles of a process from a cursor on; `next` is the cursor of the rest, 0 at the end.
long info_ask_handles(uint32_t pid, uint32_t cursor, struct info_handles *handles);

#endif
