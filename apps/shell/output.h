// SPDX-License-Identifier: MIT
// The shell's output: what it says and its errors, wherever its streams lead. Bytes wait until output_flush, so that a
// line goes out in few messages. To a terminal's driver "\n" goes as "\r\n"; to all else every byte as it is.
#ifndef SHELL_OUTPUT_H
#define SHELL_OUTPUT_H

#include "say.h"

#include <stdbool.h>
#include <stddef.h>

// Sends what waits.
void output_flush(void);
// What a file has answered to a write since this was asked last: 0 or a negated error. What followed it was dropped.
long output_error(void);
// Whether there is such an error: what goes on and on should end.
bool output_has_failed(void);

#endif
