// SPDX-License-Identifier: MIT
// By recursive descent, one token ahead. A function that can't go on keeps what is wrong in `result`, and returns NULL;
// from then on every token is the end.
#include "lex.h"

#include <stdlib.h>
#include <string.h>

// ---- The arena ----

#define CHUNK_SIZE (4u << 10)

struct arena_chunk {
    struct arena_chunk *next;
    size_t used;
    _Alignas(max_align_t) char bytes[CHUNK_SIZE];
};

_Static_assert(sizeof(struct node) <= CHUNK_SIZE, "a node fits a chunk");

static void *arena_take(struct arena *arena, size_t size) {
    size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (!arena->chunks || arena->chunks->used + size > CHUNK_SIZE) {
        struct arena_chunk *chunk = arena->used + sizeof *chunk > SYNTAX_MEMORY_MAX ? NULL : calloc(1, sizeof *chunk);
        if (!chunk)
            return NULL;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
        arena->used += sizeof *chunk;
    }
    void *taken = arena->chunks->bytes + arena->chunks->used;
    arena->chunks->used += size;
    return taken;
}

static void arena_free(struct arena *arena) {
    while (arena->chunks) {
        struct arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
    arena->used = 0;
}

// ---- Reading ----

struct reading {
    struct parser *parser;
    struct token token; // the next one
    size_t last_end;    // of the token before
    enum parse_result result;
    struct document *unread; // those whose line has not ended yet
};

static void *stop(struct reading *reading, enum parse_result result) {
    if (reading->result == PARSE_DONE)
        reading->result = result;
    reading->token.type = TOKEN_END;
    return NULL;
}

static void documents_read(struct reading *reading);

static void token_next(struct reading *reading) {
    if (reading->result != PARSE_DONE)
        return;
    reading->last_end = reading->token.end;
    reading->token = token_read(reading->parser);
    if (reading->unread && (reading->token.type == TOKEN_LINE || reading->token.type == TOKEN_END))
        documents_read(reading);
    if (reading->token.type == TOKEN_WRONG)
        stop(reading, PARSE_WRONG);
    else if (reading->token.type == TOKEN_CUT)
        stop(reading, PARSE_INCOMPLETE);
}

static const char *token_text(const struct reading *reading) {
    return reading->parser->text + reading->token.start;
}

static size_t token_length(const struct reading *reading) {
    return reading->token.end - reading->token.start;
}

#define SHOWN_MAX 20 // bytes of a word in a message

// The token can't stand where it stands: `wanted` could, if the text ended there.
static void *unexpected(struct reading *reading, const char *wanted) {
    struct parser *parser = reading->parser;
    if (reading->result != PARSE_DONE)
        return NULL;
    unsigned line = reading->token.line;
    if (reading->token.type == TOKEN_END) {
        problem_set(parser, line, "unexpected end, %s is missing", wanted);
        return stop(reading, PARSE_INCOMPLETE);
    }
    int shown = token_length(reading) < SHOWN_MAX ? (int)token_length(reading) : SHOWN_MAX;
    if (reading->token.type == TOKEN_LINE)
        problem_set(parser, line, "unexpected end of the line, %s is missing", wanted);
    else
        problem_set(parser, line, "unexpected `%.*s'", shown, token_text(reading));
    return stop(reading, PARSE_WRONG);
}

static void *take(struct reading *reading, size_t size) {
    void *taken = reading->result == PARSE_DONE ? arena_take(&reading->parser->arena, size) : NULL;
    if (!taken && reading->result == PARSE_DONE) {
        problem_set(reading->parser, reading->token.line, "too long a command");
        return stop(reading, PARSE_WRONG);
    }
    return taken;
}

static struct node *node_take(struct reading *reading, enum node_type type) {
    struct node *node = take(reading, sizeof *node);
    if (!node)
        return NULL;
    node->type = type;
    node->line = reading->token.line;
    node->text = token_text(reading);
    node->documents = &reading->parser->documents;
    return node;
}

// The node ends with the last token that was taken.
static struct node *node_end(struct reading *reading, struct node *node) {
    if (reading->result != PARSE_DONE)
        return NULL;
    node->length = (size_t)(reading->parser->text + reading->last_end - node->text);
    return node;
}

static void lines_skip(struct reading *reading) {
    while (reading->token.type == TOKEN_LINE)
        token_next(reading);
}

static bool is_reserved(const struct reading *reading, const char *word) {
    return reading->token.type == TOKEN_WORD && strlen(word) == token_length(reading) &&
           strncmp(token_text(reading), word, token_length(reading)) == 0;
}

// Goes over a reserved word that must stand here.
static bool expect(struct reading *reading, const char *word) {
    if (!is_reserved(reading, word)) {
        char wanted[16] = "`";
        strcat(strcat(wanted, word), "'");
        unexpected(reading, wanted);
        return false;
    }
    token_next(reading);
    return true;
}

static bool depth_enter(struct reading *reading) {
    if (++reading->parser->depth <= SYNTAX_DEPTH_MAX)
        return true;
    problem_set(reading->parser, reading->token.line, "too deeply nested");
    return stop(reading, PARSE_WRONG);
}

static struct node *list_parse(struct reading *reading);
static bool is_reserved_here(const struct reading *reading);

// ---- Aliases (XCU 2.3.1) ----

// Whether a position stands in what the alias was replaced by already.
static bool is_in_value(const struct parser *parser, size_t position, const char *value) {
    for (unsigned index = 0; index < parser->replacement_count; index++) {
        const struct replacement *replacement = &parser->replacements[index];
        if (replacement->value == value && position >= replacement->start && position < replacement->end)
            return true;
    }
    return false;
}

// Whether only blanks are between a position and the value of an alias before it, which ends with a blank.
static bool follows_blank_value(const struct parser *parser, size_t position) {
    for (unsigned index = 0; index < parser->replacement_count; index++) {
        size_t end = parser->replacements[index].end;
        bool ends_blank = end && end <= position && strchr(" \t", parser->text[end - 1]);
        if (ends_blank && strspn(parser->text + end, " \t") >= position - end)
            return true;
    }
    return false;
}

// Puts a value instead of the text between two positions.
static bool text_replace(struct parser *parser, size_t start, size_t end, const char *value) {
    size_t size = strlen(value), length = parser->length - (end - start) + size;
    char *text = parser->replacement_count < ALIASES_MAX ? malloc(length + 1) : NULL;
    if (!text)
        return false;
    memcpy(text, parser->text, start);
    memcpy(text + start, value, size);
    memcpy(text + start + size, parser->text + end, parser->length - end + 1);
    for (unsigned index = 0; index < parser->replacement_count; index++) {
        struct replacement *around = &parser->replacements[index];
        around->start += around->start > start ? size - (end - start) : 0;
        around->end += around->end > start ? size - (end - start) : 0;
    }
    parser->replacements[parser->replacement_count++] = (struct replacement){start, start + size, value};
    free(parser->text);
    parser->text = text;
    parser->length = length;
    return true;
}

// Replaces the next token if it is an alias: then the whole command is read once more, for its text has moved.
static void alias_replace(struct reading *reading) {
    struct parser *parser = reading->parser;
    if (!parser->alias || reading->token.type != TOKEN_WORD || is_reserved_here(reading))
        return;
    const char *value = parser->alias(token_text(reading), token_length(reading));
    if (!value || is_in_value(parser, reading->token.start, value))
        return;
    parser->is_replaced = text_replace(parser, reading->token.start, reading->token.end, value);
    if (!parser->is_replaced)
        problem_set(parser, reading->token.line, "too many aliases");
    stop(reading, PARSE_WRONG);
}

// Goes to where a command begins.
static void command_find(struct reading *reading) {
    lines_skip(reading);
    alias_replace(reading);
}

// ---- Here-documents ----

// The length of the line at the cursor, with its end if it has one; joins lines, unless the document is plain.
static size_t line_length(struct parser *parser, bool is_plain) {
    size_t end = parser->cursor;
    while (end < parser->length && parser->text[end] != '\n') {
        bool escapes = !is_plain && parser->text[end] == '\\' && end + 1 < parser->length;
        if (escapes && parser->text[end + 1] == '\n')
            line_join(parser, end);
        else
            end += escapes ? 2 : 1;
    }
    return end - parser->cursor + (end < parser->length);
}

static bool is_end_line(const struct document *document, const char *line, size_t length) {
    size_t tabs = document->redirection->strips_tabs ? strspn(line, "\t") : 0;
    size_t shown = length - (line[length - 1] == '\n');
    return shown >= tabs && shown - tabs == strlen(document->end) &&
           memcmp(line + tabs, document->end, shown - tabs) == 0;
}

// Reads a document that begins at the cursor. False: the text ends within it.
static bool document_read(struct parser *parser, struct document *document) {
    const char *start = parser->text + parser->cursor;
    while (parser->cursor < parser->length) {
        const char *line = parser->text + parser->cursor;
        size_t length = line_length(parser, document->redirection->is_plain);
        parser->cursor += length;
        parser->line++;
        if (!is_end_line(document, line, length))
            continue;
        document->redirection->file = (struct word){start, (size_t)(line - start), NULL};
        document->whole = (struct word){start, (size_t)(line - start) + length, NULL};
        return true;
    }
    return false;
}

static void documents_read(struct reading *reading) {
    for (; reading->unread; reading->unread = reading->unread->next)
        if (!document_read(reading->parser, reading->unread)) {
            problem_set(reading->parser, reading->token.line, "unexpected end, `%.40s' is missing",
                        reading->unread->end);
            stop(reading, PARSE_INCOMPLETE);
            return;
        }
}

#define DOCUMENT_END_MAX 255u // bytes of the word

// A redirection whose word, the next token, says how its document ends.
static void document_expect(struct reading *reading, struct redirection *redirection, const char *operator) {
    size_t length = 0;
    struct document *document = take(reading, sizeof *document);
    char *end = take(reading, DOCUMENT_END_MAX + 1);
    if (!document || !end)
        return;
    if (token_length(reading) > DOCUMENT_END_MAX) {
        unexpected(reading, "a word");
        return;
    }
    for (size_t index = 0; index < token_length(reading); index++)
        if (strchr("'\"\\", token_text(reading)[index]))
            redirection->is_plain = true;
        else
            end[length++] = token_text(reading)[index];
    *document = (struct document){.redirection = redirection, .operator= operator, .end = end };
    struct document **last = &reading->parser->documents;
    while (*last)
        last = &(*last)->next;
    *last = document;
    reading->unread = reading->unread ? reading->unread : document;
}

// ---- Words and redirections ----

static struct word token_word(const struct reading *reading) {
    return (struct word){token_text(reading), token_length(reading), NULL};
}

// Puts the token at the end of a chain of words, whose last `next` is *end.
static struct word **word_append(struct reading *reading, struct word **end) {
    struct word *word = take(reading, sizeof *word);
    if (!word)
        return end;
    *word = token_word(reading);
    *end = word;
    token_next(reading);
    return &word->next;
}

size_t assignment_name(const struct word *word) {
    size_t name = name_length(word->text, word->length);
    return name < word->length && word->text[name] == '=' ? name : 0;
}

static const struct {
    enum redirection_type type;
    unsigned descriptor; // where none is named
} redirections[] = {[TOKEN_LESS] = {REDIRECT_INPUT, 0},        [TOKEN_GREATER] = {REDIRECT_OUTPUT, 1},
                    [TOKEN_APPEND] = {REDIRECT_APPEND, 1},     [TOKEN_LESS_SAME] = {REDIRECT_SAME, 0},
                    [TOKEN_GREATER_SAME] = {REDIRECT_SAME, 1}, [TOKEN_HERE] = {REDIRECT_HERE, 0},
                    [TOKEN_HERE_TABS] = {REDIRECT_HERE, 0}};

static bool is_redirection(const struct reading *reading) {
    return reading->token.type >= TOKEN_LESS && reading->token.type <= TOKEN_HERE_TABS;
}

static struct redirection **redirection_parse(struct reading *reading, struct redirection **end) {
    struct redirection *redirection = take(reading, sizeof *redirection);
    if (!redirection)
        return end;
    int descriptor = reading->token.descriptor;
    const char *operator= token_text(reading);
    redirection->strips_tabs = reading->token.type == TOKEN_HERE_TABS;
    redirection->type = redirections[reading->token.type].type;
    redirection->descriptor = descriptor < 0 ? redirections[reading->token.type].descriptor : (unsigned)descriptor;
    token_next(reading);
    if (reading->token.type != TOKEN_WORD) {
        unexpected(reading, "a file's name");
        return end;
    }
    redirection->file = token_word(reading);
    if (redirection->type == REDIRECT_HERE)
        document_expect(reading, redirection, operator);
    token_next(reading);
    *end = redirection;
    return &redirection->next;
}

static void redirections_parse(struct reading *reading, struct node *node) {
    struct redirection **end = &node->redirections;
    while (is_redirection(reading))
        end = redirection_parse(reading, end);
}

static struct node *command_parse(struct reading *reading);
static bool begins_compound(const struct reading *reading);

// After a simple command's only word, at an open parenthesis.
static struct node *function_parse(struct reading *reading, struct node *node) {
    node->type = NODE_FUNCTION;
    node->name = *node->words;
    node->words = NULL;
    if (name_length(node->name.text, node->name.length) < node->name.length)
        return unexpected(reading, "a command");
    token_next(reading);
    if (reading->token.type != TOKEN_CLOSE)
        return unexpected(reading, "`)'");
    token_next(reading);
    lines_skip(reading);
    if (!begins_compound(reading))
        return unexpected(reading, "`{'");
    node->first = command_parse(reading);
    return node_end(reading, node);
}

static struct node *simple_parse(struct reading *reading) {
    struct node *node = node_take(reading, NODE_SIMPLE);
    if (!node)
        return NULL;
    struct word **assignments = &node->assignments, **words = &node->words;
    struct redirection **end = &node->redirections;
    for (;;) {
        if (!node->words || follows_blank_value(reading->parser, reading->token.start))
            alias_replace(reading);
        struct word word = token_word(reading);
        if (is_redirection(reading))
            end = redirection_parse(reading, end);
        else if (reading->token.type != TOKEN_WORD)
            break;
        else if (!node->words && assignment_name(&word))
            assignments = word_append(reading, assignments);
        else
            words = word_append(reading, words);
    }
    if (!node->assignments && !node->words && !node->redirections)
        return unexpected(reading, "a command");
    bool is_function = node->words && !node->words->next && !node->assignments && !node->redirections;
    if (is_function && reading->token.type == TOKEN_OPEN)
        return function_parse(reading, node);
    return node_end(reading, node);
}

// ---- Compound commands ----

// Whatever stands between a reserved word, already gone over, and the next one, which is gone over too.
static struct node *body_parse(struct reading *reading, const char *end) {
    struct node *body = list_parse(reading);
    return body && expect(reading, end) ? body : NULL;
}

// After `if` or `elif`.
static void if_parse(struct reading *reading, struct node *node) {
    token_next(reading);
    node->first = body_parse(reading, "then");
    node->second = list_parse(reading);
    if (is_reserved(reading, "elif")) {
        node->third = node_take(reading, NODE_IF);
        if (!node->third || !depth_enter(reading))
            return;
        if_parse(reading, node->third);
        reading->parser->depth--;
        node_end(reading, node->third);
        return;
    }
    if (is_reserved(reading, "else")) {
        token_next(reading);
        node->third = list_parse(reading);
    }
    expect(reading, "fi");
}

static void while_parse(struct reading *reading, struct node *node) {
    node->is_negated = is_reserved(reading, "until");
    token_next(reading);
    node->first = body_parse(reading, "do");
    node->second = body_parse(reading, "done");
}

static void name_parse(struct reading *reading, struct node *node, const char *wanted) {
    token_next(reading);
    if (reading->token.type != TOKEN_WORD) {
        unexpected(reading, wanted);
        return;
    }
    node->name = token_word(reading);
    token_next(reading);
}

static void for_parse(struct reading *reading, struct node *node) {
    name_parse(reading, node, "a variable's name");
    if (name_length(node->name.text, node->name.length) != node->name.length) {
        problem_set(reading->parser, node->line, "`%.*s' is no name of a variable",
                    node->name.length < SHOWN_MAX ? (int)node->name.length : SHOWN_MAX, node->name.text);
        stop(reading, PARSE_WRONG);
    }
    lines_skip(reading);
    node->is_negated = !is_reserved(reading, "in");
    if (!node->is_negated) {
        token_next(reading);
        for (struct word **end = &node->words; reading->token.type == TOKEN_WORD;)
            end = word_append(reading, end);
    }
    if (reading->token.type == TOKEN_SEMICOLON)
        token_next(reading);
    lines_skip(reading);
    if (expect(reading, "do"))
        node->second = body_parse(reading, "done");
}

static void case_item_parse(struct reading *reading, struct case_item *item) {
    struct word **end = &item->patterns;
    if (reading->token.type == TOKEN_OPEN)
        token_next(reading);
    do {
        if (item->patterns)
            token_next(reading);
        if (reading->token.type != TOKEN_WORD) {
            unexpected(reading, "a pattern");
            return;
        }
        end = word_append(reading, end);
    } while (reading->token.type == TOKEN_PIPE);
    if (reading->token.type != TOKEN_CLOSE) {
        unexpected(reading, "`)'");
        return;
    }
    token_next(reading);
    lines_skip(reading);
    if (reading->token.type != TOKEN_CASE_END && !is_reserved(reading, "esac"))
        item->body = list_parse(reading);
    if (reading->token.type == TOKEN_CASE_END)
        token_next(reading);
    else if (!is_reserved(reading, "esac"))
        unexpected(reading, "`esac'");
    lines_skip(reading);
}

static void case_parse(struct reading *reading, struct node *node) {
    struct case_item **end = &node->items;
    name_parse(reading, node, "a word");
    lines_skip(reading);
    if (!expect(reading, "in"))
        return;
    lines_skip(reading);
    while (reading->result == PARSE_DONE && !is_reserved(reading, "esac")) {
        *end = take(reading, sizeof **end);
        if (!*end)
            return;
        case_item_parse(reading, *end);
        end = &(*end)->next;
    }
    expect(reading, "esac");
}

static void group_parse(struct reading *reading, struct node *node) {
    token_next(reading);
    node->first = body_parse(reading, "}");
}

static void subshell_parse(struct reading *reading, struct node *node) {
    token_next(reading);
    node->first = list_parse(reading);
    if (reading->token.type != TOKEN_CLOSE)
        unexpected(reading, "`)'");
    else
        token_next(reading);
}

static const struct {
    const char *word;
    enum node_type type;
    void (*parse)(struct reading *reading, struct node *node);
} compounds[] = {{"if", NODE_IF, if_parse},    {"while", NODE_WHILE, while_parse}, {"until", NODE_WHILE, while_parse},
                 {"for", NODE_FOR, for_parse}, {"case", NODE_CASE, case_parse},    {"{", NODE_GROUP, group_parse}};

// Reserved words that end what is in front of them.
static bool is_closing(const struct reading *reading) {
    static const char *const words[] = {"then", "elif", "else", "fi", "do", "done", "esac", "}"};
    for (size_t index = 0; index < sizeof words / sizeof *words; index++)
        if (is_reserved(reading, words[index]))
            return true;
    return false;
}

static bool begins_compound(const struct reading *reading) {
    for (size_t index = 0; index < sizeof compounds / sizeof *compounds; index++)
        if (is_reserved(reading, compounds[index].word))
            return true;
    return reading->token.type == TOKEN_OPEN;
}

static bool is_reserved_here(const struct reading *reading) {
    return is_closing(reading) || begins_compound(reading) || is_reserved(reading, "!");
}

static struct node *compound_parse(struct reading *reading, enum node_type type,
                                   void (*parse)(struct reading *reading, struct node *node)) {
    struct node *node = node_take(reading, type);
    if (!node || !depth_enter(reading))
        return NULL;
    parse(reading, node);
    redirections_parse(reading, node);
    reading->parser->depth--;
    bool is_followed = reading->token.type == TOKEN_WORD && !is_closing(reading);
    return is_followed ? unexpected(reading, "`;'") : node_end(reading, node);
}

static struct node *command_parse(struct reading *reading) {
    if (reading->token.type == TOKEN_OPEN)
        return compound_parse(reading, NODE_SUBSHELL, subshell_parse);
    for (size_t index = 0; index < sizeof compounds / sizeof *compounds; index++)
        if (is_reserved(reading, compounds[index].word))
            return compound_parse(reading, compounds[index].type, compounds[index].parse);
    return is_closing(reading) ? unexpected(reading, "a command") : simple_parse(reading);
}

// ---- Pipelines and lists ----

static struct node *pipeline_parse(struct reading *reading) {
    struct node *pipeline = node_take(reading, NODE_PIPELINE);
    if (!pipeline)
        return NULL;
    for (; is_reserved(reading, "!"); alias_replace(reading)) {
        pipeline->is_negated = !pipeline->is_negated;
        token_next(reading);
    }
    struct node **end = &pipeline->first;
    while ((*end = command_parse(reading)) && reading->token.type == TOKEN_PIPE) {
        end = &(*end)->next;
        token_next(reading);
        command_find(reading);
    }
    return node_end(reading, pipeline);
}

static struct node *chain_parse(struct reading *reading) {
    struct node *chain = node_take(reading, NODE_CHAIN);
    if (!chain)
        return NULL;
    struct node **end = &chain->first;
    enum connector connector = CONNECT_ALWAYS;
    while ((*end = pipeline_parse(reading))) {
        (*end)->connector = connector;
        end = &(*end)->next;
        if (reading->token.type != TOKEN_AND && reading->token.type != TOKEN_OR)
            break;
        connector = reading->token.type == TOKEN_AND ? CONNECT_AND : CONNECT_OR;
        token_next(reading);
        command_find(reading);
    }
    return node_end(reading, chain);
}

// One chain with what ends it, `;` or `&`. Whether that was there.
static bool chain_end(struct reading *reading, struct node *chain) {
    chain->is_background = reading->token.type == TOKEN_AMPERSAND;
    if (reading->token.type != TOKEN_SEMICOLON && reading->token.type != TOKEN_AMPERSAND)
        return false;
    token_next(reading);
    return true;
}

// The list within a compound command: over any number of lines.
static struct node *list_parse(struct reading *reading) {
    command_find(reading);
    struct node *list = node_take(reading, NODE_LIST);
    if (!list)
        return NULL;
    for (struct node **end = &list->first; (*end = chain_parse(reading)); end = &(*end)->next) {
        bool is_ended = chain_end(reading, *end) || reading->token.type == TOKEN_LINE;
        if (is_ended)
            command_find(reading);
        bool is_over = reading->token.type == TOKEN_CLOSE || reading->token.type == TOKEN_CASE_END ||
                       reading->token.type == TOKEN_END || is_closing(reading);
        if (is_over || !is_ended)
            break;
    }
    return node_end(reading, list);
}

// The list of a line.
static struct node *line_parse(struct reading *reading) {
    struct node *list = node_take(reading, NODE_LIST);
    if (!list)
        return NULL;
    for (struct node **end = &list->first; (*end = chain_parse(reading)); end = &(*end)->next) {
        bool is_ended = chain_end(reading, *end);
        if (reading->token.type == TOKEN_LINE || reading->token.type == TOKEN_END)
            break;
        if (!is_ended)
            return unexpected(reading, "`;'");
        alias_replace(reading);
    }
    return node_end(reading, list);
}

static enum parse_result line_read(struct parser *parser) {
    struct reading reading = {.parser = parser, .result = PARSE_DONE};
    arena_free(&parser->arena);
    parser->tree = NULL;
    parser->documents = NULL;
    parser->depth = 0;
    token_next(&reading);
    command_find(&reading);
    if (reading.token.type == TOKEN_END && reading.result == PARSE_DONE)
        return PARSE_END;
    parser->tree = line_parse(&reading);
    return reading.result;
}

// ---- Parts of words ----

static enum parse_result commands_skip(struct parser *parser) {
    struct reading reading = {.parser = parser, .result = PARSE_DONE};
    token_next(&reading);
    command_find(&reading);
    if (reading.token.type != TOKEN_CLOSE)
        list_parse(&reading);
    if (reading.token.type != TOKEN_CLOSE)
        unexpected(&reading, "`)'");
    if (reading.unread && reading.result == PARSE_DONE)
        unexpected(&reading, "a document");
    return reading.result;
}

struct part part_at(const char *text, size_t position, size_t length, enum quoting quoting, unsigned depth) {
    struct part part = {0};
    struct parser parser = {.text = (char *)text,
                            .length = length,
                            .cursor = position,
                            .line = 1,
                            .depth = depth,
                            .is_borrowed = true,
                            .commands_skip = commands_skip};
    if (part_skip(&parser, quoting) == PARSE_DONE)
        part.end = parser.cursor;
    part.is_arithmetic = parser.is_arithmetic;
    memcpy(part.problem, parser.problem, sizeof part.problem);
    arena_free(&parser.arena);
    return part;
}

// ---- The whole ----

void parser_begin(struct parser *parser, const char *text, unsigned line) {
    *parser = (struct parser){.text = strdup(text), .line = line, .commands_skip = commands_skip};
    parser->length = parser->text ? strlen(text) : 0;
}

void parser_end(struct parser *parser) {
    arena_free(&parser->arena);
    free(parser->text);
    parser->text = NULL;
    parser->tree = NULL;
    parser->documents = NULL;
}

enum parse_result parser_next(struct parser *parser) {
    size_t start = parser->cursor;
    unsigned line = parser->line;
    enum parse_result result = PARSE_WRONG;
    parser->replacement_count = parser->retry_count = 0;
    if (!parser->text) {
        problem_set(parser, line, "no memory left");
        return result;
    }
    do {
        parser->cursor = start;
        parser->line = line;
        parser->is_replaced = false;
        result = line_read(parser);
    } while (parser->is_replaced);
    return result;
}

bool syntax_is_reserved(const char *word) {
    static const char *const words[] = {"!",    "{",  "}",   "case", "do", "done", "elif",  "else",
                                        "esac", "fi", "for", "if",   "in", "then", "until", "while"};
    for (size_t index = 0; index < sizeof words / sizeof *words; index++)
        if (strcmp(words[index], word) == 0)
            return true;
    return false;
}
