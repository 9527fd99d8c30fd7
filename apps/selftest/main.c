// SPDX-License-Identifier: MIT
// selftest: tests the kernel from user space and prints TAP. With --exit it ends QEMU with the result; with --role it
// is one of its own children.
#include "check.h"
#include "process.h"
#include "roles.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static const struct suite *const suites[] = {
    &call_suite,    &message_suite, &attach_suite,  &server_suite,      &rules_suite,     &thread_suite,
    &process_suite, &control_suite, &memory_suite,  &bad_pointer_suite, &interrupt_suite, &clock_suite,
    &fault_suite,   &birth_suite,   &foreign_suite, &life_suite,        &limits_suite,
    &error_suite, // last: it looks at what the others have seen
};

#define SUITES (sizeof suites / sizeof *suites)

// Whether one of the words given stands in the test's name; no word is all tests.
static bool is_wanted(const struct test *test, int word_count, char *const words[]) {
    for (int index = 0; index < word_count; index++)
        if (strstr(test->name, words[index]))
            return true;
    return word_count == 0;
}

static unsigned tests_wanted(int word_count, char *const words[]) {
    unsigned wanted = 0;
    for (unsigned number = 0; number < SUITES; number++)
        for (unsigned index = 0; index < suites[number]->count; index++)
            wanted += is_wanted(&suites[number]->tests[index], word_count, words);
    return wanted;
}

// Whether the test passed.
static bool test_run(const struct test *test, unsigned number) {
    check_failures = 0;
    test->run();
    printf("%s %u - %s\n", check_failures ? "not ok" : "ok", number, test->name);
    fflush(stdout);
    return check_failures == 0;
}

// The tests that failed.
static unsigned tests_run(int word_count, char *const words[]) {
    unsigned number = 0, failed = 0;
    printf("1..%u\n", tests_wanted(word_count, words));
    fflush(stdout);
    for (unsigned suite = 0; suite < SUITES; suite++)
        for (unsigned index = 0; index < suites[suite]->count; index++)
            if (is_wanted(&suites[suite]->tests[index], word_count, words))
                failed += !test_run(&suites[suite]->tests[index], ++number);
    return failed;
}

#define EXIT_OPTION "--exit" // alone, or with one word: --exit=WORD

int main(int argument_count, char *arguments[]) {
    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_run(argument_count - 2, arguments + 2);
    bool exits = argument_count > 1 && strncmp(arguments[1], EXIT_OPTION, strlen(EXIT_OPTION)) == 0;
    char *word = exits && strchr(arguments[1], '=') ? strchr(arguments[1], '=') + 1 : NULL;
    int first = exits ? 2 : 1;
    process_ready(); // nothing of the boot comes between the tests
    unsigned failed = word ? tests_run(1, &word) : tests_run(argument_count - first, arguments + first);
    if (failed)
        printf("# %u failed\n", failed);
    fflush(stdout);
    if (exits)
        process_power(POWER_TEST_EXIT, failed ? 1 : 0);
    return failed ? 1 : 0;
}
