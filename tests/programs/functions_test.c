// SPDX-License-Identifier: MIT
// How the driver of the PCI buses looks at a function that somebody may be using: no access to ports leaves it other
// than it was.
#include "../../drivers/pci/config.c"
#include "../../drivers/pci/functions.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define PLACE 0x18u // device 3 of bus 0
#define IDENTITY 0x11e81234u
#define REGISTERS 64u
#define COMMAND (CONFIG_COMMAND / 4)
#define BARS (CONFIG_BAR / 4)
#define DECODES (COMMAND_PORTS | COMMAND_MEMORY)

// Memory, ports, memory with an address of 64 bits, which takes two, and two that are not there.
static const uint32_t bars[PCI_BARS] = {0xfea00000, 0xc001, 0x8000000c, 0x1, 0, 0};
static const uint32_t decoded[PCI_BARS] = {0xfff00000, 0xffffffe0, 0xffffc000, 0xffffffff, 0, 0};

static uint32_t registers[REGISTERS], address;

static void register_write(uint32_t number, uint32_t value) {
    uint32_t bar = number - BARS;
    if (number >= BARS && bar < PCI_BARS)
        registers[number] = (value & decoded[bar]) | (bars[bar] & ~decoded[bar]);
    else if (number == COMMAND)
        registers[number] = value;
}

static void data_access(struct io_access *access) {
    uint32_t number = address % (1u << PLACE_SHIFT) / 4;
    bool is_there = (address & ~ADDRESS_ENABLE) >> PLACE_SHIFT == PLACE;
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
    assert_int_equal(registers[COMMAND] & DECODES, DECODES);
    assert_memory_equal(&registers[BARS], bars, sizeof bars);
    return 0;
}

static void bar_is(unsigned number, uint64_t place, uint64_t size, bool is_port) {
    const struct pci_bar *bar = &function_at(PLACE)->bars[number];
    assert_int_equal(bar->size, size);
    assert_int_equal(bar->address, place);
    assert_int_equal(bar->is_port, is_port);
}

static void sizing_is_seen_by_nobody(void **state) {
    (void)state;
    registers[0] = IDENTITY;
    registers[COMMAND] = DECODES | COMMAND_MASTER;
    for (unsigned number = 0; number < PCI_BARS; number++)
        registers[BARS + number] = bars[number];
    assert_int_equal(functions_find(), 1);
    assert_int_equal(registers[COMMAND], DECODES | COMMAND_MASTER);
    bar_is(0, 0xfea00000, 1 << 20, false);
    bar_is(1, 0xc000, 32, true);
    bar_is(2, 0x180000000, 1 << 14, false);
    assert_int_equal(function_at(PLACE)->bars[4].size, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sizing_is_seen_by_nobody)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
