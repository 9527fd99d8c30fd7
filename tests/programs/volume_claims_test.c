// SPDX-License-Identifier: MIT
// Which paths a program's claims on files cover, and what each operation of a volume needs.
#include "../../lib/volume_claims.c" // the pure file itself

#include <setjmp.h>
#include <stdarg.h>
// cmocka's header needs those above.
#include <cmocka.h>

static struct volume_caller caller;
static struct volume_visit visit;
static const char *mounted;

static void claim(const char *pattern, uint32_t rights) {
    const struct claim head = {CLAIM_FILES, (uint8_t)rights, (uint16_t)strlen(pattern)};
    memcpy(caller.files + caller.files_length, &head, sizeof head);
    memcpy(caller.files + caller.files_length + sizeof head, pattern, head.length);
    caller.files_length += (uint32_t)sizeof head + head.length;
}

// The caller claims one pattern, on the volume of the root.
static void claim_only(const char *pattern, uint32_t rights) {
    caller.files_length = 0;
    mounted = "";
    claim(pattern, rights);
}

static long check_two(uint32_t operation, uint32_t flags, const char *from, const char *to) {
    const struct volume_request request = {.operation = operation, .flags = flags};
    const struct volume_path paths[] = {{from + 1, strlen(from) - 1, 0, false}, {to + 1, strlen(to) - 1, 1, false}};
    return volume_claims_check(&caller, (struct volume_point){mounted, strlen(mounted)}, &request, paths, &visit);
}

static bool may(uint32_t operation, const char *path) {
    return check_two(operation, 0, path, "/") == 0;
}

static bool may_open(uint32_t flags, const char *path) {
    return check_two(VOLUME_OPEN, flags, path, "/") == 0;
}

static void patterns_cover_paths(void **state) {
    (void)state;
    claim_only("/tmp/a", RIGHT_WRITE);
    assert_true(may(VOLUME_CREATE, "/tmp/a"));
    assert_false(may(VOLUME_CREATE, "/tmp/a/b") || may(VOLUME_CREATE, "/tmp/ab") || may(VOLUME_CREATE, "/tmp") ||
                 may(VOLUME_CREATE, "/tmq/a") || may(VOLUME_CREATE, "/"));
    claim_only("/tmp/*/b", RIGHT_WRITE);
    assert_true(may(VOLUME_CREATE, "/tmp/a/b"));
    assert_false(may(VOLUME_CREATE, "/tmp/a") || may(VOLUME_CREATE, "/tmp/a/c") || may(VOLUME_CREATE, "/tmp/b"));
    claim_only("/tmp/**", RIGHT_WRITE);
    assert_true(may(VOLUME_CREATE, "/tmp") && may(VOLUME_CREATE, "/tmp/a") && may(VOLUME_CREATE, "/tmp/a/b/c"));
    assert_false(may(VOLUME_CREATE, "/") || may(VOLUME_CREATE, "/tm") || may(VOLUME_CREATE, "/tmpa"));
    claim_only("/**", RIGHT_WRITE);
    assert_true(may(VOLUME_CREATE, "/") && may(VOLUME_CREATE, "/a/b"));
    claim_only("/", RIGHT_WRITE);
    assert_true(may(VOLUME_CREATE, "/"));
    assert_false(may(VOLUME_CREATE, "/a"));
    caller.files_length = 0;
    assert_false(may(VOLUME_LOOKUP, "/") || may(VOLUME_LOOKUP, "/a"));
}

static void a_volume_has_its_point_before_its_paths(void **state) {
    (void)state;
    claim_only("/boot/bin/*", RIGHT_WRITE);
    mounted = "/boot";
    assert_true(may(VOLUME_CREATE, "/bin/x"));
    assert_false(may(VOLUME_CREATE, "/boot/bin/x") || may(VOLUME_CREATE, "/x") || may(VOLUME_CREATE, "/"));
    assert_true(may(VOLUME_LOOKUP, "/") && may(VOLUME_LOOKUP, "/bin"));
    claim_only("/boot/**", RIGHT_WRITE);
    mounted = "/boot";
    assert_true(may(VOLUME_CREATE, "/") && may(VOLUME_CREATE, "/bin"));
    mounted = "/boots";
    assert_false(may(VOLUME_CREATE, "/") || may(VOLUME_LOOKUP, "/bin"));
}

