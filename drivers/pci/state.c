// SPDX-License-Identifier: MIT
#include "state.h"

#include "clock.h"

#define CAPABILITIES_MAX 48u // that 192 bytes hold

// Power management (PCI Bus Power Management Interface Specification 1.2, 3.2.4).
#define POWER_CONTROL 4u
#define POWER_STATE 3u // 0 is D0, 3 is D3hot
#define POWER_EVENT_ENABLE 0x100u
#define POWER_CONTROL_BITS 0x7fffu       // without the event's status, which is cleared by a one
#define POWER_SETTLES (10 * MILLISECOND) // after D3hot, 5.6.1

// Messages (PCI Local Bus Specification 3.0, 6.8.1 and 6.8.2): control stands in the upper half of the first register.
#define MESSAGES_ENABLE (1u << 16)
#define MESSAGES_WIDE (0x80u << 16)
#define MESSAGES_MASKED (0x100u << 16) // each can be masked
#define MESSAGES_COUNT (0x70u << 16)   // log2 of how many are enabled
#define TABLE_ENABLE (0x8000u << 16)
#define TABLE_MASKED (0x4000u << 16) // all of them

uint32_t capability_find(uint32_t place, uint8_t identity) {
    if (!(config_read(place, CONFIG_COMMAND) & STATUS_CAPABILITIES))
        return 0;
    uint32_t offset = config_read(place, CONFIG_CAPABILITIES) & 0xfc;
    for (unsigned count = 0; offset && count < CAPABILITIES_MAX; count++) {
        uint32_t head = config_read(place, offset);
        if ((head & 0xff) == identity)
            return offset;
        offset = head >> 8 & 0xfc;
    }
    return 0;
}

static void bits_set(uint32_t place, uint32_t offset, uint32_t clear, uint32_t set) {
    config_write(place, offset, (config_read(place, offset) & ~clear) | set);
}

// Ones that are written to the status in the upper half would clear it.
static void command_set(uint32_t place, uint32_t clear, uint32_t set) {
    uint32_t command = config_read(place, CONFIG_COMMAND) & COMMAND_BITS;
    config_write(place, CONFIG_COMMAND, (command & ~clear) | set);
}

static void messages_off(uint32_t place) {
    uint32_t offset = capability_find(place, CAPABILITY_MESSAGES);
    if (offset)
        bits_set(place, offset, MESSAGES_ENABLE | MESSAGES_COUNT, 0);
    offset = capability_find(place, CAPABILITY_MESSAGE_TABLE);
    if (offset)
        bits_set(place, offset, TABLE_ENABLE | TABLE_MASKED, 0);
}

void state_quiet(uint32_t place) {
    command_set(place, COMMAND_BITS & ~COMMAND_REPORTS, COMMAND_NO_LINE);
    messages_off(place);
}

void state_silence(uint32_t place) {
    command_set(place, COMMAND_MASTER, 0);
    messages_off(place);
}

static void power_on(uint32_t place) {
    uint32_t offset = capability_find(place, CAPABILITY_POWER);
    if (!offset)
        return;
    uint32_t control = config_read(place, offset + POWER_CONTROL) & POWER_CONTROL_BITS;
    config_write(place, offset + POWER_CONTROL, control & ~(POWER_STATE | POWER_EVENT_ENABLE));
    uint64_t end = clock_now() + POWER_SETTLES;
    while ((control & POWER_STATE) && clock_now() < end)
        ;
}

// The expansion ROM shares a decoder with a BAR, so it is off.
void state_restore(uint32_t place, const struct state_saved *saved) {
    struct config_access list[PCI_BARS + 4] = {{CONFIG_HEADER, saved->timers, true},
                                               {CONFIG_LINE, saved->line, true},
                                               {CONFIG_ROM, 0, true},
                                               {CONFIG_COMMAND, saved->command, true}};
    power_on(place);
    for (unsigned number = 0; number < PCI_BARS; number++)
        list[4 + number] = (struct config_access){CONFIG_BAR + 4 * number, saved->bars[number], true};
    config_access(place, list, sizeof list / sizeof *list);
}

void state_enable(uint32_t place, bool is_master) {
    command_set(place, COMMAND_MASTER, COMMAND_PORTS | COMMAND_MEMORY | (is_master ? COMMAND_MASTER : 0));
}

void state_pass(uint32_t place) {
    command_set(place, 0, COMMAND_PORTS | COMMAND_MEMORY | COMMAND_MASTER);
}

void state_send_messages(uint32_t place, uint64_t address, uint32_t data) {
    uint32_t offset = capability_find(place, CAPABILITY_MESSAGES);
    uint32_t control = config_read(place, offset);
    bool is_wide = control & MESSAGES_WIDE;
    config_write(place, offset + 4, (uint32_t)address);
    if (is_wide)
        config_write(place, offset + 8, (uint32_t)(address >> 32));
    config_write(place, offset + (is_wide ? 12 : 8), data);
    if (control & MESSAGES_MASKED)
        config_write(place, offset + (is_wide ? 16 : 12), 0);
    config_write(place, offset, (control & ~MESSAGES_COUNT) | MESSAGES_ENABLE);
    // A message is a write of its own: it needs the mastership of the bus, and replaces the line.
    command_set(place, 0, COMMAND_MASTER | COMMAND_NO_LINE);
}
