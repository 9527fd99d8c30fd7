// SPDX-License-Identifier: MIT
// `xargs`, `basename` and `dirname`: what makes other commands' words.
#include "failure.h"
#include "lines.h"
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "tool.h"

#include <string.h>

// ---- xargs ----

#define BLANKS " \t"
#define START_BYTES_MAX 3800u // of words and environment in the message that starts a program

// The words that a command is called with: those of a shell that runs it, its own, then those of the input.
#define SHELL_WORDS 2
static char *const shell_words[SHELL_WORDS] = {"sh", "--words"};
#define STATUS_MASK 0xff

struct call {
    char *words[SHELL_WORDS + WORDS_MAX + 1];
    int own, count, most;
    size_t bytes, own_bytes, bytes_most; // of the words and their terminators
    int status;                          // of the last that failed
};

// A program runs as itself; anything else is a command of a shell.
static long words_run(char *const words[]) {
    const uint32_t streams[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    long pid = process_spawn(words, streams, sizeof streams / sizeof *streams, SPAWN_AS_PLAIN);
    return pid < 0 ? pid : process_wait((uint32_t)pid);
}

static void call_make(struct call *call) {
    call->words[call->count] = NULL;
    output_flush();
    long status = words_run(call->words + SHELL_WORDS);
    if (status == -PIPE_ENOENT)
        status = words_run(call->words);
    if (status < 0)
        status = fail(call->words[SHELL_WORDS], status);
    call->status = status & STATUS_MASK ? (int)(status & STATUS_MASK) : call->status;
    call->count = call->own;
    call->bytes = call->own_bytes;
}

static void line_take(struct call *call, char *line) {
    char *rest = NULL;
    for (char *word = strtok_r(line, BLANKS, &rest); word; word = strtok_r(NULL, BLANKS, &rest)) {
        bool is_full = call->count == call->own + call->most || call->bytes + strlen(word) >= call->bytes_most;
        if (is_full && call->count > call->own)
            call_make(call);
        call->words[call->count++] = word;
        call->bytes += strlen(word) + 1;
    }
}

static size_t words_bytes(char *const *words, int count) {
    size_t bytes = 0;
    for (int index = 0; index < count; index++)
        bytes += strlen(words[index]) + 1;
    return bytes;
}

// What a program's start has besides its words; at most all but a quarter of what fits.
static size_t environment_bytes(void) {
    int count = 0;
    while (environ && environ[count])
        count++;
    size_t bytes = words_bytes(environ, count);
    return bytes < START_BYTES_MAX / 4 * 3 ? bytes : START_BYTES_MAX / 4 * 3;
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
    int own = SHELL_WORDS + options.operand_count;
    struct call call = {.own = own, .count = own, .most = (int)most};
    call.bytes = call.own_bytes =
        words_bytes(shell_words, SHELL_WORDS) + words_bytes((char *const *)options.operands, options.operand_count);
    call.bytes_most = START_BYTES_MAX - environment_bytes();
    memcpy(call.words, shell_words, sizeof shell_words);
    memcpy(call.words + SHELL_WORDS, options.operands, (size_t)options.operand_count * sizeof *options.operands);
    int status = sources_visit(&none, 0, lines_collect, &lines);
    for (size_t line = 0; !status && line < lines.count; line++)
        line_take(&call, lines.lines[line].text);
    if (call.count > call.own)
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
static size_t name_index(const char *path, size_t length) {
    size_t index = length;
    while (index && path[index - 1] != '/')
        index--;
    return index && index == length ? length - 1 : index; // the root's is its slash
}

int last_name_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 2, "PATH", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    const char *path = options.operands[0], *ending = options.operand_count > 1 ? options.operands[1] : "";
    size_t length = path_length(path, strlen(path)), start = name_index(path, length), cut = strlen(ending);
    bool is_cut = cut && cut < length - start && strncmp(path + length - cut, ending, cut) == 0;
    say_bytes(path + start, length - start - (is_cut ? cut : 0));
    say("\n");
    return 0;
}

int directory_name_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 1, "PATH", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    const char *path = options.operands[0];
    size_t length = path_length(path, name_index(path, path_length(path, strlen(path))));
    if (path[0] == '/' && !length)
        length = 1;
    say_bytes(length ? path : ".", length ? length : 1);
    say("\n");
    return 0;
}
