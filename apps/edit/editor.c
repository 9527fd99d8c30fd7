// SPDX-License-Identifier: MIT
// The screen's last row but one is the status line, the last one is for messages and questions; all above show the
// text.
//
// Invariants, between two keys: 1. cursor <= text_length. 2. `top` is the position of a line's beginning. 3. The
// cursor's line is one of those shown from `top` on, and its column one of those from `left` on.
#include "editor.h"

#include "document.h"
#include "error.h"
#include "row.h"
#include "screen.h"
#include "terminal_input.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX 63u
#define MESSAGE_MAX 256u
#define DELETE_LEFT_KEY 0x7f
#define BAR_ROWS 2u // below the text

static struct {
    struct text *text;
    const char *path;
    size_t cursor, wanted; // the column that moves up and down try to keep
    size_t top, left;
    unsigned columns, rows; // that show the text
    bool is_changed, is_over;
    bool keeps_column; // the key was a move up or down
    char message[MESSAGE_MAX];
    char needle[ANSWER_MAX + 1];
    char *cut; // lines that were cut, and their length
    size_t cut_length;
    bool was_cut; // by the key before: the next line goes with them
} editor;

// ---- Showing ----

static size_t cursor_column(void) {
    return row_column(editor.text, text_line_begin(editor.text, editor.cursor), editor.cursor);
}

// Where the line above begins, so many lines up at most.
static size_t lines_up(size_t begin, size_t count) {
    while (count-- && begin)
        begin = text_line_begin(editor.text, begin - 1);
    return begin;
}

// The rows between the top and the line at `begin`; more than fit count as one more.
static unsigned row_of(size_t begin) {
    unsigned row = 0;
    size_t at = editor.top;
    for (; at < begin && row < editor.rows; row++)
        at = text_line_end(editor.text, at) + 1;
    return row;
}

static void view_follow(void) {
    size_t begin = text_line_begin(editor.text, editor.cursor), column = cursor_column();
    size_t length = text_length(editor.text);
    editor.top = text_line_begin(editor.text, editor.top < length ? editor.top : length);
    if (begin < editor.top)
        editor.top = begin;
    else if (row_of(begin) >= editor.rows)
        editor.top = lines_up(begin, editor.rows - 1);
    if (column < editor.left || column >= editor.left + editor.columns)
        editor.left = column < editor.columns ? 0 : column - editor.columns / 2;
}

static void status_show(void) {
    char status[SCREEN_ROW_SIZE];
    int width = (int)editor.columns;
    size_t lines = text_line_number(editor.text, text_length(editor.text));
    int length = snprintf(status, sizeof status, " %.40s%s  line %zu of %zu, column %zu", editor.path,
                          editor.is_changed ? " (changed)" : "", text_line_number(editor.text, editor.cursor), lines,
                          cursor_column() + 1);
    if (length < width)
        snprintf(status + length, sizeof status - (size_t)length, "   ^S save  ^Q quit  ^F find  ^G line");
    status[width - 1] = 0;
    screen_row(editor.rows, status, true);
}

// The last row: as much of a text as it has room for, its end if that is where something is typed.
static void bar_show(const char *text, bool is_typed) {
    char row[SCREEN_ROW_SIZE];
    size_t length = strlen(text), most = editor.columns - 1;
    size_t skipped = is_typed && length > most ? length - most : 0;
    snprintf(row, sizeof row, "%.*s", (int)most, text + skipped);
    screen_row(editor.rows + 1, row, false);
    if (is_typed)
        screen_cursor(editor.rows + 1, (unsigned)(length - skipped));
}

static void show(void) {
    char row[SCREEN_ROW_SIZE];
    size_t length = text_length(editor.text);
    view_follow();
    size_t index = editor.top;
    bool has_line = true;
    for (unsigned number = 0; number < editor.rows; number++) {
        if (has_line)
            row_text(editor.text, index, editor.left, editor.columns, row);
        screen_row(number, has_line ? row : "~", false);
        size_t end = has_line ? text_line_end(editor.text, index) : length;
        has_line = has_line && end < length;
        index = end + 1;
    }
    status_show();
    bar_show(editor.message, false);
    screen_cursor(row_of(text_line_begin(editor.text, editor.cursor)), (unsigned)(cursor_column() - editor.left));
    screen_flush();
}

static void size_learn(void) {
    unsigned rows;
    keys_size(&editor.columns, &rows);
    editor.rows = rows - BAR_ROWS;
    screen_forget();
}

