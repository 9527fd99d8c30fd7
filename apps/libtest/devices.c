// SPDX-License-Identifier: MIT
// Device files, and the file of the program itself.
#include "libtest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOME 1000 // more than the system gives of random bytes at once

static bool are_all(const char *bytes, size_t length, char wanted) {
    for (size_t index = 0; index < length; index++)
        if (bytes[index] != wanted)
            return false;
    return true;
}

void check_devices(void) {
    char bytes[SOME], others[SOME];
    struct stat status;
    int null = open("/dev/null", O_RDWR | O_CREAT | O_TRUNC, 0644), zero = open("/dev/zero", O_RDONLY);
    check(write(null, "gone", 4) == 4 && read(null, bytes, SOME) == 0, "/dev/null takes all and gives nothing");
    check(lseek(null, 100, SEEK_SET) >= 0 && !isatty(null), "its position does not matter");
    memset(bytes, 1, sizeof bytes);
    check(read(zero, bytes, SOME) == SOME && are_all(bytes, SOME, 0), "/dev/zero gives zeros");
    check(fstat(null, &status) == 0 && S_ISCHR(status.st_mode), "fstat of a device");
    check(stat("/dev/../dev/zero", &status) == 0 && S_ISCHR(status.st_mode), "stat of a device");
    check(access("/dev/null", R_OK | W_OK) == 0, "access of a device");
    check(close(null) == 0 && close(zero) == 0, "close of a device");
    errno = 0;
    check(open("/dev/null", O_WRONLY | O_CREAT | O_EXCL, 0644) == -1 && errno == EEXIST, "it is there already");
    FILE *random = fopen("/dev/random", "rb"), *urandom = fopen("/dev/urandom", "rb");
    memset(bytes, 0, sizeof bytes);
    check(random && fread(bytes, 1, SOME, random) == SOME && !are_all(bytes + SOME - 32, 32, 0),
          "/dev/random gives bytes");
    check(urandom && fread(others, 1, SOME, urandom) == SOME && memcmp(bytes, others, SOME) != 0,
          "and others each time");
    fclose(random);
    fclose(urandom);
    FILE *file = fopen("/dev/null", "w");
    check(file && fprintf(file, "gone") == 4 && fclose(file) == 0, "fprintf to /dev/null");
}

void check_program(const char *path) {
    char magic[4] = "";
    struct stat status;
    FILE *file = fopen(path, "rb");
    check(file && fread(magic, 1, 4, file) == 4 && memcmp(magic, "\177ELF", 4) == 0, "a program opens its own file");
    check(file && fstat(fileno(file), &status) == 0 && status.st_mode & S_IXUSR, "which is seen to be a program");
    check(stat(path, &status) == 0 && status.st_mode & S_IXUSR && access(path, X_OK) == 0, "by its path, too");
    check(stat("/tmp", &status) == 0 && status.st_mode & S_IXUSR, "a directory can be searched");
    if (file)
        fclose(file);
    int other = open(FOLDER "/plain", O_RDWR | O_CREAT, 0644);
    check(fstat(other, &status) == 0 && !(status.st_mode & S_IXUSR), "another file is no program");
    close(other);
    remove(FOLDER "/plain");
}
