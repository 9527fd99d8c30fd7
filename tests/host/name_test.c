// SPDX-License-Identifier: MIT
// Names: what a path may be, and creating, finding, listing and removing.
#include "check.h"
#include "name.h"

#include <stdlib.h>

static const struct {
    const char *path;
    long error;
} bad_paths[] = {
    {"", -PIPE_EINVAL},
    {"relative", -PIPE_EINVAL},
    {"//", -PIPE_EINVAL},
    {"/a//b", -PIPE_EINVAL},
    {"/a/", -PIPE_EINVAL},
    {"/.", -PIPE_EINVAL},
    {"/..", -PIPE_EINVAL},
    {"/a/../b", -PIPE_EINVAL},
    {"/a/./b", -PIPE_EINVAL},
    {"/with space", -PIPE_EINVAL},
    {"/tab\t", -PIPE_EINVAL},
    {"/\x7f", -PIPE_EINVAL},
    {"/caf\xc3\xa9", -PIPE_EINVAL},
    {"/line\n", -PIPE_EINVAL},
};

static void test_bad_paths_are_refused_by_every_call(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    struct pipe_stat stat;
    for (size_t index = 0; index < sizeof bad_paths / sizeof *bad_paths; index++) {
        const char *path = bad_paths[index].path;
        assert_int_equal(do_create(thread, path, FLOW_QUEUE, RULES_OPEN, 0, 0), bad_paths[index].error);
        assert_int_equal(do_open(thread, path, RIGHT_READ), bad_paths[index].error);
        assert_int_equal(do_remove(thread, path), bad_paths[index].error);
        assert_int_equal(do_stat(thread, 0, path, &stat), bad_paths[index].error);
    }
    assert_int_equal(host.names.node_count, 3); // the root, /bus and /bus/trace
}

// A path of `components` components of `length` bytes, and one more of `last` bytes if that is not 0.
static void long_path(char *path, uint32_t components, uint32_t length, uint32_t last) {
    for (uint32_t index = 0; index < components; index++) {
        *path++ = '/';
        memset(path, 'n', length);
        path += length;
    }
    if (last) {
        *path++ = '/';
        memset(path, 'm', last);
        path += last;
    }
    *path = 0;
}

static void test_a_component_of_63_bytes_is_the_longest(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    char path[PATH_LENGTH_MAX + COMPONENT_MAX];
    long_path(path, 0, 0, COMPONENT_MAX);
    assert_true(do_create(thread, path, FLOW_QUEUE, RULES_OPEN, 0, 0) > 0);
    long_path(path, 0, 0, COMPONENT_MAX + 1);
    assert_error(do_create(thread, path, FLOW_QUEUE, RULES_OPEN, 0, 0), ENAMETOOLONG);
    assert_error(do_open(thread, path, RIGHT_READ), ENAMETOOLONG);
}

static void test_a_path_of_255_bytes_is_the_longest(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    char path[PATH_LENGTH_MAX + 2 * COMPONENT_MAX];
    for (uint32_t depth = 1; depth <= 3; depth++) {
        long_path(path, depth, COMPONENT_MAX, 0);
        assert_true(do_create(thread, path, FLOW_DIRECTORY, RULES_OPEN, 0, 0) > 0);
    }
    long_path(path, 3, COMPONENT_MAX, COMPONENT_MAX - 1);
    assert_int_equal(strlen(path), PATH_LENGTH_MAX);
    assert_true(do_create(thread, path, FLOW_EVENT, RULES_OPEN, 0, 0) > 0);
    assert_int_equal(node_at(path)->path_length, PATH_LENGTH_MAX);
    assert_memory_equal(node_at(path)->path, path, PATH_LENGTH_MAX);
    long_path(path, 3, COMPONENT_MAX, COMPONENT_MAX);
    assert_error(do_create(thread, path, FLOW_EVENT, RULES_OPEN, 0, 0), ENAMETOOLONG);
    assert_error(do_open(thread, path, RIGHT_READ), ENAMETOOLONG);
}

