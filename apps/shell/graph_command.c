// SPDX-License-Identifier: MIT
// `graph`: who talks to whom through which pipes. Used: the handles that processes have of others' pipes. Declared: the
// claims of each process, and whether it has a handle, or a pipe of its own, that one covers.
#include "describe.h"
#include "failure.h"
#include "info.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "pipe_walk.h"
#include "process.h"
#include "tool_commands.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum form { FORM_LINES, FORM_DOT, FORM_OBJECTS };

struct known_pipe {
    struct pipe_stat stat;
    char path[WALK_PATH_MAX];
};

// A process has a pipe open.
struct edge {
    uint32_t pid;
    uint64_t pipe;
    uint8_t rights;
};

static struct {
    struct known_pipe *pipes;
    struct edge *edges;
    size_t pipe_count, pipe_room, edge_count, edge_room;
    bool is_short_of_memory;
    enum form form;
} graph;

// ---- What there is --------------------------------------------------------------------------------------------------

// Room for one more object of `size`; NULL: no memory.
static void *grow(void *objects, size_t count, size_t *room, size_t size) {
    if (count < *room)
        return objects;
    void *more = realloc(objects, (*room ? 2 * *room : 64) * size);
    if (more)
        *room = *room ? 2 * *room : 64;
    else
        graph.is_short_of_memory = true;
    return more;
}

static void pipe_add(const char *path, const char *name, unsigned depth, const struct pipe_stat *stat, void *work) {
    (void)name;
    (void)depth;
    (void)work;
    if (stat->flow == FLOW_DIRECTORY)
        return;
    struct known_pipe *more = grow(graph.pipes, graph.pipe_count, &graph.pipe_room, sizeof *more);
    if (!more)
        return;
    graph.pipes = more;
    graph.pipes[graph.pipe_count].stat = *stat;
    strcpy(graph.pipes[graph.pipe_count++].path, path);
}

static void edge_add(uint32_t pid, const struct info_handle *handle) {
    for (size_t index = 0; index < graph.edge_count; index++)
        if (graph.edges[index].pid == pid && graph.edges[index].pipe == handle->object) {
            graph.edges[index].rights |= handle->rights;
            return;
        }
    struct edge *more = grow(graph.edges, graph.edge_count, &graph.edge_room, sizeof *more);
    if (!more)
        return;
    graph.edges = more;
    graph.edges[graph.edge_count++] = (struct edge){pid, handle->object, handle->rights};
}

static void handles_add(uint32_t pid) {
    static struct info_handles answer;
    uint32_t cursor = 0;
    do {
        if (info_ask_handles(pid, cursor, &answer))
            return;
        for (uint32_t index = 0; index < answer.count && index < INFO_HANDLES_MAX; index++)
            if (answer.handle[index].type == HANDLE_PIPE && answer.handle[index].is_outside)
                edge_add(pid, &answer.handle[index]);
        cursor = answer.next;
    } while (cursor);
}

static void graph_gather(void) {
    struct info_process process;
    struct pipe_walk walk = {.visit = pipe_add, .is_recursive = true, .is_quiet = true};
    pipe_walk(&walk, "/");
    for (uint32_t pid = 1; info_ask(INFO_PROCESS, pid, &process, sizeof process) == 0; pid = process.pid + 1)
        handles_add(process.pid);
}

static void graph_forget(void) {
    free(graph.pipes);
    free(graph.edges);
    graph.pipes = NULL;
    graph.edges = NULL;
    graph.pipe_count = graph.pipe_room = graph.edge_count = graph.edge_room = 0;
}

static const struct known_pipe *pipe_of(uint64_t number) {
    for (size_t index = 0; index < graph.pipe_count; index++)
        if (graph.pipes[index].stat.number == number)
            return &graph.pipes[index];
    return NULL;
}

