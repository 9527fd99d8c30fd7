// SPDX-License-Identifier: MIT
// The kernel's log: lines with time stamps, on the console and on the topic /kernel/log.
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_MAX 160u

// Formats %s, %u (uint32_t), %U, %X (uint64_t), %%, into at most `size` bytes with a terminator; returns the
// length.
size_t format(char *to, size_t size, const char *pattern, ...);
size_t format_list(char *to, size_t size, const char *pattern, va_list arguments);
// Copies a user's text of `length` bytes, of which those that are not printable ASCII become question marks, and ends
// it with a terminator.
void log_text(char *to, const uint8_t *text, uint32_t length);
// Writes one line.
void log_line(const char *pattern, ...);

#endif
