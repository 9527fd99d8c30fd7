// SPDX-License-Identifier: MIT
// The console's terminal: what stands on the screen after which bytes.
#include "check.h"

#include "../../drivers/console/glyph.c"
#include "../../drivers/console/terminal.c"
#include "../../lib/cells.c"

#define PLAIN 0x07u // light grey on black

static struct terminal terminal;

static void show(const char *text) {
    terminal_write(&terminal, (const uint8_t *)text, strlen(text));
}

static int fresh(void **state) {
    (void)state;
    terminal_initialize(&terminal);
    return 0;
}

// A row's glyphs, without the blanks at its end.
static const char *text_of(uint32_t row) {
    static char text[TERMINAL_COLUMNS + 1];
    const terminal_cell *cells = terminal_row(&terminal, row);
    size_t length = 0;
    for (size_t column = 0; column < TERMINAL_COLUMNS; column++) {
        text[column] = (char)cells[column];
        if (text[column] != ' ')
            length = column + 1;
    }
    text[length] = 0;
    return text;
}

static unsigned attribute_at(uint32_t row, uint32_t column) {
    return terminal_row(&terminal, row)[column] >> 8;
}

static void assert_cursor(uint32_t row, uint32_t column) {
    uint32_t cell;
    assert_true(terminal_cursor(&terminal, &cell));
    assert_int_equal(cell / TERMINAL_COLUMNS, row);
    assert_int_equal(cell % TERMINAL_COLUMNS, column);
}

#define assert_row(row, text) assert_string_equal(text_of(row), text)

// ---- Text and control bytes ----

static void test_a_fresh_screen_is_blank(void **state) {
    (void)state;
    for (uint32_t row = 0; row < TERMINAL_ROWS; row++)
        for (uint32_t column = 0; column < TERMINAL_COLUMNS; column++)
            assert_int_equal(terminal_row(&terminal, row)[column], PLAIN << 8 | ' ');
    assert_cursor(0, 0);
}

static void test_control_bytes_move_the_cursor(void **state) {
    (void)state;
    show("ab\r\ncd\n");
    assert_cursor(2, 2);
    show("\bx\b\b\b\by");
    assert_row(0, "ab");
    assert_row(1, "cd");
    assert_row(2, "yx");
    show("\r\tt\a\t");
    assert_row(2, "yx      t");
    assert_cursor(2, 16);
    show("\x7f");
    assert_cursor(2, 16);
}

static void test_a_tab_stops_at_the_last_column(void **state) {
    (void)state;
    show("\x1b[75G\tx");
    assert_int_equal(text_of(0)[TERMINAL_COLUMNS - 1], 'x');
    assert_row(1, "");
}

static void test_a_full_line_wraps_with_the_next_glyph_only(void **state) {
    (void)state;
    for (unsigned column = 0; column < TERMINAL_COLUMNS; column++)
        show("x");
    assert_cursor(0, TERMINAL_COLUMNS - 1);
    show("y");
    assert_row(1, "y");
    assert_cursor(1, 1);
    show("\x1b[1;80Ha\r\nb");
    assert_row(1, "b");
    show("\x1b[1;80Ha\bc");
    assert_string_equal(text_of(0) + TERMINAL_COLUMNS - 2, "ca");
}

static void test_utf8_becomes_the_fonts_glyphs(void **state) {
    (void)state;
    show("\xc3\xa4\xc3\x9f\xe2\x94\x80\xe2\x82\xac\xf0\x9f\x98\x80|");
    assert_row(0, "\x84\xe1\xc4?? |");
}

static void test_wide_characters_take_two_cells(void **state) {
    (void)state;
    show("a\xe3\x81\x82z\xcc\x81.");
    assert_row(0, "a? z.");
    show("\x1b[80Gx\x1b[80G\xe3\x81\x82."); // only one cell is left
    assert_int_equal(text_of(0)[TERMINAL_COLUMNS - 1], ' ');
    assert_row(1, "? .");
}

