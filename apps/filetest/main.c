// SPDX-License-Identifier: MIT
// Checks files as a C program sees them: one line "ok WHAT" or "not ok WHAT" for each. `filetest hold` opens files,
// removes them, says "holding" and waits for its end; `filetest time` prints time(); `filetest outlive` has a file open
// while
// the volume is replaced; `filetest pass` reads a part of a file and has another process go on (`filetest keep`).
#include "clock.h"
#include "file.h"
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"

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
#define HANDLE_PASSED 5             // the fourth of the handles that a program begins with
#define LEAST_TIME 1000000000       // 2001-09-09
#define OPENINGS 200                // more than the server has seen before
#define LARGE ((3u << 20) + 12345u) // more than three leases

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
    check(read(descriptor, &byte, 1) == 0, "nothing after the end");
    check(write(descriptor, "x", 1) == 1 && fstat(descriptor, &status) == 0 && status.st_size == 13, "a hole");
    check(lseek(descriptor, 11, SEEK_SET) == 11 && read(descriptor, &byte, 1) == 1 && byte == 0, "reads as zeroes");
    check(ftruncate(descriptor, 5) == 0 && lseek(descriptor, 0, SEEK_END) == 5, "ftruncate cuts");
    check(ftruncate(descriptor, 7) == 0 && lseek(descriptor, 0, SEEK_END) == 7, "and lengthens");
    check(S_ISREG(status.st_mode) && !isatty(descriptor), "it is a file");
    check(ftruncate(descriptor, 2ll << 40) == 0 && ftruncate(descriptor, 7) == 0, "to 2 TiB, and back");
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
    check(count == 100, "a program may have more files open than C's descriptors");
    while (count)
        file_close(sessions[--count]);
    uint8_t *bytes = malloc(LARGE), *copy = malloc(LARGE);
    for (size_t index = 0; index < LARGE; index++)
        bytes[index] = (uint8_t)(index * 7 >> 3);
    descriptors[0] = open("c", O_RDWR);
    check(write(descriptors[0], bytes, LARGE) == LARGE, "a write of more than a message can lease");
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
    file_walk_end(&walk);
    check(file_walk_begin(&walk, ".") == 0 && file_walk_next(&walk) == 0, "they were removed meanwhile");
    file_walk_end(&walk);
    check(file_walk_begin(&walk, "/boot/manifest") == -PIPE_ENOTDIR, "a file has no listing");
}

// A file's time and the time of day are of one clock, and that of the machine, which was built after 2001.
static void check_times(void) {
    struct stat status = {0};
    struct timeval now = {0};
    check(file_put("new", "w", "x") && stat("new", &status) == 0 && unlink("new") == 0, "a file for its time");
    check(gettimeofday(&now, NULL) == 0 && now.tv_sec >= LEAST_TIME, "the time of day is known");
    check(status.st_mtime <= now.tv_sec && now.tv_sec - status.st_mtime < 60, "a new file's time is now");
    check(time(NULL) - now.tv_sec < 60 && time(NULL) >= now.tv_sec, "time() goes on");
}

// Requests that no library makes.
static void check_protocol(void) {
    long file = file_open("e", OPEN_READ | OPEN_WRITE | OPEN_CREATE);
    struct stream_request request = {.operation = STREAM_READ};
    check(pipe_call(file, &request, sizeof request, NULL, 0, DEADLINE_NONE) == -PIPE_EINVAL, "a read without a lease");
    check(pipe_call(file, &request, 8, NULL, 0, DEADLINE_NONE) == -PIPE_EMSGSIZE, "a request that is too short");
    request.operation = FILE_OPERATIONS;
    check(pipe_call(file, &request, sizeof request, NULL, 0, DEADLINE_NONE) == -PIPE_EPROTO, "no such operation");
    request = (struct stream_request){.operation = STREAM_SEEK, .flags = 3};
    check(pipe_call(file, &request, sizeof request, NULL, 0, DEADLINE_NONE) == -PIPE_EINVAL, "a seek from nowhere");
    request = (struct stream_request){.operation = STREAM_READ, .flags = STREAM_AT, .offset = -1};
    check(pipe_call(file, &request, sizeof request, NULL, 0, DEADLINE_NONE) == -PIPE_EINVAL, "a read before the start");
    check(pipe_hook(file, 0, 0) == -PIPE_EACCES, "who has a file open can't answer for its volume");
    check(file_open("e", OPEN_TRUNCATE) == -PIPE_EINVAL, "an open without access");
    file_close(file);
    check(file_write(file, "x", 1) == -PIPE_EBADF, "a file that was closed");
    file_remove("e");
}

