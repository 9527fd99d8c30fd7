// SPDX-License-Identifier: MIT
#include "config.h"

#include "ports.h"

#define ADDRESS_PORT 0xcf8u
#define DATA_PORT 0xcfcu
#define ADDRESS_ENABLE 0x80000000u
#define PLACE_SHIFT 8u

// Both accesses are made as one, so that nobody comes between.
static uint32_t access(uint32_t place, uint32_t offset, uint8_t write, uint32_t value) {
    struct io_access pair[] = {{ADDRESS_PORT, 4, 1, ADDRESS_ENABLE | place << PLACE_SHIFT | offset},
                               {DATA_PORT, 4, write, value}};
    return ports_access(pair, 2) < 0 ? UINT32_MAX : pair[1].value;
}

uint32_t config_read(uint32_t place, uint32_t offset) {
    return access(place, offset, 0, 0);
}

void config_write(uint32_t place, uint32_t offset, uint32_t value) {
    (void)access(place, offset, 1, value);
}
