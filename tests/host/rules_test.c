// SPDX-License-Identifier: MIT
// Rules and claims: who may do what, in the full matrix of classes, flows and rights.
#include "check.h"
#include "name.h"

#define OWNER_PID 1u
#define OTHER_PID 2u

static const enum flow flows[] = {FLOW_QUEUE, FLOW_TOPIC, FLOW_CALL, FLOW_EVENT};
static const uint32_t rights[] = {RIGHT_READ, RIGHT_WRITE, RIGHT_TAP, RIGHT_MANAGE};

// What the right is for, done through the handle.
static long use_right(struct thread *thread, long handle, enum flow flow, uint32_t right) {
    switch (right) {
    case RIGHT_READ:
        return do_hook(thread, handle, 0, 0);
    case RIGHT_TAP:
        return do_hook(thread, handle, 0, HOOK_TAP);
    case RIGHT_MANAGE:
        return do_rules(thread, handle, RULES_OPEN);
    default:
        return flow == FLOW_CALL ? do_call(thread, handle, "x", 0, DEADLINE_NOW)
                                 : do_send(thread, handle, "x", 0, DEADLINE_NOW);
    }
}

// A call that may not wait gets EAGAIN, after the check of the right.
static long result_of_use(enum flow flow, uint32_t right) {
    return flow == FLOW_CALL && right == RIGHT_WRITE ? -PIPE_EAGAIN : 0;
}

// The owner, or a process of the class.
static struct thread *thread_of_class(struct thread *owner, enum rule_class rule_class) {
    if (rule_class == CLASS_OWNER)
        return owner;
    return program_start(OTHER_PID, (enum kind)(rule_class - CLASS_APP));
}

// The host was told that the rules of /p refuse the right.
static void assert_told(const struct thread *thread, enum rule_class rule_class, uint32_t right, uint32_t granted) {
    assert_ptr_equal(host.refused_by_rules.principal, &thread->process->principal);
    assert_ptr_equal(host.refused_by_rules.node, node_at("/p"));
    assert_int_equal(host.refused_by_rules.rule_class, rule_class);
    assert_int_equal(host.refused_by_rules.rights, right);
    assert_int_equal(host.refused_by_rules.allowed, granted);
}

// One cell: the class has `granted` and nothing else; each right is tried.
static void check_cell(enum rule_class rule_class, enum flow flow, uint32_t granted) {
    struct thread *owner = program_start(OWNER_PID, KIND_SERVER);
    struct thread *thread = thread_of_class(owner, rule_class);
    uint32_t rules = granted << (RULE_BITS * rule_class);
    assert_true(do_create(owner, "/p", flow, rules, 0, 0) > 0);
    for (size_t index = 0; index < sizeof rights / sizeof *rights; index++) {
        uint64_t denied = thread->process->principal.denied;
        long handle = do_open(thread, "/p", rights[index]);
        if (!(rights[index] & granted)) {
            assert_error(handle, EACCES);
            assert_int_equal(thread->process->principal.denied, denied + 1);
            assert_told(thread, rule_class, rights[index], granted);
            continue;
        }
        assert_true(handle > 0);
        assert_int_equal(use_right(thread, handle, flow, rights[index]), result_of_use(flow, rights[index]));
        node_at("/p")->rules = (uint16_t)rules;
    }
    if (thread != owner)
        process_end(thread->process);
    process_end(owner->process);
}

static void test_each_right_of_each_class_on_each_flow(void **state) {
    (void)state;
    for (unsigned rule_class = 0; rule_class < CLASSES; rule_class++)
        for (size_t flow = 0; flow < sizeof flows / sizeof *flows; flow++)
            for (uint32_t granted = 0; granted <= RIGHTS_ALL; granted++)
                check_cell((enum rule_class)rule_class, flows[flow], granted);
}

