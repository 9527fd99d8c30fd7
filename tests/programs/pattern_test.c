// SPDX-License-Identifier: MIT
// The shell's patterns of text.
#include "../../lib/byte_class.c"
#include "../../lib/pattern.c" // the pure file itself

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// cmocka's header needs those above.
#include <cmocka.h>

static struct pattern pattern;

static bool matches(const char *text, const char *line) {
    assert_null(pattern_parse(text, false, &pattern));
    return pattern_occurs(&pattern, line, strlen(line));
}

static void test_plain_text_occurs_anywhere(void **state) {
    (void)state;
    assert_true(matches("cd", "abcdef"));
    assert_true(matches("abc", "abc"));
    assert_true(matches("", ""));
    assert_true(matches("", "x"));
    assert_true(matches("aab", "aaab"));
    assert_false(matches("cd", "cxd"));
    assert_false(matches("abc", "ab"));
    assert_false(matches("A", "a"));
}

static void test_ends_of_the_line(void **state) {
    (void)state;
    assert_true(matches("^ab", "abc"));
    assert_false(matches("^b", "ab"));
    assert_true(matches("bc$", "abc"));
    assert_false(matches("b$", "abc"));
    assert_true(matches("^$", ""));
    assert_false(matches("^$", "a"));
    assert_true(matches("a^$b", "a^$b"));
    assert_true(matches("\\^a\\$", "x^a$x"));
}

static void test_any_byte_and_any_number(void **state) {
    (void)state;
    assert_true(matches("a.c", "xa\xff"
                               "cx"));
    assert_false(matches("a.c", "ac"));
    assert_true(matches("ab*c", "ac"));
    assert_true(matches("ab*c", "abbbc"));
    assert_false(matches("ab*c", "abxc"));
    assert_true(matches("^.*$", ""));
    assert_true(matches("a.*b.*c", "a12b34c"));
    assert_false(matches("a.*b.*c", "a12c34b"));
    assert_true(matches("*a", "*a")); // nothing stands before the star
    assert_true(matches("a\\*", "a*"));
    assert_false(matches("a\\*", "aa"));
    assert_true(matches("\\.", "a.b"));
    assert_false(matches("\\.", "ab"));
}

static void test_brackets(void **state) {
    (void)state;
    assert_true(matches("^[abc]*$", "cab"));
    assert_false(matches("^[abc]*$", "cabd"));
    assert_true(matches("x[0-9a-f]y", "x7y"));
    assert_true(matches("x[0-9a-f]y", "xey"));
    assert_false(matches("x[0-9a-f]y", "xgy"));
    assert_true(matches("[^0-9]", "1a"));
    assert_false(matches("[^0-9]", "123"));
    assert_true(matches("[]x]", "]"));
    assert_true(matches("[^]x]", "y"));
    assert_false(matches("[^]x]", "]x"));
    assert_true(matches("[a-]", "-"));
    assert_true(matches("[.]", "."));
    assert_false(matches("[.]", "a"));
    assert_true(matches("[\x80-\xff]", "\xc3"));
}

static void test_case_may_be_ignored(void **state) {
    (void)state;
    static const struct {
        const char *text, *line;
        bool occurs;
    } cases[] = {{"aBc", "xAbCx", true}, {"[a-c]*z", "ABCZ", true}, {"[^a]", "A", false},
                 {"[@]", "`", false},    {"1", "1", true},          {"é", "É", false}};
    for (size_t number = 0; number < sizeof cases / sizeof *cases; number++) {
        assert_null(pattern_parse(cases[number].text, true, &pattern));
        assert_int_equal(pattern_occurs(&pattern, cases[number].line, strlen(cases[number].line)),
                         cases[number].occurs);
    }
}

static void test_bytes_of_zero_are_bytes(void **state) {
    (void)state;
    assert_null(pattern_parse("a.b", false, &pattern));
    assert_true(pattern_occurs(&pattern, "a\0b", 3));
    assert_false(pattern_occurs(&pattern, "a\0b", 2));
}

static void test_what_is_no_pattern_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"a\\", "[", "[a", "[]", "[^", "[^]", "[a-", "[z-a]"};
    for (size_t number = 0; number < sizeof texts / sizeof *texts; number++)
        assert_non_null(pattern_parse(texts[number], false, &pattern));
    char text[ATOMS_MAX + 2];
    memset(text, 'a', sizeof text - 1);
    text[ATOMS_MAX + 1] = 0;
    assert_string_equal(pattern_parse(text, false, &pattern), "it is too long");
    text[ATOMS_MAX] = 0;
    assert_null(pattern_parse(text, false, &pattern));
    assert_true(pattern_occurs(&pattern, text, ATOMS_MAX));
    assert_false(pattern_occurs(&pattern, text, ATOMS_MAX - 1));
}

// One that tries every way of matching would not end in this life.
static void test_stars_cost_no_more_than_their_number(void **state) {
    (void)state;
    char text[128] = "", line[4096];
    for (int number = 0; number < 30; number++)
        strcat(text, "a*b*");
    strcat(text, "c");
    memset(line, 'a', sizeof line);
    assert_null(pattern_parse(text, false, &pattern));
    assert_false(pattern_occurs(&pattern, line, sizeof line));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_text_occurs_anywhere),
        cmocka_unit_test(test_ends_of_the_line),
        cmocka_unit_test(test_any_byte_and_any_number),
        cmocka_unit_test(test_brackets),
        cmocka_unit_test(test_case_may_be_ignored),
        cmocka_unit_test(test_bytes_of_zero_are_bytes),
        cmocka_unit_test(test_what_is_no_pattern_is_refused),
        cmocka_unit_test(test_stars_cost_no_more_than_their_number),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
