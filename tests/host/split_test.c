// SPDX-License-Identifier: MIT
// The shell's splitting of a line into words.
#include "check.h"

#include "../../apps/shell/split.c"

static struct split split;

// Whether the line splits into these words, parted by '|' here.
static bool splits_into(const char *line, const char *words) {
    char found[SPLIT_TEXT_MAX] = "";
    if (split_line(line, 7, &split) < 0)
        return false;
    for (int index = 0; index < split.count; index++)
        strcat(strcat(found, split.words[index]), "|");
    return strcmp(found, words) == 0 && !split.words[split.count] && !split.problem;
}

static bool fails_with(const char *line, const char *problem) {
    return split_line(line, 7, &split) == -1 && split.problem && strcmp(split.problem, problem) == 0;
}

static void test_words_are_parted_by_gaps(void **state) {
    (void)state;
    assert_true(splits_into("", ""));
    assert_true(splits_into(" \t ", ""));
    assert_true(splits_into("pipes", "pipes|"));
    assert_true(splits_into("  pipes\t-l   /dev ", "pipes|-l|/dev|"));
}

static void test_single_quotes_keep_every_byte(void **state) {
    (void)state;
    assert_true(splits_into("'a b'", "a b|"));
    assert_true(splits_into("'a\\b \"c\" $?'", "a\\b \"c\" $?|"));
    assert_true(splits_into("a' 'b", "a b|"));
}

static void test_double_quotes_keep_gaps(void **state) {
    (void)state;
    assert_true(splits_into("\"a  b\" c", "a  b|c|"));
    assert_true(splits_into("\"it's\"", "it's|"));
    assert_true(splits_into("\"\\\" \\\\ \\$? \\n\"", "\" \\ $? \\n|"));
}

static void test_empty_quotes_are_a_word(void **state) {
    (void)state;
    assert_true(splits_into("a '' \"\" b", "a|||b|"));
    assert_int_equal(split.count, 4);
}

static void test_a_backslash_keeps_the_next_byte(void **state) {
    (void)state;
    assert_true(splits_into("a\\ b \\'c\\\" \\\\", "a b|'c\"|\\|"));
    assert_true(splits_into("\\$?", "$?|"));
}

static void test_the_last_status_stands_in_for_its_name(void **state) {
    (void)state;
    assert_true(splits_into("echo $? a$?b \"$?\" $x x?? $", "echo|7|a7b|7|$x|x??|$|"));
    assert_int_equal(split_line("$?", 0, &split), 1);
    assert_string_equal(split.words[0], "0");
    assert_int_equal(split_line("$?", 255, &split), 1);
    assert_string_equal(split.words[0], "255");
    assert_int_equal(split_line("$?", 40, &split), 1);
    assert_string_equal(split.words[0], "40");
}

static void test_what_is_not_closed_is_an_error(void **state) {
    (void)state;
    assert_true(fails_with("a 'b", "a single quote is not closed"));
    assert_true(fails_with("a \"b", "a double quote is not closed"));
    assert_true(fails_with("\"a\\", "a double quote is not closed"));
    assert_true(fails_with("a \\", "nothing follows the backslash"));
    assert_true(fails_with("'a' 'b' '", "a single quote is not closed"));
}

static void test_a_line_has_at_most_so_many_words(void **state) {
    (void)state;
    char line[2 * WORDS_MAX + 3] = "";
    for (uint32_t index = 0; index < WORDS_MAX; index++)
        strcat(line, "w ");
    assert_int_equal(split_line(line, 0, &split), WORDS_MAX);
    assert_null(split.words[WORDS_MAX]);
    strcat(line, "w");
    assert_true(fails_with(line, "a line is at most 64 words"));
}

// One byte more than a line that the reader makes: the words end where their room ends.
static void test_the_words_stay_in_their_room(void **state) {
    (void)state;
    static char line[SPLIT_TEXT_MAX + 1];
    memset(line, 'a', SPLIT_TEXT_MAX - 1);
    assert_int_equal(split_line(line, 0, &split), 1);
    assert_int_equal(strlen(split.words[0]), SPLIT_TEXT_MAX - 1);
    memset(line, 'a', SPLIT_TEXT_MAX);
    assert_true(fails_with(line, "a line is at most 1023 bytes"));
}

// The longest line, of statuses of three digits, still has room.
static void test_a_line_of_statuses_has_room(void **state) {
    (void)state;
    char line[LINE_LENGTH_MAX + 1] = "";
    for (uint32_t place = 0; place + 2 <= LINE_LENGTH_MAX; place += 2)
        memcpy(line + place, "$?", 2);
    assert_int_equal(split_line(line, 100, &split), 1);
    assert_int_equal(strlen(split.words[0]), LINE_LENGTH_MAX / 2 * 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_parted_by_gaps),
        cmocka_unit_test(test_single_quotes_keep_every_byte),
        cmocka_unit_test(test_double_quotes_keep_gaps),
        cmocka_unit_test(test_empty_quotes_are_a_word),
        cmocka_unit_test(test_a_backslash_keeps_the_next_byte),
        cmocka_unit_test(test_the_last_status_stands_in_for_its_name),
        cmocka_unit_test(test_what_is_not_closed_is_an_error),
        cmocka_unit_test(test_a_line_has_at_most_so_many_words),
        cmocka_unit_test(test_the_words_stay_in_their_room),
        cmocka_unit_test(test_a_line_of_statuses_has_room),
    };
    return scene_run(tests);
}
