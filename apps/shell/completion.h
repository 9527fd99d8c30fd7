// SPDX-License-Identifier: MIT
// Tab: completes the word at the cursor as far as all that it may be agree.
#ifndef SHELL_COMPLETION_H
#define SHELL_COMPLETION_H

#include "line_buffer.h"

// Where nothing can be added a bell rings, or, with `lists`, what the word may be is shown below the line.
void completion_do(struct line_buffer *buffer, bool lists);

#endif
