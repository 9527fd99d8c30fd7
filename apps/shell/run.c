// SPDX-License-Identifier: MIT
#include "run.h"

#include "failure.h"
#include "function.h"
#include "glob.h"
#include "input.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "program_path.h"
#include "shell.h"
#include "stream.h"
#include "streams.h"
#include "variable.h"

#include <stdlib.h>
#include <string.h>

const struct run_host *run_host;

static int command_node_run(const struct node *node);

// ---- Simple commands ----

bool command_is_special(const char *name) {
    static const char *const names[] = {".",      ":",      "break", "continue", "eval", "exit",
                                        "export", "return", "set",   "shift",    "unset"};
    for (size_t index = 0; index < sizeof names / sizeof *names; index++)
        if (strcmp(names[index], name) == 0)
            return !function_is_known(name);
    return false;
}

static bool assign(const struct word *assignment, bool exports) {
    size_t name = name_length(assignment->text, assignment->length);
    struct word value = {assignment->text + name + 1, assignment->length - name - 1, NULL};
    char *text = shell_value(&value);
    if (!text)
        return false;
    long error = variable_set(assignment->text, name, text);
    if (!error && exports)
        error = variable_export(assignment->text, name);
    free(text);
    if (error)
        shell_problem("NAME=VALUE", error == -PIPE_EINVAL ? "too long a name" : "no memory left", shell.line);
    return !error;
}

// `kept`: where the values before go, or NULL: they are gone.
static bool assignments_make(const struct word *assignments, bool exports, struct kept_variable **kept) {
    for (; assignments; assignments = assignments->next) {
        if (kept)
            variable_keep(assignments->text, name_length(assignments->text, assignments->length), kept);
        if (!assign(assignments, exports))
            return false;
    }
    return true;
}

static void command_show(const struct fields *fields) {
    struct buffer text = {0};
    for (int index = 0; index < fields->count; index++) {
        buffer_put(&text, index ? ' ' : '+');
        if (!index)
            buffer_put(&text, ' ');
        buffer_text(&text, fields->words[index]);
    }
    complain("%s\n", text.bytes);
    buffer_free(&text);
}

// Assignments before a special command stay (XCU 2.14).
static int words_run(const struct node *node, struct fields *fields) {
    struct kept_variable *kept = NULL;
    int status = STATUS_USAGE;
    char *words[WORDS_MAX + 1]; // a command may put others there
    bool is_special = command_is_special(fields->words[0]);
    memcpy(words, fields->words, sizeof words);
    if (shell.shows_commands)
        command_show(fields);
    if (assignments_make(node->assignments, !is_special, is_special ? NULL : &kept))
        status = run_host->command_run(fields->count, words);
    variables_restore(kept);
    if (status == STATUS_INTERRUPTED)
        shell.leaving = LEAVING_ALL;
    return status;
}

// Whether a command's words that look like assignments are some (XCU 2.14, `export`).
static bool takes_assignments(const struct word *word) {
    static const char *const names[] = {"export", "local", "alias"};
    for (size_t index = 0; word && index < sizeof names / sizeof *names; index++)
        if (word->length == strlen(names[index]) && memcmp(word->text, names[index], word->length) == 0)
            return true;
    return false;
}

static char *text_of_redirection(const struct redirection *redirection) {
    return redirection->type == REDIRECT_HERE ? shell_document(redirection) : shell_word(&redirection->file);
}

static int redirected_run(const struct node *node, struct fields *fields) {
    struct saved_streams saved;
    int status = STATUS_USAGE;
    int refused = streams_redirect(node->redirections, text_of_redirection, &saved);
    if (refused && fields->count && command_is_special(fields->words[0]))
        shell_leave();
    if (refused)
        return refused;
    if (fields->count)
        status = words_run(node, fields);
    else if (assignments_make(node->assignments, false, NULL))
        status = shell.substituted;
    return streams_restore(&saved) ? status : STATUS_FAILED;
}

// The status of a command without a name is that of the last $( ) in it.
static int simple_run(const struct node *node) {
    struct fields *fields = calloc(1, sizeof *fields);
    int status = STATUS_USAGE;
    if (!fields)
        return fail("a command", -PIPE_ENOMEM);
    shell.substituted = 0;
    if (shell_words(node->words, takes_assignments(node->words), fields))
        status = redirected_run(node, fields);
    fields_free(fields);
    free(fields);
    return status;
}

// ---- Loops ----

// Whether the user wants the loop to end; asked between its rounds.
static bool loop_is_stopped(void) {
    if (shell.is_interactive && input_wait(DEADLINE_NOW) == INPUT_STOPPED) {
        shell.status = STATUS_INTERRUPTED;
        shell.leaving = LEAVING_ALL;
    }
    return shell.leaving == LEAVING_ALL;
}

