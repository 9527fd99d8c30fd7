// SPDX-License-Identifier: MIT
// Checks, and what many tests need: names of their own, and what the kernel says of their process.
#include "check.h"
#include "error.h"
#include "process.h"
#include "test.h"

#include <stdio.h>

#define ERRORS_MAX 256u
#define PATHS 4u // that own_path keeps

unsigned check_failures;

static bool seen[ERRORS_MAX];

bool error_was_seen(long error) {
    return error > 0 && error < (long)ERRORS_MAX && seen[error];
}

static void fail(const char *file, int line) {
    check_failures++;
    printf("# %s:%d: ", file, line);
}

bool check_true(bool holds, const char *file, int line, const char *what) {
    if (holds)
        return true;
    fail(file, line);
    printf("%s\n", what);
    return false;
}

bool check_equal(long actual, long expected, const char *file, int line, const char *what) {
    if (actual == expected)
        return true;
    fail(file, line);
    printf("%s: %ld (%s) instead of %ld\n", what, actual, error_name(actual), expected);
    return false;
}

bool check_error(long actual, long error, const char *file, int line, const char *what) {
    if (actual == -error) {
        seen[error] = true;
        return true;
    }
    fail(file, line);
    printf("%s: %ld (%s) instead of %s\n", what, actual, error_name(actual), error_name(error));
    return false;
}

bool check_success(long actual, const char *file, int line, const char *what) {
    if (actual >= 0)
        return true;
    fail(file, line);
    printf("%s: %s\n", what, error_name(actual));
    return false;
}

const char *own_path(const char *name) {
    static char paths[PATHS][PATH_LENGTH_MAX + 1];
    static unsigned next;
    char *path = paths[next++ % PATHS];
    snprintf(path, sizeof paths[0], "/app/%u/%s", (unsigned)process_id(), name);
    return path;
}

long own_pipe(const char *name, enum flow flow) {
    return pipe_create(own_path(name), flow, RULES_ALL, 0, 0);
}

long own_open(const char *name, uint32_t rights) {
    return pipe_open(own_path(name), rights);
}

void own_remove(const char *name, long handle) {
    CHECK_EQUAL(pipe_remove(own_path(name)), 0);
    CHECK_EQUAL(pipe_close(handle), 0);
}

// Asks /kernel/info; the reply must have this size.
static void information_ask(const struct info_request *request, void *reply, size_t size) {
    static long handle;
    if (handle <= 0)
        handle = pipe_open("/kernel/info", RIGHT_WRITE);
    CHECK_EQUAL(pipe_call(handle, request, sizeof *request, reply, size, DEADLINE_NONE), (long)size);
}

struct info_process information_of(uint32_t pid) {
    struct info_request request = {.operation = INFO_PROCESS, .number = pid};
    struct info_process information = {0};
    information_ask(&request, &information, sizeof information);
    return information;
}

struct info_process own_information(void) {
    return information_of(process_id());
}

struct info_system system_information(void) {
    struct info_request request = {.operation = INFO_SYSTEM};
    struct info_system information = {0};
    information_ask(&request, &information, sizeof information);
    return information;
}

struct info_thread first_thread_of(uint32_t pid) {
    struct info_request request = {.operation = INFO_THREAD, .number = pid};
    struct info_thread thread = {0};
    information_ask(&request, &thread, sizeof thread);
    return thread;
}

uint32_t own_priority(void) {
    return first_thread_of(process_id()).priority;
}
