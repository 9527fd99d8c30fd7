// SPDX-License-Identifier: MIT
// A key is its scan code without the bit of its release, and KEY_EXTENDED for one of the further keys. It is a
// modifier, a special key, one that is the same in each layout (the pad's digits need no lock: the arrows have keys of
// their own), or one of a character. Ctrl-Alt-F1 and Ctrl-Alt-F2 choose the layout, as with DOS's KEYB.
#include "layout.h"

#include <string.h>

#define PREFIX_EXTENDED 0xe0u
#define CODE_RELEASED 0x80u
#define KEY_EXTENDED 0x80u

#define ESCAPE 0x1bu
#define DELETE 0x7fu

// ---- Modifiers ----

#define HELD_LEFT_SHIFT 0x01u
#define HELD_RIGHT_SHIFT 0x02u
#define HELD_LEFT_CONTROL 0x04u
#define HELD_RIGHT_CONTROL 0x08u
#define HELD_LEFT_ALT 0x10u
#define HELD_RIGHT_ALT 0x20u
#define HELD_CAPS 0x40u
#define HELD_SHIFT (HELD_LEFT_SHIFT | HELD_RIGHT_SHIFT)
#define HELD_CONTROL (HELD_LEFT_CONTROL | HELD_RIGHT_CONTROL)

static const uint8_t modifiers[256] = {
    [0x2a] = HELD_LEFT_SHIFT,   [0x36] = HELD_RIGHT_SHIFT,
    [0x1d] = HELD_LEFT_CONTROL, [0x1d | KEY_EXTENDED] = HELD_RIGHT_CONTROL,
    [0x38] = HELD_LEFT_ALT,     [0x38 | KEY_EXTENDED] = HELD_RIGHT_ALT,
    [0x3a] = HELD_CAPS,
};

// A lock changes when its key goes down, not when the key repeats.
static void modifier_take(struct keyboard *keyboard, uint32_t modifier, bool is_released) {
    if (modifier == HELD_CAPS && !is_released && !(keyboard->held & HELD_CAPS))
        keyboard->caps_is_on = !keyboard->caps_is_on;
    keyboard->held = is_released ? keyboard->held & ~modifier : keyboard->held | modifier;
}

// ---- Layouts ----

// The keys of characters lie in rows of codes without a gap.
static const struct { uint8_t first, count; } rows[] = {{0x02, 12}, {0x10, 12}, {0x1e, 12}, {0x2b, 11}, {0x56, 1}};
#define ROWS (sizeof rows / sizeof *rows)

// Plain, with Shift, with the right Alt key. A blank: the key has no character there.
enum level { LEVEL_PLAIN, LEVEL_SHIFT, LEVEL_THIRD, LEVELS };

struct layout_table {
    const char *name;
    bool has_third;
    const uint16_t *characters[LEVELS][ROWS];
};

// German as in DIN 2137-1, T1, with the accents as keys that do not wait for a letter.
static const struct layout_table layouts[LAYOUTS] = {
    [LAYOUT_US] = {.name = "us",
                   .characters = {{u"1234567890-=", u"qwertyuiop[]", u"asdfghjkl;'`", u"\\zxcvbnm,./", u"\\"},
                                  {u"!@#$%^&*()_+", u"QWERTYUIOP{}", u"ASDFGHJKL:\"~", u"|ZXCVBNM<>?", u"|"}}},
    [LAYOUT_GERMAN] = {
        .name = "german",
        .has_third = true,
        .characters = {
            {u"1234567890\u00df\u00b4", u"qwertzuiop\u00fc+", u"asdfghjkl\u00f6\u00e4^", u"#yxcvbnm,.-", u"<"},
            {u"!\"\u00a7$%&/()=?`", u"QWERTZUIOP\u00dc*", u"ASDFGHJKL\u00d6\u00c4\u00b0", u"'YXCVBNM;:_", u">"},
            {u" \u00b2\u00b3   {[]}\\ ", u"@ \u20ac        ~", u"            ", u"       \u00b5   ", u"|"}}}};

bool layout_find(const char *name, enum layout *layout) {
    for (uint32_t number = 0; number < LAYOUTS; number++)
        if (strcmp(layouts[number].name, name) == 0) {
            *layout = (enum layout)number;
            return true;
        }
    return false;
}

