// SPDX-License-Identifier: MIT
// Time: the time-stamp counter and the local APIC's one-shot timer. Both are measured at boot by a timer whose rate is
// known (calibrate.h): channel 2 of the 8254 (8254 datasheet) or, where that stands still, as in PCs that save its
// power, ACPI's power management timer (ACPI specification 6.5, 4.8.3.3).
//
//   MEASURING --- clock_initialize: the rate is agreed ---> AGREED
//   MEASURING --- clock_initialize: it is not, after ROUNDS_MAX rounds ---> ROUGH: the clock runs by the likeliest rate
//   ROUGH     --- clock_interrupt: ACPI's timer confirms a rate ---> AGREED; the time does not jump
#include "machine_state.h"

#include "kernel.h"
#include "log.h"
#include "panic.h"

#define PIT_FREQUENCY 1193182u
#define PIT_CHANNEL2 0x42u
#define PIT_COMMAND 0x43u
#define PIT_ONE_SHOT 0xb0u   // channel 2, both bytes, mode 0: its output rises when the count reaches 0
#define PIT_LATCH 0xc8u      // of channel 2: its status, then its count, as they are now
#define PIT_OUTPUT 0x80u     // of the status
#define PIT_NULL_COUNT 0x40u // of the status: the count that was written does not run yet
#define PIT_GATE_PORT 0x61u
#define PIT_GATE 1u
#define PIT_SPEAKER 2u
#define PIT_MASK 0xffffu
#define PIT_START_READS 1000u // of the status: the count runs within a microsecond

#define POWER_FREQUENCY 3579545u
#define POWER_MASK 0xffffffu

// By how many ticks the difference of two readings may be wrong: one, and the microsecond to which emulators round.
#define PIT_SLACK 2u
#define POWER_SLACK 4u

#define ROUND_PART 20u       // a round lasts this part of a second: the 8254's count runs for 55 ms
#define ROUNDS_MAX 16u       // at boot
#define READINGS_STILL 4096u // of the same count: the timer stands still
#define RATE_MIN 1000000u    // cycles a second
#define ROUGH_WAIT 20000000u // nanoseconds between two readings while the clock runs by a rough rate
#define ROUGH_GAP_MAX 2u     // seconds: after a longer gap, the timer may have passed through all its values

#define APIC_TIMER (0x320u / 4)
#define APIC_TIMER_COUNT (0x380u / 4)
#define APIC_TIMER_LEFT (0x390u / 4)
#define APIC_TIMER_DIVIDE (0x3e0u / 4)
#define APIC_DIVIDE_BY_1 0xbu
#define APIC_MASKED 0x10000u
#define APIC_COUNT_MAX 0xffffffffu

#define CLOCK_SHIFT 24u
#define SECOND 1000000000ull

// ---- Timers whose rate is known ----

struct source {
    struct timer_reference reference;
    bool (*start)(void);                     // begins a round; false if there is no such timer
    bool (*sample)(struct reading *reading); // false if the round is over
};

static uint32_t apic_ticks(void) {
    return APIC_COUNT_MAX - kernel.machine.apic[APIC_TIMER_LEFT];
}

// The counter, once all earlier instructions are complete.
static uint64_t time_stamp_ordered(void) {
    __asm__ volatile("lfence" ::: "memory");
    return time_stamp();
}

// The status and the count are those of the moment of the command, so that reading them need not be quick.
static bool pit_sample(struct reading *reading) {
    reading->before = time_stamp_ordered();
    port_out8(PIT_COMMAND, PIT_LATCH);
    reading->other = apic_ticks();
    reading->after = time_stamp_ordered();
    uint8_t status = port_in8(PIT_CHANNEL2), low = port_in8(PIT_CHANNEL2), high = port_in8(PIT_CHANNEL2);
    reading->ticks = ~(uint32_t)(low | high << 8) & PIT_MASK;
    return !(status & (PIT_OUTPUT | PIT_NULL_COUNT));
}

// Without such a timer its ports read as ones: the output is up.
static bool pit_start(void) {
    uint8_t gate = (uint8_t)(port_in8(PIT_GATE_PORT) & ~(PIT_SPEAKER | PIT_GATE));
    port_out8(PIT_GATE_PORT, gate);
    port_out8(PIT_COMMAND, PIT_ONE_SHOT);
    port_out8(PIT_CHANNEL2, 0);
    port_out8(PIT_CHANNEL2, 0);
    port_out8(PIT_GATE_PORT, gate | PIT_GATE);
    struct reading reading;
    for (uint32_t count = 0; count < PIT_START_READS; count++)
        if (pit_sample(&reading))
            return true;
    return false;
}

static bool power_timer_start(void) {
    return kernel.machine.power_timer != 0;
}

static bool power_timer_sample(struct reading *reading) {
    reading->before = time_stamp_ordered();
    reading->ticks = port_in32(kernel.machine.power_timer) & POWER_MASK;
    reading->other = apic_ticks();
    reading->after = time_stamp_ordered();
    return true;
}

static const struct source pit = {{PIT_FREQUENCY, PIT_MASK, PIT_SLACK}, pit_start, pit_sample};
static const struct source power_timer = {
    {POWER_FREQUENCY, POWER_MASK, POWER_SLACK}, power_timer_start, power_timer_sample};

