// SPDX-License-Identifier: MIT
#include "sieve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 12

static int gap_compare(const void *first, const void *second) {
    const struct gap *left = first, *right = second;
    unsigned left_width = left->to - left->from, right_width = right->to - right->from;
    if (left_width != right_width)
        return left_width > right_width ? -1 : 1;
    return left->from < right->from ? -1 : left->from > right->from;
}

struct gap *gaps_find(const struct primes *primes) {
    struct gap *gaps = malloc(primes->count * sizeof *gaps);
    if (!gaps)
        return NULL;
    for (size_t index = 0; index + 1 < primes->count; index++)
        gaps[index] = (struct gap){primes->numbers[index], primes->numbers[index + 1]};
    qsort(gaps, primes->count - 1, sizeof *gaps, gap_compare);
    return gaps;
}

int is_palindrome(unsigned number) {
    char digits[DIGITS_MAX], backwards[DIGITS_MAX];
    int length = snprintf(digits, sizeof digits, "%u", number);
    for (int index = 0; index < length; index++)
        backwards[index] = digits[length - 1 - index];
    backwards[length] = 0;
    return strcmp(digits, backwards) == 0;
}