static void test_a_length_over_the_page_is_refused(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    uint64_t lengths[] = {PATH_LENGTH_MAX + 1, PAYLOAD_MAX + 1, UINT32_MAX, (uint64_t)1 << 32 | 2, UINT64_MAX};
    for (size_t index = 0; index < sizeof lengths / sizeof *lengths; index++) {
        assert_error(pipens_open(&thread->waiter, lengths[index], RIGHT_READ), ENAMETOOLONG);
        assert_error(pipens_create(&thread->waiter, lengths[index], FLOW_EVENT, 0, 0, 0), ENAMETOOLONG);
        assert_error(pipens_remove(&thread->waiter, lengths[index]), ENAMETOOLONG);
        assert_error(pipens_stat(&thread->waiter, 0, lengths[index]), ENAMETOOLONG);
    }
}

// What the kernel makes of /app: numbers there are the names of processes' directories.
static void test_numbers_in_a_numbered_directory_are_the_hosts(void **state) {
    static const char *const refused[] = {"/d/0", "/d/9", "/d/42", "/d/007", "/d/123456789012345678901234567890"};
    static const char *const allowed[] = {"/d/a", "/d/4a", "/d/a4", "/d/4.2", "/d/-4", "/d/4:", "/d/x/4"};
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long error = 0;
    const struct node_plan plan = {FLOW_DIRECTORY, RULES_OPEN, 0, 0};
    must_create(thread, "/d", FLOW_DIRECTORY);
    must_create(thread, "/d/x", FLOW_DIRECTORY);
    assert_true(do_create(thread, "/d/1", FLOW_QUEUE, RULES_OPEN, 0, 0) > 0);
    node_at("/d")->special |= NODE_NUMBERED;
    for (size_t index = 0; index < sizeof refused / sizeof *refused; index++)
        assert_error(do_create(thread, refused[index], FLOW_DIRECTORY, RULES_OPEN, 0, 0), EACCES);
    assert_int_equal(node_at("/d")->denied, sizeof refused / sizeof *refused);
    for (size_t index = 0; index < sizeof allowed / sizeof *allowed; index++)
        assert_true(do_create(thread, allowed[index], FLOW_QUEUE, RULES_OPEN, 0, 0) > 0);
    assert_non_null(node_create(thread->waiter.principal, "/d/42", 5, &plan, &error));
    assert_true(do_open(thread, "/d/42", RIGHT_READ) > 0);
}

static void test_a_missing_name_and_a_pipe_in_the_middle(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    must_create(thread, "/pipe", FLOW_QUEUE);
    assert_error(do_open(thread, "/none", RIGHT_READ), ENOENT);
    assert_error(do_remove(thread, "/none"), ENOENT);
    assert_error(do_create(thread, "/none/pipe", FLOW_QUEUE, RULES_OPEN, 0, 0), ENOENT);
    assert_error(do_create(thread, "/none/pipe", FLOW_EVENT, RULES_OPEN, 1, 0), ENOENT); // before its plan is looked at
    assert_error(do_create(thread, "/pipe/below", FLOW_QUEUE, RULES_OPEN, 0, 0), ENOTDIR);
    assert_error(do_create(thread, "/pipe", FLOW_QUEUE, RULES_OPEN, 0, 0), EEXIST);
    assert_error(do_create(thread, "/", FLOW_DIRECTORY, RULES_OPEN, 0, 0), EEXIST);
}

static void test_a_plan_out_of_bounds_is_refused(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    assert_error(do_create(thread, "/p", FLOWS, RULES_OPEN, 0, 0), EINVAL);
    assert_error(do_create(thread, "/p", FLOW_QUEUE, 0x10000u, 0, 0), EINVAL);
    assert_error(do_create(thread, "/p", FLOW_QUEUE, RULES_OPEN, CAPACITY_MAX + 1, 0), EINVAL);
    assert_error(do_create(thread, "/p", FLOW_QUEUE, RULES_OPEN, 0, PAYLOAD_MAX + 1), EINVAL);
    assert_error(do_create(thread, "/p", FLOW_QUEUE, RULES_OPEN, CAPACITY_MAX, PAYLOAD_MAX), EINVAL);
    memcpy(thread->page->payload, "/p", 2);
    assert_error(pipens_create(&thread->waiter, 2, (uint64_t)1 << 32 | FLOW_QUEUE, RULES_OPEN, 0, 0), EINVAL);
    assert_error(pipens_create(&thread->waiter, 2, FLOW_QUEUE, (uint64_t)1 << 32, 0, 0), EINVAL);
    assert_error(pipens_create(&thread->waiter, 2, FLOW_QUEUE, RULES_OPEN, (uint64_t)1 << 32, 0), EINVAL);
    assert_error(pipens_create(&thread->waiter, 2, FLOW_QUEUE, RULES_OPEN, 0, (uint64_t)1 << 32), EINVAL);
    assert_null(node_at("/p"));
    assert_int_equal(thread->process->account->used, thread->process->principal.handles.chunk_count *
                                                         HANDLE_CHUNK_ENTRIES * sizeof(struct handle_entry));
}

