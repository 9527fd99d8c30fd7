// SPDX-License-Identifier: MIT
// `why-not`: whether a process may do something with a path, and which claim of its stanza or rule of the pipe decides.
#include "failure.h"
#include "info.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "tool_commands.h"
#include "words.h"

#include <string.h>

#define PROCESS_SERVER 1u // its pid: the kernel has given it claims to everything
#define STATUS_REFUSED 1
#define RIGHTS_TEXT_MAX 5u

struct question {
    struct info_process process;
    struct claims_reply stanza;
    uint8_t claims[PAYLOAD_MAX];
    size_t claims_length;
    const char *path;
    uint32_t rights; // 0: to create it
};

static const char *rights_text(uint32_t rights, char *to) {
    static const char letters[] = "rwtm"; // in the order of their bits
    size_t length = 0;
    for (size_t bit = 0; letters[bit]; bit++)
        if (rights >> bit & 1)
            to[length++] = letters[bit];
    if (!length)
        to[length++] = '-';
    to[length] = 0;
    return to;
}

// ---- Claims ----

// Whether a pattern of a claim covers the path.
static bool pattern_covers(const char *pattern, size_t length, const char *path) {
    const char *end = pattern + length;
    while (pattern < end && *path) {
        size_t component = strcspn(path + 1, "/");
        const char *stop = memchr(pattern + 1, '/', (size_t)(end - pattern) - 1);
        size_t size = (size_t)((stop ? stop : end) - pattern) - 1;
        if (size == 2 && memcmp(pattern + 1, "**", 2) == 0)
            return true;
        bool is_star = size == 1 && pattern[1] == '*';
        if (!(is_star && component) && (size != component || memcmp(pattern + 1, path + 1, size) != 0))
            return false;
        pattern += 1 + size;
        path += 1 + component;
    }
    return pattern == end && !*path;
}

// Tells which claims cover the path, and returns the rights that they give together; to create: all, or none.
static uint32_t claims_tell(const struct question *question) {
    struct claim claim;
    uint32_t given = 0;
    char letters[RIGHTS_TEXT_MAX];
    for (size_t offset = 0; offset + sizeof claim <= question->claims_length; offset += sizeof claim + claim.length) {
        memcpy(&claim, question->claims + offset, sizeof claim);
        const char *pattern = (const char *)question->claims + offset + sizeof claim;
        if (claim.type != (question->rights ? CLAIM_OPEN : CLAIM_CREATE) ||
            !pattern_covers(pattern, claim.length, question->path))
            continue;
        given |= question->rights ? claim.rights : RIGHTS_ALL;
        if (question->rights)
            say("claim: open %.*s %s\n", (int)claim.length, pattern, rights_text(claim.rights, letters));
        else
            say("claim: create %.*s\n", (int)claim.length, pattern);
    }
    return given;
}

// Whether its claims let it.
static bool claims_allow(const struct question *question) {
    char letters[RIGHTS_TEXT_MAX];
    if (question->process.pid == PROCESS_SERVER)
        return true;
    uint32_t wanted = question->rights ? question->rights : RIGHTS_ALL, given = claims_tell(question);
    if (!(wanted & ~given))
        return true;
    if (question->rights)
        say("no: the manifest's stanza \"%s\" lacks: open %s %s\n", question->stanza.stanza, question->path,
            rights_text(wanted & ~given, letters));
    else
        say("no: the manifest's stanza \"%s\" lacks: create %s\n", question->stanza.stanza, question->path);
    return false;
}

// ---- Rules ----

// Whether the rules of a pipe, or of the directory in which a name is to be made, let it.
static bool rules_allow(const struct question *question, const char *path, const struct pipe_stat *stat) {
    static const char *const classes[CLASSES] = {
        [CLASS_OWNER] = "owner", [CLASS_APP] = "app", [CLASS_DRIVER] = "driver", [CLASS_SERVER] = "server"};
    const struct info_process *process = &question->process;
    bool is_owner = stat->owner == process->pid && stat->owner_generation == process->generation;
    unsigned rule_class = is_owner ? CLASS_OWNER : CLASS_APP + process->kind;
    uint32_t given = stat->rules >> (RULE_BITS * rule_class) & RIGHTS_ALL;
    uint32_t wanted = question->rights ? question->rights : RIGHT_WRITE;
    struct info_system system = {0};
    char letters[RIGHTS_TEXT_MAX];
    say("rule of %s: %s=%s\n", path, classes[rule_class], rights_text(given, letters));
    if (wanted & ~given) {
        say("no: the rule lacks %s\n", rights_text(wanted & ~given, letters));
        return false;
    }
    if (wanted & RIGHT_TAP && process->kind == KIND_APP && info_ask(INFO_SYSTEM, 0, &system, sizeof system) == 0 &&
        system.locked) {
        say("no: the system is locked, so apps may not tap\n");
        return false;
    }
    return true;
}

// The path up to its last component, "/" at least.
static void parent_path(const char *path, char *to) {
    size_t length = (size_t)(strrchr(path, '/') - path);
    memcpy(to, path, length ? length : 1);
    to[length ? length : 1] = 0;
}

// ---- The answer ----

static long question_begin(struct question *question, uint32_t pid) {
    long error = info_ask(INFO_PROCESS, pid, &question->process, sizeof question->process);
    if (error || question->process.pid != pid)
        return error ? error : -PIPE_ESRCH;
    if (pid == PROCESS_SERVER)
        return 0;
    long length = process_claims(pid, &question->stanza, question->claims);
    question->claims_length = length < 0 ? 0 : (size_t)length;
    return length < 0 ? length : 0;
}

static int answer(const struct question *question) {
    char path[PATH_LENGTH_MAX + 1];
    struct pipe_stat stat = {0};
    strcpy(path, question->path);
    if (!question->rights)
        parent_path(question->path, path);
    long error = pipe_stat_path(path, &stat);
    if (error < 0)
        return fail(path, error);
    // A pipe's owner needs no claim to open it.
    bool is_owner = question->rights && stat.owner == question->process.pid;
    if ((!is_owner && !claims_allow(question)) || !rules_allow(question, path, &stat))
        return STATUS_REFUSED;
    say("yes\n");
    return 0;
}

int why_not_command(int count, char **words) {
    static const struct option_plan plan = {"", 3, 3, "PID, PATH and RIGHTS", false};
    static struct question question;
    struct options options;
    uint64_t pid;
    if (!options_parse(count, words, &plan, &options) || !number_parse(options.operands[0], "PID", 1, UINT32_MAX, &pid))
        return STATUS_USAGE;
    const char *rights = options.operands[2];
    question = (struct question){.path = options.operands[1]};
    if (question.path[0] != '/' || strlen(question.path) > PATH_LENGTH_MAX)
        return fail(question.path, -PIPE_EINVAL);
    if (strcmp(rights, "create") != 0 && !rights_parse(rights, strlen(rights), &question.rights))
        return fail(rights, -PIPE_EINVAL);
    long error = question_begin(&question, (uint32_t)pid);
    return error ? fail(options.operands[0], error) : answer(&question);
}
