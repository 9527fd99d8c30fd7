// SPDX-License-Identifier: MIT
// Which errors the tests have seen: each of errors.def, but for those that no test can bring about. For a full run
// only.
#include "test.h"

#include <stdio.h>

struct error {
    const char *name;
    int number;
};

static const struct error errors[] = {
#define ERROR(name, number, sentence) {#name, number},
#include "errors.def"
#undef ERROR
};

#define ERRORS (sizeof errors / sizeof *errors)

// Those that no test sees, and why.
static const int not_seen[] = {
    // Of servers that are not called.
    PIPE_EINTR,
    PIPE_EIO,
    PIPE_EISDIR,
    PIPE_EFBIG,
    PIPE_ENOSPC,
    PIPE_ESPIPE,
    PIPE_EXDEV,
    PIPE_EMLINK,
    PIPE_ELOOP,
    PIPE_ECANCELED,
    // Of a machine whose boot loader tells of no screen.
    PIPE_ENODEV,
    // Every file below bin/ of the boot image is a program.
    PIPE_ENOEXEC,
    // Users of one object, more than memory has room for.
    PIPE_EOVERFLOW,
};

static bool is_excused(int number) {
    for (unsigned index = 0; index < sizeof not_seen / sizeof *not_seen; index++)
        if (not_seen[index] == number)
            return true;
    return false;
}

static void all_were_seen(void) {
    printf("# errors seen:");
    for (unsigned index = 0; index < ERRORS; index++)
        if (error_was_seen(errors[index].number))
            printf(" %s", errors[index].name);
    printf("\n");
    for (unsigned index = 0; index < ERRORS; index++)
        check_true(error_was_seen(errors[index].number) || is_excused(errors[index].number), __FILE__, __LINE__,
                   errors[index].name);
}

static const struct test tests[] = {
    {"errors: every one that can be brought about was seen", all_were_seen},
};

const struct suite error_suite = SUITE(tests);
