// SPDX-License-Identifier: MIT
// `pipe create`, `rm`, `rules` and `stat`. A pipe that was made here is the shell's: it lives until it is removed or
// the shell ends.
#include "commands.h"
#include "describe.h"
#include "failure.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "words.h"

#include <string.h>

static const char rules_sentence[] = "rules are CLASS=RIGHTS of owner, app, driver, server and r, w, t, m or -";

// False: reported.
static bool rules_take(const char *text, uint32_t *rules) {
    const char *wrong;
    if (rules_parse(text, rules, &wrong))
        return true;
    fail_usage(*wrong ? wrong : "RULES", rules_sentence);
    return false;
}

// ---- create and rm ----

int pipe_create_command(int count, char **words) {
    static const struct option_plan plan = {"r:c:p:", 2, 2, "PATH FLOW", false};
    struct options options;
    enum flow flow;
    uint32_t rules = RULES_DEFAULT;
    uint64_t capacity = 0, payload = 0;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (!flow_parse(options.operands[1], &flow))
        return fail_usage(options.operands[1], "a flow is directory, queue, topic, call or event");
    if ((option_given(&options, 'r') && !rules_take(option_value(&options, 'r'), &rules)) ||
        !option_number(&options, 'c', "CAPACITY", 1, CAPACITY_MAX, &capacity) ||
        !option_number(&options, 'p', "BYTES", 1, PAYLOAD_MAX, &payload))
        return STATUS_USAGE;
    long handle = pipe_create(options.operands[0], flow, rules, (uint32_t)capacity, (uint32_t)payload);
    if (handle < 0)
        return fail(options.operands[0], handle);
    pipe_close(handle); // the pipe is its owner's, and stays; the handle would be a writer
    return 0;
}

int pipe_remove_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 1, "PATH", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    long error = pipe_remove(options.operands[0]);
    if (error)
        return fail(options.operands[0], error);
    return 0;
}

// ---- rules and stat ----

int pipe_rules_command(int count, char **words) {
    static const struct option_plan plan = {"", 2, WORDS_MAX, "PATH RULES", false};
    struct options options;
    char text[PAYLOAD_MAX + 1]; // more than any command's words have
    uint32_t rules;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    operands_join(&options, 1, text, sizeof text);
    if (!rules_take(text, &rules))
        return STATUS_USAGE;
    long handle = pipe_open(options.operands[0], RIGHT_MANAGE);
    long error = handle < 0 ? handle : pipe_set_rules(handle, rules);
    if (handle >= 0)
        pipe_close(handle);
    return error ? fail(options.operands[0], error) : 0;
}

static void stat_say(const char *path, const struct pipe_stat *stat) {
    char owner[OWNER_TEXT_MAX], holder[OWNER_TEXT_MAX], depth[DEPTH_TEXT_MAX];
    char rules[RULES_TEXT_MAX], time[TIME_TEXT_MAX];
    say("name      %s\nflow      %s\nnumber    %u\n", path, flow_name(stat->flow), stat->number);
    say("rules     %s\n", rules_format(stat->rules, rules));
    say("owner     %s%s%s%s\n", owner_text(stat->owner, stat->owner_generation, owner),
        stat->flags & STAT_KERNEL ? ", answered by the kernel" : "", stat->flags & STAT_VACANT ? ", vacant" : "",
        stat->flags & STAT_TAPPED ? ", tapped" : "");
    say("depth     %s\n", depth_text(stat, depth));
    if (stat->payload_max)
        say("payload   %lu bytes at most\n", stat->payload_max);
    say("hooks     %lu, taps %lu, waiting %lu\n", stat->hooks, stat->taps, stat->waiting);
    say("in        %lu\nout       %lu\n", stat->in, stat->out);
    say("dropped   %lu\ndenied    %lu\n", stat->dropped, stat->denied);
    if (stat->oldest)
        say("oldest    at %s\n", time_text(stat->oldest, time));
    if (stat->holder_count)
        say("held      %u calls, one by %s\n", stat->holder_count, process_text(stat->holder, holder));
}

int pipe_stat_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 1, "PATH", false};
    struct options options;
    struct pipe_stat stat;
    directories_trim(count, words);
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    long error = stat_get(options.operands[0], &stat);
    if (error)
        return fail(options.operands[0], error);
    stat_say(options.operands[0], &stat);
    return 0;
}
