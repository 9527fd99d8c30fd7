// SPDX-License-Identifier: MIT
// Commands that are part of the language: variables, parameters, loops, other texts.
#include "commands.h"

#include "alias.h"
#include "buffer.h"
#include "failure.h"
#include "file.h"
#include "function.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "program_path.h"
#include "shell.h"
#include "streams.h"
#include "text.h"
#include "variable.h"

#include <stdlib.h>
#include <string.h>

#define SCRIPT_MAX (1u << 20) // bytes of a script
#define LOOPS_MAX 1000u       // that break and continue name

int true_command(int count, char **words) {
    (void)count;
    (void)words;
    return 0;
}

int false_command(int count, char **words) {
    (void)count;
    (void)words;
    return STATUS_FAILED;
}

// ---- Variables ----

static size_t name_part(const char *word) {
    return strcspn(word, "=");
}

// "NAME" or "NAME=VALUE". The sign's position, or a negated error, which was reported.
static long name_check(const char *word) {
    size_t length = name_part(word);
    if (length && length <= VARIABLE_NAME_MAX && name_length(word, length) == length)
        return (long)length;
    fail_usage(word, "not a name of a variable");
    return -PIPE_EINVAL;
}

bool variable_is_named(const char *word) {
    return name_check(word) == (long)strlen(word);
}

static int export_one(const char *word) {
    long length = name_check(word), error = 0;
    if (length < 0)
        return STATUS_USAGE;
    if (word[length])
        error = variable_set(word, (size_t)length, word + length + 1);
    if (!error)
        error = variable_export(word, (size_t)length);
    return error ? fail(word, error) : 0;
}

static void variable_say(void *context, const char *name, const char *value, bool is_exported) {
    const bool *only_exported = context;
    struct buffer quoted = {0};
    if (*only_exported && !is_exported)
        return;
    buffer_quote(&quoted, value);
    say(*only_exported ? "export %s=" : "%s=", name);
    say_bytes(quoted.bytes, quoted.length);
    say("\n");
    buffer_free(&quoted);
}

int export_command(int count, char **words) {
    bool only_exported = true;
    int status = 0;
    if (count == 1)
        variables_visit(variable_say, &only_exported);
    for (int index = 1; index < count; index++) {
        int result = export_one(words[index]);
        status = result ? result : status;
    }
    return status;
}

static int local_one(const char *word) {
    long length = name_check(word), error = 0;
    if (length < 0)
        return STATUS_USAGE;
    error = variable_keep(word, (size_t)length, shell.locals);
    if (!error && word[length])
        error = variable_set(word, (size_t)length, word + length + 1); // exported, if it was
    else if (!error)
        variable_unset(word, (size_t)length);
    return error ? fail(word, error) : 0;
}

int local_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, WORDS_MAX, "NAME", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    return shell.locals ? operands_each(&options, local_one) : fail_usage(words[0], "stands in no function");
}

int unset_command(int count, char **words) {
    static const struct option_plan plan = {"fv", 0, WORDS_MAX, "NAME", false};
    struct options options;
    int status = 0;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    for (int index = 0; index < options.operand_count; index++)
        if (!variable_is_named(options.operands[index]))
            status = STATUS_USAGE;
        else if (option_given(&options, 'f'))
            function_unset(options.operands[index]);
        else
            variable_unset(options.operands[index], strlen(options.operands[index]));
    return status;
}

bool modes_are(const char *word) {
    return word[0] == '-' && word[1] && strspn(word + 1, "eux") == strlen(word + 1);
}

// "-e" and the like. Whether it is one.
static bool mode_set(const char *word) {
    bool is_on = word[0] == '-';
    for (const char *letter = word + 1; *letter; letter++) {
        if (*letter == 'e')
            shell.stops_on_error = is_on;
        else if (*letter == 'x')
            shell.shows_commands = is_on;
        else if (*letter == 'u')
            shell.needs_values = is_on;
        else
            return false;
    }
    return word[1];
}

