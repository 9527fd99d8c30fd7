// SPDX-License-Identifier: MIT
// Thousands of what one process can't have so many of, or a small machine can't hold: threads and queues, in ten
// processes, and processes.
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

// All of it; `directory` as for roles (partner.h). For a machine of 4 GiB: what stops it in a smaller one is told.
void crowd_measure(char *directory);

// The roles of the ten.
void crowd_threads(const char *directory);
void crowd_queues(const char *directory);

#endif
