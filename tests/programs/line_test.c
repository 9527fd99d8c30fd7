// SPDX-License-Identifier: MIT
// The shell's line: its text, and what stands on the console's terminal after each change.
#include "check.h"

#include <stdlib.h>

#include "../../apps/shell/line_buffer.c"
#include "../../apps/shell/line_screen.c"
#include "../../drivers/console/glyph.c"
#include "../../drivers/console/terminal.c"
#include "../../lib/cells.c"

#define PROMPT "sluice> "
#define PROMPT_CELLS 8u

static struct terminal terminal;
static struct line_buffer buffer;
static char said[1 << 20]; // since the test looked last
static size_t said_length;

void say_bytes(const char *bytes, size_t length) {
    assert_true(said_length + length < sizeof said);
    memcpy(said + said_length, bytes, length);
    said_length += length;
    for (size_t index = 0; index < length; index++) {
        if (bytes[index] == '\n')
            terminal_write(&terminal, (const uint8_t *)"\r", 1);
        terminal_write(&terminal, (const uint8_t *)bytes + index, 1);
    }
}

void say(const char *format, ...) {
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    say_bytes(text, (size_t)length);
}

static int fresh(void **state) {
    (void)state;
    terminal_initialize(&terminal);
    memset(&buffer, 0, sizeof buffer);
    buffer.changed = SIZE_MAX;
    screen_begin(PROMPT, TERMINAL_COLUMNS, TERMINAL_ROWS);
    said_length = 0;
    return 0;
}

static void type(const char *text) {
    for (; *text; text++) {
        assert_true(buffer_insert(&buffer, text, 1));
        screen_show(&buffer);
    }
}

static void assert_line(const char *text, size_t cursor) {
    assert_int_equal(buffer.length, strlen(text));
    assert_memory_equal(buffer.bytes, text, buffer.length);
    assert_int_equal(buffer.cursor, cursor);
}

// ---- The text ----

static void test_insert_and_delete(void **state) {
    (void)state;
    type("abcd");
    buffer.cursor = 2;
    type("x");
    assert_line("abxcd", 3);
    buffer_delete(&buffer, 0, 1);
    assert_line("bxcd", 2);
    buffer_delete(&buffer, 3, 4);
    assert_line("bxc", 2);
    buffer_delete(&buffer, 1, 3);
    assert_line("b", 1);
    buffer_delete(&buffer, 1, 1);
    assert_line("b", 1);
}

static void test_a_character_is_one_step(void **state) {
    (void)state;
    type("a\xc3\xa4\xe2\x82\xac");
    buffer.cursor = buffer_left(&buffer);
    assert_int_equal(buffer.cursor, 3);
    buffer.cursor = buffer_left(&buffer);
    assert_int_equal(buffer.cursor, 1);
    assert_int_equal(buffer_right(&buffer), 3);
    buffer.cursor = 0;
    assert_int_equal(buffer_left(&buffer), 0);
    buffer.cursor = buffer.length;
    assert_int_equal(buffer_right(&buffer), buffer.length);
}

static void test_words(void **state) {
    (void)state;
    type("ls  /tmp/a-b ");
    assert_int_equal(buffer_word_left(&buffer), 11);
    assert_int_equal(buffer_gap_left(&buffer), 4);
    buffer.cursor = 11;
    assert_int_equal(buffer_word_left(&buffer), 9);
    buffer.cursor = 2;
    assert_int_equal(buffer_word_right(&buffer), 8);
    assert_int_equal(buffer_gap_left(&buffer), 0);
    buffer.cursor = 0;
    assert_int_equal(buffer_word_left(&buffer), 0);
    assert_int_equal(buffer_word_right(&buffer), 2);
}

static void test_two_characters_are_swapped(void **state) {
    (void)state;
    buffer_transpose(&buffer);
    type("a");
    buffer_transpose(&buffer);
    assert_line("a", 1);
    type("\xc3\xa4");
    buffer_transpose(&buffer);
    assert_line("\xc3\xa4"
                "a",
                3);
    type("bc");
    buffer.cursor = 3;
    buffer_transpose(&buffer);
    assert_line("\xc3\xa4"
                "bac",
                4);
    buffer.cursor = 0;
    buffer_transpose(&buffer);
    assert_int_equal(buffer.cursor, 0);
}

