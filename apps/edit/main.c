// SPDX-License-Identifier: MIT
// `edit FILE`: changes a text file on the whole screen.
#include "document.h"
#include "editor.h"
#include "error.h"
#include "pipe.h"
#include "terminal_input.h"

#include <stdio.h>
#include <string.h>

#define STATUS_FAILED 1
#define STATUS_USAGE 2

static const char usage[] = "usage: edit FILE\n";

static int complain_usage(const char *what, const char *sentence) {
    fprintf(stderr, "edit: %s: %s (%s)\n%s", what, sentence, error_name(-PIPE_EINVAL), usage);
    return STATUS_USAGE;
}

static int complain(const char *what, long error) {
    fprintf(stderr, "edit: %s: %s (%s)\n", what, error_sentence(error), error_name(error));
    return STATUS_FAILED;
}

static int edit(const char *path) {
    static struct text text;
    long error = document_read(path, &text);
    bool is_new = error == -PIPE_ENOENT;
    if (error && !is_new)
        return complain(path, error);
    error = keys_begin();
    if (error)
        return complain("the standard input", error);
    editor_run(path, &text, is_new ? "a new file" : "");
    keys_end();
    text_free(&text);
    return 0;
}

int main(int count, char **words) {
    bool is_over = count > 1 && strcmp(words[1], "--") == 0;
    int first = is_over ? 2 : 1;
    if (count > first && !is_over && strcmp(words[first], "-h") == 0) {
        printf("%s  change a text file on the whole screen\n", usage);
        return 0;
    }
    if (count > first && !is_over && words[first][0] == '-' && words[first][1])
        return complain_usage(words[first], "no such option");
    if (count == first)
        return complain_usage("FILE", "missing");
    if (count > first + 1)
        return complain_usage(words[first + 1], "a word too many");
    return edit(words[first]);
}
