// SPDX-License-Identifier: MIT
#include "functions.h"

#include "bars.h"
#include "state.h"

#include <stddef.h>

#define DEVICES 32u
#define FUNCTIONS 8u
#define BUSES 256u
#define NOBODY 0xffffu // vendor, where no function is
#define HEADER_TYPE(header) ((header) >> 16 & 0x7f)
#define HEADER_HAS_MORE 0x800000u // functions after number 0
#define HEADER_BRIDGE 1u
#define HEADER_TIMERS 0xffffu // a write to BIST, in the same register, starts it

#define CLASS_DISPLAY 0x03u
#define CLASS_BRIDGE 0x06u
#define CLASS_SYSTEM 0x08u
#define CLASS_SERIAL 0x0cu
#define CLASS_SHIFT 16u

static struct pci_function functions[FUNCTIONS_MAX];
static struct state_saved saved_states[FUNCTIONS_MAX];
static unsigned function_count;

// ---- Registers of a function ----

#define SIZING 3u // accesses for each BAR: ones, what is kept of them, and its value again

// Sizes the BARs of a function while it does not decode them. All accesses are one request, because the function's
// driver may use it if this process is a successor, and must never find it half done, even if this process ends here.
static void bars_read(struct pci_function *function, unsigned count) {
    uint32_t command = config_read(function->address, CONFIG_COMMAND) & COMMAND_BITS;
    uint32_t *values = saved_states[function_number(function)].bars, masks[PCI_BARS];
    struct config_access list[2 + SIZING * PCI_BARS] = {
        {CONFIG_COMMAND, command & ~(COMMAND_PORTS | COMMAND_MEMORY), true}};
    for (unsigned number = 0; number < count; number++) {
        uint32_t offset = CONFIG_BAR + 4 * number;
        values[number] = config_read(function->address, offset);
        struct config_access *sizing = &list[1 + SIZING * number];
        sizing[0] = (struct config_access){offset, UINT32_MAX, true};
        sizing[1] = (struct config_access){.offset = offset};
        sizing[2] = (struct config_access){offset, values[number], true};
    }
    list[1 + SIZING * count] = (struct config_access){CONFIG_COMMAND, command, true};
    config_access(function->address, list, 2 + SIZING * count);
    for (unsigned number = 0; number < count; number++)
        masks[number] = list[2 + SIZING * number].value;
    bars_describe(function->bars, count, values, masks);
}

static void windows_read(struct pci_function *function) {
    uint32_t registers[WINDOW_REGISTERS];
    for (unsigned number = 0; number < WINDOW_REGISTERS; number++)
        registers[number] = config_read(function->address, CONFIG_WINDOWS + 4 * number);
    windows_describe(&function->bars[PCI_WINDOWS], registers);
}

// ---- Finding them ----

static struct pci_function *function_add(uint32_t address, uint32_t identity) {
    if (function_count == FUNCTIONS_MAX)
        return NULL;
    uint32_t line = config_read(address, CONFIG_LINE);
    saved_states[function_count] =
        (struct state_saved){.command = config_read(address, CONFIG_COMMAND) & COMMAND_REPORTS,
                             .timers = config_read(address, CONFIG_HEADER) & HEADER_TIMERS,
                             .line = line};
    functions[function_count] =
        (struct pci_function){.address = address,
                              .vendor = (uint16_t)identity,
                              .device = (uint16_t)(identity >> 16),
                              .class_code = config_read(address, CONFIG_CLASS) >> 8,
                              .line = line & 0xff,
                              .has_messages = capability_find(address, CAPABILITY_MESSAGES) != 0};
    return &functions[function_count++];
}

static void bridge_read(struct pci_function *function, bool *buses) {
    function->secondary_bus = config_read(function->address, CONFIG_BUSES) >> 8 & 0xff;
    buses[function->secondary_bus] = true;
    bars_read(function, BRIDGE_BARS);
    windows_read(function);
}

// Adds the function at the address; returns its header, or 0. Marks the secondary bus of a bridge for the scan.
static uint32_t function_look(uint32_t address, bool *buses) {
    uint32_t identity = config_read(address, CONFIG_IDENTITY);
    if ((identity & 0xffff) == NOBODY)
        return 0;
    uint32_t header = config_read(address, CONFIG_HEADER);
    struct pci_function *function = function_add(address, identity);
    if (function && HEADER_TYPE(header) == 0)
        bars_read(function, PCI_BARS);
    if (function && HEADER_TYPE(header) == HEADER_BRIDGE)
        bridge_read(function, buses);
    return header;
}

// The firmware numbers buses so that a bridge's secondary bus has a higher number.
unsigned functions_find(void) {
    static bool buses[BUSES] = {true};
    for (uint32_t bus = 0; bus < BUSES; bus++)
        for (uint32_t device = 0; buses[bus] && device < DEVICES; device++) {
            uint32_t address = bus << 8 | device << 3;
            uint32_t header = function_look(address, buses);
            for (uint32_t function = 1; header & HEADER_HAS_MORE && function < FUNCTIONS; function++)
                function_look(address | function, buses);
        }
    return function_count;
}

struct pci_function *function_next(uint32_t address) {
    for (unsigned index = 0; index < function_count; index++)
        if (functions[index].address >= address)
            return &functions[index];
    return NULL;
}

struct pci_function *function_at(uint32_t address) {
    struct pci_function *function = function_next(address);
    return function && function->address == address ? function : NULL;
}

unsigned function_number(const struct pci_function *function) {
    return (unsigned)(function - functions);
}

struct pci_function *function_numbered(unsigned number) {
    return &functions[number];
}

// ---- Using them ----

void function_prepare(const struct pci_function *function) {
    state_quiet(function->address);
    state_restore(function->address, &saved_states[function_number(function)]);
}

static const struct pci_function *bridge_to(uint32_t bus) {
    for (unsigned index = 0; bus && index < function_count; index++)
        if (functions[index].secondary_bus == bus)
            return &functions[index];
    return NULL;
}

// A bridge is on a bus of a lower number, so the path to bus 0 ends.
static void bridges_pass(uint32_t bus) {
    const struct pci_function *bridge;
    while ((bridge = bridge_to(bus)) && bridge->address >> 8 < bus) {
        state_pass(bridge->address);
        bus = bridge->address >> 8;
    }
}

void function_enable(const struct pci_function *function, bool is_master) {
    bridges_pass(function->address >> 8);
    state_enable(function->address, is_master);
}

// DMA goes on after the boot only for the firmware (a keyboard on USB) and the screen; and a bridge masters the bus for
// all functions on its secondary bus.
static bool is_firmwares(const struct pci_function *function) {
    uint32_t class = function->class_code >> CLASS_SHIFT;
    return class == CLASS_DISPLAY || class == CLASS_BRIDGE || class == CLASS_SYSTEM || class == CLASS_SERIAL;
}

void functions_settle(void) {
    for (unsigned index = 0; index < function_count; index++)
        if (!functions[index].owner && !is_firmwares(&functions[index]))
            state_silence(functions[index].address);
}
