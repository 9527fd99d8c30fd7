// SPDX-License-Identifier: MIT
#include "lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DESCRIPTOR_MAX 2

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

size_t name_length(const char *text, size_t length) {
    size_t end = 0;
    while (end < length && (text[end] == '_' || (text[end] >= 'a' && text[end] <= 'z') ||
                            (text[end] >= 'A' && text[end] <= 'Z') || (end && is_digit(text[end]))))
        end++;
    return end;
}

// ---- Quoted and substituted parts ----

// Whether a part begins here that part_end goes over.
static bool begins_part(const char *text, size_t place, size_t length, bool is_quoted) {
    char byte = text[place], next = place + 1 < length ? text[place + 1] : 0;
    return byte == '\\' || byte == '`' || byte == '"' || (byte == '\'' && !is_quoted) ||
           (byte == '$' && (next == '(' || next == '{'));
}

// Behind the byte that closes a part, the parts in it being gone over; 0: there is none. `open` nests, if it is not 0.
static size_t closing_find(const char *text, size_t place, size_t length, unsigned depth, const char pair[2],
                           const char **problem) {
    bool is_quoted = pair[1] == '"';
    for (unsigned opened = 1; place < length;) {
        if (text[place] == pair[1] && --opened == 0)
            return place + 1;
        if (begins_part(text, place, length, is_quoted)) {
            place = part_end(text, place, length, depth + 1, problem);
            if (!place)
                return 0;
            continue;
        }
        opened += text[place] == pair[0];
        place++;
    }
    return 0;
}

static size_t single_quote_end(const char *text, size_t place, size_t length) {
    const char *end = memchr(text + place, '\'', length - place);
    return end ? (size_t)(end - text) + 1 : 0;
}

static size_t backquote_end(const char *text, size_t place, size_t length) {
    for (; place < length && text[place] != '`'; place++)
        place += text[place] == '\\';
    return place < length ? place + 1 : 0;
}

size_t part_end(const char *text, size_t place, size_t length, unsigned depth, const char **problem) {
    size_t end = 0;
    const char *missing = "a double quote is not closed";
    if (depth > SYNTAX_DEPTH_MAX) {
        *problem = "too deeply nested";
        return 0;
    }
    if (text[place] == '\\') {
        end = place + 1 < length ? place + 2 : 0;
        missing = "nothing follows the backslash";
    } else if (text[place] == '\'') {
        end = single_quote_end(text, place + 1, length);
        missing = "a single quote is not closed";
    } else if (text[place] == '"') {
        end = closing_find(text, place + 1, length, depth, "\0\"", problem);
    } else if (text[place] == '`') {
        end = backquote_end(text, place + 1, length);
        missing = "a backquote is not closed";
    } else if (text[place + 1] == '(') {
        end = closing_find(text, place + 2, length, depth, "()", problem);
        missing = "$( is not closed";
    } else {
        end = closing_find(text, place + 2, length, depth, "\0}", problem);
        missing = "${ is not closed";
    }
    if (!end && !*problem)
        *problem = missing;
    return end;
}

// ---- Tokens ----

static bool is_end_of_word(char byte) {
    return !byte || strchr(" \t\n;&|<>()", byte);
}

// Over blanks, comments and joined lines.
static void gap_skip(struct parser *parser) {
    const char *text = parser->text;
    for (;; parser->place++) {
        if (text[parser->place] == '\\' && text[parser->place + 1] == '\n') {
            parser->place++;
            parser->line++;
        } else if (text[parser->place] == '#') {
            parser->place += strcspn(text + parser->place, "\n") - 1;
        } else if (text[parser->place] != ' ' && text[parser->place] != '\t') {
            return;
        }
    }
}

static void word_read(struct parser *parser, struct token *token) {
    const char *text = parser->text, *problem = NULL;
    size_t place = parser->place, length = parser->length;
    token->type = TOKEN_WORD;
    while (!is_end_of_word(text[place])) {
        if (!begins_part(text, place, length, false)) {
            place++;
            continue;
        }
        size_t end = part_end(text, place, length, 0, &problem);
        if (!end) {
            token->type = strcmp(problem, "too deeply nested") == 0 ? TOKEN_WRONG : TOKEN_CUT;
            problem_set(parser, parser->line, "%s", problem);
            return;
        }
        for (; place < end; place++)
            parser->line += text[place] == '\n';
    }
    parser->place = place;
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
        size_t length = strlen(operators[index].text);
        if (strncmp(parser->text + parser->place, operators[index].text, length) != 0)
            continue;
        token->type = operators[index].type;
        parser->place += length;
        parser->line += token->type == TOKEN_LINE;
        return true;
    }
    return false;
}

// The number of a descriptor in front of a redirection.
static void descriptor_read(struct parser *parser, struct token *token) {
    const char *text = parser->text + parser->place;
    size_t digits = strspn(text, "0123456789");
    if (!digits || (text[digits] != '<' && text[digits] != '>'))
        return;
    token->descriptor = digits == 1 ? text[0] - '0' : DESCRIPTOR_MAX + 1;
    parser->place += digits;
}

struct token token_read(struct parser *parser) {
    gap_skip(parser);
    struct token token = {.type = TOKEN_END, .line = parser->line, .descriptor = -1, .start = parser->place};
    descriptor_read(parser, &token);
    if (parser->text[parser->place] && !operator_read(parser, &token))
        word_read(parser, &token);
    if (token.descriptor > DESCRIPTOR_MAX) {
        token.type = TOKEN_WRONG;
        problem_set(parser, token.line, "descriptors are 0, 1 and 2");
    }
    token.end = parser->place;
    return token;
}
