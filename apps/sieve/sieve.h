// SPDX-License-Identifier: MIT
// The sieve of Eratosthenes, and what the primes below a limit tell. Plain C: it knows nothing of Sluice.
#ifndef SIEVE_SIEVE_H
#define SIEVE_SIEVE_H

#include <stddef.h>

struct primes {
    unsigned *numbers; // ascending
    size_t count;
};

struct gap {
    unsigned from, to; // two primes with none between
};

// All primes up to `limit`, at least 2; false if the memory does not suffice. primes_free gives them back.
int primes_find(unsigned limit, struct primes *primes);
void primes_free(struct primes *primes);

// The gaps between neighbours, the widest first, and of equal ones the lowest; `primes->count - 1` of them, to be given
// to free. NULL if the memory does not suffice.
struct gap *gaps_find(const struct primes *primes);

// Whether its decimal digits read the same backwards.
int is_palindrome(unsigned number);

#endif
