// SPDX-License-Identifier: MIT
// The file server's tree of names and blocks, and paths as the library resolves them.
#include "../../lib/file_path.c" // the pure files themselves
#include "../../servers/vfs/blocks.c"
#include "../../servers/vfs/names.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define assert_error(result, name) assert_int_equal(result, -PIPE_##name)

#define BLOCKS_MAX 64u // of each test's tree, if it does not say more
#define NODES 64u

// ---- The tree, and the memory that it got ----

#define GIFTS_MAX 64u

static struct files files;
static void *gifts[GIFTS_MAX];
static uint32_t gift_count;
static uint32_t gift_blocks; // that the host gives at once

static void *memory_give(uint32_t *count) {
    if (gift_count == GIFTS_MAX)
        return NULL;
    if (*count > gift_blocks)
        *count = gift_blocks;
    gifts[gift_count] = aligned_alloc(BLOCK_SIZE, (size_t)*count * BLOCK_SIZE);
    memset(gifts[gift_count], 0xa5, (size_t)*count * BLOCK_SIZE); // what no file may show
    return gifts[gift_count++];
}

static void files_free(void) {
    while (gift_count)
        free(gifts[--gift_count]);
}

static void files_start(uint64_t blocks, uint32_t nodes) {
    files_free();
    gift_blocks = 64;
    assert_true(files_begin(&files, memory_give, blocks, nodes));
    files.now = 1;
}

static int setup(void **state) {
    (void)state;
    files_start(BLOCKS_MAX, NODES);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    files_free();
    return 0;
}

static uint64_t blocks_used(void) {
    return files.block_count - files.free_count;
}

static struct node *make_node(const char *path, enum file_type type) {
    struct node *node;
    assert_int_equal(files_make(&files, path, type, &node), 0);
    return node;
}

static struct node *make_file(const char *path) {
    return make_node(path, FILE_TYPE_FILE);
}

static struct node *make_folder(const char *path) {
    return make_node(path, FILE_TYPE_DIRECTORY);
}

static long find(const char *path) {
    struct node *node;
    return files_find(&files, path, &node);
}

// What a directory lists, each name with a slash behind it.
static const char *listing(const char *path) {
    static char text[4096];
    struct node *directory;
    text[0] = 0;
    assert_int_equal(files_find(&files, path, &directory), 0);
    for (const struct node *node = files_entry_after(directory, "", 0); node;
         node = files_entry_after(directory, node->name, node->name_length))
        strcat(strcat(text, node->name), "/");
    return text;
}

// Writes bytes that tell their place; how many found room.
static uint64_t fill(struct node *node, uint64_t offset, uint64_t length, uint8_t seed) {
    uint64_t done = 0;
    while (done < length) {
        struct span span;
        if (node_span(&files, node, offset + done, true, &span) < 0)
            break;
        for (size_t place = 0; place < span.length && done < length; place++, done++)
            span.bytes[place] = (uint8_t)(seed + offset + done);
        node_written(&files, node, offset + done);
    }
    return done;
}

static int byte_at(struct node *node, uint64_t offset) {
    struct span span;
    assert_int_equal(node_span(&files, node, offset, false, &span), 0);
    return span.bytes ? span.bytes[0] : 0;
}

// ---- Names ----

static void test_names_are_found_and_listed_in_order(void **state) {
    (void)state;
    make_folder("/b");
    make_file("/b/x");
    make_file("/ab");
    make_file("/a");
    make_file("/\xff");
    make_file("/b ");
    assert_string_equal(listing("/"), "a/ab/b/b /\xff/");
    assert_string_equal(listing("/b"), "x/");
    assert_int_equal(find("/b/x"), 0);
    assert_error(find("/b/y"), ENOENT);
    assert_error(find("/c/x"), ENOENT);
    assert_error(find("/a/x"), ENOTDIR);
    assert_int_equal(files.root->size, 5);
}

static void test_a_name_has_255_bytes_at_most(void **state) {
    (void)state;
    char path[FILE_NAME_MAX + 4] = "/";
    struct node *node;
    memset(path + 1, 'n', FILE_NAME_MAX);
    make_file(path);
    assert_int_equal(find(path), 0);
    path[FILE_NAME_MAX + 1] = 'n';
    assert_error(files_make(&files, path, FILE_TYPE_FILE, &node), ENAMETOOLONG);
    assert_error(find(path), ENAMETOOLONG);
    assert_int_equal(files.root->size, 1);
}

