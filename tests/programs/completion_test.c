// SPDX-License-Identifier: MIT
// The word that Tab completes: where it begins, what it is, and how what is added is quoted.
#include "check.h"

#include "../../apps/shell/completion_word.c"

static struct completion_word word;

static bool find(const char *line) {
    return completion_word_find(line, strlen(line), &word);
}

static void assert_word(const char *line, unsigned index, const char *text) {
    assert_true(find(line));
    assert_int_equal(word.index, index);
    assert_string_equal(word.text, text);
}

static void test_words_are_counted(void **state) {
    (void)state;
    assert_word("", 0, "");
    assert_word("  pi", 0, "pi");
    assert_word("pipes", 0, "pipes");
    assert_word("pipes ", 1, "");
    assert_string_equal(word.command, "pipes");
    assert_word("cp -r /tmp/a\t/bo", 3, "/bo");
    assert_string_equal(word.command, "cp");
}

static void test_a_command_begins_after_an_operator(void **state) {
    (void)state;
    static const char *const lines[] = {"ls | so", "ls;so", "ls && so",   "x & so",         "! so", "( so",
                                        "time so", "if so", "A=1 B=2 so", "while x; do so", "$(so", "a || b | c|so"};
    for (size_t index = 0; index < sizeof lines / sizeof *lines; index++)
        assert_word(lines[index], 0, "so");
}

static void test_a_redirection_takes_a_file(void **state) {
    (void)state;
    assert_word("ls >/tm", 1, "/tm");
    assert_true(word.is_redirected);
    assert_word("ls >> /tmp/x -", 1, "-");
    assert_false(word.is_redirected);
    assert_word("<in so", 0, "so");
    assert_false(word.is_redirected);
}

static void test_quotes_and_backslashes_are_undone(void **state) {
    (void)state;
    assert_word("cat 'a b", 1, "a b");
    assert_int_equal(word.quote, '\'');
    assert_word("cat \"a \\\" \\x b", 1, "a \" \\x b");
    assert_int_equal(word.quote, '"');
    assert_word("cat a\\ b'c d'\"e;f\"", 1, "a bc de;f");
    assert_int_equal(word.quote, 0);
    assert_word("cat '' x", 2, "x");
    assert_word("cat a\\", 1, "a");
}

static void test_nothing_is_completed_in_a_comment(void **state) {
    (void)state;
    assert_false(find("ls # so"));
    assert_false(find("#"));
    assert_word("ls a#b", 1, "a#b");
}

static void test_words_that_are_too_long(void **state) {
    (void)state;
    char line[2 * COMPLETION_TEXT_MAX];
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = 0;
    assert_false(find(line));
    line[COMPLETION_TEXT_MAX + 3] = ' ';
    line[COMPLETION_TEXT_MAX + 5] = 0;
    assert_word(line, 1, "x");
    assert_int_equal(strlen(word.command), COMPLETION_COMMAND_MAX);
}

static void assert_quoted(const char *text, char quote, const char *wanted) {
    char quoted[64];
    assert_int_equal(completion_quote(text, quote, quoted, sizeof quoted), strlen(wanted));
    assert_string_equal(quoted, wanted);
}

static void test_what_is_added_is_quoted(void **state) {
    (void)state;
    assert_quoted("plain-1.txt", 0, "plain-1.txt");
    assert_quoted("a b$'\"\\*", 0, "a\\ b\\$\\'\\\"\\\\\\*");
    assert_quoted("a b$'\"\\", '"', "a b\\$'\\\"\\\\");
    assert_quoted("a b$'\"\\", '\'', "a b$'\\''\"\\");
    assert_quoted("", 0, "");
    char little[8];
    assert_int_equal(completion_quote("abcdefgh", 0, little, sizeof little), 0);
}

static void test_common_beginnings(void **state) {
    (void)state;
    assert_int_equal(completion_common("serial", "server"), 3);
    assert_int_equal(completion_common("a", "a"), 1);
    assert_int_equal(completion_common("a", "b"), 0);
    assert_int_equal(completion_common("x\xc3\xa4", "x\xc3\xa5"), 1);
    assert_int_equal(completion_common("x\xc3\xa4", "x\xc3\xa4y"), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words_are_counted),
                                       cmocka_unit_test(test_a_command_begins_after_an_operator),
                                       cmocka_unit_test(test_a_redirection_takes_a_file),
                                       cmocka_unit_test(test_quotes_and_backslashes_are_undone),
                                       cmocka_unit_test(test_nothing_is_completed_in_a_comment),
                                       cmocka_unit_test(test_words_that_are_too_long),
                                       cmocka_unit_test(test_what_is_added_is_quoted),
                                       cmocka_unit_test(test_common_beginnings)};
    return scene_run(tests);
}
