// SPDX-License-Identifier: MIT
// `find`: files by their names.
#include "failure.h"
#include "file_tree.h"
#include "tool.h"

#include <fnmatch.h>
#include <string.h>

// One search at a time: what visits a tree gets nothing but paths.
static struct {
    const char *name; // a pattern, or NULL: any
    char type;        // 'd', 'f', or 0: any
} sought;

static int found_say(const char *path, char type) {
    const char *slash = strrchr(path, '/'), *name = slash && slash[1] ? slash + 1 : path;
    bool has_name = !sought.name || fnmatch(sought.name, name, 0) == 0;
    if (!has_name || (sought.type && sought.type != type))
        return 0;
    say_name(path);
    say("\n");
    return 0;
}

static int file_found(const char *path, const char *to) {
    (void)to;
    return found_say(path, 'f');
}

static int directory_found(const char *path, const char *to) {
    (void)to;
    return found_say(path, 'd');
}

// "-name PATTERN" and "-type d": words from `index` on. False: reported.
static bool conditions_parse(int count, char **words, int index) {
    sought.name = NULL;
    sought.type = 0;
    for (; index < count; index += 2) {
        bool is_name = strcmp(words[index], "-name") == 0;
        if (!is_name && strcmp(words[index], "-type") != 0)
            return fail_usage(words[index], "no such option"), false;
        if (index + 1 == count)
            return fail_usage(words[index], "the option takes a value"), false;
        const char *value = words[index + 1];
        if (is_name)
            sought.name = value;
        else if (strcmp(value, "d") == 0 || strcmp(value, "f") == 0)
            sought.type = *value;
        else
            return fail_usage(value, "a type is d or f"), false;
    }
    return true;
}

int find_command(int count, char **words) {
    static const struct tree_plan plan = {.enter = directory_found, .visit = file_found};
    int end = 1; // of the paths
    while (end < count && words[end][0] != '-')
        end++;
    if (!conditions_parse(count, words, end))
        return STATUS_USAGE;
    return trees_do(&plan, (const char *const *)words + 1, end - 1);
}
