// SPDX-License-Identifier: MIT
// What newlib keeps for who calls it ("Reentrancy", newlib's manual): errno, the cursor of strtok, the digits of a
// number that is printed or read. Each thread has its own (thread.c).
#include "pipe.h"

#include <reent.h>

struct _reent *__getreent(void) {
    if (!pipe_has_threads)
        return _GLOBAL_REENT;
    struct _reent *kept;
    __asm__ volatile("mov %%fs:8, %0" : "=r"(kept)); // volatile: not before the question above
    return kept;
}
