// SPDX-License-Identifier: MIT
// Jobs in the background: `jobs`, `fg`, `bg`, `wait`. One that was started there is one process, whose input has ended
// before it began; one that Ctrl-Z has suspended keeps the terminal that it had.
#include "background.h"

#include "commands.h"
#include "failure.h"
#include "input.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "run.h"
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKGROUND_MAX 32u

// Job number n stands in slot n - 1.
static struct background {
    struct job *job; // NULL: the slot is free
    char *text;
} slots[BACKGROUND_MAX];

static struct background *slot_take(void) {
    for (unsigned index = 0; index < BACKGROUND_MAX; index++)
        if (!slots[index].job)
            return &slots[index];
    return NULL;
}

static unsigned number_of(const struct background *slot) {
    return (unsigned)(slot - slots) + 1;
}

static uint32_t pid_of(const struct background *slot) {
    return slot->job->processes[0].pid;
}

// Forgets a job that has ended.
static void slot_give(struct background *slot) {
    if (slot->job->terminal.input)
        input_job_forget(&slot->job->terminal);
    job_end(slot->job);
    free(slot->job);
    free(slot->text);
    *slot = (struct background){0};
}

// ---- Starting ----

static const struct node *lone_program(const struct node *chain) {
    const struct node *pipeline = chain->first;
    bool is_lone = !pipeline->next && !pipeline->is_negated && !pipeline->first->next;
    return is_lone && node_is_program(pipeline->first) ? pipeline->first : NULL;
}

static long chain_start(struct job *job, const struct node *chain) {
    const struct ends ends = {{END_NOTHING}};
    const struct node *program = lone_program(chain);
    if (!program)
        return node_start(job, chain, ends);
    struct fields *fields = calloc(1, sizeof *fields);
    long result = -PIPE_ENOMEM;
    if (fields && shell_words(program->words, false, fields)) {
        result = job_start(job, fields->words[0], fields->words, SPAWN_AS_PLAIN, ends, 0);
        fields_free(fields);
    }
    free(fields);
    return result;
}

int background_start(const struct node *chain) {
    struct background *slot = slot_take();
    fail_as(NULL, NULL);
    if (!slot)
        return fail("&", -PIPE_ENFILE);
    struct job *job = malloc(sizeof *job);
    char *text = strndup(chain->text, chain->length);
    long result = job && text ? 0 : -PIPE_ENOMEM;
    if (!result) {
        job_begin(job);
        result = chain_start(job, chain);
        if (result < 0)
            job_end(job);
    }
    if (result < 0) {
        free(job);
        free(text);
        return result == -PIPE_ENOENT ? command_lacks(chain->text, result) : fail("&", result);
    }
    *slot = (struct background){job, text};
    shell.background = pid_of(slot);
    if (shell.is_interactive)
        say("[%u] %u\n", number_of(slot), (unsigned)pid_of(slot));
    return 0;
}

// ---- Telling ----

static void job_say(const struct background *slot, const char *state) {
    say("[%u] %-8s ", number_of(slot), state);
    say_bytes(slot->text, strlen(slot->text));
    say("\n");
}

static void end_tell(struct background *slot) {
    char state[24];
    int status = job_status(slot->job);
    snprintf(state, sizeof state, status ? "status %d" : "done", status);
    job_say(slot, state);
    slot_give(slot);
}

void background_tell(void) {
    for (struct background *slot = slots; slot < slots + BACKGROUND_MAX; slot++)
        if (slot->job && job_has_ended(slot->job))
            end_tell(slot);
    output_flush();
}

int jobs_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, 0, "", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    for (struct background *slot = slots; slot < slots + BACKGROUND_MAX; slot++)
        if (slot->job && job_has_ended(slot->job))
            end_tell(slot);
        else if (slot->job)
            job_say(slot, slot->job->is_suspended ? "stopped" : "running");
    return 0;
}

// ---- Finding ----