static void test_a_handle_needs_the_right_it_was_opened_with(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    for (size_t flow = 0; flow < sizeof flows / sizeof *flows; flow++) {
        assert_true(do_create(thread, "/p", flows[flow], RULES_OPEN, 0, 0) > 0);
        for (size_t opened = 0; opened < sizeof rights / sizeof *rights; opened++)
            for (size_t used = 0; used < sizeof rights / sizeof *rights; used++) {
                long handle = must_open(thread, "/p", rights[opened]);
                long wanted = opened == used ? result_of_use(flows[flow], rights[used]) : -PIPE_EACCES;
                assert_int_equal(use_right(thread, handle, flows[flow], rights[used]), wanted);
                assert_int_equal(do_close(thread, handle), 0);
            }
        assert_int_equal(do_remove(thread, "/p"), 0);
    }
}

static void test_changed_rules_reach_open_handles(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_SERVER), *app = program_start(2, KIND_APP);
    long mine = must_create(owner, "/p", FLOW_QUEUE);
    long theirs = must_open(app, "/p", RIGHT_WRITE);
    assert_int_equal(do_send(app, theirs, "x", 0, DEADLINE_NOW), 0);
    assert_int_equal(do_rules(owner, mine, RULES_DEFAULT), 0);
    assert_error(do_send(app, theirs, "x", 0, DEADLINE_NOW), EACCES);
    uint32_t told = host.refused_by_rules.count;
    assert_true(told > 0 && host.refused_by_rules.rights == RIGHT_WRITE);
    assert_int_equal(do_rules(owner, mine, RULE(RIGHTS_ALL, RIGHT_WRITE, 0u, 0u)), 0);
    assert_int_equal(do_send(app, theirs, "x", 0, DEADLINE_NOW), 0);
    assert_error(do_rules(app, theirs, RULES_OPEN), EACCES);
    assert_true(host.refused_by_rules.count == told + 1 && host.refused_by_rules.rights == RIGHT_MANAGE);
    assert_error(do_rules(owner, mine, 0x10000u), EINVAL);
    assert_int_equal(node_at("/p")->denied, 2);
}

static void test_a_directory_needs_write_to_create_and_read_to_list(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_SERVER), *app = program_start(2, KIND_APP);
    struct thread *driver = program_start(3, KIND_DRIVER);
    struct pipe_stat stat;
    assert_true(do_create(owner, "/d", FLOW_DIRECTORY, RULE(RIGHTS_ALL, RIGHT_READ, RIGHT_WRITE, 0u), 0, 0) > 0);
    assert_true(do_create(owner, "/d/p", FLOW_EVENT, RULES_OPEN, 0, 0) > 0);
    assert_error(do_create(app, "/d/a", FLOW_EVENT, RULES_OPEN, 0, 0), EACCES);
    assert_true(do_create(driver, "/d/b", FLOW_EVENT, RULES_OPEN, 0, 0) > 0);
    assert_true(do_list(app, must_open(app, "/d", RIGHT_READ), "") > 0);
    assert_error(do_open(driver, "/d", RIGHT_READ), EACCES);
    assert_error(do_stat(driver, 0, "/d/p", &stat), EACCES);
    assert_int_equal(do_stat(app, 0, "/d/p", &stat), sizeof stat);
    assert_int_equal(do_remove(app, "/d/b"), 0); // its own rules give everybody everything
}

static void test_rights_that_do_not_exist_cannot_be_opened(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    must_create(thread, "/p", FLOW_EVENT);
    assert_error(do_open(thread, "/p", 0), EINVAL);
    assert_error(do_open(thread, "/p", RIGHTS_ALL + 1), EINVAL);
}

static void test_a_locked_system_lets_no_app_tap(void **state) {
    (void)state;
    struct thread *app = program_start(1, KIND_APP), *server = program_start(2, KIND_SERVER);
    must_create(server, "/p", FLOW_QUEUE);
    host.names.apps_may_tap = false;
    assert_error(do_open(app, "/p", RIGHT_TAP), EACCES);
    assert_true(do_open(server, "/p", RIGHT_TAP) > 0);
}

