// SPDX-License-Identifier: MIT
// The file system in memory, and what a volume does with paths, owners and modes, over it.
#include "../../lib/volume_names.c" // the pure files themselves
#include "../../servers/memfs/accounts.c"
#include "../../servers/memfs/blocks.c"
#include "../../servers/memfs/entries.c"
#include "../../servers/memfs/nodes.c"
#include "../../servers/memfs/operations.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h> // needs those above

#define assert_error(result, name) assert_int_equal(result, -PIPE_##name)

#define BLOCKS_MAX 64u // of each test's file system, if it does not say more
#define NODES 64u

// ---- The file system, and the memory that it got ----

#define GIFTS_MAX 8192u

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
    gift_blocks = 256;
    memfs.now = 1;
    memfs.seed = 42;
    assert_true(files_begin(&memfs, memory_give, blocks, nodes));
}

static void be(uint32_t owner);

static int setup(void **state) {
    (void)state;
    be(0);
    files_start(BLOCKS_MAX, NODES);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    files_free();
    return 0;
}

static uint64_t blocks_used(void) {
    return memfs.block_count - memfs.free_count;
}

long volume_bytes_put(const struct volume_bytes *to, uint64_t offset, const void *from, size_t length) {
    memcpy(to->memory + offset, from, length);
    return (long)length;
}

long volume_bytes_get(const struct volume_bytes *from, uint64_t offset, void *to, size_t length) {
    memcpy(to, from->memory + offset, length);
    return (long)length;
}

// ---- Requests ----

enum { ROOT = 0, ANN = 1000, BOB = 1001 };

static struct volume_reply reply;
static struct volume_visit visit = {&memfs_operations, ROOT, &reply, true, true};

static void be(uint32_t owner) {
    visit.owner = owner;
}

// A path, with a slash in front as people write it, which is no part of it.
static struct volume_path path_of(const char *text, bool follows) {
    return (struct volume_path){text + 1, strlen(text) - 1, 0, follows};
}

