// SPDX-License-Identifier: MIT
// Sounds the PC speaker: `beep [HERTZ [MILLISECONDS]]`, or `beep stop`.
#include "error.h"
#include "pipe.h"
#include "protocol/speaker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HERTZ_PLAIN 880u
#define MILLISECONDS_PLAIN 200u
#define STATUS_FAILED 1
#define STATUS_USAGE 2

// A whole number; what is too large for the speaker stays too large.
static bool number_parse(const char *text, uint32_t *number) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *number = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
    return *text >= '0' && *text <= '9' && *end == 0;
}

static bool request_parse(int count, char **words, struct speaker_request *request) {
    if (count == 2 && strcmp(words[1], "stop") == 0) {
        request->operation = SPEAKER_STOP;
        return true;
    }
    return count <= 3 && (count < 2 || number_parse(words[1], &request->frequency)) &&
           (count < 3 || number_parse(words[2], &request->milliseconds));
}

int main(int count, char **words) {
    struct speaker_request request = {SPEAKER_TONE, HERTZ_PLAIN, MILLISECONDS_PLAIN};
    if (!request_parse(count, words, &request)) {
        fprintf(stderr, "usage: beep [HERTZ [MILLISECONDS]] | beep stop\n");
        return STATUS_USAGE;
    }
    long result = pipe_open(SPEAKER_PIPE, RIGHT_WRITE);
    if (result >= 0)
        result = pipe_call(result, &request, sizeof request, NULL, 0, DEADLINE_NONE);
    if (result < 0)
        fprintf(stderr, "beep: %s: %s (%s)\n", SPEAKER_PIPE, error_sentence(result), error_name(result));
    return result < 0 ? STATUS_FAILED : 0;
}