static const char *rights_text(uint32_t rights, char *to) {
    size_t length = 0;
    for (size_t bit = 0; bit < 4; bit++)
        if (rights >> bit & 1)
            to[length++] = "rwtm"[bit];
    to[length] = 0;
    return to;
}

// ---- Used -----------------------------------------------------------------------------------------------------------

static void used_say(const struct edge *edge, const struct known_pipe *pipe) {
    char process[OWNER_TEXT_MAX], owner[OWNER_TEXT_MAX], rights[8];
    process_text(edge->pid, process);
    owner_text(pipe->stat.owner, pipe->stat.owner_generation, owner);
    rights_text(edge->rights, rights);
    if (graph.form == FORM_LINES)
        say("%-16s %-4s %-28s %-16s %lu in, %lu out\n", process, rights, pipe->path, owner, pipe->stat.in,
            pipe->stat.out);
    else if (graph.form == FORM_OBJECTS)
        say("{\"process\":\"%s\",\"rights\":\"%s\",\"pipe\":\"%s\",\"owner\":\"%s\",\"in\":%lu,\"out\":%lu}\n", process,
            rights, pipe->path, owner, pipe->stat.in, pipe->stat.out);
    else
        say("  \"%s\" -> \"%s\" [label=\"%s\"];\n", process, pipe->path, rights);
}

// A pipe in a drawing: a box with its counter, and its owner.
static void box_say(const struct known_pipe *pipe) {
    char owner[OWNER_TEXT_MAX];
    say("  \"%s\" [shape=box, label=\"%s\\n%s, %lu in\"];\n", pipe->path, pipe->path, flow_name(pipe->stat.flow),
        pipe->stat.in);
    say("  \"%s\" -> \"%s\" [style=dashed];\n", pipe->path,
        owner_text(pipe->stat.owner, pipe->stat.owner_generation, owner));
}

// Whether a pipe is shown. A drawing leaves out those by which every process is born, paged and ended.
static bool is_shown(const struct known_pipe *pipe) {
    return graph.form != FORM_DOT || strncmp(pipe->path, "/proc/", 6) != 0;
}

static bool is_used(const struct known_pipe *pipe) {
    for (size_t index = 0; index < graph.edge_count; index++)
        if (graph.edges[index].pipe == pipe->stat.number)
            return true;
    return false;
}

