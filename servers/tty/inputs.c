// SPDX-License-Identifier: MIT
// Invariants: 1. The parent of a job that is in use is in use. 2. The foreground is in use. 3. A job's pipes are named
// by its number and its parent's, so that a successor finds the tree in the directory.
#include "inputs.h"

#include "pipe.h"
#include "typed.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE (sizeof TTY_DIRECTORY + TTY_NAME_MAX + sizeof "/job-00-00.interrupt")
#define JOB_CAPACITY 16u
#define JOB_FORM "job-%u-%u"
#define KEY_TRIAL 4u
#define INPUTS_KEPT 4u // for jobs of the session's own input

// The state: 4 bits for the foreground, then 4 for each input's flags.
#define STATE_BITS 4u
#define STATE_MASK 15u

_Static_assert(TTY_INPUTS_MAX < STATE_MASK && (TTY_INPUTS_MAX + 1) * STATE_BITS <= 64 && TTY_FLAGS <= STATE_MASK,
               "the state is a word");

static struct {
    const char *session;
    struct input table[TTY_INPUTS_MAX];
    uint32_t foreground;
} inputs;

struct input *input_at(uint32_t number) {
    return &inputs.table[number];
}

uint32_t inputs_foreground(void) {
    return inputs.foreground;
}

// ---- Pipes ----

static void path_put(char *path, uint32_t number, uint32_t parent, const char *ending) {
    if (number)
        snprintf(path, PATH_SIZE, TTY_DIRECTORY "/%s/" JOB_FORM "%s", inputs.session, (unsigned)number,
                 (unsigned)parent, ending);
    else
        snprintf(path, PATH_SIZE, TTY_DIRECTORY "/%s/%s", inputs.session, *ending ? ending + 1 : "input");
}

static void job_remove(uint32_t number) {
    struct input *input = &inputs.table[number];
    char path[PATH_SIZE];
    path_put(path, number, input->parent, "");
    pipe_remove(path);
    pipe_close(input->queue);
    path_put(path, number, input->parent, ".interrupt");
    pipe_close(input->interrupt);
    *input = (struct input){0};
}

// Makes a job's pipes, or takes them over. 0 or a negated error.
static long job_make(uint32_t number, uint32_t parent, uint32_t flags) {
    char path[PATH_SIZE];
    path_put(path, number, parent, "");
    long queue = pipe_create(path, FLOW_QUEUE, RULES_DEFAULT, JOB_CAPACITY, TTY_LINE_MAX);
    path_put(path, number, parent, ".interrupt");
    long interrupt = queue < 0 ? queue : pipe_create_transient(path, FLOW_EVENT, RULES_DEFAULT, 0, 0, 0);
    inputs.table[number] = (struct input){queue, interrupt, parent, flags, false};
    if (interrupt >= 0)
        pipe_hook(interrupt, KEY_JOB + number, 0);
    if (queue >= 0 && interrupt < 0)
        job_remove(number);
    if (queue < 0)
        inputs.table[number] = (struct input){0};
    return interrupt < 0 ? interrupt : 0;
}

long input_handle(uint32_t number, bool is_event) {
    char path[PATH_SIZE];
    path_put(path, number, inputs.table[number].parent, is_event ? ".interrupt" : "");
    return pipe_open(path, RIGHT_READ);
}

// ---- The tree ----

// Some are kept for the session's own shell, so that no program below it keeps the terminal from it.
long input_make(uint32_t parent) {
    uint32_t number = 0, left = 0;
    for (uint32_t index = TTY_INPUTS_MAX - 1; index; index--) {
        bool is_free = !inputs.table[index].queue;
        left += is_free;
        number = is_free ? index : number;
    }
    if (left <= (parent ? INPUTS_KEPT : 0))
        return -PIPE_EMFILE;
    long error = job_make(number, parent, TTY_MODE_LINES);
    return error ? error : (long)number;
}

bool input_is_below(uint32_t number, uint32_t root) {
    while (number && number != root)
        number = inputs.table[number].parent;
    return number == root;
}

void input_end(uint32_t number) {
    for (uint32_t below = 1; below < TTY_INPUTS_MAX; below++)
        if (below != number && inputs.table[below].queue && input_is_below(below, number))
            job_remove(below);
    job_remove(number);
}

void inputs_select(uint32_t number) {
    inputs.table[inputs.foreground].flags = typed_flags();
    inputs.foreground = number;
    typed_switch(inputs.table[number].queue, inputs.table[number].interrupt, inputs.table[number].flags);
}

// A handle that may be hooked has the right to read, which no rule gives and the server passes on.
long input_of(long handle) {
    struct pipe_stat wanted, stat;
    if (pipe_stat(handle, &wanted) < 0)
        return -PIPE_EACCES;
    for (uint32_t number = 0; number < TTY_INPUTS_MAX; number++) {
        if (!inputs.table[number].queue || pipe_stat(inputs.table[number].queue, &stat) < 0 ||
            stat.number != wanted.number)
            continue;
        if (pipe_hook(handle, KEY_TRIAL, 0) < 0)
            break;
        pipe_unhook(handle);
        return number;
    }
    return -PIPE_EACCES;
}

// ---- Jobs that nobody holds ----

void inputs_hear(void) {
    uint64_t number = pipe_received()->key - KEY_JOB;
    if (number < TTY_INPUTS_MAX && pipe_received()->type == MESSAGE_CLOSED)
        inputs.table[number].is_closed = true;
}

uint32_t input_closed(void) {
    for (uint32_t number = 1; number < TTY_INPUTS_MAX; number++)
        if (inputs.table[number].queue && inputs.table[number].is_closed)
            return number;
    return 0;
}

// ---- Successors ----

uint64_t inputs_state(void) {
    uint64_t state = inputs.foreground;
    inputs.table[inputs.foreground].flags = typed_flags();
    for (uint32_t number = 0; number < TTY_INPUTS_MAX; number++)
        state |= (uint64_t)inputs.table[number].flags << (number + 1) * STATE_BITS;
    return state;
}

static uint32_t state_flags(uint64_t state, uint32_t number) {
    return (uint32_t)(state >> (number + 1) * STATE_BITS) & STATE_MASK;
}

// Takes over the jobs whose names stand in the session's directory.
static void jobs_find(uint64_t state) {
    char path[PATH_SIZE], name[COMPONENT_MAX + 1] = "";
    snprintf(path, sizeof path, TTY_DIRECTORY "/%s", inputs.session);
    long directory = pipe_open(path, RIGHT_READ);
    while (directory >= 0 && pipe_next_name(directory, name)) {
        unsigned number, parent;
        bool is_job = sscanf(name, JOB_FORM, &number, &parent) == 2 && !strchr(name, '.');
        if (is_job && number && number < TTY_INPUTS_MAX && parent < TTY_INPUTS_MAX)
            job_make(number, parent, state_flags(state, number));
    }
    if (directory >= 0)
        pipe_close(directory);
}

void inputs_begin(const char *session, long queue, long interrupt, uint64_t state) {
    inputs.session = session;
    inputs.table[0] = (struct input){queue, interrupt, 0, state ? state_flags(state, 0) : TTY_MODE_LINES, false};
    jobs_find(state);
    uint32_t foreground = state & STATE_MASK;
    if (foreground < TTY_INPUTS_MAX && inputs.table[foreground].queue)
        inputs.foreground = foreground;
}
