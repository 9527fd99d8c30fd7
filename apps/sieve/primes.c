// SPDX-License-Identifier: MIT
#include "sieve.h"

#include <math.h>
#include <stdlib.h>

// Marks the multiples of the prime, from its square on: lower ones have a lower factor.
static void multiples_mark(char *is_composite, unsigned limit, unsigned prime) {
    for (unsigned long multiple = (unsigned long)prime * prime; multiple <= limit; multiple += prime)
        is_composite[multiple] = 1;
}

// How many are not marked; 2 never is.
static size_t primes_count(const char *is_composite, unsigned limit) {
    size_t count = 1;
    for (unsigned number = 3; number <= limit; number++)
        count += !is_composite[number];
    return count;
}

static void primes_collect(const char *is_composite, unsigned limit, struct primes *primes) {
    primes->count = 0;
    for (unsigned number = 2; number <= limit; number++)
        if (!is_composite[number])
            primes->numbers[primes->count++] = number;
}

int primes_find(unsigned limit, struct primes *primes) {
    char *is_composite = calloc((size_t)limit + 1, 1);
    *primes = (struct primes){0};
    if (!is_composite)
        return 0;
    unsigned root = (unsigned)sqrt((double)limit);
    for (unsigned number = 2; number <= root; number++)
        if (!is_composite[number])
            multiples_mark(is_composite, limit, number);
    primes->numbers = malloc(primes_count(is_composite, limit) * sizeof *primes->numbers);
    if (primes->numbers)
        primes_collect(is_composite, limit, primes);
    free(is_composite);
    return primes->numbers != NULL;
}

void primes_free(struct primes *primes) {
    free(primes->numbers);
    *primes = (struct primes){0};
}
