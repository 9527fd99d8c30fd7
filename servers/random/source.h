// SPDX-License-Identifier: MIT
// Where random bytes come from.
#ifndef RANDOM_SOURCE_H
#define RANDOM_SOURCE_H

#include "protocol/random.h"

#include <stddef.h>

// Fills `length` bytes; from where.
enum random_source source_fill(uint8_t *bytes, size_t length);

#endif
