// SPDX-License-Identifier: MIT
#include "alias.h"

#include <stdlib.h>
#include <string.h>

struct alias {
    char *name, *value;
    struct alias *next;
};

static struct alias *aliases; // in order of names

// The link to the first alias whose name is not before this one.
static struct alias **link_find(const char *name, size_t length, bool *is_there) {
    struct alias **link = &aliases;
    int order = -1;
    for (; *link; link = &(*link)->next) {
        order = strncmp((*link)->name, name, length);
        order = order ? order : (int)((*link)->name[length] != 0);
        if (order >= 0)
            break;
    }
    *is_there = *link && order == 0;
    return link;
}

const char *alias_value(const char *name, size_t length) {
    bool is_there;
    struct alias **link = link_find(name, length, &is_there);
    return is_there ? (*link)->value : NULL;
}

bool alias_is_name(const char *name, size_t length) {
    for (size_t index = 0; index < length; index++)
        if (strchr("=$`'\"\\|&;<>()/ \t\n", name[index]))
            return false;
    return length;
}

bool alias_set(const char *name, size_t length, const char *value) {
    bool is_there;
    struct alias **link = link_find(name, length, &is_there);
    char *copy = strdup(value);
    struct alias *alias = is_there ? *link : calloc(1, sizeof *alias);
    if (alias && !is_there)
        alias->name = strndup(name, length);
    if (!copy || !alias || !alias->name) {
        if (!is_there)
            free(alias);
        free(copy);
        return false;
    }
    free(alias->value);
    alias->value = copy;
    if (is_there)
        return true;
    alias->next = *link;
    *link = alias;
    return true;
}

static void link_remove(struct alias **link) {
    struct alias *alias = *link;
    *link = alias->next;
    free(alias->name);
    free(alias->value);
    free(alias);
}

bool alias_unset(const char *name) {
    bool is_there;
    struct alias **link = link_find(name, strlen(name), &is_there);
    if (is_there)
        link_remove(link);
    return is_there;
}

void aliases_unset(void) {
    while (aliases)
        link_remove(&aliases);
}

void aliases_visit(void (*visit)(void *context, const char *name, const char *value), void *context) {
    for (const struct alias *alias = aliases; alias; alias = alias->next)
        visit(context, alias->name, alias->value);
}