static void test_invariant_9_identity_is_the_kernels(void **state) {
    (void)state;
    struct thread *server = program_start(1, KIND_SERVER), *driver = program_start(5, KIND_DRIVER);
    must_create(server, "/p", FLOW_QUEUE);
    must_hook(server, "/p", 3);
    long handle = must_open(driver, "/p", RIGHT_WRITE);
    driver->page->received = (struct message_received){.pid = 1, .generation = 9, .kind = KIND_SERVER, .key = 8};
    assert_int_equal(do_send(driver, handle, "who", 0, DEADLINE_NOW), 0);
    assert_int_equal(do_wait(server, DEADLINE_NOW), 3);
    const struct message_received *head = &server->page->received;
    assert_int_equal(head->pid, 5);
    assert_int_equal(head->generation, 1);
    assert_int_equal(head->kind, KIND_DRIVER);
    assert_int_equal(head->key, 3);
    assert_int_equal(head->pipe, node_at("/p")->number);
}

// ---- Claims ----

struct claims {
    uint8_t bytes[CLAIMS_LENGTH_MAX + 1];
    uint32_t length;
};

static void add_claim(struct claims *claims, enum claim_type type, uint32_t right, const void *body, size_t length) {
    struct claim claim = {(uint8_t)type, (uint8_t)right, (uint16_t)length};
    memcpy(claims->bytes + claims->length, &claim, sizeof claim);
    memcpy(claims->bytes + claims->length + sizeof claim, body, length);
    claims->length += (uint32_t)(sizeof claim + length);
}

static void add_path(struct claims *claims, enum claim_type type, uint32_t right, const char *pattern) {
    add_claim(claims, type, right, pattern, strlen(pattern));
}

static struct thread *claimant(const struct claims *claims) {
    struct thread *thread = program_start(OTHER_PID, KIND_APP);
    thread->process->principal.is_unlimited = false;
    assert_int_equal(principal_claim(&thread->process->principal, claims->bytes, claims->length), 0);
    return thread;
}

static void make_tree(struct thread *owner) {
    static const char *const directories[] = {"/a", "/a/b", "/a/b/c"};
    static const char *const pipes[] = {"/p", "/pq", "/a/p", "/a/b/p", "/a/b/c/p"};
    for (size_t index = 0; index < sizeof directories / sizeof *directories; index++)
        must_create(owner, directories[index], FLOW_DIRECTORY);
    for (size_t index = 0; index < sizeof pipes / sizeof *pipes; index++)
        must_create(owner, pipes[index], FLOW_QUEUE);
}

static void test_patterns_of_claims(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool is_covered;
    } cases[] = {
        {"/p", "/p", true},         {"/p", "/a/p", false},       {"/a/*", "/a/p", true}, {"/a/*", "/a/b/p", false},
        {"/a/*/p", "/a/b/p", true}, {"/*/*/p", "/a/b/p", true},  {"/**", "/p", true},    {"/**", "/a/b/c/p", true},
        {"/a/**", "/a/b/p", true},  {"/a/**", "/a", false},      {"/a/**", "/p", false}, {"/a", "/a/b", false},
        {"/", "/", true},           {"/", "/p", false},          {"/p", "/", false},     {"/**", "/", false},
        {"/*x", "/p", false},       {"/*x", "/a/p", false},      {"/x*", "/p", false},   {"/**x", "/p", false},
        {"/a/b", "/a", false},      {"/a/b/c", "/a/b/p", false}, {"/*", "/a", true},     {"/*", "/a/p", false},
        {"/pq", "/p", false},       {"/p", "/pq", false},        {"/px", "/pq", false},  {"/pq", "/pq", true},
    };
    make_tree(program_start(OWNER_PID, KIND_SERVER));
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        struct claims claims = {0};
        add_path(&claims, CLAIM_OPEN, RIGHT_READ, cases[index].pattern);
        struct thread *thread = claimant(&claims);
        long result = do_open(thread, cases[index].path, RIGHT_READ);
        if (cases[index].is_covered)
            assert_true(result > 0);
        else
            assert_error(result, EPERM);
        process_end(thread->process);
    }
}

// ---- Every short pattern and path ----

#define PATTERN_REST_MAX 6u // bytes after the first slash
#define PATH_REST_MAX 5u