static void test_paths_that_are_none_are_refused(void **state) {
    (void)state;
    static const char *const paths[] = {"", "a", "//a", "/a//b", "/a/", "/.", "/..", "/a/../b"};
    make_folder("/a");
    for (size_t number = 0; number < sizeof paths / sizeof *paths; number++)
        assert_error(find(paths[number]), EINVAL);
    make_file("/...");
    make_file("/.x");
    assert_int_equal(find("/"), 0);
}

static void test_a_name_is_made_once(void **state) {
    (void)state;
    struct node *node;
    make_file("/a");
    assert_error(files_make(&files, "/a", FILE_TYPE_FILE, &node), EEXIST);
    assert_error(files_make(&files, "/a", FILE_TYPE_DIRECTORY, &node), EEXIST);
    assert_error(files_make(&files, "/", FILE_TYPE_DIRECTORY, &node), EEXIST);
    assert_error(files_make(&files, "/a/b", FILE_TYPE_FILE, &node), ENOTDIR);
    assert_error(files_make(&files, "/n/b", FILE_TYPE_FILE, &node), ENOENT);
}

static void test_only_what_may_go_is_removed(void **state) {
    (void)state;
    make_folder("/d");
    make_file("/d/f");
    assert_error(files_remove(&files, "/d", FILE_TYPE_FILE), EISDIR);
    assert_error(files_remove(&files, "/d/f", FILE_TYPE_DIRECTORY), ENOTDIR);
    assert_error(files_remove(&files, "/d", FILE_TYPE_DIRECTORY), ENOTEMPTY);
    assert_error(files_remove(&files, "/", FILE_TYPE_DIRECTORY), EBUSY);
    assert_error(files_remove(&files, "/n", FILE_TYPE_FILE), ENOENT);
    assert_string_equal(listing("/d"), "f/");
    assert_int_equal(files.root->size, 1);
    assert_int_equal(files_remove(&files, "/d/f", FILE_TYPE_FILE), 0);
    assert_int_equal(files_remove(&files, "/d", FILE_TYPE_DIRECTORY), 0);
    assert_string_equal(listing("/"), "");
    assert_int_equal(files.root->size, 0);
    assert_int_equal(files.node_count, 1);
}

static void test_what_is_fixed_does_not_change(void **state) {
    (void)state;
    struct node *node;
    assert_int_equal(files_make_fixed(&files, "/boot", FILE_TYPE_DIRECTORY, &node), 0);
    assert_int_equal(files_make_fixed(&files, "/boot/f", FILE_TYPE_FILE, &node), 0);
    make_file("/a");
    assert_error(files_make(&files, "/boot/g", FILE_TYPE_FILE, &node), EROFS);
    assert_error(files_remove(&files, "/boot/f", FILE_TYPE_FILE), EROFS);
    assert_error(files_rename(&files, "/boot/f", "/g"), EROFS);
    assert_error(files_rename(&files, "/boot", "/g"), EROFS);
    assert_error(files_rename(&files, "/a", "/boot/a"), EROFS);
    assert_error(files_rename(&files, "/a", "/boot/f"), EROFS);
    assert_string_equal(listing("/boot"), "f/");
}

static void test_a_rename_moves_and_replaces(void **state) {
    (void)state;
    make_folder("/d");
    make_folder("/e");
    fill(make_file("/a"), 0, 10, 1);
    fill(make_file("/d/b"), 0, 5000, 1);
    assert_int_equal(files_rename(&files, "/a", "/d/b"), 0);
    assert_string_equal(listing("/"), "d/e/");
    assert_int_equal(files_rename(&files, "/d", "/e"), 0);
    assert_string_equal(listing("/"), "e/");
    assert_string_equal(listing("/e"), "b/");
    assert_int_equal(files_rename(&files, "/e/b", "/e/b"), 0);
    assert_int_equal(files.node_count, 3);
    struct node *node;
    assert_int_equal(files_find(&files, "/e/b", &node), 0);
    assert_int_equal(node->size, 10);
}

