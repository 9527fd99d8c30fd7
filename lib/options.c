// SPDX-License-Identifier: MIT
#include "options.h"

#include "failure.h"

#include <stdio.h>
#include <string.h>

static int option_index(char letter) {
    return letter >= 'a' ? letter - 'a' : OPTION_LETTERS / 2 + letter - 'A';
}

bool option_given(const struct options *options, char letter) {
    return options->given[option_index(letter)];
}

const char *option_value(const struct options *options, char letter) {
    return options->values[option_index(letter)];
}

// The index of a letter in the plan, or NULL.
static const char *letter_find(const struct option_plan *plan, char letter) {
    bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    return is_letter ? strchr(plan->letters, letter) : NULL;
}

// One word of options: "-lr", "-n5", or "-n" whose value is the next word. The number of words taken, 0: reported.
static int cluster_parse(char **words, const struct option_plan *plan, struct options *options) {
    for (const char *letter = words[0] + 1; *letter; letter++) {
        const char *known = letter_find(plan, *letter);
        if (!known) {
            fail_usage(words[0], "no such option");
            return 0;
        }
        options->given[option_index(*letter)] = true;
        if (known[1] != ':')
            continue;
        const char *value = letter[1] ? letter + 1 : words[1];
        if (!value)
            fail_usage(words[0], "the option takes a value");
        options->values[option_index(*letter)] = value;
        return !value ? 0 : letter[1] ? 1 : 2;
    }
    return 1;
}

static bool operands_check(const struct option_plan *plan, const struct options *options) {
    if (options->operand_count < plan->operands_min)
        fail_usage(plan->operands, "missing");
    else if (options->operand_count > plan->operands_max)
        fail_usage(options->operands[plan->operands_max], "a word too many");
    else
        return true;
    return false;
}

bool options_parse(int count, char **words, const struct option_plan *plan, struct options *options) {
    *options = (struct options){0};
    bool are_over = false;
    for (int index = 1; index < count;) {
        const char *word = words[index];
        if (!are_over && strcmp(word, "--") == 0) {
            are_over = true;
            index++;
        } else if (!are_over && word[0] == '-' && word[1]) {
            int taken = cluster_parse(words + index, plan, options);
            if (!taken)
                return false;
            index += taken;
        } else {
            options->operands[options->operand_count++] = word;
            are_over = are_over || plan->are_in_front;
            index++;
        }
    }
    return operands_check(plan, options);
}

// Whether the word is decimal digits only, of a number that has 64 bits.
static bool digits_parse(const char *word, uint64_t *number) {
    *number = 0;
    for (const char *digit = word; *digit; digit++)
        if (*digit < '0' || *digit > '9' || __builtin_mul_overflow(*number, 10u, number) ||
            __builtin_add_overflow(*number, (uint64_t)(*digit - '0'), number))
            return false;
    return *word;
}

bool number_parse(const char *word, const char *what, uint64_t least, uint64_t most, uint64_t *number) {
    uint64_t parsed;
    if (digits_parse(word, &parsed) && parsed >= least && parsed <= most) {
        *number = parsed;
        return true;
    }
    char sentence[96];
    snprintf(sentence, sizeof sentence, "%s is a number from %lu to %lu", what, least, most);
    fail_usage(word, sentence);
    return false;
}

bool option_number(const struct options *options, char letter, const char *what, uint64_t least, uint64_t most,
                   uint64_t *number) {
    const char *value = option_value(options, letter);
    return !value || number_parse(value, what, least, most, number);
}

#define SECONDS_MAX 1000000u
#define NANOSECONDS 1000000000u // of a second

static bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

bool duration_parse(const char *word, uint64_t *nanoseconds) {
    uint64_t seconds = 0, fraction = 0, weight = NANOSECONDS;
    const char *cursor = word;
    bool has_digit = is_digit(*cursor);
    for (; is_digit(*cursor) && seconds <= SECONDS_MAX; cursor++)
        seconds = seconds * 10 + (uint64_t)(*cursor - '0');
    if (*cursor == '.')
        for (cursor++; is_digit(*cursor) && weight > 1; cursor++) {
            weight /= 10;
            fraction += (uint64_t)(*cursor - '0') * weight;
            has_digit = true;
        }
    *nanoseconds = seconds * NANOSECONDS + fraction;
    if (has_digit && !*cursor && *nanoseconds <= (uint64_t)SECONDS_MAX * NANOSECONDS)
        return true;
    fail_usage(word, "SECONDS is a number from 0 to 1000000, with at most 9 digits after a point");
    return false;
}

int operands_each(const struct options *options, int (*one)(const char *operand)) {
    int status = 0;
    for (int index = 0; index < options->operand_count; index++) {
        int result = one(options->operands[index]);
        status = result ? result : status;
    }
    return status;
}

size_t operands_join(const struct options *options, int first, char *to, size_t size) {
    size_t length = 0;
    to[0] = 0;
    for (int index = first; index < options->operand_count && length < size - 1; index++) {
        int added = snprintf(to + length, size - length, index > first ? " %s" : "%s", options->operands[index]);
        length += (size_t)added < size - length ? (size_t)added : size - length - 1;
    }
    return length;
}
