// SPDX-License-Identifier: MIT
// The shell's language as a tree (POSIX.1-2017, XCU chapter 2). Pure: no system call. A tree points into the parser's
// copy of the text and lives until the parser goes on; its own memory is an arena of bounded size.
//
//   list      chains in sequence, each in the background or not
//   chain     pipelines joined by && and ||
//   pipeline  commands joined by |, perhaps negated by !
//   command   simple, or one of the compound ones, each with redirections
#ifndef SHELL_SYNTAX_H
#define SHELL_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#define SYNTAX_DEPTH_MAX 40u         // compound commands and substitutions one in the other
#define SYNTAX_MEMORY_MAX (4u << 20) // of one tree

// A chunk of the text; a word is kept as it was typed, with its quotes.
struct word {
    const char *text;
    size_t length;
    struct word *next;
};

enum redirection_type { REDIRECT_INPUT, REDIRECT_OUTPUT, REDIRECT_APPEND, REDIRECT_SAME, REDIRECT_HERE };

struct redirection {
    enum redirection_type type;
    unsigned descriptor; // 0, 1 or 2
    struct word file;    // REDIRECT_SAME: the number of a descriptor; REDIRECT_HERE: the document
    bool is_plain;       // of a document: its text is as it stands, for its end was quoted
    bool strips_tabs;    // of a document: "<<-"
    struct redirection *next;
};

// A here-document: it begins after the line that its redirection stands in.
struct document {
    struct redirection *redirection;
    const char *operator; // in the redirection
    const char *end;      // the line that ends it, from the arena
    struct word whole;    // with that line
    struct document *next;
};

// case: words of which one must match, and what is done then.
struct case_item {
    struct word *patterns;
    struct node *body; // or NULL
    struct case_item *next;
};

enum node_type {
    NODE_LIST,     // first: chains
    NODE_CHAIN,    // first: pipelines
    NODE_PIPELINE, // first: commands
    NODE_SIMPLE,   // assignments, words
    NODE_GROUP,    // { first }
    NODE_SUBSHELL, // ( first )
    NODE_IF,       // if first; then second; else third (or NULL)
    NODE_WHILE,    // while first; do second; is_negated: until
    NODE_FOR,      // for name in words; do second; is_negated: without `in`, over the parameters
    NODE_CASE,     // case name in items
    NODE_FUNCTION  // name() first
};

enum connector { CONNECT_ALWAYS, CONNECT_AND, CONNECT_OR };

struct node {
    enum node_type type;
    enum connector connector; // in a chain: to the pipeline before
    unsigned line;            // where it begins
    bool is_background, is_negated;
    struct node *next; // beside it in what it is part of
    struct node *first, *second, *third;
    struct word *assignments, *words;
    struct word name;
    struct case_item *items;
    struct redirection *redirections;
    const char *text; // the whole command as it was typed, but for documents that begin after it
    size_t length;
    struct document *const *documents; // all of the tree
};

struct arena_chunk;
struct arena {
    struct arena_chunk *chunks;
    size_t used; // bytes of all chunks
};

enum parse_result {
    PARSE_DONE,       // a list, in `tree`
    PARSE_END,        // no command is left
    PARSE_INCOMPLETE, // the text ends within a command
    PARSE_WRONG
};

#define ALIASES_MAX 64u // that are replaced in one command

// The part of the text that an alias was replaced by: in it the alias is a plain word.
struct replacement {
    size_t start, end;
    const char *value; // which one it is
};

struct parser {
    char *text; // the parser's own: joined lines are taken out of it, and aliases replaced in it, as they are read
    size_t length, cursor;
    unsigned line;  // that the cursor is in, from 1
    unsigned depth; // of compound commands and substitutions around the cursor
    struct arena arena;
    struct node *tree;
    struct document *documents; // in their order
    char problem[96];           // of PARSE_WRONG, and of PARSE_INCOMPLETE if no more text comes: a sentence
    unsigned problem_line;      // where it was found
    // The value of an alias, or NULL; the same pointer each time. Set after parser_begin, or NULL: there are none.
    const char *(*alias)(const char *name, size_t length);
    struct replacement replacements[ALIASES_MAX]; // of the command
    unsigned replacement_count;
    unsigned retry_count; // of $(( that turned out to be commands
    bool is_replaced;     // the command is read once more
    bool is_borrowed;     // the text is another's, in which nothing is left to join or to replace
    bool is_arithmetic;   // the $( ) that was read last
    // Goes over the commands of a $( ) from its first one to the closing parenthesis, and over that.
    enum parse_result (*commands_skip)(struct parser *parser);
};

// Copies the text.
void parser_begin(struct parser *parser, const char *text, unsigned line);
// Parses the commands up to the end of a line, or of several where a command goes on; the tree before is gone.
enum parse_result parser_next(struct parser *parser);
void parser_end(struct parser *parser);

// What surrounds a text, and so which bytes quote in it.
enum quoting {
    QUOTING_NONE,
    QUOTING_DOUBLE,  // double quotes, or braces within them
    QUOTING_DOCUMENT // a here-document or arithmetic: a double quote is a plain byte
};

// A quoted or substituted part of a word.
struct part {
    size_t end;         // after it, or 0: it has no end, and the problem says so
    bool is_arithmetic; // of one that begins with "$(("
    char problem[96];
};

// Finds the end of the part that begins at a position of a text that was parsed; `depth` such parts are around it.
struct part part_at(const char *text, size_t position, size_t length, enum quoting quoting, unsigned depth);

// Whether a word is one of the language where a command may begin.
bool syntax_is_reserved(const char *word);
// The length of the name if a word is "NAME=VALUE", else 0.
size_t assignment_name(const struct word *word);
// How long the name of a variable is that the text begins with, 0: none.
size_t name_length(const char *text, size_t length);
// The same of a parameter between braces: a variable, a number or one special byte.
size_t parameter_length(const char *text, size_t length);

#endif
