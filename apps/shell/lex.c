// SPDX-License-Identifier: MIT
#include "lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DESCRIPTOR_MAX 2
#define RETRIES_MAX 200u // of one command: each reads all that is nested in it twice

void problem_set(struct parser *parser, unsigned line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(parser->problem, sizeof parser->problem, format, arguments);
    va_end(arguments);
    parser->problem_line = line;
}

static bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

static bool is_name_byte(char byte) {
    return byte == '_' || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(byte);
}

size_t name_length(const char *text, size_t length) {
    size_t end = 0;
    while (end < length && is_name_byte(text[end]) && (end || !is_digit(text[end])))
        end++;
    return end;
}

size_t parameter_length(const char *text, size_t length) {
    size_t name = name_length(text, length), digits = 0;
    while (digits < length && is_digit(text[digits]))
        digits++;
    if (name || digits)
        return name ? name : digits;
    return length && *text && strchr("?$!#@*", *text) ? 1 : 0;
}

// ---- Bytes ----

void line_join(struct parser *parser, size_t position) {
    memmove(parser->text + position, parser->text + position + 2, parser->length - position - 1);
    parser->length -= 2;
    parser->line++;
    for (unsigned index = 0; index < parser->replacement_count; index++) {
        struct replacement *replacement = &parser->replacements[index];
        replacement->start -= replacement->start > position ? 2 : 0;
        replacement->end -= replacement->end > position ? 2 : 0;
    }
}

// The byte at an offset from the cursor, once the lines that are joined there are; 0: the end.
static char at(struct parser *parser, size_t offset) {
    size_t position = parser->cursor + offset;
    while (!parser->is_borrowed && position + 1 < parser->length && parser->text[position] == '\\' &&
           parser->text[position + 1] == '\n')
        line_join(parser, position);
    return position < parser->length ? parser->text[position] : 0;
}

static void pass(struct parser *parser, size_t count) {
    for (; count && parser->cursor < parser->length; count--)
        parser->line += parser->text[parser->cursor++] == '\n';
}

// ---- Quoted and substituted parts ----

static bool begins_part(struct parser *parser, enum quoting quoting) {
    switch (at(parser, 0)) {
    case '\\':
    case '`':
        return true;
    case '"':
        return quoting != QUOTING_DOCUMENT;
    case '\'':
        return quoting == QUOTING_NONE;
    case '$':
        return at(parser, 1) == '(' || at(parser, 1) == '{';
    default:
        return false;
    }
}

static enum parse_result unclosed(struct parser *parser, unsigned line, const char *what) {
    problem_set(parser, line, "%s is not closed", what);
    return PARSE_INCOMPLETE;
}

// Goes on until after a byte that no part holds.
static enum parse_result closing_skip(struct parser *parser, char closing, enum quoting quoting, const char *what) {
    unsigned line = parser->line;
    char byte;
    while ((byte = at(parser, 0)) != closing && byte) {
        enum parse_result result = PARSE_DONE;
        if (begins_part(parser, quoting))
            result = part_skip(parser, quoting);
        else
            pass(parser, 1);
        if (result != PARSE_DONE)
            return result;
    }
    pass(parser, 1);
    return byte ? PARSE_DONE : unclosed(parser, line, what);
}

static enum parse_result single_quotes_skip(struct parser *parser) {
    const char *first = parser->text + parser->cursor + 1;
    const char *end = memchr(first, '\'', parser->length - parser->cursor - 1);
    if (!end)
        return unclosed(parser, parser->line, "a single quote");
    pass(parser, (size_t)(end - first) + 2);
    return PARSE_DONE;
}

// The commands within are read once their backslashes have gone: nothing is joined here.
static enum parse_result backquotes_skip(struct parser *parser) {
    unsigned line = parser->line;
    size_t end = parser->cursor + 1;
    while (end < parser->length && parser->text[end] != '`')
        end += parser->text[end] == '\\' ? 2 : 1;
    if (end >= parser->length)
        return unclosed(parser, line, "a backquote");
    pass(parser, end + 1 - parser->cursor);
    return PARSE_DONE;
}

// A pattern has quotes of its own, whatever surrounds the braces.
static enum parse_result braces_skip(struct parser *parser, enum quoting quoting) {
    pass(parser, 2);
    size_t name = 0;
    while (is_name_byte(at(parser, name)))
        name++;
    pass(parser, name ? name : at(parser, 0) && strchr("?$!#@*", at(parser, 0)));
    if (at(parser, 0) == '#' || at(parser, 0) == '%')
        quoting = QUOTING_NONE;
    return closing_skip(parser, '}', quoting == QUOTING_NONE ? quoting : QUOTING_DOUBLE, "${");
}

// PARSE_END: the two parentheses do not belong together, so these are commands.
static enum parse_result arithmetic_skip(struct parser *parser) {
    unsigned line = parser->line;
    char byte;
    pass(parser, 3);
    for (unsigned open = 2; (byte = at(parser, 0));) {
        enum parse_result result = PARSE_DONE;
        if (begins_part(parser, QUOTING_DOCUMENT))
            result = part_skip(parser, QUOTING_DOCUMENT);
        else
            pass(parser, 1);
        if (result != PARSE_DONE)
            return result;
        open = byte == '(' ? open + 1 : byte == ')' ? open - 1 : open;
        if (byte != ')' || open > 1)
            continue;
        result = at(parser, 0) == ')' ? PARSE_DONE : PARSE_END;
        pass(parser, 1);
        return result;
    }
    return unclosed(parser, line, "$((");
}

