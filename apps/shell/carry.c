// SPDX-License-Identifier: MIT
#include "carry.h"

#include "failure.h"
#include "file.h"
#include "input.h"
#include "output.h"
#include "pipe.h"
#include "protocol/start.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PIECE (32u << 10)

int carry_from(const char *path, const char *position) {
    static char piece[PIECE];
    long file = file_open(path, OPEN_READ), length = file < 0 ? file : 0;
    if (file > 0)
        length = file_seek(file, atoll(position), STREAM_FROM_START);
    while (length >= 0 && (length = file_read(file, piece, sizeof piece)) > 0) {
        say_bytes(piece, (size_t)length);
        output_flush();
    }
    return length < 0 ? fail(path, length) : 0;
}

int carry_to(const char *path) {
    long file = file_open(path, OPEN_WRITE | OPEN_CREATE | OPEN_APPEND);
    long error = file < 0 ? file : pipe_hook(HANDLE_INPUT, KEY_INPUT, HOOK_END);
    static char piece[PAYLOAD_MAX]; // the message page itself can't be lent
    for (long length; !error && (length = pipe_wait_data(DEADLINE_NONE)) > 0;) {
        memcpy(piece, pipe_payload(), (size_t)length);
        long written = file_write(file, piece, (size_t)length);
        error = written < 0 ? written : written < length ? -PIPE_ENOSPC : 0;
    }
    return error ? fail(path, error) : 0;
}
