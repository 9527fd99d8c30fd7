// SPDX-License-Identifier: MIT
// `less`: a text a screen at a time. In a pipeline the text comes from there, and the keys from the terminal.
#include "buffer.h"
#include "failure.h"
#include "input.h"
#include "output.h"
#include "pager.h"
#include "pattern.h"
#include "source.h"
#include "streams.h"
#include "terminal.h"
#include "tool_commands.h"
#include "window.h"

#include <stdio.h>
#include <string.h>

#define ESCAPE 0x1b
#define DELETE_KEY 0x7f

enum special_key { KEY_UP = 0x100, KEY_DOWN, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END, KEY_OTHER };

// ---- Keys ----

// A byte, or a special key (ECMA-48, 5.4).
static int key_read(void) {
    static const struct {
        char number, end;
        enum special_key key;
    } specials[] = {{0, 'A', KEY_UP},      {0, 'B', KEY_DOWN},      {0, 'H', KEY_HOME}, {0, 'F', KEY_END},
                    {5, '~', KEY_PAGE_UP}, {6, '~', KEY_PAGE_DOWN}, {1, '~', KEY_HOME}, {4, '~', KEY_END},
                    {7, '~', KEY_HOME},    {8, '~', KEY_END}};
    int byte = input_key(), number = 0;
    if (byte != ESCAPE)
        return byte;
    byte = input_key();
    if (byte != '[' && byte != 'O')
        return KEY_OTHER;
    while ((byte = input_key()) >= '0' && byte <= '9')
        number = (number * 10 + byte - '0') % 100;
    for (size_t index = 0; index < sizeof specials / sizeof *specials; index++)
        if (specials[index].number == number && specials[index].end == byte)
            return (int)specials[index].key;
    return KEY_OTHER;
}

// ---- Searching ----

#define SOUGHT_MAX 80u

static struct {
    struct pattern pattern;
    bool is_given;
} sought;

static bool row_matches(const char *row, size_t length, const void *work) {
    return pattern_occurs(work, row, length);
}

// What is typed up to Return, shown in the last row. False: it was given up.
static bool text_read(char *text, unsigned columns) {
    size_t length = 0, shown = 0;
    say("\r\x1b[K/");
    for (int byte; (byte = key_read()) >= 0 && byte != '\r' && byte != '\n';) {
        if (byte == CONTROL_KEY('C') || byte == CONTROL_KEY('G') || (byte == DELETE_KEY && !length))
            return false;
        if (byte == DELETE_KEY || byte == CONTROL_KEY('H'))
            length -= length > 0;
        else if (byte >= ' ' && byte < KEY_UP && length < SOUGHT_MAX)
            text[length++] = (char)byte;
        shown = length < columns - 2 ? length : columns - 2;
        say("\r\x1b[K/");
        say_bytes(text + length - shown, shown);
    }
    text[length] = 0;
    return true;
}

static void search(struct pager *pager, bool is_upwards) {
    if (!sought.is_given || !pager_search(pager, is_upwards, row_matches, &sought.pattern))
        say("\a");
}

static void search_begin(struct pager *pager) {
    char text[SOUGHT_MAX + 1];
    if (!text_read(text, pager->columns))
        return;
    if (*text)
        sought.is_given = !pattern_parse(text, false, &sought.pattern);
    search(pager, false);
}

// ---- The screen ----

#define STATUS_MAX 96u

// A row is erased before it is written: after a full one the cursor stands on its last glyph still.
static void screen_show(const struct pager *pager) {
    char row[PAGER_ROW_MAX], status[STATUS_MAX];
    say("\x1b[H");
    for (unsigned line = 0; line < pager->height; line++) {
        size_t number = pager->top + line;
        say("\x1b[K");
        if (number < pager->count)
            say_bytes(row, pager_row(pager, number, row));
        say(number < pager->count ? "\n" : "~\n");
    }
    size_t seen = pager->top + pager->height;
    seen = seen < pager->count ? seen : pager->count;
    snprintf(status, sizeof status, "%zu of %zu%s; q ends, / searches", seen, pager->count,
             pager_is_at_end(pager) ? ", the end" : "");
    say("\x1b[7m%.*s\x1b[m\x1b[K", (int)pager->columns - 1, status);
}

// What a key does. False: it ends the pager.
static bool key_do(struct pager *pager, int key) {
    static const struct {
        int key;
        long pages, rows;
    } moves[] = {{' ', 1, 0},           {'f', 1, 0},
                 {KEY_PAGE_DOWN, 1, 0}, {CONTROL_KEY('F'), 1, 0},
                 {'b', -1, 0},          {KEY_PAGE_UP, -1, 0},
                 {'j', 0, 1},           {KEY_DOWN, 0, 1},
                 {'\r', 0, 1},          {'\n', 0, 1},
                 {'k', 0, -1},          {'y', 0, -1},
                 {KEY_UP, 0, -1},       {CONTROL_KEY('B'), -1, 0}};
    if (key < 0 || key == 'q' || key == 'Q' || key == CONTROL_KEY('C'))
        return false;
    for (size_t index = 0; index < sizeof moves / sizeof *moves; index++)
        if (moves[index].key == key)
            pager_move(pager, moves[index].pages * (long)pager->height + moves[index].rows);
    if (key == 'g' || key == '<' || key == KEY_HOME)
        pager->top = 0;
    else if (key == 'G' || key == '>' || key == KEY_END)
        pager_move(pager, (long)pager->count);
    else if (key == '/')
        search_begin(pager);
    else if (key == 'n' || key == 'N')
        search(pager, key == 'N');
    return true;
}

static void screen_run(struct pager *pager) {
    say("\x1b[?1049h\x1b[2J"); // the other screen, if the terminal has one
    do
        screen_show(pager);
    while (key_do(pager, key_read()));
    say("\x1b[?1049l");
}

// ---- The command ----

static int collect_source(struct source *source, const struct options *options, void *work) {
    const char *bytes;
    (void)options;
    for (long length; !source->error && (length = source_chunk(source, &bytes)) > 0;)
        if (!buffer_add(work, bytes, (size_t)length))
            source->error = -PIPE_EFBIG; // what there is is shown
    return 0;
}

// A text that fits the screen is just printed, as is one for which there are no keys, or no screen.
static void text_show(const struct buffer *text) {
    struct tty_size size = {0};
    struct pager pager = {0};
    bool has_screen = stream_of(1)->type == STREAM_QUEUE && terminal_name(stream_of(1)->handle, "output");
    bool has_keys = has_screen && input_keys_begin(TTY_MODE_RAW);
    if (has_keys) {
        size = window_ask();
        if (!pager_begin(&pager, text->bytes, text->length, size.columns, size.rows - 1))
            fail("the text", -PIPE_ENOMEM);
    }
    if (!has_keys || pager.count <= pager.height)
        say_bytes(text->bytes, text->length);
    else
        screen_run(&pager);
    pager_end(&pager);
    input_keys_end();
}

int pager_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, WORDS_MAX, "FILE", false};
    struct options options;
    struct buffer text = {0};
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    int status = sources_visit(&options, 0, collect_source, &text);
    if (status != STATUS_INTERRUPTED && text.length)
        text_show(&text);
    buffer_free(&text);
    return status;
}
