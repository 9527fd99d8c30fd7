// SPDX-License-Identifier: MIT
// The screen's driver. /dev/console/output takes bytes for its terminal, /dev/console/view moves the view over what has
// scrolled off: each `+` by half a screen into the past, each `-` back. /dev/console/size tells how large it is.
#ifndef PROTOCOL_CONSOLE_H
#define PROTOCOL_CONSOLE_H

#include <stdint.h>

#define CONSOLE_DIRECTORY "/dev/console"
#define CONSOLE_OUTPUT_PIPE "/dev/console/output"
#define CONSOLE_VIEW_PIPE "/dev/console/view"
#define CONSOLE_SIZE_PIPE "/dev/console/size"

enum console_operation {
    CONSOLE_SIZE, // -> struct console_size
    CONSOLE_OPERATIONS
};

struct console_request {
    uint32_t operation;
};

struct console_size {
    uint32_t columns, rows;
};

#endif
