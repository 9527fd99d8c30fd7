// SPDX-License-Identifier: MIT
// An app that means no good to files. `planter FILE` tries all ways to change somebody else's file in a directory that
// all may write: one line "ok WHAT" or "not ok WHAT" for each. `planter plant` makes files in /tmp under names that
// others will use: /tmp/planted, and those of the next here-documents of all shells. `planter fill` takes all of the
// file system that it can get, and leaves it so, as /tmp/fill. `planter write FILE` only writes a file.
// `planter crowd` and its children open all files that they get, and hold them. `planter confined`, whose stanza claims
// few files, tries to use others.
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
#include <unistd.h>

#define PIDS 64
#define DOCUMENTS 8

static int failures;

static void check(bool holds, const char *what) {
    printf("%s %s\n", holds ? "ok" : "not ok", what);
    failures += !holds;
}

static bool denied(long result) {
    return result < 0 && errno == EACCES;
}

static void attack(const char *path) {
    struct stat status;
    char other[64];
    snprintf(other, sizeof other, "/tmp/planter-%d", getpid());
    int own = open(other, O_RDWR | O_CREAT | O_EXCL, 0644);
    check(own >= 0, "has a file of its own");
    check(denied(open(path, O_WRONLY)) && denied(open(path, O_RDWR | O_APPEND)), "can't open it for writing");
    check(denied(open(path, O_WRONLY | O_TRUNC)) && denied(truncate(path, 0)), "can't cut it");
    check(denied(unlink(path)), "can't remove it");
    check(denied(rename(path, "/tmp/elsewhere")), "can't rename it");
    check(denied(rename(other, path)), "can't replace it");
    check(file_rename_flags(other, path, RENAME_SWAP) == -PIPE_EACCES, "can't swap it");
    check(denied(link(path, "/tmp/another")), "can't give it another name");
    check(denied(chmod(path, 0666)), "can't change its mode");
    check(denied(chown(path, getuid(), getgid())), "can't take it");
    check(denied(rename("/tmp", "/other")) && denied(rmdir("/tmp")), "can't move its directory");
    check(denied(mkdir("/mine", 0755)) && denied(open("/mine", O_WRONLY | O_CREAT, 0644)), "can't write the root");
    int reader = open(path, O_RDONLY);
    check(reader >= 0 && write(reader, "x", 1) < 0 && errno == EBADF && ftruncate(reader, 0) < 0,
          "can't write through a handle that reads");
    check(fchmod(reader, 0666) < 0 && errno == EACCES, "nor change the mode through it");
    check(file_mount("/svc/bootfs/volume", "/tmp") == -PIPE_EACCES && file_unmount("/boot") == -PIPE_EACCES,
          "can't mount anything over it");
    check(stat(path, &status) == 0 && status.st_uid == 0, "it is still its owner's");
    unlink(other);
}

// All names that a shell would use next.
static void plant(void) {
    char path[64];
    close(open("/tmp/planted", O_WRONLY | O_CREAT | O_EXCL, 0644));
    for (int pid = 1; pid < PIDS; pid++)
        for (int number = 1; number <= DOCUMENTS; number++) {
            snprintf(path, sizeof path, "/tmp/.here-%d-%d", pid, number);
            close(open(path, O_WRONLY | O_CREAT | O_EXCL, 0666));
        }
}

#define FILL "/tmp/fill"
#define FILLED FILL "/bytes"
#define LONG 200 // digits of a name
#define SHORT 6
#define STEP (64 << 10)       // bytes of a write
#define NAMES_ROOM (4 * STEP) // that are given up for names

static const char *fill_name(int number, int digits) {
    static char path[300];
    snprintf(path, sizeof path, FILL "/%0*d", digits, number);
    return path;
}

static long write_all(int file) {
    static char bytes[STEP];
    long count, written = 0;
    while ((count = write(file, bytes, sizeof bytes)) > 0)
        written += count;
    return written;
}

static void fill(void) {
    mkdir(FILL, 0755);
    int number = 0, file = open(FILLED, O_WRONLY | O_CREAT | O_EXCL, 0644), last;
    long written = write_all(file);
    check(written > 0 && errno == EDQUOT, "can't fill the file system with bytes");
    ftruncate(file, written - NAMES_ROOM);
    while ((last = open(fill_name(number, LONG), O_WRONLY | O_CREAT | O_EXCL, 0644)) >= 0 && close(last) == 0)
        number++;
    check(number > 0 && errno == EDQUOT, "nor with files");
    while (link(FILLED, fill_name(number, LONG)) == 0)
        number++;
    check(errno == EDQUOT, "nor with names of one file");
    while (mkdir(fill_name(number, SHORT), 0755) == 0)
        number++;
    check(errno == EDQUOT, "nor with directories");
    check(symlink(FILLED, FILL "/link") < 0 && errno == EDQUOT, "nor with symbolic links");
}

