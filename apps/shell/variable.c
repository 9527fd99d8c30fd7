// SPDX-License-Identifier: MIT
#include "variable.h"

#include "abi.h"
#include "syntax.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

struct variable {
    char *name, *value;
};

// In order of names.
static struct variable *variables;
static size_t variable_count;

// The index of a name, or the one at which it would stand.
static size_t index_of(const char *name, bool *is_there) {
    size_t low = 0, high = variable_count;
    *is_there = false;
    while (low < high && !*is_there) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, variables[middle].name);
        *is_there = order == 0;
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return high;
}

static bool name_copy(const char *name, size_t length, char *to) {
    if (!length || length > VARIABLE_NAME_MAX || name_length(name, length) != length)
        return false;
    memcpy(to, name, length);
    to[length] = 0;
    return true;
}

const char *variable_get(const char *name, size_t length) {
    char whole[VARIABLE_NAME_MAX + 1];
    bool is_there;
    if (!name_copy(name, length, whole))
        return NULL;
    size_t index = index_of(whole, &is_there);
    return is_there ? variables[index].value : getenv(whole);
}

// Makes room for a variable at an index.
static bool variable_insert(size_t index, const char *name) {
    struct variable *grown =
        variable_count == VARIABLES_MAX ? NULL : realloc(variables, (variable_count + 1) * sizeof *variables);
    if (!grown)
        return false;
    variables = grown;
    char *copy = strdup(name);
    if (!copy)
        return false;
    memmove(variables + index + 1, variables + index, (variable_count - index) * sizeof *variables);
    variables[index].name = copy;
    variables[index].value = NULL;
    variable_count++;
    return true;
}

static void variable_remove(size_t index) {
    free(variables[index].name);
    free(variables[index].value);
    variable_count--;
    memmove(variables + index, variables + index + 1, (variable_count - index) * sizeof *variables);
}

long variable_set(const char *name, size_t length, const char *value) {
    char whole[VARIABLE_NAME_MAX + 1];
    bool is_there;
    if (!name_copy(name, length, whole))
        return -PIPE_EINVAL;
    size_t index = index_of(whole, &is_there);
    if (!is_there && getenv(whole))
        return setenv(whole, value, 1) < 0 ? -PIPE_ENOMEM : 0;
    char *copy = strdup(value); // the old value may be part of it
    if (!copy || (!is_there && !variable_insert(index, whole))) {
        free(copy);
        return -PIPE_ENOMEM;
    }
    free(variables[index].value);
    variables[index].value = copy;
    return 0;
}

long variable_export(const char *name, size_t length) {
    char whole[VARIABLE_NAME_MAX + 1];
    bool is_there;
    if (!name_copy(name, length, whole))
        return -PIPE_EINVAL;
    size_t index = index_of(whole, &is_there);
    if (!is_there && getenv(whole))
        return 0;
    if (setenv(whole, is_there ? variables[index].value : "", 1) < 0)
        return -PIPE_ENOMEM;
    if (is_there)
        variable_remove(index);
    return 0;
}

void variable_unset(const char *name, size_t length) {
    char whole[VARIABLE_NAME_MAX + 1];
    bool is_there;
    if (!name_copy(name, length, whole))
        return;
    size_t index = index_of(whole, &is_there);
    if (is_there)
        variable_remove(index);
    unsetenv(whole);
}

static void exported_visit(void (*visit)(void *context, const char *name, const char *value, bool is_exported),
                           void *context) {
    for (char **entry = environ; entry && *entry; entry++) {
        char name[VARIABLE_NAME_MAX + 1];
        const char *sign = strchr(*entry, '=');
        if (sign && name_copy(*entry, (size_t)(sign - *entry), name))
            visit(context, name, sign + 1, true);
    }
}

void variables_visit(void (*visit)(void *context, const char *name, const char *value, bool is_exported),
                     void *context) {
    exported_visit(visit, context);
    for (size_t index = 0; index < variable_count; index++)
        visit(context, variables[index].name, variables[index].value, false);
}

struct kept_variable {
    char name[VARIABLE_NAME_MAX + 1];
    char *value; // NULL: it was not set
    bool was_exported;
    struct kept_variable *before;
};

long variable_keep(const char *name, size_t length, struct kept_variable **kept) {
    struct kept_variable *variable = calloc(1, sizeof *variable);
    if (!variable || !name_copy(name, length, variable->name)) {
        free(variable);
        return -PIPE_ENOMEM;
    }
    const char *value = variable_get(name, length);
    if (value && !(variable->value = strdup(value))) {
        free(variable);
        return -PIPE_ENOMEM;
    }
    variable->was_exported = getenv(variable->name);
    variable->before = *kept;
    *kept = variable;
    return 0;
}

void variables_restore(struct kept_variable *kept) {
    while (kept) {
        struct kept_variable *before = kept->before;
        size_t length = strlen(kept->name);
        variable_unset(kept->name, length);
        if (kept->value)
            variable_set(kept->name, length, kept->value);
        if (kept->value && kept->was_exported)
            variable_export(kept->name, length);
        free(kept->value);
        free(kept);
        kept = before;
    }
}
