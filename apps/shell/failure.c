// SPDX-License-Identifier: MIT
#include "failure.h"

#include "absent.h"
#include "commands.h"
#include "error.h"
#include "output.h"
#include "pipe.h"

static const struct command *reporter;
static bool has_failed;

void fail_as(const struct command *command) {
    reporter = command;
    has_failed = false;
}

bool fail_is_of(const struct command *command) {
    return reporter == command && has_failed;
}

static const char *reporter_name(void) {
    return reporter ? reporter->name : "shell";
}

#define WHAT_MAX 1024 // bytes of what is named: the sentence behind it is to be seen too

// An empty word is to be seen.
static const char *shown(const char *what) {
    return *what ? what : "''";
}

int fail_saying(const char *what, const char *sentence, long error) {
    has_failed = true;
    complain("%s: %.*s: %s (%s)\n", reporter_name(), WHAT_MAX, shown(what), sentence, error_name(error));
    return STATUS_FAILED;
}

int fail(const char *what, long error) {
    bool is_absent = error == PIPE_ENOENT || error == -PIPE_ENOENT;
    return fail_saying(what, is_absent ? absent_sentence(what) : error_sentence(error), error);
}

int fail_usage(const char *what, const char *sentence) {
    fail_saying(what, sentence, PIPE_EINVAL);
    if (reporter)
        complain("usage: %s%s%s\n", reporter->name, *reporter->usage ? " " : "", reporter->usage);
    return STATUS_USAGE;
}
