// SPDX-License-Identifier: MIT
// The other process of a measurement: this program, started as `bench --role ROLE DIRECTORY`. The directory, /app/<pid>
// of the first one, holds the pipes between the two, each made and named there by the first; a role serves until it is
// killed.
#ifndef BENCH_PARTNER_H
#define BENCH_PARTNER_H

#include <stdbool.h>
#include <stdint.h>

#define BULK_PAGES 16u // what is leased or moved
#define BULK_BYTES (BULK_PAGES * 4096u)
#define REGION_INDEX 0x210000000000ull // where a moved region is mapped

// Opens a pipe of the directory, and hooks it if it is to be read.
long pipe_of(const char *directory, const char *name, uint32_t rights);
// A function to run in a thread of a lower priority than the program's; returns once it is done.
void run_below(const char *directory, void (*function)(const char *directory));

// Starts a role in a process of its own: its pid.
uint32_t role_start(char *role, char *directory, uint32_t kind);
// Runs a role. False if there is none of that name.
bool role_run(const char *role, const char *directory);

#endif