static void test_a_full_line_takes_no_more(void **state) {
    (void)state;
    static char text[LINE_BYTES_MAX + 10];
    memset(text, 'x', sizeof text - 1);
    buffer_set(&buffer, text);
    assert_int_equal(buffer.length, LINE_BYTES_MAX);
    assert_false(buffer.is_cut);
    assert_false(buffer_insert(&buffer, "y", 1));
    assert_true(buffer.is_cut);
    buffer_delete(&buffer, 0, 2);
    assert_true(buffer.is_cut);
    assert_true(buffer_insert(&buffer, "y", 1));
    buffer_delete(&buffer, 0, buffer.length);
    assert_false(buffer.is_cut);
}

// ---- The screen ----

// The cells of the line, the prompt's first: what each should show. `cursor` gets that of the buffer's cursor. Bytes
// above 127 are those of one letter, 0x84 on the screen, of one that is wide and unknown, and of a mark drawn over.
static size_t cells_make(uint8_t *cells, size_t *cursor) {
    size_t count = PROMPT_CELLS;
    memcpy(cells, PROMPT, PROMPT_CELLS);
    for (size_t index = 0; index <= buffer.length; index++) {
        uint8_t byte = index < buffer.length ? (uint8_t)buffer.bytes[index] : 0;
        if (index == buffer.cursor)
            *cursor = count;
        if (index == buffer.length || byte_continues((char)byte) || byte == 0xcc)
            continue;
        bool is_wide = byte == 0xe3;
        if (is_wide && count % TERMINAL_COLUMNS == TERMINAL_COLUMNS - 1)
            cells[count++] = ' ';
        cells[count++] = is_wide ? '?' : byte < 0x80 ? byte : 0x84;
        if (is_wide)
            cells[count++] = ' ';
    }
    return count;
}

// The terminal's cursor stands in the cell of the buffer's, and every row of the line that should be on the screen is
// right; below the line all is blank.
static void assert_shown(void) {
    static uint8_t cells[2 * LINE_BYTES_MAX + 200];
    uint32_t at;
    size_t cursor, count = cells_make(cells, &cursor);
    assert_true(terminal_cursor(&terminal, &at));
    at += terminal.is_full;
    assert_int_equal(at % TERMINAL_COLUMNS, cursor % TERMINAL_COLUMNS);
    long shift = (long)(cursor / TERMINAL_COLUMNS) - (long)(at / TERMINAL_COLUMNS); // line's row - screen's
    for (long row = 0; row < (long)TERMINAL_ROWS; row++) {
        const terminal_cell *shown = terminal_row(&terminal, (uint32_t)row);
        for (long column = 0; column < (long)TERMINAL_COLUMNS && row + shift >= 0; column++) {
            size_t cell = (size_t)(row + shift) * TERMINAL_COLUMNS + (size_t)column;
            uint8_t wanted = cell < count ? cells[cell] : ' ', got = (uint8_t)shown[column];
            bool is_last = row == TERMINAL_ROWS - 1 && column + (wanted == '?') >= TERMINAL_COLUMNS - 1;
            if (got != wanted && !(is_last && got == ' '))
                fail_msg("row %ld column %ld: '%c' instead of '%c'", row, column, got, wanted);
        }
    }
}

static void test_typing_costs_its_own_bytes(void **state) {
    (void)state;
    static char text[1000];
    memset(text, 'x', sizeof text - 1);
    type(text);
    assert_int_equal(said_length, sizeof text - 1);
    assert_memory_equal(said, text, said_length);
    assert_shown();
    type("\xc3\xa4");
    assert_int_equal(said_length, sizeof text + 1);
    said_length = 0;
    screen_end(&buffer, "");
    assert_int_equal(said_length, 1);
}

static void test_changes_are_shown(void **state) {
    (void)state;
    type("echo ab\xc3\xa4");
    buffer.cursor = 5;
    screen_show(&buffer);
    assert_shown();
    type("\xc3\xa4");
    assert_shown();
    buffer_delete(&buffer, 0, 5);
    screen_show(&buffer);
    assert_shown();
    buffer_set(&buffer, "other");
    screen_show(&buffer);
    assert_shown();
}

static void test_a_line_wraps_at_the_margin(void **state) {
    (void)state;
    char text[TERMINAL_COLUMNS - PROMPT_CELLS + 1];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    type(text);
    assert_shown();
    for (int step = 0; step < 2; step++) {
        buffer.cursor = buffer_left(&buffer);
        screen_show(&buffer);
        assert_shown();
    }
    buffer.cursor = buffer.length;
    screen_show(&buffer);
    assert_shown();
    type("yz");
    assert_shown();
    buffer_delete(&buffer, buffer.length - 2, buffer.length);
    screen_show(&buffer);
    assert_shown();
}

