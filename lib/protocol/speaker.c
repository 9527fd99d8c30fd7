// SPDX-License-Identifier: MIT
#include "protocol/speaker.h"

#include "decode.h"

static const struct operation operations[SPEAKER_OPERATIONS] = {
    [SPEAKER_TONE] = {"SPEAKER_TONE",
                      FIELDS(FIELD(struct speaker_request, frequency), FIELD(struct speaker_request, milliseconds)),
                      NULL},
    [SPEAKER_STOP] = {"SPEAKER_STOP", NULL, NULL}};
const struct protocol protocol_speaker = {(const char *const[]){SPEAKER_PIPE, NULL}, operations, 0, SPEAKER_OPERATIONS};
