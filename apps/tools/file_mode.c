// SPDX-License-Identifier: MIT
#include "file_mode.h"

#include "protocol/stream.h"

#include <string.h>

#define ALL_EXECUTE 0111u

static char type_letter(uint32_t mode) {
    switch (mode & MODE_TYPE) {
    case MODE_DIRECTORY:
        return 'd';
    case MODE_LINK:
        return 'l';
    case MODE_TERMINAL:
        return 'c';
    default:
        return '-';
    }
}

// The letter of an execute bit, beside which another one may stand.
static char execute_letter(uint32_t mode, uint32_t bit, uint32_t special, char both) {
    bool is_set = mode & bit;
    if (mode & special)
        return is_set ? both : (char)(both - 'a' + 'A');
    return is_set ? 'x' : '-';
}

const char *mode_text(uint32_t mode, char *text) {
    static const char letters[] = "rwxrwxrwx";
    text[0] = type_letter(mode);
    for (unsigned index = 0; index < 9; index++)
        text[1 + index] = mode >> (8 - index) & 1 ? letters[index] : '-';
    text[3] = execute_letter(mode, 0100, MODE_SET_OWNER, 's');
    text[6] = execute_letter(mode, 0010, MODE_SET_GROUP, 's');
    text[9] = execute_letter(mode, 0001, MODE_STICKY, 't');
    text[10] = 0;
    return text;
}

static bool octal_parse(const char *text, uint32_t *mode) {
    *mode = 0;
    for (; *text >= '0' && *text <= '7' && *mode <= MODE_PERMISSIONS; text++)
        *mode = *mode * 8 + (uint32_t)(*text - '0');
    return !*text && *mode <= MODE_PERMISSIONS;
}

// The bits that a class's letters stand for: 'u', 'g' and 'o', each with its special bit.
static uint32_t class_bits(char letter) {
    return letter == 'u' ? 0700 | MODE_SET_OWNER : letter == 'g' ? 0070 | MODE_SET_GROUP : letter == 'o' ? 0007 : 0;
}

// The bits of a permission's letter, of all classes.
static uint32_t permission_bits(char letter, uint32_t before) {
    switch (letter) {
    case 'r':
        return 0444;
    case 'w':
        return 0222;
    case 'x':
        return ALL_EXECUTE;
    case 'X':
        return (before & MODE_TYPE) == MODE_DIRECTORY || before & ALL_EXECUTE ? ALL_EXECUTE : 0;
    case 's':
        return MODE_SET_OWNER | MODE_SET_GROUP;
    case 't':
        return MODE_STICKY;
    default:
        return 0;
    }
}

// One clause, up to a comma or the end; *text goes after it.
static bool clause_apply(const char **text, uint32_t *mode) {
    uint32_t classes = 0;
    size_t count = strspn(*text, "ugoa");
    for (size_t index = 0; index < count; index++)
        classes |= (*text)[index] == 'a' ? MODE_PERMISSIONS : class_bits((*text)[index]);
    if (!count)
        classes = MODE_PERMISSIONS;
    *text += count;
    char operation = **text;
    if (!operation || !strchr("+-=", operation))
        return false;
    uint32_t bits = 0;
    for (++*text; **text && strchr("rwxXst", **text); ++*text)
        bits |= permission_bits(**text, *mode);
    bits &= classes | MODE_STICKY;
    if (operation == '=')
        *mode &= ~(classes & 0777);
    *mode = operation == '-' ? *mode & ~bits : *mode | bits;
    return true;
}

bool mode_parse(const char *text, uint32_t before, uint32_t *mode) {
    if (*text >= '0' && *text <= '7')
        return octal_parse(text, mode);
    *mode = before;
    while (clause_apply(&text, mode))
        if (!*text) {
            *mode &= MODE_PERMISSIONS;
            return true;
        } else if (*text++ != ',')
            return false;
    return false;
}