static void test_what_is_no_utf8_is_a_question_mark(void **state) {
    (void)state;
    show("\x80|\xc3|\xc3\xc3\xa4|\xff|\xc0\x8a|\xe0\x80\x8a|\xe2\x94\n");
    assert_row(0, "?|?|?\x84|?|??|?|?");
    assert_cursor(1, 15);
}

// ---- Cursor ----

static void test_the_cursor_goes_where_it_is_sent(void **state) {
    (void)state;
    show("\x1b[5;10H");
    assert_cursor(4, 9);
    show("\x1b[A\x1b[2C");
    assert_cursor(3, 11);
    show("\x1b[3B\x1b[D");
    assert_cursor(6, 10);
    show("\x1b[0A\x1b[20G\x1b[2d");
    assert_cursor(1, 19);
    show("\x1b[H");
    assert_cursor(0, 0);
    show("\x1b[;7f");
    assert_cursor(0, 6);
}

static void test_the_cursor_stays_on_the_screen(void **state) {
    (void)state;
    show("\x1b[99999999999;99999999999H");
    assert_cursor(TERMINAL_ROWS - 1, TERMINAL_COLUMNS - 1);
    show("\x1b[99B\x1b[99C");
    assert_cursor(TERMINAL_ROWS - 1, TERMINAL_COLUMNS - 1);
    show("\x1b[99A\x1b[99D");
    assert_cursor(0, 0);
}

static void test_the_cursor_is_saved_and_restored(void **state) {
    (void)state;
    show("\x1b[5;10H\x1b[s\x1b[H\x1b[u");
    assert_cursor(4, 9);
    show("\x1b[2;3H\x1b"
         "7\x1b[H\x1b"
         "8");
    assert_cursor(1, 2);
}

static void test_the_cursor_may_be_hidden(void **state) {
    (void)state;
    uint32_t cell;
    show("\x1b[?25l");
    assert_false(terminal_cursor(&terminal, &cell));
    show("\x1b[?1h\x1b[25h\x1b[>25h");
    assert_false(terminal_cursor(&terminal, &cell));
    show("\x1b[?25h");
    assert_cursor(0, 0);
}

// ---- Erasing ----

static void test_a_line_is_erased_in_three_ways(void **state) {
    (void)state;
    show("abcdef\x1b[3D\x1b[K");
    assert_row(0, "abc");
    show("\rabcdef\x1b[4D\x1b[1K");
    assert_row(0, "   def");
    show("\x1b[2K");
    assert_row(0, "");
    assert_cursor(0, 2);
    show("abc\r\x1b[4K");
    assert_row(0, "  abc");
}

static void test_the_page_is_erased_in_three_ways(void **state) {
    (void)state;
    show("aaa\r\nbbb\r\nccc\x1b[2;2H\x1b[J");
    assert_row(0, "aaa");
    assert_row(1, "b");
    assert_row(2, "");
    show("\x1b[3;1Hccc\x1b[2;1Hbbb\x1b[2D\x1b[1J");
    assert_row(0, "");
    assert_row(1, "  b");
    assert_row(2, "ccc");
    show("\x1b[2J");
    assert_row(1, "");
    assert_row(2, "");
    assert_cursor(1, 1);
}

static void test_erased_cells_have_the_papers_colour(void **state) {
    (void)state;
    show("\x1b[31;44mx\x1b[K");
    assert_int_equal(attribute_at(0, 0), 0x14);
    assert_int_equal(attribute_at(0, 1), 0x17);
}

// ---- Colours ----

static void test_colours_are_the_vgas(void **state) {
    (void)state;
    static const unsigned vga[] = {0, 4, 2, 6, 1, 5, 3, 7};
    for (unsigned colour = 0; colour < 8; colour++) {
        char text[32];
        snprintf(text, sizeof text, "\x1b[%um0\x1b[39m\x1b[%um1\x1b[m", 30 + colour, 40 + colour);
        show(text);
        assert_int_equal(attribute_at(0, 2 * colour), vga[colour]);
        assert_int_equal(attribute_at(0, 2 * colour + 1), vga[colour] << 4 | PLAIN);
    }
}