#define ASK(function, text, ...)                                                                                       \
    (reply = (struct volume_reply){0},                                                                                 \
     function(&visit, &(struct volume_path){(text) + 1, strlen(text) - 1, 0, false}, ##__VA_ARGS__))

static long lookup(const char *path) {
    return ASK(volume_lookup, path);
}

static long make_file(const char *path) {
    return ASK(volume_create, path, MODE_FILE | 0644);
}

static long make_folder(const char *path, uint32_t mode) {
    return ASK(volume_create, path, MODE_DIRECTORY | mode);
}

static long make_link(const char *path, const char *text) {
    struct volume_bytes bytes = {.memory = (uint8_t *)(uintptr_t)text, .length = strlen(text)};
    return ASK(volume_symlink, path, &bytes);
}

static long hard_link(const char *path, const char *to) {
    struct volume_path new = path_of(to, false);
    return ASK(volume_link, path, &new);
}

static long rename_flags(const char *path, const char *to, uint32_t flags) {
    struct volume_path new = path_of(to, false);
    return ASK(volume_rename, path, &new, flags);
}

static long rename_path(const char *path, const char *to) {
    return rename_flags(path, to, 0);
}

static long remove_file(const char *path) {
    return ASK(volume_remove, path, REMOVE_FILE);
}

static long remove_folder(const char *path) {
    return ASK(volume_remove, path, REMOVE_DIRECTORY);
}
static struct node *opened;
static bool is_made;
static long open_flags(const char *path, uint32_t flags) {
    return ASK(volume_open, path, flags, 0644, &opened, &is_made);
}

static long set_mode(const char *path, uint32_t mode) {
    const struct stream_stat stat = {.mode = mode};
    return ASK(volume_change, path, CHANGE_MODE, &stat);
}

static struct node *node_of(const char *path) {
    assert_int_equal(open_flags(path, OPEN_READ), 0);
    return opened;
}

static struct node *file_of(const char *path) {
    assert_int_equal(make_file(path), 0);
    return node_of(path);
}

// What a directory lists, each name with a slash after it.
static const char *listing(const char *path) {
    static char text[4096];
    char name[NAME_BYTES_MAX];
    struct volume_entry entry = {0};
    const struct node *directory = path[1] ? node_of(path) : memfs.root;
    size_t length = 0;
    while (next(directory, entry.cookie, &entry, name) == 1) {
        memcpy(text + length, name, entry.name_length);
        length += entry.name_length;
        text[length++] = '/';
    }
    text[length] = 0;
    return text;
}

// Writes bytes that tell where they are; how many found room.
static long fill(struct node *node, uint64_t offset, uint64_t length, uint8_t seed) {
    uint8_t *memory = malloc(length);
    for (uint64_t index = 0; index < length; index++)
        memory[index] = (uint8_t)(seed + offset + index);
    long result = write_bytes(node, offset, &(struct volume_bytes){.memory = memory, .length = length});
    free(memory);
    return result;
}

static int byte_at(struct node *node, uint64_t offset) {
    uint8_t byte = 0xee;
    assert_int_equal(read_bytes(node, offset, &(struct volume_bytes){.memory = &byte, .length = 1}), 1);
    return byte;
}

static long resize(struct node *node, uint64_t size) {
    const struct stream_stat stat = {.size = size};
    return node_change(&memfs, node, CHANGE_SIZE, &stat);
}

// ---- Names ----

static void test_names_are_found_and_listed(void **state) {
    (void)state;
    make_folder("/b", 0755);
    make_file("/b/x");
    make_file("/ab");
    make_file("/a");
    make_file("/\xff");
    assert_string_equal(listing("/"), "b/ab/a/\xff/");
    assert_string_equal(listing("/b"), "x/");
    assert_int_equal(lookup("/b/x"), 0);
    assert_error(lookup("/b/y"), ENOENT);
    assert_error(lookup("/c/x"), ENOENT);
    assert_error(lookup("/a/x"), ENOTDIR);
    assert_int_equal(lookup("/"), 0);
    assert_int_equal(reply.stat.size, 4);
    assert_int_equal(reply.stat.links, 3);
}

static void test_a_name_has_255_bytes_at_most(void **state) {
    (void)state;
    char path[NAME_BYTES_MAX + 3] = "/";
    memset(path + 1, 'n', NAME_BYTES_MAX);
    assert_int_equal(make_file(path), 0);
    assert_int_equal(lookup(path), 0);
    path[NAME_BYTES_MAX + 1] = 'n';
    assert_error(make_file(path), ENAMETOOLONG);
    assert_error(lookup(path), ENAMETOOLONG);
    assert_int_equal(memfs.root->size, 1);
}

static void test_paths_that_are_none_are_refused(void **state) {
    (void)state;
    static const char *const paths[] = {"//a", "/a//b", "/a/", "/.", "/..", "/a/../b"};
    make_folder("/a", 0755);
    for (size_t number = 0; number < sizeof paths / sizeof *paths; number++)
        assert_error(lookup(paths[number]), EINVAL);
    assert_error(volume_lookup(&visit, &(struct volume_path){"a\0b", 3, 0, false}), EINVAL);
    assert_int_equal(make_file("/..."), 0);
    assert_int_equal(make_file("/.x"), 0);
}

static void test_a_name_is_made_once(void **state) {
    (void)state;
    make_file("/a");
    assert_error(make_file("/a"), EEXIST);
    assert_error(make_folder("/a", 0755), EEXIST);
    assert_error(make_folder("/", 0755), EEXIST);
    assert_error(make_file("/a/b"), ENOTDIR);
    assert_error(make_file("/n/b"), ENOENT);
    assert_error(ASK(volume_create, "/x", MODE_TERMINAL | 0644), EINVAL);
}

static void test_only_what_may_go_is_removed(void **state) {
    (void)state;
    make_folder("/d", 0755);
    make_file("/d/f");
    assert_error(remove_file("/d"), EISDIR);
    assert_error(remove_folder("/d/f"), ENOTDIR);
    assert_error(remove_folder("/d"), ENOTEMPTY);
    assert_error(remove_folder("/"), EBUSY);
    assert_error(remove_file("/n"), ENOENT);
    assert_string_equal(listing("/d"), "f/");
    assert_int_equal(remove_file("/d/f"), 0);
    assert_int_equal(remove_folder("/d"), 0);
    assert_string_equal(listing("/"), "");
    assert_int_equal(memfs.root->links, 2);
    assert_int_equal(memfs.node_count, 1);
}

static void test_a_file_has_many_names(void **state) {
    (void)state;
    fill(file_of("/a"), 0, 3, 1);
    uint64_t inode = reply.stat.inode;
    make_folder("/d", 0755);
    assert_int_equal(hard_link("/a", "/d/b"), 0);
    assert_int_equal(reply.stat.links, 2);
    assert_int_equal(lookup("/d/b"), 0);
    assert_int_equal(reply.stat.inode, inode);
    assert_int_equal(remove_file("/a"), 0);
    assert_int_equal(byte_at(node_of("/d/b"), 2), 3);
    assert_int_equal(reply.stat.links, 1);
    assert_error(hard_link("/d", "/e"), EISDIR);
    assert_error(hard_link("/d/b", "/d"), EEXIST);
    assert_error(hard_link("/n", "/e"), ENOENT);
    opened->links = LINKS_MAX;
    assert_error(hard_link("/d/b", "/e"), EMLINK);
}

static void test_inode_numbers_are_not_used_again(void **state) {
    (void)state;
    assert_int_equal(make_file("/a"), 0);
    uint64_t inode = reply.stat.inode;
    assert_int_equal(remove_file("/a"), 0);
    assert_int_equal(make_file("/b"), 0);
    assert_int_not_equal(reply.stat.inode, inode);
    assert_int_equal(memfs.nodes_used, 2);
}

static void test_cookies_stay_good(void **state) {
    (void)state;
    char path[8], name[NAME_BYTES_MAX];
    struct volume_entry entry = {0};
    for (char letter = 'a'; letter <= 'h'; letter++) {
        snprintf(path, sizeof path, "/%c", letter);
        make_file(path);
    }
    for (int number = 0; number < 3; number++)
        assert_int_equal(next(memfs.root, entry.cookie, &entry, name), 1);
    assert_int_equal(name[0], 'c');
    remove_file("/c"); // the entry of the cookie itself
    remove_file("/a");
    remove_file("/e");
    make_file("/a");
    assert_int_equal(next(memfs.root, entry.cookie, &entry, name), 1);
    assert_int_equal(name[0], 'd');
    assert_int_equal(next(memfs.root, entry.cookie, &entry, name), 1);
    assert_int_equal(name[0], 'f');
    assert_string_equal(listing("/"), "b/d/f/g/h/a/");
}

// ---- Renaming ----

static void test_a_rename_moves_and_replaces(void **state) {
    (void)state;
    make_folder("/d", 0755);
    make_folder("/e", 0755);
    fill(file_of("/a"), 0, 10, 1);
    fill(file_of("/d/b"), 0, 5000, 1);
    assert_int_equal(rename_path("/a", "/d/b"), 0);
    assert_string_equal(listing("/"), "d/e/");
    assert_int_equal(memfs.root->links, 4);
    assert_int_equal(rename_path("/d", "/e"), 0);
    assert_string_equal(listing("/"), "e/");
    assert_string_equal(listing("/e"), "b/");
    assert_int_equal(memfs.root->links, 3);
    assert_int_equal(rename_path("/e/b", "/e/b"), 0);
    assert_int_equal(memfs.node_count, 3);
    assert_int_equal(lookup("/e/b"), 0);
    assert_int_equal(reply.stat.size, 10);
    make_folder("/f", 0755);
    assert_int_equal(rename_path("/e", "/f/g"), 0);
    assert_int_equal(lookup("/f/g/b"), 0);
    assert_int_equal(node_of("/f")->links, 3);
    assert_int_equal(memfs.root->links, 3);
}

static void test_a_rename_that_makes_no_sense_changes_nothing(void **state) {
    (void)state;
    make_folder("/d", 0755);
    make_folder("/d/e", 0755);
    make_folder("/full", 0755);
    make_file("/full/f");
    make_file("/f");
    assert_error(rename_path("/d", "/d/e/x"), EINVAL);
    assert_error(rename_path("/d", "/d/x"), EINVAL);
    assert_error(rename_path("/", "/x"), EBUSY);
    assert_error(rename_path("/d", "/"), EBUSY);
    assert_error(rename_path("/f", "/d"), EISDIR);
    assert_error(rename_path("/d", "/f"), ENOTDIR);
    assert_error(rename_path("/d", "/full"), ENOTEMPTY);
    assert_error(rename_path("/n", "/f"), ENOENT);
    assert_error(rename_path("/f", "/n/f"), ENOENT);
    assert_error(rename_flags("/f", "/full/f", RENAME_NEW), EEXIST);
    assert_error(rename_flags("/f", "/new", RENAME_SWAP), ENOENT);
    assert_error(rename_flags("/d", "/d/e", RENAME_SWAP), EINVAL);
    assert_error(rename_flags("/d/e", "/d", RENAME_SWAP), EINVAL);
    assert_error(rename_flags("/f", "/new", 4), EINVAL);
    assert_string_equal(listing("/"), "d/full/f/");
    assert_string_equal(listing("/d"), "e/");
}

static void test_two_names_are_swapped(void **state) {
    (void)state;
    make_folder("/d", 0755);
    make_folder("/d/e", 0755);
    fill(file_of("/f"), 0, 7, 1);
    assert_int_equal(rename_flags("/f", "/d/e", RENAME_SWAP), 0);
    assert_int_equal(lookup("/d/e"), 0);
    assert_int_equal(reply.stat.size, 7);
    assert_int_equal(lookup("/f"), 0);
    assert_int_equal(reply.stat.mode & MODE_TYPE, MODE_DIRECTORY);
    assert_int_equal(memfs.root->links, 4);
    assert_int_equal(node_of("/d")->links, 2);
    assert_error(rename_path("/f", "/f/x"), EINVAL); // its parent is the root now
}

static void test_two_names_of_one_file_are_both_kept(void **state) {
    (void)state;
    make_file("/a");
    assert_int_equal(hard_link("/a", "/b"), 0);
    assert_int_equal(rename_path("/a", "/b"), 0);
    assert_string_equal(listing("/"), "a/b/");
}

// ---- Symbolic links ----

static void test_a_link_in_the_way_is_told(void **state) {
    (void)state;
    char text[PATH_BYTES_MAX];
    struct volume_bytes to = {.memory = (uint8_t *)text, .length = sizeof text};
    make_folder("/d", 0755);
    assert_int_equal(make_link("/d/l", "/boot"), 0);
    assert_int_equal(lookup("/d/l"), 0);
    assert_int_equal(reply.link, 0);
    assert_int_equal(reply.stat.mode, MODE_LINK | 0777);
    assert_int_equal(reply.stat.size, 5);
    assert_int_equal(lookup("/d/l/x/y"), 0);
    assert_int_equal(reply.link, 1);
    assert_int_equal(reply.count, 3);
    struct volume_path follows = path_of("/d/l", true);
    assert_int_equal(volume_lookup(&visit, &follows), 0);
    assert_int_equal(reply.link, 1);
    assert_int_equal(ASK(volume_readlink, "/d/l", &to), 0);
    assert_int_equal(reply.count, 5);
    assert_memory_equal(text, "/boot", 5);
    assert_error(ASK(volume_readlink, "/d", &to), EINVAL);
    assert_error(open_flags("/d/l", OPEN_READ), ELOOP);
    assert_error(open_flags("/d/l", OPEN_WRITE | OPEN_CREATE | OPEN_NEW), EEXIST);
    assert_error(make_file("/d/l"), EEXIST);
    assert_int_equal(make_file("/d/l/x"), 0);
    assert_int_equal(reply.link, 1);
    assert_int_equal(remove_file("/d/l"), 0);
    assert_error(remove_file("/d/l"), ENOENT);
}

static void test_a_link_has_1_to_4095_bytes(void **state) {
    (void)state;
    char text[PATH_BYTES_MAX + 2];
    memset(text, 't', sizeof text);
    text[PATH_BYTES_MAX + 1] = 0;
    assert_error(make_link("/l", ""), ENOENT);
    assert_error(make_link("/l", text), ENAMETOOLONG);
    text[PATH_BYTES_MAX] = 0;
    assert_int_equal(make_link("/l", text), 0);
    assert_int_equal(lookup("/l"), 0);
    assert_int_equal(reply.stat.size, PATH_BYTES_MAX);
}

// ---- Owners and modes ----

static void test_modes_are_checked_when_a_file_is_opened(void **state) {
    (void)state;
    make_file("/ours");
    make_folder("/open", 0777);
    be(ANN);
    assert_int_equal(open_flags("/ours", OPEN_READ), 0);
    assert_error(open_flags("/ours", OPEN_WRITE), EACCES);
    assert_error(open_flags("/ours", OPEN_WRITE | OPEN_TRUNCATE), EACCES);
    assert_error(make_file("/mine"), EACCES);
    assert_int_equal(make_file("/open/mine"), 0);
    assert_int_equal(reply.stat.owner, ANN);
    assert_error(set_mode("/ours", 0666), EACCES);
    assert_int_equal(set_mode("/open/mine", 0060), 0);
    assert_error(open_flags("/open/mine", OPEN_READ), EACCES); // the owner's bits count, not the others'
    be(BOB);
    assert_error(open_flags("/open/mine", OPEN_READ), EACCES);
    assert_error(set_mode("/open/mine", 0666), EACCES);
    be(ROOT);
    assert_int_equal(open_flags("/open/mine", OPEN_READ | OPEN_WRITE), 0);
}

static void test_a_directory_without_search_hides_what_is_below(void **state) {
    (void)state;
    make_folder("/d", 0700);
    make_file("/d/f");
    be(ANN);
    assert_error(lookup("/d/f"), EACCES);
    assert_error(open_flags("/d/f", OPEN_READ), EACCES);
    assert_error(open_flags("/d", OPEN_READ), EACCES);
    assert_error(lookup("/d/none"), EACCES);
    be(ROOT);
    set_mode("/d", 0711);
    be(ANN);
    assert_int_equal(lookup("/d/f"), 0);
    assert_error(open_flags("/d", OPEN_READ), EACCES);
}

static void test_names_go_only_where_the_directory_may_be_written(void **state) {
    (void)state;
    make_folder("/d", 0755);
    make_file("/d/f");
    make_folder("/open", 0777);
    make_file("/open/g");
    be(ANN);
    assert_error(remove_file("/d/f"), EACCES);
    assert_error(rename_path("/d/f", "/open/f"), EACCES);
    assert_error(rename_path("/open/g", "/d/g"), EACCES);
    assert_error(rename_path("/open/g", "/d/f"), EACCES);
    assert_error(make_link("/d/l", "x"), EACCES);
    assert_error(hard_link("/open/g", "/d/g"), EACCES);
    assert_int_equal(remove_file("/open/g"), 0);
}

static void test_a_sticky_directory_keeps_names_for_their_owners(void **state) {
    (void)state;
    make_folder("/tmp", MODE_STICKY | 0777);
    make_file("/tmp/job");
    be(ANN);
    assert_error(remove_file("/tmp/job"), EACCES);
    assert_error(rename_path("/tmp/job", "/tmp/x"), EACCES);
    assert_int_equal(make_file("/tmp/mine"), 0);
    assert_error(rename_path("/tmp/mine", "/tmp/job"), EACCES);
    assert_error(rename_flags("/tmp/mine", "/tmp/job", RENAME_SWAP), EACCES);
    assert_int_equal(rename_path("/tmp/mine", "/tmp/own"), 0);
    be(BOB);
    assert_error(remove_file("/tmp/own"), EACCES);
    be(ANN);
    assert_int_equal(remove_file("/tmp/own"), 0);
}

// What somebody plants in /tmp under a name that another one will use there.
static void test_what_others_plant_in_a_sticky_directory_is_not_used(void **state) {
    (void)state;
    make_folder("/tmp", MODE_STICKY | 0777);
    make_file("/secret");
    set_mode("/secret", 0644);
    be(ANN);
    make_file("/tmp/job");
    set_mode("/tmp/job", 0666);
    make_link("/tmp/link", "/secret");
    assert_error(hard_link("/secret", "/tmp/hard"), EACCES);
    be(ROOT);
    assert_error(open_flags("/tmp/job", OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE), EACCES);
    assert_int_equal(open_flags("/tmp/job", OPEN_WRITE), 0);
    struct volume_path follows = path_of("/tmp/link", true);
    assert_error(volume_open(&visit, &follows, OPEN_WRITE, 0, &opened, &is_made), EACCES);
    assert_error(lookup("/tmp/link/x"), EACCES);
    be(ANN);
    assert_int_equal(volume_open(&visit, &follows, OPEN_WRITE, 0, &opened, &is_made), 0);
    assert_int_equal(reply.link, 1);
    assert_int_equal(open_flags("/tmp/job", OPEN_WRITE | OPEN_CREATE), 0);
}

static void test_attributes_change_by_who_may(void **state) {
    (void)state;
    const struct stream_stat wanted = {.mode = 0600, .owner = BOB, .group = BOB, .modified = -7, .size = 9};
    make_folder("/open", 0777);
    be(ANN);
    make_file("/open/f");
    assert_error(ASK(volume_change, "/open/f", CHANGE_OWNER, &wanted), EACCES);
    assert_int_equal(ASK(volume_change, "/open/f", CHANGE_MODIFIED | CHANGE_SIZE, &wanted), 0);
    assert_int_equal(reply.stat.modified, -7);
    assert_int_equal(reply.stat.size, 9);
    assert_error(ASK(volume_change, "/open", CHANGE_SIZE, &wanted), EISDIR);
    be(ROOT);
    assert_int_equal(ASK(volume_change, "/open/f", CHANGE_OWNER | CHANGE_GROUP | CHANGE_MODE, &wanted), 0);
    assert_int_equal(reply.stat.mode, MODE_FILE | 0600);
    be(ANN);
    assert_error(ASK(volume_change, "/open/f", CHANGE_SIZE, &wanted), EACCES);
    assert_error(ASK(volume_change, "/open/f", CHANGE_MODE, &wanted), EACCES);
}

static void test_what_can_not_be_changed_says_so(void **state) {
    (void)state;
    struct volume_operations fixed = memfs_operations;
    make_file("/f");
    fixed.make = NULL;
    fixed.write = NULL;
    fixed.remove = NULL;
    fixed.rename = NULL;
    fixed.change = NULL;
    visit.volume = &fixed;
    assert_error(make_file("/g"), EROFS);
    assert_error(make_link("/g", "x"), EROFS);
    assert_error(hard_link("/f", "/g"), EROFS);
    assert_error(open_flags("/f", OPEN_WRITE), EROFS);
    assert_error(remove_file("/f"), EROFS);
    assert_error(rename_path("/f", "/g"), EROFS);
    assert_error(set_mode("/f", 0600), EROFS);
    visit.volume = &memfs_operations;
    assert_error(make_file("/f"), EEXIST);
}

// ---- Open files ----

static void test_a_file_without_a_name_lives_as_long_as_it_is_open(void **state) {
    (void)state;
    struct node *node = file_of("/a");
    uint64_t before = blocks_used();
    fill(node, 0, 10, 1);
    node_hold(node);
    node_hold(node);
    assert_int_equal(remove_file("/a"), 0);
    assert_error(lookup("/a"), ENOENT);
    make_file("/a");
    assert_int_equal(byte_at(node, 3), 4);
    node_release(&memfs, node);
    assert_int_equal(memfs.node_count, 3);
    node_release(&memfs, node);
    assert_int_equal(memfs.node_count, 2);
    assert_int_equal(blocks_used(), before);
}

static void test_a_directory_that_was_removed_stays_while_it_is_open(void **state) {
    (void)state;
    char name[NAME_BYTES_MAX];
    struct volume_entry entry;
    make_folder("/d", 0755);
    struct node *node = node_of("/d");
    node_hold(node);
    assert_int_equal(remove_folder("/d"), 0);
    assert_int_equal(node->links, 0);
    assert_int_equal(next(node, 0, &entry, name), 0);
    node_release(&memfs, node);
    assert_int_equal(memfs.node_count, 1);
}

// ---- Many names ----

static unsigned depth_of(enum order order, const struct entry *entry) {
    unsigned lower = entry ? depth_of(order, entry->lower[order]) : 0;
    unsigned higher = entry ? depth_of(order, entry->higher[order]) : 0;
    return entry ? 1 + (lower > higher ? lower : higher) : 0;
}

static void test_a_million_files(void **state) {
    (void)state;
    enum { MANY = 1000000 };
    char path[16], name[NAME_BYTES_MAX];
    struct volume_entry entry = {0};
    uint32_t count = 0;
    files_start(1u << 20, MANY + 1);
    for (int number = 0; number < MANY; number++) {
        snprintf(path, sizeof path, "/%07d", number);
        assert_int_equal(make_file(path), 0);
    }
    assert_error(make_file("/more"), ENOSPC);
    assert_in_range(depth_of(BY_NAME, memfs.root->tops[BY_NAME]), 20, 70);
    assert_in_range(depth_of(BY_COOKIE, memfs.root->tops[BY_COOKIE]), 20, 70);
    assert_int_equal(lookup("/0765432"), 0);
    assert_in_range(blocks_used() * BLOCK_SIZE, 0, MANY * 256ull);
    print_message("# %lu bytes a file\n", (unsigned long)(blocks_used() * BLOCK_SIZE / MANY));
    uint64_t table = memfs.nodes.blocks;
    while (next(memfs.root, entry.cookie, &entry, name) == 1) {
        path[0] = '/';
        memcpy(path + 1, name, entry.name_length);
        path[1 + entry.name_length] = 0;
        assert_int_equal(remove_file(path), 0);
        count++;
    }
    assert_int_equal(count, MANY);
    assert_int_equal(memfs.node_count, 1);
    make_file("/again");
    assert_int_equal(blocks_used(), table + 1); // of nodes, and of names
}

static void test_names_have_a_limit_and_come_back(void **state) {
    (void)state;
    char path[16];
    for (uint32_t number = 1; number < NODES; number++) {
        snprintf(path, sizeof path, "/%u", number);
        assert_int_equal(make_file(path), 0);
    }
    assert_error(make_file("/more"), ENOSPC);
    assert_int_equal(remove_file("/7"), 0);
    assert_int_equal(make_file("/more"), 0);
}

// ---- Data ----

static void test_bytes_are_where_they_were_put(void **state) {
    (void)state;
    struct node *node = file_of("/a");
    assert_int_equal(fill(node, 4000, 10000, 3), 10000);
    assert_int_equal(node->size, 14000);
    for (uint64_t offset = 0; offset < node->size; offset++)
        assert_int_equal(byte_at(node, offset), offset < 4000 ? 0 : (uint8_t)(offset + 3));
    assert_int_equal(node->data.blocks, 5); // four of data and a table
    assert_int_equal(fill(node, 100, 10, 1), 10);
    assert_int_equal(node->size, 14000);
}

static void test_holes_take_no_memory_and_read_as_zeroes(void **state) {
    (void)state;
    struct node *node = file_of("/a");
    uint64_t far = (uint64_t)FILE_BYTES_MAX - 1;
    assert_int_equal(fill(node, 0, 1, 9), 1);
    assert_int_equal(fill(node, far, 10, 9), 1);
    assert_int_equal(node->size, FILE_BYTES_MAX);
    assert_int_equal(byte_at(node, 0), 9);
    assert_int_equal(byte_at(node, 1), 0);
    assert_int_equal(byte_at(node, 1ull << 40), 0);
    assert_int_equal(byte_at(node, far - BLOCK_SIZE), 0);
    assert_int_equal(byte_at(node, far), (uint8_t)(9 + far));
    assert_in_range(node->data.blocks, 5, 13); // two of data, a table for each height on both ways
    assert_error(fill(node, FILE_BYTES_MAX, 1, 1), EFBIG);
    assert_error(resize(node, (uint64_t)FILE_BYTES_MAX + 1), EFBIG);
    assert_int_equal(resize(node, 1), 0);
    assert_int_equal(resize(node, FILE_BYTES_MAX), 0);
    assert_int_equal(byte_at(node, far), 0);
    assert_int_equal(resize(node, 0), 0);
    assert_int_equal(node->data.blocks, 0);
}

static void test_what_is_cut_off_is_zeroes_when_it_comes_back(void **state) {
    (void)state;
    struct node *node = file_of("/a");
    fill(node, 0, 3 * BLOCK_SIZE, 1);
    assert_int_equal(resize(node, BLOCK_SIZE + 100), 0);
    assert_int_equal(node->data.blocks, 3);
    assert_int_equal(resize(node, 3 * BLOCK_SIZE), 0);
    assert_int_equal(byte_at(node, BLOCK_SIZE + 99), (uint8_t)(BLOCK_SIZE + 100));
    for (uint64_t offset = BLOCK_SIZE + 100; offset < 3 * BLOCK_SIZE; offset++)
        assert_int_equal(byte_at(node, offset), 0);
    assert_int_equal(resize(node, BLOCK_SIZE), 0);
    assert_int_equal(node->data.blocks, 2);
    assert_int_equal(resize(node, 0), 0);
    assert_int_equal(node->data.blocks, 0);
    fill(node, 5, 1, 1);
    assert_int_equal(byte_at(node, 0), 0);
    assert_int_equal(byte_at(node, 5), 6);
}

static void test_a_full_file_system_says_so_and_gives_room_again(void **state) {
    (void)state;
    struct node *first = file_of("/a"), *second = file_of("/b");
    uint64_t wanted = (BLOCKS_MAX + 1) * BLOCK_SIZE;
    long written = fill(first, 0, wanted, 1);
    assert_in_range(written, (BLOCKS_MAX - 6) * BLOCK_SIZE, (BLOCKS_MAX - 1) * BLOCK_SIZE);
    assert_error(fill(second, 0, 1, 1), ENOSPC);
    assert_int_equal(byte_at(first, (uint64_t)written - 1), (uint8_t)written);
    assert_int_equal(memfs.block_count, BLOCKS_MAX);
    assert_error(make_link("/l", "x"), ENOSPC);
    assert_error(lookup("/l"), ENOENT);
    assert_int_equal(remove_file("/a"), 0);
    assert_int_equal(fill(file_of("/c"), 0, (uint64_t)written, 2), written);
}

// Tables that a write made before the space ran out go at once.
static void test_a_write_that_failed_leaves_nothing_in_the_file(void **state) {
    (void)state;
    struct node *node = file_of("/a"), *full = file_of("/b");
    fill(full, 0, (uint64_t)BLOCKS_MAX * BLOCK_SIZE, 1);
    resize(full, full->size - BLOCK_SIZE);
    assert_error(fill(node, FILE_BYTES_MAX - 1, 1, 1), ENOSPC);
    assert_int_equal(node->data.blocks, 0);
    assert_int_equal(memfs.free_count, 1);
}

static void test_memory_comes_in_chunks_of_any_size(void **state) {
    (void)state;
    files_start(12, NODES);
    gift_blocks = 3;
    struct node *node = file_of("/a");
    assert_in_range(fill(node, 0, 12 * BLOCK_SIZE, 1), 7 * BLOCK_SIZE, 9 * BLOCK_SIZE);
}

static void test_times_tell_of_changes(void **state) {
    (void)state;
    struct node *node = file_of("/a");
    memfs.now = 7;
    fill(node, 0, 1, 1);
    assert_int_equal(node->modified, 7);
    assert_int_equal(memfs.root->modified, 1);
    memfs.now = 8;
    rename_path("/a", "/b");
    assert_int_equal(memfs.root->modified, 8);
    assert_int_equal(node->modified, 7);
    assert_int_equal(node->changed, 8);
}

#define FILES_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FILES_TEST(test_names_are_found_and_listed),
        FILES_TEST(test_a_name_has_255_bytes_at_most),
        FILES_TEST(test_paths_that_are_none_are_refused),
        FILES_TEST(test_a_name_is_made_once),
        FILES_TEST(test_only_what_may_go_is_removed),
        FILES_TEST(test_a_file_has_many_names),
        FILES_TEST(test_inode_numbers_are_not_used_again),
        FILES_TEST(test_cookies_stay_good),
        FILES_TEST(test_a_rename_moves_and_replaces),
        FILES_TEST(test_a_rename_that_makes_no_sense_changes_nothing),
        FILES_TEST(test_two_names_are_swapped),
        FILES_TEST(test_two_names_of_one_file_are_both_kept),
        FILES_TEST(test_a_link_in_the_way_is_told),
        FILES_TEST(test_a_link_has_1_to_4095_bytes),
        FILES_TEST(test_modes_are_checked_when_a_file_is_opened),
        FILES_TEST(test_a_directory_without_search_hides_what_is_below),
        FILES_TEST(test_names_go_only_where_the_directory_may_be_written),
        FILES_TEST(test_a_sticky_directory_keeps_names_for_their_owners),
        FILES_TEST(test_what_others_plant_in_a_sticky_directory_is_not_used),
        FILES_TEST(test_attributes_change_by_who_may),
        FILES_TEST(test_what_can_not_be_changed_says_so),
        FILES_TEST(test_a_file_without_a_name_lives_as_long_as_it_is_open),
        FILES_TEST(test_a_directory_that_was_removed_stays_while_it_is_open),
        FILES_TEST(test_a_million_files),
        FILES_TEST(test_names_have_a_limit_and_come_back),
        FILES_TEST(test_bytes_are_where_they_were_put),
        FILES_TEST(test_holes_take_no_memory_and_read_as_zeroes),
        FILES_TEST(test_what_is_cut_off_is_zeroes_when_it_comes_back),
        FILES_TEST(test_a_full_file_system_says_so_and_gives_room_again),
        FILES_TEST(test_a_write_that_failed_leaves_nothing_in_the_file),
        FILES_TEST(test_memory_comes_in_chunks_of_any_size),
        FILES_TEST(test_times_tell_of_changes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
