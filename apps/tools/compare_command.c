// SPDX-License-Identifier: MIT
// `diff`: what must be changed in one text to make it another, as POSIX writes it. The longest common subsequence of
// lines is found in linear space (D. S. Hirschberg, CACM 18 (6), 1975): the one text is halved, and the other where
// both halves have most in common.
#include "failure.h"
#include "lines.h"
#include "pipe.h"
#include "tool.h"

#include <stdlib.h>
#include <string.h>

#define CELLS_MAX (1u << 24) // pairs of lines that are compared; beyond that the whole middle counts as changed
#define STATUS_DIFFERENT 1
#define STATUS_TROUBLE 2

static bool lines_are_same(const struct line *one, const struct line *other) {
    return one->length == other->length && memcmp(one->text, other->text, one->length) == 0;
}

// ---- Saying ----

// Lines [from, to) of a text, counted from 0.
struct range {
    size_t from, to;
};

static bool is_empty(const struct range *range) {
    return range->from == range->to;
}

// "3", "3,5"; of none the line before.
static void range_say(struct range range) {
    say("%lu", range.to > range.from ? range.from + 1 : range.from);
    if (range.to > range.from + 1)
        say(",%lu", range.to);
}

static void lines_say(const struct lines *text, struct range range, const char *mark) {
    for (size_t index = range.from; index < range.to; index++) {
        say("%s", mark);
        say_bytes(text->lines[index].text, text->lines[index].length);
        say("\n");
    }
}

static void change_say(const struct lines *texts, struct range old, struct range new) {
    bool is_added = is_empty(&old), is_deleted = is_empty(&new);
    if (is_added && is_deleted)
        return;
    range_say(old);
    say("%s", is_added ? "a" : is_deleted ? "d" : "c");
    range_say(new);
    say("\n");
    lines_say(&texts[0], old, "< ");
    if (!is_added && !is_deleted)
        say("---\n");
    lines_say(&texts[1], new, "> ");
}

// Says what stands between the lines that are partners.
static void changes_say(const struct lines *texts, const uint32_t *partners) {
    size_t row = 0, column = 0;
    while (row < texts[0].count || column < texts[1].count) {
        size_t gone = row;
        while (row < texts[0].count && !partners[row])
            row++;
        size_t next = row < texts[0].count ? partners[row] - 1 : texts[1].count;
        change_say(texts, (struct range){gone, row}, (struct range){column, next});
        row += row < texts[0].count;
        column = next + (next < texts[1].count);
    }
}

// ---- Comparing ----

static struct {
    const struct lines *texts;
    uint32_t *partners; // of each line of the first text: its line in the second one + 1, 0: none
    uint32_t *before;   // by columns: how many lines the upper half has in common with what is left of them
    uint32_t *after;    // and the lower half with what is right of them
} work;

static bool are_same(size_t row, size_t column) {
    return lines_are_same(&work.texts[0].lines[row], &work.texts[1].lines[column]);
}

static void pair(size_t row, size_t column) {
    work.partners[row] = (uint32_t)column + 1;
}

static uint32_t larger(uint32_t one, uint32_t other) {
    return one > other ? one : other;
}

static void before_find(struct range old, struct range new) {
    uint32_t *common = work.before;
    size_t columns = new.to - new.from;
    memset(common, 0, (columns + 1) * sizeof *common);
    for (size_t row = old.from; row < old.to; row++) {
        uint32_t corner = 0; // of the row before
        for (size_t column = 0; column < columns; column++) {
            uint32_t above = common[column + 1];
            common[column + 1] = are_same(row, new.from + column) ? corner + 1 : larger(above, common[column]);
            corner = above;
        }
    }
}

static void after_find(struct range old, struct range new) {
    uint32_t *common = work.after;
    size_t columns = new.to - new.from;
    memset(common, 0, (columns + 1) * sizeof *common);
    for (size_t row = old.to; row-- > old.from;) {
        uint32_t corner = 0;
        for (size_t column = columns; column-- > 0;) {
            uint32_t below = common[column];
            common[column] = are_same(row, new.from + column) ? corner + 1 : larger(below, common[column + 1]);
            corner = below;
        }
    }
}

// Pairs what is equal at both ends, and leaves it out of the ranges.
static void ends_pair(struct range *old, struct range *new) {
    for (; !is_empty(old) && !is_empty(new) && are_same(old->from, new->from); old->from++)
        pair(old->from, new->from++);
    for (; !is_empty(old) && !is_empty(new) && are_same(old->to - 1, new->to - 1); old->to--)
        pair(old->to - 1, --new->to);
}

// Pairs the lines of a longest common subsequence. As deep as the number of rows may be halved.
static void ranges_pair(struct range old, struct range new) {
    ends_pair(&old, &new);
    if (is_empty(&old) || is_empty(&new))
        return;
    size_t half = old.from + (old.to - old.from) / 2, best = 0;
    if (half == old.from) {
        for (size_t column = new.from; column < new.to && !work.partners[half]; column++)
            if (are_same(half, column))
                pair(half, column);
        return;
    }
    before_find((struct range){old.from, half}, new);
    after_find((struct range){half, old.to}, new);
    for (size_t column = 0; column <= new.to - new.from; column++)
        if (work.before[column] + work.after[column] > work.before[best] + work.after[best])
            best = column;
    ranges_pair((struct range){old.from, half}, (struct range){new.from, new.from + best});
    ranges_pair((struct range){half, old.to}, (struct range){new.from + best, new.to});
}

static int texts_compare(const struct lines *texts) {
    struct range old = {0, texts[0].count}, new = {0, texts[1].count};
    work.texts = texts;
    work.partners = calloc(texts[0].count + 1, sizeof *work.partners);
    work.before = calloc(texts[1].count + 1, sizeof *work.before);
    work.after = calloc(texts[1].count + 1, sizeof *work.after);
    bool has_memory = work.partners && work.before && work.after;
    if (has_memory)
        ends_pair(&old, &new);
    bool is_different = !is_empty(&old) || !is_empty(&new);
    if (has_memory && (old.to - old.from) * (new.to - new.from) <= CELLS_MAX)
        ranges_pair(old, new);
    if (has_memory)
        changes_say(texts, work.partners);
    free(work.partners);
    free(work.before);
    free(work.after);
    if (has_memory)
        return is_different ? STATUS_DIFFERENT : 0;
    fail("the texts", -PIPE_ENOMEM);
    return STATUS_TROUBLE;
}

int compare_command(int count, char **words) {
    static const struct option_plan plan = {"", 2, 2, "FILE FILE", false};
    struct options options;
    struct lines texts[2] = {0};
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    int status = source_visit(options.operands[0], &options, lines_collect, &texts[0]);
    if (!status)
        status = source_visit(options.operands[1], &options, lines_collect, &texts[1]);
    status = status ? STATUS_TROUBLE : texts_compare(texts);
    lines_free(&texts[0]);
    lines_free(&texts[1]);
    return status;
}
