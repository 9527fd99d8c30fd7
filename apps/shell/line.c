// SPDX-License-Identifier: MIT The screen shows the line as the buffer has it, and its cursor stands where the buffer's
// does. What a terminal is asked for is no more than backspace and blanks, so that it may be any.
#include "line.h"

#include "history.h"
#include "input.h"
#include "output.h"
#include "split.h"

#include <stdbool.h>
#include <string.h>

#define ESCAPE 0x1b
#define DELETE_KEY 0x7f

static struct {
    char bytes[LINE_LENGTH_MAX + 1];
    char draft[LINE_LENGTH_MAX + 1]; // what was typed before walking through the history
    size_t length, cursor;
    unsigned age;           // of the line of the history that is shown, 0: none
    bool ended_with_return; // so a line feed that follows belongs to that end
} line;

// ---- The screen ----

static void repeat(char byte, size_t count) {
    while (count--)
        say_bytes(&byte, 1);
}

static void cursor_left(size_t count) {
    repeat('\b', count);
    line.cursor -= count;
}

static void cursor_right(size_t count) {
    say_bytes(line.bytes + line.cursor, count);
    line.cursor += count;
}

// Shows what stands from the cursor on, and blanks for what stood behind; then goes back to the cursor.
static void show_rest(size_t blanks) {
    size_t rest = line.length - line.cursor;
    say_bytes(line.bytes + line.cursor, rest);
    repeat(' ', blanks);
    repeat('\b', rest + blanks);
}

// ---- Editing ----

static void insert(char byte) {
    if (line.length == LINE_LENGTH_MAX) {
        say("\a");
        return;
    }
    memmove(line.bytes + line.cursor + 1, line.bytes + line.cursor, line.length - line.cursor);
    line.bytes[line.cursor] = byte;
    line.length++;
    cursor_right(1);
    show_rest(0);
}

// Deletes so many bytes at the cursor.
static void delete (size_t count) {
    line.length -= count;
    memmove(line.bytes + line.cursor, line.bytes + line.cursor + count, line.length - line.cursor);
    show_rest(count);
}

static void delete_left(void) {
    if (!line.cursor)
        return;
    cursor_left(1);
    delete (1);
}

static void delete_here(void) {
    if (line.cursor < line.length)
        delete (1);
}

static void clear(void) {
    cursor_left(line.cursor);
    delete (line.length);
}

static void show_instead(const char *text) {
    clear();
    line.length = strlen(text);
    memcpy(line.bytes, text, line.length);
    cursor_right(line.length);
}

static void history_up(void) {
    const char *older = history_line(line.age + 1);
    if (!older)
        return;
    if (line.age == 0) {
        line.bytes[line.length] = 0;
        strcpy(line.draft, line.bytes);
    }
    line.age++;
    show_instead(older);
}

static void history_down(void) {
    if (line.age)
        show_instead(--line.age ? history_line(line.age) : line.draft);
}

// ---- Keys ----

static void key_left(void) {
    if (line.cursor)
        cursor_left(1);
}

static void key_right(void) {
    if (line.cursor < line.length)
        cursor_right(1);
}

static void key_home(void) {
    cursor_left(line.cursor);
}

static void key_end(void) {
    cursor_right(line.length - line.cursor);
}

static void delete_rest(void) {
    delete (line.length - line.cursor);
}

typedef void key_function(void);

static key_function *const control_keys[' '] = {[CONTROL_KEY('A')] = key_home,    [CONTROL_KEY('B')] = key_left,
                                                [CONTROL_KEY('D')] = delete_here, [CONTROL_KEY('E')] = key_end,
                                                [CONTROL_KEY('F')] = key_right,   [CONTROL_KEY('H')] = delete_left,
                                                [CONTROL_KEY('K')] = delete_rest, [CONTROL_KEY('N')] = history_down,
                                                [CONTROL_KEY('P')] = history_up,  [CONTROL_KEY('U')] = clear};

// A byte of an escape sequence, or 0 where a control key breaks it off; that key then counts for itself.
static int sequence_byte(void) {
    int byte = input_byte();
    if (byte >= ' ')
        return byte;
    if (byte >= 0)
        input_unread();
    return 0;
}

// The rest of what an arrow or another special key sends (ECMA-48, 5.4): ESC [ digits letter, or ESC O letter.
static void escape_sequence(void) {
    int byte = sequence_byte();
    if (byte != '[' && byte != 'O')
        return;
    int number = 0;
    while ((byte = sequence_byte()) && (byte < '@' || byte > '~'))
        number = byte >= '0' && byte <= '9' ? (number * 10 + byte - '0') % 100 : 0;
    static key_function *const letters[] = {['A'] = history_up, ['B'] = history_down, ['C'] = key_right,
                                            ['D'] = key_left,   ['F'] = key_end,      ['H'] = key_home};
    static key_function *const numbers[] = {
        [1] = key_home, [3] = delete_here, [4] = key_end, [7] = key_home, [8] = key_end};
    key_function *key = NULL;
    if (byte == '~' && number < (int)(sizeof numbers / sizeof *numbers))
        key = numbers[number];
    else if (byte < (int)(sizeof letters / sizeof *letters))
        key = letters[byte];
    if (key)
        key();
}

static void key(int byte) {
    if (byte == ESCAPE)
        escape_sequence();
    else if (byte == DELETE_KEY)
        delete_left();
    else if (byte >= ' ')
        insert((char)byte);
    else if (control_keys[byte])
        control_keys[byte]();
}

// Whether the byte ends the line.
static bool is_end(int byte) {
    bool belongs_to_last = byte == '\n' && line.ended_with_return;
    line.ended_with_return = byte == '\r';
    return byte == '\r' || (byte == '\n' && !belongs_to_last);
}

const char *line_read(const char *prompt) {
    say("%s", prompt);
    line.length = line.cursor = 0;
    line.age = 0;
    for (;;) {
        int byte = input_byte();
        if (byte < 0)
            return NULL;
        bool drops = byte == CONTROL_KEY('C');
        if (is_end(byte) || drops) {
            say(drops ? "^C\n" : "\n");
            output_flush(); // the command may wait long, and others write to the same screen
            line.bytes[drops ? 0 : line.length] = 0;
            history_add(line.bytes);
            return line.bytes;
        }
        key(byte);
    }
}