static uint32_t character_at(const struct layout_table *table, enum level level, uint32_t key) {
    for (uint32_t row = 0; row < ROWS; row++)
        if (key >= rows[row].first && key < (uint32_t)rows[row].first + rows[row].count)
            return table->characters[level][row][key - rows[row].first];
    return ' ';
}

// Whether Caps Lock changes it: a letter that has a capital one.
static bool is_letter(uint32_t character) {
    return (character >= 'a' && character <= 'z') || (character >= 0xe0 && character <= 0xfe);
}

// The character of a key as the modifiers stand, or a blank.
static uint32_t character_of(const struct keyboard *keyboard, uint32_t key) {
    const struct layout_table *table = &layouts[keyboard->layout];
    if (table->has_third && keyboard->held & HELD_RIGHT_ALT)
        return character_at(table, LEVEL_THIRD, key);
    bool is_capital = keyboard->caps_is_on && is_letter(character_at(table, LEVEL_PLAIN, key));
    bool is_shifted = keyboard->held & HELD_SHIFT;
    return character_at(table, is_shifted != is_capital ? LEVEL_SHIFT : LEVEL_PLAIN, key);
}

// ---- Bytes ----

static void add(struct key_result *result, uint32_t byte) {
    result->bytes[result->length++] = (uint8_t)byte;
}

// UTF-8 (RFC 3629) of a character below 0x10000.
static void add_character(struct key_result *result, uint32_t character) {
    if (character < 0x80) {
        add(result, character);
        return;
    }
    if (character < 0x800) {
        add(result, 0xc0 | character >> 6);
    } else {
        add(result, 0xe0 | character >> 12);
        add(result, 0x80 | (character >> 6 & 0x3f));
    }
    add(result, 0x80 | (character & 0x3f));
}

// What Ctrl makes of a character: the control byte of its row in ASCII's table; for `/` and `?` as xterm does.
static uint32_t with_control(uint32_t character) {
    if (character >= '@' && character <= '~')
        return character & 0x1f;
    if (character == ' ')
        return 0;
    if (character == '/')
        return 0x1f;
    return character == '?' ? DELETE : character;
}

static bool is_alt(const struct keyboard *keyboard) {
    uint32_t alt = layouts[keyboard->layout].has_third ? HELD_LEFT_ALT : HELD_LEFT_ALT | HELD_RIGHT_ALT;
    return keyboard->held & alt;
}

static void add_key(const struct keyboard *keyboard, struct key_result *result, uint32_t character) {
    if (is_alt(keyboard))
        add(result, ESCAPE);
    add_character(result, keyboard->held & HELD_CONTROL ? with_control(character) : character);
}

// ---- Special keys ----

// A key that sends ESC [ number ~, or ESC [ letter (ESC O letter where it is a function key's).
struct special {
    uint8_t number;
    char final;
};

static const struct special specials[256] = {
    [0x3b] = {1, 'P'}, // F1
    [0x3c] = {1, 'Q'},
    [0x3d] = {1, 'R'},
    [0x3e] = {1, 'S'},
    [0x3f] = {15, '~'}, // F5
    [0x40] = {17, '~'},
    [0x41] = {18, '~'},
    [0x42] = {19, '~'},
    [0x43] = {20, '~'},
    [0x44] = {21, '~'}, // F10
    [0x57] = {23, '~'},
    [0x58] = {24, '~'},               // F12
    [0x47 | KEY_EXTENDED] = {1, 'H'}, // Home
    [0x48 | KEY_EXTENDED] = {1, 'A'}, // up
    [0x49 | KEY_EXTENDED] = {5, '~'}, // Page Up
    [0x4b | KEY_EXTENDED] = {1, 'D'}, // left
    [0x4d | KEY_EXTENDED] = {1, 'C'}, // right
    [0x4f | KEY_EXTENDED] = {1, 'F'}, // End
    [0x50 | KEY_EXTENDED] = {1, 'B'}, // down
    [0x51 | KEY_EXTENDED] = {6, '~'}, // Page Down
    [0x52 | KEY_EXTENDED] = {2, '~'}, // Insert
    [0x53 | KEY_EXTENDED] = {3, '~'}, // Delete
};

static void add_number(struct key_result *result, uint32_t number) {
    if (number >= 10)
        add(result, '0' + number / 10);
    add(result, '0' + number % 10);
}

