// SPDX-License-Identifier: MIT
// Logs what the claims of a process refuse, as the line that its stanza of the manifest lacks. A process gets a bounded
// number of lines, and none twice in a row, so that no app floods the log.
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

void denial_log(struct process *process, const char *line) {
    const struct principal *principal = &process->principal;
    uint64_t hash = text_hash(line);
    if (process->denials_logged > DENIALS_LOGGED || process->last_denial == hash)
        return;
    process->last_denial = hash;
    if (process->denials_logged++ < DENIALS_LOGGED)
        log_line("%s %s %u: denied: the manifest's stanza \"%s\" lacks: %s", process_kind(process), principal->name,
                 principal->pid, principal->name, line);
    else
        log_line("%s %s %u: what else it is denied is counted, not logged", process_kind(process), principal->name,
                 principal->pid);
}

void denial_log_range(struct process *process, const char *key, uint64_t first, uint64_t last) {
    char line[LOG_LINE_MAX];
    if (first == last)
        format(line, sizeof line, "%s 0x%X", key, first);
    else
        format(line, sizeof line, "%s 0x%X-0x%X", key, first, last);
    denial_log(process, line);
}

void host_claim_refused(struct principal *principal, enum claim_type type, const char *path, uint32_t length,
                        uint32_t rights) {
    static const char letters[] = "rwtm"; // of the bits of RIGHT_*
    char line[LOG_LINE_MAX], text[PATH_LENGTH_MAX + 1], right_text[sizeof letters];
    uint32_t count = 0;
    host_copy(text, path, length);
    text[length] = 0;
    for (uint32_t bit = 0; letters[bit]; bit++)
        if (rights >> bit & 1)
            right_text[count++] = letters[bit];
    right_text[count] = 0;
    if (type == CLAIM_CREATE)
        format(line, sizeof line, "create %s", text);
    else
        format(line, sizeof line, "open %s %s", text, right_text);
    denial_log(process_of(principal), line);
}
