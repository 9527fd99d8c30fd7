// SPDX-License-Identifier: MIT
// Checks files as a C program sees them: one line "ok WHAT" or "not ok WHAT" for each. `filetest hold` opens files,
// removes them, says "holding" and waits for its end; `filetest time` prints time(); `filetest outlive` has a file open
// while the file server is replaced.
#include "clock.h"
#include "file.h"
#include "pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define FOLDER "/tmp/filetest"
#define LEAST_TIME 1000000000       // 2001-09-09
#define OPENINGS 200                // more than the server has seen before
#define LARGE ((3u << 20) + 12345u) // more than three lends

static int failures;

static void check(bool holds, const char *what) {
    printf("%s %s\n", holds ? "ok" : "not ok", what);
    failures += !holds;
}

static bool fails_with(long result, int error) {
    return result == -1 && errno == error;
}

// Whether a file has these bytes.
static bool file_has(const char *path, const char *text) {
    char bytes[256] = "";
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file)
        fclose(file);
    return file && length == strlen(text) && memcmp(bytes, text, length) == 0;
}

static bool file_put(const char *path, const char *mode, const char *text) {
    FILE *file = fopen(path, mode);
    bool is_written = file && fputs(text, file) >= 0;
    return file && fclose(file) == 0 && is_written;
}

// Whether it can't be opened, for this reason.
static bool open_fails(const char *path, const char *mode, int error) {
    FILE *file = fopen(path, mode);
    if (!file)
        return errno == error;
    fclose(file);
    return false;
}

// ---- stdio ----

static void check_stdio(void) {
    char line[64] = "";
    check(file_put("a", "w", "one\ntwo\n") && file_has("a", "one\ntwo\n"), "fopen w writes");
    check(file_put("a", "a", "three\n") && file_has("a", "one\ntwo\nthree\n"), "fopen a appends");
    check(file_put("a", "r+", "ONE") && file_has("a", "ONE\ntwo\nthree\n"), "fopen r+ writes over");
    check(open_fails("a", "wx", EEXIST), "fopen wx makes new files only");
    FILE *file = fopen("a", "r");
    check(fseek(file, -6, SEEK_END) == 0 && fgets(line, sizeof line, file) && strcmp(line, "three\n") == 0 &&
              ftell(file) == 14,
          "fseek and ftell");
    check(!fgets(line, sizeof line, file) && feof(file), "the end");
    fclose(file);
    check(file_put("a", "w", "") && file_has("a", ""), "fopen w makes empty");
    check(open_fails("nosuch/a", "w", ENOENT), "no directory to write in");
    check(open_fails("/boot/manifest", "r+", EROFS), "the boot image is not written");
    check(remove("a") == 0 && open_fails("a", "r", ENOENT), "remove");
}

// ---- Descriptors ----

static void check_descriptors(void) {
    char byte;
    struct stat status = {0};
    int descriptor = open("b", O_RDWR | O_CREAT | O_TRUNC, 0644);
    check(write(descriptor, "0123456789", 10) == 10, "write");
    check(lseek(descriptor, 4, SEEK_SET) == 4 && read(descriptor, &byte, 1) == 1 && byte == '4', "lseek and read");
    check(lseek(descriptor, -2, SEEK_CUR) == 3 && lseek(descriptor, 2, SEEK_END) == 12, "lseek from everywhere");
    check(fails_with(lseek(descriptor, -1, SEEK_SET), EINVAL), "not before the start");
    check(read(descriptor, &byte, 1) == 0, "nothing behind the end");
    check(write(descriptor, "x", 1) == 1 && fstat(descriptor, &status) == 0 && status.st_size == 13, "a hole");
    check(lseek(descriptor, 11, SEEK_SET) == 11 && read(descriptor, &byte, 1) == 1 && byte == 0, "reads as zeroes");
    check(ftruncate(descriptor, 5) == 0 && lseek(descriptor, 0, SEEK_END) == 5, "ftruncate cuts");
    check(ftruncate(descriptor, 7) == 0 && lseek(descriptor, 0, SEEK_END) == 7, "and lengthens");
    check(S_ISREG(status.st_mode) && !isatty(descriptor), "it is a file");
    check(fails_with(ftruncate(descriptor, 2ll << 30), EFBIG), "a file is a GiB at most");
    check(close(descriptor) == 0 && fails_with(close(descriptor), EBADF), "close, once");
    check(fails_with(read(descriptor, &byte, 1), EBADF) && fails_with(write(99, "x", 1), EBADF), "then it is none");
    descriptor = open("b", O_RDONLY);
    check(fails_with(write(descriptor, "x", 1), EBADF), "not written if opened for reading");
    close(descriptor);
    descriptor = open("b", O_WRONLY | O_APPEND);
    check(fails_with(read(descriptor, &byte, 1), EBADF), "not read if opened for writing");
    lseek(descriptor, 0, SEEK_SET);
    check(write(descriptor, "y", 1) == 1 && lseek(descriptor, 0, SEEK_CUR) == 8, "O_APPEND writes at the end");
    close(descriptor);
}

