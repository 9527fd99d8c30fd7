// SPDX-License-Identifier: MIT
// `pipes`: what stands in a directory: names, in long form, as JSON, as a tree, or live (live.c).
#include "commands.h"
#include "describe.h"
#include "failure.h"
#include "holders.h"
#include "live.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "pipe_walk.h"
#include "words.h"

#include <string.h>

enum style { STYLE_NAMES, STYLE_LONG, STYLE_JSON, STYLE_TREE };

struct listing {
    enum style style;
    bool is_recursive;
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
    say("%-9s %-36s %-12s %9s %5s %8s %8s %7s %-10s %s\n", "FLOW", "RULES", "OWNER", "DEPTH", "HOOKS", "IN", "OUT",
        "DROPPED", "HOLDER", "NAME");
}

static void say_long(const char *path, const struct pipe_stat *stat) {
    char owner[OWNER_TEXT_MAX], holder[HOLDER_TEXT_MAX], rules[RULES_TEXT_MAX], depth[DEPTH_TEXT_MAX];
    say("%-9s %-36s %-12s %9s %5lu %8lu %8lu %7lu %-10s %s%s%s\n", flow_name(stat->flow),
        rules_brief(stat->rules, rules), owner_text(stat->owner, stat->owner_generation, owner),
        depth_text(stat, depth), stat->hooks, stat->in, stat->out, stat->dropped, holder_text(stat->number, holder),
        path, stat->flags & STAT_TAPPED ? " (tapped)" : "", stat->flags & STAT_VACANT ? " (vacant)" : "");
}

#define BRANCH_WIDTH 2 // columns by which a directory's names stand to the right of its own
#define BRANCH_COLUMN 36

// One line of a tree.
static void say_branch(const char *name, unsigned depth, const struct pipe_stat *stat) {
    char owner[OWNER_TEXT_MAX], held[DEPTH_TEXT_MAX];
    bool is_directory = stat->flow == FLOW_DIRECTORY;
    int indent = (int)depth * BRANCH_WIDTH, width = BRANCH_COLUMN - indent;
    say("%*s", indent, "");
    if (is_directory)
        say("%s%s\n", name, strcmp(name, "/") == 0 ? "" : "/");
    else
        say("%-*s %-5s %-12s %9s  in %lu out %lu\n", width > 0 ? width : 0, name, flow_name(stat->flow),
            owner_text(stat->owner, stat->owner_generation, owner), depth_text(stat, held), stat->in, stat->out);
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

// ---- The command ----

static void listed(const char *path, const char *name, unsigned depth, const struct pipe_stat *stat, void *work) {
    const struct listing *listing = work;
    if (listing->style == STYLE_TREE)
        say_branch(name, depth + 1, stat);
    else
        pipe_say(listing, path, listing->is_recursive ? path : name, stat);
}

static int path_list(const struct listing *listing, const char *path) {
    struct pipe_stat stat;
    struct pipe_walk walk = {.visit = listed,
                             .work = (void *)listing,
                             .is_recursive = listing->is_recursive || listing->style == STYLE_TREE};
    long error = stat_get(path, &stat);
    if (error)
        return fail(path, error);
    if (listing->style == STYLE_LONG) {
        holders_gather();
        say_long_head();
    }
    if (listing->style == STYLE_TREE)
        say_branch(path, 0, &stat);
    else if (stat.flow != FLOW_DIRECTORY)
        pipe_say(listing, path, path, &stat);
    if (stat.flow == FLOW_DIRECTORY)
        pipe_walk(&walk, path);
    holders_forget();
    return walk.status;
}

// The forms that exclude one another, and -r, which a tree and a live view have in them.
static const char *forms_check(const struct options *options) {
    unsigned forms = 0;
    for (const char *letter = "ljtw"; *letter; letter++)
        forms += option_given(options, *letter);
    if (option_given(options, 'l') && option_given(options, 'j'))
        return "-l -j";
    if (forms > 1)
        return "-l -j -w --tree";
    return option_given(options, 'n') && !option_given(options, 'w') ? "-n" : NULL;
}

// A long option, for those who look for it under that name.
static void tree_option_shorten(int count, char **words) {
    static char letter[] = "-t";
    for (int index = 1; index < count; index++)
        if (strcmp(words[index], "--tree") == 0)
            words[index] = letter;
}

int pipes_command(int count, char **words) {
    static const struct option_plan plan = {"ljn:rtw", 0, 1, "PATH", false};
    struct options options;
    uint64_t frames = 0;
    tree_option_shorten(count, words);
    directories_trim(count, words);
    if (!options_parse(count, words, &plan, &options) || !option_number(&options, 'n', "COUNT", 1, FRAMES_MAX, &frames))
        return STATUS_USAGE;
    const char *wrong = forms_check(&options);
    if (wrong)
        return fail_usage(wrong, *wrong == '-' && wrong[1] == 'n' ? "only with -w" : "one form at a time");
    const char *path = options.operand_count ? options.operands[0] : "/";
    if (option_given(&options, 'w'))
        return live_show(path, frames);
    struct listing listing = {.is_recursive = option_given(&options, 'r')};
    if (option_given(&options, 'l'))
        listing.style = STYLE_LONG;
    if (option_given(&options, 'j'))
        listing.style = STYLE_JSON;
    if (option_given(&options, 't'))
        listing.style = STYLE_TREE;
    return path_list(&listing, path);
}
