// SPDX-License-Identifier: MIT
// Log lines about operations that claims or rules refuse.
#ifndef KERNEL_DENIAL_H
#define KERNEL_DENIAL_H

#include <stdint.h>

struct process;

// Logs that the process's stanza of the manifest lacks this line.
void denial_log(struct process *process, const char *line);
// The same for a range of ports or of physical memory: `key` is the manifest's.
void denial_log_range(struct process *process, const char *key, uint64_t first, uint64_t last);

#endif
