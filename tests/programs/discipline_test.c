// SPDX-License-Identifier: MIT
// The line discipline of the tty server, and the terminal's answers that it takes out of what is typed.
#include "../../servers/tty/answer.c"
#include "../../servers/tty/discipline.c"
// After what it tests: it has a `host` of its own.
#include "check.h"

#define TEXT_MAX 65536u

static struct discipline discipline;
static char given[TEXT_MAX]; // each message in <>
static char shown[TEXT_MAX];
static char signals[16];
static int stops; // 1: the output was stopped last, -1: it was let go on

static void keep(char *text, const uint8_t *bytes, size_t length) {
    size_t end = strlen(text);
    assert_true(end + length < TEXT_MAX);
    memcpy(text + end, bytes, length);
    text[end + length] = 0;
}

static void test_give(const uint8_t *bytes, size_t length) {
    assert_true(length <= TTY_LINE_MAX);
    keep(given, (const uint8_t *)"<", 1);
    keep(given, bytes, length);
    keep(given, (const uint8_t *)">", 1);
}

static void test_echo(const uint8_t *bytes, size_t length) {
    keep(shown, bytes, length);
}

static void test_signal(enum tty_signal signal) {
    assert_int_equal(discipline.length, 0);
    strcat(signals, signal == TTY_INTERRUPT ? "C" : "\\");
}

static void test_stop(bool is_stopped) {
    stops = is_stopped ? 1 : -1;
}

static const struct discipline_host test_host = {test_give, test_echo, test_signal, test_stop};

static int fresh(void **state) {
    (void)state;
    discipline = (struct discipline){.flags = TTY_MODE_LINES};
    given[0] = shown[0] = signals[0] = 0;
    stops = 0;
    return 0;
}

static void type(const char *text) {
    for (; *text; text++) {
        discipline_take(&discipline, &test_host, (uint8_t)*text);
        assert_true(discipline.length < TTY_LINE_MAX);
    }
}

// What typing the text gives and shows, from a fresh beginning.
static void assert_typed(const char *text, const char *wanted, const char *wanted_shown) {
    fresh(NULL);
    type(text);
    assert_string_equal(given, wanted);
    if (wanted_shown)
        assert_string_equal(shown, wanted_shown);
}

static void test_lines_are_given_whole(void **state) {
    (void)state;
    assert_typed("ab", "", "ab");
    assert_typed("ab\r", "<ab\n>", "ab\r\n");
    assert_typed("ab\ncd\n\n", "<ab\n><cd\n><\n>", "ab\r\ncd\r\n\r\n");
}

static void test_characters_are_erased(void **state) {
    (void)state;
    assert_typed("ab\x7f"
                 "c\r",
                 "<ac\n>", "ab\b \bc\r\n");
    assert_typed("ab\b\b\b\bc\r", "<c\n>", "ab\b \b\b \bc\r\n");
    assert_typed("a\xc3\xa9\x7f\r", "<a\n>", "a\xc3\xa9\b \b\r\n");
    assert_typed("a\xe2\x82\xac\xf0\x9f\x98\x80\x7f\x7f\r", "<a\n>", "a\xe2\x82\xac\xf0\x9f\x98\x80\b \b\b \b\r\n");
    assert_typed("a\x80\x80\x80\x80\x80\x7f\r", "<a\x80\x80\x80\x80\n>", NULL);
    assert_typed("\x01z\x7f\x7f\r", "<\n>", "^Az\b \b\b \b\b \b\r\n");
}

static void test_tabs_take_their_columns(void **state) {
    (void)state;
    assert_typed("a\tb\r", "<a\tb\n>", "a       b\r\n");
    assert_typed("\t\x7f\r", "<\n>", "        \b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\r\n");
}

static void test_words_and_lines_are_erased(void **state) {
    (void)state;
    assert_typed("one two  \x17x\r", "<one x\n>", "one two  \b \b\b \b\b \b\b \b\b \bx\r\n");
    assert_typed("one\x17\x17x\r", "<x\n>", NULL);
    assert_typed("one two\x15x\r", "<x\n>", "one two\b \b\b \b\b \b\b \b\b \b\b \b\b \bx\r\n");
}

static void test_the_end_of_the_file(void **state) {
    (void)state;
    assert_typed("\x04", "<>", "");
    assert_typed("ab\x04", "<ab>", "ab");
    assert_typed("ab\x04\x7f\x04\r", "<ab><><\n>", "ab\r\n");
}

static void test_long_lines_are_given_in_chunks(void **state) {
    (void)state;
    for (unsigned index = 0; index < 10000; index++)
        type((const char[]){(char)('a' + index % 26), 0});
    type("\r");
    unsigned count = 0, messages = 0;
    for (const char *index = given; *index; index++) {
        messages += *index == '<';
        if (*index == '<' || *index == '>' || *index == '\n')
            continue;
        assert_int_equal(*index, 'a' + (int)(count % 26));
        count++;
    }
    assert_int_equal(count, 10000);
    assert_int_equal(messages, 10000 / TTY_LINE_MAX + 1);
    assert_string_equal(given + strlen(given) - 3, "<\n>");
}

