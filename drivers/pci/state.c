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

uint32_t capability_find(uint32_t address, uint8_t identity) {
    if (!(config_read(address, CONFIG_COMMAND) & STATUS_CAPABILITIES))
        return 0;
    uint32_t offset = config_read(address, CONFIG_CAPABILITIES) & 0xfc;
    for (unsigned count = 0; offset && count < CAPABILITIES_MAX; count++) {
        uint32_t head = config_read(address, offset);
        if ((head & 0xff) == identity)
            return offset;
        offset = head >> 8 & 0xfc;
    }
    return 0;
}

static void bits_set(uint32_t address, uint32_t offset, uint32_t clear, uint32_t set) {
    config_write(address, offset, (config_read(address, offset) & ~clear) | set);
}

// A one that is written to a status bit, in the upper half, clears it.
static void command_set(uint32_t address, uint32_t clear, uint32_t set) {
    uint32_t command = config_read(address, CONFIG_COMMAND) & COMMAND_BITS;
    config_write(address, CONFIG_COMMAND, (command & ~clear) | set);
}

static void messages_off(uint32_t address) {
    uint32_t offset = capability_find(address, CAPABILITY_MESSAGES);
    if (offset)
        bits_set(address, offset, MESSAGES_ENABLE | MESSAGES_COUNT, 0);
    offset = capability_find(address, CAPABILITY_MESSAGE_TABLE);
    if (offset)
        bits_set(address, offset, TABLE_ENABLE | TABLE_MASKED, 0);
}

void state_quiet(uint32_t address) {
    command_set(address, COMMAND_BITS & ~COMMAND_REPORTS, COMMAND_NO_LINE);
    messages_off(address);
}

void state_silence(uint32_t address) {
    command_set(address, COMMAND_MASTER, 0);
    messages_off(address);
}

static void power_on(uint32_t address) {
    uint32_t offset = capability_find(address, CAPABILITY_POWER);
    if (!offset)
        return;
    uint32_t control = config_read(address, offset + POWER_CONTROL) & POWER_CONTROL_BITS;
    config_write(address, offset + POWER_CONTROL, control & ~(POWER_STATE | POWER_EVENT_ENABLE));
    uint64_t end = clock_now() + POWER_SETTLES;
    while ((control & POWER_STATE) && clock_now() < end)
        ;
}

// The expansion ROM shares a decoder with a BAR, so it is off.
void state_restore(uint32_t address, const struct state_saved *saved) {
    struct config_access list[PCI_BARS + 4] = {{CONFIG_HEADER, saved->timers, true},
                                               {CONFIG_LINE, saved->line, true},
                                               {CONFIG_ROM, 0, true},
                                               {CONFIG_COMMAND, saved->command, true}};
    power_on(address);
    for (unsigned number = 0; number < PCI_BARS; number++)
        list[4 + number] = (struct config_access){CONFIG_BAR + 4 * number, saved->bars[number], true};
    config_access(address, list, sizeof list / sizeof *list);
}

void state_enable(uint32_t address, bool is_master) {
    command_set(address, COMMAND_MASTER, COMMAND_PORTS | COMMAND_MEMORY | (is_master ? COMMAND_MASTER : 0));
}

void state_pass(uint32_t address) {
    command_set(address, 0, COMMAND_PORTS | COMMAND_MEMORY | COMMAND_MASTER);
}

void state_send_messages(uint32_t address, uint64_t target, uint32_t data) {
    uint32_t offset = capability_find(address, CAPABILITY_MESSAGES);
    uint32_t control = config_read(address, offset);
    bool is_wide = control & MESSAGES_WIDE;
    config_write(address, offset + 4, (uint32_t)target);
    if (is_wide)
        config_write(address, offset + 8, (uint32_t)(target >> 32));
    config_write(address, offset + (is_wide ? 12 : 8), data);
    if (control & MESSAGES_MASKED)
        config_write(address, offset + (is_wide ? 16 : 12), 0);
    config_write(address, offset, (control & ~MESSAGES_COUNT) | MESSAGES_ENABLE);
    // A message is a write by the function: it needs the mastership of the bus, and replaces the line.
    command_set(address, 0, COMMAND_MASTER | COMMAND_NO_LINE);
}
