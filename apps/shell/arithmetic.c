// SPDX-License-Identifier: MIT
#include "arithmetic.h"

#include "syntax.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 100u // of parentheses and signs

struct calculation {
    const char *place;
    arithmetic_lookup *lookup;
    unsigned depth;
    const char *problem;
};

static void blanks_skip(struct calculation *calculation) {
    calculation->place += strspn(calculation->place, " \t\n");
}

static int64_t expression(struct calculation *calculation, unsigned level);

static int64_t wrong(struct calculation *calculation, const char *problem) {
    if (!calculation->problem)
        calculation->problem = problem;
    calculation->place += strlen(calculation->place);
    return 0;
}

static int64_t number(struct calculation *calculation) {
    char *end;
    int64_t value = strtoll(calculation->place, &end, 0);
    calculation->place = end;
    return value;
}

static int64_t variable(struct calculation *calculation, size_t length) {
    const char *value = calculation->lookup(calculation->place, length);
    char *end = NULL;
    int64_t result = value ? strtoll(value, &end, 0) : 0;
    calculation->place += length;
    return value && *value && *end ? wrong(calculation, "a variable's value is no number") : result;
}

static int64_t parentheses(struct calculation *calculation) {
    calculation->place++;
    int64_t value = expression(calculation, 0);
    if (*calculation->place != ')')
        return wrong(calculation, "a parenthesis is not closed");
    calculation->place++;
    return value;
}

static int64_t operand(struct calculation *calculation) {
    blanks_skip(calculation);
    if (++calculation->depth > DEPTH_MAX)
        return wrong(calculation, "too deeply nested");
    char first = *calculation->place;
    size_t name = name_length(calculation->place, strlen(calculation->place));
    int64_t value = 0;
    if (first == '+' || first == '-' || first == '!') {
        calculation->place++;
        value = operand(calculation);
        value = first == '!' ? !value : first == '-' ? (int64_t)(0 - (uint64_t)value) : value;
    } else if (first == '(') {
        value = parentheses(calculation);
    } else if (first >= '0' && first <= '9') {
        value = number(calculation);
    } else if (name) {
        value = variable(calculation, name);
    } else {
        value = wrong(calculation, first ? "not an expression" : "a number or a name is missing");
    }
    calculation->depth--;
    return value;
}

// Binary operators by how tightly they bind; the longer of two that begin alike stands first.
static const struct {
    const char *text;
    unsigned level;
} operators[] = {{"||", 1}, {"&&", 2}, {"==", 3}, {"!=", 3}, {"<=", 4}, {">=", 4}, {"<", 4},
                 {">", 4},  {"+", 5},  {"-", 5},  {"*", 6},  {"/", 6},  {"%", 6}};
#define OPERATORS (sizeof operators / sizeof *operators)

static int64_t divide(struct calculation *calculation, int64_t left, int64_t right, bool is_rest) {
    if (right == 0)
        return wrong(calculation, "division by zero");
    if (right == -1) // the least number has no opposite
        return is_rest ? 0 : (int64_t)(0 - (uint64_t)left);
    return is_rest ? left % right : left / right;
}

static int64_t apply(struct calculation *calculation, const char *text, int64_t left, int64_t right) {
    switch (text[0]) {
    case '|':
        return left || right;
    case '&':
        return left && right;
    case '=':
        return left == right;
    case '!':
        return left != right;
    case '<':
        return text[1] ? left <= right : left < right;
    case '>':
        return text[1] ? left >= right : left > right;
    case '+':
        return (int64_t)((uint64_t)left + (uint64_t)right);
    case '-':
        return (int64_t)((uint64_t)left - (uint64_t)right);
    case '*':
        return (int64_t)((uint64_t)left * (uint64_t)right);
    default:
        return divide(calculation, left, right, text[0] == '%');
    }
}

// The operator that stands next and binds more tightly than `level`, or OPERATORS.
static size_t operator_find(struct calculation *calculation, unsigned level) {
    blanks_skip(calculation);
    for (size_t index = 0; index < OPERATORS; index++)
        if (strncmp(calculation->place, operators[index].text, strlen(operators[index].text)) == 0)
            return operators[index].level > level ? index : OPERATORS;
    return OPERATORS;
}

static int64_t expression(struct calculation *calculation, unsigned level) {
    int64_t left = operand(calculation);
    for (size_t index; (index = operator_find(calculation, level)) < OPERATORS;) {
        calculation->place += strlen(operators[index].text);
        int64_t right = expression(calculation, operators[index].level);
        left = apply(calculation, operators[index].text, left, right);
    }
    return left;
}

const char *arithmetic(const char *text, arithmetic_lookup *lookup, int64_t *value) {
    struct calculation calculation = {.place = text, .lookup = lookup};
    *value = expression(&calculation, 0);
    blanks_skip(&calculation);
    if (*calculation.place)
        wrong(&calculation, "not an expression");
    return calculation.problem;
}
