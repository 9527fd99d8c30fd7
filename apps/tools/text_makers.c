// SPDX-License-Identifier: MIT
// `yes`, `seq` and `printf`: text from nothing.
#include "failure.h"
#include "options.h"
#include "pipe.h"
#include "text_escape.h"
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1024u

int yes_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, WORDS_MAX, "TEXT", true};
    struct options options;
    char text[TEXT_MAX] = "y";
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (options.operand_count)
        operands_join(&options, 0, text, sizeof text - 1);
    size_t length = strlen(text);
    text[length++] = '\n';
    while (!output_has_failed()) // main tells of the error
        say_bytes(text, length);
    return STATUS_FAILED;
}

// ---- seq ----

// A whole number with its sign. False: reported.
static bool integer_parse(const char *word, long long *number) {
    char *end;
    errno = 0;
    *number = strtoll(word, &end, 10);
    if (*word && !*end && !errno && *word != ' ')
        return true;
    fail_usage(word, "not a whole number");
    return false;
}

static int sequence_say(long long first, long long step, long long last) {
    while ((step > 0 ? first <= last : first >= last) && !output_has_failed()) {
        say("%lld\n", first);
        if (__builtin_add_overflow(first, step, &first))
            break;
    }
    return 0;
}

// Its numbers may be negative, so that a word that begins with a dash is no option.
int sequence_command(int count, char **words) {
    long long numbers[3] = {1, 1, 0};
    if (count < 2)
        return fail_usage("LAST", "missing");
    if (count > 4)
        return fail_usage(words[4], "a word too many");
    if (words[1][0] == '-' && (words[1][1] < '0' || words[1][1] > '9'))
        return fail_usage(words[1], "no such option");
    for (int index = 1; index < count; index++) {
        int number = index == count - 1 ? 2 : index - 1; // FIRST, STEP, LAST
        if (!integer_parse(words[index], &numbers[number]))
            return STATUS_USAGE;
    }
    if (!numbers[1])
        return fail_usage(words[2], "STEP is not 0");
    return sequence_say(numbers[0], numbers[1], numbers[2]);
}

// ---- printf ----

#define WIDTH_MAX 1000

// "%-08.3d" as it is taken apart.
struct conversion {
    char flags[8];
    int width, precision; // -1: none
    char letter;
};

struct arguments {
    const char *const *words;
    int count, used;
};

static const char *argument_next(struct arguments *arguments) {
    return arguments->used < arguments->count ? arguments->words[arguments->used++] : NULL;
}

static int digits_read(const char **format) {
    int number = 0;
    while (**format >= '0' && **format <= '9' && number <= WIDTH_MAX)
        number = number * 10 + *(*format)++ - '0';
    return number;
}

// From after the percent sign to after the letter. False: it is none that there is.
static bool conversion_read(const char **format, struct conversion *conversion) {
    size_t length = 0;
    *conversion = (struct conversion){.precision = -1};
    while (**format && strchr("-+ 0#", **format) && length < sizeof conversion->flags - 1)
        conversion->flags[length++] = *(*format)++;
    conversion->width = digits_read(format);
    if (**format == '.') {
        ++*format;
        conversion->precision = digits_read(format);
    }
    conversion->letter = **format;
    if (!conversion->letter || !strchr("diouxXcsb", conversion->letter) || conversion->width > WIDTH_MAX ||
        conversion->precision > WIDTH_MAX)
        return false;
    ++*format;
    return true;
}

static void padded_say(const struct conversion *conversion, const char *bytes, size_t length) {
    size_t width = (size_t)conversion->width, gap = width > length ? width - length : 0;
    bool is_left = strchr(conversion->flags, '-');
    say("%*s", is_left ? 0 : (int)gap, "");
    say_bytes(bytes, length);
    say("%*s", is_left ? (int)gap : 0, "");
}

static void string_say(const struct conversion *conversion, const char *word) {
    char *text = conversion->letter == 'b' ? strdup(word) : NULL;
    const char *bytes = text ? text : word;
    size_t length = text ? text_unescape(text) : strlen(word);
    if (conversion->letter == 'c' && length > 1)
        length = 1;
    if (conversion->precision >= 0 && length > (size_t)conversion->precision)
        length = (size_t)conversion->precision;
    padded_say(conversion, bytes, length);
    free(text);
}

// False: reported.
static bool number_say(const struct conversion *conversion, const char *word) {
    char format[32], *end;
    errno = 0;
    long long number = strchr("di", conversion->letter) ? strtoll(word, &end, 0) : (long long)strtoull(word, &end, 0);
    if (!*word || *end || errno) {
        fail_usage(word, "not a whole number");
        return false;
    }
    if (conversion->precision >= 0)
        snprintf(format, sizeof format, "%%%s*.%dll%c", conversion->flags, conversion->precision, conversion->letter);
    else
        snprintf(format, sizeof format, "%%%s*ll%c", conversion->flags, conversion->letter);
    say(format, conversion->width, number);
    return true;
}

// Text between two conversions, whose escapes may stand for any byte. False: reported.
static bool plain_say(const char *text, size_t length) {
    char *copy = strndup(text, length);
    bool is_well = copy;
    if (is_well)
        say_bytes(copy, text_unescape(copy));
    else
        fail(text, -PIPE_ENOMEM);
    free(copy);
    return is_well;
}

// The format once. False: reported.
static bool format_say(const char *format, struct arguments *arguments) {
    while (*format) {
        struct conversion conversion;
        size_t plain = strcspn(format, "%");
        if (plain && !plain_say(format, plain))
            return false;
        format += plain;
        if (!*format)
            break;
        if (*++format == '%') {
            say_bytes(format++, 1);
            continue;
        }
        const char *begin = format;
        if (!conversion_read(&format, &conversion)) {
            fail_usage(begin - 1, "no conversion that there is");
            return false;
        }
        const char *word = argument_next(arguments);
        if (strchr("csb", conversion.letter))
            string_say(&conversion, word ? word : "");
        else if (!number_say(&conversion, word ? word : "0"))
            return false;
    }
    return true;
}

// The format is used again until no argument is left, as POSIX has it.
int printf_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, WORDS_MAX, "FORMAT", true};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    struct arguments arguments = {options.operands + 1, options.operand_count - 1, 0};
    int used = -1;
    bool is_well = true;
    while (is_well && used != arguments.used && (used < 0 || arguments.used < arguments.count)) {
        used = arguments.used;
        is_well = format_say(options.operands[0], &arguments);
    }
    return is_well ? 0 : STATUS_USAGE;
}