// Opens what it gets; where that ended for another reason than the volume's limit, a child goes on. All hold what they
// have until they are killed.
static _Noreturn void crowd(void) {
    static const uint32_t handles[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    char *words[] = {"planter", "crowd", NULL};
    long file = 0;
    while (file >= 0)
        file = file_open("/boot/manifest", OPEN_READ);
    if (file == -PIPE_EMFILE)
        check(true, "can't open more files");
    else if (process_spawn(words, handles, sizeof handles / sizeof *handles, SPAWN_AS_PLAIN) < 0)
        check(false, "can start another one");
    fflush(stdout);
    for (;;)
        pipe_wait(DEADLINE_NONE);
}

// ---- Claims on files ----

static bool refused(long result) {
    bool is_refused = result < 0 && errno == EPERM;
    errno = 0;
    return is_refused;
}

static bool made(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    return file >= 0 && write(file, "x", 1) == 1 && close(file) == 0;
}

// Whether a tool that this program starts reads a file.
static bool tool_reads(char *path) {
    static const uint32_t handles[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    char *words[] = {"diff", path, path, NULL};
    long pid = process_spawn(words, handles, sizeof handles / sizeof *handles, SPAWN_AS_PLAIN);
    return pid > 0 && process_wait((uint32_t)pid) == 0;
}

// With files /tmp/own/** rw, /tmp/one/* rw, /tmp/read/** r. /tmp/read/file and /tmp/other/file are there, and are its
// owner's.
static void confined(void) {
    struct stat status;
    check(made("/tmp/own/a") && made("/tmp/one/a") && stat("/tmp", &status) == 0, "uses what it claims");
    check(refused(open("/tmp/other/file", O_RDONLY)) && refused(stat("/boot/manifest", &status)), "sees nothing else");
    check(refused(open("/tmp/new", O_WRONLY | O_CREAT, 0644)) && refused(mkdir("/tmp/newer", 0755)), "nor makes it");
    check(refused(open("/tmp", O_RDONLY)) && refused(open("/tmp/none", O_RDONLY)),
          "nor lists, nor learns what is there");
    int reader = open("/tmp/read/file", O_RDONLY);
    check(reader >= 0 && refused(open("/tmp/read/file", O_RDWR)) && refused(open("/tmp/read/n", O_RDONLY | O_CREAT)),
          "only reads what it may read");
    check(refused(unlink("/tmp/read/file")) && refused(truncate("/tmp/read/file", 0)) &&
              refused(chmod("/tmp/read/file", 0600)) && refused(fchmod(reader, 0600)),
          "and changes it in no other way");
    check(refused(link("/tmp/read/file", "/tmp/own/link")) && refused(link("/tmp/other/file", "/tmp/own/link")),
          "nor by another name");
    check(refused(rename("/tmp/read/file", "/tmp/own/b")) && refused(rename("/tmp/own/a", "/tmp/read/b")),
          "nor by renaming");
    check(symlink("/tmp/other/file", "/tmp/own/way") == 0 && refused(open("/tmp/own/way", O_RDONLY)),
          "nor through a symbolic link");
    check(rename("/tmp/one/a", "/tmp/own/b") == 0 && mkdir("/tmp/one/d", 0755) == 0 &&
              refused(rename("/tmp/one/d", "/tmp/own/d")) && refused(open("/tmp/one/d/x", O_WRONLY | O_CREAT, 0644)),
          "moves no directory of which it claims the name alone");
    check(tool_reads("/tmp/own/b"), "what it starts uses its files");
    check(!tool_reads("/tmp/other/file"), "and no others");
}

static void write_file(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    check(file >= 0 && write(file, "x", 1) == 1, "writes a file");
}

int main(int count, char **words) {
    if (count == 2 && strcmp(words[1], "plant") == 0)
        plant();
    else if (count == 2 && strcmp(words[1], "fill") == 0)
        fill();
    else if (count == 2 && strcmp(words[1], "crowd") == 0)
        crowd();
    else if (count == 2 && strcmp(words[1], "confined") == 0)
        confined();
    else if (count == 3 && strcmp(words[1], "write") == 0)
        write_file(words[2]);
    else if (count == 2)
        attack(words[1]);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
