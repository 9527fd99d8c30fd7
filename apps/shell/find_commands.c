// SPDX-License-Identifier: MIT
// `which`, `history` and `env`: where things are, and what is known.
#include "run.h"
#include "alias.h"
#include "failure.h"
#include "file.h"
#include "function.h"
#include "history.h"
#include "line_buffer.h"
#include "options.h"
#include "output.h"
#include "program_path.h"
#include "pipe.h"
#include "process.h"
#include "syntax.h"
#include "tool_commands.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

// ---- which ----

// What a word is as a command: a sentence; or a path, the word itself or that of a program, which goes to `path`.
// NULL: nothing.
static const char *meaning_of(char *word, char *path) {
    struct stream_stat stat;
    if (strchr(word, '/'))
        return file_stat(word, &stat) == 0 && (stat.mode & MODE_TYPE) == MODE_FILE ? word : NULL;
    if (alias_value(word, strlen(word)))
        return "an alias";
    if (syntax_is_reserved(word))
        return "a word of the shell's language";
    if (function_is_known(word))
        return "a function";
    if (run_host->command_is_known(1, &word))
        return "a command of the shell";
    return program_find(word, path) ? path : NULL;
}

static int which_one(const char *word) {
    char path[FILE_PATH_MAX + 1];
    const char *meaning = meaning_of((char *)word, path);
    if (!meaning)
        return fail(word, -PIPE_ENOENT);
    say(meaning == path || meaning == word ? "%.0s%s\n" : "%s: %s\n", word, meaning);
    return 0;
}

int name_find_command(int count, char **words) {
    int status = count > 1 ? 0 : fail_usage("NAME", "missing");
    for (int index = 1; index < count; index++) {
        char path[FILE_PATH_MAX + 1];
        const char *meaning = meaning_of(words[index], path);
        const char *alias = alias_value(words[index], strlen(words[index]));
        if (alias)
            alias_say("alias ", words[index], alias);
        else if (meaning)
            say("%s\n", meaning == path ? path : words[index]);
        status = meaning || alias ? status : STATUS_NO_COMMAND;
    }
    return status;
}

int which_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, WORDS_MAX, "NAME", false};
    struct options options;
    return options_parse(count, words, &plan, &options) ? operands_each(&options, which_one) : STATUS_USAGE;
}

// ---- history and env ----

// Whether the line's editor, to which it may come back, can have typed it.
static bool is_line(const char *text) {
    size_t length = 0;
    while (length <= LINE_BYTES_MAX && text[length] && !iscntrl((unsigned char)text[length]))
        length++;
    return length <= LINE_BYTES_MAX && !text[length];
}

int history_command(int count, char **words) {
    static const struct option_plan plan = {"cs:", 0, 1, "N", false};
    struct options options;
    uint64_t most = HISTORY_LINES;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (options.operand_count && !number_parse(options.operands[0], "N", 1, HISTORY_LINES, &most))
        return STATUS_USAGE;
    if (option_given(&options, 's') && !is_line(option_value(&options, 's')))
        return fail_usage("LINE", "it is one line of at most 16383 bytes");
    if (option_given(&options, 'c'))
        history_clear();
    if (option_given(&options, 's'))
        history_add(option_value(&options, 's'));
    if (option_given(&options, 'c') || option_given(&options, 's'))
        return 0;
    for (unsigned age = (unsigned)most; age; age--) {
        const char *line = history_line(age);
        if (!line)
            continue;
        say("%5lu  ", history_count() - age + 1);
        say_bytes(line, strlen(line));
        say("\n");
    }
    return 0;
}

int environment_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, 0, "", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    for (char *const *variable = environ; variable && *variable; variable++) {
        say_bytes(*variable, strlen(*variable));
        say("\n");
    }
    return 0;
}
