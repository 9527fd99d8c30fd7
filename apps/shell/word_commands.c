// SPDX-License-Identifier: MIT
// `xargs`, `basename` and `dirname`: what makes other commands' words.
#include "run.h"
#include "failure.h"
#include "lines.h"
#include "output.h"
#include "shell.h"
#include "tool_commands.h"

#include <string.h>

// ---- xargs ----

#define BLANKS " \t"

// The words that a command is called with: its own, then those of the input.
struct call {
    char *words[WORDS_MAX + 1];
    int own, count, most;
    int status; // of the last that failed
};

static void call_make(struct call *call) {
    char *words[WORDS_MAX + 1]; // a command may put others there
    memcpy(words, call->words, sizeof words);
    words[call->count] = NULL;
    int status = run_host->command_run(call->count, words);
    call->status = status ? status : call->status;
    call->count = call->own;
}

static void line_take(struct call *call, char *line) {
    char *rest = NULL;
    char *word = strtok_r(line, BLANKS, &rest);
    for (; word && call->status != STATUS_INTERRUPTED; word = strtok_r(NULL, BLANKS, &rest)) {
        if (call->count == call->own + call->most)
            call_make(call);
        call->words[call->count++] = word;
    }
}

int gather_command(int count, char **words) {
    static const struct option_plan plan = {"n:", 1, WORDS_MAX, "COMMAND", true};
    static const struct options none;
    struct options options;
    struct lines lines = {0};
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    uint64_t most = WORDS_MAX - (unsigned)options.operand_count;
    if (!most)
        return fail_usage(options.operands[0], "too many words");
    if (!option_number(&options, 'n', "N", 1, most, &most))
        return STATUS_USAGE;
    struct call call = {.own = options.operand_count, .count = options.operand_count, .most = (int)most};
    memcpy(call.words, options.operands, sizeof call.words);
    int status = sources_visit(&none, 0, lines_collect, &lines);
    for (size_t line = 0; !status && line < lines.count; line++)
        line_take(&call, lines.lines[line].text);
    if (call.count > call.own && call.status != STATUS_INTERRUPTED)
        call_make(&call);
    lines_free(&lines);
    return status ? status : call.status;
}

// ---- basename and dirname ----

// The length of a path's first bytes without slashes at their end; of the root one stays.
static size_t path_length(const char *path, size_t length) {
    while (length > 1 && path[length - 1] == '/')
        length--;
    return length;
}

// Where the last name of so many bytes begins.
static size_t name_place(const char *path, size_t length) {
    size_t place = length;
    while (place && path[place - 1] != '/')
        place--;
    return place && place == length ? length - 1 : place; // the root's is its slash
}

int last_name_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 2, "PATH", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    const char *path = options.operands[0], *ending = options.operand_count > 1 ? options.operands[1] : "";
    size_t length = path_length(path, strlen(path)), place = name_place(path, length), cut = strlen(ending);
    bool is_cut = cut && cut < length - place && strncmp(path + length - cut, ending, cut) == 0;
    say_bytes(path + place, length - place - (is_cut ? cut : 0));
    say("\n");
    return 0;
}

int directory_name_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 1, "PATH", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    const char *path = options.operands[0];
    size_t length = path_length(path, name_place(path, path_length(path, strlen(path))));
    if (path[0] == '/' && !length)
        length = 1;
    say_bytes(length ? path : ".", length ? length : 1);
    say("\n");
    return 0;
}