// Text number `number` over so many letters: a slash, then `length` of them.
static void spell(char *text, uint32_t length, uint32_t number, const char *letters) {
    uint32_t base = (uint32_t)strlen(letters);
    *text++ = '/';
    for (; length; length--, number /= base)
        *text++ = letters[number % base];
    *text = '\0';
}

// Whether the pattern covers the path, read again, by components, from the manifest's words. A pattern may end with a
// slash, which means nothing.
static bool is_covered_by_words(const char *pattern, const char *path) {
    size_t wanted = strcspn(pattern, "/"), found = strcspn(path, "/");
    bool is_last = pattern[wanted] == '\0';
    if (found == 0)
        return wanted == 0 && is_last;
    if (is_last && wanted == 2 && memcmp(pattern, "**", 2) == 0)
        return true;
    bool is_any = wanted == 1 && *pattern == '*';
    if (!is_any && (wanted != found || memcmp(pattern, path, wanted) != 0))
        return false;
    pattern += wanted;
    path += found;
    bool pattern_ends = !*pattern || strcmp(pattern, "/") == 0;
    if (pattern_ends || !*path)
        return pattern_ends && !*path;
    return is_covered_by_words(pattern + 1, path + 1);
}

static void check_pattern(const char *pattern) {
    struct claims claims = {0};
    add_path(&claims, CLAIM_OPEN, RIGHT_READ, pattern);
    claims.bytes[claims.length] = 'b'; // what lies after is no part of the pattern
    struct account account = {.limit = CLAIMS_LENGTH_MAX, .references = 1};
    struct principal principal = {.account = &account};
    assert_int_equal(principal_claim(&principal, claims.bytes, claims.length), 0);
    for (uint32_t length = 0; length <= PATH_REST_MAX; length++)
        for (uint32_t number = 0; number < 1u << (2 * length); number++) {
            char path[PATH_REST_MAX + 3];
            spell(path, length, number, "ab*/");
            memcpy(path + length + 1, "/", 2); // no part of it
            uint32_t unused;
            if (path_check(path, length + 1, 0, &unused) != 0)
                continue;
            bool is_covered = claims_check_open(&principal, path, length + 1, RIGHT_READ) == 0;
            path[length + 1] = '\0';
            if (is_covered != is_covered_by_words(pattern + 1, path + 1))
                fail_msg("pattern %s, path %s: %s", pattern, path, is_covered ? "covered" : "not covered");
        }
    account_free(&account, principal.claims, principal.claims_length);
}

static void test_every_short_pattern_and_path(void **state) {
    (void)state;
    for (uint32_t length = 0, count = 1; length <= PATTERN_REST_MAX; length++, count *= 3)
        for (uint32_t number = 0; number < count; number++) {
            char pattern[PATTERN_REST_MAX + 2];
            spell(pattern, length, number, "a*/");
            check_pattern(pattern);
        }
}

// What lies after a path is no part of it, whatever byte that is.
static void test_a_path_ends_where_its_length_says(void **state) {
    (void)state;
    struct claims claims = {0};
    add_path(&claims, CLAIM_OPEN, RIGHT_READ, "/a");
    add_path(&claims, CLAIM_OPEN, RIGHT_WRITE, "/a/*");
    const struct principal *principal = &claimant(&claims)->process->principal;
    for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
        const char path[] = {'/', 'a', (char)byte, (char)byte, '\0'};
        assert_int_equal(claims_check_open(principal, path, 2, RIGHT_READ), 0);
        assert_error(claims_check_open(principal, path, 2, RIGHT_WRITE), EPERM);
    }
}

