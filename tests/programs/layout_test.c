// SPDX-License-Identifier: MIT
// The keyboard's layouts: which scan codes become which bytes.
#include "check.h"

#include "../../drivers/keyboard/layout.c"

#define RELEASE 0x80
#define LEFT_SHIFT 0x2a
#define RIGHT_SHIFT 0x36
#define CONTROL 0x1d
#define ALT 0x38
#define CAPS 0x3a
#define EXTENDED 0xe0

static struct keyboard keyboard;
static char view; // what the last code asked of the view

static int fresh(void **state) {
    (void)state;
    keyboard = (struct keyboard){.layout = LAYOUT_US};
    return 0;
}

// What the codes bring together.
static const char *bytes_of(const uint8_t *codes, size_t count) {
    static char text[256];
    size_t length = 0;
    for (size_t index = 0; index < count; index++) {
        struct key_result result = keyboard_take(&keyboard, codes[index]);
        assert_true(result.length <= KEY_BYTES_MAX);
        memcpy(text + length, result.bytes, result.length);
        length += result.length;
        view = result.view;
    }
    text[length] = 0;
    return text;
}

#define CODES(...) ((const uint8_t[]){__VA_ARGS__})
#define assert_bytes(wanted, ...) assert_string_equal(bytes_of(CODES(__VA_ARGS__), sizeof CODES(__VA_ARGS__)), wanted)

// The characters of the keys of a layout in the order of their codes, row by row.
static void assert_rows(const char *wanted) {
    char text[256] = "";
    for (uint32_t row = 0; row < ROWS; row++) {
        for (uint8_t key = rows[row].first; key < rows[row].first + rows[row].count; key++)
            strcat(text, bytes_of(&key, 1));
        strcat(text, "|");
    }
    assert_string_equal(text, wanted);
}

static void test_the_us_layout_has_its_characters(void **state) {
    (void)state;
    assert_rows("1234567890-=|qwertyuiop[]|asdfghjkl;'`|\\zxcvbnm,./|\\|");
    assert_bytes("", LEFT_SHIFT);
    assert_rows("!@#$%^&*()_+|QWERTYUIOP{}|ASDFGHJKL:\"~||ZXCVBNM<>?|||");
}

static void test_the_german_layout_has_its_characters(void **state) {
    (void)state;
    keyboard.layout = LAYOUT_GERMAN;
    assert_rows("1234567890ß´|qwertzuiopü+|asdfghjklöä^|#yxcvbnm,.-|<|");
    assert_bytes("", RIGHT_SHIFT);
    assert_rows("!\"§$%&/()=?`|QWERTZUIOPÜ*|ASDFGHJKLÖÄ°|'YXCVBNM;:_|>|");
    assert_bytes("", RIGHT_SHIFT | RELEASE, EXTENDED, ALT);
    assert_rows("²³{[]}\\|@€~||µ|||");
    assert_bytes("a", EXTENDED, ALT | RELEASE, 0x1e);
}

static void test_a_release_says_nothing(void **state) {
    (void)state;
    assert_bytes("a", 0x1e, 0x1e | RELEASE);
    assert_bytes("aa", 0x1e, 0x1e);
    assert_bytes("", EXTENDED, 0x48 | RELEASE);
}

static void test_shift_ends_with_the_last_of_both(void **state) {
    (void)state;
    assert_bytes("AAAa", LEFT_SHIFT, 0x1e, RIGHT_SHIFT, 0x1e, LEFT_SHIFT | RELEASE, 0x1e, RIGHT_SHIFT | RELEASE, 0x1e);
}

static void test_caps_lock_is_for_letters(void **state) {
    (void)state;
    assert_bytes("A1", CAPS, CAPS | RELEASE, 0x1e, 0x02);
    assert_bytes("a!", LEFT_SHIFT, 0x1e, 0x02, LEFT_SHIFT | RELEASE);
    keyboard.layout = LAYOUT_GERMAN;
    assert_bytes("Äß", 0x28, 0x0c);
    assert_bytes("a", CAPS, CAPS, CAPS | RELEASE, 0x1e);
}

static void test_control_makes_control_bytes(void **state) {
    (void)state;
    assert_bytes("\x03\x1b\x1c\x1d\x1f\x08", CONTROL, 0x2e, 0x1a, 0x2b, 0x1b, 0x35, 0x0e);
    assert_bytes("\x1e\x1f\x7f", LEFT_SHIFT, 0x07, 0x0c, 0x35);
    assert_bytes("c", LEFT_SHIFT | RELEASE, CONTROL | RELEASE, 0x2e);
    assert_bytes("\x03", EXTENDED, CONTROL, 0x2e);
    struct key_result space = keyboard_take(&keyboard, 0x39);
    assert_true(space.length == 1 && space.bytes[0] == 0);
}

static void test_alt_goes_before_the_key(void **state) {
    (void)state;
    assert_bytes("\x1b"
                 "f\x1b\x06",
                 ALT, 0x21, CONTROL, 0x21, CONTROL | RELEASE, ALT | RELEASE);
    assert_bytes("\x1b"
                 "f",
                 EXTENDED, ALT, 0x21);
}

