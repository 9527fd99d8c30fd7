// SPDX-License-Identifier: MIT
#include "protocol/tty.h"

#include "decode.h"

#define MODE FIELDS(FIELD(struct tty_mode, flags), FIELD(struct tty_mode, lost))

static const struct operation operations[TTY_OPERATIONS] = {
    [TTY_SET_MODE] = {"TTY_SET_MODE", FIELDS(FIELD(struct tty_request, flags)), MODE},
    [TTY_GET_MODE] = {"TTY_GET_MODE", NULL, MODE},
    [TTY_SIZE] = {"TTY_SIZE", NULL, FIELDS(FIELD(struct tty_size, columns), FIELD(struct tty_size, rows))},
    [TTY_FLUSH] = {"TTY_FLUSH", NULL, NULL}};
const struct protocol protocol_tty = {(const char *const[]){TTY_DIRECTORY "/*/control", NULL}, operations, 0,
                                      TTY_OPERATIONS};
