// SPDX-License-Identifier: MIT
#include "byte_class.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *name;
    byte_class *has;
} classes[] = {{"[:alnum:]", isalnum}, {"[:alpha:]", isalpha}, {"[:blank:]", isblank}, {"[:cntrl:]", iscntrl},
               {"[:digit:]", isdigit}, {"[:graph:]", isgraph}, {"[:lower:]", islower}, {"[:print:]", isprint},
               {"[:punct:]", ispunct}, {"[:space:]", isspace}, {"[:upper:]", isupper}, {"[:xdigit:]", isxdigit}};

byte_class *byte_class_at(const char *text, size_t *length) {
    for (size_t index = 0; index < sizeof classes / sizeof *classes; index++) {
        *length = strlen(classes[index].name);
        if (strncmp(text, classes[index].name, *length) == 0)
            return classes[index].has;
    }
    return NULL;
}
