// SPDX-License-Identifier: MIT
// What each program of unit tests includes: cmocka, the scene, and a fresh namespace around each test.
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// cmocka's header needs those above.
#include <cmocka.h>

// After all other headers, which declare what it renames.
#include "flow.h"
#include "audited.h"

#define RULES_OPEN RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL)

static inline int check_setup(void **state) {
    (void)state;
    scene_start();
    return 0;
}

static inline int check_teardown(void **state) {
    (void)state;
    scene_stop();
    return 0;
}

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, check_setup, check_teardown)

// Runs the tests of an array and prints TAP; the program's status.
#define scene_run(tests) (cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, NULL, NULL))

#define assert_error(result, name) assert_int_equal(result, -PIPE_##name)
#define assert_blocked(result) assert_int_equal(result, BLOCKED)
#define assert_page(thread, text) assert_true(page_holds(thread, text))

#endif