static void test_a_rename_that_makes_no_sense_changes_nothing(void **state) {
    (void)state;
    make_folder("/d");
    make_folder("/d/e");
    make_folder("/full");
    make_file("/full/f");
    make_file("/f");
    assert_error(files_rename(&files, "/d", "/d/e/x"), EINVAL);
    assert_error(files_rename(&files, "/d", "/d/x"), EINVAL);
    assert_error(files_rename(&files, "/", "/x"), EBUSY);
    assert_error(files_rename(&files, "/d", "/"), EBUSY);
    assert_error(files_rename(&files, "/f", "/d"), EISDIR);
    assert_error(files_rename(&files, "/d", "/f"), ENOTDIR);
    assert_error(files_rename(&files, "/d", "/full"), ENOTEMPTY);
    assert_error(files_rename(&files, "/n", "/f"), ENOENT);
    assert_error(files_rename(&files, "/f", "/n/f"), ENOENT);
    assert_string_equal(listing("/"), "d/f/full/");
    assert_string_equal(listing("/d"), "e/");
}

static void test_a_file_without_a_name_lives_as_long_as_it_is_open(void **state) {
    (void)state;
    struct node *node = make_file("/a");
    uint64_t before = blocks_used();
    fill(node, 0, 10, 1);
    node_open(node);
    node_open(node);
    assert_int_equal(files_remove(&files, "/a", FILE_TYPE_FILE), 0);
    assert_error(find("/a"), ENOENT);
    make_file("/a");
    assert_int_equal(byte_at(node, 3), 4);
    node_close(&files, node);
    assert_int_equal(files.node_count, 3);
    node_close(&files, node);
    assert_int_equal(files.node_count, 2);
    assert_int_equal(blocks_used(), before);
}

// A tree of names that came in order is as flat as any.
static unsigned depth_of(const struct node *entry) {
    unsigned lower = entry ? depth_of(entry->lower) : 0, higher = entry ? depth_of(entry->higher) : 0;
    return entry ? 1 + (lower > higher ? lower : higher) : 0;
}

static void test_many_names_in_order_make_a_flat_tree(void **state) {
    (void)state;
    char path[16];
    files_start(1024, 4096);
    for (int number = 0; number < 4000; number++) {
        snprintf(path, sizeof path, "/%04d", number);
        make_file(path);
    }
    assert_in_range(depth_of(files.root->entries), 12, 40);
    const struct node *entry = files_entry_after(files.root, "1999", 4);
    assert_string_equal(entry->name, "2000");
    for (int number = 0; number < 4000; number += 2) {
        snprintf(path, sizeof path, "/%04d", number);
        assert_int_equal(files_remove(&files, path, FILE_TYPE_FILE), 0);
    }
    assert_string_equal(files_entry_after(files.root, "1999", 4)->name, "2001");
    assert_null(files_entry_after(files.root, "3999", 4));
}

static void test_names_have_a_limit_and_come_back(void **state) {
    (void)state;
    char path[16];
    struct node *node;
    for (uint32_t number = 1; number < NODES; number++) {
        snprintf(path, sizeof path, "/%u", number);
        make_file(path);
    }
    assert_error(files_make(&files, "/more", FILE_TYPE_FILE, &node), ENOSPC);
    assert_int_equal(files_remove(&files, "/7", FILE_TYPE_FILE), 0);
    make_file("/more");
}

// ---- Data ----

static void test_bytes_are_where_they_were_put(void **state) {
    (void)state;
    struct node *node = make_file("/a");
    assert_int_equal(fill(node, 4000, 10000, 3), 10000);
    assert_int_equal(node->size, 14000);
    for (uint64_t offset = 0; offset < node->size; offset++)
        assert_int_equal(byte_at(node, offset), offset < 4000 ? 0 : (uint8_t)(offset + 3));
    assert_int_equal(node->block_count, 5); // four of data and a table
    assert_int_equal(fill(node, 100, 10, 1), 10);
    assert_int_equal(node->size, 14000);
}

