// SPDX-License-Identifier: MIT
// Shells that run a part of a text. Who starts one sends it through a queue what it knows, as commands of the language,
// and the part; numbers and names stand in its arguments.
#include "run.h"

#include "alias.h"
#include "failure.h"
#include "function.h"
#include "history.h"
#include "input.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "shell.h"
#include "stream.h"
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
    size_t index = 0, bytes = 0;
    unsigned age = 0;
    while (index < length && strncmp(text + index, name, sizeof name - 1) != 0)
        index++;
    for (const char *line; index < length && (line = history_line(age + 1)); age++)
        if ((bytes += strlen(line)) > HISTORY_BYTES)
            break;
    for (; age; age--) {
        buffer_text(to, "history -s ");
        buffer_quote(to, history_line(age));
        buffer_put(to, '\n');
    }
}

#define NUMBER_SIZE 12
// Sends the text to the shell that was started, and an empty message, which finds room once that shell has taken all:
// so this shell, whose queue it is, may end then. With the text goes the terminal, so that what reads a pipeline can
// still take keys.
static long text_send(long writer, const struct buffer *text) {
    long keys = input_terminal(), result = 0;
    struct attached attached = {.handles = {(uint32_t)keys}, .handle_count = keys != 0};
    for (size_t done = 0; !result && done < text->length;) {
        size_t chunk = text->length - done < PAYLOAD_MAX ? text->length - done : PAYLOAD_MAX;
        result = pipe_send_attached(writer, text->bytes + done, chunk, &attached, DEADLINE_NONE);
        bool is_gone = result == -PIPE_EPIPE && attached.handle_count; // the terminal may be: its job has ended
        attached.handle_count = 0;
        done += is_gone ? 0 : chunk;
        result = is_gone ? 0 : result;
    }
    return result ? result : pipe_send(writer, NULL, 0, DEADLINE_NONE);
}

// What a shell's words say of a text, and what the shell is called.
struct stage_words {
    char numbers[STAGE_NUMBERS][NUMBER_SIZE], name[PROGRAM_NAME_MAX + 1];
    char *words[STAGE_NUMBERS + 5];
};

// The part of a tree, or of a text, that a shell is to run.
struct stage_text {
    const char *text;
    size_t length;
    unsigned line, conditions;
    bool is_parsed;
};

static void words_put(struct stage_words *put, const struct stage_text *part, size_t state_length) {
    const unsigned values[STAGE_NUMBERS] = {
        (unsigned)state_length, (unsigned)shell.status, shell.pid,       shell.background, part->line,
        shell.returnable,       shell.locals != NULL,   part->is_parsed, part->conditions};
    const char *text = part->text;
    const char *first = text + strspn(text, " \t\n({");
    *put = (struct stage_words){.words = {shell.program, "--stage"}};
    for (unsigned index = 0; index < STAGE_NUMBERS; index++) {
        snprintf(put->numbers[index], NUMBER_SIZE, "%u", values[index]);
        put->words[2 + index] = put->numbers[index];
    }
    put->words[STAGE_NUMBERS + 2] = (char *)shell.name;
    put->words[STAGE_NUMBERS + 3] = (char *)shell.script;
    snprintf(put->name, sizeof put->name, "%.*s", (int)strcspn(first, " \t\n|;&<>()"), first);
}

// Starts a text as a shell's in a job. Its number in the job, or a negated error.
static long text_start(struct job *job, const struct stage_text *part, struct ends ends) {
    struct buffer whole = {0};
    struct stage_words words;
    long reader, writer;
    history_put(&whole, part->text, part->length);
    state_put(&whole);
    words_put(&words, part, whole.length);
    long result = buffer_add(&whole, part->text, part->length) ? queue_pair(&reader, &writer, 1) : -PIPE_E2BIG;
    if (result == 0) {
        result = job_start(job, words.name, words.words, shell_kind(), ends, reader);
        pipe_close(reader);
        if (result >= 0)
            text_send(writer, &whole);
        pipe_close(writer);
    }
    buffer_free(&whole);
    return result;
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
    long result =
        text.is_short
            ? -PIPE_E2BIG
            : text_start(job, &(struct stage_text){text.bytes, text.length, node->line, shell.conditions, true}, ends);
    buffer_free(&text);
    return result;
}

// Runs a text, and collects what it prints. 0 or a negated error.
static long text_capture(const char *text, size_t length, bool is_parsed, struct buffer *output) {
    struct job *job = malloc(sizeof *job);
    struct ends ends = {0};
    if (!job)
        return -PIPE_ENOMEM;
    job_begin(job);
    job->capture = output;
    long result = queue_pair(&job->captured, &ends.handles[1], 0);
    if (result == 0)
        result = text_start(job, &(struct stage_text){text, length, shell.line, 0, is_parsed}, ends);
    ends_close(&ends);
    if (result < 0) {
        job_end(job);
        free(job);
        return result;
    }
    shell.substituted = job_run(job);
    return output->is_short ? -PIPE_E2BIG : 0;
}

char *substitute(const char *text, size_t length, bool is_parsed) {
    struct buffer output = {0};
    long error = text_capture(text, length, is_parsed, &output);
    if (error)
        fail("$(", error);
    while (output.length && output.bytes[output.length - 1] == '\n')
        output.bytes[--output.length] = 0;
    if (!error && shell.leaving == LEAVING_NOTHING)
        return output.bytes ? output.bytes : strdup("");
    buffer_free(&output);
    return NULL;
}