// The modifiers as xterm tells them: 1, and 1 for Shift, 2 for Alt, 4 for Ctrl.
static uint32_t modifier_number(const struct keyboard *keyboard) {
    return 1u + (keyboard->held & HELD_SHIFT ? 1u : 0u) + (is_alt(keyboard) ? 2u : 0u) +
           (keyboard->held & HELD_CONTROL ? 4u : 0u);
}

static void add_special(const struct keyboard *keyboard, struct key_result *result, const struct special *special) {
    uint32_t modifier = modifier_number(keyboard);
    bool is_function = special->final >= 'P' && special->final <= 'S';
    add(result, ESCAPE);
    add(result, is_function && modifier == 1 ? 'O' : '[');
    if (special->final == '~' || modifier > 1)
        add_number(result, special->number);
    if (modifier > 1) {
        add(result, ';');
        add_number(result, modifier);
    }
    add(result, (uint8_t)special->final);
}

static void add_back_tab(struct key_result *result) {
    add(result, ESCAPE);
    add(result, '[');
    add(result, 'Z');
}

// ---- Keys ----

#define KEY_ESCAPE 0x01u
#define KEY_BACKSPACE 0x0eu
#define KEY_TAB 0x0fu
#define KEY_ENTER 0x1cu
#define KEY_SPACE 0x39u
#define KEY_F1 0x3bu
#define KEY_PAGE_UP (0x49u | KEY_EXTENDED)
#define KEY_PAGE_DOWN (0x51u | KEY_EXTENDED)

// Keys whose character is the same in each layout.
static const char fixed[256] = {
    [KEY_ESCAPE] = ESCAPE,
    [KEY_TAB] = '\t',
    [KEY_ENTER] = '\r',
    [KEY_ENTER | KEY_EXTENDED] = '\r',
    [0x35 | KEY_EXTENDED] = '/',
    [0x37] = '*',
    [0x4a] = '-',
    [0x4e] = '+',
    [0x47] = '7',
    [0x48] = '8',
    [0x49] = '9',
    [0x4b] = '4',
    [0x4c] = '5',
    [0x4d] = '6',
    [0x4f] = '1',
    [0x50] = '2',
    [0x51] = '3',
    [0x52] = '0',
    [0x53] = '.',
};

// Keys that say something to the keyboard itself or to the screen. Whether it is one.
static bool command_take(struct keyboard *keyboard, uint32_t key, struct key_result *result) {
    bool is_shifted = keyboard->held & HELD_SHIFT;
    if (is_shifted && (key == KEY_PAGE_UP || key == KEY_PAGE_DOWN)) {
        result->view = key == KEY_PAGE_UP ? '+' : '-';
        return true;
    }
    bool chooses = keyboard->held & HELD_CONTROL && keyboard->held & HELD_LEFT_ALT;
    if (!chooses || key < KEY_F1 || key >= KEY_F1 + LAYOUTS)
        return false;
    keyboard->layout = (enum layout)(key - KEY_F1);
    return true;
}

static void key_take(const struct keyboard *keyboard, uint32_t key, struct key_result *result) {
    if (key == KEY_TAB && keyboard->held & HELD_SHIFT) {
        add_back_tab(result);
    } else if (specials[key].final) {
        add_special(keyboard, result, &specials[key]);
    } else if (key == KEY_BACKSPACE) {
        add_key(keyboard, result, keyboard->held & HELD_CONTROL ? '\b' : DELETE);
    } else if (fixed[key]) {
        add_key(keyboard, result, (uint8_t)fixed[key]);
    } else {
        uint32_t character = character_of(keyboard, key);
        if (character != ' ' || key == KEY_SPACE)
            add_key(keyboard, result, character);
    }
}

struct key_result keyboard_take(struct keyboard *keyboard, uint8_t code) {
    struct key_result result = {0};
    if (code == PREFIX_EXTENDED) {
        keyboard->is_extended = true;
        return result;
    }
    bool is_released = code & CODE_RELEASED;
    uint32_t key = (code & ~CODE_RELEASED) | (keyboard->is_extended ? KEY_EXTENDED : 0);
    keyboard->is_extended = false;
    if (modifiers[key])
        modifier_take(keyboard, modifiers[key], is_released);
    else if (!is_released && !command_take(keyboard, key, &result))
        key_take(keyboard, key, &result);
    return result;
}
