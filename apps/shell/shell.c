// SPDX-License-Identifier: MIT
#include "shell.h"

#include "error.h"
#include "failure.h"
#include "glob.h"
#include "output.h"
#include "pipe.h"
#include "run.h"
#include "variable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Problems ----

const char *shell_where(unsigned line) {
    static char where[PATH_LENGTH_MAX + 40];
    snprintf(where, sizeof where, "shell: %s: line %u: ", shell.script ? shell.script : "", line);
    return shell.script ? where : "";
}

int shell_problem(const char *what, const char *problem, unsigned line) {
    fail_as(NULL, NULL);
    complain("%s%s%s%s (%s)\n", shell.script ? shell_where(line) : "shell: ", what ? what : "", what ? ": " : "",
             problem, error_name(PIPE_EINVAL));
    return STATUS_USAGE;
}

int command_lacks(const char *name, long error) {
    bool is_unknown = error == -PIPE_ENOENT;
    complain("%s%s: %s (%s)\n", shell_where(shell.line), *name ? name : "''",
             is_unknown ? "no such command" : error_sentence(error), error_name(error));
    return is_unknown ? STATUS_NO_COMMAND : STATUS_NO_PROGRAM;
}

// ---- Expansion ----

static const char *special_parameter(char name) {
    static char digits[12];
    unsigned value = 0;
    switch (name) {
    case '?':
        value = (unsigned)shell.status;
        break;
    case '$':
        value = shell.pid;
        break;
    case '#':
        value = shell.parameter_count;
        break;
    case '!':
        value = shell.background;
        break;
    default:
        return shell.name;
    }
    snprintf(digits, sizeof digits, "%u", value);
    return name == '!' && !value ? NULL : digits;
}

static const char *positional(unsigned number) {
    return number >= 1 && number <= shell.parameter_count ? shell.parameters[number - 1] : NULL;
}

// The number that digits name; one that is too large names nothing.
static unsigned number_of(const char *digits, size_t length) {
    unsigned number = 0;
    for (size_t index = 0; index < length && number <= WORDS_MAX; index++)
        number = 10 * number + (unsigned)(digits[index] - '0');
    return number;
}

static const char *parameter(const char *name, size_t length) {
    if (name[0] >= '1' && name[0] <= '9')
        return positional(number_of(name, length));
    return length == 1 && strchr("?$#!0", name[0]) ? special_parameter(name[0]) : variable_get(name, length);
}

static bool parameter_assign(const char *name, size_t length, const char *value) {
    long error = variable_set(name, length, value);
    if (error)
        fail("${", error);
    return !error;
}

static const struct expand_host host = {parameter, parameter_assign, positional, substitute, glob_walk};

// A text ends where a word can't be made out (POSIX.1-2017, XCU 2.8.1).
static void expansion_report(const struct expansion *expansion) {
    if (!expansion->problem)
        return;
    shell_problem(expansion->named[0] ? expansion->named : "''", expansion->problem, shell.line);
    shell.leaving = LEAVING_ALL;
}

static char *one_word(const struct word *word, char *(*expand)(struct expansion *expansion, const struct word *word)) {
    struct expansion expansion = {.host = &host, .needs_values = shell.needs_values};
    char *text = expand(&expansion, word);
    if (!text)
        expansion_report(&expansion);
    return text;
}

char *shell_word(const struct word *word) {
    return one_word(word, expand_word);
}

char *shell_value(const struct word *word) {
    return one_word(word, expand_value);
}

char *shell_pattern(const struct word *word) {
    return one_word(word, expand_pattern);
}

// Takes away the tabs that lines begin with.
static void tabs_strip(char *text) {
    char *to = text;
    for (bool begins = true; *text; text++) {
        if (begins && *text == '\t')
            continue;
        begins = *text == '\n';
        *to++ = *text;
    }
    *to = 0;
}

char *shell_document(const struct redirection *redirection) {
    struct expansion expansion = {.host = &host, .needs_values = shell.needs_values};
    char *text = strndup(redirection->file.text, redirection->file.length);
    if (!text) {
        fail("<<", -PIPE_ENOMEM);
        return NULL;
    }
    if (redirection->strips_tabs)
        tabs_strip(text);
    if (redirection->is_plain)
        return text;
    char *expanded = expand_document(&expansion, text);
    free(text);
    if (!expanded)
        expansion_report(&expansion);
    return expanded;
}

bool shell_words(const struct word *words, bool assigns, struct fields *fields) {
    struct expansion expansion = {.host = &host, .needs_values = shell.needs_values, .assigns = assigns};
    bool is_made = expand_words(&expansion, words, fields);
    if (!is_made)
        expansion_report(&expansion);
    return is_made;
}

static void words_free(char **words) {
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}

bool shell_parameters_set(int count, char *const *words) {
    char **copies = calloc((size_t)count + 1, sizeof *copies);
    bool is_made = copies;
    for (int index = 0; is_made && index < count; index++)
        is_made = (copies[index] = strdup(words[index]));
    if (is_made)
        shell_parameters_restore(copies, (unsigned)count);
    else
        words_free(copies);
    return is_made;
}

void shell_parameters_restore(char **parameters, unsigned count) {
    words_free(shell.parameters);
    shell.parameters = parameters;
    shell.parameter_count = count;
}