static void test_a_directory_that_is_not_empty_stays(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    must_create(thread, "/d", FLOW_DIRECTORY);
    must_create(thread, "/d/p", FLOW_QUEUE);
    assert_error(do_remove(thread, "/d"), ENOTEMPTY);
    assert_int_equal(do_remove(thread, "/d/p"), 0);
    assert_int_equal(do_remove(thread, "/d"), 0);
    assert_null(node_at("/d"));
}

// Appends what the list holds to `names`, each name with a space after it; the last name goes to `last`.
static void note_entries(const struct thread *thread, long length, char *names, char *last) {
    for (long index = 0; index < length;) {
        const struct list_entry *entry = (const void *)(thread->page->payload + index);
        index += (long)sizeof *entry;
        memcpy(last, thread->page->payload + index, entry->name_length);
        last[entry->name_length] = 0;
        index += entry->name_length;
        strcat(strcat(names, last), " ");
    }
}

static void test_a_listing_is_in_order_of_bytes(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    static const char *const paths[] = {"/d/b", "/d/a", "/d/ab", "/d/Z", "/d/~", "/d/a!", "/d/aa"};
    long directory = must_create(thread, "/d", FLOW_DIRECTORY);
    for (size_t index = 0; index < sizeof paths / sizeof *paths; index++)
        must_create(thread, paths[index], FLOW_EVENT);
    char names[64] = "", last[COMPONENT_MAX + 1] = "";
    note_entries(thread, do_list(thread, directory, ""), names, last);
    assert_string_equal(names, "Z a a! aa ab b ~ ");
    names[0] = 0;
    note_entries(thread, do_list(thread, directory, "aa"), names, last);
    assert_string_equal(names, "ab b ~ ");
    names[0] = 0;
    note_entries(thread, do_list(thread, directory, "a0-not-there"), names, last);
    assert_string_equal(names, "aa ab b ~ ");
    assert_int_equal(do_list(thread, directory, "~"), 0);
    assert_error(do_list(thread, must_open(thread, "/d/a", RIGHT_READ), ""), ENOTDIR);
    assert_error(pipens_list(&thread->waiter, (uint64_t)directory, COMPONENT_MAX + 1), EINVAL);
}

#define MANY 300

static void test_a_long_listing_comes_in_pages(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long directory = must_create(thread, "/d", FLOW_DIRECTORY);
    char path[COMPONENT_MAX], last[COMPONENT_MAX + 1] = "";
    for (int index = 0; index < MANY; index++) {
        snprintf(path, sizeof path, "/d/a-rather-long-name-to-fill-the-page-%03d", index);
        must_create(thread, path, FLOW_EVENT);
    }
    static char names[MANY * COMPONENT_MAX];
    names[0] = 0;
    int pages = 0;
    long length;
    while ((length = do_list(thread, directory, last)) > 0) {
        assert_true(length <= (long)PAYLOAD_MAX);
        note_entries(thread, length, names, last);
        pages++;
    }
    assert_int_equal(length, 0);
    assert_true(pages > 1);
    assert_int_equal(strlen(names), MANY * strlen("a-rather-long-name-to-fill-the-page-000 "));
}

// 63 entries of 64 bytes fill the page.
static void test_a_listing_fills_its_page(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long handle = must_create(thread, "/d", FLOW_DIRECTORY);
    char path[80];
    for (uint32_t index = 0; index < 64; index++) {
        snprintf(path, sizeof path, "/d/%062u", index);
        must_create(thread, path, FLOW_EVENT);
    }
    assert_int_equal(do_list(thread, handle, ""), PAYLOAD_MAX);
    snprintf(path, sizeof path, "%062u", 62u);
    assert_int_equal(do_list(thread, handle, path), 64);
}

static void test_a_listing_goes_on_after_the_longest_name(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long handle = must_create(thread, "/d", FLOW_DIRECTORY);
    char path[80] = "/d/";
    memset(path + 3, 'n', COMPONENT_MAX);
    must_create(thread, path, FLOW_EVENT);
    must_create(thread, "/d/z", FLOW_EVENT);
    assert_int_equal(do_list(thread, handle, path + 3), sizeof(struct list_entry) + 1);
}

