// SPDX-License-Identifier: MIT
#include "symbols.h"

#include <string.h>

// A row of the table, without its end.
struct row {
    const char *text, *end;
};

static bool row_next(const char **link, const char *end, struct row *row) {
    const char *newline = *link < end ? memchr(*link, '\n', (size_t)(end - *link)) : NULL;
    if (!newline)
        return false;
    *row = (struct row){*link, newline};
    *link = newline + 1;
    return true;
}

static int digit_value(char character) {
    if (character >= '0' && character <= '9')
        return character - '0';
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

// Takes a number and the blank that may follow it off the row.
static uint64_t number_take(struct row *row, unsigned base) {
    uint64_t number = 0;
    for (int value; row->text < row->end && (value = digit_value(*row->text)) >= 0; row->text++)
        number = number * base + (uint64_t)value;
    if (row->text < row->end)
        row->text++;
    return number;
}

static void text_keep(char *to, const struct row *row) {
    size_t length = (size_t)(row->end - row->text);
    if (length > SYMBOL_NAME_MAX)
        length = SYMBOL_NAME_MAX;
    memcpy(to, row->text, length);
    to[length] = 0;
}

#define ROW_MARK 2 // bytes of "= ", "- " and "@ "

bool symbols_find(const struct table *table, uint64_t address, struct symbol *symbol) {
    const char *cursor = table->text, *end = cursor + table->length;
    struct row row, file = {"", ""};
    uint64_t at = 0;
    bool is_found = false;
    *symbol = (struct symbol){.line = 0};
    while (row_next(&cursor, end, &row)) {
        bool has_frame = *row.text == '=', is_function = has_frame || *row.text == '-', is_file = *row.text == '@';
        if (is_function || is_file)
            row.text += ROW_MARK;
        if (is_file) {
            file = row;
            continue;
        }
        at += number_take(&row, 16);
        if (at > address)
            break;
        if (is_function) {
            text_keep(symbol->function, &row);
            symbol->start = at;
            symbol->has_frame = has_frame;
            is_found = true;
        } else {
            symbol->line = (uint32_t)number_take(&row, 10);
            text_keep(symbol->file, &file);
        }
    }
    if (symbol->line == 0)
        symbol->file[0] = 0;
    return is_found && at > address;
}

struct table symbols_table(const char *tables, size_t length, const char *program) {
    const char *cursor = tables, *end = tables + length, *text = NULL;
    size_t name_length = strlen(program);
    struct row row;
    while (row_next(&cursor, end, &row)) {
        if (*row.text != '#')
            continue;
        if (text)
            return (struct table){text, (size_t)(row.text - text)};
        row.text += row.end - row.text < ROW_MARK ? row.end - row.text : ROW_MARK;
        if ((size_t)(row.end - row.text) == name_length && memcmp(row.text, program, name_length) == 0)
            text = cursor;
    }
    return text ? (struct table){text, (size_t)(end - text)} : (struct table){"", 0};
}