// A path of `length` bytes to something in the working directory.
static char *long_path(size_t length, const char *name) {
    char *path = malloc(length + 1);
    size_t start = length - strlen(name);
    memset(path, '/', start);
    path[0] = '.';
    strcpy(path + start, name);
    return path;
}

static void check_long_paths(void) {
    char name[FILE_NAME_MAX + 2], deep[FILE_PATH_MAX + 2] = "";
    memset(name, 'n', sizeof name);
    name[FILE_NAME_MAX] = 0;
    check(file_put(name, "w", "long") && file_has(name, "long") && unlink(name) == 0, "a name of 255 bytes");
    name[FILE_NAME_MAX] = 'n';
    name[FILE_NAME_MAX + 1] = 0;
    check(open_fails(name, "w", ENAMETOOLONG), "a name of 256 bytes is too long");
    name[FILE_NAME_MAX - 16] = 0; // 15 of these and what is before them make a path that is nearly as long as any
    bool is_made = true;
    size_t room = FILE_PATH_MAX - strlen(FOLDER) - 3;
    for (size_t depth = 0; strlen(deep) + strlen(name) + 1 <= room; depth++) {
        strcat(strcat(deep, depth ? "/" : ""), name);
        is_made = is_made && mkdir(deep, 0755) == 0;
    }
    char first[FILE_PATH_MAX + 1], second[FILE_PATH_MAX + 1];
    snprintf(first, sizeof first, "%s/1", deep);
    snprintf(second, sizeof second, "%s/2", deep);
    check(is_made && strlen(first) > 3500, "directories down to a path of 3,500 bytes and more");
    check(file_put(first, "w", "deep") && rename(first, second) == 0 && file_has(second, "deep"),
          "two long paths in one rename");
    check(link(second, first) == 0 && unlink(second) == 0 && unlink(first) == 0, "and in a link");
    bool is_removed = true;
    for (char *slash; *deep; slash ? (void)(*slash = 0) : (void)(*deep = 0)) {
        is_removed = is_removed && rmdir(deep) == 0;
        slash = strrchr(deep, '/');
    }
    check(is_removed, "they are removed");
    char *path = long_path(9000, "c");
    check(open_fails(path, "w", ENOENT) || file_put(path, "w", ""), "slashes do not count");
    free(path);
    unlink("c");
}

// ---- Links, modes, holes ----

static void check_links(void) {
    char text[64];
    struct stat one = {0}, two = {0};
    check(file_put("a", "w", "bytes") && link("a", "b") == 0, "link");
    check(stat("a", &one) == 0 && stat("b", &two) == 0 && one.st_ino == two.st_ino && one.st_nlink == 2,
          "two names of one file");
    check(fails_with(link("a", "b"), EEXIST) && fails_with(link(".", "c"), EISDIR), "what can't be linked");
    check(unlink("a") == 0 && file_has("b", "bytes") && stat("b", &one) == 0 && one.st_nlink == 1, "one goes");
    check(symlink("b", "l") == 0 && file_has("l", "bytes"), "a symbolic link is followed");
    check(readlink("l", text, sizeof text) == 1 && text[0] == 'b', "readlink");
    check(lstat("l", &one) == 0 && S_ISLNK(one.st_mode) && stat("l", &two) == 0 && S_ISREG(two.st_mode),
          "lstat and stat");
    check(file_put("l", "w", "new") && file_has("b", "new"), "a write through a link");
    check(unlink("b") == 0 && open_fails("l", "r", ENOENT) && lstat("l", &one) == 0, "a link that leads nowhere");
    check(file_put("l", "w", "made") && file_has("b", "made"), "makes what it leads to");
    check(unlink("l") == 0 && file_has("b", "made"), "a link is removed itself");
    check(symlink("y", "x") == 0 && symlink("x", "y") == 0 && open_fails("x", "r", ELOOP), "a loop of links");
    check(unlink("x") == 0 && unlink("y") == 0, "and its end");
    check(symlink("/boot/bin", "l") == 0 && lstat("l/../manifest", &one) == 0 && one.st_size > 0,
          "a link to another volume, and .. from there");
    check(realpath("l/../manifest", text) && strcmp(text, "/boot/manifest") == 0, "realpath");
    check(unlink("l") == 0 && fails_with(rename("b", "/boot/b"), EXDEV) && fails_with(link("b", "/boot/b"), EXDEV),
          "no name leads to another volume");
    unlink("b");
}

