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

#define OUTPUT "its output" // whose pipe an app may use, but not open
#define ROUNDS 20u
#define LOOKS 2000u // of a millisecond each: what dies or comes back does so a little later

// Whether a number is as wanted; tells otherwise.
bool is(const char *what, uint64_t number, uint64_t wanted);
// How many handles the owner of a pipe has.
uint64_t handles_of_owner(const char *path);
// Whether the owner has so many, now or a little later.
bool handles_become(const char *path, uint64_t wanted);
// A handle of the volume of a path, which an app gets from /svc/vfs.
long volume_of(const char *path);
// Pages that are nobody's.
uint64_t free_pages(void);

// The test of room.c, and what it starts.
bool room_refused(void);
_Noreturn void room_hoard(void);

// So many calls with random contents, handles and leases, of which each comes again with the same seed.
bool random_calls(uint64_t seed, unsigned count);

#endif
