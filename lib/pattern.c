// SPDX-License-Identifier: MIT
#include "pattern.h"

#include "byte_class.h"

#include <string.h>

// ---- Sets of bytes ----

#define BYTES 256u
#define WORD_BITS 64u

static void set_add(struct atom *atom, uint8_t byte) {
    atom->set[byte / WORD_BITS] |= 1ull << byte % WORD_BITS;
}

static bool set_has(const struct atom *atom, uint8_t byte) {
    return atom->set[byte / WORD_BITS] >> byte % WORD_BITS & 1;
}

static void set_turn(struct atom *atom) {
    for (size_t word = 0; word < BYTES / WORD_BITS; word++)
        atom->set[word] = ~atom->set[word];
}

static void class_add(struct atom *atom, byte_class *class) {
    for (unsigned byte = 0; byte < BYTES; byte++)
        if (class((int)byte))
            set_add(atom, (uint8_t)byte);
}

static void set_both_cases(struct atom *atom) {
    for (uint8_t letter = 'a'; letter <= 'z'; letter++) {
        uint8_t capital = (uint8_t)(letter - 'a' + 'A');
        if (set_has(atom, letter))
            set_add(atom, capital);
        else if (set_has(atom, capital))
            set_add(atom, letter);
    }
}

// ---- Parsing ----

// The bytes between brackets; *text goes from after the opening one to after the closing one. A "]" in front is one
// of them. False: it is not closed, or a range runs backwards.
static bool brackets_parse(const char **text, bool ignores_case, struct atom *atom) {
    bool is_turned = **text == '^';
    const char *cursor = *text + is_turned, *first = cursor;
    for (; *cursor && (*cursor != ']' || cursor == first); cursor++) {
        size_t length;
        byte_class *class = byte_class_at(cursor, &length);
        if (class) {
            class_add(atom, class);
            cursor += length - 1;
            continue;
        }
        uint8_t low = (uint8_t)*cursor, high = low;
        if (cursor[1] == '-' && cursor[2] && cursor[2] != ']') {
            high = (uint8_t)cursor[2];
            cursor += 2;
        }
        if (low > high)
            return false;
        for (unsigned byte = low; byte <= high; byte++)
            set_add(atom, (uint8_t)byte);
    }
    if (ignores_case)
        set_both_cases(atom);
    if (is_turned)
        set_turn(atom);
    *text = cursor + 1;
    return *cursor;
}

static const char *atom_parse(const char **text, bool ignores_case, struct atom *atom) {
    char byte = *(*text)++;
    *atom = (struct atom){0};
    if (byte == '[')
        return brackets_parse(text, ignores_case, atom) ? NULL : "a bracket is not closed, or a range runs backwards";
    if (byte == '.') {
        set_turn(atom);
        return NULL;
    }
    if (byte == '\\' && !**text)
        return "nothing follows the backslash";
    set_add(atom, (uint8_t)(byte == '\\' ? *(*text)++ : byte));
    if (ignores_case)
        set_both_cases(atom);
    return NULL;
}

const char *pattern_parse(const char *text, bool ignores_case, struct pattern *pattern) {
    *pattern = (struct pattern){.is_at_start = *text == '^'};
    text += pattern->is_at_start;
    while (*text && strcmp(text, "$") != 0) {
        if (pattern->count == ATOMS_MAX)
            return "it is too long";
        struct atom *atom = &pattern->atoms[pattern->count++];
        const char *problem = atom_parse(&text, ignores_case, atom);
        if (problem)
            return problem;
        atom->is_starred = *text == '*';
        text += atom->is_starred;
    }
    pattern->is_at_end = *text;
    return NULL;
}

// ---- Matching ----

// Which atoms may come next; `count` stands for the pattern's end.
struct states {
    bool may[ATOMS_MAX + 1];
};

// A starred atom may be left out.
static void state_add(const struct pattern *pattern, struct states *states, uint32_t atom) {
    while (!states->may[atom]) {
        states->may[atom] = true;
        if (atom == pattern->count || !pattern->atoms[atom].is_starred)
            return;
        atom++;
    }
}

static void byte_pass(const struct pattern *pattern, const struct states *before, uint8_t byte, struct states *after) {
    *after = (struct states){0};
    for (uint32_t number = 0; number < pattern->count; number++) {
        const struct atom *atom = &pattern->atoms[number];
        if (before->may[number] && set_has(atom, byte))
            state_add(pattern, after, atom->is_starred ? number : number + 1);
    }
}

bool pattern_occurs(const struct pattern *pattern, const char *line, size_t length) {
    struct states states = {0};
    for (size_t index = 0;; index++) {
        struct states after;
        if (index == 0 || !pattern->is_at_start)
            state_add(pattern, &states, 0);
        if (states.may[pattern->count] && (!pattern->is_at_end || index == length))
            return true;
        if (index == length)
            return false;
        byte_pass(pattern, &states, (uint8_t)line[index], &after);
        states = after;
    }
}
