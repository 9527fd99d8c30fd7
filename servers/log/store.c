// SPDX-License-Identifier: MIT
// 1. A line is in the list of all; one that may be dropped is also in the list of its source, the oldest first.
// 2. Only a full store drops a line, and only one of the source that holds the most.
#include "store.h"

#include <string.h>

#define KERNEL_SOURCE "kernel"
#define OTHERS_SOURCE "other programs"

// ---- Whose line it is ----

// The text after "[ seconds] ", and its words.
struct words {
    const char *at, *end;
};

static struct words words_of(const char *text, size_t length) {
    struct words words = {text, text + length};
    const char *bracket = length && *text == '[' ? memchr(text, ']', length) : NULL;
    if (bracket)
        words.at = bracket + 1;
    return words;
}

// The next word, up to a space or a colon; its length.
static size_t word_next(struct words *words, const char **word) {
    while (words->at < words->end && *words->at == ' ')
        words->at++;
    *word = words->at;
    while (words->at < words->end && *words->at != ' ' && *words->at != ':')
        words->at++;
    return (size_t)(words->at - *word);
}

static bool word_is(const char *word, size_t length, const char *wanted) {
    return strlen(wanted) == length && memcmp(word, wanted, length) == 0;
}

static bool is_kind(const char *word, size_t length) {
    return word_is(word, length, "app") || word_is(word, length, "driver") || word_is(word, length, "server");
}

// The kernel begins a line about a process with "process PID NAME" or "KIND NAME PID", whatever text follows.
static void source_name(const char *text, size_t length, char *name) {
    struct words words = words_of(text, length);
    const char *word;
    size_t size = word_next(&words, &word);
    strcpy(name, KERNEL_SOURCE);
    bool is_process = word_is(word, size, "process");
    if (!is_process && !is_kind(word, size))
        return;
    if (is_process)
        word_next(&words, &word);
    size = word_next(&words, &word);
    if (!size || size > SOURCE_NAME_MAX)
        return;
    memcpy(name, word, size);
    name[size] = 0;
}

bool line_is_denial(const char *text, size_t length) {
    static const char denied[] = "denied: ", more[] = "what else it is denied";
    struct words words = words_of(text, length);
    const char *word;
    size_t size = word_next(&words, &word);
    if (!is_kind(word, size))
        return false;
    word_next(&words, &word);
    word_next(&words, &word);
    if (words.end - words.at < 2)
        return false;
    const char *rest = words.at + 2; // after ": "
    size_t left = (size_t)(words.end - rest);
    return (left >= strlen(denied) && memcmp(rest, denied, strlen(denied)) == 0) ||
           (left >= strlen(more) && memcmp(rest, more, strlen(more)) == 0);
}

static struct source *source_of(struct store *store, const char *text, size_t length) {
    char name[SOURCE_NAME_MAX + 1];
    source_name(text, length, name);
    for (uint32_t number = 0; number < store->source_count; number++)
        if (strcmp(store->sources[number].name, name) == 0)
            return &store->sources[number];
    if (store->source_count == SOURCES_MAX)
        return &store->sources[SOURCES_MAX - 1];
    struct source *source = &store->sources[store->source_count++];
    strcpy(source->name, store->source_count == SOURCES_MAX ? OTHERS_SOURCE : name);
    return source;
}

// ---- Lines ----

static struct line *line_drop(struct store *store) {
    struct source *most = store->sources;
    for (uint32_t number = 1; number < store->source_count; number++)
        if (store->sources[number].held > most->held)
            most = &store->sources[number];
    struct line *line = most->oldest;
    most->oldest = line->newer;
    most->held--;
    most->dropped++;
    if (line->previous)
        line->previous->next = line->next;
    else
        store->first = line->next;
    if (line->next)
        line->next->previous = line->previous;
    else
        store->last = line->previous;
    return line;
}

static void line_append(struct store *store, struct line *line) {
    line->next = NULL;
    line->previous = store->last;
    if (store->last)
        store->last->next = line;
    else
        store->first = line;
    store->last = line;
}

static void source_append(struct source *source, struct line *line) {
    line->newer = NULL;
    if (source->held++)
        source->newest->newer = line;
    else
        source->oldest = line;
    source->newest = line;
}

bool store_keep(struct store *store, const char *text, size_t length) {
    struct source *source = source_of(store, text, length);
    bool is_full = store->used == store->limit;
    struct line *line = is_full ? line_drop(store) : &store->lines[store->used++];
    line->number = store->count++;
    line->length = (uint8_t)(length < STORE_LINE_MAX ? length : STORE_LINE_MAX);
    memcpy(line->text, text, line->length);
    line_append(store, line);
    if (line->number >= store->forever)
        source_append(source, line);
    return is_full;
}

uint32_t store_read(const struct store *store, uint32_t number, char *to, size_t size, uint32_t *next, size_t *length) {
    const struct line *line = store->first;
    uint32_t count = 0;
    *length = 0;
    *next = store->count;
    while (line && line->number < number)
        line = line->next;
    for (; line; line = line->next) {
        if (*length + line->length + 1 > size) {
            *next = line->number;
            break;
        }
        memcpy(to + *length, line->text, line->length);
        *length += line->length;
        to[(*length)++] = '\n';
        count++;
    }
    return count;
}