static void test_bright_and_reverse_come_and_go(void **state) {
    (void)state;
    show("\x1b[1;32ma\x1b[22mb\x1b[7mc\x1b[27md\x1b[0me\x1b[41;32mf\x1b[49mg\x1b[1;7;44mh");
    static const unsigned wanted[] = {0x0a, 0x02, 0x20, 0x02, 0x07, 0x42, 0x02, 0x29};
    for (uint32_t column = 0; column < sizeof wanted / sizeof *wanted; column++)
        assert_int_equal(attribute_at(0, column), wanted[column]);
}

static void test_colours_that_the_screen_lacks_are_passed_over(void **state) {
    (void)state;
    show("\x1b[38;5;31;32ma\x1b[0;48;2;31;41;7;34mb\x1b[0;38m\x1b[38;5m\x1b[999mc");
    assert_int_equal(attribute_at(0, 0), 0x02);
    assert_int_equal(attribute_at(0, 1), 0x01);
    assert_int_equal(attribute_at(0, 2), PLAIN);
}

static void test_parameters_beyond_the_last_are_dropped(void **state) {
    (void)state;
    show("\x1b[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;3;2;31;7;0mx");
    assert_int_equal(attribute_at(0, 0), 0x0f);
    assert_int_equal(terminal.character, 0); // what lies after them is as it was
}

// ---- Sequences ----

static void test_what_is_not_known_is_passed_over(void **state) {
    (void)state;
    show("a\x1b[5zb\x1b[?7h\x1b[?5C\x1b[>7mc\x1b[1 qd\x1b(Be\x1b=f\x1b]0;title\ag\x1bPx\ny\x1b\\h\x1b[\x7f"
         "2Ci");
    assert_row(0, "abcdefgh  i");
    assert_int_equal(attribute_at(0, 2), PLAIN);
}

static void test_control_bytes_act_within_a_sequence(void **state) {
    (void)state;
    show("ab\x1b[\r3Cx");
    assert_row(0, "ab x");
    show("\r\n\x1b[3\x18"
         "1\x1b[2\x1b[3Cy");
    assert_row(1, "1   y");
}

static void test_a_reset_begins_anew(void **state) {
    (void)state;
    show("\x1b[31;44mabc\x1b[?25l\x1b"
         "cx");
    assert_row(0, "x");
    assert_int_equal(attribute_at(0, 0), PLAIN);
    assert_cursor(0, 1);
}

// A sequence may be cut at any position by the messages that bring it.
static void test_chunks_make_the_same_picture(void **state) {
    (void)state;
    static const char text[] = "a\x1b[1;31mb\xc3\xa4\x1b[10;5Hc\x1b]0;t\x1b\\d";
    static struct terminal whole;
    show(text);
    whole = terminal;
    terminal_initialize(&terminal);
    for (size_t index = 0; text[index]; index++)
        terminal_write(&terminal, (const uint8_t *)text + index, 1);
    assert_memory_equal(&terminal, &whole, sizeof whole);
}

// ---- Scrolling ----

static void show_numbers(unsigned first, unsigned last) {
    for (unsigned number = first; number <= last; number++) {
        char text[16];
        snprintf(text, sizeof text, "\r\n%u", number);
        show(text);
    }
}

static void test_the_screen_scrolls(void **state) {
    (void)state;
    show("first\x1b[44m");
    show_numbers(1, 25);
    assert_row(0, "1");
    assert_row(24, "25");
    assert_int_equal(attribute_at(24, 40), 0x17);
    assert_cursor(24, 2);
}

static void test_the_view_goes_back_and_returns(void **state) {
    (void)state;
    uint32_t cell;
    show("first");
    terminal_scroll_view(&terminal, 5);
    assert_row(0, "first");
    show_numbers(1, 40);
    terminal_scroll_view(&terminal, 10);
    assert_row(0, "6");
    assert_row(24, "30");
    assert_false(terminal_cursor(&terminal, &cell));
    show("\x1b[10A");
    terminal_scroll_view(&terminal, 10);
    assert_cursor(24, 2);
    terminal_scroll_view(&terminal, 1000);
    assert_row(0, "first");
    terminal_scroll_view(&terminal, -5);
    assert_row(0, "5");
    terminal_scroll_view(&terminal, -1000);
    assert_row(24, "40");
    terminal_scroll_view(&terminal, 3);
    show("x");
    assert_row(14, "30x");
}

