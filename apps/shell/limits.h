// SPDX-License-Identifier: MIT
// How much a command may hold.
#ifndef SHELL_LIMITS_H
#define SHELL_LIMITS_H

#define WORDS_MAX 1000u

#endif
