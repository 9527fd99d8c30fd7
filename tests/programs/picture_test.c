// SPDX-License-Identifier: MIT
// The console's font and its picture in pixels: which pixels have which values after which bytes.
#include "check.h"

#include "../../drivers/console/font.c"
#include "../../drivers/console/glyph.c"
#include "../../drivers/console/picture.c"
#include "../../drivers/console/terminal.c"
#include "../../lib/cells.c"

#include <stdlib.h>

#define HEIGHT 8u       // of the test's font
#define FONT_COUNT 256u // glyphs
#define HEAD_SIZE 4u
#define LISTS (HEAD_SIZE + FONT_COUNT * HEIGHT)
#define SHARP_S 0xdfu // a character whose position in code page 437 is another
#define SHARP_S_CP437 0xe1u
#define GLYPH_OF_SHARP_S 0x80u

// ---- A font ----

static uint8_t file[LISTS + FONT_COUNT * 2 * 4];
static size_t file_length;
static struct font font;

static void list_put(uint32_t value) {
    file[file_length++] = (uint8_t)value;
    file[file_length++] = (uint8_t)(value >> 8);
}

// Glyph n is that of the ASCII character n, and has the byte n in its first row, ~n in the last.
static int font_make(void **state) {
    (void)state;
    static const uint8_t head[] = {MAGIC_LOW, MAGIC_HIGH, MODE_LISTS, HEIGHT};
    memset(file, 0, sizeof file);
    memcpy(file, head, sizeof head);
    file_length = LISTS;
    for (uint32_t glyph = 0; glyph < FONT_COUNT; glyph++) {
        file[HEAD_SIZE + glyph * HEIGHT] = (uint8_t)glyph;
        file[HEAD_SIZE + glyph * HEIGHT + HEIGHT - 1] = (uint8_t)~glyph;
        if (glyph < 0x80)
            list_put(glyph);
        else if (glyph == GLYPH_OF_SHARP_S)
            list_put(SHARP_S);
        list_put(SEQUENCE);
        list_put('a');
        list_put(LIST_END);
    }
    return 0;
}

// Opens a copy of exactly the file's length, so that a read after its end is seen.
static const char *open_copy(size_t length) {
    static uint8_t *copy;
    free(copy);
    copy = malloc(length ? length : 1);
    memcpy(copy, file, length);
    const char *wrong = font_open(&font, copy, length);
    return wrong ? wrong : "";
}

static void test_a_font_has_its_glyphs_by_character(void **state) {
    (void)state;
    assert_string_equal(open_copy(file_length), "");
    assert_int_equal(font.height, HEIGHT);
    assert_int_equal(font.glyphs['a'][0], 'a');
    assert_int_equal(font.glyphs['?'][0], '?');
    assert_int_equal(font.glyphs[SHARP_S_CP437][0], GLYPH_OF_SHARP_S);
    assert_int_equal(font.glyphs[0xb0][0], '?'); // it has none
}

static void test_of_two_glyphs_the_first_counts(void **state) {
    (void)state;
    file_length -= 6; // the last glyph shows an `a` of its own
    list_put('a');
    list_put(LIST_END);
    assert_string_equal(open_copy(file_length), "");
    assert_int_equal(font.glyphs['a'][0], 'a');
}

static void test_a_damaged_font_is_refused(void **state) {
    (void)state;
    for (size_t length = 0; length < file_length; length++)
        assert_string_equal(open_copy(length), "it is cut off");
    static const struct {
        size_t offset;
        uint8_t value;
        const char *wrong;
    } damages[] = {{0, 0x72, "it is none in the PC Screen Font's version 1"},
                   {1, 0x05, "it is none in the PC Screen Font's version 1"},
                   {2, 0, "it does not say which characters it has"},
                   {2, MODE_LISTS | MODE_512, "it is cut off"},
                   {3, 0, "its glyphs have not 8 to 32 rows"},
                   {3, 255, "its glyphs have not 8 to 32 rows"},
                   {LISTS + 'x' * 8u, 'y', "it lacks a character of ASCII"}};
    for (size_t number = 0; number < sizeof damages / sizeof *damages; number++) {
        font_make(NULL);
        file[damages[number].offset] = damages[number].value;
        assert_string_equal(open_copy(file_length), damages[number].wrong);
    }
}

// ---- A screen ----

#define MARK 0xeeu // what bytes have that nobody has written

