// SPDX-License-Identifier: MIT
// `sieve [-t] [LIMIT]`: the primes up to a limit, and -t how long it took to find them.
#include "sieve.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIMIT_PLAIN 1000u
#define LIMIT_MAX 100000000u
#define GAPS_SHOWN 3u
#define PALINDROMES_SHOWN 8u
#define STATUS_USAGE 2

static int limit_parse(const char *text, unsigned *limit) {
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    *limit = (unsigned)value;
    return !errno && *text != '-' && end != text && !*end && value >= 2 && value <= LIMIT_MAX;
}

static void palindromes_print(const struct primes *primes) {
    size_t found = 0;
    printf("the last that read the same backwards:");
    for (size_t index = primes->count; index > 0 && found < PALINDROMES_SHOWN; index--) {
        if (!is_palindrome(primes->numbers[index - 1]))
            continue;
        printf(" %u", primes->numbers[index - 1]);
        found++;
    }
    printf("\n");
}

static int primes_print(unsigned limit, const struct primes *primes) {
    struct gap *gaps = gaps_find(primes);
    if (!gaps)
        return 0;
    double guess = limit / log(limit), percent = 100 * (guess / (double)primes->count - 1);
    printf("%zu primes up to %u, the last is %u\n", primes->count, limit, primes->numbers[primes->count - 1]);
    printf("n / ln n says %.1f, which is %.2f %% too %s\n", guess, fabs(percent), percent < 0 ? "few" : "many");
    for (size_t index = 0; index + 1 < primes->count && index < GAPS_SHOWN; index++)
        printf("%s%u to %u", index ? ", " : "the widest gaps: ", gaps[index].from, gaps[index].to);
    printf(primes->count > 1 ? "\n" : "no gaps\n");
    palindromes_print(primes);
    free(gaps);
    return 1;
}

int main(int count, char **words) {
    struct primes primes;
    unsigned limit = LIMIT_PLAIN;
    int is_timed = count > 1 && strcmp(words[1], "-t") == 0, rest = count - 1 - is_timed;
    if (rest > 1 || (rest == 1 && !limit_parse(words[1 + is_timed], &limit))) {
        fprintf(stderr, "usage: sieve [-t] [LIMIT], 2 to %u\n", LIMIT_MAX);
        return STATUS_USAGE;
    }
    clock_t start = clock();
    int is_done = primes_find(limit, &primes);
    clock_t end = clock();
    is_done = is_done && primes_print(limit, &primes);
    if (!is_done)
        perror("sieve");
    else if (is_timed)
        printf("found in %.3f s\n", (double)(end - start) / CLOCKS_PER_SEC);
    primes_free(&primes);
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
