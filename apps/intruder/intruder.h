// SPDX-License-Identifier: MIT
// An app like any other, that means no good: each test does something to the servers and drivers that it may reach, and
// looks whether they are as they were.
#ifndef INTRUDER_INTRUDER_H
#define INTRUDER_INTRUDER_H

#include "abi.h"

#include <stdbool.h>

// The call pipes of servers and drivers that an app without a stanza may open.
#define TARGETS 9u
extern const char *const targets[TARGETS];

// How many handles the owner of a pipe has.
uint64_t handles_of_owner(const char *path);
// Pages that are nobody's.
uint64_t free_pages(void);

// So many calls with random contents, handles and lends, of which each comes again with the same seed.
bool random_calls(uint64_t seed, unsigned count);

#endif