static struct terminal terminal;
static struct picture picture;
static struct info_framebuffer screen;
static uint8_t *pixels;

static size_t screen_size(void) {
    return (size_t)screen.pitch * screen.height;
}

static const struct info_framebuffer plain = {.pitch = 640 * 4,
                                              .width = 640,
                                              .height = 200,
                                              .bits = 32,
                                              .kind = FRAMEBUFFER_COLOUR,
                                              .colours = {{16, 8}, {8, 8}, {0, 8}}};

// The picture on a fresh screen: NULL or what is wrong with that.
static const char *screen_open(const struct info_framebuffer *wanted) {
    screen = *wanted;
    free(pixels);
    pixels = malloc(screen_size());
    memset(pixels, MARK, screen_size());
    font_make(NULL);
    open_copy(file_length);
    terminal_initialize(&terminal);
    return picture_initialize(&picture, &screen, pixels, &font);
}

static void show(const char *text) {
    terminal_write(&terminal, (const uint8_t *)text, strlen(text));
    picture_update(&picture, &terminal);
}

static uint32_t pixel_at(uint32_t x, uint32_t y) {
    uint32_t pixel = 0;
    memcpy(&pixel, pixels + (size_t)y * screen.pitch + x * ((screen.bits + 7u) / 8), (screen.bits + 7u) / 8);
    return pixel;
}

static void test_a_glyph_stands_in_its_cell(void **state) {
    (void)state;
    assert_null(screen_open(&plain));
    show("\x1b[2;3HA"); // 0x41
    for (uint32_t column = 0; column < 8; column++) {
        assert_int_equal(pixel_at(16 + column, 8), column == 1 || column == 7 ? 0xaaaaaa : 0);
        assert_int_equal(pixel_at(16 + column, 15), column == 1 || column == 7 ? 0 : 0xaaaaaa);
        assert_int_equal(pixel_at(16 + column, 9), 0);
    }
}

static void test_colours_have_the_pixels_of_the_screen(void **state) {
    (void)state;
    static const struct {
        uint8_t bits, colours[3][2];
        uint32_t red, brown, bright_blue;
    } cases[] = {{32, {{16, 8}, {8, 8}, {0, 8}}, 0xaa0000, 0xaa5500, 0x5555ff},
                 {24, {{0, 8}, {8, 8}, {16, 8}}, 0x0000aa, 0x0055aa, 0xff5555},
                 {16, {{11, 5}, {5, 6}, {0, 5}}, 0xa800, 0xaaa0, 0x52bf},
                 {15, {{10, 5}, {5, 5}, {0, 5}}, 0x5400, 0x5540, 0x295f},
                 {32, {{20, 10}, {10, 10}, {0, 10}}, 0x2a800000, 0x2a855000, 0x154553fc}};
    for (size_t number = 0; number < sizeof cases / sizeof *cases; number++) {
        struct info_framebuffer wanted = plain;
        wanted.bits = cases[number].bits;
        memcpy(wanted.colours, cases[number].colours, sizeof wanted.colours);
        assert_null(screen_open(&wanted));
        show("\x1b[41m \x1b[43m \x1b[0;1;34m\x7e"); // glyph 0x7e has ink in its second column
        assert_int_equal(pixel_at(0, 1), cases[number].red);
        assert_int_equal(pixel_at(8, 1), cases[number].brown);
        assert_int_equal(pixel_at(17, 0), cases[number].bright_blue);
    }
}

static void test_the_picture_is_as_large_as_fits_and_in_the_middle(void **state) {
    (void)state;
    struct info_framebuffer wanted = plain;
    wanted.width = 2 * 640 + 10;
    wanted.height = 2 * 200 + 30;
    wanted.pitch = wanted.width * 4 + 12;
    assert_null(screen_open(&wanted));
    show("A");
    assert_int_equal(pixel_at(5 + 2, 15), 0xaaaaaa);
    assert_int_equal(pixel_at(5 + 3, 16), 0xaaaaaa);
    assert_int_equal(pixel_at(5 + 4, 15), 0);
    assert_int_equal(pixel_at(4, 14), 0);
    assert_int_equal(pixel_at(wanted.width - 1, wanted.height - 1), 0);
    for (uint32_t row = 0; row < wanted.height; row++) // what lies after a row's end is not the picture's
        assert_int_equal(pixels[(size_t)row * wanted.pitch + wanted.width * 4], MARK);
}

