// SPDX-License-Identifier: MIT
// Text that grows, up to a bound. Pure.
#ifndef SHELL_BUFFER_H
#define SHELL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#define BUFFER_MAX (1u << 20)

// All zero: empty. `bytes` is terminated, or NULL as long as nothing was put. From malloc.
struct buffer {
    char *bytes;
    size_t length, room;
    bool is_short; // something found no room, and was left out
};

// Each says whether there was room for all.
bool buffer_add(struct buffer *buffer, const char *bytes, size_t length);
bool buffer_put(struct buffer *buffer, char byte);
bool buffer_text(struct buffer *buffer, const char *text);
// The text in quotes, so that the shell's language gives it back as one word.
bool buffer_quote(struct buffer *buffer, const char *text);
void buffer_free(struct buffer *buffer);

#endif
