// SPDX-License-Identifier: MIT
#include "words.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const class_names[] = {
    [CLASS_OWNER] = "owner", [CLASS_APP] = "app", [CLASS_DRIVER] = "driver", [CLASS_SERVER] = "server"};
static const char right_letters[] = "rwtm"; // bit n is letter n

// ---- Rules ----

bool rights_parse(const char *text, size_t length, uint32_t *rights) {
    *rights = 0;
    for (size_t index = 0; index < length; index++) {
        const char *letter = memchr(right_letters, text[index], sizeof right_letters - 1);
        if (!letter)
            return false;
        *rights |= 1u << (letter - right_letters);
    }
    return length > 0;
}

// The class whose name has this length, or CLASSES.
static unsigned class_parse(const char *text, size_t length) {
    for (unsigned number = 0; number < CLASSES; number++)
        if (strlen(class_names[number]) == length && memcmp(class_names[number], text, length) == 0)
            return number;
    return CLASSES;
}

// One word "class=rights".
static bool rule_parse(const char *word, size_t length, uint32_t *rules, uint32_t *seen) {
    const char *equals = memchr(word, '=', length);
    if (!equals)
        return false;
    unsigned number = class_parse(word, (size_t)(equals - word));
    if (number == CLASSES || *seen & 1u << number)
        return false;
    *seen |= 1u << number;
    const char *letters = equals + 1;
    size_t count = (size_t)(word + length - letters);
    uint32_t rights = 0;
    bool is_none = count == 0 || (count == 1 && *letters == '-');
    if (!is_none && !rights_parse(letters, count, &rights))
        return false;
    *rules |= rights << (RULE_BITS * number);
    return true;
}

bool rules_parse(const char *text, uint32_t *rules, const char **wrong) {
    static const char gaps[] = " ,";
    uint32_t seen = 0;
    *rules = 0;
    for (const char *word = text + strspn(text, gaps); *word; word += strspn(word, gaps)) {
        size_t length = strcspn(word, gaps);
        *wrong = word;
        if (!rule_parse(word, length, rules, &seen))
            return false;
        word += length;
    }
    *wrong = text;
    return seen != 0;
}

static char *text_append(char *to, const char *text) {
    size_t length = strlen(text);
    memcpy(to, text, length);
    return to + length;
}

char *rules_format(uint32_t rules, char *to) {
    char *cursor = to;
    for (unsigned number = 0; number < CLASSES; number++) {
        uint32_t rights = rules >> (RULE_BITS * number) & RIGHTS_ALL;
        if (number)
            *cursor++ = ' ';
        cursor = text_append(cursor, class_names[number]);
        *cursor++ = '=';
        for (unsigned bit = 0; bit < RULE_BITS; bit++)
            if (rights >> bit & 1)
                *cursor++ = right_letters[bit];
        if (!rights)
            *cursor++ = '-';
    }
    *cursor = 0;
    return to;
}

// ---- Words of a list ----

static const char *word_at(const char *const *words, size_t count, unsigned number) {
    return number < count ? words[number] : "?";
}

static bool word_find(const char *const *words, size_t count, const char *text, unsigned *number) {
    for (*number = 0; *number < count; (*number)++)
        if (strcmp(words[*number], text) == 0)
            return true;
    return false;
}

static const char *const flow_names[] = {[FLOW_DIRECTORY] = "directory",
                                         [FLOW_QUEUE] = "queue",
                                         [FLOW_TOPIC] = "topic",
                                         [FLOW_CALL] = "call",
                                         [FLOW_EVENT] = "event"};
static const char *const kind_names[] = {[KIND_APP] = "app", [KIND_DRIVER] = "driver", [KIND_SERVER] = "server"};
static const char *const type_names[] = {
    [MESSAGE_DATA] = "data",     [MESSAGE_CALL] = "call", [MESSAGE_EVENT] = "event",
    [MESSAGE_CHANGE] = "change", [MESSAGE_TAP] = "tap",   [MESSAGE_GONE] = "gone"};
static const char *const state_names[] = {[PROCESS_NEW] = "new",
                                          [PROCESS_ALIVE] = "alive",
                                          [PROCESS_SUSPENDED] = "suspended",
                                          [PROCESS_DYING] = "dying",
                                          [PROCESS_DEAD] = "dead"};

const char *flow_name(unsigned flow) {
    return word_at(flow_names, COUNT(flow_names), flow);
}

bool flow_parse(const char *text, enum flow *flow) {
    unsigned number;
    bool found = word_find(flow_names, COUNT(flow_names), text, &number);
    *flow = (enum flow)number;
    return found;
}

const char *kind_name(unsigned kind) {
    return word_at(kind_names, COUNT(kind_names), kind);
}

bool kind_parse(const char *text, enum kind *kind) {
    unsigned number;
    bool found = word_find(kind_names, COUNT(kind_names), text, &number);
    *kind = (enum kind)number;
    return found;
}

const char *message_type_name(unsigned type) {
    return word_at(type_names, COUNT(type_names), type);
}

const char *process_state_name(unsigned state) {
    return word_at(state_names, COUNT(state_names), state);
}
