// SPDX-License-Identifier: MIT `pipes`: what stands in a directory. Names come from the kernel in order of bytes, a
// page at a time; what comes or goes between two pages is seen or not, but no other name is missed.
#include "commands.h"
#include "describe.h"
#include "failure.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "words.h"

#include <string.h>

enum style { STYLE_NAMES, STYLE_LONG, STYLE_JSON };

struct listing {
    enum style style;
    bool is_recursive;
    int status;
};

// ---- One pipe ----

static void say_json_string(const char *text) {
    say("\"");
    for (; *text; text++)
        say(*text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    say("\"");
}

static void say_json(const char *path, const struct pipe_stat *stat) {
    char owner[OWNER_TEXT_MAX], rules[RULES_TEXT_MAX];
    say("{\"name\":");
    say_json_string(path);
    say(",\"flow\":\"%s\",\"rules\":\"%s\",\"owner\":", flow_name(stat->flow), rules_format(stat->rules, rules));
    say_json_string(owner_name(stat->owner, stat->owner_generation, owner));
    say(",\"pid\":%u,\"depth\":%lu,\"capacity\":%lu", stat->owner, stat->depth, stat->capacity);
    say(",\"hooks\":%lu,\"in\":%lu,\"out\":%lu,\"dropped\":%lu}\n", stat->hooks, stat->in, stat->out, stat->dropped);
}

static void say_long_head(void) {
    say("%-9s %-38s %-12s %9s %5s %8s %8s %7s %s\n", "FLOW", "RULES", "OWNER", "DEPTH", "HOOKS", "IN", "OUT", "DROPPED",
        "NAME");
}

static void say_long(const char *path, const struct pipe_stat *stat) {
    char owner[OWNER_TEXT_MAX], rules[RULES_TEXT_MAX], depth[DEPTH_TEXT_MAX];
    say("%-9s %-38s %-12s %9s %5lu %8lu %8lu %7lu %s%s%s\n", flow_name(stat->flow), rules_brief(stat->rules, rules),
        owner_text(stat->owner, stat->owner_generation, owner), depth_text(stat, depth), stat->hooks, stat->in,
        stat->out, stat->dropped, path, stat->flags & STAT_TAPPED ? " (tapped)" : "",
        stat->flags & STAT_VACANT ? " (vacant)" : "");
}

// `shown`: the name, or the whole path where more than one directory is listed.
static void pipe_say(const struct listing *listing, const char *path, const char *shown, const struct pipe_stat *stat) {
    if (listing->style == STYLE_JSON)
        say_json(path, stat);
    else if (listing->style == STYLE_LONG)
        say_long(shown, stat);
    else
        say("%s%s\n", shown, stat->flow == FLOW_DIRECTORY && strcmp(shown, "/") != 0 ? "/" : "");
}

// ---- A directory ----

static void directory_list(struct listing *listing, char *path);

// One name of a directory whose path has `length` bytes; `path` has room for any.
static void entry_list(struct listing *listing, char *path, size_t length, const char *name, size_t name_length) {
    struct pipe_stat stat;
    char *place = path + length;
    if (length > 1)
        *place++ = '/';
    memcpy(place, name, name_length);
    place[name_length] = 0;
    long error = pipe_stat_path(path, &stat);
    if (error == 0) {
        pipe_say(listing, path, listing->is_recursive ? path : place, &stat);
        if (listing->is_recursive && stat.flow == FLOW_DIRECTORY)
            directory_list(listing, path);
    } else if (error != -PIPE_ENOENT) { // gone since it was listed
        listing->status = fail(path, error);
    }
    path[length] = 0;
}

// The entries of a page that pipe_list brought; the last name goes to `last`.
static void page_list(struct listing *listing, char *path, const uint8_t *page, long length, char *last) {
    size_t path_length = strlen(path);
    for (long place = 0; place < length;) {
        struct list_entry entry;
        memcpy(&entry, page + place, sizeof entry);
        const char *name = (const char *)page + place + sizeof entry;
        memcpy(last, name, entry.name_length);
        last[entry.name_length] = 0;
        entry_list(listing, path, path_length, name, entry.name_length);
        place += (long)sizeof entry + entry.name_length;
    }
}

static void directory_list(struct listing *listing, char *path) {
    char last[COMPONENT_MAX + 1] = "";
    uint8_t page[PAYLOAD_MAX];
    long directory = pipe_open(path, RIGHT_READ);
    long length = directory < 0 ? directory : pipe_list(directory, last);
    while (length > 0) {
        memcpy(page, pipe_payload(), (size_t)length);
        page_list(listing, path, page, length, last);
        length = pipe_list(directory, last);
    }
    if (length < 0)
        listing->status = fail(path, length);
    if (directory >= 0)
        pipe_close(directory);
}

// ---- The command ----

static int path_list(struct listing *listing, const char *given) {
    char path[PATH_LENGTH_MAX + COMPONENT_MAX + 2];
    struct pipe_stat stat;
    long error = stat_get(given, &stat);
    if (error)
        return fail(given, error);
    strcpy(path, given);
    if (listing->style == STYLE_LONG)
        say_long_head();
    if (stat.flow == FLOW_DIRECTORY)
        directory_list(listing, path);
    else
        pipe_say(listing, path, path, &stat);
    return listing->status;
}

int pipes_command(int count, char **words) {
    static const struct option_plan plan = {"lrj", 0, 1, "PATH", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (option_given(&options, 'l') && option_given(&options, 'j'))
        return fail_usage("-l -j", "one form at a time");
    struct listing listing = {.is_recursive = option_given(&options, 'r')};
    if (option_given(&options, 'l'))
        listing.style = STYLE_LONG;
    if (option_given(&options, 'j'))
        listing.style = STYLE_JSON;
    return path_list(&listing, options.operand_count ? options.operands[0] : "/");
}
