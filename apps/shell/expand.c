// SPDX-License-Identifier: MIT
// Each word is made twice as it is read: as it is, and as a pattern, in which what was quoted has a backslash in front.
#include "expand.h"

#include "arithmetic.h"
#include "buffer.h"
#include "glob.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A word that is being made, and where whole ones go.
struct making {
    struct expansion *expansion;
    struct fields *fields; // NULL: one word, which is never parted
    struct buffer value, pattern;
    bool exists;      // there is a word, though it may be empty
    bool is_magic;    // its pattern has a meaning
    bool is_in_blank; // a blank of IFS has ended the word before: one other byte of IFS may still belong to that end
    unsigned depth;
    unsigned braces; // around the text: its plain bytes are part of a value
};

static bool fail_with(struct making *making, const char *problem, const char *what, size_t length) {
    struct expansion *expansion = making->expansion;
    if (problem != expansion->message)
        snprintf(expansion->message, sizeof expansion->message, "%s", problem);
    expansion->problem = expansion->message;
    int shown = length < sizeof expansion->named ? (int)length : (int)sizeof expansion->named - 1;
    snprintf(expansion->named, sizeof expansion->named, "%.*s", shown, what);
    return false;
}

// ---- Bytes ----

static bool put(struct making *making, char byte, bool is_quoted) {
    bool has_meaning = strchr("*?[", byte) && byte && !is_quoted;
    making->exists = true;
    making->is_in_blank = false;
    making->is_magic = making->is_magic || has_meaning;
    bool is_plain = is_quoted || (byte == '\\' && making->fields); // a backslash of a value quotes in patterns alone
    bool needs_backslash = strchr("\\*?[]!^-", byte) && byte && is_plain;
    if (buffer_put(&making->value, byte) && (!needs_backslash || buffer_put(&making->pattern, '\\')) &&
        buffer_put(&making->pattern, byte))
        return true;
    return fail_with(making, "too long a word", making->value.bytes,
                     making->value.length < 16 ? making->value.length : 16);
}

// ---- Words ----

static bool field_add(void *context, const char *word) {
    struct making *making = context;
    struct fields *fields = making->fields;
    size_t size = strlen(word) + 1;
    if (fields->count == WORDS_MAX || size > EXPANDED_MAX - fields->bytes)
        return fail_with(making, "too many or too long words", word, size - 1);
    char *copy = malloc(size);
    if (!copy)
        return fail_with(making, "no memory left", word, size - 1);
    memcpy(copy, word, size);
    fields->words[fields->count++] = copy;
    fields->words[fields->count] = NULL;
    fields->bytes += size;
    return true;
}

static void making_clear(struct making *making) {
    buffer_free(&making->value);
    buffer_free(&making->pattern);
    making->exists = making->is_magic = false;
}

// The word is whole; the next byte begins another one.
static bool field_end(struct making *making) {
    making->is_in_blank = false;
    if (!making->exists || !making->fields)
        return true;
    int before = making->fields->count;
    bool is_made = true;
    if (making->is_magic)
        is_made = making->expansion->host->match(making->pattern.bytes, field_add, making);
    if (is_made && making->fields->count == before)
        is_made = field_add(making, making->value.length ? making->value.bytes : "");
    making_clear(making);
    return is_made;
}

static const char *separators(const struct expand_host *host) {
    const char *separators = host->parameter("IFS", 3);
    return separators ? separators : " \t\n";
}

// A byte of IFS in a value (XCU 2.6.5): blanks in a row end one word, each other byte does, and then there may be an
// empty one between two of them.
static bool separator_put(struct making *making, char byte) {
    bool is_blank = strchr(" \t\n", byte), has_ended = making->exists || making->is_in_blank;
    making->exists = making->exists || (!is_blank && !has_ended);
    bool is_made = field_end(making);
    making->is_in_blank = is_blank && has_ended;
    return is_made;
}

// A value instead of a parameter or command: what is not quoted is parted at the bytes of IFS.
static bool value_put(struct making *making, const char *value, bool is_quoted) {
    const char *parting = is_quoted || !making->fields ? "" : separators(making->expansion->host);
    for (; *value; value++)
        if (!(strchr(parting, *value) ? separator_put(making, *value) : put(making, *value, is_quoted)))
            return false;
    return true;
}

