// SPDX-License-Identifier: MIT
// `caps`: what a process may do: its kind, its limits and its claims.
#include "failure.h"
#include "info.h"
#include "options.h"
#include "output.h"
#include "page.h"
#include "pipe.h"
#include "process.h"
#include "tool_commands.h"
#include "words.h"

#include <string.h>

#define KIBIBYTE 1024u
#define PROCESS_SERVER 1u // its pid: the kernel itself has started it, and it starts all others

static void rights_say(uint32_t rights) {
    static const char letters[] = "rwtm"; // in the order of their bits
    char text[sizeof letters] = "";
    for (size_t bit = 0; letters[bit]; bit++)
        if (rights >> bit & 1)
            strncat(text, &letters[bit], 1);
    say("%-4s", text);
}

static void range_say(const char *what, const uint8_t *body) {
    struct claim_range range;
    memcpy(&range, body, sizeof range);
    say("%-8s      %#lx-%#lx\n", what, range.first, range.last);
}

static void dma_say(const uint8_t *body) {
    struct claim_range range;
    memcpy(&range, body, sizeof range);
    say("dma           %lu KiB\n", (range.last + 1) / KIBIBYTE);
}

static void function_say(const uint8_t *body) {
    struct claim_function function;
    memcpy(&function, body, sizeof function);
    if (function.class_mask)
        say("function      class %06x of %06x\n", (unsigned)function.class_code, (unsigned)function.class_mask);
    else
        say("function      %04x:%04x\n", function.vendor, function.device);
}

static void claim_say(const struct claim *claim, const uint8_t *body) {
    if (claim->type == CLAIM_PORTS) {
        range_say("ports", body);
    } else if (claim->type == CLAIM_PHYSICAL) {
        range_say("physical", body);
    } else if (claim->type == CLAIM_DMA) {
        dma_say(body);
    } else if (claim->type == CLAIM_FUNCTION) {
        function_say(body);
    } else if (claim->type == CLAIM_SPAWN) {
        say("spawn         %.*s\n", (int)claim->length, (const char *)body);
    } else {
        say("%-8s ", claim->type == CLAIM_OPEN ? "open" : claim->type == CLAIM_FILES ? "files" : "create");
        rights_say(claim->rights);
        say(" %.*s\n", (int)claim->length, (const char *)body);
    }
}

// Its kind, and those as which the program may be started too.
static void kinds_say(const struct info_process *info, uint32_t kinds) {
    const char *gap = "; the program may be started as ";
    say("kind     %s", kind_name(info->kind));
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        if (!(kinds >> kind & 1) || kind == info->kind)
            continue;
        say("%s%s", gap, kind_name(kind));
        gap = " or ";
    }
    say("\n");
}

static void limits_say(const struct info_process *info, const struct claims_reply *reply) {
    say("process  %s/%u, by the manifest's stanza %s\n", info->name, info->pid, reply->stanza);
    kinds_say(info, reply->kinds);
    say("priority %u at most\n", info->priority);
    if (reply->budget)
        say("budget   %u%% of the processor at this priority, in each 100 ms\n", (unsigned)reply->budget);
    say("memory   %lu KiB at most, has %lu\n", reply->memory / KIBIBYTE, info->pages * PAGE_SIZE / KIBIBYTE);
    say("quota    %lu KiB of kernel objects, has %lu\n", reply->quota / KIBIBYTE, info->quota_used / KIBIBYTE);
    say("denied   %lu\n", info->denied);
    if (reply->flags & CLAIMS_OPERATOR)
        say("operator ends any program, and switches the machine off\n");
    if (reply->flags & CLAIMS_SUPERVISED)
        say("restart  always: its pipes wait for its successor\n");
}

static void claims_say(const uint8_t *claims, size_t length) {
    struct claim claim;
    for (size_t index = 0; index + sizeof claim <= length; index += sizeof claim + claim.length) {
        memcpy(&claim, claims + index, sizeof claim);
        claim_say(&claim, claims + index + sizeof claim);
    }
}

static int process_claims_say(const char *word, uint32_t pid) {
    struct info_process info;
    struct claims_reply reply;
    uint8_t claims[PAYLOAD_MAX];
    long error = info_ask(INFO_PROCESS, pid, &info, sizeof info);
    if (!error && info.pid != pid)
        error = -PIPE_ESRCH;
    if (!error && pid == PROCESS_SERVER) {
        say("process  %s/%u, which the kernel started: it may do anything\n", info.name, info.pid);
        return 0;
    }
    long length = error ? error : process_claims(pid, &reply, claims);
    if (length < 0)
        return fail(word, length);
    limits_say(&info, &reply);
    claims_say(claims, (size_t)length);
    return 0;
}

// All processes of a program, by its name.
static int program_claims_say(const char *name) {
    struct info_process info;
    uint32_t pid = 1, count = 0;
    int status = 0;
    for (; info_ask(INFO_PROCESS, pid, &info, sizeof info) == 0; pid = info.pid + 1) {
        if (strcmp(info.name, name) != 0)
            continue;
        if (count++)
            say("\n");
        status |= process_claims_say(name, info.pid);
    }
    return count ? status : fail(name, -PIPE_ESRCH);
}

int claims_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 1, "PID|NAME", false};
    struct options options;
    uint64_t pid;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    const char *word = options.operands[0];
    if (*word && strspn(word, "0123456789") < strlen(word))
        return program_claims_say(word);
    return number_parse(word, "PID", 1, UINT32_MAX, &pid) ? process_claims_say(word, (uint32_t)pid) : STATUS_USAGE;
}
