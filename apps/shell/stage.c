// SPDX-License-Identifier: MIT
// Shells that run a part of a text. Who starts one sends it through a queue what it knows, as commands of the language,
// and the part; numbers and names stand in its arguments.
#include "run.h"

#include "alias.h"
#include "failure.h"
#include "function.h"
#include "history.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "shell.h"
#include "streams.h"
#include "variable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Starting one ----

static void variable_put(void *context, const char *name, const char *value, bool is_exported) {
    struct buffer *text = context;
    if (is_exported) // it comes with the environment
        return;
    buffer_text(text, name);
    buffer_put(text, '=');
    buffer_quote(text, value);
    buffer_put(text, '\n');
}

static void function_put(void *context, const char *name, const char *body) {
    struct buffer *text = context;
    buffer_text(text, name);
    buffer_text(text, "() ");
    buffer_text(text, body);
    buffer_put(text, '\n');
}

static void alias_put(void *context, const char *name, const char *value) {
    struct buffer *text = context;
    buffer_text(text, "alias -- ");
    buffer_quote(text, name);
    buffer_put(text, '=');
    buffer_quote(text, value);
    buffer_put(text, '\n');
}

// Functions come last: their names may be those of the commands before.
static void state_put(struct buffer *text) {
    variables_visit(variable_put, text);
    buffer_text(text, "set");
    buffer_text(text, shell.stops_on_error ? " -e" : "");
    buffer_text(text, shell.needs_values ? " -u" : "");
    buffer_text(text, shell.shows_commands ? " -x" : "");
    buffer_text(text, " --");
    for (unsigned number = 0; number < shell.parameter_count; number++) {
        buffer_put(text, ' ');
        buffer_quote(text, shell.parameters[number]);
    }
    buffer_put(text, '\n');
    aliases_visit(alias_put, text);
    functions_visit(function_put, text);
}

#define HISTORY_BYTES (64u << 10) // of lines that a text gets

// The lines of before, for a text that speaks of them, which are not many.
static void history_put(struct buffer *to, const char *text, size_t length) {
    static const char name[] = "history";
    size_t place = 0, bytes = 0;
    unsigned age = 0;
    while (place < length && strncmp(text + place, name, sizeof name - 1) != 0)
        place++;
    for (const char *line; place < length && (line = history_line(age + 1)); age++)
        if ((bytes += strlen(line)) > HISTORY_BYTES)
            break;
    for (; age; age--) {
        buffer_text(to, "history -s ");
        buffer_quote(to, history_line(age));
        buffer_put(to, '\n');
    }
}

#define NUMBER_SIZE 12

// Starts a text as a shell's in a job. Its number in the job, or a negated error.
static long text_start(struct job *job, const char *text, size_t length, unsigned line, bool is_parsed,
                       unsigned conditions, struct ends ends) {
    struct buffer whole = {0};
    char numbers[STAGE_NUMBERS][NUMBER_SIZE], name[PROGRAM_NAME_MAX + 1];
    history_put(&whole, text, length);
    state_put(&whole);
    bool is_read = ends.output != NO_LINK || stream_of(1)->type == STREAM_FILE;
    const unsigned values[STAGE_NUMBERS] = {
        (unsigned)whole.length, (unsigned)shell.status, shell.pid, shell.background, line,
        shell.returnable,       shell.locals != NULL,   is_read,   is_parsed,        conditions};
    char *words[STAGE_NUMBERS + 5] = {shell.program, "--stage"};
    for (unsigned index = 0; index < STAGE_NUMBERS; index++) {
        snprintf(numbers[index], NUMBER_SIZE, "%u", values[index]);
        words[2 + index] = numbers[index];
    }
    words[STAGE_NUMBERS + 2] = (char *)shell.name;
    words[STAGE_NUMBERS + 3] = (char *)shell.script;
    const char *first = text + strspn(text, " \t\n({");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(first, " \t\n|;&<>()"), first);
    bool is_whole = buffer_add(&whole, text, length);
    long link = is_whole ? job_text(job, &whole) : -PIPE_E2BIG;
    buffer_free(&whole);
    return link < 0 ? link : job_start(job, name, words, shell_kind(), ends, (int)link);
}

void node_text(const struct node *node, struct buffer *text) {
    const char *end = node->text + node->length;
    buffer_add(text, node->text, node->length);
    for (const struct document *document = *node->documents; document; document = document->next) {
        const struct word *whole = &document->whole;
        if (document->operator<node->text || document->operator>= end || whole->text<end)
            continue;
        if (text->length && text->bytes[text->length - 1] != '\n')
            buffer_put(text, '\n');
        buffer_add(text, whole->text, whole->length);
    }
}

long node_start(struct job *job, const struct node *node, struct ends ends) {
    struct buffer text = {0};
    node_text(node, &text);
    long result = text.is_short ? -PIPE_E2BIG
                                : text_start(job, text.bytes, text.length, node->line, true, shell.conditions, ends);
    buffer_free(&text);
    return result;
}

char *substitute(const char *text, size_t length, bool is_parsed) {
    struct job *job = malloc(sizeof *job);
    struct buffer output = {0};
    if (!job) {
        fail("$(", -PIPE_ENOMEM);
        return NULL;
    }
    job_begin(job, true);
    long link = job_link(job), result = link;
    if (link >= 0) {
        job->capture = &output;
        job->captured = (int)link;
        result = text_start(job, text, length, shell.line, is_parsed, 0, (struct ends){NO_LINK, (int)link, NO_LINK});
    }
    if (result >= 0)
        job_wait(job, false);
    job_end(job);
    if (output.is_short)
        result = -PIPE_E2BIG;
    if (result < 0)
        fail("$(", result);
    else
        shell.substituted = job_status(job);
    free(job);
    while (output.length && output.bytes[output.length - 1] == '\n')
        output.bytes[--output.length] = 0;
    if (result >= 0 && shell.leaving == LEAVING_NOTHING)
        return output.bytes ? output.bytes : strdup("");
    buffer_free(&output);
    return NULL;
}