static enum parse_result substitution_skip(struct parser *parser) {
    size_t start = parser->cursor;
    unsigned line = parser->line;
    bool is_arithmetic = at(parser, 2) == '(';
    enum parse_result result = is_arithmetic ? arithmetic_skip(parser) : PARSE_END;
    if (is_arithmetic && result == PARSE_END && ++parser->retry_count > RETRIES_MAX) {
        problem_set(parser, line, "too many $(( that are not arithmetic");
        return PARSE_WRONG;
    }
    if (result == PARSE_END) {
        is_arithmetic = false;
        parser->cursor = start;
        parser->line = line;
        pass(parser, 2);
        result = parser->commands_skip(parser);
    }
    parser->is_arithmetic = is_arithmetic;
    return result;
}

static enum parse_result part_type_skip(struct parser *parser, enum quoting quoting) {
    switch (at(parser, 0)) {
    case '\\':
        pass(parser, 2);
        return PARSE_DONE;
    case '\'':
        return single_quotes_skip(parser);
    case '`':
        return backquotes_skip(parser);
    case '"':
        pass(parser, 1);
        return closing_skip(parser, '"', QUOTING_DOUBLE, "a double quote");
    default:
        return at(parser, 1) == '{' ? braces_skip(parser, quoting) : substitution_skip(parser);
    }
}

enum parse_result part_skip(struct parser *parser, enum quoting quoting) {
    if (parser->depth >= SYNTAX_DEPTH_MAX) {
        problem_set(parser, parser->line, "too deeply nested");
        return PARSE_WRONG;
    }
    parser->depth++;
    enum parse_result result = part_type_skip(parser, quoting);
    parser->depth--;
    return result;
}

// ---- Tokens ----

static bool is_end_of_word(char byte) {
    return !byte || strchr(" \t\n;&|<>()", byte);
}

// Over blanks and comments.
static void gap_skip(struct parser *parser) {
    for (;; parser->cursor++) {
        char byte = at(parser, 0);
        if (byte == '#')
            parser->cursor += strcspn(parser->text + parser->cursor, "\n") - 1;
        else if (byte != ' ' && byte != '\t')
            return;
    }
}

static void word_read(struct parser *parser, struct token *token) {
    token->type = TOKEN_WORD;
    while (!is_end_of_word(at(parser, 0))) {
        enum parse_result result = PARSE_DONE;
        if (begins_part(parser, QUOTING_NONE))
            result = part_skip(parser, QUOTING_NONE);
        else
            pass(parser, 1);
        if (result == PARSE_DONE)
            continue;
        token->type = result == PARSE_INCOMPLETE ? TOKEN_CUT : TOKEN_WRONG;
        return;
    }
}

// Operators, the longer ones first.
static const struct {
    const char *text;
    enum token_type type;
} operators[] = {{"<<-", TOKEN_HERE_TABS}, {"<<", TOKEN_HERE},      {"&&", TOKEN_AND},          {"||", TOKEN_OR},
                 {";;", TOKEN_CASE_END},   {"<&", TOKEN_LESS_SAME}, {">&", TOKEN_GREATER_SAME}, {">>", TOKEN_APPEND},
                 {">|", TOKEN_GREATER},    {"\n", TOKEN_LINE},      {";", TOKEN_SEMICOLON},     {"&", TOKEN_AMPERSAND},
                 {"|", TOKEN_PIPE},        {"(", TOKEN_OPEN},       {")", TOKEN_CLOSE},         {"<", TOKEN_LESS},
                 {">", TOKEN_GREATER}};

static bool operator_read(struct parser *parser, struct token *token) {
    for (size_t index = 0; index < sizeof operators / sizeof *operators; index++) {
        size_t length = 0;
        while (operators[index].text[length] && at(parser, length) == operators[index].text[length])
            length++;
        if (operators[index].text[length])
            continue;
        token->type = operators[index].type;
        pass(parser, length);
        return true;
    }
    return false;
}

// A digit before a redirection is the number of a descriptor.
static void descriptor_read(struct parser *parser, struct token *token) {
    char digit = at(parser, 0);
    if (!is_digit(digit) || (at(parser, 1) != '<' && at(parser, 1) != '>'))
        return;
    token->descriptor = digit - '0';
    pass(parser, 1);
}

struct token token_read(struct parser *parser) {
    gap_skip(parser);
    struct token token = {.type = TOKEN_END, .line = parser->line, .descriptor = -1, .start = parser->cursor};
    descriptor_read(parser, &token);
    if (at(parser, 0) && !operator_read(parser, &token))
        word_read(parser, &token);
    if (token.descriptor > DESCRIPTOR_MAX) {
        token.type = TOKEN_WRONG;
        problem_set(parser, token.line, "descriptors are 0, 1 and 2");
    }
    token.end = parser->cursor;
    return token;
}
