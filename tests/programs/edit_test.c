// SPDX-License-Identifier: MIT
// The editor's text and how its lines look.
#include "check.h"

#include <stdlib.h>

#include "../../apps/edit/row.c"
#include "../../apps/edit/text.c"

static struct text text;

static int fresh(void **state) {
    (void)state;
    text_free(&text);
    return 0;
}

static void put(size_t index, const char *bytes) {
    assert_true(text_insert(&text, index, bytes, strlen(bytes)));
}

static void assert_text(const char *wanted) {
    assert_int_equal(text_length(&text), strlen(wanted));
    for (size_t index = 0; wanted[index]; index++)
        assert_int_equal(text_at(&text, index), wanted[index]);
}

static void test_an_empty_text(void **state) {
    (void)state;
    assert_text("");
    assert_int_equal(text_left(&text, 0), 0);
    assert_int_equal(text_right(&text, 0), 0);
    assert_int_equal(text_line_begin(&text, 0), 0);
    assert_int_equal(text_line_end(&text, 0), 0);
    assert_int_equal(text_line_number(&text, 0), 1);
    assert_int_equal(text_line_start(&text, 7), 0);
    assert_int_equal(text_find(&text, 0, "x", 1), TEXT_NOWHERE);
    text_delete(&text, 0, 0);
}

static void test_insert_and_delete(void **state) {
    (void)state;
    put(0, "hello");
    put(5, " world");
    put(0, ">");
    assert_text(">hello world");
    text_delete(&text, 1, 7);
    assert_text(">world");
    text_delete(&text, 0, 6);
    assert_text("");
}

// Against a plain array.
static void test_random_changes(void **state) {
    (void)state;
    static char plain[20000];
    size_t length = 0;
    srand(7);
    for (int step = 0; step < 5000; step++) {
        size_t index = (size_t)rand() % (length + 1), count = (size_t)rand() % 40;
        if (rand() % 2 && length + count < sizeof plain - 1) {
            char bytes[40];
            memset(bytes, 'a' + rand() % 26, sizeof bytes);
            assert_true(text_insert(&text, index, bytes, count));
            memmove(plain + index + count, plain + index, length - index);
            memcpy(plain + index, bytes, count);
            length += count;
        } else {
            count = count < length - index ? count : length - index;
            text_delete(&text, index, index + count);
            memmove(plain + index, plain + index + count, length - index - count);
            length -= count;
        }
        plain[length] = 0;
        assert_text(plain);
    }
    assert_memory_equal(text_whole(&text), plain, length);
}

static void test_a_text_has_an_end(void **state) {
    (void)state;
    char *large = calloc(1, EDIT_TEXT_MAX);
    assert_true(text_insert(&text, 0, large, EDIT_TEXT_MAX));
    assert_false(text_insert(&text, 5, "x", 1));
    assert_int_equal(text_length(&text), EDIT_TEXT_MAX);
    text_delete(&text, 0, 1);
    assert_true(text_insert(&text, 5, "x", 1));
    free(large);
}

// The same with the gap at each position.
static void test_lines(void **state) {
    (void)state;
    put(0, "one\n\nthree\nlast");
    for (size_t gap = 0; gap <= text_length(&text); gap++) {
        put(gap, "x");
        text_delete(&text, gap, gap + 1);
        assert_int_equal(text_line_begin(&text, 2), 0);
        assert_int_equal(text_line_end(&text, 2), 3);
        assert_int_equal(text_line_end(&text, 3), 3);
        assert_int_equal(text_line_begin(&text, 4), 4);
        assert_int_equal(text_line_end(&text, 4), 4);
        assert_int_equal(text_line_begin(&text, 15), 11);
        assert_int_equal(text_line_end(&text, 12), 15);
        assert_int_equal(text_line_number(&text, 3), 1);
        assert_int_equal(text_line_number(&text, 4), 2);
        assert_int_equal(text_line_number(&text, 15), 4);
        assert_int_equal(text_line_start(&text, 1), 0);
        assert_int_equal(text_line_start(&text, 3), 5);
        assert_int_equal(text_line_start(&text, 99), 11);
    }
    put(15, "\n");
    assert_int_equal(text_line_number(&text, 16), 5);
    assert_int_equal(text_line_start(&text, 5), 16);
}

static void test_characters(void **state) {
    (void)state;
    put(0, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");
    const size_t positions[] = {0, 1, 3, 6, 10, 11};
    for (size_t index = 0; index < 5; index++) {
        assert_int_equal(text_right(&text, positions[index]), positions[index + 1]);
        assert_int_equal(text_left(&text, positions[index + 1]), positions[index]);
    }
    fresh(NULL);
    put(0, "\x80\x80\x80\x80\x80\x80");
    assert_int_equal(text_right(&text, 0), 4);
    assert_int_equal(text_left(&text, 6), 2);
}

static void test_find(void **state) {
    (void)state;
    put(0, "needle in a hay of needles");
    assert_int_equal(text_find(&text, 0, "needle", 6), 0);
    assert_int_equal(text_find(&text, 1, "needle", 6), 19);
    assert_int_equal(text_find(&text, 20, "needle", 6), 0);
    assert_int_equal(text_find(&text, 26, "hay", 3), 12);
    assert_int_equal(text_find(&text, 0, "straw", 5), TEXT_NOWHERE);
    put(3, "x");
    assert_int_equal(text_find(&text, 0, "needle", 6), 20);
}

static void assert_row(size_t begin, size_t left, size_t columns, const char *wanted) {
    char row[400];
    row_text(&text, begin, left, columns, row);
    assert_string_equal(row, wanted);
}

static void test_rows(void **state) {
    (void)state;
    put(0, "a\tb\x01\xc3\xa4\xff\nnext");
    assert_row(0, 0, 80, "a       b^A\xc3\xa4?");
    assert_row(0, 0, 10, "a       b^");
    assert_row(0, 7, 4, " b^A");
    assert_row(0, 11, 80, "\xc3\xa4?");
    assert_row(0, 13, 80, "");
    assert_row(8, 2, 1, "x");
}

static void test_columns(void **state) {
    (void)state;
    put(0, "a\tb\x01\xc3\xa4z\nnext");
    const size_t columns[] = {0, 1, 8, 9, 11, 12, 12, 13};
    for (size_t index = 0; index < 8; index++)
        if (index != 5)
            assert_int_equal(row_column(&text, 0, index), columns[index]);
    assert_int_equal(row_start(&text, 0, 0), 0);
    assert_int_equal(row_start(&text, 0, 5), 1);
    assert_int_equal(row_start(&text, 0, 8), 2);
    assert_int_equal(row_start(&text, 0, 10), 3);
    assert_int_equal(row_start(&text, 0, 11), 4);
    assert_int_equal(row_start(&text, 0, 99), 7);
    assert_int_equal(row_start(&text, 8, 2), 10);
}

#define EDIT_TEST(name) cmocka_unit_test_setup_teardown(name, fresh, fresh)

int main(void) {
    const struct CMUnitTest tests[] = {EDIT_TEST(test_an_empty_text),  EDIT_TEST(test_insert_and_delete),
                                       EDIT_TEST(test_random_changes), EDIT_TEST(test_a_text_has_an_end),
                                       EDIT_TEST(test_lines),          EDIT_TEST(test_characters),
                                       EDIT_TEST(test_find),           EDIT_TEST(test_rows),
                                       EDIT_TEST(test_columns)};
    return scene_run(tests);
}