static bool text_walk(struct making *making, const char *text, size_t length, enum quoting quoting);
static bool home_put(struct making *making, const char *text, size_t length, bool ends_at_colon, size_t *taken);

// What has been made, as one word or as a pattern: from malloc, or NULL.
static char *making_end(struct making *making, bool is_made, bool as_pattern) {
    const struct buffer *buffer = as_pattern ? &making->pattern : &making->value;
    char *result = is_made ? strdup(buffer->length ? buffer->bytes : "") : NULL;
    making_clear(making);
    return result;
}

// The text between braces, after the operator.
static bool braced_walk(struct making *making, const char *text, size_t length, enum quoting quoting) {
    size_t taken = 0;
    if (quoting == QUOTING_NONE && !home_put(making, text, length, false, &taken))
        return false;
    making->braces++;
    bool is_made = text_walk(making, text + taken, length - taken, quoting);
    making->braces--;
    return is_made;
}

typedef bool walk_function(struct making *making, const char *text, size_t length, enum quoting quoting);

// What a text becomes as one word, or as a pattern: from malloc, or NULL.
static char *text_expand(struct making *outer, const char *text, size_t length, enum quoting quoting,
                         walk_function *walk, bool as_pattern) {
    struct making making = {.expansion = outer->expansion, .depth = outer->depth + 1};
    bool is_made = making.depth > SYNTAX_DEPTH_MAX ? fail_with(&making, "too deeply nested", text, length)
                                                   : walk(&making, text, length, quoting);
    return making_end(&making, is_made, as_pattern);
}

// ---- Parameters ----

// Between two parameters: the end of a word, or within one the first byte of IFS, if it has any.
static bool gap_put(struct making *making, char which, bool is_quoted) {
    if (making->fields && (which == '@' || !is_quoted))
        return field_end(making);
    char joint = *separators(making->expansion->host);
    return !joint || put(making, joint, true);
}

// $@ and $*: in double quotes $@ is a word for each parameter, $* one word.
static bool positionals_put(struct making *making, char which, bool is_quoted) {
    const char *value;
    for (unsigned number = 1; (value = making->expansion->host->positional(number)); number++) {
        if (number > 1 && !gap_put(making, which, is_quoted))
            return false;
        making->exists = making->exists || is_quoted;
        if (!value_put(making, value, is_quoted))
            return false;
    }
    return true;
}

// False: there is none, and that is a problem. *value is NULL where it is none.
static bool value_find(struct making *making, const char *name, size_t length, const char **value) {
    *value = making->expansion->host->parameter(name, length);
    return *value || !making->expansion->needs_values || fail_with(making, "not set", name, length);
}

static bool parameter_put(struct making *making, const char *name, size_t length, bool is_quoted) {
    const char *value;
    if (length == 1 && (*name == '@' || *name == '*'))
        return positionals_put(making, *name, is_quoted);
    return value_find(making, name, length, &value) && (!value || value_put(making, value, is_quoted));
}

// The part of a value that is left when what a pattern matches at its front or end is taken away: # % the shortest,
// ## %% the longest.
static void value_trim(char *value, const char *pattern, bool at_end, bool is_longest) {
    size_t length = strlen(value);
    for (size_t tried = 0; tried <= length; tried++) {
        size_t taken = is_longest ? length - tried : tried;
        if (!glob_matches(pattern, at_end ? value + length - taken : value, taken))
            continue;
        if (at_end)
            value[length - taken] = 0;
        else
            memmove(value, value + taken, length - taken + 1);
        return;
    }
}

// The quotes of a pattern are its own.
static bool trimmed_put(struct making *making, const char *value, const char *rest, size_t length, bool is_quoted) {
    bool is_longest = length > 1 && rest[1] == rest[0];
    size_t skipped = is_longest ? 2 : 1;
    char *pattern = text_expand(making, rest + skipped, length - skipped, QUOTING_NONE, braced_walk, true);
    char *copy = pattern ? strdup(value ? value : "") : NULL;
    bool is_made = copy;
    if (copy) {
        value_trim(copy, pattern, rest[0] == '%', is_longest);
        is_made = value_put(making, copy, is_quoted);
    }
    free(copy);
    free(pattern);
    return is_made;
}

