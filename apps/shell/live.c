// SPDX-License-Identifier: MIT
// A frame shows what has passed since the frame before. Both are samples of the counters of every pipe, which are
// compared by the pipes' numbers.
#include "live.h"

#include "clock.h"
#include "commands.h"
#include "describe.h"
#include "failure.h"
#include "input.h"
#include "output.h"
#include "pipe.h"
#include "pipe_walk.h"
#include "threads.h"
#include "window.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES_MAX 512u // pipes that are looked at
#define HEAD_LINES 2u    // of a frame
#define LINE_MAX 512u

struct sample {
    struct pipe_stat stat;
    uint64_t in, out; // that passed since the last frame
    char path[PATH_LENGTH_MAX + 1];
};

static struct {
    struct sample samples[SAMPLES_MAX];
    unsigned count, left_out;
    struct {
        uint32_t number;
        uint64_t in, out;
    } last[SAMPLES_MAX];
    unsigned last_count;
    uint64_t time, last_time; // last_time is 0 in the first frame
    struct threads threads;
} live;

// ---- Sampling ----

static void sample_take(const char *path, const char *name, unsigned depth, const struct pipe_stat *stat, void *work) {
    (void)name;
    (void)depth;
    (void)work;
    if (stat->flow == FLOW_DIRECTORY)
        return;
    if (live.count == SAMPLES_MAX) {
        live.left_out++;
        return;
    }
    struct sample *sample = &live.samples[live.count++];
    sample->stat = *stat;
    sample->in = sample->out = 0;
    strcpy(sample->path, path);
}

static void compare(struct sample *sample) {
    for (unsigned index = 0; index < live.last_count; index++) {
        if (live.last[index].number != sample->stat.number || live.last[index].in > sample->stat.in)
            continue;
        sample->in = sample->stat.in - live.last[index].in;
        sample->out = sample->stat.out - live.last[index].out;
    }
}

static void samples_keep(void) {
    for (unsigned index = 0; index < live.count; index++) {
        live.last[index].number = live.samples[index].stat.number;
        live.last[index].in = live.samples[index].stat.in;
        live.last[index].out = live.samples[index].stat.out;
    }
    live.last_count = live.count;
    live.last_time = live.time;
}

// The busiest first; then those that are waited for, those that hold something, and the order of names.
static int sample_compare(const void *first, const void *second) {
    const struct sample *one = first, *other = second;
    uint64_t pairs[][2] = {{one->in + one->out, other->in + other->out},
                           {one->stat.waiting, other->stat.waiting},
                           {one->stat.depth, other->stat.depth}};
    for (size_t index = 0; index < sizeof pairs / sizeof *pairs; index++)
        if (pairs[index][0] != pairs[index][1])
            return pairs[index][0] > pairs[index][1] ? -1 : 1;
    return strcmp(one->path, other->path);
}

static long samples_take(const char *path) {
    struct pipe_stat stat;
    struct pipe_walk walk = {.visit = sample_take, .is_recursive = true, .is_quiet = true};
    live.count = live.left_out = 0;
    live.time = clock_now();
    long error = stat_get(path, &stat);
    if (error)
        return error;
    if (stat.flow == FLOW_DIRECTORY)
        pipe_walk(&walk, path);
    else
        sample_take(path, path, 0, &stat, NULL);
    for (unsigned index = 0; index < live.count; index++)
        compare(&live.samples[index]);
    qsort(live.samples, live.count, sizeof *live.samples, sample_compare);
    return threads_collect(&live.threads);
}

// ---- Showing ----

// A count since the last frame as a count per second.
static uint64_t rate(uint64_t count) {
    uint64_t time = live.time - live.last_time;
    return time ? (count * SECOND + time / 2) / time : 0;
}

static const char *rate_text(uint64_t count, char *to) {
    if (!live.last_time)
        return strcpy(to, "-");
    sprintf(to, "%lu", rate(count));
    return to;
}

#define RATE_TEXT_MAX 24u

