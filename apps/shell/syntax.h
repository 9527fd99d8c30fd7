// SPDX-License-Identifier: MIT
// The shell's language as a tree (POSIX.1-2017, XCU chapter 2; no aliases). Pure: no system call. A tree points into
// the text that it was made from, which must live as long; its own memory is an arena of bounded size.
//
//   list      chains, one behind the other, each in the background or not
//   chain     pipelines joined by && and ||
//   pipeline  commands joined by |, perhaps negated by !
//   command   simple, or one of the compound ones, each with redirections
#ifndef SHELL_SYNTAX_H
#define SHELL_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#define SYNTAX_DEPTH_MAX 40u         // compound commands and substitutions one in the other
#define SYNTAX_MEMORY_MAX (4u << 20) // of one tree

// A piece of the text; a word is kept as it was typed, with its quotes.
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

// A here-document: it begins behind the line that its redirection stands in.
struct document {
    struct redirection *redirection;
    const char *place; // of the redirection
    const char *end;   // the line that ends it, from the arena
    struct word whole; // with that line
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
    const char *text; // the whole command as it was typed, but for documents that begin behind it
    size_t length;
    struct document *const *documents; // all of the tree
};

struct arena_piece;
struct arena {
    struct arena_piece *pieces;
    size_t used; // bytes of all pieces
};

enum parse_result {
    PARSE_DONE,       // a list, in `tree`
    PARSE_END,        // no command is left
    PARSE_INCOMPLETE, // the text ends within a command
    PARSE_WRONG
};

struct parser {
    const char *text;
    size_t length, place; // place: of what comes next
    unsigned line;        // that it stands in, from 1
    struct arena arena;
    struct node *tree;
    struct document *documents; // in their order
    char problem[96];           // of PARSE_WRONG, and of PARSE_INCOMPLETE if no more text comes: a sentence
    unsigned problem_line;      // where it was found
};

// The text is terminated.
void parser_begin(struct parser *parser, const char *text, unsigned line);
// Parses the commands up to the end of a line, or of several where a command goes on; the tree before is gone.
enum parse_result parser_next(struct parser *parser);
void parser_end(struct parser *parser);

// Whether a word is one of the language where a command may begin.
bool syntax_is_reserved(const char *word);
// How long the name of a variable is that the text begins with, 0: none.
size_t name_length(const char *text, size_t length);
// Where a quoted or substituted part ends that begins at `place`: behind it, or 0 if it has no end (*problem says so).
size_t part_end(const char *text, size_t place, size_t length, unsigned depth, const char **problem);

#endif
