// SPDX-License-Identifier: MIT
#include "libtest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 20

static int is_file(const struct dirent *entry) {
    return strncmp(entry->d_name, "file", 4) == 0;
}

static int files_count(DIR *directory) {
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += is_file(entry);
    return count;
}

static void check_listings(void) {
    DIR *directory = opendir("d");
    struct dirent **entries = NULL;
    glob_t found;
    check(directory && files_count(directory) == FILES, "readdir");
    rewinddir(directory);
    check(files_count(directory) == FILES && closedir(directory) == 0, "rewinddir");
    errno = 0;
    check(!opendir("d/file00") && errno == ENOTDIR, "a file is no directory");
    int count = scandir("d", &entries, is_file, alphasort);
    check(count == FILES && strcmp(entries[FILES - 1]->d_name, "file19") == 0, "scandir");
    while (count > 0)
        free(entries[--count]);
    free(entries);
    check(glob("d/file0?", 0, NULL, &found) == 0 && found.gl_pathc == 10, "glob");
    check(strcmp(found.gl_pathv[9], "d/file09") == 0, "in order");
    globfree(&found);
}

static void check_paths(void) {
    char path[PATH_MAX];
    check(realpath("d/../d/./file00", path) && strcmp(path, FOLDER "/d/file00") == 0, "realpath");
    errno = 0;
    check(!realpath("d/none", path) && errno == ENOENT, "of what is not there");
    check(access("d/file00", R_OK | W_OK) == 0 && access("none", F_OK) == -1, "access");
    check(access("d/file00", X_OK) == -1 && errno == EACCES, "access: a file that is no program");
    check(access("d", X_OK) == 0, "access: a directory");
    char *allocated = getcwd(NULL, 0), here[FILENAME_MAX];
    check(allocated && getcwd(here, sizeof here) && strcmp(allocated, here) == 0, "getcwd allocates");
    free(allocated);
    check(truncate("d/file00", 100) == 0, "truncate");
    struct stat status;
    check(lstat("d/file00", &status) == 0 && status.st_size == 100 && S_ISREG(status.st_mode), "lstat");
    errno = 0;
    check(remove("d") == -1 && errno == ENOTEMPTY, "remove keeps what is not empty");
}

void check_directories(void) {
    char name[20];
    bool are_made = mkdir("d", 0777) == 0;
    for (int number = 0; number < FILES; number++) {
        snprintf(name, sizeof name, "d/file%02d", number);
        int descriptor = creat(name, 0666);
        are_made = are_made && descriptor > 2 && close(descriptor) == 0;
    }
    check(are_made, "mkdir, creat");
    check_listings();
    check_paths();
    for (int number = 0; number < FILES; number++) {
        snprintf(name, sizeof name, "d/file%02d", number);
        unlink(name);
    }
    check(remove("d") == 0, "remove a directory");
}
