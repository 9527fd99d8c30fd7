// SPDX-License-Identifier: MIT
// What the tests are written with. A check that fails prints where and what; the test goes on unless it says REQUIRE.
#ifndef SELFTEST_TEST_H
#define SELFTEST_TEST_H

#include "abi.h"
#include "pipe.h"

#include <stdbool.h>
#include <stdint.h>

struct test {
    const char *name;
    void (*run)(void);
};

// The tests of one subject, in a file of its own.
struct suite {
    const struct test *tests;
    unsigned count;
};

#define SUITE(tests)                                                                                                   \
    { (tests), sizeof(tests) / sizeof *(tests) }

extern const struct suite call_suite, message_suite, rules_suite, attach_suite, server_suite, thread_suite;
extern const struct suite process_suite, control_suite, memory_suite, bad_pointer_suite, interrupt_suite, clock_suite;
extern const struct suite fault_suite, birth_suite, foreign_suite, life_suite, limits_suite, error_suite;

// Each returns whether the check holds.
#define CHECK(condition) check_true((condition), __FILE__, __LINE__, #condition)
#define CHECK_EQUAL(actual, expected) check_equal((long)(actual), (long)(expected), __FILE__, __LINE__, #actual)
// That a call fails with this error, which counts as seen.
#define CHECK_ERROR(actual, error) check_error((actual), PIPE_##error, __FILE__, __LINE__, #actual)
// That a call succeeds: 0 or more.
#define CHECK_SUCCESS(actual) check_success((actual), __FILE__, __LINE__, #actual)
// For what the rest of the test needs: leaves it.
#define REQUIRE(check)                                                                                                 \
    do {                                                                                                               \
        if (!(check))                                                                                                  \
            return;                                                                                                    \
    } while (0)

bool check_true(bool holds, const char *file, int line, const char *what);
bool check_equal(long actual, long expected, const char *file, int line, const char *what);
bool check_error(long actual, long error, const char *file, int line, const char *what);
bool check_success(long actual, const char *file, int line, const char *what);

// Whether a check has seen this error.
bool error_was_seen(long error);

// "/app/<pid>/<name>". The next call but three writes over it.
const char *own_path(const char *name);
// A pipe /app/<pid>/<name> with rights for everybody; its handle.
#define RULES_ALL RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL)
long own_pipe(const char *name, enum flow flow);
// Removes the pipe /app/<pid>/<name> and closes the handle.
void own_remove(const char *name, long handle);

// A second handle for the same name, with these rights.
long own_open(const char *name, uint32_t rights);

// What the process has: to see that nothing was changed, and that nothing leaks.
struct info_process own_information(void);
struct info_process information_of(uint32_t pid);
struct info_system system_information(void);
// The first thread of a process.
struct info_thread first_thread_of(uint32_t pid);
// The priority of this process's first thread, which others need so that it may wait for them without blocking.
uint32_t own_priority(void);

#define HANDLE_UNUSED 0xfff0u // a handle that no process has
#define DEADLINE_PAST 1ull    // one that has passed: nanosecond 1 after the boot

// Arguments of system calls that are addresses.
static inline uint64_t address_of(const void *pointer) {
    return (uint64_t)pointer;
}

#endif