// After a round: whether the loop goes on.
static bool loop_goes_on(void) {
    if (loop_is_stopped() || shell.leaving == LEAVING_TEXT || shell.leaving == LEAVING_NOTHING)
        return shell.leaving == LEAVING_NOTHING;
    if (--shell.leaving_loops)
        return false;
    bool goes_on = shell.leaving == LEAVING_ROUND;
    shell.leaving = LEAVING_NOTHING;
    return goes_on;
}

static int condition_run(const struct node *list) {
    shell.conditions++;
    int status = list_run(list);
    shell.conditions--;
    return status;
}

static int while_run(const struct node *node) {
    int status = 0;
    shell.loops++;
    for (;;) {
        bool holds = (condition_run(node->first) == 0) != node->is_negated;
        if (holds && shell.leaving == LEAVING_NOTHING)
            status = list_run(node->second);
        if ((!holds && shell.leaving == LEAVING_NOTHING) || !loop_goes_on())
            break;
    }
    shell.loops--;
    return shell.leaving >= LEAVING_TEXT ? shell.status : status;
}

static bool for_words(const struct node *node, struct fields *fields) {
    static const struct word parameters = {"\"$@\"", 4, NULL};
    return shell_words(node->is_negated ? &parameters : node->words, false, fields);
}

static int for_run(const struct node *node) {
    struct fields *fields = calloc(1, sizeof *fields);
    int status = fields && for_words(node, fields) ? 0 : STATUS_USAGE;
    shell.loops++;
    for (int index = 0; fields && !status && index < fields->count; index++) {
        long error = variable_set(node->name.text, node->name.length, fields->words[index]);
        shell.status = error ? fail("for", error) : list_run(node->second);
        if (!loop_goes_on())
            break;
    }
    shell.loops--;
    if (fields)
        status = status || !fields->count ? status : shell.status;
    if (fields)
        fields_free(fields);
    free(fields);
    return status;
}

// ---- Choices ----

static int if_run(const struct node *node) {
    while (node && node->type == NODE_IF) {
        bool holds = condition_run(node->first) == 0;
        if (shell.leaving != LEAVING_NOTHING)
            return shell.status;
        if (holds)
            return list_run(node->second);
        node = node->third;
    }
    return node ? list_run(node) : 0;
}

// Whether one of the patterns matches; *is_wrong: one could not be made out.
static bool case_matches(const struct word *patterns, const char *text, bool *is_wrong) {
    for (; patterns && !*is_wrong; patterns = patterns->next) {
        char *pattern = shell_pattern(patterns);
        *is_wrong = !pattern;
        bool matches = pattern && glob_matches(pattern, text, strlen(text));
        free(pattern);
        if (matches)
            return true;
    }
    return false;
}

static int case_run(const struct node *node) {
    char *text = shell_word(&node->name);
    bool is_wrong = !text;
    int status = 0;
    for (const struct case_item *item = node->items; item && !is_wrong; item = item->next)
        if (case_matches(item->patterns, text, &is_wrong)) {
            status = item->body ? list_run(item->body) : 0;
            break;
        }
    free(text);
    return is_wrong ? STATUS_USAGE : status;
}

// ---- In processes ----

// What stands between the parentheses is the text of a shell of its own; redirections after them are made in this one.
static int subshell_run(const struct node *node) {
    struct job *job = malloc(sizeof *job);
    if (!job)
        return fail("(", -PIPE_ENOMEM);
    job_begin(job);
    long started = node_start(job, node->first, (struct ends){0});
    if (started < 0)
        job_lack(job, started);
    if (started < 0)
        fail("(", started);
    return job_run(job);
}

bool node_is_program(const struct node *node) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+";
    if (node->type != NODE_SIMPLE || node->assignments || node->redirections || !node->words)
        return false;
    char name[PROGRAM_NAME_MAX + 1], *words[] = {name, NULL};
    if (node->words->length > PROGRAM_NAME_MAX || strspn(node->words->text, plain) < node->words->length)
        return false;
    memcpy(name, node->words->text, node->words->length);
    name[node->words->length] = 0;
    return !run_host->command_is_known(1, words) && !function_is_known(name) && program_is_named(name);
}