static void test_wide_characters(void **state) {
    (void)state;
    type("echo \xe3\x81\x82\xe3\x81\x82");
    assert_int_equal(said_length, 11);
    assert_shown();
    buffer.cursor = buffer_left(&buffer);
    screen_show(&buffer);
    assert_shown();
    type("x\xcc\x81\xe3\x81\x82");
    assert_shown();
    buffer_delete(&buffer, buffer_left(&buffer), buffer.cursor);
    screen_show(&buffer);
    assert_shown();
    for (int count = 0; count < 200; count++) {
        type(count % 50 == 49 ? "x" : "\xe3\x81\x82");
        assert_shown();
    }
}

static void change_at_random(void) {
    static const char *const characters[] = {"\xc3\xa4", "xy", "\xe3\x81\x82", "\xe3\x81\x82\xe3\x81\x82", "\xcc\x81"};
    size_t here = (size_t)rand() % (buffer.length + 1), character;
    char text[300];
    switch (rand() % 8) {
    case 0:
        while (here && byte_continues(buffer.bytes[here]))
            here--;
        buffer.cursor = here;
        break;
    case 1:
        buffer.cursor = rand() % 2 ? 0 : buffer.length;
        break;
    case 2:
        buffer_delete(&buffer, buffer_gap_left(&buffer), buffer.cursor);
        break;
    case 3:
        buffer_delete(&buffer, buffer.cursor, rand() % 4 ? buffer_right(&buffer) : buffer.length);
        break;
    case 4:
        buffer_transpose(&buffer);
        break;
    case 5:
        character = (size_t)rand() % (sizeof characters / sizeof *characters);
        buffer_insert(&buffer, characters[character], strlen(characters[character]));
        break;
    case 6:
        memset(text, 'a' + rand() % 26, sizeof text);
        text[rand() % 20] = ' ';
        buffer_insert(&buffer, text, (size_t)rand() % sizeof text);
        break;
    default:
        buffer.cursor = rand() % 2 ? buffer_left(&buffer) : buffer_right(&buffer);
    }
}

static void test_any_changes_are_shown(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 60; seed++) {
        srand(seed);
        fresh(NULL);
        for (int step = 0; step < 150; step++) {
            change_at_random();
            if (rand() % 40 == 0)
                screen_clear(&buffer);
            screen_show(&buffer);
            assert_shown();
            said_length = 0;
        }
        screen_leave(&buffer);
        say("a list\n");
        screen_return(&buffer);
        screen_show(&buffer);
        assert_shown();
    }
}

static void test_a_line_longer_than_the_screen(void **state) {
    (void)state;
    for (int count = 0; count < 10000; count++)
        type("x");
    assert_int_equal(said_length, 10000);
    assert_shown();
    buffer.cursor = 0;
    screen_show(&buffer);
    assert_shown();
    type("first");
    assert_shown();
    buffer.cursor = 5000;
    screen_show(&buffer);
    assert_shown();
    type("middle");
    assert_shown();
    buffer.cursor = buffer.length;
    screen_show(&buffer);
    assert_shown();
    type("last");
    assert_shown();
    buffer_set(&buffer, "short");
    screen_show(&buffer);
    assert_shown();
}

static void test_a_line_that_fills_the_screen(void **state) {
    (void)state;
    for (size_t count = PROMPT_CELLS; count < (size_t)TERMINAL_ROWS * TERMINAL_COLUMNS; count++)
        type("x");
    assert_shown();
    buffer.cursor = 0;
    screen_show(&buffer);
    assert_shown();
}

static void test_another_prompt(void **state) {
    (void)state;
    type("text");
    screen_prompt("(search `t') ", &buffer);
    screen_show(&buffer);
    screen_prompt(PROMPT, &buffer);
    screen_show(&buffer);
    assert_shown();
}

#define LINE_TEST(name) cmocka_unit_test_setup(name, fresh)

int main(void) {
    const struct CMUnitTest tests[] = {LINE_TEST(test_insert_and_delete),
                                       LINE_TEST(test_a_character_is_one_step),
                                       LINE_TEST(test_words),
                                       LINE_TEST(test_two_characters_are_swapped),
                                       LINE_TEST(test_a_full_line_takes_no_more),
                                       LINE_TEST(test_typing_costs_its_own_bytes),
                                       LINE_TEST(test_changes_are_shown),
                                       LINE_TEST(test_wide_characters),
                                       LINE_TEST(test_a_line_wraps_at_the_margin),
                                       LINE_TEST(test_any_changes_are_shown),
                                       LINE_TEST(test_a_line_longer_than_the_screen),
                                       LINE_TEST(test_a_line_that_fills_the_screen),
                                       LINE_TEST(test_another_prompt)};
    return scene_run(tests);
}
