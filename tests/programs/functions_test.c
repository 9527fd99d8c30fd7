// SPDX-License-Identifier: MIT
// How the driver of the PCI buses looks at a function that somebody may be using: no access to ports leaves it other
// than it was. And the state in which a function is handed on, whatever was left in it.
#include "../../drivers/pci/bars.c"
#include "../../drivers/pci/config.c"
#include "../../drivers/pci/functions.c"
#include "../../drivers/pci/state.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define FUNCTION 0x18u // device 3 of bus 0
#define IDENTITY 0x11e81234u
#define REGISTERS 64u
#define COMMAND (CONFIG_COMMAND / 4)
#define COMMAND_LEFT (0xffffu & ~COMMAND_PARITY) // by an earlier driver
#define CLASS_NETWORK 0x020000u
#define TIMERS 0x2010u
#define LINE 0x10bu
#define ROM_ON 0xfe000001u
// Capabilities, of which each leads to the next.
#define POWER 0x40u
#define MESSAGES 0x50u
#define TABLE 0x70u
#define POWER_HOT 3u
#define MASK_REGISTER 16u // of messages with an address of 64 bits
#define ADDRESS 0xfee00000u
#define DATA 0x41u
#define BARS (CONFIG_BAR / 4)
#define DECODES (COMMAND_PORTS | COMMAND_MEMORY)

// Memory, ports, memory with an address of 64 bits, which takes two, and two that are not there.
static const uint32_t bars[PCI_BARS] = {0xfea00000, 0xc001, 0x8000000c, 0x1, 0, 0};
static const uint32_t decoded[PCI_BARS] = {0xfff00000, 0xffffffe0, 0xffffc000, 0xffffffff, 0, 0};

static uint32_t registers[REGISTERS], address;
static bool is_in_use;                // so nobody may see it changed
static uint64_t now, access_may_come; // none before a function has left D3hot

// A function that leaves D3hot has been reset (5.4.1 of the specification of power management).
static void power_write(uint32_t value) {
    uint32_t *control = &registers[(POWER + POWER_CONTROL) / 4];
    if ((*control & POWER_STATE) == POWER_HOT && (value & POWER_STATE) == 0) {
        memset(&registers[BARS], 0, sizeof bars);
        registers[CONFIG_HEADER / 4] = registers[CONFIG_LINE / 4] = 0;
        registers[COMMAND] &= ~COMMAND_BITS;
        access_may_come = now + POWER_SETTLES;
    }
    *control = value;
}

static void register_write(uint32_t number, uint32_t value) {
    uint32_t bar = number - BARS;
    if (number >= BARS && bar < PCI_BARS)
        registers[number] = (value & decoded[bar]) | (bars[bar] & ~decoded[bar]);
    else if (number == COMMAND)
        registers[number] = (registers[number] & ~COMMAND_BITS) | (value & COMMAND_BITS);
    else if (number == (POWER + POWER_CONTROL) / 4)
        power_write(value);
    else if (number > COMMAND + 1)
        registers[number] = value;
}

static void data_access(struct io_access *access) {
    assert_true(now >= access_may_come);
    uint32_t number = address % (1u << ADDRESS_SHIFT) / 4;
    bool is_there = (address & ~ADDRESS_ENABLE) >> ADDRESS_SHIFT == FUNCTION;
    if (access->write && is_there)
        register_write(number, access->value);
    else if (!access->write)
        access->value = is_there ? registers[number] : UINT32_MAX;
}

long ports_access(struct io_access *accesses, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        if (accesses[index].port == DATA_PORT)
            data_access(&accesses[index]);
        else
            address = accesses[index].value;
    }
    if (is_in_use) {
        assert_int_equal(registers[COMMAND] & DECODES, DECODES);
        assert_memory_equal(&registers[BARS], bars, sizeof bars);
    }
    return 0;
}

uint64_t clock_now(void) {
    return now += MILLISECOND;
}

static void bar_is(unsigned number, uint64_t index, uint64_t size, bool is_port) {
    const struct pci_bar *bar = &function_at(FUNCTION)->bars[number];
    assert_int_equal(bar->size, size);
    assert_int_equal(bar->address, index);
    assert_int_equal(bar->is_port, is_port);
}

// A function as the firmware has set it up, found by the driver.
static int found(void **state) {
    (void)state;
    memset(registers, 0, sizeof registers);
    function_count = 0;
    now = access_may_come = 0;
    registers[0] = IDENTITY;
    registers[CONFIG_CLASS / 4] = CLASS_NETWORK << 8;
    registers[COMMAND] = DECODES | COMMAND_MASTER | COMMAND_PARITY | STATUS_CAPABILITIES;
    registers[CONFIG_HEADER / 4] = TIMERS;
    registers[CONFIG_LINE / 4] = LINE;
    registers[CONFIG_CAPABILITIES / 4] = POWER;
    registers[POWER / 4] = CAPABILITY_POWER | MESSAGES << 8;
    registers[MESSAGES / 4] = CAPABILITY_MESSAGES | TABLE << 8 | MESSAGES_WIDE | MESSAGES_MASKED;
    registers[TABLE / 4] = CAPABILITY_MESSAGE_TABLE;
    for (unsigned number = 0; number < PCI_BARS; number++)
        registers[BARS + number] = bars[number];
    is_in_use = true;
    assert_int_equal(functions_find(), 1);
    is_in_use = false;
    return 0;
}

