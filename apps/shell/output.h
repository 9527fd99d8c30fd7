// SPDX-License-Identifier: MIT
// The shell's output: two queues of bytes, what it says and its errors. "\n" becomes "\r\n" here and nowhere else.
// Bytes wait until output_flush, so that a line goes out in few messages.
#ifndef SHELL_OUTPUT_H
#define SHELL_OUTPUT_H

#include <stddef.h>

// Both take at most SAY_MAX bytes at once; what is longer is cut.
#define SAY_MAX 1536u // more than the longest line of input
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Any bytes: printable ASCII as it is, a backslash doubled, all others as \xNN.
void say_escaped(const void *bytes, size_t length);
// Any bytes as they are, but for "\n".
void say_bytes(const char *bytes, size_t length);

// Sends what waits.
void output_flush(void);

#endif
