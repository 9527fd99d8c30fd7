// SPDX-License-Identifier: MIT
// Invariants: 1. length < TTY_LINE_MAX between two bytes. 2. Outside line mode the line is empty.
#include "discipline.h"

#define CONTROL_KEY(letter) ((letter) - '@')
#define DELETE_KEY 0x7fu
#define BELL '\a'
#define TAB_WIDTH 8u
#define UTF8_TAIL_MAX 3u // bytes after the first one of a character

static const char erase_column[] = "\b \b";

static bool is_set(const struct discipline *discipline, uint32_t flag) {
    return discipline->flags & flag;
}

// ---- What the screen shows of a byte ----

// Whether the byte goes on with a character of UTF-8.
static bool is_tail(uint8_t byte) {
    return (byte & 0xc0u) == 0x80u;
}

static bool is_control(uint8_t byte) {
    return byte < ' ' || byte == DELETE_KEY;
}

// Columns of a byte that is shown in column `column`, counted from the line's first. A character counts with its first
// byte, as one column.
static size_t width_of(uint8_t byte, size_t column) {
    if (byte == '\t')
        return TAB_WIDTH - column % TAB_WIDTH;
    if (is_control(byte))
        return 2;
    return is_tail(byte) ? 0 : 1;
}

static size_t columns_of(const struct discipline *discipline, size_t length) {
    size_t columns = 0;
    for (size_t index = 0; index < length; index++)
        columns += width_of(discipline->line[index], columns);
    return columns;
}

static void echo(const struct discipline *discipline, const struct discipline_host *host, const void *bytes,
                 size_t length) {
    if (is_set(discipline, TTY_ECHO))
        host->echo(bytes, length);
}

// A tab is shown as blanks, and a control character as ^ and a letter, so that erasing knows their columns.
static void echo_byte(const struct discipline *discipline, const struct discipline_host *host, uint8_t byte,
                      size_t column) {
    static const uint8_t blanks[TAB_WIDTH] = "        ";
    const uint8_t control[] = {'^', (uint8_t)(byte ^ 0x40u)};
    if (byte == '\t')
        echo(discipline, host, blanks, width_of(byte, column));
    else if (is_control(byte))
        echo(discipline, host, control, sizeof control);
    else
        echo(discipline, host, &byte, 1);
}

static void echo_newline(const struct discipline *discipline, const struct discipline_host *host) {
    bool is_expanded = is_set(discipline, TTY_NEWLINES);
    echo(discipline, host, is_expanded ? "\r\n" : "\n", is_expanded ? 2 : 1);
}

// ---- Editing ----

static void give_line(struct discipline *discipline, const struct discipline_host *host) {
    size_t length = discipline->length;
    discipline->length = 0;
    host->give(discipline->line, length);
}

static void add(struct discipline *discipline, const struct discipline_host *host, uint8_t byte) {
    discipline->line[discipline->length++] = byte;
    if (discipline->length == TTY_LINE_MAX)
        give_line(discipline, host);
}

static void insert(struct discipline *discipline, const struct discipline_host *host, uint8_t byte) {
    size_t column = byte == '\t' ? columns_of(discipline, discipline->length) : 0;
    echo_byte(discipline, host, byte, column);
    add(discipline, host, byte);
}

static void erase_to(struct discipline *discipline, const struct discipline_host *host, size_t length) {
    size_t columns = columns_of(discipline, discipline->length) - columns_of(discipline, length);
    while (columns--)
        echo(discipline, host, erase_column, sizeof erase_column - 1);
    discipline->length = length;
}

// Where the last of the characters before `end` begins. A tail without a first byte counts for itself.
static size_t character_start(const struct discipline *discipline, size_t end) {
    size_t start = end - 1;
    while (start > 0 && end - start <= UTF8_TAIL_MAX && is_tail(discipline->line[start]))
        start--;
    return is_tail(discipline->line[start]) ? end - 1 : start;
}

static void erase_character(struct discipline *discipline, const struct discipline_host *host) {
    if (discipline->length)
        erase_to(discipline, host, character_start(discipline, discipline->length));
}

static bool is_blank(uint8_t byte) {
    return byte == ' ' || byte == '\t';
}

static void erase_word(struct discipline *discipline, const struct discipline_host *host) {
    size_t length = discipline->length;
    while (length && is_blank(discipline->line[length - 1]))
        length--;
    while (length && !is_blank(discipline->line[length - 1]))
        length--;
    erase_to(discipline, host, length);
}

static void end_line(struct discipline *discipline, const struct discipline_host *host) {
    echo_newline(discipline, host);
    discipline->line[discipline->length++] = '\n';
    give_line(discipline, host);
}

static void edit(struct discipline *discipline, const struct discipline_host *host, uint8_t byte) {
    switch (byte) {
    case '\r':
    case '\n':
        end_line(discipline, host);
        break;
    case '\b':
    case DELETE_KEY:
        erase_character(discipline, host);
        break;
    case CONTROL_KEY('W'):
        erase_word(discipline, host);
        break;
    case CONTROL_KEY('U'):
        erase_to(discipline, host, 0);
        break;
    case CONTROL_KEY('D'):
        give_line(discipline, host);
        break;
    default:
        insert(discipline, host, byte);
    }
}

// ---- Signals ----

static enum tty_signal signal_of(const struct discipline *discipline, uint8_t byte) {
    if (!is_set(discipline, TTY_SIGNALS))
        return 0;
    switch (byte) {
    case CONTROL_KEY('C'):
        return TTY_INTERRUPT;
    case CONTROL_KEY('\\'):
        return TTY_QUIT;
    case CONTROL_KEY('Z'):
        return TTY_SUSPEND;
    default:
        return 0;
    }
}

static bool is_stop(const struct discipline *discipline, uint8_t byte) {
    return is_set(discipline, TTY_LINES) && is_set(discipline, TTY_SIGNALS) &&
           (byte == CONTROL_KEY('S') || byte == CONTROL_KEY('Q'));
}

bool discipline_signals(const struct discipline *discipline, uint8_t byte) {
    return signal_of(discipline, byte) || is_stop(discipline, byte);
}

// The screen says it first: who is signalled may write to it.
static void signal_take(struct discipline *discipline, const struct discipline_host *host, uint8_t byte) {
    host->stop(false);
    echo_byte(discipline, host, byte, 0);
    discipline->length = 0;
    host->signal(signal_of(discipline, byte));
}

// ---- The whole ----

void discipline_take(struct discipline *discipline, const struct discipline_host *host, uint8_t byte) {
    if (signal_of(discipline, byte)) {
        signal_take(discipline, host, byte);
    } else if (is_stop(discipline, byte)) {
        host->stop(byte == CONTROL_KEY('S'));
    } else if (is_set(discipline, TTY_LINES)) {
        edit(discipline, host, byte);
    } else {
        echo(discipline, host, &byte, 1);
        host->give(&byte, 1);
    }
}

void discipline_set_mode(struct discipline *discipline, const struct discipline_host *host, uint32_t flags) {
    if (discipline->length && !(flags & TTY_LINES))
        give_line(discipline, host);
    if (!(flags & TTY_LINES) || !(flags & TTY_SIGNALS))
        host->stop(false);
    discipline->flags = flags;
}

void discipline_refuse(const struct discipline_host *host) {
    static const uint8_t bell = BELL;
    host->echo(&bell, 1);
}
