// SPDX-License-Identifier: MIT
// Descriptors: what dup shares, pipes and their ends, other programs by popen, and waiting for several at once.
#include "libtest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHARED FOLDER "/shared"
#define MILLISECONDS 50
#define MANY 100000

static char bytes[MANY];

// ---- dup ----

static void check_copies(void) {
    char text[8] = "";
    int first = open(SHARED, O_RDWR | O_CREAT | O_TRUNC, 0644), second = dup(first);
    check(first > 2 && second > first, "dup gives the lowest free descriptor");
    check(write(first, "abcdef", 6) == 6 && lseek(second, 0, SEEK_CUR) == 6, "both have one position");
    check(lseek(second, 2, SEEK_SET) == 2 && read(first, text, 2) == 2 && strcmp(text, "cd") == 0,
          "whichever is moved");
    check(close(first) == 0 && read(second, text, 2) == 2 && strcmp(text, "ef") == 0, "one goes on without the other");
    check(dup(second) == first && close(first) == 0, "a closed one is free again");
    check(dup2(second, 20) == 20 && lseek(20, 0, SEEK_END) == 6, "dup2 gives the one that was wanted");
    check(dup2(second, second) == second && fcntl(second, F_GETFL) >= 0, "also itself");
    check(fcntl(second, F_DUPFD, 30) == 30 && close(30) == 0, "F_DUPFD: the lowest from there on");
    errno = 0;
    check(dup(first) == -1 && errno == EBADF, "dup of a closed one");
    errno = 0;
    check(dup2(first, 21) == -1 && errno == EBADF, "dup2 of a closed one");
    close(second);
    close(20);
    unlink(SHARED);
}

