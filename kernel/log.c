// SPDX-License-Identifier: MIT
#include "log.h"

#include "kernel.h"

// The target of formatted text.
struct writer {
    char *to;
    size_t length, size; // without the terminator
};

static void write_byte(struct writer *writer, char byte) {
    if (writer->length < writer->size)
        writer->to[writer->length++] = byte;
}

static void write_text(struct writer *writer, const char *text) {
    while (*text)
        write_byte(writer, *text++);
}

#define DIGITS_MAX 20u

// Writes at least `width` characters, padded on the left with `fill`.
static void write_number(struct writer *writer, uint64_t number, unsigned base, unsigned width, char fill) {
    char digits[DIGITS_MAX];
    unsigned count = 0;
    do {
        char digit = "0123456789abcdef"[number % base];
        digits[count] = number || count == 0 ? digit : fill;
        number /= base;
        count++;
    } while (number || count < width);
    while (count)
        write_byte(writer, digits[--count]);
}

static void write_conversion(struct writer *writer, char conversion, va_list *arguments) {
    if (conversion == 's')
        write_text(writer, va_arg(*arguments, const char *));
    else if (conversion == 'u')
        write_number(writer, va_arg(*arguments, uint32_t), 10, 1, 0);
    else if (conversion == 'U' || conversion == 'X')
        write_number(writer, va_arg(*arguments, uint64_t), conversion == 'X' ? 16 : 10, 1, 0);
    else
        write_byte(writer, conversion);
}

size_t format_list(char *to, size_t size, const char *pattern, va_list arguments) {
    struct writer writer = {to, 0, size - 1};
    va_list rest;
    va_copy(rest, arguments);
    for (; *pattern; pattern++) {
        if (*pattern != '%')
            write_byte(&writer, *pattern);
        else if (*++pattern)
            write_conversion(&writer, *pattern, &rest);
        else
            break;
    }
    va_end(rest);
    to[writer.length] = 0;
    return writer.length;
}

size_t format(char *to, size_t size, const char *pattern, ...) {
    va_list arguments;
    va_start(arguments, pattern);
    size_t length = format_list(to, size, pattern, arguments);
    va_end(arguments);
    return length;
}

void log_text(char *to, const uint8_t *text, uint32_t length) {
    for (uint32_t index = 0; index < length; index++)
        to[index] = text[index] < ' ' || text[index] > '~' ? '?' : (char)text[index];
    to[length] = 0;
}

#define SECOND 1000000000ull
#define MICROSECOND 1000ull
#define MICROSECOND_DIGITS 6u
#define SECOND_WIDTH 5u

// "[    0.123456] " in front of each line.
static size_t write_time(char *to, size_t size) {
    uint64_t now = machine_now();
    struct writer writer = {to, 0, size - 1};
    write_byte(&writer, '[');
    write_number(&writer, now / SECOND, 10, SECOND_WIDTH, ' ');
    write_byte(&writer, '.');
    write_number(&writer, now % SECOND / MICROSECOND, 10, MICROSECOND_DIGITS, '0');
    write_text(&writer, "] ");
    return writer.length;
}

void log_line(const char *pattern, ...) {
    char line[LOG_LINE_MAX + 1];
    va_list arguments;
    va_start(arguments, pattern);
    size_t length = write_time(line, sizeof line);
    length += format_list(line + length, sizeof line - length - 1, pattern, arguments);
    va_end(arguments);
    if (kernel.log)
        pipens_publish(kernel.log, line, (uint32_t)length);
    line[length++] = '\n';
    machine_console_write(line, length);
}
