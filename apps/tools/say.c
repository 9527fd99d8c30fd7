// SPDX-License-Identifier: MIT
// What tools print. The output has a buffer of its own, of the size of a message: stdio's functions cost hundreds of
// instructions a call, and a tool may print byte by byte.
#include "say.h"

#include "abi.h"
#include "tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    char bytes[PAYLOAD_MAX];
    size_t length;
    int error; // of the first write that failed; what followed it was dropped
    bool is_known, is_terminal;
} output;

static bool output_is_terminal(void) {
    if (!output.is_known)
        output.is_terminal = isatty(STDOUT_FILENO);
    output.is_known = true;
    return output.is_terminal;
}

int output_flush(void) {
    size_t done = 0;
    while (!output.error && done < output.length) {
        ssize_t length = write(STDOUT_FILENO, output.bytes + done, output.length - done);
        if (length < 0)
            output.error = errno;
        else
            done += (size_t)length;
    }
    output.length = 0;
    return output.error;
}

bool output_has_failed(void) {
    return output.error;
}

void say_bytes(const char *bytes, size_t length) {
    bool ends_line = length && bytes[length - 1] == '\n';
    while (length) {
        size_t room = sizeof output.bytes - output.length, count = length < room ? length : room;
        memcpy(output.bytes + output.length, bytes, count);
        output.length += count;
        bytes += count;
        length -= count;
        if (output.length == sizeof output.bytes)
            output_flush();
    }
    if (ends_line && output_is_terminal())
        output_flush();
}

static void format_write(void (*write_bytes)(const char *bytes, size_t length), const char *format, va_list arguments) {
    char text[SAY_MAX + 1];
    int length = vsnprintf(text, sizeof text, format, arguments);
    if (length > 0)
        write_bytes(text, (size_t)length < SAY_MAX ? (size_t)length : SAY_MAX);
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    format_write(say_bytes, format, arguments);
    va_end(arguments);
}

static void error_write(const char *bytes, size_t length) {
    (void)!write(STDERR_FILENO, bytes, length);
}

// Output and errors often end at the same screen: what was said before stands before.
void complain(const char *format, ...) {
    va_list arguments;
    output_flush();
    va_start(arguments, format);
    format_write(error_write, format, arguments);
    va_end(arguments);
}

void say_name(const char *name) {
    if (output_is_terminal())
        say_escaped(name, strlen(name));
    else
        say_bytes(name, strlen(name));
}
