// SPDX-License-Identifier: MIT
// What the log and whoever awaits a process are told of an exception that ended it.
#ifndef PROCESS_CRASH_H
#define PROCESS_CRASH_H

#include "children.h"
#include "protocol/process.h"

// An exception has ended the child, which is not reaped yet: reports it and keeps the text for crash_tell.
void crash_report(const struct child *child);
// Writes the answer to a wait for the child, the text of its crash included if it is kept. Its length.
long crash_tell(const struct child *child, struct wait_reply *reply);

#endif
