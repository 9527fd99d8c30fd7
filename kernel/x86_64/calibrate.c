// SPDX-License-Identifier: MIT
#include "calibrate.h"

#define MILLION 1000000ull
#define SHORT_WINDOW_ERROR 2000u           // a window that is this narrow confirms the bounds and ends
#define WINDOW_CYCLES_MAX 1000000000000ull // times a frequency below 16 MHz it fits 64 bits

void calibration_start(struct calibration *calibration, const struct timer_reference *reference) {
    *calibration =
        (struct calibration){.reference = reference, .low = 0, .high = UINT64_MAX, .best_error = CALIBRATION_UNKNOWN};
}

void calibration_restart(struct calibration *calibration) {
    calibration->readings = 0;
}

static uint64_t width(const struct reading *reading) {
    return reading->after - reading->before;
}

// Bounds of the rate by one window.
struct bounds {
    uint64_t low, high;
};

static uint32_t bounds_error(uint64_t low, uint64_t high) {
    uint64_t middle = low + (high - low) / 2;
    if (high == UINT64_MAX || middle < MILLION)
        return CALIBRATION_UNKNOWN;
    uint64_t error = (high - middle) / (middle / MILLION);
    return error < CALIBRATION_UNKNOWN ? (uint32_t)error : CALIBRATION_UNKNOWN;
}

static struct bounds window_bounds(const struct timer_reference *reference, const struct reading *start,
                                   const struct reading *end, uint64_t ticks) {
    struct bounds bounds = {0, UINT64_MAX};
    if (end->before > start->after)
        bounds.low = (end->before - start->after) * reference->frequency / (ticks + reference->slack);
    if (ticks > reference->slack)
        bounds.high = (end->after - start->before) * reference->frequency / (ticks - reference->slack) + 1;
    return bounds;
}

// Intersects the bounds with the bounds of a window. False if they are disjoint: one of them was wrong, and it is not
// known which.
static bool bounds_narrow(struct calibration *calibration, struct bounds bounds) {
    if (bounds.low > calibration->high || bounds.high < calibration->low)
        return false;
    if (bounds.low > calibration->low)
        calibration->low = bounds.low;
    if (bounds.high < calibration->high)
        calibration->high = bounds.high;
    return true;
}

static void contradicted(struct calibration *calibration) {
    uint32_t contradictions = calibration->contradictions + 1;
    calibration_start(calibration, calibration->reference);
    calibration->contradictions = contradictions;
}

static void windows_begin(struct calibration *calibration, const struct reading *reading) {
    calibration->first = calibration->recent = *reading;
    calibration->ticks = calibration->recent_ticks = 0;
}

static bool long_window(struct calibration *calibration, const struct reading *reading) {
    struct bounds bounds = window_bounds(calibration->reference, &calibration->first, reading, calibration->ticks);
    uint32_t error = bounds_error(bounds.low, bounds.high);
    if (error < calibration->best_error) {
        calibration->best_error = error;
        calibration->other_ticks = reading->other - calibration->first.other;
        calibration->other_paced = calibration->ticks;
    }
    return bounds_narrow(calibration, bounds);
}

static bool short_window(struct calibration *calibration, const struct reading *reading) {
    uint64_t ticks = calibration->ticks - calibration->recent_ticks;
    struct bounds bounds = window_bounds(calibration->reference, &calibration->recent, reading, ticks);
    if (!bounds_narrow(calibration, bounds))
        return false;
    bool is_narrow = bounds_error(bounds.low, bounds.high) <= SHORT_WINDOW_ERROR;
    if (is_narrow || width(reading) < width(&calibration->recent) / 2) {
        calibration->windows += is_narrow;
        calibration->recent = *reading;
        calibration->recent_ticks = calibration->ticks;
    }
    return true;
}

bool calibration_add(struct calibration *calibration, const struct reading *reading) {
    if (calibration->readings && reading->after - calibration->first.before > WINDOW_CYCLES_MAX)
        calibration_restart(calibration);
    if (calibration->readings++ == 0) {
        windows_begin(calibration, reading);
    } else {
        calibration->ticks += (reading->ticks - calibration->last.ticks) & calibration->reference->mask;
        if (!long_window(calibration, reading) || !short_window(calibration, reading))
            contradicted(calibration);
        else if (width(reading) < width(&calibration->first) / 2)
            windows_begin(calibration, reading); // a beginning without a pause, at last
    }
    calibration->last = *reading;
    return calibration_is_agreed(calibration);
}

bool calibration_is_agreed(const struct calibration *calibration) {
    return calibration->windows >= CALIBRATION_WINDOWS && calibration_error(calibration) <= CALIBRATION_ERROR;
}

uint64_t calibration_rate(const struct calibration *calibration) {
    if (calibration->high == UINT64_MAX)
        return 0;
    return calibration->low + (calibration->high - calibration->low) / 2;
}

uint32_t calibration_error(const struct calibration *calibration) {
    return bounds_error(calibration->low, calibration->high);
}

uint64_t calibration_other_rate(const struct calibration *calibration) {
    if (!calibration->other_paced)
        return 0;
    return calibration->other_ticks * calibration->reference->frequency / calibration->other_paced;
}