// The slot of "%n", of a pid, or with NULL that of the job started last. NULL: none.
static struct background *slot_find(const char *word) {
    struct background *found = NULL;
    for (struct background *slot = slots; slot < slots + BACKGROUND_MAX; slot++) {
        char number[12], pid[12];
        if (!slot->job)
            continue;
        snprintf(number, sizeof number, "%%%u", number_of(slot));
        snprintf(pid, sizeof pid, "%u", (unsigned)pid_of(slot));
        if (word ? strcmp(word, number) == 0 || strcmp(word, pid) == 0 : !found || pid_of(slot) > pid_of(found))
            found = slot;
    }
    return found;
}

uint32_t background_pid(const char *word) {
    const struct background *slot = slot_find(word);
    return slot ? pid_of(slot) : 0;
}

// ---- In the foreground ----

// A suspended job leaves the line that started it, and the rest of that line is not run.
static int job_stopped(struct background *slot) {
    struct terminal_job *terminal = &slot->job->terminal;
    if (terminal->input)
        input_job_suspend(terminal);
    else
        *terminal = input_job_leave();
    say("\n");
    job_say(slot, "stopped");
    shell.leaving = LEAVING_ALL;
    return STATUS_SUSPENDED;
}

bool background_keep(struct job *job) {
    struct background *slot = slot_take();
    char *text = slot ? strndup(shell.text, shell.text_length) : NULL;
    if (text) {
        *slot = (struct background){job, text};
        job_stopped(slot);
        return true;
    }
    fail("Ctrl-Z", slot ? -PIPE_ENOMEM : -PIPE_ENFILE);
    return false;
}

// Waits for a job; Ctrl-C ends it, or only the waiting.
static int slot_wait(struct background *slot, bool only_waits) {
    job_wait(slot->job, only_waits);
    if (job_has_ended(slot->job)) {
        int status = job_status(slot->job);
        slot_give(slot);
        return status;
    }
    shell.leaving = LEAVING_ALL;
    slot->job->is_stopped = false;
    return STATUS_INTERRUPTED;
}

static int foreground(struct background *slot) {
    struct job *job = slot->job;
    say_bytes(slot->text, strlen(slot->text));
    say("\n");
    output_flush();
    if (job->terminal.input)
        input_job_resume(&job->terminal);
    if (job->is_suspended)
        job_suspend(job, false);
    job_wait(job, false);
    if (job->is_suspended)
        return job_stopped(slot);
    int status = job_status(job);
    slot_give(slot);
    return status;
}

static int background(struct background *slot) {
    if (slot->job->is_suspended)
        job_suspend(slot->job, false);
    job_say(slot, "running");
    return 0;
}

// ---- The commands ----

// Does something with the job that a command's only word names, or the last one.
static int job_command(int count, char **words, int (*act)(struct background *slot)) {
    static const struct option_plan plan = {"", 0, 1, "%JOB", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    const char *word = options.operand_count ? options.operands[0] : NULL;
    struct background *slot = slot_find(word);
    return slot ? act(slot) : fail(word ? word : "JOB", -PIPE_ESRCH);
}

int foreground_command(int count, char **words) {
    return job_command(count, words, foreground);
}

int background_command(int count, char **words) {
    return job_command(count, words, background);
}

int wait_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, WORDS_MAX, "%JOB", false};
    struct options options;
    int status = 0;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    for (struct background *slot = slots; !options.operand_count && slot < slots + BACKGROUND_MAX; slot++)
        if (slot->job && shell.leaving == LEAVING_NOTHING)
            status = slot_wait(slot, true);
    if (!options.operand_count)
        return status == STATUS_INTERRUPTED ? status : 0;
    for (int index = 0; index < options.operand_count && shell.leaving == LEAVING_NOTHING; index++) {
        struct background *slot = slot_find(options.operands[index]);
        status = slot ? slot_wait(slot, true) : STATUS_NO_COMMAND;
        if (!slot)
            fail(options.operands[index], -PIPE_ESRCH);
    }
    return status;
}
