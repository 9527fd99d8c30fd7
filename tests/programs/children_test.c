// SPDX-License-Identifier: MIT
// The process server's table of children: positions, parents, and who is forgotten first.
#include "children.c" // the pure file itself

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define TABLE 6u
#define FIRST_PID 10u

static struct child table[TABLE];

static int table_clear(void **state) {
    (void)state;
    memset(table, 0, sizeof table);
    memset(by_pid, 0, sizeof by_pid);
    children = (struct slots){.size = sizeof *table};
    oldest = newest = NULL;
    children_initialize(table, TABLE);
    return 0;
}

static struct child *start(uint32_t pid, uint32_t parent) {
    struct child *child = child_take();
    assert_non_null(child);
    child->pid = pid;
    child->parent = parent;
    child_name(child);
    return child;
}

static void end(struct child *child) {
    child->has_ended = true;
    children_disown(child);
    child_await(child);
}

static void a_child_is_found_by_its_pid_and_slot(void **state) {
    (void)state;
    struct child *child = start(FIRST_PID, 0);
    assert_ptr_equal(child_find(FIRST_PID), child);
    assert_ptr_equal(child_at(child_index(child)), child);
    assert_null(child_find(FIRST_PID + 1));
    assert_null(child_find(0));
    assert_null(child_find(PIDS_MAX));
    child_give(child);
    assert_null(child_find(FIRST_PID));
    struct child *other = start(PIDS_MAX - 1, 0);
    assert_ptr_equal(other, child); // the position is used again
    assert_ptr_equal(child_find(PIDS_MAX - 1), other);
}

static void a_full_table_forgets_who_ended_first(void **state) {
    (void)state;
    struct child *children_there[TABLE];
    for (uint32_t number = 0; number < TABLE; number++)
        children_there[number] = start(FIRST_PID + number, number ? FIRST_PID : 0);
    assert_null(child_take());
    end(children_there[3]);
    end(children_there[1]);
    end(children_there[2]);
    child_give(children_there[1]); // its parent has asked
    assert_ptr_equal(start(20, 0), children_there[1]);
    assert_non_null(child_find(FIRST_PID + 3));
    assert_ptr_equal(start(21, 0), children_there[3]);
    assert_null(child_find(FIRST_PID + 3));
    assert_ptr_equal(start(22, 0), children_there[2]);
    assert_null(child_take());
}

static void what_is_started_comes_after_its_parent(void **state) {
    (void)state;
    struct child *top = start(1, 0), *one = start(2, 1), *two = start(3, 1), *below = start(4, 2);
    struct child *other = start(5, 0);
    bool is_seen[TABLE] = {false};
    unsigned count = 0;
    for (struct child *child = top; child; child = child_next_below(top, child), count++) {
        assert_false(is_seen[child_index(child)]);
        assert_true(child == top || is_seen[child_index(child_find(child->parent))]);
        is_seen[child_index(child)] = true;
    }
    assert_int_equal(count, 4);
    assert_true(is_seen[child_index(one)] && is_seen[child_index(two)] && is_seen[child_index(below)]);
    assert_null(child_next_below(other, other));
}

static void nobody_asks_for_the_children_of_the_dead(void **state) {
    (void)state;
    struct child *top = start(1, 0), *living = start(2, 1), *dead = start(3, 1), *last = start(4, 1);
    living->waiting[WAITER_PARENT] = 7;
    living->waiting[WAITER_OPERATOR] = 8;
    end(dead);
    children_disown(top);
    assert_null(top->first);
    assert_int_equal(living->parent, NOBODY);
    assert_int_equal(living->waiting[WAITER_PARENT], 0);
    assert_int_equal(living->waiting[WAITER_OPERATOR], 8); // who still waits
    assert_int_equal(last->parent, NOBODY);
    assert_null(child_find(3)); // it is forgotten
    assert_null(oldest);
    assert_null(newest);
    child_give(top);
    child_give(living);
    child_give(last);
    for (uint32_t number = 0; number < TABLE; number++)
        start(FIRST_PID + number, 0);
    assert_null(child_take());
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(a_child_is_found_by_its_pid_and_slot, table_clear),
                                       cmocka_unit_test_setup(a_full_table_forgets_who_ended_first, table_clear),
                                       cmocka_unit_test_setup(what_is_started_comes_after_its_parent, table_clear),
                                       cmocka_unit_test_setup(nobody_asks_for_the_children_of_the_dead, table_clear)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
