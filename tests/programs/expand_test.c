// SPDX-License-Identifier: MIT
// What the shell's words become: parameters, commands, arithmetic, quotes, parting at blanks, patterns; and bad ones.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka's header needs those above.
#include <cmocka.h>

#include "../../lib/byte_class.c"
#include "../../apps/shell/arithmetic.c"
#include "../../apps/shell/buffer.c"
#include "../../apps/shell/expand.c"
#include "../../apps/shell/glob.c"
#define operators tokens // of arithmetic.c, above
#include "../../apps/shell/lex.c"
#undef operators
#include "../../apps/shell/parse.c"

// ---- A host with few things in it ----

static char assigned[64];
static const char *separating; // the value of IFS
static const char *home;       // that of HOME

static const char *test_parameter(const char *name, size_t length) {
    static const char *const values[][2] = {{"A", "one"},      {"B", "x  y"},        {"E", ""},  {"N", "7"},
                                            {"P", "/a/b.c.d"}, {"S", "*"},           {"?", "3"}, {"1", "p q"},
                                            {"C", "a:b::c:"},  {"D", " a : b:c ::d"}};
    if (length == 3 && strncmp(name, "IFS", length) == 0)
        return separating;
    if (length == 4 && strncmp(name, "HOME", length) == 0)
        return home;
    for (size_t index = 0; index < sizeof values / sizeof *values; index++)
        if (strlen(values[index][0]) == length && strncmp(values[index][0], name, length) == 0)
            return values[index][1];
    return NULL;
}

static bool test_assign(const char *name, size_t length, const char *value) {
    snprintf(assigned, sizeof assigned, "%.*s=%s", (int)length, name, value);
    return true;
}

static const char *test_positional(unsigned number) {
    static const char *const words[] = {"p q", "r"};
    return number <= 2 ? words[number - 1] : NULL;
}

// A command prints its own text, but `fail`, which was reported.
static char *test_substitute(const char *text, size_t length, bool is_parsed) {
    (void)is_parsed;
    return strncmp(text, "fail", 4) == 0 ? NULL : strndup(text, length);
}

static bool test_match(const char *pattern, bool (*add)(void *context, const char *name), void *context) {
    static const char *const names[] = {"a1", "a2", "b*"};
    for (size_t index = 0; index < 3; index++)
        if (glob_matches(pattern, names[index], 2) && !add(context, names[index]))
            return false;
    return true;
}

static const struct expand_host test_host = {test_parameter, test_assign, test_positional, test_substitute, test_match};
static struct expansion expansion;

// What one word becomes, its words in < >; or what is wrong.
static const char *made_of(const char *text) {
    static char shown[512];
    struct fields fields = {0};
    struct word word = {text, strlen(text), NULL};
    expansion = (struct expansion){.host = &test_host};
    shown[0] = 0;
    if (!expand_words(&expansion, &word, &fields))
        snprintf(shown, sizeof shown, "%s: %s", expansion.named, expansion.problem ? expansion.problem : "reported");
    else
        for (int index = 0; index < fields.count; index++)
            strcat(strcat(strcat(shown, "<"), fields.words[index]), ">");
    fields_free(&fields);
    return shown;
}

static void pairs_check(const char *const (*pairs)[2], size_t count) {
    for (size_t index = 0; index < count; index++)
        assert_string_equal(made_of(pairs[index][0]), pairs[index][1]);
}

#define CHECK(pairs) pairs_check(pairs, sizeof(pairs) / sizeof *(pairs))

static void test_words_become(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"a", "<a>"},
                                           {"''", "<>"},
                                           {"'a b'\"c\"\\ d", "<a bc d>"},
                                           {"\"\\$\\a\\\"\"", "<$\\a\">"},
                                           {"$A", "<one>"},
                                           {"${A}x", "<onex>"},
                                           {"'$A'", "<$A>"},
                                           {"$?$", "<3$>"},
                                           {"$B", "<x><y>"},
                                           {"\"$B\"", "<x  y>"},
                                           {"a$B", "<ax><y>"},
                                           {"$E", ""},
                                           {"\"$E\"", "<>"},
                                           {"$Z", ""},
                                           {"$@", "<p><q><r>"},
                                           {"\"$@\"", "<p q><r>"},
                                           {"\"a$@b\"", "<ap q><rb>"},
                                           {"\"$*\"", "<p q r>"},
                                           {"$1", "<p><q>"}};
    CHECK(pairs);
}

