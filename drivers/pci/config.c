// SPDX-License-Identifier: MIT
#include "config.h"

#include "ports.h"

#define ADDRESS_PORT 0xcf8u
#define DATA_PORT 0xcfcu
#define ADDRESS_ENABLE 0x80000000u
#define ADDRESS_SHIFT 8u

_Static_assert(2 * CONFIG_ACCESSES_MAX <= IO_ACCESSES_MAX, "each takes two accesses to ports");

void config_access(uint32_t address, struct config_access *list, uint32_t count) {
    struct io_access ports[2 * CONFIG_ACCESSES_MAX];
    for (uint32_t number = 0; number < count; number++) {
        uint32_t select = ADDRESS_ENABLE | address << ADDRESS_SHIFT | list[number].offset;
        ports[2 * number] = (struct io_access){ADDRESS_PORT, 4, 1, select};
        ports[2 * number + 1] = (struct io_access){DATA_PORT, 4, list[number].is_write, list[number].value};
    }
    long error = ports_access(ports, 2 * count);
    for (uint32_t number = 0; number < count; number++)
        list[number].value = error < 0 ? UINT32_MAX : ports[2 * number + 1].value;
}

uint32_t config_read(uint32_t address, uint32_t offset) {
    struct config_access access = {.offset = offset};
    config_access(address, &access, 1);
    return access.value;
}

void config_write(uint32_t address, uint32_t offset, uint32_t value) {
    config_access(address, &(struct config_access){offset, value, true}, 1);
}
