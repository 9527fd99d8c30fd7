// SPDX-License-Identifier: MIT
// The parser's tokens.
#ifndef SHELL_LEX_H
#define SHELL_LEX_H

#include "syntax.h"

enum token_type {
    TOKEN_END,
    TOKEN_LINE, // the end of a line
    TOKEN_WORD,
    TOKEN_SEMICOLON,
    TOKEN_AMPERSAND,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_PIPE,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_CASE_END, // ;;
    TOKEN_LESS,
    TOKEN_GREATER,
    TOKEN_APPEND,
    TOKEN_LESS_SAME,    // <&
    TOKEN_GREATER_SAME, // >&
    TOKEN_HERE,         // <<
    TOKEN_HERE_TABS,    // <<-
    TOKEN_WRONG,        // parser->problem says why
    TOKEN_CUT           // the text ends within it; parser->problem says within what
};

struct token {
    enum token_type type;
    unsigned line;
    int descriptor; // in front of a redirection, or -1
    size_t start, end;
};

// Reads the token at parser->place and goes behind it.
struct token token_read(struct parser *parser);
// Keeps a problem of the parser, found in a line. printf's format.
void problem_set(struct parser *parser, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
