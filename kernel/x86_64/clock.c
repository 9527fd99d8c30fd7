// SPDX-License-Identifier: MIT
// Time: the time-stamp counter, measured once against channel 2 of the 8254 (8254 datasheet), and the local APIC's
// one-shot timer, measured against the counter in the same window.
#include "x86_64.h"

#include "kernel.h"

#define PIT_FREQUENCY 1193182ull
#define PIT_CHANNEL2 0x42u
#define PIT_COMMAND 0x43u
#define PIT_ONE_SHOT 0xb0u // channel 2, both bytes, mode 0
#define PIT_GATE_PORT 0x61u
#define PIT_GATE 1u
#define PIT_SPEAKER 2u
#define PIT_OUTPUT 0x20u
#define WINDOW_TICKS 298u // about 250 microseconds
#define WINDOWS 3u        // the shortest counts: a pause of the machine only makes one longer

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

static void window_start(void) {
    uint8_t gate = (uint8_t)(port_in8(PIT_GATE_PORT) & ~(PIT_SPEAKER | PIT_GATE));
    port_out8(PIT_GATE_PORT, gate);
    port_out8(PIT_COMMAND, PIT_ONE_SHOT);
    port_out8(PIT_CHANNEL2, WINDOW_TICKS & 0xff);
    port_out8(PIT_CHANNEL2, WINDOW_TICKS >> 8);
    port_out8(PIT_GATE_PORT, gate | PIT_GATE);
}

static struct window window_measure(void) {
    volatile uint32_t *apic = kernel.machine.apic;
    window_start();
    apic[APIC_TIMER_COUNT] = APIC_COUNT_MAX;
    uint64_t start = time_stamp();
    while (!(port_in8(PIT_GATE_PORT) & PIT_OUTPUT))
        continue;
    uint64_t end = time_stamp();
    return (struct window){end - start, APIC_COUNT_MAX - apic[APIC_TIMER_LEFT]};
}

void clock_initialize(void) {
    struct machine *machine = &kernel.machine;
    machine->apic[APIC_TIMER_DIVIDE] = APIC_DIVIDE_BY_1;
    machine->apic[APIC_TIMER] = APIC_MASKED | VECTOR_TIMER;
    struct window best = window_measure();
    for (unsigned count = 1; count < WINDOWS; count++) {
        struct window window = window_measure();
        if (window.cycles < best.cycles)
            best = window;
    }
    machine->cycles_per_second = best.cycles * PIT_FREQUENCY / WINDOW_TICKS;
    uint64_t ticks_per_second = best.ticks * PIT_FREQUENCY / WINDOW_TICKS;
    machine->clock_multiplier = (SECOND << CLOCK_SHIFT) / machine->cycles_per_second;
    machine->apic_multiplier = (ticks_per_second << CLOCK_SHIFT) / SECOND;
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

#define CPUID_RANDOM (1u << 30) // leaf 1, ECX: RDRAND

uint32_t machine_random(void) {
    uint64_t value = time_stamp();
    if (cpuid(1, 0).c & CPUID_RANDOM)
        __asm__ volatile("rdrand %0" : "=r"(value));
    return (uint32_t)(value ^ value >> 32);
}
