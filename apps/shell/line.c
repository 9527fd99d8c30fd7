// SPDX-License-Identifier: MIT
// Keys: each has a function that changes the buffer; then the screen shows the change.
#include "line.h"

#include "completion.h"
#include "failure.h"
#include "history.h"
#include "input.h"
#include "line_buffer.h"
#include "line_screen.h"
#include "line_search.h"
#include "output.h"
#include "window.h"

#include <stdint.h>
#include <string.h>

#define ESCAPE 0x1b
#define DELETE_KEY 0x7f

static struct line_buffer buffer = {.changed = SIZE_MAX};

static struct {
    char draft[LINE_BYTES_MAX + 1];  // what was typed before walking through the history
    char killed[LINE_BYTES_MAX + 1]; // what Ctrl-U, Ctrl-K or Ctrl-W took out last
    unsigned age;                    // of the line of the history that is shown, 0: none
    bool ended_with_return;          // so a line feed that follows belongs to that end
    bool is_second_tab;              // the key before was Tab too
    bool was_dropped;                // the last one, by Ctrl-C or because it was too long
} line;

// ---- Editing ----

static void insert(char byte) {
    if (!buffer_insert(&buffer, &byte, 1))
        say("\a");
}

static void kill(size_t from, size_t to) {
    memcpy(line.killed, buffer.bytes + from, to - from);
    line.killed[to - from] = 0;
    buffer_delete(&buffer, from, to);
}

static void show_instead(const char *text) {
    buffer_set(&buffer, text);
}