// ---- Measuring at boot ----

// Takes readings until the rate is agreed. False if the round ends first.
static bool round_measure(const struct source *source) {
    struct calibration *calibration = &kernel.machine.calibration;
    struct reading reading;
    kernel.machine.apic[APIC_TIMER_COUNT] = APIC_COUNT_MAX;
    calibration_restart(calibration);
    while (source->sample(&reading)) {
        if (calibration_add(calibration, &reading))
            return true;
        if (calibration->ticks >= source->reference.frequency / ROUND_PART)
            return false;
        if (calibration->ticks == 0 && calibration->readings >= READINGS_STILL)
            return false;
    }
    return false;
}

// False if there is no such timer, or it stands still.
static bool measure(const struct source *source) {
    struct calibration *calibration = &kernel.machine.calibration;
    calibration_start(calibration, &source->reference);
    for (uint32_t round = 0; round < ROUNDS_MAX; round++) {
        if (!source->start())
            return false;
        if (round_measure(source))
            return true;
        if (calibration->ticks == 0 && calibration->readings >= READINGS_STILL)
            return false;
    }
    return calibration_rate(calibration) > 0;
}

static void rate_set(uint64_t rate) {
    kernel.machine.cycles_per_second = rate;
    kernel.machine.clock_multiplier = (SECOND << CLOCK_SHIFT) / rate;
}

void clock_initialize(void) {
    struct machine *machine = &kernel.machine;
    const struct calibration *calibration = &machine->calibration;
    machine->apic[APIC_TIMER_DIVIDE] = APIC_DIVIDE_BY_1;
    machine->apic[APIC_TIMER] = APIC_MASKED | VECTOR_TIMER;
    if (!measure(&pit) && !measure(&power_timer))
        refuse_to_start("it needs a timer of a known rate, an 8254 or ACPI's, and none of them runs");
    if (calibration_rate(calibration) < RATE_MIN)
        refuse_to_start("the processor's time-stamp counter stands still");
    if (calibration_other_rate(calibration) == 0)
        refuse_to_start("the local APIC's timer stands still");
    rate_set(calibration_rate(calibration));
    machine->apic_multiplier = (calibration_other_rate(calibration) << CLOCK_SHIFT) / SECOND;
    machine->apic[APIC_TIMER_COUNT] = 0;
    machine->apic[APIC_TIMER] = VECTOR_TIMER;
    machine->clock_is_rough = !calibration_is_agreed(calibration);
    machine->clock_start = time_stamp();
}

// ---- Measuring on, while the clock runs ----

uint32_t machine_clock_error(void) {
    return kernel.machine.clock_is_rough ? calibration_error(&kernel.machine.calibration) : 0;
}

// Changes the clock's rate; the time does not jump.
static void rate_change(uint64_t rate) {
    uint64_t cycles = time_stamp();
    kernel.machine.clock_base += machine_nanoseconds(cycles - kernel.machine.clock_start);
    kernel.machine.clock_start = cycles;
    rate_set(rate);
}

static void measure_on(void) {
    struct calibration *calibration = &kernel.machine.calibration;
    struct reading reading;
    if (calibration->reference != &power_timer.reference)
        calibration_start(calibration, &power_timer.reference);
    power_timer_sample(&reading);
    if (reading.after - calibration->last.after > ROUGH_GAP_MAX * kernel.machine.cycles_per_second)
        calibration_restart(calibration);
    if (!calibration_add(calibration, &reading))
        return;
    kernel.machine.clock_is_rough = false;
    rate_change(calibration_rate(calibration));
    log_line("clock at %U kHz", kernel.machine.cycles_per_second / 1000);
}

void clock_interrupt(struct cpu *cpu) {
    if (kernel.machine.clock_is_rough && kernel.machine.power_timer)
        measure_on();
    timer_interrupt(cpu);
}

// ---- What the kernel asks ----

uint64_t machine_cycles(void) {
    return time_stamp();
}

uint64_t machine_cycles_per_second(void) {
    return kernel.machine.cycles_per_second;
}

uint64_t machine_nanoseconds(uint64_t cycles) {
    return (uint64_t)((unsigned __int128)cycles * kernel.machine.clock_multiplier >> CLOCK_SHIFT);
}

uint64_t machine_now(void) {
    return kernel.machine.clock_base + machine_nanoseconds(time_stamp() - kernel.machine.clock_start);
}

void machine_arm_timer(uint64_t time) {
    uint64_t now = machine_now();
    uint64_t wait = time > now ? time - now : 0;
    if (wait > SECOND)
        wait = SECOND; // the timer's count has 32 bits: a longer wait goes in steps
    if (kernel.machine.clock_is_rough && wait > ROUGH_WAIT)
        wait = ROUGH_WAIT;
    uint64_t ticks = wait * kernel.machine.apic_multiplier >> CLOCK_SHIFT;
    if (ticks > APIC_COUNT_MAX)
        ticks = APIC_COUNT_MAX;
    kernel.machine.apic[APIC_TIMER_COUNT] = ticks ? (uint32_t)ticks : 1;
}
