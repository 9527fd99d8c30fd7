// SPDX-License-Identifier: MIT
// Measures the rate of a counter by a timer whose rate is known, on a machine that may pause at any instruction (an
// emulator beside a load, firmware's own interrupts). Pure: compiled into the kernel and into a host test.
//
// Each reading of the timer lies between two readings of the counter. So two readings of the timer bound the cycles
// between them from both sides, and with them the rate. A pause inside a reading makes the bounds wider, never wrong.
// The bounds of all pairs are intersected until they are narrow.
//
// 1. The rate lies between low and high, if the timer runs at its frequency.
// 2. A rate is agreed only while the bounds are at most CALIBRATION_ERROR apart from their middle, and windows with
//    CALIBRATION_WINDOWS different beginnings have confirmed them. Bounds that exclude each other are all dropped.
#ifndef X86_64_CALIBRATE_H
#define X86_64_CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>

#define CALIBRATION_ERROR 200u // parts per million
#define CALIBRATION_WINDOWS 3u

struct timer_reference {
    uint64_t frequency; // ticks a second
    uint32_t mask;      // the ticks count up to it, then from 0
    uint32_t slack;     // by how many ticks the difference of two readings may be wrong
};

// A reading of the timer: the counter before and after it, the timer's ticks, and those of a second timer that is
// measured besides.
struct reading {
    uint64_t before, after;
    uint32_t ticks, other;
};

struct calibration {
    const struct timer_reference *reference;
    uint64_t low, high;           // bounds of the counter's rate, in cycles a second
    uint32_t windows;             // that have confirmed the bounds
    uint32_t contradictions;      // how often all bounds were dropped
    uint32_t readings;            // since calibration_restart
    struct reading first, recent; // beginnings of the long window and of the short one
    struct reading last;
    uint64_t ticks;                    // of the reference since `first`
    uint64_t recent_ticks;             // at `recent`
    uint64_t best_error;               // of the narrowest window, in parts per million
    uint64_t other_ticks, other_paced; // of the second timer and of the reference, in that window
};

void calibration_start(struct calibration *calibration, const struct timer_reference *reference);
// The next reading begins new windows; the bounds stay.
void calibration_restart(struct calibration *calibration);
// Adds a reading. True once the rate is agreed.
bool calibration_add(struct calibration *calibration, const struct reading *reading);
bool calibration_is_agreed(const struct calibration *calibration);
// Cycles a second: the middle of the bounds; 0 if there are none yet.
uint64_t calibration_rate(const struct calibration *calibration);
// How far from the true rate that may be, in parts per million; CALIBRATION_UNKNOWN without bounds.
#define CALIBRATION_UNKNOWN 1000000u
uint32_t calibration_error(const struct calibration *calibration);
// Ticks a second of the second timer, as the narrowest window has it; 0 if there is none.
uint64_t calibration_other_rate(const struct calibration *calibration);

#endif