static void test_so_many_lines_are_kept(void **state) {
    (void)state;
    show_numbers(1, 3 * TERMINAL_LINES);
    terminal_scroll_view(&terminal, INT32_MAX);
    char oldest[16];
    snprintf(oldest, sizeof oldest, "%u", 2 * TERMINAL_LINES + 1);
    assert_row(0, oldest);
    show("\x1b[3J");
    terminal_scroll_view(&terminal, 1);
    snprintf(oldest, sizeof oldest, "%u", 3 * TERMINAL_LINES);
    assert_row(24, oldest);
}

// ---- Any bytes ----

static void assert_invariants(void) {
    assert_true(terminal.row < TERMINAL_ROWS && terminal.column < TERMINAL_COLUMNS);
    assert_true(terminal.saved_row < TERMINAL_ROWS && terminal.saved_column < TERMINAL_COLUMNS);
    assert_true(terminal.kept + TERMINAL_ROWS <= TERMINAL_LINES && terminal.back <= terminal.kept);
    assert_true(terminal.top < TERMINAL_LINES && terminal.parameter_count <= TERMINAL_PARAMETERS + 1);
}

static void test_any_bytes_leave_it_whole(void **state) {
    (void)state;
    static const char often[] = "\x1b[;0159HJKABCDmsu?hl\r\n\b\t";
    uint32_t random = 1;
    for (unsigned step = 0; step < 500000; step++) {
        random = random * 1664525 + 1013904223;
        uint8_t byte = (uint8_t)(random >> 24);
        if (random >> 16 & 3)
            byte = (uint8_t)often[byte % (sizeof often - 1)];
        terminal_write(&terminal, &byte, 1);
        terminal_scroll_view(&terminal, (int32_t)(random >> 8 & 0xff) - 128);
        assert_invariants();
    }
}

#define TERMINAL_TEST(name) cmocka_unit_test_setup(name, fresh)

int main(void) {
    const struct CMUnitTest tests[] = {
        TERMINAL_TEST(test_a_fresh_screen_is_blank),
        TERMINAL_TEST(test_control_bytes_move_the_cursor),
        TERMINAL_TEST(test_a_tab_stops_at_the_last_column),
        TERMINAL_TEST(test_a_full_line_wraps_with_the_next_glyph_only),
        TERMINAL_TEST(test_utf8_becomes_the_fonts_glyphs),
        TERMINAL_TEST(test_wide_characters_take_two_cells),
        TERMINAL_TEST(test_what_is_no_utf8_is_a_question_mark),
        TERMINAL_TEST(test_the_cursor_goes_where_it_is_sent),
        TERMINAL_TEST(test_the_cursor_stays_on_the_screen),
        TERMINAL_TEST(test_the_cursor_is_saved_and_restored),
        TERMINAL_TEST(test_the_cursor_may_be_hidden),
        TERMINAL_TEST(test_a_line_is_erased_in_three_ways),
        TERMINAL_TEST(test_the_page_is_erased_in_three_ways),
        TERMINAL_TEST(test_erased_cells_have_the_papers_colour),
        TERMINAL_TEST(test_colours_are_the_vgas),
        TERMINAL_TEST(test_bright_and_reverse_come_and_go),
        TERMINAL_TEST(test_colours_that_the_screen_lacks_are_passed_over),
        TERMINAL_TEST(test_parameters_beyond_the_last_are_dropped),
        TERMINAL_TEST(test_what_is_not_known_is_passed_over),
        TERMINAL_TEST(test_control_bytes_act_within_a_sequence),
        TERMINAL_TEST(test_a_reset_begins_anew),
        TERMINAL_TEST(test_chunks_make_the_same_picture),
        TERMINAL_TEST(test_the_screen_scrolls),
        TERMINAL_TEST(test_the_view_goes_back_and_returns),
        TERMINAL_TEST(test_so_many_lines_are_kept),
        TERMINAL_TEST(test_any_bytes_leave_it_whole),
    };
    return scene_run(tests);
}
