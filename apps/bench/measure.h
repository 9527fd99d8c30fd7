// SPDX-License-Identifier: MIT
// Measuring by the processor's counter. Under QEMU's -icount shift=0 it counts instructions: 1 ns of the guest's clock,
// and so 1 of the counter's, is one instruction; figures then repeat to the digit.
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>

// Rounds before the ones that count, and those, of which the cheapest is the figure: others met a timer's interrupt.
extern unsigned warm_up, rounds;

// The least of several spans.
struct sample {
    uint64_t least;
    uint64_t switches; // of threads, before the rounds; then how many a round took
};

static inline uint64_t counter(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

static inline void sample_take(struct sample *sample, uint64_t span) {
    if (span < sample->least)
        sample->least = span;
}

// What reading the counter twice takes.
uint64_t counter_cost(void);
// Begins a sample, after the warm-up, and ends it after the rounds.
struct sample sample_begin(void);
void sample_end(struct sample *sample);
// Reports the sample, without `other` instructions that do not belong to it, in `parts`.
void figure_report(const char *name, const struct sample *sample, uint64_t other, uint64_t parts);

// From now on figures are reported in nanoseconds of the kernel's clock, here and in the programs that this one starts.
void measure_time(void);
// "instructions" or "nanoseconds".
const char *measure_unit(void);

// Ends the program with a sentence if the result is an error.
long must(long result, const char *what);

#endif
