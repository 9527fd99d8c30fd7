// SPDX-License-Identifier: MIT
#include "speaker.h"

#include "ports.h"
#include "protocol/speaker.h"

#define TIMER_DATA 0x42u
#define TIMER_COMMAND 0x43u
#define TIMER_SQUARE_WAVE 0xb6u // channel 2, low byte then high byte, mode 3, binary
#define TIMER_HERTZ 1193182u
#define GATE 0x61u
#define GATE_OPEN 0x03u // the channel counts, and its output reaches the speaker
#define GATE_KEPT 0x0cu // what is not the speaker's; the upper half is read only, and to be written as 0

_Static_assert(TIMER_HERTZ / SPEAKER_FREQUENCY_MIN <= UINT16_MAX, "the lowest tone's divisor fits the counter");

static long gate_set(uint32_t bits) {
    struct io_access gate = {.port = GATE, .width = 1};
    long result = ports_access(&gate, 1);
    if (result < 0)
        return result;
    gate.write = 1;
    gate.value = (gate.value & GATE_KEPT) | bits;
    return ports_access(&gate, 1);
}

long speaker_sound(uint32_t frequency) {
    uint32_t divisor = TIMER_HERTZ / frequency;
    struct io_access tune[] = {
        {TIMER_COMMAND, 1, 1, TIMER_SQUARE_WAVE}, {TIMER_DATA, 1, 1, divisor & 0xff}, {TIMER_DATA, 1, 1, divisor >> 8}};
    long result = ports_access(tune, sizeof tune / sizeof *tune);
    return result < 0 ? result : gate_set(GATE_OPEN);
}

long speaker_silence(void) {
    return gate_set(0);
}
