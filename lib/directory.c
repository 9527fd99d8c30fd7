// SPDX-License-Identifier: MIT
// <dirent.h> (POSIX.1-2017) by listings of volumes, in order of names. A directory has no entries "." and "..".
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_ROOM_FIRST 16

struct directory {
    struct file_walk walk;
    struct dirent entry;
};

DIR *opendir(const char *path) {
    DIR *directory = malloc(sizeof *directory);
    if (!directory)
        return NULL;
    long error = file_walk_begin(&directory->walk, path);
    if (!error)
        return directory;
    free(directory);
    errno = (int)-error;
    return NULL;
}

struct dirent *readdir(DIR *directory) {
    struct file_walk *walk = &directory->walk;
    long result = file_walk_next(walk);
    if (result < 0)
        errno = (int)-result;
    if (result <= 0)
        return NULL;
    directory->entry.d_ino = (ino_t)walk->entry.inode;
    directory->entry.d_type = walk->entry.type == MODE_DIRECTORY ? DT_DIR
                              : walk->entry.type == MODE_LINK    ? DT_LNK
                                                                 : DT_REG;
    strcpy(directory->entry.d_name, walk->name);
    return &directory->entry;
}

void rewinddir(DIR *directory) {
    file_walk_rewind(&directory->walk);
}

int closedir(DIR *directory) {
    file_walk_end(&directory->walk);
    free(directory);
    return 0;
}

// ---- Whole directories ----

int alphasort(const struct dirent **first, const struct dirent **second) {
    return strcmp((*first)->d_name, (*second)->d_name);
}

struct collection {
    struct dirent **entries;
    int count, room;
};

static void collection_free(struct collection *all) {
    while (all->count)
        free(all->entries[--all->count]);
    free(all->entries);
}

static bool collection_add(struct collection *all, const struct dirent *entry) {
    if (all->count == all->room) {
        int room = all->room ? 2 * all->room : ENTRIES_ROOM_FIRST;
        struct dirent **entries = realloc(all->entries, (size_t)room * sizeof(struct dirent *));
        if (!entries)
            return false;
        all->entries = entries;
        all->room = room;
    }
    struct dirent *copy = malloc(sizeof *copy);
    if (!copy)
        return false;
    *copy = *entry;
    all->entries[all->count++] = copy;
    return true;
}

// False with errno set.
static bool collect(struct collection *all, DIR *directory, int (*is_wanted)(const struct dirent *)) {
    const struct dirent *entry;
    errno = 0;
    while ((entry = readdir(directory)) != NULL)
        if ((!is_wanted || is_wanted(entry)) && !collection_add(all, entry))
            return false;
    return errno == 0;
}

int scandir(const char *path, struct dirent ***entries, int (*is_wanted)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **)) {
    struct collection all = {0};
    DIR *directory = opendir(path);
    if (!directory)
        return -1;
    bool is_whole = collect(&all, directory, is_wanted);
    closedir(directory);
    if (!is_whole) {
        collection_free(&all);
        return -1;
    }
    if (compare && all.count)
        qsort(all.entries, (size_t)all.count, sizeof(struct dirent *), (int (*)(const void *, const void *))compare);
    *entries = all.entries;
    return all.count;
}
