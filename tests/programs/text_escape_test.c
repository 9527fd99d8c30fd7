// SPDX-License-Identifier: MIT
// Escapes, sets of bytes and lists of fields.
#include "check.h"

#include "../../lib/byte_class.c"
#include "../../apps/tools/text_escape.c"

static void assert_unescaped(const char *text, const char *wanted, size_t length) {
    char copy[64];
    strcpy(copy, text);
    assert_int_equal(text_unescape(copy), length);
    assert_memory_equal(copy, wanted, length + 1);
}

static void test_escapes(void **state) {
    (void)state;
    assert_unescaped("", "", 0);
    assert_unescaped("plain", "plain", 5);
    assert_unescaped("\\a\\b\\e\\f\\n\\r\\t\\v\\\\", "\a\b\x1b\f\n\r\t\v\\", 9);
    assert_unescaped("\\101\\0\\7z", "A\0\7z", 4);
    assert_unescaped("\\x41\\xfz\\x4142", "A\x0fzA42", 6);
    assert_unescaped("\\xz\\q\\", "\\xz\\q\\", 6);
}

static struct byte_set set;

static void assert_set(const char *text, const char *wanted) {
    assert_null(byte_set_parse(text, &set));
    assert_int_equal(set.count, strlen(wanted));
    assert_memory_equal(set.bytes, wanted, set.count);
}

static void test_sets(void **state) {
    (void)state;
    assert_set("", "");
    assert_set("abc", "abc");
    assert_set("a-e", "abcde");
    assert_set("a-cx0-2-", "abcx012-");
    assert_set("-a", "-a");
    assert_set("\\n\\055z", "\n-z");
    assert_set("\\x30-\\x33", "0123");
    assert_set("[:digit:]_", "0123456789_");
    assert_set("[:upper:]", "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    assert_set("[:other:]", "[:other:]");
    assert_non_null(byte_set_parse("z-a", &set));
    assert_null(byte_set_parse("\\001-\\377\\001-\\377\\001-\\377\\001-\\377abcd", &set));
    assert_int_equal(set.count, BYTE_SET_MAX);
    assert_non_null(byte_set_parse("\\001-\\377\\001-\\377\\001-\\377\\001-\\377abcde", &set));
}

static void assert_fields(const char *text, const char *wanted) {
    struct field_list list;
    assert_true(field_list_parse(text, &list));
    for (uint32_t number = 1; number <= strlen(wanted); number++)
        assert_int_equal(field_list_has(&list, number), wanted[number - 1] == 'x');
}

static void test_lists_of_fields(void **state) {
    (void)state;
    assert_fields("1", "x.....");
    assert_fields("2-4", ".xxx..");
    assert_fields("-2,5-", "xx..xx");
    assert_fields("3,1", "x.x...");
    assert_fields("6-,1-1", "x....x");
    static const char *const wrong[] = {"", "0", "1,", ",1", "-", "1--2", "3-2", "x", "1x", "1-x", "1000001", "-0"};
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        struct field_list list;
        if (field_list_parse(wrong[index], &list))
            fail_msg("'%s' is taken", wrong[index]);
    }
    char many[3 * FIELD_RANGES_MAX + 3] = "1";
    struct field_list list;
    while (strlen(many) < 2 * FIELD_RANGES_MAX - 1)
        strcat(many, ",1");
    assert_true(field_list_parse(many, &list));
    strcat(many, ",1");
    assert_false(field_list_parse(many, &list));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_escapes), cmocka_unit_test(test_sets),
                                       cmocka_unit_test(test_lists_of_fields)};
    return scene_run(tests);
}
