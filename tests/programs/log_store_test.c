// SPDX-License-Identifier: MIT
// What the log server keeps of a log that is too long: whose lines it drops, and in which order it reads them.
#include "store.c" // the file itself

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define LIMIT 16u
#define FOREVER 2u
#define TEXT_MAX 4096u

static struct line lines[LIMIT];
static struct store store;
static char text[TEXT_MAX];

static int setup(void **state) {
    (void)state;
    memset(lines, 0xa5, sizeof lines);
    store = (struct store){.lines = lines, .limit = LIMIT, .forever = FOREVER};
    return 0;
}

static bool keep(const char *line) {
    return store_keep(&store, line, strlen(line));
}

// All that is kept.
static const char *kept(void) {
    uint32_t next;
    size_t length;
    store_read(&store, 0, text, sizeof text - 1, &next, &length);
    assert_int_equal(next, store.count);
    text[length] = 0;
    return text;
}

static uint64_t dropped_of(const char *name) {
    for (uint32_t number = 0; number < store.source_count; number++)
        if (strcmp(store.sources[number].name, name) == 0)
            return store.sources[number].dropped;
    return UINT64_MAX;
}

static void a_flood_drops_its_own_lines(void **state) {
    char line[64];
    (void)state;
    keep("[    0.000001] Sluice: boots");
    keep("[    0.000002] process 2 flood started");
    keep("[    0.000003] app quiet 7: denied: the handle lacks: /x w");
    keep("[    0.000004] interrupt line 4: process 3 serial is late with its answer");
    for (unsigned number = 0; number < 1000; number++) {
        snprintf(line, sizeof line, "[    1.%06u] process %u flood ended: status 0", number, number);
        assert_int_equal(keep(line), number >= LIMIT - 4);
    }
    kept();
    assert_non_null(strstr(text, "Sluice: boots\n[    0.000002] process 2 flood started\n[    0.000003] app quiet 7"));
    assert_non_null(strstr(text, "line 4: process 3 serial is late with its answer\n[    1.000988] process 988 flood"));
    assert_non_null(strstr(text, "process 999 flood ended: status 0\n"));
    assert_int_equal(dropped_of("flood"), 1000 - (LIMIT - 4));
    assert_int_equal(dropped_of("quiet"), 0);
    assert_int_equal(dropped_of(KERNEL_SOURCE), 0);
}

static void the_first_lines_are_kept_for_ever(void **state) {
    (void)state;
    for (unsigned number = 0; number < 100; number++)
        keep(number < FOREVER ? "first" : "later");
    assert_memory_equal(kept(), "first\nfirst\nlater\n", strlen("first\nfirst\nlater\n"));
    assert_int_equal(dropped_of(KERNEL_SOURCE), 100 - LIMIT);
}

static void lines_are_read_in_parts(void **state) {
    char part[24], line[16];
    uint32_t number = 0, count, total = 0;
    size_t length;
    (void)state;
    for (unsigned index = 0; index < 40; index++) {
        snprintf(line, sizeof line, "line %u", index);
        keep(line);
    }
    while ((count = store_read(&store, number, part, sizeof part, &number, &length))) {
        assert_true(length <= sizeof part && count <= 3);
        total += count;
    }
    assert_int_equal(total, LIMIT);
    assert_int_equal(number, 40);
    keep("one more");
    assert_int_equal(store_read(&store, number, part, sizeof part, &number, &length), 1);
    assert_memory_equal(part, "one more\n", length);
    assert_int_equal(store_read(&store, UINT32_MAX, part, sizeof part, &number, &length), 0);
    assert_int_equal(store_read(&store, 0, part, 3, &number, &length), 0);
}

static void sources_without_a_slot_share_one(void **state) {
    char line[64];
    (void)state;
    for (unsigned number = 0; number < 2 * SOURCES_MAX; number++) {
        snprintf(line, sizeof line, "[ 1] process 1 p%u: text", number);
        keep(line);
    }
    assert_int_equal(store.source_count, SOURCES_MAX);
    assert_int_not_equal(dropped_of(OTHERS_SOURCE), UINT64_MAX);
    assert_int_equal(dropped_of("p0"), 0); // its line is among the first
}

static void sources_are_the_kernels_word(void **state) {
    static const struct {
        const char *line, *source;
        bool is_denial;
    } cases[] = {{"[    1.0] process 3 serial: text process 4 vfs: x", "serial", false},
                 {"[    1.0] process 3 tty-screen ended: status 1", "tty-screen", false},
                 {"[    1.0] app sh 12: denied: the handle lacks: /x w", "sh", true},
                 {"[    1.0] app sh 12: what else it is denied is counted, not logged", "sh", true},
                 {"[    1.0] process 3 vfs: app sh 12: denied: forged", "vfs", false},
                 {"[    1.0] interrupt line 4: process 3 serial is late", "kernel", false},
                 {"[    1.0] app", "kernel", false},
                 {"[    1.0] app sh 1", "sh", false},
                 {"[    1.0] app sh 1: d", "sh", false},
                 {"[    1.0] process 5", "kernel", false},
                 {"(7 lines were lost here)", "kernel", false},
                 {"[", "kernel", false},
                 {"", "kernel", false}};
    (void)state;
    for (size_t number = 0; number < sizeof cases / sizeof *cases; number++) {
        char name[SOURCE_NAME_MAX + 1], *copy = malloc(strlen(cases[number].line) + 1);
        size_t length = strlen(cases[number].line);
        memcpy(copy, cases[number].line, length); // no byte more: a read past the end is seen
        char *exact = length ? realloc(copy, length) : copy;
        source_name(exact, length, name);
        assert_string_equal(name, cases[number].source);
        assert_int_equal(line_is_denial(exact, length), cases[number].is_denial);
        free(exact);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(a_flood_drops_its_own_lines, setup),
                                       cmocka_unit_test_setup(the_first_lines_are_kept_for_ever, setup),
                                       cmocka_unit_test_setup(lines_are_read_in_parts, setup),
                                       cmocka_unit_test_setup(sources_without_a_slot_share_one, setup),
                                       cmocka_unit_test_setup(sources_are_the_kernels_word, setup)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
