// SPDX-License-Identifier: MIT
// The shell's output: what it says and its errors, wherever its streams lead. Bytes wait until output_flush, so that a
// line goes out in few messages. To a terminal's driver "\n" goes as "\r\n"; to all else every byte as it is.
#ifndef SHELL_OUTPUT_H
#define SHELL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

// Both take at most SAY_MAX bytes at once; what is longer is cut.
#define SAY_MAX 1536u
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Any bytes: characters of UTF-8 that can be seen as they are, a backslash doubled, all others as \xNN.
void say_escaped(const void *bytes, size_t length);
// Whether all bytes are of characters that can be seen, of tabs or of line ends.
bool bytes_are_text(const void *bytes, size_t length);
// Any bytes, of any number, as they are.
void say_bytes(const char *bytes, size_t length);

// Sends what waits.
void output_flush(void);
// What a file has answered to a write since this was asked last: 0 or a negated error. What followed it was dropped.
long output_error(void);
// Whether there is such an error: what goes on and on should end.
bool output_has_failed(void);

#endif