static void test_pipes_have_numbers_of_their_own(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    must_create(thread, "/p", FLOW_EVENT);
    const struct node *nodes[] = {node_at("/"), node_at("/bus"), node_at("/bus/trace"), node_at("/p")};
    for (size_t first = 0; first < 4; first++)
        for (size_t second = 0; second < first; second++)
            assert_int_not_equal(nodes[first]->number, nodes[second]->number);
}

static void test_stat_tells_what_was_made(void **state) {
    (void)state;
    struct thread *thread = program_start(7, KIND_DRIVER);
    long handle = do_create(thread, "/p", FLOW_QUEUE, RULE(15u, 1u, 2u, 3u), 5, 100);
    struct pipe_stat by_handle, by_path;
    assert_int_equal(do_stat(thread, handle, "", &by_handle), sizeof by_handle);
    assert_int_equal(do_stat(thread, 0, "/p", &by_path), sizeof by_path);
    assert_memory_equal(&by_handle, &by_path, sizeof by_path);
    assert_int_equal(by_path.flow, FLOW_QUEUE);
    assert_int_equal(by_path.rules, RULE(15u, 1u, 2u, 3u));
    assert_int_equal(by_path.owner, 7);
    assert_int_equal(by_path.owner_generation, 1);
    assert_int_equal(by_path.capacity, 5);
    assert_true(by_path.payload_max >= 100);
    assert_int_equal(by_path.flags, 0);
    assert_int_equal(by_path.depth, 0);
    assert_int_equal(do_send(thread, handle, "one", 0, DEADLINE_NOW), 0);
    do_stat(thread, handle, "", &by_handle);
    assert_int_equal(by_handle.depth, 1);
    assert_int_equal(by_handle.in, 1);
    assert_int_equal(by_handle.oldest, host.now);
}

static void test_stat_of_a_directory_and_of_what_is_gone(void **state) {
    (void)state;
    struct thread *thread = program_start(7, KIND_DRIVER);
    struct pipe_stat stat;
    long directory = must_create(thread, "/d", FLOW_DIRECTORY), pipe = must_create(thread, "/d/p", FLOW_TOPIC);
    do_stat(thread, directory, "", &stat);
    assert_int_equal(stat.flow, FLOW_DIRECTORY);
    assert_int_equal(stat.depth, 1);
    assert_int_equal(stat.capacity, 0);
    assert_int_equal(do_remove(thread, "/d/p"), 0);
    assert_error(do_stat(thread, pipe, "", &stat), EPIPE);
    assert_error(do_stat(thread, 0, "/d/p", &stat), ENOENT);
    assert_error(do_open(thread, "/d/p/q", RIGHT_READ), ENOENT);
    must_create(thread, "/d/p", FLOW_TOPIC);
    assert_error(do_open(thread, "/d/p/q", RIGHT_READ), ENOTDIR);
    assert_int_equal(do_stat(thread, 0, "/", &stat), sizeof stat);
    assert_int_equal(stat.owner, 0);
}

static void test_dots_are_only_names_that_are_nothing_else(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    static const char *const good[] = {"/.a", "/...", "/..a", "/a.", "/a..", "/~", "/!"};
    for (size_t index = 0; index < sizeof good / sizeof *good; index++)
        must_create(thread, good[index], FLOW_EVENT);
}

// What the kernel makes itself is checked as well.
static void test_the_kernels_own_names_are_checked(void **state) {
    (void)state;
    struct principal *kernel = &host.names.kernel;
    const struct node_plan event = {FLOW_EVENT, RULES_OPEN, 0, 0}, none = {FLOWS, RULES_OPEN, 0, 0};
    const struct node_plan large = {FLOW_EVENT, RULES_OPEN, 1, 0}, long_one = {FLOW_EVENT, RULES_OPEN, 0, 1};
    char path[PATH_LENGTH_MAX + 2] = {0};
    long error = 0;
    for (uint32_t index = 0; index <= PATH_LENGTH_MAX; index++)
        path[index] = index % 2 ? 'n' : '/';
    assert_null(node_create(kernel, path, PATH_LENGTH_MAX + 1, &event, &error));
    assert_error(error, ENAMETOOLONG);
    assert_null(node_find(&host.names, "//", 2, &error));
    assert_error(error, EINVAL);
    assert_null(node_create(kernel, "p", 1, &event, &error));
    assert_error(error, EINVAL);
    assert_null(node_create(kernel, "/p", 2, &none, &error));
    assert_error(error, EINVAL);
    assert_null(node_create(kernel, "/p", 2, &large, &error));
    assert_error(error, EINVAL);
    assert_null(node_create(kernel, "/p", 2, &long_one, &error));
    assert_error(error, EINVAL);
    assert_null(node_create(kernel, "/none/p", 7, &event, &error));
    assert_error(error, ENOENT);
    assert_non_null(node_create(kernel, "/p", 2, &event, &error));
    assert_null(node_create(kernel, "/p/q", 4, &event, &error));
    assert_error(error, ENOTDIR);
    assert_int_equal(do_remove(program_start(1, KIND_SERVER), "/p"), -PIPE_EBUSY);
}