// Whether a parameter has a value, and puts it. $@ and $* always have one, which is empty if there is no $1.
static bool has_value(struct making *making, const char *name, size_t length, bool is_empty_one) {
    const struct expand_host *host = making->expansion->host;
    bool are_all = length == 1 && (*name == '@' || *name == '*');
    const char *value = are_all ? host->positional(1) : host->parameter(name, length);
    return value ? *value || is_empty_one : are_all && is_empty_one;
}

// ${NAME:-word} and the like; without the colon an empty value counts as one.
static bool alternative_put(struct making *making, const char *name, size_t name_size, const char *rest, size_t length,
                            enum quoting quoting) {
    const struct expand_host *host = making->expansion->host;
    bool has_colon = *rest == ':', is_quoted = quoting != QUOTING_NONE;
    rest += has_colon;
    length -= has_colon;
    if (!length || !strchr("-=+?", *rest))
        return fail_with(making, "not a substitution", name, name_size + has_colon + length);
    char which = *rest++;
    length--;
    if (has_value(making, name, name_size, !has_colon) != (which == '+'))
        return which == '+' || parameter_put(making, name, name_size, is_quoted);
    if (which == '-' || which == '+')
        return braced_walk(making, rest, length, quoting);
    char *word = text_expand(making, rest, length, quoting, braced_walk, false);
    bool is_made = word && which == '=' && host->assign(name, name_size, word) && value_put(making, word, is_quoted);
    if (word && which == '?')
        fail_with(making, *word ? word : "not set", name, name_size);
    free(word);
    return is_made;
}

static bool length_put(struct making *making, const char *name, size_t length, bool is_quoted) {
    char digits[24];
    const char *value;
    if (!value_find(making, name, length, &value))
        return false;
    snprintf(digits, sizeof digits, "%zu", value ? strlen(value) : 0);
    return value_put(making, digits, is_quoted);
}

// The text between ${ and }.
static bool braces_put(struct making *making, const char *text, size_t length, enum quoting quoting) {
    bool is_quoted = quoting != QUOTING_NONE;
    if (length > 1 && text[0] == '#' && parameter_length(text + 1, length - 1) == length - 1)
        return length_put(making, text + 1, length - 1, is_quoted);
    size_t name = parameter_length(text, length);
    if (!name)
        return fail_with(making, "not a substitution", text, length);
    if (name == length)
        return parameter_put(making, text, length, is_quoted);
    const char *value;
    if (text[name] == '#' || text[name] == '%')
        return value_find(making, text, name, &value) &&
               trimmed_put(making, value, text + name, length - name, is_quoted);
    return alternative_put(making, text, name, text + name, length - name, is_quoted ? QUOTING_DOUBLE : quoting);
}

// ---- Commands and arithmetic ----

static bool command_put(struct making *making, const char *text, size_t length, bool is_parsed, bool is_quoted) {
    making->expansion->problem = NULL;
    char *output = making->expansion->host->substitute(text, length, is_parsed);
    bool is_made = output && value_put(making, output, is_quoted);
    free(output);
    return is_made;
}

// Between backquotes a backslash quotes $ ` and itself, and within double quotes those.
static bool backquotes_put(struct making *making, const char *text, size_t length, enum quoting quoting) {
    const char *escaped = quoting == QUOTING_DOUBLE ? "$`\\\"" : "$`\\";
    char *command = malloc(length + 1);
    size_t end = 0;
    if (!command)
        return fail_with(making, "no memory left", text, length);
    for (size_t index = 0; index < length; index++) {
        bool escapes = text[index] == '\\' && index + 1 < length && strchr(escaped, text[index + 1]);
        command[end++] = text[index += escapes];
    }
    bool is_made = command_put(making, command, end, false, quoting != QUOTING_NONE);
    free(command);
    return is_made;
}

static bool arithmetic_put(struct making *making, const char *text, size_t length, bool is_quoted) {
    char digits[24];
    int64_t value = 0;
    char *expression = text_expand(making, text, length, QUOTING_DOCUMENT, text_walk, false);
    if (!expression)
        return false;
    const struct expand_host *host = making->expansion->host;
    const char *problem = arithmetic(expression, host->parameter, host->assign, &value);
    free(expression);
    if (problem)
        return fail_with(making, problem, text, length);
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    return value_put(making, digits, is_quoted);
}

