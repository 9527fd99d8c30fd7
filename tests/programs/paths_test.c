// SPDX-License-Identifier: MIT
// Paths as the library resolves them, the table of mounts, the boot image's tree, and modes as text.
#include "../../apps/tools/file_mode.c" // the pure files themselves
#include "../../lib/file_path.c"
#include "../../servers/bootfs/tree.c"
#include "../../servers/vfs/mounts.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define assert_error(result, name) assert_int_equal(result, -PIPE_##name)

// ---- Paths ----

static bool resolves(const char *directory, const char *path, const char *wanted) {
    char to[FILE_PATH_MAX + 1];
    return path_resolve(directory, path, to) == 0 && strcmp(to, wanted) == 0;
}

static bool joins(const char *directory, const char *path, const char *wanted) {
    char to[FILE_PATH_MAX + 1];
    return path_join(directory, path, to) == 0 && strcmp(to, wanted) == 0;
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

static void test_a_path_has_4095_bytes_at_most(void **state) {
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

static void test_parents_are_found_and_applied(void **state) {
    (void)state;
    char path[64];
    assert_true(joins("/a", "../b/./..//c", "/a/../b/../c"));
    assert_int_equal(path_parent_find("/a/b"), -1);
    assert_int_equal(path_parent_find("/..a/...//b.."), -1);
    assert_int_equal(path_parent_find("/.."), 0);
    assert_int_equal(path_parent_find("/a/b/.."), 4);
    assert_int_equal(path_parent_find("/a/../b/.."), 2);
    path_parent_apply(strcpy(path, "/a/b/../c"), 4);
    assert_string_equal(path, "/a/c");
    path_parent_apply(strcpy(path, "/a/.."), 2);
    assert_string_equal(path, "/");
    path_parent_apply(strcpy(path, "/../c"), 0);
    assert_string_equal(path, "/c");
    path_parent_apply(strcpy(path, "/.."), 0);
    assert_string_equal(path, "/");
}

static bool links(const char *path, size_t end, const char *text, const char *wanted) {
    char whole[FILE_PATH_MAX + 1];
    strcpy(whole, path);
    return path_link_apply(whole, end, text, strlen(text)) == 0 && strcmp(whole, wanted) == 0;
}

static void test_a_link_replaces_its_component(void **state) {
    (void)state;
    assert_true(links("/a/l/b", 4, "x", "/a/x/b"));
    assert_true(links("/a/l/b", 4, "../x/.", "/a/../x/b"));
    assert_true(links("/a/l/b", 4, "/x//y/", "/x/y/b"));
    assert_true(links("/a/l", 4, "/", "/"));
    assert_true(links("/l", 2, "..", "/.."));
    char path[FILE_PATH_MAX + 1] = "/l/b", text[FILE_PATH_MAX];
    memset(text, 't', sizeof text);
    assert_error(path_link_apply(path, 2, text, sizeof text), ENAMETOOLONG);
}

// ---- Mounts ----

static uint32_t mount_of(struct mounts *mounts, const char *path) {
    const struct mount *found = mounts_find(mounts, path, strlen(path));
    return found ? found->number : 0;
}

static uint32_t add(struct mounts *mounts, const char *path) {
    const struct mount *mount = mounts_add(mounts, path, strlen(path), "/svc/x");
    return mount ? mount->number : 0;
}

static void test_the_longest_mount_point_counts(void **state) {
    (void)state;
    static struct mounts mounts;
    mounts = (struct mounts){0};
    assert_int_equal(mount_of(&mounts, "/"), 0);
    assert_int_equal(add(&mounts, "/"), 1);
    assert_int_equal(add(&mounts, "/a/b"), 2);
    assert_int_equal(add(&mounts, "/a"), 3);
    assert_int_equal(mount_of(&mounts, "/"), 1);
    assert_int_equal(mount_of(&mounts, "/ab"), 1);
    assert_int_equal(mount_of(&mounts, "/a"), 3);
    assert_int_equal(mount_of(&mounts, "/a/bc"), 3);
    assert_int_equal(mount_of(&mounts, "/a/b"), 2);
    assert_int_equal(mount_of(&mounts, "/a/b/c/d"), 2);
    assert_int_equal(add(&mounts, "/a"), 4);
    assert_int_equal(mount_of(&mounts, "/a/x"), 4);
    mounts_at(&mounts, "/a", 2)->number = 0;
    assert_int_equal(mount_of(&mounts, "/a/x"), 3);
    assert_null(mounts_at(&mounts, "/a/x", 4));
    assert_int_equal(mounts_at(&mounts, "/", 1)->number, 1);
    for (unsigned number = 0; number < MOUNTS_MAX - 3; number++)
        assert_int_not_equal(add(&mounts, "/m"), 0);
    assert_int_equal(add(&mounts, "/m"), 0);
}

static void test_paths_that_vfs_takes(void **state) {
    (void)state;
    static const char *const good[] = {"/", "/a", "/a/b", "/...", "/.x/..y"};
    static const char *const bad[] = {"", "a", "//", "/a/", "/a//b", "/.", "/..", "/a/./b", "/a/.."};
    for (size_t number = 0; number < sizeof good / sizeof *good; number++)
        assert_true(mount_path_is_valid(good[number], strlen(good[number])));
    for (size_t number = 0; number < sizeof bad / sizeof *bad; number++)
        assert_false(mount_path_is_valid(bad[number], strlen(bad[number])));
    assert_false(mount_path_is_valid("/a\0b", 4));
}

// ---- The boot image's tree ----

static void test_the_boot_images_tree(void **state) {
    (void)state;
    struct node *node, *directory;
    struct stream_stat stat;
    struct volume_entry entry = {0};
    char name[NAME_BYTES_MAX];
    tree_begin();
    assert_int_equal(tree_add("bin/a", 5, 10, true), 0);
    assert_int_equal(tree_add("bin/sub/b", 9, 20, false), 0);
    assert_int_equal(tree_add("manifest", 8, 30, false), 0);
    assert_error(tree_add("bin/a", 5, 10, true), EEXIST);
    assert_int_equal(tree_find(tree_root(), (struct name){"bin", 3}, &directory), 0);
    assert_int_equal(tree_find(directory, (struct name){"a", 1}, &node), 0);
    tree_stat(node, &stat);
    assert_int_equal(stat.mode, MODE_FILE | 0555);
    assert_int_equal(stat.size, 10);
    tree_stat(directory, &stat);
    assert_int_equal(stat.mode, MODE_DIRECTORY | 0555);
    assert_int_equal(stat.size, 2);
    assert_error(tree_find(directory, (struct name){"manifest", 8}, &node), ENOENT);
    assert_int_equal(tree_next(tree_root(), 0, &entry, name), 1);
    assert_memory_equal(name, "bin", 3);
    assert_int_equal(tree_next(tree_root(), entry.cookie, &entry, name), 1);
    assert_memory_equal(name, "manifest", 8);
    assert_int_equal(tree_next(tree_root(), entry.cookie, &entry, name), 0);
}

// ---- Modes ----

static bool modes(const char *text, uint32_t before, uint32_t wanted) {
    uint32_t mode;
    return mode_parse(text, before, &mode) && mode == wanted;
}

static void test_modes_are_read(void **state) {
    (void)state;
    uint32_t mode;
    assert_true(modes("644", 0, 0644));
    assert_true(modes("1777", 0, 01777));
    assert_true(modes("u+w", MODE_FILE | 0444, 0644));
    assert_true(modes("go-rx", MODE_FILE | 0755, 0700));
    assert_true(modes("+x", MODE_FILE | 0644, 0755));
    assert_true(modes("a=r", MODE_FILE | 0777, 0444));
    assert_true(modes("u=rw,g=r,o=", MODE_FILE | 0777, 0640));
    assert_true(modes("o=rwxt", MODE_DIRECTORY, 01007));
    assert_true(modes("a+X", MODE_FILE | 0644, 0644));
    assert_true(modes("a+X", MODE_DIRECTORY | 0644, 0755));
    assert_false(mode_parse("", 0, &mode));
    assert_false(mode_parse("8", 0, &mode));
    assert_false(mode_parse("77777", 0, &mode));
    assert_false(mode_parse("u", 0, &mode));
    assert_false(mode_parse("u+z", 0, &mode));
    assert_false(mode_parse("u+r,", 0, &mode));
}

static void test_modes_are_written(void **state) {
    (void)state;
    char text[MODE_TEXT_SIZE];
    assert_string_equal(mode_text(MODE_FILE | 0644, text), "-rw-r--r--");
    assert_string_equal(mode_text(MODE_DIRECTORY | 01777, text), "drwxrwxrwt");
    assert_string_equal(mode_text(MODE_LINK | 0777, text), "lrwxrwxrwx");
    assert_string_equal(mode_text(MODE_FILE | MODE_SET_OWNER | 0640, text), "-rwSr-----");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_are_resolved),
        cmocka_unit_test(test_a_path_has_4095_bytes_at_most),
        cmocka_unit_test(test_the_last_name_of_a_path),
        cmocka_unit_test(test_parents_are_found_and_applied),
        cmocka_unit_test(test_a_link_replaces_its_component),
        cmocka_unit_test(test_the_longest_mount_point_counts),
        cmocka_unit_test(test_paths_that_vfs_takes),
        cmocka_unit_test(test_the_boot_images_tree),
        cmocka_unit_test(test_modes_are_read),
        cmocka_unit_test(test_modes_are_written),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