static void test_keys_that_each_layout_has(void **state) {
    (void)state;
    assert_bytes("\x1b\x7f\t\r \r/", 0x01, 0x0e, 0x0f, 0x1c, 0x39, EXTENDED, 0x1c, EXTENDED, 0x35);
    assert_bytes("789-456+1230.*", 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53, 0x37);
    assert_bytes("\x1b[Z", LEFT_SHIFT, 0x0f);
}

static void test_special_keys_are_sequences(void **state) {
    (void)state;
    assert_bytes("\x1b[A\x1b[B\x1b[C\x1b[D", EXTENDED, 0x48, EXTENDED, 0x50, EXTENDED, 0x4d, EXTENDED, 0x4b);
    assert_bytes("\x1b[H\x1b[F\x1b[2~\x1b[3~", EXTENDED, 0x47, EXTENDED, 0x4f, EXTENDED, 0x52, EXTENDED, 0x53);
    assert_bytes("\x1b[5~\x1b[6~\x1bOP\x1b[15~\x1b[24~", EXTENDED, 0x49, EXTENDED, 0x51, 0x3b, 0x3f, 0x58);
    assert_int_equal(view, 0);
    assert_bytes("\x1b[1;5C\x1b[3;5~\x1b[1;5P", CONTROL, EXTENDED, 0x4d, EXTENDED, 0x53, 0x3b);
    assert_bytes("\x1b[1;8A\x1b[24;8~", ALT, LEFT_SHIFT, EXTENDED, 0x48, 0x58);
}

static void test_shift_and_the_page_keys_move_the_view(void **state) {
    (void)state;
    assert_bytes("", LEFT_SHIFT, EXTENDED, 0x49);
    assert_int_equal(view, '+');
    assert_bytes("", EXTENDED, 0x51);
    assert_int_equal(view, '-');
    assert_bytes("", EXTENDED, 0x51 | RELEASE);
    assert_int_equal(view, 0);
}

static void test_keys_choose_the_layout(void **state) {
    (void)state;
    assert_bytes("", CONTROL, ALT, 0x3c, 0x3c | RELEASE);
    assert_bytes("z", CONTROL | RELEASE, ALT | RELEASE, 0x15);
    assert_bytes("", CONTROL, ALT, 0x3b, 0x3b | RELEASE);
    assert_bytes("y", CONTROL | RELEASE, ALT | RELEASE, 0x15);
    assert_bytes("\x1b[1;7R", CONTROL, ALT, 0x3d);
}

// Around the further keys the keyboard itself presses and releases a Shift, and for Pause a Ctrl.
static void test_what_the_keyboard_adds_is_passed_over(void **state) {
    (void)state;
    assert_bytes("\x1b[A"
                 "a",
                 EXTENDED, 0x2a, EXTENDED, 0x48, EXTENDED, 0x2a | RELEASE, 0x1e);
    assert_bytes("a", 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5, 0x1e);
    assert_bytes("a", EXTENDED, 0x37, 0x45, 0x46, 0x5b, 0xfa, 0xff, 0x00, EXTENDED, 0x1e, 0x1e);
}

static void test_layouts_have_names(void **state) {
    (void)state;
    enum layout layout = LAYOUT_US;
    assert_true(layout_find("german", &layout));
    assert_int_equal(layout, LAYOUT_GERMAN);
    assert_true(layout_find("us", &layout));
    assert_int_equal(layout, LAYOUT_US);
    assert_false(layout_find("", &layout) || layout_find("greek", &layout));
}

// Rows that are too short would be read after their ends.
static void test_each_row_has_its_characters(void **state) {
    (void)state;
    for (uint32_t layout = 0; layout < LAYOUTS; layout++)
        for (uint32_t level = 0; level < (layouts[layout].has_third ? LEVELS : LEVEL_THIRD); level++)
            for (uint32_t row = 0; row < ROWS; row++) {
                uint32_t length = 0;
                while (layouts[layout].characters[level][row][length])
                    length++;
                assert_int_equal(length, rows[row].count);
            }
}

#define LAYOUT_TEST(name) cmocka_unit_test_setup(name, fresh)

int main(void) {
    const struct CMUnitTest tests[] = {
        LAYOUT_TEST(test_the_us_layout_has_its_characters),
        LAYOUT_TEST(test_the_german_layout_has_its_characters),
        LAYOUT_TEST(test_a_release_says_nothing),
        LAYOUT_TEST(test_shift_ends_with_the_last_of_both),
        LAYOUT_TEST(test_caps_lock_is_for_letters),
        LAYOUT_TEST(test_control_makes_control_bytes),
        LAYOUT_TEST(test_alt_goes_before_the_key),
        LAYOUT_TEST(test_keys_that_each_layout_has),
        LAYOUT_TEST(test_special_keys_are_sequences),
        LAYOUT_TEST(test_shift_and_the_page_keys_move_the_view),
        LAYOUT_TEST(test_keys_choose_the_layout),
        LAYOUT_TEST(test_what_the_keyboard_adds_is_passed_over),
        LAYOUT_TEST(test_layouts_have_names),
        LAYOUT_TEST(test_each_row_has_its_characters),
    };
    return scene_run(tests);
}