static void check_modes(void) {
    struct stat status = {0};
    check(file_put("a", "w", "bytes") && stat("a", &status) == 0 && (status.st_mode & 0777) == 0644,
          "a new file's mode");
    check(status.st_uid == getuid() && getuid() != 0, "it is ours, and we are not 0");
    check(chmod("a", 0400) == 0 && open_fails("a", "w", EACCES) && file_has("a", "bytes"), "a file that is only read");
    check(fails_with(access("a", W_OK), EACCES) && access("a", R_OK) == 0, "access");
    check(chmod("a", 0200) == 0 && open_fails("a", "r", EACCES), "and one that is only written");
    check(unlink("a") == 0, "its mode does not keep its name");
    check(umask(077) == 022 && file_put("a", "w", "") && stat("a", &status) == 0 && (status.st_mode & 0777) == 0600,
          "umask");
    umask(022);
    unlink("a");
    check(fails_with(mkdir("/filetest", 0755), EACCES), "the root is not ours");
    check(fails_with(chmod("/tmp", 0700), EACCES) && fails_with(rmdir("/boot"), EROFS), "nor are /tmp and /boot");
}

static void check_holes(void) {
    static const off_t far = INT64_MAX - 4;
    char byte = 1;
    struct stat status = {0};
    int file = open("a", O_RDWR | O_CREAT, 0644);
    check(lseek(file, far, SEEK_SET) == far && write(file, "end", 3) == 3, "a write at the end of what can be");
    check(fstat(file, &status) == 0 && status.st_size == far + 3 && status.st_blocks < 200, "takes a few blocks");
    check(lseek(file, far / 2, SEEK_SET) == far / 2 && read(file, &byte, 1) == 1 && byte == 0,
          "a hole reads as zeroes");
    check(lseek(file, far, SEEK_SET) == far && read(file, &byte, 1) == 1 && byte == 'e', "and after it is the end");
    check(lseek(file, INT64_MAX, SEEK_SET) == INT64_MAX && fails_with(write(file, "x", 1), EFBIG), "no byte more");
    close(file);
    unlink("a");
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

// Reads a part of a file, gives it to another process, and ends.
static void pass(void) {
    char bytes[5] = "", *words[] = {"filetest", "keep", NULL};
    long file = file_open("/tmp/passed", OPEN_READ | OPEN_WRITE | OPEN_CREATE);
    file_write(file, "one two", 7);
    file_seek(file, 0, STREAM_FROM_START);
    file_read(file, bytes, 4);
    const uint32_t handles[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS, (uint32_t)file};
    long pid = process_spawn(words, handles, 4, SPAWN_AS_PLAIN);
    printf("%s %s\n", pid > 0 ? "passed" : "not passed", bytes);
}

// Goes on with what it got where the other one has stopped, and waits.
static void keep(void) {
    char bytes[8] = "";
    file_read(HANDLE_PASSED, bytes, sizeof bytes);
    printf("kept %s\n", bytes);
    fflush(stdout);
    pipe_wait(DEADLINE_NONE);
}

static uint32_t server_pid(void) {
    struct pipe_stat stat = {0};
    long server = file_open("/tmp", OPEN_READ);
    pipe_stat(server, &stat);
    if (server > 0)
        file_close(server);
    return stat.owner;
}

// Each opening has a number of its own, of which none may be that of the predecessor's.
static void outlive(void) {
    int before = open("/tmp/before", O_RDWR | O_CREAT, 0644), after = -1;
    uint32_t server = server_pid();
    bool has_files = true, is_none = true;
    printf("%s\n", before < 0 ? "no file" : "open");
    fflush(stdout);
    while (server_pid() == server || access("/tmp", F_OK) < 0)
        clock_sleep(MILLISECOND);
    for (int number = 0; number < OPENINGS; number++) {
        after = open("/tmp/after", O_RDWR | O_CREAT, 0644);
        has_files = has_files && after >= 0 && write(after, "after", 6) == 6;
        is_none = is_none && fails_with(write(before, "BEFORE", 6), EBADF);
        close(after);
    }
    check(has_files, "the successor has files");
    check(is_none, "what its predecessor had open is none of them");
}

int main(int argument_count, char **arguments) {
    if (argument_count > 1 && strcmp(arguments[1], "hold") == 0) {
        hold();
        return EXIT_SUCCESS;
    }
    if (argument_count > 1 && strcmp(arguments[1], "pass") == 0) {
        pass();
        return EXIT_SUCCESS;
    }
    if (argument_count > 1 && strcmp(arguments[1], "keep") == 0) {
        keep();
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
    check_long_paths();
    check_links();
    check_modes();
    check_holes();
    check(chdir("/") == 0 && rmdir(FOLDER) == 0, "nothing is left");
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
