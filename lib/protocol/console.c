// SPDX-License-Identifier: MIT
#include "protocol/console.h"

#include "decode.h"

static const struct operation operations[CONSOLE_OPERATIONS] = {
    [CONSOLE_SIZE] = {"CONSOLE_SIZE", NULL,
                      FIELDS(FIELD(struct console_size, columns), FIELD(struct console_size, rows))}};
const struct protocol protocol_console = {(const char *const[]){CONSOLE_SIZE_PIPE, NULL}, operations, 0,
                                          CONSOLE_OPERATIONS};
