// SPDX-License-Identifier: MIT
// `date`: the real-time clock, read and set. All times are UTC.
#include "clock.h"
#include "commands.h"
#include "failure.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "protocol/rtc.h"
#include "wall.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FORMAT_DEFAULT "%a %b %e %H:%M:%S UTC %Y"
#define FORMAT_MAX 256u
#define TEXT_MAX 1024u
#define YEAR_BASE 1900 // of struct tm
#define FIELDS_LEAST 5 // seconds may be left out

// The time now, in seconds since 1970. 0 or a negated error.
static long now_ask(time_t *now) {
    struct rtc_request request = {.operation = RTC_READ};
    struct rtc_time answer;
    long handle = pipe_open(RTC_PIPE, RIGHT_WRITE);
    if (handle < 0)
        return handle;
    long result = pipe_call(handle, &request, sizeof request, &answer, sizeof answer, DEADLINE_NONE);
    pipe_close(handle);
    if (result < 0)
        return result;
    *now = (time_t)(answer.seconds + (int64_t)((clock_now() - answer.time) / SECOND));
    return 0;
}

// ---- Showing ----

// Copies a format, with the time zone's name instead of %Z: the C library knows none. False if it is too long.
static bool zone_put(const char *format, char *to, size_t size) {
    static const char zone[] = "UTC";
    size_t length = 0;
    for (; *format; format++) {
        bool is_pair = format[0] == '%' && format[1], is_zone = is_pair && format[1] == 'Z';
        const char *chunk = is_zone ? zone : format;
        size_t chunk_length = is_zone ? sizeof zone - 1 : 1 + (size_t)is_pair;
        if (length + chunk_length >= size)
            return false;
        memcpy(to + length, chunk, chunk_length);
        length += chunk_length;
        format += is_pair;
    }
    to[length] = 0;
    return true;
}

static int date_show(const char *format) {
    char complete[FORMAT_MAX], text[TEXT_MAX];
    struct tm date;
    time_t now;
    if (!zone_put(format, complete, sizeof complete))
        return fail_usage(format, "a format has at most 255 bytes");
    long error = now_ask(&now);
    if (error)
        return fail(RTC_PIPE, error);
    gmtime_r(&now, &date);
    size_t length = strftime(text, sizeof text, complete, &date);
    if (!length && *complete)
        return fail_usage(format, "what the format says is longer than a line may be");
    say_bytes(text, length);
    say("\n");
    return 0;
}

// ---- Setting ----

// Seconds since 1970: @SECONDS.
static bool seconds_parse(const char *word, int64_t *seconds) {
    char *end;
    if (word[0] != '@' || word[1] < '0' || word[1] > '9')
        return false;
    *seconds = strtoll(word + 1, &end, 10);
    return *end == 0;
}

// YYYY-MM-DD HH:MM[:SS], with a space or a T in the middle. The C library's local time is UTC. It takes the 30th of
// February for the 2nd of March: what it makes of the date must be the date.
static bool date_parse(const char *word, int64_t *seconds) {
    struct tm date = {0}, back;
    char middle;
    int length = 0, read = 0;
    int fields = sscanf(word, "%4d-%2d-%2d%c%2d:%2d%n:%2d%n", &date.tm_year, &date.tm_mon, &date.tm_mday, &middle,
                        &date.tm_hour, &date.tm_min, &length, &date.tm_sec, &read);
    if (fields <= FIELDS_LEAST || (middle != ' ' && middle != 'T') || word[read > length ? read : length])
        return false;
    date.tm_year -= YEAR_BASE;
    date.tm_mon--;
    struct tm copy = date;
    time_t time = mktime(&copy);
    gmtime_r(&time, &back);
    *seconds = time;
    return time != (time_t)-1 && back.tm_mon == date.tm_mon && back.tm_mday == date.tm_mday &&
           back.tm_hour == date.tm_hour && back.tm_min == date.tm_min && back.tm_sec == date.tm_sec;
}

static int date_set(const char *word) {
    int64_t seconds;
    if (!seconds_parse(word, &seconds) && !date_parse(word, &seconds))
        return fail_usage(word, "a time is 'YYYY-MM-DD HH:MM:SS' in UTC, or @SECONDS since 1970");
    long error = wall_set(seconds);
    return error ? fail(error == -PIPE_ERANGE ? word : RTC_SET_PIPE, error) : 0;
}

int date_command(int count, char **words) {
    static const struct option_plan plan = {"s:", 0, 1, "a format", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    const char *format = options.operand_count ? options.operands[0] : NULL;
    if (format && *format != '+')
        return fail_usage(format, "a format begins with +");
    if (option_given(&options, 's')) {
        int status = date_set(option_value(&options, 's'));
        if (status)
            return status;
    }
    return date_show(format ? format + 1 : FORMAT_DEFAULT);
}