static void message_set(const char *what, long error) {
    snprintf(editor.message, sizeof editor.message, "%.60s: %s (%s)", what, error_sentence(error), error_name(error));
}

// ---- Questions ----

// Shows a question in the last row, and takes a line. False: Escape or Ctrl-C.
static bool ask(const char *question, char *answer) {
    char row[MESSAGE_MAX];
    size_t length = strlen(answer);
    for (;;) {
        snprintf(row, sizeof row, "%s%.*s", question, (int)length, answer);
        bar_show(row, true);
        screen_flush();
        int key = key_read();
        if (key == '\r' || key == '\n')
            break;
        if (key == KEY_ESCAPE || key == CONTROL_KEY('C') || key == KEY_END_OF_INPUT)
            return false;
        if ((key == DELETE_LEFT_KEY || key == CONTROL_KEY('H')) && length)
            length--;
        else if (key >= ' ' && key < KEY_NONE && key != DELETE_LEFT_KEY && length < ANSWER_MAX)
            answer[length++] = (char)key;
    }
    answer[length] = 0;
    return true;
}

static void find(void) {
    char needle[ANSWER_MAX + 1] = "", question[MESSAGE_MAX] = "Find: ";
    if (editor.needle[0])
        snprintf(question, sizeof question, "Find [%s]: ", editor.needle);
    if (!ask(question, needle))
        return;
    if (needle[0])
        strcpy(editor.needle, needle);
    if (!editor.needle[0])
        return;
    size_t found = text_find(editor.text, text_right(editor.text, editor.cursor), editor.needle, strlen(editor.needle));
    if (found == TEXT_NOWHERE)
        snprintf(editor.message, sizeof editor.message, "not found: %s", editor.needle);
    else
        editor.cursor = found;
}

static void line_go(void) {
    char answer[ANSWER_MAX + 1] = "", *end;
    if (!ask("Line: ", answer))
        return;
    unsigned long number = strtoul(answer, &end, 10);
    if (number && !*end && isdigit((unsigned char)answer[0]))
        editor.cursor = text_line_start(editor.text, number);
    else
        snprintf(editor.message, sizeof editor.message, "%s: not a line's number", answer[0] ? answer : "''");
}

static bool save(void) {
    long error = document_write(editor.path, editor.text);
    if (error) {
        message_set(editor.path, error);
        screen_bell();
        return false;
    }
    editor.is_changed = false;
    snprintf(editor.message, sizeof editor.message, "saved %zu bytes", text_length(editor.text));
    return true;
}

static void quit(void) {
    char answer[ANSWER_MAX + 1] = "";
    if (!editor.is_changed) {
        editor.is_over = true;
        return;
    }
    if (!ask("The text was changed. Save it? [y]es, [n]o, or go on: ", answer))
        return;
    if (answer[0] == 'y' || answer[0] == 'Y')
        editor.is_over = save();
    else
        editor.is_over = answer[0] == 'n' || answer[0] == 'N';
}

// ---- Changes ----

static void insert(const char *bytes, size_t count) {
    if (!text_insert(editor.text, editor.cursor, bytes, count)) {
        snprintf(editor.message, sizeof editor.message, "no room: a text has at most 4 MiB");
        screen_bell();
        return;
    }
    editor.cursor += count;
    editor.is_changed = true;
}

static void delete_range(size_t from, size_t to) {
    editor.is_changed = editor.is_changed || from != to;
    text_delete(editor.text, from, to);
    editor.cursor = from;
}

static void delete_left(void) {
    delete_range(text_left(editor.text, editor.cursor), editor.cursor);
}

static void delete_here(void) {
    delete_range(editor.cursor, text_right(editor.text, editor.cursor));
}

// The line goes to what Ctrl-U puts back; with those cut just before.
static void line_cut(void) {
    size_t begin = text_line_begin(editor.text, editor.cursor), end = text_line_end(editor.text, editor.cursor);
    end += end < text_length(editor.text);
    size_t kept = editor.was_cut ? editor.cut_length : 0;
    char *cut = realloc(editor.cut, kept + end - begin + 1);
    if (!cut) {
        snprintf(editor.message, sizeof editor.message, "no memory to keep the line: it stays");
        return;
    }
    for (size_t index = begin; index < end; index++)
        cut[kept + index - begin] = text_at(editor.text, index);
    editor.cut = cut;
    editor.cut_length = kept + end - begin;
    delete_range(begin, end);
    editor.was_cut = true;
}

