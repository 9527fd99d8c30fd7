// SPDX-License-Identifier: MIT
// The order of the boot, and what becomes of processes that end.
#ifndef PROCESS_SUPERVISE_H
#define PROCESS_SUPERVISE_H

#include "children.h"

// Starts what the manifest starts at boot, one after the other, each once the one before is ready, has ended, or has
// been waited for long enough. For a self-test the program `selftest` replaces the shells. The first to wait
// for is the memory server. The caller calls boot_hurry at each event with `boot_key`, restarts_due at each with
// `restart_key`.
void boot_begin(const struct manifest *manifest, bool is_self_test, uint64_t boot_key, uint64_t restart_key);
void boot_ready(uint32_t pid);
void boot_hurry(void);
void restarts_due(void);
const struct stanza *stanza_of(const char *program);
// The exit of the child at this slot was signalled.
void child_ended(uint32_t index);
long child_kill(const struct child *child, uint32_t status);

#endif
