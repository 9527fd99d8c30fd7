// SPDX-License-Identifier: MIT
// The names of addresses: tables written by hand, and cut off in each position.
#include "symbols.c" // the pure file itself

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

static const char tables[] = "# first\n"
                             "= 401000 main\n"
                             "@ apps/first/main.c\n"
                             "0 10\n"
                             "8 11\n"
                             "- 8 strlen\n"
                             "0 0\n"
                             "= 10 last\n"
                             "@ lib/pipe.c\n"
                             "4 120\n"
                             "4 0\n"
                             "# second\n"
                             "= 500000 main\n"
                             "10 0\n";

static void check_name(const char *program, uint64_t address, const char *function, uint64_t offset, const char *file,
                       uint32_t line) {
    struct table table = symbols_table(tables, sizeof tables - 1, program);
    struct symbol symbol;
    assert_true(symbols_find(&table, address, &symbol));
    assert_string_equal(symbol.function, function);
    assert_int_equal(address - symbol.start, offset);
    assert_string_equal(symbol.file, file);
    assert_int_equal(symbol.line, line);
}

static void an_address_has_a_function_and_a_line(void **state) {
    (void)state;
    check_name("first", 0x401000, "main", 0, "apps/first/main.c", 10);
    check_name("first", 0x401007, "main", 7, "apps/first/main.c", 10);
    check_name("first", 0x401008, "main", 8, "apps/first/main.c", 11);
    check_name("first", 0x401010, "strlen", 0, "", 0);
    check_name("first", 0x40101f, "strlen", 15, "", 0);
    check_name("first", 0x401025, "last", 5, "lib/pipe.c", 120);
    check_name("second", 0x50000f, "main", 15, "", 0);
}

static void what_lies_outside_has_none(void **state) {
    (void)state;
    struct table table = symbols_table(tables, sizeof tables - 1, "first");
    struct symbol symbol;
    assert_false(symbols_find(&table, 0x400fff, &symbol));
    assert_false(symbols_find(&table, 0x401028, &symbol));
    assert_false(symbols_find(&table, 0, &symbol));
    assert_false(symbols_find(&table, UINT64_MAX, &symbol));
    table = symbols_table(tables, sizeof tables - 1, "sec");
    assert_int_equal(table.length, 0);
    assert_false(symbols_find(&table, 0x500000, &symbol));
}

static void a_frame_is_told(void **state) {
    (void)state;
    struct table table = symbols_table(tables, sizeof tables - 1, "first");
    struct symbol symbol;
    assert_true(symbols_find(&table, 0x401000, &symbol) && symbol.has_frame);
    assert_true(symbols_find(&table, 0x401010, &symbol) && !symbol.has_frame);
}

static void a_long_name_is_cut_off(void **state) {
    (void)state;
    char text[200] = "= 10 ";
    memset(text + 5, 'n', 150);
    strcpy(text + 155, "\n20 0\n");
    struct table table = {text, strlen(text)};
    struct symbol symbol;
    assert_true(symbols_find(&table, 0x11, &symbol));
    assert_int_equal(strlen(symbol.function), SYMBOL_NAME_MAX);
}

static void a_cut_off_table_is_read_to_its_end(void **state) {
    (void)state;
    for (size_t length = 0; length < sizeof tables; length++) {
        char *text = malloc(length + 1); // so that the sanitizer sees its end
        memcpy(text, tables, length);
        text = realloc(text, length ? length : 1);
        struct table table = symbols_table(text, length, "first");
        struct symbol symbol;
        symbols_find(&table, 0x401025, &symbol);
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_address_has_a_function_and_a_line),
                                       cmocka_unit_test(what_lies_outside_has_none), cmocka_unit_test(a_frame_is_told),
                                       cmocka_unit_test(a_long_name_is_cut_off),
                                       cmocka_unit_test(a_cut_off_table_is_read_to_its_end)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