static void check_names(void) {
    struct stat status;
    int descriptor = open("b", O_RDONLY), again;
    char byte;
    check(mkdir("d", 0755) == 0 && stat("d", &status) == 0 && S_ISDIR(status.st_mode), "mkdir and stat");
    check(fails_with(open("d", O_WRONLY), EISDIR), "a directory is not written");
    again = open("d", O_RDONLY);
    check(again > 2 && fails_with(read(again, &byte, 1), EISDIR), "nor read");
    close(again);
    check(rename("b", "d/b") == 0 && stat("b", &status) == -1 && errno == ENOENT, "rename");
    check(fails_with(rmdir("d"), ENOTEMPTY), "rmdir keeps what is not empty");
    check(unlink("d/b") == 0 && read(descriptor, &byte, 1) == 1 && byte == '0', "an open file lives without a name");
    close(descriptor);
    check(rmdir("d") == 0 && fails_with(rmdir("d"), ENOENT), "rmdir");
    check(stat("/boot/manifest", &status) == 0 && !(status.st_mode & S_IWUSR), "stat of the boot image");
    check(chdir("..") == 0 && chdir(FOLDER) == 0, "chdir");
    char directory[64];
    check(getcwd(directory, sizeof directory) && strcmp(directory, FOLDER) == 0, "getcwd");
    check(!getcwd(directory, 4) && errno == ERANGE, "getcwd wants room");
    check(access("/boot/bin/filetest", X_OK) == 0, "access: a program");
    check(access("/boot/manifest", X_OK) == -1 && errno == EACCES, "access: a file of the image that is none");
}

// ---- Limits ----

static void check_limits(void) {
    int descriptors[100], count = 0;
    while (count < 100 && (descriptors[count] = open("c", O_RDWR | O_CREAT, 0644)) >= 0)
        count++;
    check(count > 30 && count < 100 && errno == EMFILE, "too many open files");
    while (count)
        close(descriptors[--count]);
    check((descriptors[0] = open("c", O_RDWR)) >= 0, "closed ones may be opened again");
    close(descriptors[0]);
    long sessions[100];
    while (count < 100 && (sessions[count] = file_open("c", OPEN_READ)) > 0)
        count++;
    check(count == 64 && sessions[count] == -PIPE_EMFILE, "too many sessions of one client");
    while (count)
        file_close(sessions[--count]);
    uint8_t *bytes = malloc(LARGE), *copy = malloc(LARGE);
    for (size_t place = 0; place < LARGE; place++)
        bytes[place] = (uint8_t)(place * 7 >> 3);
    descriptors[0] = open("c", O_RDWR);
    check(write(descriptors[0], bytes, LARGE) == LARGE, "a write of more than a message can lend");
    lseek(descriptors[0], 0, SEEK_SET);
    check(read(descriptors[0], copy, LARGE) == LARGE && memcmp(bytes, copy, LARGE) == 0, "and a read");
    check(read(descriptors[0], copy, 1) == 0, "and no more");
    close(descriptors[0]);
    unlink("c");
    free(bytes);
    free(copy);
}

// ---- The library below: file.h ----

static void check_listing(void) {
    static struct file_walk walk;
    char name[32];
    long result, count = 0;
    bool is_in_order = true;
    for (int number = 0; number < 300; number++) {
        snprintf(name, sizeof name, "entry%03d", number);
        file_close(file_open(name, OPEN_WRITE | OPEN_CREATE));
    }
    check(file_walk_begin(&walk, ".") == 0, "a listing begins");
    for (; (result = file_walk_next(&walk)) > 0; count++) {
        snprintf(name, sizeof name, "entry%03ld", count);
        is_in_order = is_in_order && strcmp(walk.name, name) == 0;
        file_remove(name); // while it goes on
    }
    check(result == 0 && count == 300 && is_in_order, "and has every name, in order");
    check(file_walk_begin(&walk, ".") == 0 && file_walk_next(&walk) == 0, "they were removed meanwhile");
    check(file_walk_begin(&walk, "/boot/manifest") == -PIPE_ENOTDIR, "a file has no listing");
}

// Requests that no library makes.
// A file's time and the time of day are of one clock, and that of the machine, which was built after 2001.
static void check_times(void) {
    struct stat status = {0};
    struct timeval now = {0};
    check(file_put("new", "w", "x") && stat("new", &status) == 0 && unlink("new") == 0, "a file for its time");
    check(gettimeofday(&now, NULL) == 0 && now.tv_sec >= LEAST_TIME, "the time of day is known");
    check(status.st_mtime <= now.tv_sec && now.tv_sec - status.st_mtime < 60, "a new file's time is now");
    check(time(NULL) - now.tv_sec < 60 && time(NULL) >= now.tv_sec, "time() goes on");
}