static void test_claims_narrow_rights_and_names(void **state) {
    (void)state;
    struct claims claims = {0};
    make_tree(program_start(OWNER_PID, KIND_SERVER));
    add_path(&claims, CLAIM_OPEN, RIGHT_READ, "/p");
    add_path(&claims, CLAIM_OPEN, RIGHT_WRITE, "/*");
    add_path(&claims, CLAIM_CREATE, 0, "/a/mine");
    struct thread *thread = claimant(&claims);
    assert_true(do_open(thread, "/p", RIGHT_READ | RIGHT_WRITE) > 0);
    assert_int_equal(host.refused.count, 0);
    assert_error(do_open(thread, "/p", RIGHT_TAP), EPERM);
    assert_error(do_open(thread, "/a", RIGHT_READ), EPERM);
    assert_true(host.refused.principal == &thread->process->principal && host.refused.type == CLAIM_OPEN);
    assert_string_equal(host.refused.path, "/a");
    assert_int_equal(host.refused.rights, RIGHT_READ);
    assert_error(do_create(thread, "/a/other", FLOW_EVENT, RULES_OPEN, 0, 0), EPERM);
    assert_int_equal(host.refused.type, CLAIM_CREATE);
    assert_string_equal(host.refused.path, "/a/other");
    assert_error(do_create(thread, "/new", FLOW_EVENT, RULES_OPEN, 0, 0),
                 EPERM); // what may be opened, if it were there
    assert_true(do_create(thread, "/a/mine", FLOW_EVENT, RULES_OPEN, 0, 0) > 0);
    assert_true(do_open(thread, "/a/mine", RIGHTS_ALL) > 0); // its own
    assert_error(do_remove(thread, "/p"), EPERM);
    assert_int_equal(do_remove(thread, "/a/mine"), 0);
    assert_int_equal(thread->process->principal.denied, 5);
    assert_int_equal(host.refused.count, 5); // each is reported to the host
}

static void test_claims_of_ranges(void **state) {
    (void)state;
    struct claims claims = {0};
    struct claim_range ports = {0x3f8, 0x3ff}, memory = {0, UINT64_MAX};
    add_claim(&claims, CLAIM_PORTS, 0, &ports, sizeof ports);
    struct principal *principal = &claimant(&claims)->process->principal;
    assert_true(claims_cover_range(principal, CLAIM_PORTS, 0x3f8, 0x3ff));
    assert_true(claims_cover_range(principal, CLAIM_PORTS, 0x3fa, 0x3fa));
    assert_false(claims_cover_range(principal, CLAIM_PORTS, 0x3f7, 0x3f8));
    assert_false(claims_cover_range(principal, CLAIM_PORTS, 0x3ff, 0x400));
    assert_false(claims_cover_range(principal, CLAIM_PORTS, 0x3fb, 0x3fa));
    assert_false(claims_cover_range(principal, CLAIM_PHYSICAL, 0x3f8, 0x3f8));
    struct claims after = {0}; // each record is looked at, whatever stands before it
    add_path(&after, CLAIM_OPEN, RIGHT_READ, "/a/b/p");
    add_claim(&after, CLAIM_PHYSICAL, 0, &memory, sizeof memory);
    add_path(&after, CLAIM_CREATE, 0, "/p");
    add_claim(&after, CLAIM_PORTS, 0, &ports, sizeof ports);
    principal = &claimant(&after)->process->principal;
    assert_true(claims_cover_range(principal, CLAIM_PORTS, 0x3f8, 0x3ff));
    assert_false(claims_cover_range(principal, CLAIM_PORTS, 0, 0x3ff));
    assert_true(claims_cover_range(principal, CLAIM_PHYSICAL, 0, 0x3ff));
    struct claims all = {0};
    add_claim(&all, CLAIM_PHYSICAL, 0, &memory, sizeof memory);
    add_claim(&all, CLAIM_DMA, 0, &(struct claim_range){0, 0xfff}, sizeof memory);
    principal = &claimant(&all)->process->principal;
    assert_true(claims_cover_range(principal, CLAIM_DMA, 0, 0xfff));
    assert_false(claims_cover_range(principal, CLAIM_DMA, 0, 0x1000));
    assert_true(claims_cover_range(&claimant(&all)->process->principal, CLAIM_PHYSICAL, 0, UINT64_MAX));
    assert_true(claims_cover_range(&host.names.kernel, CLAIM_PORTS, 0, UINT64_MAX));
}

