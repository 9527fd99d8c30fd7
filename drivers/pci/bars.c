// SPDX-License-Identifier: MIT
#include "bars.h"

#include <stdbool.h>

#define BAR_PORT 1u
#define BAR_TYPE 6u
#define BAR_WIDE 4u // 64 bits: the next register is the upper half
#define BAR_PORT_MASK 0xfffffffcu
#define BAR_MEMORY_MASK 0xfffffff0u

// The lowest bit that a BAR keeps of ones is its size. Bits above it say nothing: a BAR need not implement all of them,
// and those that it does not read as zero.
static uint64_t lowest_bit(uint64_t mask) {
    return mask & -mask;
}

// Describes BAR `number`. The next one's number.
static unsigned bar_describe(struct pci_bar *bars, unsigned number, unsigned count, const uint32_t *values,
                             const uint32_t *masks) {
    uint32_t value = values[number];
    bool is_port = value & BAR_PORT;
    bool is_wide = !is_port && (value & BAR_TYPE) == BAR_WIDE && number + 1 < count;
    uint32_t address_bits = is_port ? BAR_PORT_MASK : BAR_MEMORY_MASK;
    uint64_t address = value & address_bits, mask = masks[number] & address_bits;
    if (is_wide) {
        address |= (uint64_t)values[number + 1] << 32;
        mask |= (uint64_t)masks[number + 1] << 32;
        bars[number + 1] = (struct pci_bar){0};
    }
    bars[number] = (struct pci_bar){0};
    if (mask)
        bars[number] = (struct pci_bar){.address = address, .size = lowest_bit(mask), .is_port = is_port};
    return number + 1 + is_wide;
}

void bars_describe(struct pci_bar *bars, unsigned count, const uint32_t *values, const uint32_t *masks) {
    for (unsigned number = 0; number < count;)
        number = bar_describe(bars, number, count, values, masks);
}

// ---- A bridge's windows: a base and a limit, both included, whose lower bits are implied ----

#define WINDOW_PORTS 0u    // base and limit in the lower half: a byte each
#define WINDOW_MEMORY 1u   // base and limit: a half each
#define WINDOW_PREFETCH 2u // the same
#define WINDOW_PREFETCH_BASE_UPPER 3u
#define WINDOW_PREFETCH_LIMIT_UPPER 4u
#define WINDOW_PORTS_UPPER 5u // base and limit: a half each
#define WINDOW_TYPE 0xfu
#define WINDOW_IS_WIDE 1u // the type: there are upper registers
#define WINDOW_PORTS_STEP 0x1000u
#define WINDOW_MEMORY_STEP 0x100000u

// A window whose registers are not implemented reads as one from 0 on, where no bridge has its window.
static struct pci_bar window(uint64_t base, uint64_t limit, uint64_t step, bool is_port) {
    if (base > limit || limit == 0)
        return (struct pci_bar){0};
    return (struct pci_bar){.address = base, .size = limit - base + step, .is_port = is_port};
}

static uint64_t memory_base(uint32_t window) {
    return (uint64_t)(window & 0xfff0u) << 16;
}

static uint64_t memory_limit(uint32_t window) {
    return window & 0xfff00000u;
}

void windows_describe(struct pci_bar windows[BRIDGE_WINDOWS], const uint32_t registers[WINDOW_REGISTERS]) {
    uint32_t ports = registers[WINDOW_PORTS], memory = registers[WINDOW_MEMORY], prefetch = registers[WINDOW_PREFETCH];
    bool has_upper_ports = (ports & WINDOW_TYPE) == WINDOW_IS_WIDE,
         is_wide = (prefetch & WINDOW_TYPE) == WINDOW_IS_WIDE;
    uint32_t upper = has_upper_ports ? registers[WINDOW_PORTS_UPPER] : 0;
    windows[0] = window((upper & 0xffffu) << 16 | (ports & 0xf0u) << 8, (upper & 0xffff0000u) | (ports & 0xf000u),
                        WINDOW_PORTS_STEP, true);
    windows[1] = window(memory_base(memory), memory_limit(memory), WINDOW_MEMORY_STEP, false);
    uint64_t base = is_wide ? (uint64_t)registers[WINDOW_PREFETCH_BASE_UPPER] << 32 : 0;
    uint64_t limit = is_wide ? (uint64_t)registers[WINDOW_PREFETCH_LIMIT_UPPER] << 32 : 0;
    windows[2] = window(base | memory_base(prefetch), limit | memory_limit(prefetch), WINDOW_MEMORY_STEP, false);
}
