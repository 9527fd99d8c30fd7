// SPDX-License-Identifier: MIT
#include "function.h"

#include "abi.h"
#include "failure.h"
#include "run.h"
#include "shell.h"
#include "syntax.h"
#include "variable.h"

#include <stdlib.h>
#include <string.h>

struct function {
    char *name, *text;
    unsigned line; // where the text begins
    struct function *next;
};

static struct function *functions;

// Where its link is, or where that of a new one belongs.
static struct function **place_of(const char *name) {
    struct function **place = &functions;
    while (*place && strcmp((*place)->name, name) != 0)
        place = &(*place)->next;
    return place;
}

static void function_free(struct function *function) {
    if (!function)
        return;
    free(function->name);
    free(function->text);
    free(function);
}

bool function_is_known(const char *name) {
    return *place_of(name);
}

void function_unset(const char *name) {
    struct function **place = place_of(name), *function = *place;
    if (function)
        *place = function->next;
    function_free(function);
}

int function_define(const struct node *node) {
    const struct node *body = node->first;
    struct function *function = calloc(1, sizeof *function);
    struct buffer text = {0};
    node_text(body, &text);
    if (function)
        *function = (struct function){strndup(node->name.text, node->name.length), text.bytes, body->line, NULL};
    if (!function || !function->name || !function->text || text.is_short) {
        function_free(function);
        return fail("()", -PIPE_ENOMEM);
    }
    function_unset(function->name);
    *place_of(function->name) = function;
    return 0;
}

void functions_visit(void (*visit)(void *context, const char *name, const char *text), void *context) {
    for (const struct function *function = functions; function; function = function->next)
        visit(context, function->name, function->text);
}

// The function may be another, or none, before it ends: what runs is a copy.
static int copy_run(const struct function *function) {
    char *text = strdup(function->text);
    shell.returnable++;
    int status = text ? text_run_parsed(text, shell.script, function->line) : fail(function->name, -PIPE_ENOMEM);
    shell_returned();
    free(text);
    return status;
}

int function_call(int count, char **words) {
    char **parameters = shell.parameters;
    unsigned parameter_count = shell.parameter_count, loops = shell.loops;
    struct kept_variable *kept = NULL, **outer_locals = shell.locals;
    shell.parameters = NULL;
    shell.loops = 0;
    shell.locals = &kept;
    const struct function *function = *place_of(words[0]);
    bool is_made = function && shell_parameters_set(count - 1, words + 1);
    int status = is_made ? copy_run(function) : fail(words[0], -PIPE_ENOMEM);
    shell_parameters_restore(parameters, parameter_count);
    variables_restore(kept);
    shell.locals = outer_locals;
    shell.loops = loops;
    return status;
}