static void test_the_cursor_is_two_rows_near_the_foot(void **state) {
    (void)state;
    assert_null(screen_open(&plain));
    show("A");
    for (uint32_t column = 0; column < 8; column++) {
        assert_int_equal(pixel_at(8 + column, 5), 0xaaaaaa);
        assert_int_equal(pixel_at(8 + column, 6), 0xaaaaaa);
        assert_int_equal(pixel_at(column, 5), 0);
    }
    show("B\b"); // what comes under it is drawn with it
    assert_int_equal(pixel_at(8 + 6, 0), 0xaaaaaa);
    assert_int_equal(pixel_at(8, 5), 0xaaaaaa);
    show("\x1b[H");
    assert_int_equal(pixel_at(8, 5), 0);
    assert_int_equal(pixel_at(0, 5), 0xaaaaaa);
    show("B");
    assert_int_equal(pixel_at(0, 5), 0);
    show("\x1b[?25l");
    assert_int_equal(pixel_at(8, 5), 0);
}

static void test_only_what_has_changed_is_drawn(void **state) {
    (void)state;
    assert_null(screen_open(&plain));
    show("abc\x1b[?25l");
    memset(pixels, MARK, screen_size());
    show("\rabd");
    for (size_t index = 0; index < screen_size(); index++) {
        size_t column = index % screen.pitch / 4 / 8, row = index / screen.pitch / HEIGHT;
        if (column != 2 || row != 0)
            assert_int_equal(pixels[index], MARK);
    }
    assert_int_equal(pixel_at(2 * 8 + 1, 0), 0xaaaaaa);
}

static void test_a_view_that_moves_is_drawn_whole(void **state) {
    (void)state;
    assert_null(screen_open(&plain));
    show("A");
    for (unsigned line = 0; line < TERMINAL_ROWS; line++)
        show("\r\nB");
    assert_int_equal(pixel_at(6, 0), 0xaaaaaa); // 0x42
    assert_int_equal(pixel_at(6, 8 * 24), 0xaaaaaa);
    terminal_scroll_view(&terminal, 1);
    picture_update(&picture, &terminal);
    assert_int_equal(pixel_at(6, 0), 0);
    assert_int_equal(pixel_at(7, 0), 0xaaaaaa); // 0x41
}

static void test_screens_that_can_t_show_it_are_refused(void **state) {
    (void)state;
    struct info_framebuffer wanted = plain;
    wanted.width = 639;
    assert_string_equal(screen_open(&wanted), "it is too small for 80 x 25 characters");
    wanted = plain;
    wanted.height = 199;
    assert_string_equal(screen_open(&wanted), "it is too small for 80 x 25 characters");
    wanted = plain;
    wanted.pitch = 640 * 4 - 1;
    assert_string_equal(screen_open(&wanted), "its rows overlap");
    wanted = plain;
    wanted.kind = FRAMEBUFFER_INDEXED;
    assert_string_equal(screen_open(&wanted), "its pixels are no colours of 2 to 4 bytes");
    wanted = plain;
    wanted.bits = 8;
    assert_string_equal(screen_open(&wanted), "its pixels are no colours of 2 to 4 bytes");
    wanted = plain;
    wanted.colours[1][0] = 25;
    assert_string_equal(screen_open(&wanted), "its pixels are no colours of 2 to 4 bytes");
    assert_int_equal(pixels[0], MARK);
}

#define FONT_TEST(name) cmocka_unit_test_setup(name, font_make)

int main(void) {
    const struct CMUnitTest tests[] = {
        FONT_TEST(test_a_font_has_its_glyphs_by_character),
        FONT_TEST(test_of_two_glyphs_the_first_counts),
        FONT_TEST(test_a_damaged_font_is_refused),
        cmocka_unit_test(test_a_glyph_stands_in_its_cell),
        cmocka_unit_test(test_colours_have_the_pixels_of_the_screen),
        cmocka_unit_test(test_the_picture_is_as_large_as_fits_and_in_the_middle),
        cmocka_unit_test(test_the_cursor_is_two_rows_near_the_foot),
        cmocka_unit_test(test_only_what_has_changed_is_drawn),
        cmocka_unit_test(test_a_view_that_moves_is_drawn_whole),
        cmocka_unit_test(test_screens_that_can_t_show_it_are_refused),
    };
    int failures = scene_run(tests);
    free(pixels);
    return failures;
}