// Starts a stage. A negated error, also where that was reported: *is_reported.
static long stage_start(struct job *job, const struct node *node, struct ends ends, bool *is_reported) {
    if (!node_is_program(node))
        return node_start(job, node, ends);
    struct fields *fields = calloc(1, sizeof *fields);
    long result = -PIPE_ENOMEM;
    if (fields) {
        *is_reported = !shell_words(node->words, false, fields);
        result = *is_reported ? -PIPE_EINVAL : job_start(job, fields->words[0], fields->words, SPAWN_AS_PLAIN, ends, 0);
        if (result < 0 && !*is_reported)
            command_lacks(fields->words[0], result);
        *is_reported = true;
        fields_free(fields);
    }
    free(fields);
    return result;
}

static void stages_start(struct job *job, const struct node *stages) {
    struct ends ends = {0};
    for (const struct node *stage = stages; stage; stage = stage->next) {
        bool is_reported = false;
        long next = END_NOTHING;
        long result = stage->next ? queue_pair(&next, &ends.handles[1], 0) : 0;
        result = result < 0 ? result : stage_start(job, stage, ends, &is_reported);
        if (result < 0 && !is_reported)
            fail("|", result);
        if (result < 0)
            job_lack(job, result);
        ends_close(&ends);
        ends = (struct ends){{next}};
    }
}

static int stages_run(const struct node *stages) {
    unsigned count = 0;
    for (const struct node *stage = stages; stage; stage = stage->next)
        count++;
    if (count > STAGES_MAX)
        return shell_problem("|", "a pipeline has at most 32 commands", stages->line);
    struct job *job = malloc(sizeof *job);
    if (!job)
        return fail("|", -PIPE_ENOMEM);
    job_begin(job);
    stages_start(job, stages);
    return job_run(job);
}

// ---- Every command ----

typedef int node_function(const struct node *node);

static int function_define(const struct node *node) {
    struct buffer text = {0};
    node_text(node->first, &text);
    bool is_set = !text.is_short && function_set(node->name.text, node->name.length, text.bytes, node->first->line);
    return is_set ? 0 : fail("()", -PIPE_ENOMEM);
}

static int group_run(const struct node *node) {
    return list_run(node->first);
}

static int command_node_run(const struct node *node) {
    static node_function *const functions[] = {
        [NODE_SIMPLE] = simple_run, [NODE_GROUP] = group_run,         [NODE_SUBSHELL] = subshell_run,
        [NODE_IF] = if_run,         [NODE_WHILE] = while_run,         [NODE_FOR] = for_run,
        [NODE_CASE] = case_run,     [NODE_FUNCTION] = function_define};
    struct saved_streams saved;
    shell.line = node->line;
    fail_as(NULL, NULL);
    if (node->type == NODE_SIMPLE)
        return shell.status = simple_run(node);
    int refused = streams_redirect(node->redirections, text_of_redirection, &saved);
    if (refused)
        return shell.status = refused;
    shell.status = functions[node->type](node);
    if (!streams_restore(&saved))
        shell.status = STATUS_FAILED;
    return shell.status;
}

static int pipeline_run(const struct node *pipeline) {
    const struct node *first = pipeline->first;
    shell.conditions += pipeline->is_negated;
    int status = first->next ? stages_run(first) : command_node_run(first);
    shell.conditions -= pipeline->is_negated;
    if (pipeline->is_negated && shell.leaving == LEAVING_NOTHING)
        status = !status;
    return shell.status = status;
}

// Whether set -e heeds a pipeline's status: that of a compound command is of a command in it, which has been heeded.
static bool is_heeded(const struct node *pipeline) {
    const struct node *first = pipeline->first;
    bool is_command = first->next || first->type == NODE_SIMPLE || first->type == NODE_SUBSHELL;
    return is_command && !pipeline->next && !pipeline->is_negated && !shell.conditions;
}

static void chain_run(const struct node *chain) {
    shell.text = chain->text;
    shell.text_length = chain->length;
    for (const struct node *pipeline = chain->first; pipeline && shell.leaving == LEAVING_NOTHING;
         pipeline = pipeline->next) {
        bool is_skipped = (pipeline->connector == CONNECT_AND && shell.status != 0) ||
                          (pipeline->connector == CONNECT_OR && shell.status == 0);
        if (is_skipped)
            continue;
        shell.conditions += pipeline->next || pipeline->is_negated;
        pipeline_run(pipeline);
        shell.conditions -= pipeline->next || pipeline->is_negated;
        if (shell.stops_on_error && shell.status && is_heeded(pipeline))
            shell.leaving = LEAVING_ALL;
    }
}

int list_run(const struct node *list) {
    for (const struct node *chain = list->first; chain && shell.leaving == LEAVING_NOTHING; chain = chain->next)
        if (chain->is_background)
            shell.status = run_host->background_start(chain);
        else
            chain_run(chain);
    return shell.status;
}