static void sizing_is_seen_by_nobody(void **state) {
    (void)state;
    assert_int_equal(registers[COMMAND] & COMMAND_BITS, DECODES | COMMAND_MASTER | COMMAND_PARITY);
    bar_is(0, 0xfea00000, 1 << 20, false);
    bar_is(1, 0xc000, 32, true);
    bar_is(2, 0x180000000, 1 << 14, false);
    assert_int_equal(function_at(FUNCTION)->bars[4].size, 0);
}

static void is_quiet(uint32_t line) {
    assert_int_equal(registers[COMMAND] & COMMAND_BITS, COMMAND_PARITY | line);
    assert_false(registers[MESSAGES / 4] & (MESSAGES_ENABLE | MESSAGES_COUNT));
    assert_false(registers[TABLE / 4] & (TABLE_ENABLE | TABLE_MASKED));
}

static void leave_all_on(void) {
    registers[COMMAND] |= COMMAND_LEFT;
    registers[COMMAND] &= ~COMMAND_ERRORS;
    registers[MESSAGES / 4] |= MESSAGES_ENABLE | MESSAGES_COUNT;
    registers[TABLE / 4] |= TABLE_ENABLE | TABLE_MASKED;
    registers[CONFIG_ROM / 4] = ROM_ON;
}

static void what_was_left_on_is_off_at_a_take(void **state) {
    (void)state;
    leave_all_on();
    function_prepare(function_at(FUNCTION));
    is_quiet(0);
    assert_false(registers[CONFIG_ROM / 4] & 1);
    function_enable(function_at(FUNCTION), false);
    assert_int_equal(registers[COMMAND] & COMMAND_BITS, DECODES | COMMAND_PARITY);
    function_enable(function_at(FUNCTION), true);
    assert_int_equal(registers[COMMAND] & COMMAND_BITS, DECODES | COMMAND_PARITY | COMMAND_MASTER);
}

static void what_a_driver_leaves_on_is_off_after_it(void **state) {
    (void)state;
    leave_all_on();
    state_quiet(FUNCTION);
    is_quiet(COMMAND_NO_LINE);
}

static void registers_that_were_changed_are_as_at_boot(void **state) {
    (void)state;
    registers[BARS] = registers[BARS + 1] = 0;
    registers[CONFIG_HEADER / 4] = registers[CONFIG_LINE / 4] = 0;
    function_prepare(function_at(FUNCTION));
    assert_memory_equal(&registers[BARS], bars, sizeof bars);
    assert_int_equal(registers[CONFIG_HEADER / 4], TIMERS);
    assert_int_equal(registers[CONFIG_LINE / 4], LINE);
}

static void a_sleeping_function_wakes_as_it_was(void **state) {
    (void)state;
    registers[(POWER + POWER_CONTROL) / 4] = POWER_HOT | POWER_EVENT_ENABLE;
    function_prepare(function_at(FUNCTION));
    assert_int_equal(registers[(POWER + POWER_CONTROL) / 4], 0);
    assert_memory_equal(&registers[BARS], bars, sizeof bars);
    assert_int_equal(registers[CONFIG_HEADER / 4], TIMERS);
    assert_int_equal(registers[CONFIG_LINE / 4], LINE);
    is_quiet(0);
}

static void messages_come_though_they_were_masked(void **state) {
    (void)state;
    registers[(MESSAGES + MASK_REGISTER) / 4] = 1;
    function_prepare(function_at(FUNCTION));
    state_send_messages(FUNCTION, ADDRESS, DATA);
    assert_int_equal(registers[MESSAGES / 4 + 1], ADDRESS);
    assert_int_equal(registers[MESSAGES / 4 + 3], DATA);
    assert_int_equal(registers[(MESSAGES + MASK_REGISTER) / 4], 0);
    assert_int_equal(registers[MESSAGES / 4] & (MESSAGES_ENABLE | MESSAGES_COUNT), MESSAGES_ENABLE);
    assert_int_equal(registers[COMMAND] & (COMMAND_MASTER | COMMAND_NO_LINE), COMMAND_MASTER | COMMAND_NO_LINE);
}

// But for the decoders, which harm nobody; and a function with an owner is its owner's.
static void firmwares_dma_ends_at_boot(void **state) {
    uint32_t left = registers[COMMAND];
    (void)state;
    functions[0].owner = 1;
    functions_settle();
    assert_int_equal(registers[COMMAND], left);
    functions[0].owner = 0;
    functions[0].class_code = CLASS_DISPLAY << CLASS_SHIFT;
    functions_settle();
    assert_int_equal(registers[COMMAND], left);
    functions[0].class_code = CLASS_NETWORK;
    registers[MESSAGES / 4] |= MESSAGES_ENABLE;
    functions_settle();
    assert_int_equal(registers[COMMAND], left & ~COMMAND_MASTER);
    assert_false(registers[MESSAGES / 4] & MESSAGES_ENABLE);
}

#define TEST(function) cmocka_unit_test_setup(function, found)

int main(void) {
    const struct CMUnitTest tests[] = {TEST(sizing_is_seen_by_nobody),
                                       TEST(what_was_left_on_is_off_at_a_take),
                                       TEST(what_a_driver_leaves_on_is_off_after_it),
                                       TEST(registers_that_were_changed_are_as_at_boot),
                                       TEST(a_sleeping_function_wakes_as_it_was),
                                       TEST(messages_come_though_they_were_masked),
                                       TEST(firmwares_dma_ends_at_boot)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
