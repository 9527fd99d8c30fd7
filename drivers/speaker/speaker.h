// SPDX-License-Identifier: MIT
// The PC speaker: channel 2 of the interval timer (Intel 8254 datasheet) through the gate of port 61h (Intel ICH9
// datasheet: NMI_SC), by ports (/kernel/io).
#ifndef SPEAKER_SPEAKER_H
#define SPEAKER_SPEAKER_H

#include <stdint.h>

// A tone of so many hertz, SPEAKER_FREQUENCY_MIN or more, until speaker_silence. Both give 0 or more, or a negated
// error.
long speaker_sound(uint32_t frequency);
long speaker_silence(void);

#endif