static void the_way_to_a_claim_is_seen_and_no_more(void **state) {
    (void)state;
    claim_only("/tmp/a/b", RIGHT_READ);
    assert_true(may(VOLUME_LOOKUP, "/") && may(VOLUME_LOOKUP, "/tmp") && may(VOLUME_LOOKUP, "/tmp/a"));
    assert_false(may(VOLUME_LOOKUP, "/boot") || may(VOLUME_LOOKUP, "/tmp/a/c") || may(VOLUME_LOOKUP, "/tmp/a/b/c"));
    assert_false(may(VOLUME_READLINK, "/tmp") || may_open(OPEN_READ, "/tmp"));
    assert_true(may(VOLUME_READLINK, "/tmp/a/b"));
}

static void opening_needs_what_it_is_for(void **state) {
    (void)state;
    claim_only("/r", RIGHT_READ);
    claim("/w", RIGHT_WRITE);
    assert_true(may_open(OPEN_READ, "/r"));
    assert_false(visit.may_change);
    assert_false(may_open(OPEN_WRITE, "/r") || may_open(OPEN_READ | OPEN_CREATE, "/r") ||
                 may_open(OPEN_READ | OPEN_TRUNCATE, "/r"));
    assert_true(may_open(OPEN_WRITE | OPEN_CREATE, "/w"));
    assert_true(visit.may_change);
    assert_false(may_open(OPEN_READ, "/w") || may_open(OPEN_READ | OPEN_WRITE, "/w"));
    claim("/w", RIGHT_READ);
    assert_true(may_open(OPEN_READ | OPEN_WRITE, "/w"));
}

static void all_that_changes_a_name_needs_write(void **state) {
    (void)state;
    static const uint32_t operations[] = {VOLUME_CREATE, VOLUME_SYMLINK, VOLUME_REMOVE, VOLUME_CHANGE};
    claim_only("/r", RIGHT_READ);
    claim("/w", RIGHT_WRITE);
    for (size_t number = 0; number < sizeof operations / sizeof *operations; number++) {
        assert_false(may(operations[number], "/r"));
        assert_true(may(operations[number], "/w"));
    }
}

static void another_name_needs_both_rights_on_the_first(void **state) {
    (void)state;
    claim_only("/r", RIGHT_READ);
    claim("/w", RIGHT_WRITE);
    claim("/both/**", RIGHT_READ | RIGHT_WRITE);
    claim("/one/*", RIGHT_READ | RIGHT_WRITE);
    for (uint32_t operation = VOLUME_LINK; operation <= VOLUME_RENAME; operation += VOLUME_RENAME - VOLUME_LINK) {
        assert_int_equal(check_two(operation, 0, "/r", "/both/x"), -PIPE_EPERM);
        assert_int_equal(check_two(operation, 0, "/w", "/both/x"), -PIPE_EPERM);
        assert_int_equal(check_two(operation, 0, "/both/x", "/r"), -PIPE_EPERM);
        assert_int_equal(check_two(operation, 0, "/both/x", "/no"), -PIPE_EPERM);
        assert_int_equal(check_two(operation, 0, "/both/x", "/w"), 0);
        assert_false(visit.moves_directories);
    }
    assert_int_equal(check_two(VOLUME_RENAME, RENAME_SWAP, "/both/x", "/w"), -PIPE_EPERM);
    assert_int_equal(check_two(VOLUME_RENAME, 0, "/one/x", "/both/x"), 0);
    assert_false(visit.moves_directories);
    assert_int_equal(check_two(VOLUME_RENAME, 0, "/both/x", "/both/y/z"), 0);
    assert_true(visit.moves_directories);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_cover_paths),
        cmocka_unit_test(a_volume_has_its_point_before_its_paths),
        cmocka_unit_test(the_way_to_a_claim_is_seen_and_no_more),
        cmocka_unit_test(opening_needs_what_it_is_for),
        cmocka_unit_test(all_that_changes_a_name_needs_write),
        cmocka_unit_test(another_name_needs_both_rights_on_the_first),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