int set_command(int count, char **words) {
    bool only_exported = false;
    int index = 1;
    if (count == 1)
        variables_visit(variable_say, &only_exported);
    for (; index < count && (words[index][0] == '-' || words[index][0] == '+'); index++) {
        if (strcmp(words[index], "--") == 0)
            break;
        if (!mode_set(words[index]))
            return fail_usage(words[index], "no such option");
    }
    bool sets = index < count;
    index += sets && strcmp(words[index], "--") == 0;
    return sets && !shell_parameters_set(count - index, words + index) ? fail("set", -PIPE_ENOMEM) : 0;
}

int shift_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, 1, "N", false};
    struct options options;
    uint64_t number = 1;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (options.operand_count && !number_parse(options.operands[0], "N", 0, WORDS_MAX, &number))
        return STATUS_USAGE;
    if (number > shell.parameter_count)
        return fail("$#", -PIPE_ERANGE);
    return shell_parameters_set((int)(shell.parameter_count - number), shell.parameters + number)
               ? 0
               : fail("shift", -PIPE_ENOMEM);
}

// ---- alias ----

void alias_say(void *context, const char *name, const char *value) {
    const char *before = context;
    struct buffer quoted = {0};
    buffer_quote(&quoted, value);
    say("%s%s=", before, name);
    say_bytes(quoted.bytes, quoted.length);
    say("\n");
    buffer_free(&quoted);
}

static int alias_one(const char *word) {
    size_t name = name_part(word);
    const char *value = alias_value(word, name);
    if (!alias_is_name(word, name))
        return fail_usage(word, "not a name of an alias");
    if (word[name])
        return alias_set(word, name, word + name + 1) ? 0 : fail(word, -PIPE_ENOMEM);
    if (!value)
        return fail(word, -PIPE_ENOENT);
    alias_say("", word, value);
    return 0;
}

int alias_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, WORDS_MAX, "NAME", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (!options.operand_count)
        aliases_visit(alias_say, "");
    return operands_each(&options, alias_one);
}

static int unalias_one(const char *name) {
    return alias_unset(name) ? 0 : fail(name, -PIPE_ENOENT);
}