// A parameter without braces: a variable, one digit or one special byte.
static bool plain_parameter_put(struct making *making, const char *text, size_t length, size_t *position,
                                bool is_quoted) {
    const char *name = text + *position + 1;
    size_t size = parameter_length(name, length - *position - 1);
    if (size && *name >= '0' && *name <= '9')
        size = 1;
    *position += 1 + size;
    return size ? parameter_put(making, name, size, is_quoted) : put(making, '$', is_quoted);
}

// The part at a position, which moves after it. Its end is 0 if it has none: reported.
static struct part part_take(struct making *making, const char *text, size_t length, size_t *position,
                             enum quoting quoting) {
    struct part part = part_at(text, *position, length, quoting, making->depth);
    if (part.end > length)
        part = (struct part){.problem = "a quote is not closed"};
    if (!part.end)
        fail_with(making, part.problem, text + *position, length - *position);
    *position = part.end;
    return part;
}

// A $ or backquote with what belongs to it.
static bool substitution_put(struct making *making, const char *text, size_t length, size_t *position,
                             enum quoting quoting) {
    const char *first = text + *position;
    bool is_quoted = quoting != QUOTING_NONE;
    if (*first == '$' && (*position + 1 == length || (first[1] != '(' && first[1] != '{')))
        return plain_parameter_put(making, text, length, position, is_quoted);
    struct part part = part_take(making, text, length, position, quoting);
    size_t size = (size_t)(text + part.end - first);
    if (!part.end)
        return false;
    if (*first == '`')
        return backquotes_put(making, first + 1, size - 2, quoting);
    if (first[1] == '{')
        return braces_put(making, first + 2, size - 3, quoting);
    if (part.is_arithmetic)
        return arithmetic_put(making, first + 3, size - 5, is_quoted);
    return command_put(making, first + 2, size - 3, true, is_quoted);
}

// ---- Quotes ----

static bool backslash_put(struct making *making, const char *text, size_t length, size_t *position,
                          enum quoting quoting) {
    char next = *position + 1 < length ? text[*position + 1] : 0;
    bool escapes = next && (quoting == QUOTING_NONE || strchr("$`\\", next));
    escapes = escapes || (next == '"' && quoting == QUOTING_DOUBLE) || (next == '}' && making->braces);
    *position += escapes ? 2 : 1;
    return put(making, escapes ? next : '\\', true);
}

static bool single_quotes_put(struct making *making, const char *text, size_t length, size_t *cursor) {
    making->exists = true;
    for (++*cursor; *cursor < length && text[*cursor] != '\''; ++*cursor)
        if (!put(making, text[*cursor], true))
            return false;
    ++*cursor;
    return true;
}

static bool double_quotes_put(struct making *making, const char *text, size_t length, size_t *position) {
    const char *inside = text + *position + 1;
    struct part part = part_take(making, text, length, position, QUOTING_DOUBLE);
    if (!part.end)
        return false;
    size_t size = (size_t)(text + part.end - inside) - 1;
    bool are_all = size == 2 && strncmp(inside, "$@", size) == 0; // none of them: no word either
    making->exists = making->exists || !are_all;
    unsigned braces = making->braces;
    making->braces = 0;
    bool is_made = text_walk(making, inside, size, QUOTING_DOUBLE);
    making->braces = braces;
    return is_made;
}

static bool plain_put(struct making *making, char byte, enum quoting quoting) {
    bool is_value = quoting == QUOTING_NONE && making->braces && making->fields;
    if (is_value && strchr(separators(making->expansion->host), byte))
        return separator_put(making, byte);
    return put(making, byte, quoting != QUOTING_NONE);
}

static bool text_walk(struct making *making, const char *text, size_t length, enum quoting quoting) {
    bool is_made = true;
    for (size_t position = 0; is_made && position < length;) {
        char byte = text[position];
        if (byte == '\\')
            is_made = backslash_put(making, text, length, &position, quoting);
        else if (byte == '$' || byte == '`')
            is_made = substitution_put(making, text, length, &position, quoting);
        else if (byte == '\'' && quoting == QUOTING_NONE)
            is_made = single_quotes_put(making, text, length, &position);
        else if (byte == '"' && quoting != QUOTING_DOCUMENT)
            is_made = double_quotes_put(making, text, length, &position);
        else
            is_made = plain_put(making, text[position++], quoting);
    }
    return is_made;
}