static void test_claims_that_do_not_parse(void **state) {
    (void)state;
    struct process *process = process_start(1, KIND_APP, QUOTA_PLENTY);
    struct principal *principal = &process->principal;
    uint64_t used = principal->account->used;
    struct claims claims = {0};
    add_path(&claims, CLAIM_OPEN, RIGHT_READ, "/p");
    for (uint32_t length = 1; length < claims.length; length++)
        assert_error(principal_claim(principal, claims.bytes, length), EINVAL);
    uint32_t first = claims.length;
    add_path(&claims, CLAIM_OPEN, RIGHT_READ, "/q");
    for (uint32_t length = first + 1; length < claims.length; length++)
        assert_error(principal_claim(principal, claims.bytes, length), EINVAL);
    claims.length = first;
    claims.bytes[0] = CLAIM_DMA + 1;
    assert_error(principal_claim(principal, claims.bytes, claims.length), EINVAL);
    claims.bytes[0] = CLAIM_PORTS; // not the length of a range
    assert_error(principal_claim(principal, claims.bytes, claims.length), EINVAL);
    claims.bytes[0] = CLAIM_OPEN;
    claims.bytes[1] = RIGHTS_ALL + 1;
    assert_error(principal_claim(principal, claims.bytes, claims.length), EINVAL);
    assert_error(principal_claim(principal, claims.bytes, CLAIMS_LENGTH_MAX + 1), E2BIG);
    claims.bytes[1] = RIGHT_READ;
    uint8_t empty[] = {CLAIM_OPEN, RIGHT_READ, 0, 0}, long_one[sizeof(struct claim) + PATH_LENGTH_MAX + 1];
    assert_error(principal_claim(principal, empty, sizeof empty), EINVAL);
    struct claim head = {CLAIM_OPEN, RIGHT_READ, PATH_LENGTH_MAX + 1};
    memset(long_one, 'n', sizeof long_one);
    memcpy(long_one, &head, sizeof head);
    long_one[sizeof head] = '/';
    assert_error(principal_claim(principal, long_one, sizeof long_one), EINVAL);
    static const char *const wrong[] = {"p", "/p\1", "/\1", "/p/\2", "/\2/p", "x/p"};
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        struct claims one = {0};
        add_path(&one, CLAIM_OPEN, RIGHT_READ, wrong[index]);
        assert_error(principal_claim(principal, one.bytes, one.length), EINVAL);
    }
    assert_null(principal->claims);
    assert_int_equal(principal->account->used, used);                 // what does not parse has cost nothing
    assert_int_equal(principal_claim(principal, claims.bytes, 0), 0); // none at all may be said any time
    assert_int_equal(principal_claim(principal, claims.bytes, claims.length), 0);
    assert_error(principal_claim(principal, claims.bytes, claims.length), EINVAL); // once
}

// A pattern a byte too long whose length, in a byte, would be 0, and whose bytes, moved, would be claims themselves.
static void test_a_pattern_too_long_is_no_list_of_claims(void **state) {
    (void)state;
    struct process *process = process_start(1, KIND_APP, QUOTA_PLENTY);
    const struct claim head = {CLAIM_OPEN, RIGHT_READ, PATH_LENGTH_MAX + 1}, first = {CLAIM_OPEN, 0, 232},
                       second = {CLAIM_PHYSICAL, 0, sizeof(struct claim_range)};
    uint8_t claims[sizeof head + PATH_LENGTH_MAX + 1] = {0}, *pattern = claims + sizeof head;
    memset(pattern, 'n', 2 + sizeof first + first.length);
    memcpy(claims, &head, sizeof head);
    pattern[0] = '/';
    memcpy(pattern + 2, &first, sizeof first);
    pattern[2 + sizeof first] = '/';
    memcpy(pattern + 2 + sizeof first + first.length, &second, sizeof second);
    assert_error(principal_claim(&process->principal, claims, sizeof claims), EINVAL);
}

