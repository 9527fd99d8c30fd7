// SPDX-License-Identifier: MIT
#include "program_path.h"

#include "abi.h"
#include "file.h"
#include "variable.h"

#include <stdio.h>
#include <string.h>

// The directory that a list of them begins with, and a slash; the list then begins with the next one, or is NULL.
static void directory_take(const char **list, char *directory) {
    size_t length = strcspn(*list, ":");
    bool is_last = !(*list)[length];
    size_t taken = length < FILE_PATH_MAX ? length : FILE_PATH_MAX - 1;
    memcpy(directory, *list, taken);
    strcpy(directory + taken, taken && directory[taken - 1] != '/' ? "/" : "");
    *list = is_last ? NULL : *list + length + 1;
}

static const char *directories(void) {
    const char *list = variable_get("PATH", 4);
    return list ? list : PROGRAMS_DIRECTORY;
}

bool program_find(const char *name, char *path) {
    char directory[FILE_PATH_MAX + 1];
    struct stream_stat stat;
    for (const char *list = directories(); list;) {
        directory_take(&list, directory);
        int length = snprintf(path, FILE_PATH_MAX + 1, "%s%s", directory, name);
        if (length <= (int)FILE_PATH_MAX && file_stat(path, &stat) == 0 && (stat.mode & MODE_TYPE) == MODE_FILE)
            return true;
    }
    return false;
}

char *path_program(const char *path, char *whole) {
    size_t length = strlen(PROGRAMS_DIRECTORY);
    bool is_below = file_resolve(path, whole) == 0 && strncmp(whole, PROGRAMS_DIRECTORY, length) == 0;
    return is_below && !strchr(whole + length, '/') ? whole + length : NULL;
}

// Without a server of files the process server knows its programs: a name that is not found may be one's.
bool program_is_named(const char *name) {
    char path[FILE_PATH_MAX + 1], whole[FILE_PATH_MAX + 1];
    if (program_find(name, path))
        return path_program(path, whole);
    for (const char *list = directories(); list;) {
        directory_take(&list, path);
        if (strcmp(path, PROGRAMS_DIRECTORY) == 0)
            return true;
    }
    return false;
}
