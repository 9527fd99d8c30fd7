// SPDX-License-Identifier: MIT
// What `less` shows: how a text becomes rows, and which are seen.
#include "../../apps/shell/pager.c" // the pure file itself

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// cmocka's header needs those above.
#include <cmocka.h>

static struct pager pager;

static void begin(const char *text, unsigned columns, unsigned height) {
    assert_true(pager_begin(&pager, text, strlen(text), columns, height));
}

static void assert_row(size_t row, const char *wanted) {
    char shown[PAGER_ROW_MAX + 1];
    shown[pager_row(&pager, row, shown)] = 0;
    assert_string_equal(shown, wanted);
}

static void test_lines_are_rows(void **state) {
    (void)state;
    begin("one\n\nthree\nwithout an end", 20, 3);
    assert_int_equal(pager.count, 4);
    assert_row(0, "one");
    assert_row(1, "");
    assert_row(3, "without an end");
    pager_end(&pager);
    begin("", 20, 3);
    assert_int_equal(pager.count, 0);
    assert_true(pager_is_at_end(&pager));
    pager_end(&pager);
}

static void test_wide_lines_have_several_rows(void **state) {
    (void)state;
    begin("12345678901\nx\n1234567890\n", 10, 3);
    assert_int_equal(pager.count, 4);
    assert_row(0, "1234567890");
    assert_row(1, "1");
    assert_row(2, "x");
    assert_row(3, "1234567890");
    pager_end(&pager);
}

static void test_cells_are_counted_not_bytes(void **state) {
    (void)state;
    begin("\xc3\xa4\xc3\xa4\xc3\xa4x\na\tb\x01\x7f\n", 3, 3);
    assert_row(0, "\xc3\xa4\xc3\xa4\xc3\xa4");
    assert_row(1, "x");
    pager_end(&pager);
    begin("a\tb\x01\x7f\n", 20, 3);
    assert_row(0, "a       b??");
    pager_end(&pager);
    begin("\t\n", 4, 3); // wider than the screen: alone in its row
    assert_int_equal(pager.count, 1);
    pager_end(&pager);
}

static void test_a_row_has_a_bound(void **state) {
    (void)state;
    static char text[3 * PAGER_ROW_MAX];
    memset(text, '\t', sizeof text);
    assert_true(pager_begin(&pager, text, sizeof text, 1u << 30, 3));
    char shown[PAGER_ROW_MAX + 1] = {0};
    size_t bytes = 0;
    for (size_t row = 0; row < pager.count; row++) {
        assert_true(pager_row(&pager, row, shown) <= PAGER_ROW_MAX);
        bytes += pager.rows[row].length;
    }
    assert_int_equal(bytes, sizeof text);
    pager_end(&pager);
}

static void test_moving_stays_within(void **state) {
    (void)state;
    begin("1\n2\n3\n4\n5\n6\n", 10, 4);
    pager_move(&pager, -1);
    assert_int_equal(pager.top, 0);
    pager_move(&pager, 1);
    assert_int_equal(pager.top, 1);
    assert_false(pager_is_at_end(&pager));
    pager_move(&pager, 4);
    assert_int_equal(pager.top, 2);
    assert_true(pager_is_at_end(&pager));
    pager_move(&pager, 1);
    assert_int_equal(pager.top, 2);
    pager_move(&pager, -4);
    assert_int_equal(pager.top, 0);
    pager_end(&pager);
}

static bool begins_with(const char *row, size_t length, const void *work) {
    return length && *row == *(const char *)work;
}

static void test_searching_goes_both_ways(void **state) {
    (void)state;
    begin("a\nb\na\nb\n", 10, 2);
    assert_true(pager_search(&pager, false, begins_with, "a"));
    assert_int_equal(pager.top, 2);
    assert_false(pager_search(&pager, false, begins_with, "a"));
    assert_int_equal(pager.top, 2);
    assert_true(pager_search(&pager, true, begins_with, "b"));
    assert_int_equal(pager.top, 1);
    assert_true(pager_search(&pager, true, begins_with, "a"));
    assert_int_equal(pager.top, 0);
    assert_false(pager_search(&pager, true, begins_with, "a"));
    pager_move(&pager, 4);
    assert_true(pager_search(&pager, false, begins_with, "b"));
    pager_move(&pager, 1); // below the last screen already
    assert_int_equal(pager.top, 3);
    pager_end(&pager);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_rows),
        cmocka_unit_test(test_wide_lines_have_several_rows),
        cmocka_unit_test(test_cells_are_counted_not_bytes),
        cmocka_unit_test(test_a_row_has_a_bound),
        cmocka_unit_test(test_moving_stays_within),
        cmocka_unit_test(test_searching_goes_both_ways),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