static void test_a_programs_name_is_cut(void **state) {
    (void)state;
    struct principal principal;
    struct account account = {0};
    principal_initialize(&principal, &host.names, &account, 9, 1, KIND_APP, "a-program-whose-name-is-far-too-long");
    assert_string_equal(principal.name, "a-program-whose-name-is-far-too");
    assert_int_equal(strlen(principal.name), PROGRAM_NAME_MAX);
    assert_int_equal(account.references, 1);
}

// ---- Names of one hash ----

#define CANDIDATES 1000000u // enough for a hundred pairs among 2^32 hashes
#define CANDIDATE_MAX 32u

struct candidate {
    uint32_t hash, number;
};

// The parts of a name that pairs differ in; "same" follows. Some pairs have one length, some differ only in the middle,
// some end in the same bytes below different directories, and the component of the last kind is as long as a whole path
// of the first.
static uint32_t candidate_start(uint32_t number, char *path) {
    static const char *const patterns[] = {"/%08x", "/%08x/", "/d/same%08x", "/d/%08x-"};
    return (uint32_t)snprintf(path, CANDIDATE_MAX, patterns[number % 4], number * 0x9e3779b1u);
}

static bool is_below_its_own(uint32_t number) {
    return number % 4 == 1;
}

static int by_hash(const void *first, const void *second) {
    const struct candidate *left = first, *right = second;
    return left->hash < right->hash ? -1 : left->hash > right->hash;
}

// Makes the name, with a directory of its own if it needs one; its path.
static void candidate_make(struct thread *thread, uint32_t number, char *path) {
    uint32_t length = candidate_start(number, path);
    if (is_below_its_own(number)) {
        path[length - 1] = '\0';
        must_create(thread, path, FLOW_DIRECTORY);
        candidate_start(number, path);
    }
    strcat(path, "same");
    assert_null(node_at(path));
    must_create(thread, path, FLOW_EVENT);
}

static void candidate_remove(struct thread *thread, uint32_t number, char *path) {
    assert_int_equal(do_remove(thread, path), 0);
    assert_null(node_at(path));
    if (is_below_its_own(number)) {
        path[candidate_start(number, path) - 1] = '\0';
        assert_int_equal(do_remove(thread, path), 0);
    }
}

static void check_pair(struct thread *thread, uint32_t first, uint32_t second) {
    char one[CANDIDATE_MAX], other[CANDIDATE_MAX];
    candidate_make(thread, first, one);
    candidate_make(thread, second, other);
    assert_int_equal(node_at(one)->hash, node_at(other)->hash);
    assert_ptr_not_equal(node_at(one), node_at(other));
    candidate_remove(thread, first, one);
    candidate_remove(thread, second, other);
}

static void test_names_of_one_hash_are_different_names(void **state) {
    (void)state;
    static struct candidate candidates[CANDIDATES];
    struct thread *thread = program_start(1, KIND_APP);
    uint32_t pairs = 0;
    must_create(thread, "/d", FLOW_DIRECTORY);
    for (uint32_t number = 0; number < CANDIDATES; number++) {
        char path[CANDIDATE_MAX];
        uint32_t length = candidate_start(number, path); // hashes that are equal here stay so
        candidates[number] = (struct candidate){path_hash(&host.names, path, length), number};
    }
    qsort(candidates, CANDIDATES, sizeof *candidates, by_hash);
    for (uint32_t index = 1; index < CANDIDATES; index++) {
        if (candidates[index].hash != candidates[index - 1].hash)
            continue;
        check_pair(thread, candidates[index - 1].number, candidates[index].number);
        check_pair(thread, candidates[index].number, candidates[index - 1].number);
        pairs++;
    }
    assert_true(pairs > 50);
}