static void history_up(void) {
    const char *older = history_line(line.age + 1);
    if (!older)
        return;
    if (line.age == 0) {
        buffer.bytes[buffer.length] = 0;
        strcpy(line.draft, buffer.bytes);
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
    buffer.cursor = buffer_left(&buffer);
}

static void key_right(void) {
    buffer.cursor = buffer_right(&buffer);
}

static void key_home(void) {
    buffer.cursor = 0;
}

static void key_end(void) {
    buffer.cursor = buffer.length;
}

static void word_left(void) {
    buffer.cursor = buffer_word_left(&buffer);
}

static void word_right(void) {
    buffer.cursor = buffer_word_right(&buffer);
}

static void delete_left(void) {
    buffer_delete(&buffer, buffer_left(&buffer), buffer.cursor);
}

static void delete_here(void) {
    buffer_delete(&buffer, buffer.cursor, buffer_right(&buffer));
}

static void delete_all(void) {
    kill(0, buffer.length);
}

static void delete_rest(void) {
    kill(buffer.cursor, buffer.length);
}

static void delete_word(void) {
    kill(buffer_gap_left(&buffer), buffer.cursor);
}

static void delete_word_left(void) {
    kill(buffer_word_left(&buffer), buffer.cursor);
}

static void delete_word_right(void) {
    kill(buffer.cursor, buffer_word_right(&buffer));
}

static void put_back(void) {
    if (!buffer_insert(&buffer, line.killed, strlen(line.killed)))
        say("\a");
}

static void transpose(void) {
    buffer_transpose(&buffer);
}

static void clear_screen(void) {
    struct tty_size size = window_ask();
    screen_resize(size.columns, size.rows);
    screen_clear(&buffer);
}

static void complete(void) {
    completion_do(&buffer, line.is_second_tab);
    line.is_second_tab = true;
}

static void search(void) {
    line_search(&buffer);
}

typedef void key_function(void);

static key_function *const control_keys[' '] = {
    [CONTROL_KEY('A')] = key_home,     [CONTROL_KEY('B')] = key_left,    [CONTROL_KEY('D')] = delete_here,
    [CONTROL_KEY('E')] = key_end,      [CONTROL_KEY('F')] = key_right,   [CONTROL_KEY('H')] = delete_left,
    [CONTROL_KEY('I')] = complete,     [CONTROL_KEY('K')] = delete_rest, [CONTROL_KEY('L')] = clear_screen,
    [CONTROL_KEY('N')] = history_down, [CONTROL_KEY('P')] = history_up,  [CONTROL_KEY('R')] = search,
    [CONTROL_KEY('T')] = transpose,    [CONTROL_KEY('U')] = delete_all,  [CONTROL_KEY('W')] = delete_word,
    [CONTROL_KEY('Y')] = put_back};

// A byte of an escape sequence, or 0 where a control key breaks it off; that key then counts for itself.
static int sequence_byte(void) {
    int byte = input_byte();
    if (byte >= ' ')
        return byte;
    if (byte >= 0)
        input_unread();
    return 0;
}

// The rest of what an arrow or another special key sends (ECMA-48, 5.4): digits, parted by semicolons, and a letter.
// A second number is of the keys that are held: 3 Alt, 5 Ctrl.
static key_function *special_key(void) {
    static key_function *const letters[] = {['A'] = history_up, ['B'] = history_down, ['C'] = key_right,
                                            ['D'] = key_left,   ['F'] = key_end,      ['H'] = key_home};
    static key_function *const numbers[] = {
        [1] = key_home, [3] = delete_here, [4] = key_end, [7] = key_home, [8] = key_end};
    int byte, number = 0, first = 0;
    bool is_held = false;
    while ((byte = sequence_byte()) && (byte < '@' || byte > '~')) {
        first = is_held ? first : number;
        is_held = is_held || byte == ';';
        number = byte >= '0' && byte <= '9' ? (number * 10 + byte - '0') % 100 : 0;
    }
    if (is_held && (byte == 'C' || byte == 'D'))
        return byte == 'C' ? word_right : word_left;
    number = is_held ? first : number;
    if (byte == '~')
        return number < (int)(sizeof numbers / sizeof *numbers) ? numbers[number] : NULL;
    return byte < (int)(sizeof letters / sizeof *letters) ? letters[byte] : NULL;
}

// ESC [ or ESC O begins a special key; any other byte after ESC is that key with Alt.
static void escape_sequence(void) {
    key_function *key = NULL;
    int byte = sequence_byte();
    if (byte == '[' || byte == 'O')
        key = special_key();
    else if (byte == 'b' || byte == 'B')
        key = word_left;
    else if (byte == 'f' || byte == 'F')
        key = word_right;
    else if (byte == 'd' || byte == 'D')
        key = delete_word_right;
    else if (byte == DELETE_KEY)
        key = delete_word_left;
    if (key)
        key();
}

// Moving over the end of a row needs the size of the screen; typing a line does not, and asking takes its time.
#define SIZE_MATTERS 40u // bytes of the line

static void size_learn(void) {
    if (buffer.length < SIZE_MATTERS)
        return;
    struct tty_size size = window_ask_once();
    screen_resize(size.columns, size.rows);
}

static void key(int byte) {
    if (byte < ' ' || byte == DELETE_KEY || buffer.cursor < buffer.length)
        size_learn();
    bool was_tab = byte == CONTROL_KEY('I') && line.is_second_tab;
    line.is_second_tab = was_tab;
    if (byte == ESCAPE)
        escape_sequence();
    else if (byte == DELETE_KEY)
        delete_left();
    else if (byte >= ' ')
        insert((char)byte);
    else if (control_keys[byte])
        control_keys[byte]();
}

// ---- The line ----

// Whether the byte ends the line.
static bool is_end(int byte) {
    bool belongs_to_last = byte == '\n' && line.ended_with_return;
    line.ended_with_return = byte == '\r';
    return byte == '\r' || (byte == '\n' && !belongs_to_last);
}

// A line that was cut is not run.
static const char *line_end(bool drops) {
    screen_end(&buffer, drops ? "^C" : "");
    output_flush(); // the command may wait long, and others write to the same screen
    if (buffer.is_cut && !drops)
        fail_usage("the line", "too long: its end found no room");
    line.was_dropped = drops || buffer.is_cut;
    buffer.bytes[line.was_dropped ? 0 : buffer.length] = 0;
    history_add(buffer.bytes);
    return buffer.bytes;
}

const char *line_read(const char *prompt) {
    struct tty_size size = window_size();
    buffer_set(&buffer, "");
    buffer.changed = SIZE_MAX;
    line.age = 0;
    screen_begin(prompt, size.columns, size.rows);
    for (;;) {
        int byte = input_byte();
        if (byte < 0)
            return NULL;
        bool drops = byte == CONTROL_KEY('C');
        if (is_end(byte) || drops)
            return line_end(drops);
        key(byte);
        screen_show(&buffer);
    }
}

bool line_was_dropped(void) {
    return line.was_dropped;
}
