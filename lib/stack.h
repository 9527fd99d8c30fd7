// SPDX-License-Identifier: MIT
// The canary by which a program notices that an array on its stack was overrun.
#ifndef LIB_STACK_H
#define LIB_STACK_H

#include <stdint.h>

extern uint64_t __stack_chk_guard;

// Chooses the canary, before any function that returns has begun.
void stack_guard_make(void);

#endif