// Names of up to three bytes are compared by bytes, longer ones by words: short ones in directories of their own.
static uint32_t short_path(uint32_t number, char *path) {
    return (uint32_t)snprintf(path, CANDIDATE_MAX, "/%08x/%02x", number * 0x9e3779b1u, number & 0xff);
}

static void check_short_pair(struct thread *thread, uint32_t first, uint32_t second) {
    char one[CANDIDATE_MAX], other[CANDIDATE_MAX], directory[CANDIDATE_MAX];
    uint32_t length = short_path(first, one);
    short_path(second, other);
    snprintf(directory, sizeof directory, "%.*s", (int)path_parent_length(one, length), one);
    must_create(thread, directory, FLOW_DIRECTORY);
    must_create(thread, one, FLOW_EVENT);
    assert_null(node_at(other));
    assert_int_equal(do_remove(thread, one), 0);
    assert_int_equal(do_remove(thread, directory), 0);
}

static void test_short_names_of_one_hash_are_different_names(void **state) {
    (void)state;
    static struct candidate candidates[CANDIDATES];
    struct thread *thread = program_start(1, KIND_APP);
    uint32_t pairs = 0;
    char path[CANDIDATE_MAX];
    for (uint32_t number = 0; number < CANDIDATES; number++) {
        uint32_t length = short_path(number, path);
        candidates[number] = (struct candidate){path_hash(&host.names, path, length), number};
    }
    qsort(candidates, CANDIDATES, sizeof *candidates, by_hash);
    for (uint32_t index = 1; index < CANDIDATES; index++) {
        if (candidates[index].hash != candidates[index - 1].hash)
            continue;
        check_short_pair(thread, candidates[index - 1].number, candidates[index].number);
        pairs++;
    }
    assert_true(pairs > 50);
}

static void test_a_name_can_be_made_again(void **state) {
    (void)state;
    struct thread *thread = program_start(1, KIND_APP);
    long first = must_create(thread, "/p", FLOW_QUEUE);
    uint32_t number = node_at("/p")->number;
    assert_int_equal(do_remove(thread, "/p"), 0);
    long second = must_create(thread, "/p", FLOW_QUEUE);
    assert_int_not_equal(node_at("/p")->number, number);
    assert_error(do_send(thread, first, "x", 0, DEADLINE_NOW), EPIPE);
    assert_int_equal(do_send(thread, second, "x", 0, DEADLINE_NOW), 0);
    assert_int_equal(do_close(thread, first), 0);
}

// A process that may manage another's queue of 200 messages begins to remove it, and ends after the first step.
static void half_remove(const char *path) {
    struct thread *remover = program_start(9, KIND_APP);
    memcpy(remover->page->payload, path, strlen(path));
    assert_int_equal(pipens_remove(&remover->waiter, strlen(path)), PIPENS_RESTART);
    process_end(remover->process);
    assert_true(node_at(path)->special & NODE_REMOVED);
}

static void fill(struct thread *thread, const char *path) {
    long handle = do_create(thread, path, FLOW_QUEUE, RULES_OPEN, 200, 0);
    for (uint32_t count = 0; count < 200; count++)
        assert_int_equal(do_send(thread, handle, "x", 0, DEADLINE_NOW), 0);
}

static void test_a_name_that_is_half_removed_makes_way(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_APP), *other = program_start(2, KIND_APP);
    fill(owner, "/q");
    half_remove("/q");
    assert_error(do_open(other, "/q", RIGHT_WRITE), ENOENT);
    memcpy(other->page->payload, "/q", 2);
    for (uint32_t chunk = 1; chunk < 4; chunk++) { // 64 of 200 messages went with each
        assert_int_equal(pipens_create(&other->waiter, 2, FLOW_EVENT, RULES_OPEN, 0, 0), PIPENS_RESTART);
        scene_audit("a chunk of the removal");
    }
    assert_null(node_at("/q"));
    must_create(other, "/q", FLOW_EVENT);
    assert_ptr_equal(node_at("/q")->owner, &other->process->principal);
    assert_error(do_create(owner, "/q", FLOW_EVENT, RULES_OPEN, 0, 0), EEXIST); // this one stays
}