static void cut_put(void) {
    if (editor.cut_length)
        insert(editor.cut, editor.cut_length);
}

// ---- Moves ----

// The line at `begin` gets the cursor, in the column that it had.
static void line_enter(size_t begin) {
    editor.cursor = row_start(editor.text, begin, editor.wanted);
    editor.keeps_column = true;
}

static void lines_move(long lines) {
    size_t begin = text_line_begin(editor.text, editor.cursor), length = text_length(editor.text);
    if (lines < 0)
        begin = lines_up(begin, (size_t)-lines);
    for (size_t end; lines > 0 && (end = text_line_end(editor.text, begin)) < length; lines--)
        begin = end + 1;
    line_enter(begin);
}

static bool is_word(size_t index) {
    char byte = text_at(editor.text, index);
    return isalnum((unsigned char)byte) || byte == '_' || (unsigned char)byte >= 0x80;
}

static void word_left(void) {
    while (editor.cursor && !is_word(editor.cursor - 1))
        editor.cursor--;
    while (editor.cursor && is_word(editor.cursor - 1))
        editor.cursor--;
}

static void word_right(void) {
    size_t length = text_length(editor.text);
    while (editor.cursor < length && !is_word(editor.cursor))
        editor.cursor++;
    while (editor.cursor < length && is_word(editor.cursor))
        editor.cursor++;
}

// ---- Keys ----

static void move_key(int key) {
    long page = (long)editor.rows - 1;
    switch (key) {
    case KEY_UP:
    case KEY_DOWN:
        lines_move(key == KEY_UP ? -1 : 1);
        break;
    case KEY_PAGE_UP:
    case KEY_PAGE_DOWN:
        lines_move(key == KEY_PAGE_UP ? -page : page);
        break;
    case KEY_LEFT:
        editor.cursor = text_left(editor.text, editor.cursor);
        break;
    case KEY_RIGHT:
        editor.cursor = text_right(editor.text, editor.cursor);
        break;
    case KEY_HOME:
        editor.cursor = text_line_begin(editor.text, editor.cursor);
        break;
    case KEY_END:
        editor.cursor = text_line_end(editor.text, editor.cursor);
        break;
    case KEY_TOP:
        editor.cursor = 0;
        break;
    case KEY_BOTTOM:
        editor.cursor = text_length(editor.text);
        break;
    case KEY_WORD_LEFT:
        word_left();
        break;
    case KEY_WORD_RIGHT:
        word_right();
        break;
    case KEY_DELETE:
        delete_here();
        break;
    default:
        break;
    }
}

static void home(void) {
    move_key(KEY_HOME);
}

static void end(void) {
    move_key(KEY_END);
}

static void save_key(void) {
    save();
}

static void key_do(int key) {
    static void (*const controls[' '])(void) = {
        [CONTROL_KEY('A')] = home,     [CONTROL_KEY('E')] = end,        [CONTROL_KEY('D')] = delete_here,
        [CONTROL_KEY('F')] = find,     [CONTROL_KEY('G')] = line_go,    [CONTROL_KEY('H')] = delete_left,
        [CONTROL_KEY('K')] = line_cut, [CONTROL_KEY('L')] = size_learn, [CONTROL_KEY('Q')] = quit,
        [CONTROL_KEY('S')] = save_key, [CONTROL_KEY('U')] = cut_put};
    bool cuts = key == CONTROL_KEY('K') && editor.was_cut;
    editor.was_cut = cuts;
    editor.keeps_column = false;
    char byte = key == '\r' ? '\n' : (char)key;
    if (key == KEY_END_OF_INPUT)
        editor.is_over = true;
    else if (key > KEY_NONE)
        move_key(key);
    else if (key == DELETE_LEFT_KEY)
        delete_left();
    else if (byte == '\n' || byte == '\t' || (key >= ' ' && key < KEY_NONE))
        insert(&byte, 1);
    else if (key < ' ' && controls[key])
        controls[key]();
    if (!editor.keeps_column)
        editor.wanted = cursor_column();
}

void editor_run(const char *path, struct text *text, const char *message) {
    editor.path = path;
    editor.text = text;
    snprintf(editor.message, sizeof editor.message, "%s", message);
    screen_begin();
    size_learn();
    while (!editor.is_over) {
        if (!key_waits())
            show();
        int key = key_read();
        editor.message[0] = 0;
        key_do(key);
    }
    screen_end();
    free(editor.cut);
}
