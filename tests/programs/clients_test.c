// SPDX-License-Identifier: MIT
// The memory server's accounts: limits, promises, and what comes back after its owner has gone.
#include "clients.c" // the pure file itself

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define LIMIT 100u
#define PID 7u
#define CLIENTS_MAX 50u // of the table here

static uint32_t frames_left;

uint32_t frames_free(void) {
    return frames_left;
}

static struct client *client_new(uint32_t pid, uint64_t limit) {
    struct client *client = client_make(pid);
    assert_non_null(client);
    client->limit = limit;
    return client;
}

static void a_limit_counts_what_is_promised(void **state) {
    (void)state;
    frames_left = 10 * LIMIT;
    struct client *client = client_new(PID, LIMIT);
    client->used = 10;
    assert_int_equal(client_promise(client, LIMIT - 10), 0);
    assert_int_equal(client_check(client, 0), 0);
    assert_int_equal(client_check(client, 1), -PIPE_EDQUOT);
    assert_int_equal(client_promise(client, 1), -PIPE_EDQUOT);
    assert_int_equal(client->promised, LIMIT - 10);
    client_forget(client);
}

static void no_frame_is_promised_twice(void **state) {
    (void)state;
    frames_left = LIMIT;
    struct client *first = client_new(PID, LIMIT), *second = client_new(PID + 1, LIMIT);
    assert_int_equal(client_promise(first, LIMIT - 1), 0);
    assert_int_equal(client_check(second, 2), -PIPE_ENOMEM);
    assert_int_equal(client_promise(second, 2), -PIPE_ENOMEM);
    assert_int_equal(client_promise(second, 1), 0);
    assert_int_equal(client_check(first, 1), -PIPE_ENOMEM);
    frames_left--; // the second touches its page
    client_redeem(second);
    assert_int_equal(client_check(second, 1), -PIPE_ENOMEM);
    client_forget(first);
    assert_int_equal(client_promise(second, LIMIT - 1), 0);
    client_forget(second);
    assert_int_equal(promised, 0);
}

static void a_late_return_is_not_anothers(void **state) {
    (void)state;
    struct client *client = client_new(PID, LIMIT);
    struct owner owner = client_owner(client);
    assert_ptr_equal(client_owning(owner), client);
    client_forget(client);
    assert_null(client_owning(owner));
    struct client *others[CLIENTS_MAX];
    for (unsigned index = 0; index < CLIENTS_MAX; index++)
        others[index] = client_new(PID + index, LIMIT);
    assert_true(client->is_used); // the position is another's now
    assert_null(client_owning(owner));
    assert_null(client_make(PID));
    for (unsigned index = 0; index < CLIENTS_MAX; index++) {
        assert_ptr_equal(client_find(PID + index), others[index]);
        client_forget(others[index]);
    }
    assert_null(client_find(PID));
    assert_null(client_find(PIDS_MAX));
}

int main(void) {
    static struct client table[CLIENTS_MAX];
    clients_initialize(table, CLIENTS_MAX);
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_limit_counts_what_is_promised),
                                       cmocka_unit_test(no_frame_is_promised_twice),
                                       cmocka_unit_test(a_late_return_is_not_anothers)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
