// SPDX-License-Identifier: MIT
#include "functions.h"

#include "config.h"

#include <stddef.h>

#define DEVICES 32u
#define FUNCTIONS 8u
#define BUSES 256u
#define NOBODY 0xffffu // vendor, where no function is
#define HEADER_TYPE(header) ((header) >> 16 & 0x7f)
#define HEADER_HAS_MORE 0x800000u // functions behind number 0
#define HEADER_BRIDGE 1u
#define BAR_PORT 1u
#define BAR_WIDE 4u // 64 bits: the next one is the upper half
#define BAR_PORT_MASK 0xfffffffcu
#define BAR_MEMORY_MASK 0xfffffff0u

// The MSI capability (6.8.1).
#define CAPABILITY_MESSAGES 5u
#define CAPABILITIES_MAX 48u // that 192 bytes hold
#define MESSAGES_ENABLE (1u << 16)
#define MESSAGES_WIDE (0x80u << 16)
#define MESSAGES_COUNT (0x70u << 16) // log2 of how many are enabled

static struct pci_function functions[FUNCTIONS_MAX];
static unsigned function_count;

// ---- Registers of a function ----

// The offset of its MSI capability; 0: there is none.
static uint32_t messages_offset(uint32_t place) {
    if (!(config_read(place, CONFIG_COMMAND) & STATUS_CAPABILITIES))
        return 0;
    uint32_t offset = config_read(place, CONFIG_CAPABILITIES) & 0xfc;
    for (unsigned count = 0; offset && count < CAPABILITIES_MAX; count++) {
        uint32_t head = config_read(place, offset);
        if ((head & 0xff) == CAPABILITY_MESSAGES)
            return offset;
        offset = head >> 8 & 0xfc;
    }
    return 0;
}

// Describes BAR `number` by what stands in the BARs, and by their masks: what they keep of ones, which is not decoded.
// The number of the next one.
static unsigned bar_describe(struct pci_bar *bars, unsigned number, const uint32_t *values, const uint32_t *masks) {
    uint32_t value = values[number], mask = masks[number];
    struct pci_bar *bar = &bars[number];
    bar->is_port = value & BAR_PORT;
    if (bar->is_port) {
        bar->address = value & BAR_PORT_MASK;
        bar->size = (uint16_t) ~(mask & BAR_PORT_MASK) + 1u;
    } else {
        bool is_wide = (value & BAR_WIDE) && number + 1 < PCI_BARS;
        uint32_t upper = is_wide ? values[number + 1] : 0, upper_mask = is_wide ? masks[number + 1] : UINT32_MAX;
        bar->address = (uint64_t)upper << 32 | (value & BAR_MEMORY_MASK);
        bar->size = ~((uint64_t)upper_mask << 32 | (mask & BAR_MEMORY_MASK)) + 1;
        number += is_wide;
    }
    if (!mask)
        bar->size = 0;
    return number + 1;
}

#define SIZING 3u // accesses for each BAR: ones, what is kept of them, and its value again

// Sizes its BARs, while it does not decode them. All that is one access: its driver may use it, where this one is a
// successor, and nobody is to find it half done, not even if this process ends there.
static void bars_read(struct pci_function *function) {
    uint32_t command = config_read(function->place, CONFIG_COMMAND) & 0xffff;
    uint32_t values[PCI_BARS], masks[PCI_BARS];
    struct config_access list[2 + SIZING * PCI_BARS] = {
        {CONFIG_COMMAND, command & ~(COMMAND_PORTS | COMMAND_MEMORY), true},
        [1 + SIZING * PCI_BARS] = {CONFIG_COMMAND, command, true}};
    for (unsigned number = 0; number < PCI_BARS; number++) {
        uint32_t offset = CONFIG_BAR + 4 * number;
        values[number] = config_read(function->place, offset);
        struct config_access *sizing = &list[1 + SIZING * number];
        sizing[0] = (struct config_access){offset, UINT32_MAX, true};
        sizing[1] = (struct config_access){.offset = offset};
        sizing[2] = (struct config_access){offset, values[number], true};
    }
    config_access(function->place, list, sizeof list / sizeof *list);
    for (unsigned number = 0; number < PCI_BARS; number++)
        masks[number] = list[2 + SIZING * number].value;
    for (unsigned number = 0; number < PCI_BARS;)
        number = bar_describe(function->bars, number, values, masks);
}