// "shell/12", and how many more wait.
static const char *waiting_text(const struct pipe_stat *stat, char *to) {
    uint32_t pid;
    unsigned count = threads_waiting(&live.threads, stat->number, &pid);
    if (!count)
        return strcpy(to, "-");
    process_text(pid, to);
    if (count > 1)
        sprintf(to + strlen(to), " +%u", count - 1);
    return to;
}

// A line, cut to the screen's width.
static void line_say(const char *text, unsigned columns, const char *end) {
    say_bytes(text, strnlen(text, columns));
    say("%s", end);
}

static void sample_text(const struct sample *sample, char *to) {
    char in[RATE_TEXT_MAX], out[RATE_TEXT_MAX], depth[DEPTH_TEXT_MAX], waiting[OWNER_TEXT_MAX + RATE_TEXT_MAX];
    snprintf(to, LINE_MAX, "%8s %8s %9s %-16s %s", rate_text(sample->in, in), rate_text(sample->out, out),
             depth_text(&sample->stat, depth), waiting_text(&sample->stat, waiting), sample->path);
}

static void head_say(const char *path, unsigned columns, const char *end) {
    char line[LINE_MAX], in[RATE_TEXT_MAX], out[RATE_TEXT_MAX], time[TIME_TEXT_MAX];
    uint64_t all_in = 0, all_out = 0;
    for (unsigned index = 0; index < live.count; index++) {
        all_in += live.samples[index].in;
        all_out += live.samples[index].out;
    }
    snprintf(line, sizeof line, "%u pipes below %s at %s: %s in, %s out a second%s", live.count + live.left_out, path,
             time_text(live.time, time), rate_text(all_in, in), rate_text(all_out, out),
             columns < LINE_MAX ? "; q ends" : "");
    line_say(line, columns, end);
    snprintf(line, sizeof line, "%8s %8s %9s %-16s %s", "IN/S", "OUT/S", "DEPTH", "WAITING", "NAME");
    line_say(line, columns, end);
}

static void samples_say(unsigned most, unsigned columns, const char *end) {
    char line[LINE_MAX];
    for (unsigned index = 0; index < live.count && index < most; index++) {
        sample_text(&live.samples[index], line);
        line_say(line, columns, end);
    }
}

// Over what the last frame showed; the rest of each line, and what is below, is erased (ECMA-48).
static void screen_show(const char *path, struct tty_size size) {
    static const char end[] = "\x1b[K\n";
    say("\x1b[H");
    head_say(path, size.columns - 1, end);
    samples_say(size.rows - HEAD_LINES - 1, size.columns - 1, end);
    say("\x1b[J");
}

// ---- The two ways ----

// Another second is over: 0; else INPUT_STOPPED or a negated error.
static long second_wait(void) {
    long result = input_wait(clock_deadline(SECOND));
    return result == -PIPE_ETIMEDOUT ? 0 : result < 0 ? result : -PIPE_EPROTO;
}

static long frames_print(const char *path, uint64_t frames) {
    long error = samples_take(path);
    while (!error && frames--) {
        samples_keep();
        error = second_wait();
        if (!error)
            error = samples_take(path);
        if (error)
            break;
        head_say(path, LINE_MAX, "\n");
        samples_say(SAMPLES_MAX, LINE_MAX, "\n");
    }
    return error;
}

static long screen_run(const char *path) {
    long error = samples_take(path);
    if (error)
        return error;
    struct tty_size size = window_ask();
    say("\x1b[?1049h\x1b[?25l\x1b[2J"); // the other screen, if the terminal has one, without a cursor
    while (!error) {
        screen_show(path, size);
        samples_keep();
        error = second_wait();
        if (!error)
            error = samples_take(path);
    }
    say("\x1b[?25h\x1b[?1049l");
    return error;
}

int live_show(const char *path, uint64_t frames) {
    live.last_count = 0;
    live.last_time = 0;
    input_keys_begin(INPUT_MODE_WATCH);
    long error = frames ? frames_print(path, frames) : screen_run(path);
    input_keys_end();
    if (error == INPUT_STOPPED)
        return 0;
    return error ? fail(path, error) : 0;
}
