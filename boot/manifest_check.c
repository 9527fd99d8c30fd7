// SPDX-License-Identifier: MIT
// Checks the system manifest when the boot image is built: `manifest-check FILE` prints what is wrong as file:line:
// reason.
#include "manifest.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_MAX (1u << 20)

int main(int argument_count, char **arguments) {
    static char text[FILE_MAX];
    static struct manifest manifest;
    uint32_t line;
    const char *reason;
    FILE *file = argument_count == 2 ? fopen(arguments[1], "r") : NULL;
    if (!file) {
        fprintf(stderr, "usage: manifest-check FILE\n");
        return EXIT_FAILURE;
    }
    size_t length = fread(text, 1, sizeof text, file);
    fclose(file);
    if (manifest_parse(&manifest, text, length, &line, &reason))
        return EXIT_SUCCESS;
    fprintf(stderr, "%s:%u: %s\n", arguments[1], (unsigned)line, reason);
    return EXIT_FAILURE;
}