// ---- The whole ----

// "~" and "~/" at the start of a text are the home directory's. How many bytes of the text that replaces.
static bool home_put(struct making *making, const char *text, size_t length, bool ends_at_colon, size_t *taken) {
    const char *ends = ends_at_colon ? "/:" : "/";
    *taken = 0;
    if (!length || text[0] != '~' || (length > 1 && !strchr(ends, text[1])))
        return true;
    const char *home = making->expansion->host->parameter("HOME", 4);
    home = home ? home : "/";
    making->exists = true;
    *taken = 1;
    bool is_root = strcmp(home, "/") == 0 && length > 1 && text[1] == '/'; // whose slash follows
    for (; *home && !is_root; home++)
        if (!put(making, *home, true))
            return false;
    return true;
}

// Where the next colon is that no part holds, or the end.
static size_t colon_find(const struct making *making, const char *text, size_t length) {
    size_t position = 0;
    while (position < length && text[position] != ':') {
        bool is_dollar = text[position] == '$' && position + 1 < length && strchr("({", text[position + 1]);
        bool begins_part = is_dollar || strchr("\\'\"`", text[position]);
        size_t end = begins_part ? part_at(text, position, length, QUOTING_NONE, making->depth).end : position + 1;
        position = end ? end : length;
    }
    return position < length ? position : length;
}

// The value of an assignment: a tilde after a colon counts, too, and the value is one word.
static bool value_walk(struct making *making, const char *text, size_t length) {
    for (size_t position = 0, taken; position < length;) {
        size_t end = position + colon_find(making, text + position, length - position);
        end += end < length;
        if (!home_put(making, text + position, end - position, true, &taken) ||
            !text_walk(making, text + position + taken, end - position - taken, QUOTING_NONE))
            return false;
        position = end;
    }
    return true;
}

static bool word_walk(struct making *making, const char *text, size_t length, enum quoting quoting) {
    size_t taken;
    return home_put(making, text, length, false, &taken) && text_walk(making, text + taken, length - taken, quoting);
}

// A word "NAME=VALUE" of a command that assigns.
static bool assignment_walk(struct making *making, const struct word *word, size_t name) {
    struct fields *fields = making->fields;
    making->fields = NULL;
    bool is_made = text_walk(making, word->text, name + 1, QUOTING_NONE) &&
                   value_walk(making, word->text + name + 1, word->length - name - 1);
    making->fields = fields;
    making->is_magic = false;
    return is_made;
}

bool expand_words(struct expansion *expansion, const struct word *words, struct fields *fields) {
    struct making making = {.expansion = expansion, .fields = fields};
    bool is_made = true;
    for (; is_made && words; words = words->next) {
        size_t name = expansion->assigns ? assignment_name(words) : 0;
        is_made =
            name ? assignment_walk(&making, words, name) : word_walk(&making, words->text, words->length, QUOTING_NONE);
        is_made = is_made && field_end(&making);
    }
    making_clear(&making);
    return is_made;
}

char *expand_word(struct expansion *expansion, const struct word *word) {
    struct making making = {.expansion = expansion};
    return making_end(&making, word_walk(&making, word->text, word->length, QUOTING_NONE), false);
}

char *expand_value(struct expansion *expansion, const struct word *word) {
    struct making making = {.expansion = expansion};
    return making_end(&making, value_walk(&making, word->text, word->length), false);
}

char *expand_document(struct expansion *expansion, const char *text) {
    struct making outer = {.expansion = expansion};
    return text_expand(&outer, text, strlen(text), QUOTING_DOCUMENT, text_walk, false);
}

char *expand_pattern(struct expansion *expansion, const struct word *word) {
    struct making making = {.expansion = expansion};
    return making_end(&making, word_walk(&making, word->text, word->length, QUOTING_NONE), true);
}

void fields_free(struct fields *fields) {
    for (int index = 0; index < fields->count; index++)
        free(fields->words[index]);
    *fields = (struct fields){.count = 0};
}
