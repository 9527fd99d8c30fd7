// SPDX-License-Identifier: MIT
// Logs what a process is refused and what lacks it: a line of its stanza of the manifest, a right in a pipe's rules, or
// its handle. A process gets a bounded number of lines, and none twice in a row, so that no app floods the log.
#include "denial.h"

#include "host.h"
#include "kernel.h"
#include "log.h"

#define DENIALS_LOGGED 8u
#define HASH_START 14695981039346656037ull // FNV-1a, 64 bits
#define HASH_FACTOR 1099511628211ull

static uint64_t text_hash(const char *text) {
    uint64_t hash = HASH_START;
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * HASH_FACTOR;
    return hash;
}

// Logs that `by` lacks `what`.
static void refusal_log(struct process *process, const char *by, const char *what) {
    const struct principal *principal = &process->principal;
    uint64_t hash = text_hash(what);
    if (process->denials_logged > DENIALS_LOGGED || process->last_denial == hash)
        return;
    process->last_denial = hash;
    if (process->denials_logged++ < DENIALS_LOGGED)
        log_line("%s %s %u: denied: %s lacks: %s", process_kind(process), principal->name, principal->pid, by, what);
    else
        log_line("%s %s %u: what else it is denied is counted, not logged", process_kind(process), principal->name,
                 principal->pid);
}

void denial_log(struct process *process, const char *line) {
    char by[LOG_LINE_MAX];
    format(by, sizeof by, "the manifest's stanza \"%s\"", process->principal.name);
    refusal_log(process, by, line);
}

void denial_log_range(struct process *process, const char *key, uint64_t first, uint64_t last) {
    char line[LOG_LINE_MAX];
    if (first == last)
        format(line, sizeof line, "%s 0x%X", key, first);
    else
        format(line, sizeof line, "%s 0x%X-0x%X", key, first, last);
    denial_log(process, line);
}

// The letters of rights, for at most all of them.
static char *rights_text(char *to, uint32_t rights) {
    static const char letters[] = "rwtm"; // of the bits of RIGHT_*
    uint32_t count = 0;
    for (uint32_t bit = 0; letters[bit]; bit++)
        if (rights >> bit & 1)
            to[count++] = letters[bit];
    to[count] = 0;
    return to;
}

static char *path_text(char *to, const char *path, uint32_t length) {
    host_copy(to, path, length);
    to[length] = 0;
    return to;
}

#define RIGHTS_TEXT_MAX 5u // and a terminator

void host_claim_refused(struct principal *principal, enum claim_type type, const char *path, uint32_t length,
                        uint32_t rights) {
    char line[LOG_LINE_MAX], text[PATH_LENGTH_MAX + 1], letters[RIGHTS_TEXT_MAX];
    path_text(text, path, length);
    if (type == CLAIM_CREATE)
        format(line, sizeof line, "create %s", text);
    else
        format(line, sizeof line, "open %s %s", text, rights_text(letters, rights));
    denial_log(process_of(principal), line);
}

void host_rules_refused(struct principal *principal, const struct node *node, unsigned rule_class, uint32_t rights,
                        uint32_t allowed) {
    static const char *const classes[CLASSES] = {
        [CLASS_OWNER] = "owner", [CLASS_APP] = "app", [CLASS_DRIVER] = "driver", [CLASS_SERVER] = "server"};
    char line[LOG_LINE_MAX], by[LOG_LINE_MAX], path[PATH_LENGTH_MAX + 1], letters[RIGHTS_TEXT_MAX];
    if (principal == &kernel.names.kernel)
        return;
    path_text(path, node->path, node->path_length);
    if (!rights)
        format(by, sizeof by, "the rule that the kernel alone makes numbers");
    else if (rights & ~allowed)
        format(by, sizeof by, "the rule %s=%s", classes[rule_class], allowed ? rights_text(letters, allowed) : "-");
    else
        format(by, sizeof by, "the handle");
    format(line, sizeof line, "%s %s", path, rights_text(letters, rights ? rights : RIGHT_WRITE));
    refusal_log(process_of(principal), by, line);
}
