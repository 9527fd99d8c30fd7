// SPDX-License-Identifier: MIT
#include "candidates.h"

#include "commands.h"
#include "file.h"
#include "function.h"
#include "program_path.h"
#include "pipe.h"

#include <stdlib.h>
#include <string.h>

// Names that can't be typed at the line's editor are not offered.
static bool is_typeable(const char *name, size_t length) {
    for (size_t index = 0; index < length; index++)
        if ((unsigned char)name[index] < ' ' || name[index] == 0x7f)
            return false;
    return true;
}

// Adds a name if it begins as the word does.
static void add(struct candidates *candidates, const char *prefix, const char *name, size_t length, bool is_directory) {
    if (candidates->only_directories && !is_directory)
        return;
    if (length < candidates->prefix || memcmp(name, prefix, candidates->prefix) != 0 || !is_typeable(name, length))
        return;
    size_t room = CANDIDATES_TEXT_MAX - candidates->text_length;
    if (candidates->count == CANDIDATES_MAX || room < length + sizeof "/") {
        candidates->is_cut = true;
        return;
    }
    char *text = candidates->text + candidates->text_length;
    memcpy(text, name, length);
    strcpy(text + length, is_directory ? "/" : "");
    candidates->names[candidates->count++] = text;
    candidates->text_length += strlen(text) + 1;
}

// ---- Files and pipes ----

static void files_add(struct candidates *candidates, const char *directory, const char *prefix) {
    static struct file_walk walk;
    if (file_walk_begin(&walk, *directory ? directory : ".") < 0)
        return;
    while (file_walk_next(&walk) > 0)
        add(candidates, prefix, walk.name, strlen(walk.name), walk.entry.type == MODE_DIRECTORY);
    file_walk_end(&walk);
}

// The names of one page of a listing; the last goes to `last`.
static void page_add(struct candidates *candidates, const char *prefix, long length, char *last) {
    const char *page = pipe_payload();
    for (long index = 0; index < length;) {
        struct list_entry entry;
        memcpy(&entry, page + index, sizeof entry);
        const char *name = page + index + sizeof entry;
        add(candidates, prefix, name, entry.name_length, entry.flow == FLOW_DIRECTORY);
        memcpy(last, name, entry.name_length);
        last[entry.name_length] = 0;
        index += (long)sizeof entry + entry.name_length;
    }
}

static void pipes_add(struct candidates *candidates, const char *path, const char *prefix) {
    char last[COMPONENT_MAX + 1] = "";
    long length, directory = pipe_open(path, RIGHT_READ);
    if (directory < 0)
        return;
    while ((length = pipe_list(directory, last)) > 0)
        page_add(candidates, prefix, length, last);
    pipe_close(directory);
}

// Whether a path leads below a directory of pipes: the first name of it does.
static bool leads_to_pipes(const char *path) {
    char top[COMPONENT_MAX + 2];
    struct pipe_stat stat;
    size_t length = *path == '/' ? 1 + strcspn(path + 1, "/") : 0;
    if (length < 2 || length >= sizeof top)
        return false;
    memcpy(top, path, length);
    top[length] = 0;
    return pipe_stat_path(top, &stat) == 0;
}

static void paths_add(struct candidates *candidates, const char *text) {
    char directory[COMPLETION_TEXT_MAX + 1];
    const char *slash = strrchr(text, '/'), *prefix = slash ? slash + 1 : text;
    size_t length = slash ? (size_t)(slash - text) : 0;
    memcpy(directory, text, length);
    directory[length] = 0;
    if (slash && length == 0)
        strcpy(directory, "/");
    candidates->prefix = strlen(prefix);
    if (strcmp(directory, "/") == 0)
        pipes_add(candidates, directory, prefix);
    if (leads_to_pipes(directory))
        pipes_add(candidates, directory, prefix);
    else
        files_add(candidates, directory, prefix);
}

// ---- Commands ----

struct addition {
    struct candidates *candidates;
    const char *prefix;
};

static void function_add(void *context, const char *name, const char *text) {
    const struct addition *addition = context;
    (void)text;
    add(addition->candidates, addition->prefix, name, strlen(name), false);
}

static void commands_add(struct candidates *candidates, const char *prefix) {
    const char *name;
    candidates->prefix = strlen(prefix);
    for (unsigned index = 0; (name = command_name(index)); index++)
        add(candidates, prefix, name, strcspn(name, " "), false);
    struct addition addition = {candidates, prefix};
    functions_visit(function_add, &addition);
    files_add(candidates, PROGRAMS_DIRECTORY, prefix);
}

// The second words of commands of two. False: there is no such family.
static bool family_add(struct candidates *candidates, const char *family, const char *prefix) {
    size_t length = strlen(family);
    const char *name;
    bool is_one = false;
    candidates->prefix = strlen(prefix);
    for (unsigned index = 0; (name = command_name(index)); index++) {
        if (strncmp(name, family, length) != 0 || name[length] != ' ')
            continue;
        add(candidates, prefix, name + length + 1, strlen(name + length + 1), false);
        is_one = true;
    }
    return is_one;
}

static bool is_one_of(const char *word, const char *const *words) {
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words;
}

// Whether the word is the name of a command, as the first one is, and some that others take.
static bool is_command_word(const struct completion_word *word) {
    static const char *const takers[] = {"command", "help", "man", "run", "type", "which", NULL};
    if (word->is_redirected || strchr(word->text, '/'))
        return false;
    return word->index == 0 || (word->index == 1 && is_one_of(word->command, takers)) ||
           (word->index == 2 && strcmp(word->command, "as") == 0);
}

static int name_compare(const void *first, const void *second) {
    return strcmp(*(const char *const *)first, *(const char *const *)second);
}

static void sort(struct candidates *candidates) {
    unsigned kept = 0;
    qsort(candidates->names, candidates->count, sizeof *candidates->names, name_compare);
    for (unsigned index = 0; index < candidates->count; index++)
        if (!kept || strcmp(candidates->names[kept - 1], candidates->names[index]) != 0)
            candidates->names[kept++] = candidates->names[index];
    candidates->count = kept;
}

void candidates_find(const struct completion_word *word, struct candidates *candidates) {
    static const char *const goers[] = {"cd", "mkdir", "rmdir", NULL};
    candidates->only_directories = word->index && !word->is_redirected && is_one_of(word->command, goers);
    candidates->count = 0;
    candidates->text_length = 0;
    candidates->is_cut = false;
    if (is_command_word(word))
        commands_add(candidates, word->text);
    else if (word->index != 1 || word->is_redirected || !family_add(candidates, word->command, word->text))
        paths_add(candidates, word->text);
    sort(candidates);
}