static void test_substitutions(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"${E:-d}", "<d>"},         {"${E-d}", ""},          {"${Z-d e}", "<d><e>"},
        {"${A:+s}", "<s>"},         {"${E:+s}", ""},         {"${#B}", "<4>"},
        {"${Z:=v}", "<v>"},         {"${P##*/}", "<b.c.d>"}, {"${P#*/}", "<a/b.c.d>"},
        {"${P%.*}", "</a/b.c>"},    {"${P%%.*}", "</a/b>"},  {"${P%'.*'}", "</a/b.c.d>"},
        {"$(c d)", "<c><d>"},       {"\"$(c d)\"", "<c d>"}, {"`c \\`d`", "<c><`d>"},
        {"$((N * 2 + 1))", "<15>"}, {"$(( -(2) ))", "<-2>"}, {"$((1 - 2 - 3))", "<-4>"},
        {"$((2 < 3 == 1))", "<1>"}};
    CHECK(pairs);
    assert_string_equal(assigned, "Z=v");
}

static void test_separators_part(void **state) {
    (void)state;
    static const char *const colons[][2] = {{"$C", "<a><b><><c>"},
                                            {"\"$C\"", "<a:b::c:>"},
                                            {"x$C", "<xa><b><><c>"},
                                            {"$B", "<x  y>"},
                                            {"\"$*\"", "<p q:r>"}};
    static const char *const both[][2] = {{"$D", "<a><b><c><><d>"}, {"$B", "<x><y>"}, {"$(: a)", "<><a>"}};
    static const char *const none[][2] = {{"$B$C", "<x  ya:b::c:>"}, {"\"$*\"", "<p qr>"}};
    separating = ":";
    CHECK(colons);
    separating = " :";
    CHECK(both);
    separating = "";
    CHECK(none);
    separating = NULL;
}

// A blank that ends a word has nothing to do with a byte that the next one begins with.
static void test_words_are_parted_each_for_itself(void **state) {
    (void)state;
    struct fields fields = {0};
    struct word second = {"$(:b)", 5, NULL}, first = {"$(a )", 5, &second};
    expansion = (struct expansion){.host = &test_host};
    separating = " :";
    assert_true(expand_words(&expansion, &first, &fields));
    separating = NULL;
    assert_int_equal(fields.count, 3);
    assert_string_equal(fields.words[0], "a");
    assert_string_equal(fields.words[1], "");
    assert_string_equal(fields.words[2], "b");
    fields_free(&fields);
}

static void one_word_check(const char *text, const char *becomes, const char *pattern) {
    struct word word = {text, strlen(text), NULL};
    expansion = (struct expansion){.host = &test_host};
    char *value = expand_word(&expansion, &word), *matched = expand_pattern(&expansion, &word);
    assert_string_equal(value, becomes);
    assert_string_equal(matched, pattern);
    free(value);
    free(matched);
}

static void test_one_word_is_not_parted(void **state) {
    (void)state;
    separating = ":";
    one_word_check("$*", "p q:r", "p q:r");
    one_word_check("$@", "p q:r", "p q:r");
    separating = NULL;
    home = "/h*";
    one_word_check("~/x*", "/h*/x*", "/h\\*/x*");
    home = NULL;
}

static void test_a_tilde_is_the_home(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"~", "</>"},   {"~/x", "</x>"},  {"~x", "<~x>"}, {"x~", "<x~>"},
                                           {"'~'", "<~>"}, {"\"~\"", "<~>"}, {"\\~", "<~>"}};
    CHECK(pairs);
    home = "";
    assert_string_equal(made_of("~"), "<>");
    home = NULL;
}

