// SPDX-License-Identifier: MIT
#include "arithmetic.h"

#include "syntax.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 200u // of parentheses, which are two deep, signs, assignments and conditions

struct calculation {
    const char *cursor;
    arithmetic_lookup *lookup;
    arithmetic_assign *assign;
    unsigned depth, skipped; // skipped: parts around this one whose value is not asked for
    const char *problem;
};

static void blanks_skip(struct calculation *calculation) {
    calculation->cursor += strspn(calculation->cursor, " \t\n");
}

static int64_t whole(struct calculation *calculation);

static int64_t wrong(struct calculation *calculation, const char *problem) {
    if (!calculation->problem)
        calculation->problem = problem;
    calculation->cursor += strlen(calculation->cursor);
    return 0;
}

// ---- Operands ----

static int64_t number(struct calculation *calculation) {
    char *end;
    int64_t value = strtoll(calculation->cursor, &end, 0);
    calculation->cursor = end;
    return value;
}

static int64_t variable(struct calculation *calculation, const char *name, size_t length) {
    const char *value = calculation->lookup(name, length);
    char *end = NULL;
    int64_t result = value ? strtoll(value, &end, 0) : 0;
    if (value)
        end += strspn(end, " \t\n");
    return value && *value && *end && !calculation->skipped ? wrong(calculation, "a variable's value is no number")
                                                            : result;
}

static int64_t parentheses(struct calculation *calculation) {
    calculation->cursor++;
    int64_t value = whole(calculation);
    if (*calculation->cursor != ')')
        return wrong(calculation, "a parenthesis is not closed");
    calculation->cursor++;
    return value;
}

static int64_t operand(struct calculation *calculation);

static int64_t signed_operand(struct calculation *calculation, char sign) {
    calculation->cursor++;
    int64_t value = operand(calculation);
    switch (sign) {
    case '!':
        return !value;
    case '~':
        return ~value;
    case '-':
        return (int64_t)(0 - (uint64_t)value);
    default:
        return value;
    }
}

static int64_t operand(struct calculation *calculation) {
    blanks_skip(calculation);
    if (++calculation->depth > DEPTH_MAX)
        return wrong(calculation, "too deeply nested");
    const char *cursor = calculation->cursor;
    size_t name = name_length(cursor, strlen(cursor));
    int64_t value = 0;
    if (*cursor && strchr("+-!~", *cursor)) {
        value = signed_operand(calculation, *cursor);
    } else if (*cursor == '(') {
        value = parentheses(calculation);
    } else if (*cursor >= '0' && *cursor <= '9') {
        value = number(calculation);
    } else if (name) {
        calculation->cursor += name;
        value = variable(calculation, cursor, name);
    } else {
        value = wrong(calculation, *cursor ? "not an expression" : "a number or a name is missing");
    }
    calculation->depth--;
    return value;
}

// ---- Operators of two sides ----

enum operation {
    OR,
    AND,
    BITS_OR,
    BITS_XOR,
    BITS_AND,
    EQUAL,
    UNEQUAL,
    NOT_GREATER,
    NOT_LESS,
    LEFT,
    RIGHT,
    LESS,
    GREATER,
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    REST
};

// By how tightly they bind; the longer of two that begin alike stands first. `assigns`: so does one with = after it.
static const struct binary {
    const char *text;
    unsigned level;
    enum operation operation;
    bool assigns;
} operators[] = {{"||", 1, OR, false},      {"&&", 2, AND, false},         {"|", 3, BITS_OR, true},
                 {"^", 4, BITS_XOR, true},  {"&", 5, BITS_AND, true},      {"==", 6, EQUAL, false},
                 {"!=", 6, UNEQUAL, false}, {"<=", 7, NOT_GREATER, false}, {">=", 7, NOT_LESS, false},
                 {"<<", 8, LEFT, true},     {">>", 8, RIGHT, true},        {"<", 7, LESS, false},
                 {">", 7, GREATER, false},  {"+", 9, ADD, true},           {"-", 9, SUBTRACT, true},
                 {"*", 10, MULTIPLY, true}, {"/", 10, DIVIDE, true},       {"%", 10, REST, true}};
#define OPERATORS (sizeof operators / sizeof *operators)
#define SHIFT_MASK 63 // a number has so many bits and one

static int64_t divide(struct calculation *calculation, int64_t left, int64_t right, bool is_rest) {
    if (right == 0)
        return calculation->skipped ? 0 : wrong(calculation, "division by zero");
    if (right == -1) // the least number has no opposite
        return is_rest ? 0 : (int64_t)(0 - (uint64_t)left);
    return is_rest ? left % right : left / right;
}

