// SPDX-License-Identifier: MIT
// Time: the time-stamp counter and the local APIC's one-shot timer, both measured once, in the same window of a timer
// whose rate is known: channel 2 of the 8254 (8254 datasheet) or, where that stands still, as in PCs that save its
// power, ACPI's power management timer (ACPI specification 6.5, 4.8.3.3).
#include "machine_state.h"

#include "kernel.h"
#include "panic.h"

#define PIT_FREQUENCY 1193182ull
#define PIT_CHANNEL2 0x42u
#define PIT_COMMAND 0x43u
#define PIT_ONE_SHOT 0xb0u // channel 2, both bytes, mode 0
#define PIT_GATE_PORT 0x61u
#define PIT_GATE 1u
#define PIT_SPEAKER 2u
#define PIT_OUTPUT 0x20u
#define PIT_WINDOW 298u // ticks: about 250 microseconds

#define POWER_FREQUENCY 3579545ull
#define POWER_WINDOW 895u // ticks: about 250 microseconds
#define POWER_MASK 0xffffffu

#define WINDOWS_AGREEING 3u // the shortest counts: a pause of the machine only makes one longer
#define WINDOWS_MAX 32u     // until so many agree to a part in WINDOW_PARTS
#define WINDOW_PARTS 16u
#define WINDOW_CYCLES_MIN 25000u     // of a processor of 100 MHz
#define WINDOW_CYCLES_MAX 0x4000000u // far longer than one of 10 GHz takes

#define APIC_TIMER (0x320u / 4)
#define APIC_TIMER_COUNT (0x380u / 4)
#define APIC_TIMER_LEFT (0x390u / 4)
#define APIC_TIMER_DIVIDE (0x3e0u / 4)
#define APIC_DIVIDE_BY_1 0xbu
#define APIC_MASKED 0x10000u
#define APIC_COUNT_MAX 0xffffffffu

#define CLOCK_SHIFT 24u
#define SECOND 1000000000ull

struct window {
    uint64_t cycles, ticks; // of the counter, of the APIC's timer
};

// A timer whose rate is known.
struct reference {
    void (*start)(void); // begins a window
    bool (*is_over)(void);
    uint64_t frequency, window; // its ticks in a second, in a window
};

static void pit_start(void) {
    uint8_t gate = (uint8_t)(port_in8(PIT_GATE_PORT) & ~(PIT_SPEAKER | PIT_GATE));
    port_out8(PIT_GATE_PORT, gate);
    port_out8(PIT_COMMAND, PIT_ONE_SHOT);
    port_out8(PIT_CHANNEL2, PIT_WINDOW & 0xff);
    port_out8(PIT_CHANNEL2, PIT_WINDOW >> 8);
    port_out8(PIT_GATE_PORT, gate | PIT_GATE);
}

static bool pit_is_over(void) {
    return port_in8(PIT_GATE_PORT) & PIT_OUTPUT;
}

static void power_timer_start(void) {
    kernel.machine.power_timer_start = port_in32(kernel.machine.power_timer);
}

static bool power_timer_is_over(void) {
    uint32_t passed = port_in32(kernel.machine.power_timer) - kernel.machine.power_timer_start;
    return (passed & POWER_MASK) >= POWER_WINDOW;
}

// False if the window ends too soon or not at all: then there is no such timer. One in which the machine paused ends
// late.
static bool window_measure(const struct reference *reference, struct window *window) {
    volatile uint32_t *apic = kernel.machine.apic;
    reference->start();
    apic[APIC_TIMER_COUNT] = APIC_COUNT_MAX;
    uint64_t start = time_stamp(), end = start;
    bool is_over;
    while (!(is_over = reference->is_over()) && end - start <= WINDOW_CYCLES_MAX)
        end = time_stamp();
    end = time_stamp();
    *window = (struct window){end - start, APIC_COUNT_MAX - apic[APIC_TIMER_LEFT]};
    return is_over && window->cycles >= WINDOW_CYCLES_MIN;
}

static bool measure(const struct reference *reference) {
    struct machine *machine = &kernel.machine;
    struct window best = {UINT64_MAX / 2, 0}, window;
    unsigned agreeing = 0;
    for (unsigned count = 0; count < WINDOWS_MAX && agreeing < WINDOWS_AGREEING; count++) {
        if (!window_measure(reference, &window))
            return false;
        if (window.cycles < best.cycles - best.cycles / WINDOW_PARTS)
            agreeing = 0;
        if (window.cycles <= best.cycles + best.cycles / WINDOW_PARTS)
            agreeing++;
        if (window.cycles < best.cycles)
            best = window;
    }
    machine->cycles_per_second = best.cycles * reference->frequency / reference->window;
    uint64_t ticks_per_second = best.ticks * reference->frequency / reference->window;
    machine->clock_multiplier = (SECOND << CLOCK_SHIFT) / machine->cycles_per_second;
    machine->apic_multiplier = (ticks_per_second << CLOCK_SHIFT) / SECOND;
    return true;
}

void clock_initialize(void) {
    static const struct reference pit = {pit_start, pit_is_over, PIT_FREQUENCY, PIT_WINDOW};
    static const struct reference power_timer = {power_timer_start, power_timer_is_over, POWER_FREQUENCY, POWER_WINDOW};
    struct machine *machine = &kernel.machine;
    machine->apic[APIC_TIMER_DIVIDE] = APIC_DIVIDE_BY_1;
    machine->apic[APIC_TIMER] = APIC_MASKED | VECTOR_TIMER;
    if (!measure(&pit) && !(machine->power_timer && measure(&power_timer)))
        panic("no timer to measure the processor's clock by");
    machine->apic[APIC_TIMER_COUNT] = 0;
    machine->apic[APIC_TIMER] = VECTOR_TIMER;
    machine->clock_start = time_stamp();
}

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
    return machine_nanoseconds(time_stamp() - kernel.machine.clock_start);
}

void machine_arm_timer(uint64_t time) {
    uint64_t now = machine_now();
    uint64_t wait = time > now ? time - now : 0;
    if (wait > SECOND)
        wait = SECOND; // the timer's count has 32 bits: a longer wait goes in steps
    uint64_t ticks = wait * kernel.machine.apic_multiplier >> CLOCK_SHIFT;
    if (ticks > APIC_COUNT_MAX)
        ticks = APIC_COUNT_MAX;
    kernel.machine.apic[APIC_TIMER_COUNT] = ticks ? (uint32_t)ticks : 1;
}