static void test_operators(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"$((1 << 4 >> 1))", "<8>"},   {"$((6 & 3 | 8 ^ 1))", "<11>"}, {"$((~0))", "<-1>"},
        {"$((1 + 2 << 3))", "<24>"},   {"$((1 | 2 == 2))", "<1>"},     {"$((0 ? 1 : 0 ? 2 : 3))", "<3>"},
        {"$((1 ? 1 : 1 / 0))", "<1>"}, {"$((0 && 1 / 0))", "<0>"},     {"$((1 || 1 / 0))", "<1>"},
        {"$((1 || A))", "<1>"},        {"$((N <<= 1))", "<14>"},       {"$((N == 7 && N >= 7))", "<1>"},
        {"$((N -= 2 + 2))", "<3>"}};
    CHECK(pairs);
    assert_string_equal(assigned, "N=3");
    assert_string_equal(made_of("$((Q = R = 2 * 2))"), "<4>");
    assert_string_equal(assigned, "Q=4");
    assert_string_equal(made_of("$((1 || (Q = 9)))$((0 ? Q = 9 : 1))"), "<11>");
    assert_string_equal(assigned, "Q=4");
}

static void test_what_is_not_set_may_be_refused(void **state) {
    (void)state;
    struct fields fields = {0};
    static const char *const texts[] = {"$Z", "x${Z}", "${#Z}", "${Z%x}", "$2"};
    for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) {
        struct word word = {texts[index], strlen(texts[index]), NULL};
        expansion = (struct expansion){.host = &test_host, .needs_values = true};
        assert_false(expand_words(&expansion, &word, &fields));
        assert_string_equal(expansion.problem, "not set");
    }
    struct word word = {"${Z-d}$E$@", 10, NULL};
    expansion = (struct expansion){.host = &test_host, .needs_values = true};
    assert_true(expand_words(&expansion, &word, &fields));
    fields_free(&fields);
}

static void test_patterns_become_names(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"a*", "<a1><a2>"},        {"'a*'", "<a*>"},  {"a\\*", "<a*>"},
                                           {"$S", "<a1><a2><b*>"},    {"\"$S\"", "<*>"}, {"b\"*\"", "<b*>"},
                                           {"[ab]?", "<a1><a2><b*>"}, {"z*", "<z*>"}};
    CHECK(pairs);
}

static void test_bad_words_are_named(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"${}", ": not a substitution"},
                                           {"${A!}", "A!: not a substitution"},
                                           {"${Z?}", "Z: not set"},
                                           {"${E:?}", "E: not set"},
                                           {"$((1/0))", "1/0: division by zero"},
                                           {"$((1+))", "1+: a number or a name is missing"},
                                           {"$((1 ? 2))", "1 ? 2: a `:' is missing"},
                                           {"$((1 = 2))", "1 = 2: not an expression"},
                                           {"$((2 * N = 3))", "2 * N = 3: not an expression"},
                                           {"$((A))", "A: a variable's value is no number"},
                                           {"$((1 2))", "1 2: not an expression"},
                                           {"$(fail)", ": reported"},
                                           {"$(((1))", "$(((1)): unexpected end, `)' is missing"}};
    CHECK(pairs);
}

static void test_length_and_number_are_bounded(void **state) {
    (void)state;
    struct fields fields = {0};
    struct word words[WORDS_MAX + 1];
    for (size_t index = 0; index <= WORDS_MAX; index++)
        words[index] = (struct word){"w", 1, index < WORDS_MAX ? &words[index + 1] : NULL};
    expansion = (struct expansion){.host = &test_host};
    assert_true(expand_words(&expansion, words + 1, &fields));
    assert_int_equal(fields.count, WORDS_MAX);
    fields_free(&fields);
    assert_false(expand_words(&expansion, words, &fields));
    assert_string_equal(expansion.problem, "too many or too long words");
    fields_free(&fields);
    static char nested[3000];
    for (size_t index = 0; index < 500; index++)
        memcpy(nested + index * 5, "${Z:-", 5);
    assert_non_null(strstr(made_of(nested), "too deeply nested"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words_become),
                                       cmocka_unit_test(test_substitutions),
                                       cmocka_unit_test(test_separators_part),
                                       cmocka_unit_test(test_words_are_parted_each_for_itself),
                                       cmocka_unit_test(test_one_word_is_not_parted),
                                       cmocka_unit_test(test_a_tilde_is_the_home),
                                       cmocka_unit_test(test_operators),
                                       cmocka_unit_test(test_what_is_not_set_may_be_refused),
                                       cmocka_unit_test(test_patterns_become_names),
                                       cmocka_unit_test(test_bad_words_are_named),
                                       cmocka_unit_test(test_length_and_number_are_bounded)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
