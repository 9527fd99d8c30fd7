// SPDX-License-Identifier: MIT
#include "function.h"

#include <stdlib.h>
#include <string.h>

struct function {
    char *name, *text;
    unsigned line; // where the text begins
    struct function *next;
};

static struct function *functions;

// Its link, or that of a new one.
static struct function **link_of(const char *name) {
    struct function **link = &functions;
    while (*link && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    return link;
}

static void function_free(struct function *function) {
    if (!function)
        return;
    free(function->name);
    free(function->text);
    free(function);
}

bool function_is_known(const char *name) {
    return *link_of(name);
}

void function_unset(const char *name) {
    struct function **link = link_of(name), *function = *link;
    if (function)
        *link = function->next;
    function_free(function);
}

bool function_set(const char *name, size_t length, char *text, unsigned line) {
    struct function *function = calloc(1, sizeof *function);
    if (function)
        *function = (struct function){strndup(name, length), text, line, NULL};
    if (!function || !function->name || !text) {
        function_free(function);
        return false;
    }
    function_unset(function->name);
    *link_of(function->name) = function;
    return true;
}

const char *function_text(const char *name, unsigned *line) {
    const struct function *function = *link_of(name);
    *line = function ? function->line : 0;
    return function ? function->text : NULL;
}

void functions_visit(void (*visit)(void *context, const char *name, const char *text), void *context) {
    for (const struct function *function = functions; function; function = function->next)
        visit(context, function->name, function->text);
}
