// SPDX-License-Identifier: MIT
// The parser's tokens. A token that a $( ) is part of ends where the parser says: parser->commands_skip.
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
    int descriptor; // before a redirection, or -1
    size_t start, end;
};

// Reads the token at the cursor and moves the cursor after it.
struct token token_read(struct parser *parser);
// Goes over the quoted or substituted part at the cursor.
enum parse_result part_skip(struct parser *parser, enum quoting quoting);
// Takes a backslash and the end of a line at a position out of the text.
void line_join(struct parser *parser, size_t position);
// Keeps a problem of the parser, found in a line. printf's format.
void problem_set(struct parser *parser, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
