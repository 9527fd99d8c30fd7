// SPDX-License-Identifier: MIT
#include "failure.h"

#include "absent.h"
#include "error.h"
#include "pipe.h"
#include "say.h"

#include <string.h>

#define FAILURE_SHELL "shell"

static const char *reporter_name = FAILURE_SHELL, *reporter_usage;
static bool has_failed;

void fail_as(const char *name, const char *usage) {
    reporter_name = name ? name : FAILURE_SHELL;
    reporter_usage = usage;
    has_failed = false;
}

bool fail_is_of(const char *name) {
    return has_failed && strcmp(reporter_name, name) == 0;
}

#define WHAT_MAX 1024 // bytes of what is named: the sentence after it is to be seen too

// An empty word is to be seen.
static const char *shown(const char *what) {
    return *what ? what : "''";
}

int fail_saying(const char *what, const char *sentence, long error) {
    has_failed = true;
    complain("%s: %.*s: %s (%s)\n", reporter_name, WHAT_MAX, shown(what), sentence, error_name(error));
    return STATUS_FAILED;
}

int fail(const char *what, long error) {
    bool is_absent = error == PIPE_ENOENT || error == -PIPE_ENOENT;
    return fail_saying(what, is_absent ? absent_sentence(what) : error_sentence(error), error);
}

int fail_usage(const char *what, const char *sentence) {
    fail_saying(what, sentence, PIPE_EINVAL);
    if (reporter_usage)
        complain("usage: %s%s%s\n", reporter_name, *reporter_usage ? " " : "", reporter_usage);
    return STATUS_USAGE;
}
