// SPDX-License-Identifier: MIT
// Device files that every program has, because no server need answer for them: what they give comes from this library.
#ifndef LIB_DEVICE_H
#define LIB_DEVICE_H

#include <stddef.h>

enum device { DEVICE_NONE, DEVICE_NULL, DEVICE_ZERO, DEVICE_RANDOM };

// Which device file a path names: /dev/null, /dev/zero, /dev/random or /dev/urandom.
enum device device_of(const char *path);
// How many bytes it gives, 0 at the end, or a negated error. What is written to a device file is dropped.
long device_read(enum device device, void *bytes, size_t length);

#endif
