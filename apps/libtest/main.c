// SPDX-License-Identifier: MIT
// usage: libtest [abort | assert | exit STATUS | raise NUMBER | sleep SECONDS | system COMMAND | lines | nap]
#include "libtest.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failures;
static bool is_constructed;

void check(bool holds, const char *what) {
    printf("%s %s\n", holds ? "ok" : "not ok", what);
    failures += !holds;
}

__attribute__((constructor)) static void construct(void) {
    is_constructed = true;
}

static void say_goodbye(void) {
    puts("goodbye");
}

// Numbers the lines of the input, up to its end.
static int lines_number(void) {
    char *line = NULL;
    size_t room = 0;
    int number = 0;
    for (ssize_t length; (length = getline(&line, &room, stdin)) > 0;)
        printf("%d %zd %s", ++number, length, line);
    free(line);
    return ferror(stdin) || !feof(stdin) ? EXIT_FAILURE : EXIT_SUCCESS;
}

// Asks, in a line without an end, and sleeps between two lines of the input.
static int lines_nap(void) {
    char first[100] = "", second[100] = "";
    printf("first? ");
    bool has_first = fgets(first, sizeof first, stdin) != NULL;
    printf("napping\n");
    fflush(stdout);
    sleep(1);
    bool has_second = fgets(second, sizeof second, stdin) != NULL;
    printf("%s%s", first, second);
    return has_first && has_second ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int all_check(const char *program) {
    check(is_constructed, "a constructor ran before main");
    check(mkdir(FOLDER, 0755) == 0 && chdir(FOLDER) == 0, "a directory of its own");
    check_streams();
    check_text();
    check_strings();
    check_memory();
    check_mathematics();
    check_times();
    check_signals();
    check_directories();
    check_devices();
    check_program(program);
    check_descriptors();
    check(chdir("/") == 0 && remove(FOLDER) == 0, "nothing is left");
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int count, char **words) {
    atexit(say_goodbye);
    if (count == 1)
        return all_check(words[0]);
    int number = count > 2 ? atoi(words[2]) : 0;
    if (strcmp(words[1], "abort") == 0)
        abort();
    if (strcmp(words[1], "assert") == 0)
        assert(count == 0);
    if (strcmp(words[1], "exit") == 0)
        exit(number);
    if (strcmp(words[1], "raise") == 0)
        raise(number);
    if (strcmp(words[1], "sleep") == 0)
        sleep((unsigned)number);
    if (strcmp(words[1], "system") == 0 && count > 2)
        printf("status %d\n", system(words[2]) >> 8);
    if (strcmp(words[1], "nap") == 0)
        return lines_nap();
    return strcmp(words[1], "lines") == 0 ? lines_number() : EXIT_SUCCESS;
}
