// SPDX-License-Identifier: MIT
// /dev/speaker: the PC speaker, one tone at a time. An operation takes a struct speaker_request; its reply is empty.
#ifndef PROTOCOL_SPEAKER_H
#define PROTOCOL_SPEAKER_H

#include <stdint.h>

#define SPEAKER_PIPE "/dev/speaker"

enum speaker_operation {
    // The reply comes when the tone has ended. It sounds to its end even if its caller is gone. ERANGE, EBUSY (another
    // one sounds), ECANCELED (it was stopped).
    SPEAKER_TONE,
    SPEAKER_STOP, // ends the tone that sounds, if there is one
    SPEAKER_OPERATIONS
};

#define SPEAKER_FREQUENCY_MIN 20u // hertz
#define SPEAKER_FREQUENCY_MAX 20000u
#define SPEAKER_MILLISECONDS_MAX 5000u // of a tone; the least is 1

struct speaker_request {
    uint32_t operation;
    uint32_t frequency, milliseconds; // SPEAKER_TONE
};

#endif
