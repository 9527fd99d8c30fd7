// SPDX-License-Identifier: MIT
// Which functions on PCI a stanza's claims cover.
#include "../../drivers/pci/claims.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

static const struct pci_function network = {.vendor = 0x8086, .device = 0x100e, .class_code = 0x020000};
static const struct pci_function storage = {.vendor = 0x1b36, .device = 0x0010, .class_code = 0x010802};

static uint8_t claims[256];
static size_t length;

static void add(uint8_t type, const void *body, uint16_t size) {
    struct claim claim = {type, 0, size};
    memcpy(claims + length, &claim, sizeof claim);
    memcpy(claims + length + sizeof claim, body, size);
    length += sizeof claim + size;
}

static bool only_claim_covers(struct claim_function claim, const struct pci_function *function) {
    length = 0;
    add(CLAIM_OPEN, "/dev/pci", 8);
    add(CLAIM_FUNCTION, &claim, sizeof claim);
    return claims_cover_function(claims, length, function);
}

static void a_device_is_claimed_by_both_numbers(void **state) {
    (void)state;
    assert_true(only_claim_covers((struct claim_function){.vendor = 0x8086, .device = 0x100e}, &network));
    assert_false(only_claim_covers((struct claim_function){.vendor = 0x8086, .device = 0x100f}, &network));
    assert_false(only_claim_covers((struct claim_function){.vendor = 0x8087, .device = 0x100e}, &network));
    assert_false(only_claim_covers((struct claim_function){.vendor = 0x8086, .device = 0x100e}, &storage));
}

static void a_class_is_claimed_by_the_digits_that_are_named(void **state) {
    (void)state;
    assert_true(only_claim_covers((struct claim_function){.class_code = 0x010000, .class_mask = 0xff0000}, &storage));
    assert_true(only_claim_covers((struct claim_function){.class_code = 0x010800, .class_mask = 0xffff00}, &storage));
    assert_true(only_claim_covers((struct claim_function){.class_code = 0x010802, .class_mask = 0xffffff}, &storage));
    assert_false(only_claim_covers((struct claim_function){.class_code = 0x010800, .class_mask = 0xffffff}, &storage));
    assert_false(only_claim_covers((struct claim_function){.class_code = 0x010000, .class_mask = 0xff0000}, &network));
}

// A class's claim has no device, which a function with the number 0000:0000 would have.
static void claims_of_other_kinds_cover_nothing(void **state) {
    static const struct pci_function nameless = {.class_code = 0x030000};
    const struct claim_range range = {0, UINT64_MAX};
    (void)state;
    assert_false(only_claim_covers((struct claim_function){.class_code = 0x010000, .class_mask = 0xff0000}, &nameless));
    length = 0;
    assert_false(claims_cover_function(claims, length, &network));
    add(CLAIM_PHYSICAL, &range, sizeof range);
    add(CLAIM_OPEN, "/**", 3);
    add(CLAIM_FUNCTION, "short", 5);
    assert_false(claims_cover_function(claims, length, &nameless));
    const struct claim_function claim = {.vendor = network.vendor, .device = network.device};
    add(CLAIM_FUNCTION, &claim, sizeof claim);
    assert_true(claims_cover_function(claims, length, &network));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_device_is_claimed_by_both_numbers),
                                       cmocka_unit_test(a_class_is_claimed_by_the_digits_that_are_named),
                                       cmocka_unit_test(claims_of_other_kinds_cover_nothing)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