// Sends what is printed meanwhile to a file.
static void check_redirection(void) {
    char line[32] = "";
    fflush(stdout);
    int kept = dup(1), file = open(SHARED, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    bool is_made = kept > 2 && dup2(file, 1) == 1 && close(file) == 0;
    printf("into the file\n");
    fflush(stdout);
    is_made = is_made && dup2(kept, 1) == 1 && close(kept) == 0;
    check(is_made, "the output goes to a file and comes back");
    FILE *read_back = fopen(SHARED, "r");
    check(read_back && fgets(line, sizeof line, read_back) && strcmp(line, "into the file\n") == 0, "where it arrived");
    if (read_back)
        fclose(read_back);
    unlink(SHARED);
}

// ---- pipe ----

static volatile sig_atomic_t caught;

static void catch (int number) {
    caught = number;
}

static void check_pipes(void) {
    int ends[2];
    char text[16] = "";
    struct stat status;
    check(pipe(ends) == 0 && ends[0] != ends[1], "pipe");
    check(fstat(ends[0], &status) == 0 && S_ISFIFO(status.st_mode), "its ends are those of a pipe");
    check(!isatty(ends[0]) && errno == ENOTTY, "and no terminal's");
    errno = 0;
    check(lseek(ends[0], 0, SEEK_CUR) == -1 && errno == ESPIPE, "it has no position");
    check(write(ends[1], "abcdef", 6) == 6 && read(ends[0], text, 2) == 2 && strcmp(text, "ab") == 0,
          "what is not read of a message stays");
    check(read(ends[0], text, 10) == 4 && memcmp(text, "cdef", 4) == 0, "for the next reading");
    int copied = dup(ends[1]);
    close(ends[1]);
    check(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 && read(ends[0], text, 1) == -1 && errno == EAGAIN,
          "O_NONBLOCK: nothing is there");
    check(write(copied, "x", 1) == 1 && read(ends[0], text, 1) == 1, "the copy of an end is one");
    close(copied);
    check(read(ends[0], text, 1) == 0 && read(ends[0], text, 1) == 0, "without writers: the end, each time");
    close(ends[0]);
    signal(SIGPIPE, catch);
    check(pipe(ends) == 0 && close(ends[0]) == 0, "a pipe without a reader");
    errno = 0;
    check(write(ends[1], "x", 1) == -1 && errno == EPIPE && caught == SIGPIPE, "EPIPE, and SIGPIPE");
    signal(SIGPIPE, SIG_DFL);
    close(ends[1]);
}

static void check_fdopen(void) {
    int ends[2];
    char line[32] = "";
    check(pipe(ends) == 0, "a pipe for streams");
    FILE *reader = fdopen(ends[0], "r"), *writer = fdopen(ends[1], "w");
    check(reader && writer && fileno(reader) == ends[0], "fdopen");
    check(writer && fprintf(writer, "one %d\ntwo\n", 1) == 10 && fclose(writer) == 0, "what is printed");
    check(reader && fgets(line, sizeof line, reader) && strcmp(line, "one 1\n") == 0, "is read, line by line");
    check(reader && fgets(line, sizeof line, reader) && !fgets(line, sizeof line, reader) && feof(reader),
          "up to the end");
    if (reader)
        fclose(reader);
}

// ---- popen ----

static void check_commands(void) {
    char line[32] = "";
    size_t count = 0;
    FILE *command = popen("echo from; echo within; exit 3", "r");
    check(command && fgets(line, sizeof line, command) && strcmp(line, "from\n") == 0, "popen: a command's output");
    check(command && fgets(line, sizeof line, command) && !fgets(line, sizeof line, command), "to its end");
    check(command && pclose(command) == 3 << 8, "and its status");
    command = popen("cat > " SHARED, "w");
    memset(bytes, 'x', sizeof bytes);
    check(command && fwrite(bytes, 1, sizeof bytes, command) == sizeof bytes && pclose(command) == 0,
          "popen: a command's input, 100,000 bytes");
    struct stat status;
    check(stat(SHARED, &status) == 0 && status.st_size == sizeof bytes, "which has come whole");
    command = popen("cat < " SHARED, "r");
    for (size_t length; command && (length = fread(bytes, 1, sizeof bytes, command)) > 0;)
        count += length;
    check(command && pclose(command) == 0 && count == sizeof bytes, "and back");
    errno = 0;
    check(!popen("true", "x") && errno == EINVAL, "popen: no such mode");
    unlink(SHARED);
}

// ---- poll and select ----

static void check_polls(void) {
    int one[2], two[2], file = open(SHARED, O_RDWR | O_CREAT, 0644);
    char byte;
    check(pipe(one) == 0 && pipe(two) == 0, "two pipes");
    struct pollfd polled[] = {{one[0], POLLIN, 0}, {two[0], POLLIN, 0}, {-1, POLLIN, 0}};
    check(poll(polled, 3, 0) == 0, "poll: nothing is there");
    check(poll(polled, 3, MILLISECONDS) == 0, "nor a little later");
    check(write(two[1], "xy", 2) == 2 && poll(polled, 3, -1) == 1, "one of them");
    check(polled[0].revents == 0 && polled[1].revents == POLLIN, "is told");
    check(read(two[0], &byte, 1) == 1 && byte == 'x' && poll(polled, 3, 0) == 1, "as long as something is left");
    check(read(two[0], &byte, 1) == 1 && byte == 'y' && poll(polled, 3, 0) == 0, "nothing is lost by asking");
    close(two[1]);
    check(poll(polled, 3, -1) == 1 && polled[1].revents & POLLHUP, "an end wakes");
    check(read(two[0], &byte, 1) == 0, "and is read");
    struct pollfd mixed[] = {{file, POLLIN | POLLOUT, 0}, {one[1], POLLOUT, 0}, {one[0], POLLIN, 0}};
    check(poll(mixed, 3, -1) == 2 && mixed[0].revents == (POLLIN | POLLOUT) && mixed[1].revents == POLLOUT,
          "a file is always ready, and a pipe with room for writing");
    close(two[0]);
    struct pollfd closed = {two[0], POLLIN, 0};
    check(poll(&closed, 1, 0) == 1 && closed.revents == POLLNVAL, "POLLNVAL: it is closed");
    close(one[0]);
    close(one[1]);
    close(file);
    unlink(SHARED);
}

static void check_selects(void) {
    int ends[2];
    fd_set readers, writers;
    struct timeval now = {0, 0};
    check(pipe(ends) == 0, "a pipe for select");
    size_t reader = (size_t)ends[0], writer = (size_t)ends[1]; // as newlib's macros want them
    FD_ZERO(&readers);
    FD_ZERO(&writers);
    FD_SET(reader, &readers);
    FD_SET(writer, &writers);
    check(select(ends[1] + 1, &readers, &writers, NULL, &now) == 1 && !FD_ISSET(reader, &readers) &&
              FD_ISSET(writer, &writers),
          "select: there is room, and nothing to read");
    FD_SET(reader, &readers);
    check(write(ends[1], "x", 1) == 1 && select(ends[0] + 1, &readers, NULL, NULL, NULL) == 1 &&
              FD_ISSET(reader, &readers),
          "and something to read");
    close(ends[0]);
    close(ends[1]);
    errno = 0;
    FD_ZERO(&readers);
    FD_SET(reader, &readers);
    check(select(ends[0] + 1, &readers, NULL, NULL, &now) == -1 && errno == EBADF, "select: a closed one");
}

void check_descriptors(void) {
    check_copies();
    check_redirection();
    check_pipes();
    check_fdopen();
    check_commands();
    check_polls();
    check_selects();
}