int unalias_command(int count, char **words) {
    static const struct option_plan plan = {"a", 0, WORDS_MAX, "NAME", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    bool is_all = option_given(&options, 'a');
    if (is_all)
        aliases_unset();
    else if (!options.operand_count)
        return fail_usage("NAME", "missing");
    return is_all ? 0 : operands_each(&options, unalias_one);
}

// ---- Loops ----

static int loop_leave(int count, char **words, enum leaving leaving) {
    static const struct option_plan plan = {"", 0, 1, "N", false};
    struct options options;
    uint64_t loops = 1;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (options.operand_count && !number_parse(options.operands[0], "N", 1, LOOPS_MAX, &loops))
        return STATUS_USAGE;
    if (!shell.loops)
        return 0;
    shell.leaving = leaving;
    shell.leaving_loops = loops < shell.loops ? (unsigned)loops : shell.loops;
    return 0;
}

int break_command(int count, char **words) {
    return loop_leave(count, words, LEAVING_LOOP);
}

int continue_command(int count, char **words) {
    return loop_leave(count, words, LEAVING_ROUND);
}

// ---- Texts ----

// The whole of a file, from malloc, or NULL with *error.
static char *script_read(const char *path, long *error) {
    struct stream_stat stat;
    if (strcmp(path, NOTHING_PATH) == 0) {
        *error = 0;
        return strdup("");
    }
    *error = file_stat(path, &stat);
    if (!*error && stat_is_directory(&stat))
        *error = -PIPE_EISDIR;
    if (!*error && stat.size > SCRIPT_MAX)
        *error = -PIPE_EFBIG;
    long file = *error ? 0 : file_open(path, OPEN_READ);
    char *text = file > 0 ? malloc(stat.size + 1) : NULL;
    long length = file <= 0 ? file : text ? file_read(file, text, stat.size) : -PIPE_ENOMEM;
    if (file > 0)
        file_close(file);
    if (!*error && length < 0)
        *error = length;
    if (text && length >= 0)
        text[length] = 0;
    if (text && !*error && strlen(text) != (size_t)length)
        *error = -PIPE_ENOEXEC; // zero bytes: no text
    if (*error) {
        free(text);
        text = NULL;
    }
    return text;
}

int script_run(const char *path) {
    long error;
    char *text = script_read(path, &error);
    if (error == -PIPE_ENOEXEC)
        return fail_saying(path, "no text, and programs are started from " PROGRAMS_DIRECTORY " alone", error);
    if (!text)
        return fail(path, error) == STATUS_FAILED && error == -PIPE_ENOENT ? STATUS_NO_COMMAND : STATUS_FAILED;
    int status = text_run(text, path, 1);
    free(text);
    return status;
}

// A name without a slash is found by PATH.
int source_command(int count, char **words) {
    char path[FILE_PATH_MAX + 1];
    if (count < 2)
        return fail_usage("FILE", "missing");
    if (!strchr(words[1], '/') && !program_find(words[1], path))
        return fail(words[1], -PIPE_ENOENT);
    shell.returnable++;
    int status = script_run(strchr(words[1], '/') ? words[1] : path);
    shell_returned();
    return status;
}

// The status that a command is to end with: its only word, or "$?". False: reported.
static bool status_take(int count, char **words, uint64_t *status) {
    static const struct option_plan plan = {"", 0, 1, "STATUS", false};
    struct options options;
    *status = (uint64_t)shell.status;
    return options_parse(count, words, &plan, &options) &&
           (!options.operand_count || number_parse(options.operands[0], "STATUS", 0, 255, status));
}

int exit_command(int count, char **words) {
    uint64_t status;
    if (!status_take(count, words, &status))
        return STATUS_USAGE;
    output_flush();
    exit((int)status);
}

int return_command(int count, char **words) {
    uint64_t status;
    if (!status_take(count, words, &status))
        return STATUS_USAGE;
    if (!shell.returnable && shell.is_interactive)
        return fail_usage(words[0], "stands in no function");
    shell.leaving = shell.returnable ? LEAVING_TEXT : LEAVING_ALL;
    return (int)status;
}

int eval_command(int count, char **words) {
    struct buffer text = {0};
    for (int index = 1; index < count; index++) {
        buffer_text(&text, words[index]);
        buffer_put(&text, ' ');
    }
    int status = text.is_short ? fail("eval", -PIPE_E2BIG)
                 : text.length ? text_run(text.bytes, shell.script, shell.line)
                               : 0;
    buffer_free(&text);
    return status;
}

// Whether a word is of modes and ends with the option of a text, as "-ec": then that letter is taken off.
static bool text_is_asked_for(char *word) {
    size_t length = strlen(word);
    if (length < 2 || word[0] != '-' || word[length - 1] != 'c')
        return false;
    word[length - 1] = 0;
    bool is_asked_for = length == 2 || modes_are(word);
    if (!is_asked_for)
        word[length - 1] = 'c';
    return is_asked_for;
}

// A shell of its own: for a script, a text, or the input.
int shell_command(int count, char **words) {
    char **whole = calloc((size_t)count + 2, sizeof *whole);
    char text[] = "--text";
    if (!whole)
        return fail("sh", -PIPE_ENOMEM);
    int taken = 1, given = 1;
    for (whole[0] = shell.program; taken < count && modes_are(words[taken]);)
        whole[given++] = words[taken++];
    bool is_text = taken < count && text_is_asked_for(words[taken]);
    if (is_text && words[taken][1])
        whole[given++] = words[taken];
    if (is_text) {
        taken++;
        whole[given++] = text;
    }
    memcpy(whole + given, words + taken, (size_t)(count - taken) * sizeof *words);
    long status = is_text && taken == count ? fail_usage("-c", "the option takes a value") : shell_run(whole);
    free(whole);
    return status < 0 ? fail(count > 1 ? words[1] : "sh", status) : (int)status;
}
