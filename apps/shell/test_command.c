// SPDX-License-Identifier: MIT
// `test` and `[` (POSIX.1-2017, XCU test): what 1 to 4 words say by their number, and ! in front.
#include "commands.h"

#include "failure.h"
#include "file.h"
#include "pipe.h"
#include "streams.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_FALSE 1

// The least status that means an error.
enum verdict { HOLDS, HOLDS_NOT = STATUS_FALSE, IS_WRONG = STATUS_USAGE };

static enum verdict verdict(bool holds) {
    return holds ? HOLDS : HOLDS_NOT;
}

// Whether its rules and this shell's claims let it be opened so.
static bool pipe_lets(const char *path, uint32_t right) {
    long handle = pipe_open(path, right);
    if (handle >= 0)
        pipe_close(handle);
    return handle >= 0;
}

static enum verdict name_test(char letter, const char *path) {
    struct stream_stat file = {0};
    struct pipe_stat pipe = {0};
    bool is_pipe = path_is_pipe(path);
    bool is_there = is_pipe ? pipe_stat_path(path, &pipe) == 0 : file_stat(path, &file) == 0;
    bool is_directory = is_pipe ? pipe.flow == FLOW_DIRECTORY : stat_is_directory(&file);
    switch (letter) {
    case 'h':
    case 'L':
        return verdict(!is_pipe && file_stat_link(path, &file) == 0 && (file.mode & MODE_TYPE) == MODE_LINK);
    case 'r':
        return verdict(is_pipe ? pipe_lets(path, RIGHT_READ) : access(path, R_OK) == 0);
    case 'w':
        return verdict(is_pipe ? pipe_lets(path, RIGHT_WRITE) : access(path, W_OK) == 0);
    case 'x':
        return verdict(!is_pipe && access(path, X_OK) == 0);
    case 'd':
        return verdict(is_there && is_directory);
    case 'f':
        return verdict(is_there && !is_pipe && !is_directory);
    case 'p':
        return verdict(is_there && is_pipe && !is_directory);
    case 's':
        return verdict(is_there && !is_pipe && file.size > 0);
    default:
        return verdict(is_there);
    }
}

static enum verdict unary(const char *comparison, const char *operand) {
    bool is_one = comparison[0] == '-' && comparison[1] && !comparison[2];
    if (is_one && strchr("nz", comparison[1]))
        return verdict(*operand ? comparison[1] == 'n' : comparison[1] == 'z');
    if (is_one && strchr("defhLprswx", comparison[1]))
        return name_test(comparison[1], operand);
    fail_usage(comparison, "no such test");
    return IS_WRONG;
}

static bool number_of(const char *word, long long *number) {
    char *end;
    *number = strtoll(word, &end, 10);
    if (*word && !*end)
        return true;
    fail_usage(word, "not a whole number");
    return false;
}

static enum verdict numbers_compare(const char *first, const char *comparison, const char *second) {
    static const char *const comparisons[] = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge"};
    long long one, other;
    size_t index = 0;
    while (index < sizeof comparisons / sizeof *comparisons && strcmp(comparison, comparisons[index]) != 0)
        index++;
    if (index == sizeof comparisons / sizeof *comparisons) {
        fail_usage(comparison, "no such test");
        return IS_WRONG;
    }
    if (!number_of(first, &one) || !number_of(second, &other))
        return IS_WRONG;
    const bool results[] = {one == other, one != other, one<other, one <= other, one> other, one >= other};
    return verdict(results[index]);
}

// Whether the first file was changed later; one that is there is newer than one that is not.
static bool is_newer(const char *first, const char *second) {
    struct stream_stat one = {0}, other = {0};
    bool is_there = file_stat(first, &one) == 0, is_other = file_stat(second, &other) == 0;
    return is_there && (!is_other || one.modified > other.modified);
}

static enum verdict binary(const char *first, const char *comparison, const char *second) {
    if (strcmp(comparison, "=") == 0 || strcmp(comparison, "==") == 0)
        return verdict(strcmp(first, second) == 0);
    if (strcmp(comparison, "!=") == 0)
        return verdict(strcmp(first, second) != 0);
    if (strcmp(comparison, "-nt") == 0)
        return verdict(is_newer(first, second));
    if (strcmp(comparison, "-ot") == 0)
        return verdict(is_newer(second, first));
    return numbers_compare(first, comparison, second);
}

static enum verdict words_test(int count, char **words) {
    bool is_negated = count > 1 && strcmp(words[0], "!") == 0 && count != 3;
    enum verdict result = HOLDS_NOT;
    if (count == 3 && strcmp(words[0], "!") == 0 && words[1][0] == '-') // ! -f FILE
        is_negated = true;
    if (is_negated) {
        result = words_test(count - 1, words + 1);
        return result == IS_WRONG ? IS_WRONG : verdict(result == HOLDS_NOT);
    }
    if (count == 1)
        result = verdict(*words[0]);
    else if (count == 2)
        result = unary(words[0], words[1]);
    else if (count == 3)
        result = binary(words[0], words[1], words[2]);
    else if (count > 3) {
        fail_usage(words[3], "a word too many");
        result = IS_WRONG;
    }
    return result;
}

int test_command(int count, char **words) {
    bool is_bracket = strcmp(words[0], "[") == 0;
    if (is_bracket && strcmp(words[count - 1], "]") != 0)
        return fail_usage("]", "missing");
    return (int)words_test(count - 1 - is_bracket, words + 1);
}