static void used_graph_say(void) {
    if (graph.form == FORM_DOT) {
        say("digraph sluice {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
        for (size_t index = 0; index < graph.pipe_count; index++)
            if (is_shown(&graph.pipes[index]) && is_used(&graph.pipes[index]))
                box_say(&graph.pipes[index]);
    }
    for (size_t index = 0; index < graph.edge_count; index++) {
        const struct known_pipe *pipe = pipe_of(graph.edges[index].pipe);
        if (pipe && is_shown(pipe))
            used_say(&graph.edges[index], pipe);
    }
    if (graph.form == FORM_DOT)
        say("}\n");
}

// ---- Declared -------------------------------------------------------------------------------------------------------

// Whether a claim's pattern covers a path: `*` is any component, a last `**` all below.
static bool is_covered(const char *pattern, size_t length, const char *path) {
    const char *end = pattern + length;
    for (path++, pattern++; pattern < end && *path; path += *path == '/', pattern += pattern < end) {
        size_t wanted = strcspn(pattern, "/"), given = strcspn(path, "/");
        wanted = wanted < (size_t)(end - pattern) ? wanted : (size_t)(end - pattern);
        if (wanted == 2 && pattern[0] == '*' && pattern[1] == '*')
            return true;
        if (!(wanted == 1 && *pattern == '*') && !(wanted == given && strncmp(pattern, path, wanted) == 0))
            return false;
        pattern += wanted;
        path += given;
    }
    return pattern >= end && !*path;
}

static bool claim_is_used(uint32_t pid, const struct claim *claim, const char *pattern) {
    for (size_t index = 0; index < graph.pipe_count; index++)
        if (claim->type == CLAIM_CREATE && graph.pipes[index].stat.owner == pid &&
            is_covered(pattern, claim->length, graph.pipes[index].path))
            return true;
    for (size_t index = 0; index < graph.edge_count && claim->type == CLAIM_OPEN; index++) {
        const struct known_pipe *pipe = pipe_of(graph.edges[index].pipe);
        if (graph.edges[index].pid == pid && pipe && is_covered(pattern, claim->length, pipe->path))
            return true;
    }
    return false;
}

static void claim_say(uint32_t pid, const struct claim *claim, const char *pattern) {
    char process[OWNER_TEXT_MAX], rights[8];
    const char *what = claim->type == CLAIM_OPEN ? "open" : "create",
               *use = claim_is_used(pid, claim, pattern) ? "used" : "unused";
    process_text(pid, process);
    rights_text(claim->rights, rights);
    if (graph.form == FORM_LINES)
        say("%-16s %-6s %-6s %-4s %.*s\n", process, use, what, rights, (int)claim->length, pattern);
    else if (graph.form == FORM_OBJECTS)
        say("{\"process\":\"%s\",\"claim\":\"%s\",\"rights\":\"%s\",\"pattern\":\"%.*s\",\"use\":\"%s\"}\n", process,
            what, rights, (int)claim->length, pattern, use);
    else
        say("  \"%s\" -> \"%.*s\" [label=\"%s %s\"%s];\n", process, (int)claim->length, pattern, what, rights,
            *use == 'u' && use[1] == 'n' ? ", color=grey" : "");
}

static void process_claims_say(uint32_t pid) {
    struct claims_reply reply;
    static uint8_t claims[PAYLOAD_MAX];
    struct claim claim;
    long length = process_claims(pid, &reply, claims);
    for (size_t index = 0; length > 0 && index + sizeof claim <= (size_t)length; index += sizeof claim + claim.length) {
        memcpy(&claim, claims + index, sizeof claim);
        if (claim.type == CLAIM_OPEN || claim.type == CLAIM_CREATE)
            claim_say(pid, &claim, (const char *)claims + index + sizeof claim);
    }
}

static void declared_graph_say(void) {
    struct info_process process;
    if (graph.form == FORM_DOT)
        say("digraph sluice {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
    for (uint32_t pid = 2; info_ask(INFO_PROCESS, pid, &process, sizeof process) == 0; pid = process.pid + 1)
        process_claims_say(process.pid);
    if (graph.form == FORM_DOT)
        say("}\n");
}

// ---- The command ----------------------------------------------------------------------------------------------------

// The long options by their letters.
static void options_shorten(int count, char **words) {
    static char letters[][3] = {"-d", "-j", "-c", "-u"};
    static const char *const names[] = {"--dot", "--json", "--declared", "--used"};
    for (int index = 1; index < count; index++)
        for (size_t option = 0; option < sizeof names / sizeof *names; option++)
            if (strcmp(words[index], names[option]) == 0)
                words[index] = letters[option];
}

int graph_command(int count, char **words) {
    static const struct option_plan plan = {"cdju", 0, 0, "", false};
    struct options options;
    options_shorten(count, words);
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (option_given(&options, 'd') && option_given(&options, 'j'))
        return fail_usage("--dot --json", "one form at a time");
    if (option_given(&options, 'c') && option_given(&options, 'u'))
        return fail_usage("--declared --used", "one graph at a time");
    graph.form = option_given(&options, 'd') ? FORM_DOT : option_given(&options, 'j') ? FORM_OBJECTS : FORM_LINES;
    graph.is_short_of_memory = false;
    graph_gather();
    if (graph.is_short_of_memory) {
        graph_forget();
        return fail("graph", -PIPE_ENOMEM);
    }
    if (option_given(&options, 'c'))
        declared_graph_say();
    else
        used_graph_say();
    graph_forget();
    return 0;
}