static void check_protocol(void) {
    long pipe = pipe_open(FILE_PIPE, RIGHT_WRITE), file = file_open("e", OPEN_READ | OPEN_WRITE | OPEN_CREATE);
    struct file_request request = {.operation = FILE_READ, .file = (uint32_t)file};
    check(pipe_call(pipe, &request, sizeof request, NULL, 0, DEADLINE_NONE) == -PIPE_EINVAL, "a read without a lend");
    check(pipe_call(pipe, &request, 8, NULL, 0, DEADLINE_NONE) == -PIPE_EMSGSIZE, "a request that is too short");
    request.operation = FILE_OPERATIONS;
    check(pipe_call(pipe, &request, sizeof request, NULL, 0, DEADLINE_NONE) == -PIPE_EPROTO, "no such operation");
    request = (struct file_request){.operation = FILE_SEEK, .file = (uint32_t)file, .from = 3};
    check(pipe_call(pipe, &request, sizeof request, NULL, 0, DEADLINE_NONE) == -PIPE_EINVAL, "a seek from nowhere");
    request = (struct file_request){.operation = FILE_CLOSE, .file = (uint32_t)file + 1024};
    check(pipe_call(pipe, &request, sizeof request, NULL, 0, DEADLINE_NONE) == -PIPE_EBADF,
          "a session of another round");
    request.file = (uint32_t)file ^ 1;
    check(pipe_call(pipe, &request, sizeof request, NULL, 0, DEADLINE_NONE) == -PIPE_EBADF, "a session of nobody");
    struct {
        struct file_name_request head;
        char path[8];
    } name = {{FILE_STAT, 0, 4000, 0}, "/tmp"};
    check(pipe_call(pipe, &name, sizeof name, NULL, 0, DEADLINE_NONE) == -PIPE_ENAMETOOLONG, "a path that is too long");
    name.head.length = 5;
    check(pipe_call(pipe, &name, sizeof name, NULL, 0, DEADLINE_NONE) == -PIPE_EMSGSIZE, "a path of another length");
    name.head.length = 8;
    check(pipe_call(pipe, &name, sizeof name, NULL, 0, DEADLINE_NONE) == -PIPE_EINVAL, "a path with a zero in it");
    check(file_open("e", OPEN_TRUNCATE) == -PIPE_EINVAL, "an open without access");
    file_close(file);
    file_remove("e");
}

// ---- The whole ----

static void hold(void) {
    static const char bytes[8192];
    for (int number = 0; number < 5; number++) {
        long file = file_open("/tmp/held", OPEN_WRITE | OPEN_CREATE);
        file_write(file, bytes, sizeof bytes);
        file_remove("/tmp/held");
    }
    printf("holding\n");
    fflush(stdout);
    pipe_wait(DEADLINE_NONE);
}

static uint32_t server_pid(void) {
    struct pipe_stat stat = {0};
    long server = pipe_open(FILE_PIPE, RIGHT_WRITE);
    pipe_stat(server, &stat);
    pipe_close(server);
    return stat.owner;
}

// Each opening has a number of its own, of which none may be that of the predecessor's.
static void outlive(void) {
    int before = open("/tmp/before", O_RDWR | O_CREAT, 0644), behind = -1;
    uint32_t server = server_pid();
    bool has_files = true, is_none = true;
    printf("%s\n", before < 0 ? "no file" : "open");
    fflush(stdout);
    while (server_pid() == server || access("/tmp", F_OK) < 0)
        clock_sleep(MILLISECOND);
    for (int number = 0; number < OPENINGS; number++) {
        behind = open("/tmp/behind", O_RDWR | O_CREAT, 0644);
        has_files = has_files && behind >= 0 && write(behind, "behind", 6) == 6;
        is_none = is_none && fails_with(write(before, "BEFORE", 6), EBADF);
        close(behind);
    }
    check(has_files, "the successor has files");
    check(is_none, "what its predecessor had open is none of them");
}

int main(int argument_count, char **arguments) {
    if (argument_count > 1 && strcmp(arguments[1], "hold") == 0) {
        hold();
        return EXIT_SUCCESS;
    }
    if (argument_count > 1 && strcmp(arguments[1], "time") == 0) {
        printf("%lld\n", (long long)time(NULL));
        return EXIT_SUCCESS;
    }
    if (argument_count > 1 && strcmp(arguments[1], "outlive") == 0) {
        outlive();
        return failures ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    check(mkdir(FOLDER, 0755) == 0 && chdir(FOLDER) == 0, "a directory of its own");
    check_stdio();
    check_descriptors();
    check_names();
    check_limits();
    check_listing();
    check_times();
    check_protocol();
    check(chdir("/") == 0 && rmdir(FOLDER) == 0, "nothing is left");
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
