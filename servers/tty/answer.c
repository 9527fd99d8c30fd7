// SPDX-License-Identifier: MIT
#include "answer.h"

#define ESCAPE 0x1bu
#define SIZE_MAX_SANE 9999u // rows or columns

// Reads a number at `*cursor`. 0: there is none, or too large a one.
static uint32_t number_at(const struct answer *answer, size_t *cursor) {
    uint32_t number = 0;
    while (*cursor < answer->length && answer->bytes[*cursor] >= '0' && answer->bytes[*cursor] <= '9') {
        number = number * 10 + answer->bytes[(*cursor)++] - '0';
        if (number > SIZE_MAX_SANE)
            return 0;
    }
    return number;
}

static bool is_at(const struct answer *answer, size_t index, uint8_t byte) {
    return index < answer->length && answer->bytes[index] == byte;
}

static enum answer_verdict verdict(const struct answer *answer, struct tty_size *size) {
    size_t index = 2;
    if (!is_at(answer, 0, ESCAPE))
        return ANSWER_NONE;
    if (answer->length == 1)
        return ANSWER_PARTIAL;
    if (!is_at(answer, 1, '['))
        return ANSWER_NONE;
    if (answer->length == 2)
        return ANSWER_PARTIAL;
    uint32_t rows = number_at(answer, &index);
    if (rows && index == answer->length)
        return ANSWER_PARTIAL;
    if (!rows || !is_at(answer, index++, ';'))
        return ANSWER_NONE;
    if (index == answer->length)
        return ANSWER_PARTIAL;
    uint32_t columns = number_at(answer, &index);
    if (columns && index == answer->length)
        return ANSWER_PARTIAL;
    if (!columns || !is_at(answer, index, 'R'))
        return ANSWER_NONE;
    *size = (struct tty_size){columns, rows};
    return ANSWER_WHOLE;
}

// An answer is complete before it has ANSWER_MAX bytes: two numbers of up to four digits, and four more.
enum answer_verdict answer_take(struct answer *answer, uint8_t byte, struct tty_size *size) {
    answer->bytes[answer->length++] = byte;
    return verdict(answer, size);
}