// Only who may make the name helps to remove what stands there, and only for what could be made.
static void test_a_name_that_is_half_removed_waits_for_who_may_create(void **state) {
    (void)state;
    struct thread *owner = program_start(1, KIND_SERVER), *app = program_start(2, KIND_APP);
    assert_true(do_create(owner, "/d", FLOW_DIRECTORY, RULE(RIGHTS_ALL, 0u, 0u, 0u), 0, 0) > 0);
    fill(owner, "/d/q");
    half_remove("/d/q");
    uint64_t depth = ring_depth(&node_at("/d/q")->ring);
    assert_error(do_create(app, "/d/q", FLOW_EVENT, RULES_OPEN, 0, 0), EACCES);
    assert_error(do_create(owner, "/d/q", FLOWS, RULES_OPEN, 0, 0), EINVAL);
    assert_error(do_create(owner, "/d/q", FLOW_EVENT, RULES_OPEN, 1, 0), EINVAL);
    assert_int_equal(ring_depth(&node_at("/d/q")->ring), depth);
    must_create(owner, "/d/q", FLOW_EVENT);
}

// A directory goes with all that is below it, once its owner's end has begun with it.
static void test_a_directory_that_is_half_removed_makes_way(void **state) {
    (void)state;
    struct process *succession = succession_start(QUOTA_PLENTY);
    struct thread *owner =
        thread_start(process_start_with(1, KIND_SERVER, succession->account, &succession->principal), 1);
    struct thread *other = program_start(2, KIND_APP);
    must_create(owner, "/d", FLOW_DIRECTORY);
    must_create(other, "/d/p", FLOW_EVENT);
    fill(other, "/d/a");
    process_end(owner->process);
    assert_true(principal_abandon_step(&succession->principal)); // who gives it up ends here
    must_create(other, "/d", FLOW_QUEUE);
    assert_null(node_at("/d/a"));
    assert_null(node_at("/d/p"));
    assert_false(principal_abandon_step(&succession->principal));
}

static void test_invariant_5_a_create_that_fails_has_changed_nothing(void **state) {
    (void)state;
    struct thread *poor = thread_start(process_start(1, KIND_APP, 4096), PRIORITY_USUAL);
    must_create(poor, "/small", FLOW_EVENT);
    uint64_t used = poor->process->account->used, blocks = host.live_blocks, names = host.names.node_count;
    assert_error(do_create(poor, "/large", FLOW_QUEUE, RULES_OPEN, 64, 1000), EDQUOT);
    assert_int_equal(poor->process->account->used, used);
    assert_int_equal(host.live_blocks, blocks);
    assert_int_equal(host.names.node_count, names);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_bad_paths_are_refused_by_every_call),
        SCENE_TEST(test_a_component_of_63_bytes_is_the_longest),
        SCENE_TEST(test_a_path_of_255_bytes_is_the_longest),
        SCENE_TEST(test_a_length_over_the_page_is_refused),
        SCENE_TEST(test_numbers_in_a_numbered_directory_are_the_hosts),
        SCENE_TEST(test_a_missing_name_and_a_pipe_in_the_middle),
        SCENE_TEST(test_a_plan_out_of_bounds_is_refused),
        SCENE_TEST(test_a_directory_that_is_not_empty_stays),
        SCENE_TEST(test_a_listing_is_in_order_of_bytes),
        SCENE_TEST(test_a_long_listing_comes_in_pages),
        SCENE_TEST(test_a_listing_fills_its_page),
        SCENE_TEST(test_a_listing_goes_on_after_the_longest_name),
        SCENE_TEST(test_pipes_have_numbers_of_their_own),
        SCENE_TEST(test_stat_tells_what_was_made),
        SCENE_TEST(test_stat_of_a_directory_and_of_what_is_gone),
        SCENE_TEST(test_dots_are_only_names_that_are_nothing_else),
        SCENE_TEST(test_the_kernels_own_names_are_checked),
        SCENE_TEST(test_a_programs_name_is_cut),
        SCENE_TEST(test_names_of_one_hash_are_different_names),
        SCENE_TEST(test_short_names_of_one_hash_are_different_names),
        SCENE_TEST(test_a_name_can_be_made_again),
        SCENE_TEST(test_a_name_that_is_half_removed_makes_way),
        SCENE_TEST(test_a_name_that_is_half_removed_waits_for_who_may_create),
        SCENE_TEST(test_a_directory_that_is_half_removed_makes_way),
        SCENE_TEST(test_invariant_5_a_create_that_fails_has_changed_nothing),
    };
    return scene_run(tests);
}
