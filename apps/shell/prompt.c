// SPDX-License-Identifier: MIT
#include "prompt.h"

#include "alias.h"
#include "background.h"
#include "buffer.h"
#include "failure.h"
#include "input.h"
#include "line.h"
#include "output.h"
#include "shell.h"
#include "syntax.h"
#include "text.h"

#include <string.h>

#define PROMPT "sluice> "
#define PROMPT_MORE "> " // within a command

// Whether a line ends with a backslash that joins the next one to it.
static bool is_joined(const char *line) {
    size_t length = strlen(line), backslashes = 0;
    while (backslashes < length && line[length - 1 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2;
}

// Asks for lines until they make a whole command, or for none more. False: the input has ended.
static bool command_read(struct buffer *text) {
    struct parser parser;
    enum parse_result result = PARSE_INCOMPLETE;
    const char *prompt = PROMPT;
    fail_as(NULL, NULL);
    while (result == PARSE_INCOMPLETE && !text->is_short) {
        const char *line = line_read(prompt);
        if (!line)
            return text->length;
        if (line_was_dropped()) {
            buffer_free(text);
            return true;
        }
        buffer_text(text, line);
        buffer_put(text, '\n');
        parser_begin(&parser, text->bytes, 1);
        parser.alias = alias_value;
        result = parser_next(&parser);
        parser_end(&parser);
        if (result == PARSE_DONE && is_joined(line))
            result = PARSE_INCOMPLETE;
        prompt = PROMPT_MORE;
    }
    return true;
}

// After the ^C that a terminal shows its line ends.
static void line_run(const char *text) {
    input_job_begin();
    text_run(text, NULL, 1);
    output_flush();
    bool is_stopped = input_job_end();
    if (is_stopped || (shell.leaving == LEAVING_ALL && shell.status == STATUS_INTERRUPTED))
        say("\n");
}

int lines_run(void) {
    struct buffer text = {0};
    background_tell();
    while (command_read(&text)) {
        shell.leaving = LEAVING_NOTHING;
        shell.loops = 0;
        if (text.length)
            line_run(text.bytes);
        output_flush();
        buffer_free(&text);
        background_tell();
    }
    return shell.status;
}
