// SPDX-License-Identifier: MIT
// Checks the system manifest when the boot image is built: `manifest-check FILE PROGRAM...` prints what is wrong as
// file:line: reason. The programs are the ones that have a file in the image.
#include "manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1u << 20)

static bool is_built(const char *name, char **programs) {
    while (*programs && strcmp(*programs, name) != 0)
        programs++;
    return *programs != NULL;
}

// The line of the first stanza whose program there is no file for; 0: there is none.
static uint32_t line_without_program(const struct manifest *manifest, char **programs) {
    for (uint32_t number = 0; number < manifest->count; number++) {
        const struct stanza *stanza = &manifest->stanzas[number];
        bool is_default = strcmp(stanza->name, MANIFEST_DEFAULT) == 0 && !stanza->image_line;
        if (!is_default && !is_built(stanza_image(stanza, stanza->name), programs))
            return stanza->image_line ? stanza->image_line : stanza->line;
    }
    return 0;
}

int main(int argument_count, char **arguments) {
    static char text[FILE_MAX];
    static struct manifest manifest;
    uint32_t line;
    const char *reason;
    FILE *file = argument_count > 2 ? fopen(arguments[1], "r") : NULL;
    if (!file) {
        fprintf(stderr, "usage: manifest-check FILE PROGRAM...\n");
        return EXIT_FAILURE;
    }
    size_t length = fread(text, 1, sizeof text, file);
    fclose(file);
    if (manifest_parse(&manifest, text, length, &line, &reason)) {
        line = line_without_program(&manifest, arguments + 2);
        reason = "there is no such program: no folder of servers, drivers or apps has its name";
    }
    if (line)
        fprintf(stderr, "%s:%u: %s\n", arguments[1], (unsigned)line, reason);
    return line ? EXIT_FAILURE : EXIT_SUCCESS;
}
