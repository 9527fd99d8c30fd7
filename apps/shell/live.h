// SPDX-License-Identifier: MIT
// `pipes -w`: the pipes below a directory, the busiest first, anew every second.
#ifndef SHELL_LIVE_H
#define SHELL_LIVE_H

#include <stdint.h>

#define FRAMES_MAX 1000000u

// Until the user ends it; or, if `frames` is not 0, prints so many, one below the other. The command's status.
int live_show(const char *path, uint64_t frames);

#endif
