// SPDX-License-Identifier: MIT
#include "error.h"

#include <stddef.h>

struct error_text {
    int number;
    const char *name, *sentence;
};

static const struct error_text texts[] = {
#define ERROR(name, number, sentence) {number, #name, sentence},
#include "errors.def"
#undef ERROR
};

static const struct error_text *text_of(long error) {
    static const struct error_text unknown = {0, "E?", "an unknown error"};
    if (error < 0)
        error = -error;
    for (size_t index = 0; index < sizeof texts / sizeof *texts; index++)
        if (texts[index].number == error)
            return &texts[index];
    return &unknown;
}

const char *error_name(long error) {
    return text_of(error)->name;
}

const char *error_sentence(long error) {
    return text_of(error)->sentence;
}