// ---- Finding them ----

static void function_add(uint32_t place, uint32_t identity, uint32_t header) {
    if (function_count == FUNCTIONS_MAX)
        return;
    struct pci_function *function = &functions[function_count++];
    *function = (struct pci_function){.place = place,
                                      .vendor = (uint16_t)identity,
                                      .device = (uint16_t)(identity >> 16),
                                      .class_code = config_read(place, CONFIG_CLASS) >> 8,
                                      .line = config_read(place, CONFIG_LINE) & 0xff,
                                      .has_messages = messages_offset(place) != 0};
    if (HEADER_TYPE(header) == 0)
        bars_read(function);
}

// Looks at a function; what stands in its header, or 0. The bus behind a bridge is to be looked at, too.
static uint32_t function_look(uint32_t place, bool *buses) {
    uint32_t identity = config_read(place, CONFIG_IDENTITY);
    if ((identity & 0xffff) == NOBODY)
        return 0;
    uint32_t header = config_read(place, CONFIG_HEADER);
    function_add(place, identity, header);
    if (HEADER_TYPE(header) == HEADER_BRIDGE)
        buses[config_read(place, CONFIG_BUSES) >> 8 & 0xff] = true;
    return header;
}

// The firmware has numbered buses so that one behind a bridge has a higher number.
unsigned functions_find(void) {
    static bool buses[BUSES] = {true};
    for (uint32_t bus = 0; bus < BUSES; bus++)
        for (uint32_t device = 0; buses[bus] && device < DEVICES; device++) {
            uint32_t place = bus << 8 | device << 3;
            uint32_t header = function_look(place, buses);
            for (uint32_t function = 1; header & HEADER_HAS_MORE && function < FUNCTIONS; function++)
                function_look(place | function, buses);
        }
    return function_count;
}

struct pci_function *function_next(uint32_t place) {
    for (unsigned index = 0; index < function_count; index++)
        if (functions[index].place >= place)
            return &functions[index];
    return NULL;
}

struct pci_function *function_at(uint32_t place) {
    struct pci_function *function = function_next(place);
    return function && function->place == place ? function : NULL;
}

unsigned function_number(const struct pci_function *function) {
    return (unsigned)(function - functions);
}

struct pci_function *function_numbered(unsigned number) {
    return &functions[number];
}

// ---- Using them ----

static void command_set(uint32_t place, uint32_t clear, uint32_t set) {
    uint32_t command = config_read(place, CONFIG_COMMAND) & 0xffff; // writing ones to the status would clear it
    config_write(place, CONFIG_COMMAND, (command & ~clear) | set);
}

void function_enable(const struct pci_function *function, bool is_master) {
    command_set(function->place, COMMAND_MASTER, COMMAND_PORTS | COMMAND_MEMORY | (is_master ? COMMAND_MASTER : 0));
}

void function_disable(const struct pci_function *function) {
    command_set(function->place, COMMAND_PORTS | COMMAND_MEMORY | COMMAND_MASTER, 0);
    uint32_t offset = messages_offset(function->place);
    if (offset)
        config_write(function->place, offset, config_read(function->place, offset) & ~MESSAGES_ENABLE);
}

void function_send_messages(const struct pci_function *function, uint64_t address, uint32_t data) {
    uint32_t offset = messages_offset(function->place);
    uint32_t control = config_read(function->place, offset);
    bool is_wide = control & MESSAGES_WIDE;
    config_write(function->place, offset + 4, (uint32_t)address);
    if (is_wide)
        config_write(function->place, offset + 8, (uint32_t)(address >> 32));
    config_write(function->place, offset + (is_wide ? 12 : 8), data);
    config_write(function->place, offset, (control & ~MESSAGES_COUNT) | MESSAGES_ENABLE);
    // A message is a write of its own: it needs the mastership of the bus, and takes the place of the wire.
    command_set(function->place, 0, COMMAND_MASTER | COMMAND_NO_LINE);
}
