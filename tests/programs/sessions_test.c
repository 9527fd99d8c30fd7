// SPDX-License-Identifier: MIT
// The file server's sessions and clients: places, ends, and what no number finds.
#include "../../servers/vfs/sessions.c" // the file itself

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka's header needs those above.
#include <cmocka.h>

// ---- What the file calls ----

static int opened, watched; // nodes; processes
static bool has_ended;      // the next client, before it was watched

long process_watch(uint32_t pid, uint64_t key) {
    assert_int_not_equal(pid, 0);
    assert_true(key < CLIENTS_MAX);
    return has_ended ? -PIPE_ESRCH : ++watched;
}

long pipe_close(long handle) {
    (void)handle;
    watched--;
    return 0;
}

void node_open(struct node *node) {
    (void)node;
    opened++;
}

void node_close(struct files *files, struct node *node) {
    (void)files, (void)node;
    opened--;
}

// ---- Tests ----

static struct files files;

static struct message_received from(uint32_t pid, uint32_t generation) {
    return (struct message_received){.pid = pid, .generation = generation};
}

static uint32_t open_for(struct message_received caller) {
    uint32_t file = 0;
    assert_int_equal(session_make(&caller, NULL, 0, &file), 0);
    assert_non_null(session_find(&caller, file));
    return file;
}

static void a_session_is_its_clients_alone(void **state) {
    (void)state;
    struct message_received one = from(7, 1), other = from(8, 1), later = from(7, 2);
    uint32_t file = open_for(one);
    assert_null(session_find(&other, file));
    assert_null(session_find(&later, file));
    session_end(&files, session_find(&one, file));
    assert_null(session_find(&one, file));
    uint32_t next = open_for(one); // in the same place
    assert_int_not_equal(next, file);
    assert_null(session_find(&one, file));
    session_end(&files, session_find(&one, next));
    assert_int_equal(opened, 0);
    assert_int_equal(watched, 0);
}

static void a_client_has_so_many_and_its_end_closes_them(void **state) {
    (void)state;
    struct message_received caller = from(7, 1), other = from(7 + BUCKETS, 1); // in the same bucket
    uint32_t theirs = open_for(other), some = 0, file;
    for (uint32_t count = 0; count < CLIENT_SESSIONS_MAX; count++) {
        file = open_for(caller);
        some = count == CLIENT_SESSIONS_MAX / 2 ? file : some;
    }
    assert_int_equal(session_make(&caller, NULL, 0, &file), -PIPE_EMFILE);
    session_end(&files, session_find(&caller, some));
    open_for(caller);
    client_ended(&files, (uint64_t)(client_find(7, 1) - clients));
    assert_null(client_find(7, 1));
    assert_int_equal(opened, 1);
    assert_int_equal(watched, 1);
    session_end(&files, session_find(&other, theirs));
    client_ended(&files, 0); // a late word of one that is gone
    client_ended(&files, CLIENTS_MAX);
    assert_int_equal(opened, 0);
}

static void a_client_that_has_ended_gets_none(void **state) {
    (void)state;
    struct message_received caller = from(7, 1);
    uint32_t file;
    has_ended = true;
    assert_int_equal(session_make(&caller, NULL, 0, &file), -PIPE_ESRCH);
    has_ended = false;
    assert_null(client_find(7, 1));
    assert_int_equal(watched, 0);
}

static void full_tables_refuse_and_are_whole_again(void **state) {
    (void)state;
    uint32_t file;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t pid = 1; pid <= CLIENTS_MAX; pid++)
            open_for(from(pid, 1));
        struct message_received one_more = from(CLIENTS_MAX + 1, 1), first = from(1, 1), second = from(2, 1);
        assert_int_equal(session_make(&one_more, NULL, 0, &file), -PIPE_ENFILE);
        uint32_t left = SESSIONS_MAX - CLIENTS_MAX;
        for (uint32_t pid = 1; left; pid++)
            for (uint32_t count = 1; count < CLIENT_SESSIONS_MAX && left; count++, left--)
                open_for(from(pid, 1));
        assert_int_equal(session_make(&first, NULL, 0, &file), -PIPE_ENFILE);
        client_ended(&files, (uint64_t)(client_find(2, 1) - clients));
        open_for(second);
        for (uint32_t pid = 1; pid <= CLIENTS_MAX; pid++)
            client_ended(&files, (uint64_t)(client_find(pid, 1) - clients));
        assert_int_equal(opened, 0);
        assert_int_equal(watched, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_session_is_its_clients_alone),
                                       cmocka_unit_test(a_client_has_so_many_and_its_end_closes_them),
                                       cmocka_unit_test(a_client_that_has_ended_gets_none),
                                       cmocka_unit_test(full_tables_refuse_and_are_whole_again)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