static void test_holes_take_no_memory_and_read_as_zeroes(void **state) {
    (void)state;
    struct node *node = make_file("/a");
    uint64_t far = FILE_SIZE_MAX - 1;
    assert_int_equal(fill(node, 0, 1, 9), 1);
    assert_int_equal(fill(node, far, 1, 9), 1);
    assert_int_equal(node->size, FILE_SIZE_MAX);
    assert_int_equal(byte_at(node, 0), 9);
    assert_int_equal(byte_at(node, 1), 0);
    assert_int_equal(byte_at(node, far - BLOCK_SIZE), 0);
    assert_int_equal(byte_at(node, far), (uint8_t)(9 + far));
    assert_int_equal(node->block_count, 5); // two of data, three tables
    struct span span;
    assert_error(node_span(&files, node, FILE_SIZE_MAX, true, &span), EFBIG);
    assert_error(node_resize(&files, node, FILE_SIZE_MAX + 1), EFBIG);
}

static void test_what_is_cut_off_is_zeroes_when_it_comes_back(void **state) {
    (void)state;
    struct node *node = make_file("/a");
    fill(node, 0, 3 * BLOCK_SIZE, 1);
    assert_int_equal(node_resize(&files, node, BLOCK_SIZE + 100), 0);
    assert_int_equal(node->block_count, 3);
    assert_int_equal(node_resize(&files, node, 3 * BLOCK_SIZE), 0);
    assert_int_equal(byte_at(node, BLOCK_SIZE + 99), (uint8_t)(BLOCK_SIZE + 100));
    for (uint64_t offset = BLOCK_SIZE + 100; offset < 3 * BLOCK_SIZE; offset++)
        assert_int_equal(byte_at(node, offset), 0);
    assert_int_equal(node_resize(&files, node, BLOCK_SIZE), 0);
    assert_int_equal(node->block_count, 2);
    assert_int_equal(node_resize(&files, node, 0), 0);
    assert_int_equal(node->block_count, 0);
    fill(node, 5, 1, 1);
    assert_int_equal(byte_at(node, 0), 0);
    assert_int_equal(byte_at(node, 5), 6);
}

static void test_a_full_tree_says_so_and_gives_room_again(void **state) {
    (void)state;
    struct node *first = make_file("/a"), *second = make_file("/b"), *third;
    struct span span;
    uint64_t wanted = (BLOCKS_MAX + 1) * BLOCK_SIZE, written = fill(first, 0, wanted, 1);
    assert_in_range(written, (BLOCKS_MAX - 4) * BLOCK_SIZE, (BLOCKS_MAX - 1) * BLOCK_SIZE);
    assert_error(node_span(&files, second, 0, true, &span), ENOSPC);
    assert_int_equal(byte_at(first, written - 1), (uint8_t)written);
    assert_int_equal(files.block_count, BLOCKS_MAX);
    assert_int_equal(node_resize(&files, first, first->size), 0);
    assert_int_equal(files_remove(&files, "/a", FILE_TYPE_FILE), 0);
    third = make_file("/c");
    assert_int_equal(fill(third, 0, written, 2), written);
    assert_int_equal(byte_at(third, written - 1), (uint8_t)(written + 1));
}

// Tables that a write made before the space ran out go with the next cut.
static void test_a_write_that_failed_leaves_nothing_behind(void **state) {
    (void)state;
    struct node *node = make_file("/a"), *full = make_file("/b");
    struct span span;
    fill(full, 0, (uint64_t)BLOCKS_MAX * BLOCK_SIZE, 1);
    node_resize(&files, full, full->size - BLOCK_SIZE);
    assert_error(node_span(&files, node, FILE_SIZE_MAX - 1, true, &span), ENOSPC);
    node_resize(&files, node, 0);
    assert_int_equal(node->block_count, 0);
    assert_int_equal(files.free_count, 1);
    // What a write brought and did not count is not there either.
    assert_int_equal(node_span(&files, node, 0, true, &span), 0);
    span.bytes[1] = 7;
    node_written(&files, node, 1);
    node_resize(&files, node, 1);
    assert_int_equal(byte_at(node, 1), 0);
}

static void test_memory_comes_in_pieces_of_any_size(void **state) {
    (void)state;
    files_start(10, NODES);
    gift_blocks = 3;
    struct node *node = make_file("/a");
    assert_int_equal(fill(node, 0, 8 * BLOCK_SIZE, 1), 8 * BLOCK_SIZE);
    assert_int_equal(fill(node, 8 * BLOCK_SIZE, 1, 1), 0);
}

