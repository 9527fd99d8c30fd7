// SPDX-License-Identifier: MIT
// A terminal's answer to where its cursor stands (ECMA-48, 8.3.14 CPR), found among what is typed: ESC [ row ; column
// R. Pure.
#ifndef TTY_ANSWER_H
#define TTY_ANSWER_H

#include "protocol/tty.h"

#include <stdbool.h>
#include <stddef.h>

#define ANSWER_MAX 16u // bytes of an answer that is heeded

// Bytes that may be the beginning of an answer. All 0 at the beginning.
struct answer {
    size_t length;
    uint8_t bytes[ANSWER_MAX];
};

enum answer_verdict {
    ANSWER_NONE,    // the bytes kept, this one the last of them, are no answer: they were typed
    ANSWER_PARTIAL, // they may become one
    ANSWER_WHOLE    // they are one
};

// Takes a byte. With ANSWER_NONE and ANSWER_WHOLE the caller empties the answer by setting its length to 0.
enum answer_verdict answer_take(struct answer *answer, uint8_t byte, struct tty_size *size);

#endif