static int64_t apply(struct calculation *calculation, enum operation operation, int64_t left, int64_t right) {
    uint64_t one = (uint64_t)left, other = (uint64_t)right;
    if (operation == DIVIDE || operation == REST)
        return divide(calculation, left, right, operation == REST);
    const int64_t results[] = {[OR] = left || right,
                               [AND] = left && right,
                               [BITS_OR] = left | right,
                               [BITS_XOR] = left ^ right,
                               [BITS_AND] = left & right,
                               [EQUAL] = left == right,
                               [UNEQUAL] = left != right,
                               [NOT_GREATER] = left <= right,
                               [NOT_LESS] = left >= right,
                               [LEFT] = (int64_t)(one << (other & SHIFT_MASK)),
                               [RIGHT] = left >> (other & SHIFT_MASK),
                               [LESS] = left<right, [GREATER] = left> right,
                               [ADD] = (int64_t)(one + other),
                               [SUBTRACT] = (int64_t)(one - other),
                               [MULTIPLY] = (int64_t)(one * other)};
    return results[operation];
}

// The operator that a text begins with, or NULL.
static const struct binary *binary_at(const char *text) {
    for (const struct binary *found = operators; found < operators + OPERATORS; found++)
        if (strncmp(text, found->text, strlen(found->text)) == 0)
            return found;
    return NULL;
}

// Operands and the operators between them that bind more tightly than `level`. The right side of && and || may not be
// asked for.
static int64_t expression(struct calculation *calculation, unsigned level) {
    int64_t left = operand(calculation);
    for (;;) {
        blanks_skip(calculation);
        const struct binary *next = binary_at(calculation->cursor);
        if (!next || next->level <= level)
            return left;
        calculation->cursor += strlen(next->text);
        bool is_skipped = (next->operation == OR && left) || (next->operation == AND && !left);
        calculation->skipped += is_skipped;
        int64_t right = expression(calculation, next->level);
        calculation->skipped -= is_skipped;
        left = apply(calculation, next->operation, left, right);
    }
}

// ---- Conditions and assignments ----

// One of the two values after a condition.
static int64_t choice(struct calculation *calculation, bool is_chosen) {
    calculation->cursor++;
    calculation->skipped += !is_chosen;
    int64_t value = whole(calculation);
    calculation->skipped -= !is_chosen;
    return value;
}

static int64_t conditional(struct calculation *calculation) {
    int64_t condition = expression(calculation, 0);
    if (*calculation->cursor != '?')
        return condition;
    int64_t first = choice(calculation, condition);
    if (*calculation->cursor != ':')
        return wrong(calculation, "a `:' is missing");
    int64_t second = choice(calculation, !condition);
    return condition ? first : second;
}

// Where the value begins of an assignment to the name, of so many bytes, that stands next; NULL: there is none.
// *operation: the operator in front of its sign, or NULL.
static const char *assignment_find(const struct calculation *calculation, size_t name,
                                   const struct binary **operation) {
    const char *cursor = calculation->cursor + name;
    cursor += strspn(cursor, " \t\n");
    const struct binary *found = binary_at(cursor);
    *operation = found && found->assigns ? found : NULL;
    cursor += *operation ? strlen(found->text) : 0;
    return name && *cursor == '=' && cursor[1] != '=' ? cursor + 1 : NULL;
}

static int64_t assignment(struct calculation *calculation, size_t name, const char *value_start,
                          const struct binary *operation) {
    const char *cursor = calculation->cursor;
    char digits[24];
    calculation->cursor = value_start;
    int64_t value = whole(calculation);
    if (operation)
        value = apply(calculation, operation->operation, variable(calculation, cursor, name), value);
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    if (!calculation->skipped && !calculation->problem && !calculation->assign(cursor, name, digits))
        return wrong(calculation, "it can't be assigned to");
    return value;
}

static int64_t whole(struct calculation *calculation) {
    const struct binary *operation;
    if (++calculation->depth > DEPTH_MAX)
        return wrong(calculation, "too deeply nested");
    blanks_skip(calculation);
    size_t name = name_length(calculation->cursor, strlen(calculation->cursor));
    const char *value_start = assignment_find(calculation, name, &operation);
    int64_t value = value_start ? assignment(calculation, name, value_start, operation) : conditional(calculation);
    calculation->depth--;
    return value;
}

const char *arithmetic(const char *text, arithmetic_lookup *lookup, arithmetic_assign *assign, int64_t *value) {
    struct calculation calculation = {.cursor = text, .lookup = lookup, .assign = assign};
    *value = whole(&calculation);
    blanks_skip(&calculation);
    if (*calculation.cursor)
        wrong(&calculation, "not an expression");
    return calculation.problem;
}