static void test_the_most_claims_and_the_longest(void **state) {
    (void)state;
    struct claims claims = {0};
    char pattern[PATH_LENGTH_MAX + 1] = {0};
    for (uint32_t index = 0; index < PATH_LENGTH_MAX; index++)
        pattern[index] = index % 64 ? 'n' : '/';
    add_path(&claims, CLAIM_OPEN, RIGHT_READ, pattern);
    uint32_t length = (uint32_t)(sizeof(struct claim) + PATH_LENGTH_MAX);
    assert_int_equal(claims.length, length);
    while (CLAIMS_LENGTH_MAX - claims.length > 2 * length)
        add_path(&claims, CLAIM_OPEN, RIGHT_READ, pattern);
    while (claims.length < CLAIMS_LENGTH_MAX) { // two records fill the rest
        uint32_t rest = CLAIMS_LENGTH_MAX - claims.length;
        uint32_t whole = rest > length ? rest / 2 : rest;
        add_claim(&claims, CLAIM_OPEN, RIGHT_READ, pattern, whole - sizeof(struct claim));
    }
    assert_int_equal(claimant(&claims)->process->principal.claims_length, CLAIMS_LENGTH_MAX);
}

// What makes no sense is EINVAL to everybody, and only then is looked whether it may be.
static void test_numbers_are_checked_before_claims(void **state) {
    (void)state;
    struct claims none = {0};
    struct thread *thread = claimant(&none);
    assert_error(do_create(thread, "/x", FLOWS, RULES_OPEN, 0, 0), EINVAL);
    assert_error(do_create(thread, "/x", FLOWS - 1, RULES_OPEN, 0, 0), EPERM);
    memcpy(thread->page->payload, "/x", 2);
    assert_error(pipens_create(&thread->waiter, 2, FLOW_QUEUE, RULES_OPEN, (uint64_t)UINT32_MAX + 1, 0), EINVAL);
    assert_error(pipens_create(&thread->waiter, 2, FLOW_QUEUE, RULES_OPEN, UINT32_MAX, 0), EPERM);
}

static void test_the_root_exists_for_everybody(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    host.names.root->rules = (uint16_t)RULES_DEFAULT;
    assert_error(do_create(thread, "/", FLOW_DIRECTORY, RULES_OPEN, 0, 0), EEXIST);
    assert_error(do_create(thread, "/p", FLOW_EVENT, RULES_OPEN, 0, 0), EACCES);
    host.names.root->rules = (uint16_t)RULES_OPEN;
}

static void test_invariant_10_privilege_is_not_inherited(void **state) {
    (void)state;
    // A process without claims reaches nothing, whoever started it: only what is its own and what it was given.
    struct claims none = {0};
    make_tree(program_start(OWNER_PID, KIND_SERVER));
    struct thread *thread = claimant(&none);
    assert_error(do_open(thread, "/p", RIGHT_READ), EPERM);
    assert_error(do_create(thread, "/x", FLOW_EVENT, RULES_OPEN, 0, 0), EPERM);
    assert_false(claims_cover_range(&thread->process->principal, CLAIM_PORTS, 0, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_each_right_of_each_class_on_each_flow),
        SCENE_TEST(test_a_handle_needs_the_right_it_was_opened_with),
        SCENE_TEST(test_changed_rules_reach_open_handles),
        SCENE_TEST(test_a_directory_needs_write_to_create_and_read_to_list),
        SCENE_TEST(test_rights_that_do_not_exist_cannot_be_opened),
        SCENE_TEST(test_a_locked_system_lets_no_app_tap),
        SCENE_TEST(test_invariant_9_identity_is_the_kernels),
        SCENE_TEST(test_patterns_of_claims),
        SCENE_TEST(test_every_short_pattern_and_path),
        SCENE_TEST(test_a_path_ends_where_its_length_says),
        SCENE_TEST(test_claims_narrow_rights_and_names),
        SCENE_TEST(test_claims_of_ranges),
        SCENE_TEST(test_claims_that_do_not_parse),
        SCENE_TEST(test_a_pattern_too_long_is_no_list_of_claims),
        SCENE_TEST(test_the_most_claims_and_the_longest),
        SCENE_TEST(test_numbers_are_checked_before_claims),
        SCENE_TEST(test_the_root_exists_for_everybody),
        SCENE_TEST(test_invariant_10_privilege_is_not_inherited),
    };
    return scene_run(tests);
}
