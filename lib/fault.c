// SPDX-License-Identifier: MIT
#include "fault.h"

#include "abi.h"

#include <signal.h>
#include <stddef.h>

#define STATUS_MASK 0xffu

static const struct {
    const char *name;
    int signal;
} vectors[] = {
    [0] = {"division by zero", SIGFPE},
    [1] = {"debug exception", SIGTRAP},
    [3] = {"breakpoint", SIGTRAP},
    [4] = {"overflow", SIGSEGV},
    [5] = {"bound exceeded", SIGSEGV},
    [6] = {"invalid instruction", SIGILL},
    [7] = {"no floating-point unit", SIGFPE},
    [10] = {"invalid task state", SIGSEGV},
    [11] = {"segment not present", SIGBUS},
    [12] = {"stack fault", SIGBUS},
    [13] = {"protection fault", SIGSEGV},
    [FAULT_PAGE] = {"page fault", SIGSEGV},
    [16] = {"floating-point error", SIGFPE},
    [17] = {"misaligned access", SIGBUS},
    [19] = {"vector floating-point error", SIGFPE},
};
#define VECTORS (sizeof vectors / sizeof *vectors)

const char *fault_name(uint32_t vector) {
    return vector < VECTORS && vectors[vector].name ? vectors[vector].name : "exception";
}

int fault_signal(uint32_t status) {
    uint32_t low = status & STATUS_MASK;
    if (status & EXIT_FAULT)
        return low < VECTORS && vectors[low].name ? vectors[low].signal : SIGSEGV;
    if (!(status & EXIT_KILLED))
        return 0;
    return low == 0 ? SIGKILL : low > FAULT_STATUS ? (int)low - FAULT_STATUS : (int)low;
}
