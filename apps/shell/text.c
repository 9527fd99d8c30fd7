// SPDX-License-Identifier: MIT
#include "text.h"

#include "alias.h"
#include "failure.h"
#include "function.h"
#include "input.h"
#include "pipe.h"
#include "run.h"
#include "shell.h"
#include "variable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 60   // bytes of a line in a message
#define NESTED_MAX 40u // texts that run one within the other

// A script's problem is found by its line; another text's line is shown.
static int parse_problem(const struct parser *parser) {
    char shown[SHOWN_MAX + 1];
    const char *line = parser->text + strspn(parser->text, " \t\n");
    snprintf(shown, sizeof shown, "%.*s", (int)strcspn(line, "\n"), line);
    return shell_problem(shell.script ? NULL : shown, parser->problem, parser->problem_line);
}

static int commands_run(struct parser *parser) {
    enum parse_result result = PARSE_DONE;
    int status = 0;
    while (shell.leaving == LEAVING_NOTHING && (result = parser_next(parser)) == PARSE_DONE)
        status = list_run(parser->tree);
    if (result == PARSE_WRONG || result == PARSE_INCOMPLETE) {
        status = shell.status = parse_problem(parser);
        shell.leaving = shell.is_interactive ? LEAVING_NOTHING : LEAVING_ALL;
    }
    return status;
}

typedef const char *alias_function(const char *name, size_t length);

static int any_text_run(const char *text, const char *script, unsigned line, alias_function *alias) {
    static unsigned nested;
    struct parser parser;
    const char *outer = shell.script;
    if (nested == NESTED_MAX)
        return shell.status = shell_problem(script, "too deeply nested", line);
    nested++;
    shell.script = script;
    parser_begin(&parser, text, line);
    parser.alias = alias;
    int status = commands_run(&parser);
    parser_end(&parser);
    shell.script = outer;
    nested--;
    return status;
}

int text_run(const char *text, const char *script, unsigned line) {
    return any_text_run(text, script, line, alias_value);
}

int text_run_parsed(const char *text, const char *script, unsigned line) {
    return any_text_run(text, script, line, NULL);
}

// ---- Functions ----

// The function may be another, or none, before it ends: what runs is a copy.
static int copy_run(const char *name) {
    unsigned line;
    const char *body = function_text(name, &line);
    char *text = body ? strdup(body) : NULL;
    shell.returnable++;
    int status = text ? text_run_parsed(text, shell.script, line) : fail(name, -PIPE_ENOMEM);
    shell_returned();
    free(text);
    return status;
}

int function_call(int count, char **words) {
    char **parameters = shell.parameters;
    unsigned parameter_count = shell.parameter_count, loops = shell.loops;
    struct kept_variable *kept = NULL, **outer_locals = shell.locals;
    shell.parameters = NULL;
    shell.loops = 0;
    shell.locals = &kept;
    bool is_made = shell_parameters_set(count - 1, words + 1);
    int status = is_made ? copy_run(words[0]) : fail(words[0], -PIPE_ENOMEM);
    shell_parameters_restore(parameters, parameter_count);
    variables_restore(kept);
    shell.locals = outer_locals;
    shell.loops = loops;
    return status;
}

// ---- Parts of texts ----

static long text_read(struct buffer *text) {
    char chunk[PAYLOAD_MAX]; // memory comes by messages too, which take the page
    long length = pipe_hook(HANDLE_TEXT, KEY_EXIT, HOOK_END);
    if (length < 0)
        return length;
    while ((length = pipe_wait(DEADLINE_NONE)) > 0) {
        if (pipe_received()->handle_count)
            shell.keys = pipe_received()->handle[0];
        memcpy(chunk, pipe_payload(), (size_t)length);
        buffer_add(text, chunk, (size_t)length);
    }
    pipe_close(HANDLE_TEXT);
    return length < 0 ? length : text->is_short ? -PIPE_E2BIG : 0;
}

#define STAGE_WORDS_MIN (STAGE_NUMBERS + 1)

int stage_run(int count, char **words) {
    struct buffer text = {0};
    struct kept_variable *kept = NULL; // of the function that the text is a part of
    if (count < (int)STAGE_WORDS_MIN)
        return fail_usage("--stage", "is for shells that serve a shell");
    long error = text_read(&text);
    size_t length = strtoul(words[0], NULL, 10);
    if (error || !text.length || length > text.length)
        return fail("--stage", error ? error : -PIPE_EINVAL);
    char *state = strndup(text.bytes, length);
    if (!state)
        return fail("--stage", -PIPE_ENOMEM);
    shell.name = words[STAGE_NUMBERS];
    text_run_parsed(state, NULL, 1);
    free(state);
    shell.status = atoi(words[1]);
    shell.pid = (uint32_t)strtoul(words[2], NULL, 10);
    shell.background = (uint32_t)strtoul(words[3], NULL, 10);
    shell.returnable = (unsigned)strtoul(words[5], NULL, 10);
    shell.locals = atoi(words[6]) ? &kept : NULL;
    shell.conditions = (unsigned)strtoul(words[8], NULL, 10);
    int (*run)(const char *text, const char *script, unsigned line) = atoi(words[7]) ? text_run_parsed : text_run;
    int status = run(text.bytes + length, words[STAGE_NUMBERS + 1], (unsigned)strtoul(words[4], NULL, 10));
    variables_restore(kept);
    return status;
}