static void test_times_tell_of_changes(void **state) {
    (void)state;
    struct node *node = make_file("/a");
    files.now = 7;
    fill(node, 0, 1, 1);
    assert_int_equal(node->modified, 7);
    assert_int_equal(files.root->modified, 1);
    files.now = 8;
    files_rename(&files, "/a", "/b");
    assert_int_equal(files.root->modified, 8);
    assert_int_equal(node->modified, 7);
}

// ---- Paths ----

static bool resolves(const char *directory, const char *path, const char *wanted) {
    char to[FILE_PATH_MAX + 1];
    return path_resolve(directory, path, to) == 0 && strcmp(to, wanted) == 0;
}

static void test_paths_are_resolved(void **state) {
    (void)state;
    assert_true(resolves("/a/b", "c", "/a/b/c"));
    assert_true(resolves("/a/b", "/c", "/c"));
    assert_true(resolves("/a/b", "..", "/a"));
    assert_true(resolves("/a/b", "../../../..", "/"));
    assert_true(resolves("/a", "../x", "/x"));
    assert_true(resolves("/a/b", ".", "/a/b"));
    assert_true(resolves("/", ".", "/"));
    assert_true(resolves("/", "x/./y//z/../w/", "/x/y/w"));
    assert_true(resolves("/", "//...//.x/..y", "/.../.x/..y"));
    assert_true(resolves("/a", "/", "/"));
    char to[FILE_PATH_MAX + 1];
    assert_error(path_resolve("/", "", to), ENOENT);
}

static void test_a_path_has_1023_bytes_at_most(void **state) {
    (void)state;
    char path[FILE_PATH_MAX + 2], to[FILE_PATH_MAX + 1];
    memset(path, 'p', sizeof path - 1);
    path[0] = '/';
    path[FILE_PATH_MAX] = 0;
    assert_int_equal(path_resolve("/", path, to), 0);
    assert_string_equal(to, path);
    path[FILE_PATH_MAX] = 'p';
    path[FILE_PATH_MAX + 1] = 0;
    assert_error(path_resolve("/", path, to), ENAMETOOLONG);
    path[FILE_PATH_MAX] = 0;
    assert_error(path_resolve("/d", path + 1, to), ENAMETOOLONG);
}

static void test_the_last_name_of_a_path(void **state) {
    (void)state;
    assert_string_equal(path_last("/a/b"), "b");
    assert_string_equal(path_last("/a"), "a");
    assert_string_equal(path_last("/"), "/");
}

#define FILES_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FILES_TEST(test_names_are_found_and_listed_in_order),
        FILES_TEST(test_a_name_has_255_bytes_at_most),
        FILES_TEST(test_paths_that_are_none_are_refused),
        FILES_TEST(test_a_name_is_made_once),
        FILES_TEST(test_only_what_may_go_is_removed),
        FILES_TEST(test_what_is_fixed_does_not_change),
        FILES_TEST(test_a_rename_moves_and_replaces),
        FILES_TEST(test_a_rename_that_makes_no_sense_changes_nothing),
        FILES_TEST(test_a_file_without_a_name_lives_as_long_as_it_is_open),
        FILES_TEST(test_many_names_in_order_make_a_flat_tree),
        FILES_TEST(test_names_have_a_limit_and_come_back),
        FILES_TEST(test_bytes_are_where_they_were_put),
        FILES_TEST(test_holes_take_no_memory_and_read_as_zeroes),
        FILES_TEST(test_what_is_cut_off_is_zeroes_when_it_comes_back),
        FILES_TEST(test_a_full_tree_says_so_and_gives_room_again),
        FILES_TEST(test_a_write_that_failed_leaves_nothing_behind),
        FILES_TEST(test_memory_comes_in_pieces_of_any_size),
        FILES_TEST(test_times_tell_of_changes),
        cmocka_unit_test(test_paths_are_resolved),
        cmocka_unit_test(test_a_path_has_1023_bytes_at_most),
        cmocka_unit_test(test_the_last_name_of_a_path),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