static void test_signals(void **state) {
    (void)state;
    assert_typed("ab\x03"
                 "c\r",
                 "<c\n>", "ab^Cc\r\n");
    assert_string_equal(signals, "C");
    assert_typed("ab\x1c", "", "ab^\\");
    assert_string_equal(signals, "\\");
    assert_true(discipline_signals(&discipline, 3));
    assert_true(discipline_signals(&discipline, 0x13));
    assert_false(discipline_signals(&discipline, 'c'));
    fresh(NULL);
    discipline_set_mode(&discipline, &test_host, TTY_LINES | TTY_ECHO);
    type("\x03\x1c\x13\n");
    assert_string_equal(given, "<\x03\x1c\x13\n>");
    assert_string_equal(shown, "^C^\\^S\n");
    assert_string_equal(signals, "");
    assert_false(discipline_signals(&discipline, 3));
}

static void test_output_stops_and_goes_on(void **state) {
    (void)state;
    type("\x13");
    assert_int_equal(stops, 1);
    type("\x11");
    assert_int_equal(stops, -1);
    type("\x13\x03");
    assert_int_equal(stops, -1);
    type("\x13");
    discipline_set_mode(&discipline, &test_host, TTY_MODE_RAW);
    assert_int_equal(stops, -1);
    assert_string_equal(given, "");
}

static void test_without_echo_nothing_is_shown(void **state) {
    (void)state;
    discipline_set_mode(&discipline, &test_host, TTY_MODE_LINES & ~TTY_ECHO);
    type("secret\x7f\x17"
         "a\r\x03");
    assert_string_equal(given, "<a\n>");
    assert_string_equal(shown, "");
}

static void test_raw_bytes_come_as_they_are(void **state) {
    (void)state;
    discipline_set_mode(&discipline, &test_host, TTY_MODE_RAW);
    type("a\r\x03\x7f\xff");
    assert_string_equal(given, "<a><\r><\x03><\x7f><\xff>");
    assert_string_equal(shown, "");
    discipline_set_mode(&discipline, &test_host, TTY_SIGNALS);
    type("b\x03");
    assert_string_equal(given, "<a><\r><\x03><\x7f><\xff><b>");
    assert_string_equal(signals, "C");
}

static void test_what_was_typed_is_given_when_the_line_mode_ends(void **state) {
    (void)state;
    type("half");
    discipline_set_mode(&discipline, &test_host, TTY_MODE_LINES & ~TTY_ECHO);
    assert_string_equal(given, "");
    discipline_set_mode(&discipline, &test_host, TTY_MODE_RAW);
    assert_string_equal(given, "<half>");
    assert_int_equal(discipline.length, 0);
}

// ---- Answers ----

// The verdicts of the bytes, a letter each: n, p, w.
static const char *verdicts(const char *text, struct tty_size *size) {
    static char letters[32];
    struct answer answer = {0};
    size_t index = 0;
    for (; text[index]; index++) {
        letters[index] = "npw"[answer_take(&answer, (uint8_t)text[index], size)];
        if (letters[index] != 'p')
            answer.length = 0;
        assert_true(answer.length < ANSWER_MAX);
    }
    letters[index] = 0;
    return letters;
}

static void test_answers_are_found(void **state) {
    (void)state;
    struct tty_size size = {0};
    assert_string_equal(verdicts("\x1b[24;80R", &size), "pppppppw");
    assert_int_equal(size.rows, 24);
    assert_int_equal(size.columns, 80);
    assert_string_equal(verdicts("\x1b[9999;9999R", &size), "pppppppppppw");
    assert_int_equal(size.columns, 9999);
}

static void test_what_is_no_answer_was_typed(void **state) {
    (void)state;
    struct tty_size size = {7, 7};
    assert_string_equal(verdicts("a", &size), "n");
    assert_string_equal(verdicts("\x1b"
                                 "a",
                                 &size),
                        "pn");
    assert_string_equal(verdicts("\x1b[A", &size), "ppn");
    assert_string_equal(verdicts("\x1b[3~", &size), "pppn");
    assert_string_equal(verdicts("\x1b[;80R", &size), "ppnnnn");
    assert_string_equal(verdicts("\x1b[0", &size), "ppn");
    assert_string_equal(verdicts("\x1b[24;R", &size), "pppppn");
    assert_string_equal(verdicts("\x1b[24;80H", &size), "pppppppn");
    assert_string_equal(verdicts("\x1b[12345", &size), "ppppppn");
    assert_int_equal(size.rows, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_lines_are_given_whole, fresh),
        cmocka_unit_test_setup(test_characters_are_erased, fresh),
        cmocka_unit_test_setup(test_tabs_take_their_columns, fresh),
        cmocka_unit_test_setup(test_words_and_lines_are_erased, fresh),
        cmocka_unit_test_setup(test_the_end_of_the_file, fresh),
        cmocka_unit_test_setup(test_long_lines_are_given_in_chunks, fresh),
        cmocka_unit_test_setup(test_signals, fresh),
        cmocka_unit_test_setup(test_output_stops_and_goes_on, fresh),
        cmocka_unit_test_setup(test_without_echo_nothing_is_shown, fresh),
        cmocka_unit_test_setup(test_raw_bytes_come_as_they_are, fresh),
        cmocka_unit_test_setup(test_what_was_typed_is_given_when_the_line_mode_ends, fresh),
        cmocka_unit_test(test_answers_are_found),
        cmocka_unit_test(test_what_is_no_answer_was_typed)};
    return scene_run(tests);
}
