// SPDX-License-Identifier: MIT
// What base address registers and a bridge's windows decode, from values and masks as devices and bridges have them.
#include "../../drivers/pci/bars.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

static struct pci_bar bars[PCI_BARS];

static void bar_is(unsigned number, uint64_t address, uint64_t size, bool is_port) {
    assert_int_equal(bars[number].address, address);
    assert_int_equal(bars[number].size, size);
    assert_int_equal(bars[number].is_port, is_port);
}

// A BAR or two registers, alone.
static void describe(uint32_t value, uint32_t mask, uint32_t upper_value, uint32_t upper_mask) {
    bars_describe(bars, 2, (uint32_t[]){value, upper_value}, (uint32_t[]){mask, upper_mask});
}

static void memory_of_32_bits(void **state) {
    (void)state;
    describe(0xfebf0000, 0xfffff000, 0xfeb00008, 0xfff00008);
    bar_is(0, 0xfebf0000, 0x1000, false);
    bar_is(1, 0xfeb00000, 0x100000, false); // prefetchable
    describe(0xfebf0010, 0xfffffff0, 0, 0);
    bar_is(0, 0xfebf0010, 16, false);
    bar_is(1, 0, 0, false);
}

static void memory_of_64_bits(void **state) {
    (void)state;
    describe(0x0000000c, 0xfc00000c, 0x8, 0xffffffff);
    bar_is(0, 0x800000000, 64 << 20, false);
    bar_is(1, 0, 0, false);
    describe(0xfe00000c, 0xff00000c, 0, 0xffffffff);
    bar_is(0, 0xfe000000, 16 << 20, false);
    describe(0x0000000c, 0x0000000c, 0x10, 0xfffffff0); // of 64 GiB: the lower half decodes nothing
    bar_is(0, 0x1000000000, 1ull << 36, false);
    describe(0x0000000c, 0x0000000c, 0x10, 0); // not there
    bar_is(0, 0, 0, false);
}

static void upper_bits_may_read_as_zero(void **state) {
    (void)state;
    describe(0x0000000c, 0xfc00000c, 0x8, 0xff); // it decodes 40 bits
    bar_is(0, 0x800000000, 64 << 20, false);
    describe(0xe0000004, 0xfc000004, 0, 0); // and 32
    bar_is(0, 0xe0000000, 64 << 20, false);
    describe(0x00080000, 0x000ff000, 0, 0); // and 20
    bar_is(0, 0x80000, 0x1000, false);
}

static void ports(void **state) {
    (void)state;
    describe(0xc041, 0xffffffe1, 0xc001, 0xffe1); // of 32 bits and of 16
    bar_is(0, 0xc040, 32, true);
    bar_is(1, 0xc000, 32, true);
    describe(0x1f1, 0xfffffff9, 0x10001, 0xffff0001); // 65,536 of them
    bar_is(0, 0x1f0, 8, true);
    bar_is(1, 0x10000, 0x10000, true);
    describe(0xc005, 0xfffffffd, 0xfebf0000, 0xfffff000); // bit 2 is an address's, and the next register a BAR
    bar_is(0, 0xc004, 4, true);
    bar_is(1, 0xfebf0000, 0x1000, false);
}

static void the_last_register_has_no_upper_half(void **state) {
    static const uint32_t values[PCI_BARS] = {[5] = 0xfe000004}, masks[PCI_BARS] = {[5] = 0xff000004};
    (void)state;
    bars_describe(bars, PCI_BARS, values, masks);
    bar_is(4, 0, 0, false);
    bar_is(5, 0xfe000000, 16 << 20, false);
}

static void windows_are(uint32_t ports_window, uint32_t memory, uint32_t prefetch, uint32_t upper_base,
                        uint32_t upper_limit, uint32_t upper_ports) {
    windows_describe(bars, (uint32_t[]){ports_window, memory, prefetch, upper_base, upper_limit, upper_ports});
}

static void a_bridges_windows(void **state) {
    (void)state;
    windows_are(0x2000d1c1, 0xfe90fe80, 0xfeb1fea1, 0, 0, 0); // the upper half of the first register is a status
    bar_is(0, 0xc000, 0x2000, true);
    bar_is(1, 0xfe800000, 2 << 20, false);
    bar_is(2, 0xfea00000, 2 << 20, false);
    windows_are(0x0000d0c0, 0xfe80fe80, 0x03f10001, 0x8, 0x8, 0x00010001);
    bar_is(0, 0xc000, 0x2000, true); // of 16 bits: the upper register is none of it
    bar_is(1, 0xfe800000, 1 << 20, false);
    bar_is(2, 0x800000000, 64 << 20, false);
    windows_are(0x00001101, 0, 0xfff00000, 0xffffffff, 0xffffffff, 0x00020001);
    bar_is(0, 0x10000, 0x12000, true);
    bar_is(2, 0, 1ull << 32, false); // of 32 bits
}

static void windows_that_are_closed(void **state) {
    (void)state;
    windows_are(0x000000f0, 0x0000fff0, 0x0001fff1, 0xffffffff, 0, 0);
    for (unsigned number = 0; number < BRIDGE_WINDOWS; number++)
        bar_is(number, 0, 0, false);
    windows_are(0, 0, 0, 0, 0, 0); // not implemented
    for (unsigned number = 0; number < BRIDGE_WINDOWS; number++)
        bar_is(number, 0, 0, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_of_32_bits),
                                       cmocka_unit_test(memory_of_64_bits),
                                       cmocka_unit_test(upper_bits_may_read_as_zero),
                                       cmocka_unit_test(ports),
                                       cmocka_unit_test(the_last_register_has_no_upper_half),
                                       cmocka_unit_test(a_bridges_windows),
                                       cmocka_unit_test(windows_that_are_closed)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
