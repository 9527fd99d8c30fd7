// SPDX-License-Identifier: MIT
// What each owner may take of the file system in memory: no owner but 0 can fill it.
#include "../../servers/memfs/accounts.c" // the pure files themselves
#include "../../servers/memfs/blocks.c"
#include "../../servers/memfs/entries.c"
#include "../../servers/memfs/nodes.c"
#include "../../servers/memfs/operations.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define assert_error(result, name) assert_int_equal(result, -PIPE_##name)

enum { SYSTEM = 0, ANN = 1000, BOB = 1001, BLOCKS = 1024, NODES = 4096, SHARE = BLOCKS / ACCOUNT_SHARE };

// ---- The file system ----

#define GIFTS_MAX 64u

static void *gifts[GIFTS_MAX];
static uint32_t gift_count;

static void *memory_give(uint32_t *count) {
    assert_true(gift_count < GIFTS_MAX);
    return gifts[gift_count++] = aligned_alloc(BLOCK_SIZE, (size_t)*count * BLOCK_SIZE);
}

static int setup(void **state) {
    (void)state;
    memfs.seed = 42;
    assert_true(files_begin(&memfs, memory_give, BLOCKS, NODES));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    while (gift_count)
        free(gifts[--gift_count]);
    return 0;
}

long volume_bytes_put(const struct volume_bytes *to, uint64_t offset, const void *from, size_t length) {
    memcpy(to->memory + offset, from, length);
    return (long)length;
}

long volume_bytes_get(const struct volume_bytes *from, uint64_t offset, void *to, size_t length) {
    memcpy(to, from->memory + offset, length);
    return (long)length;
}

static struct name name_number(unsigned number, unsigned length) {
    static char text[NAME_BYTES_MAX + 1];
    snprintf(text, sizeof text, "%0*u", (int)length, number);
    return (struct name){text, length};
}

static long make_node(uint32_t owner, uint32_t type, struct name name, struct node **node) {
    const struct stream_stat stat = {.mode = type | 0644, .owner = owner};
    return make(memfs.root, name, &stat, node);
}

static struct node *file_make(uint32_t owner, const char *name) {
    struct node *node;
    assert_int_equal(make_node(owner, MODE_FILE, (struct name){name, strlen(name)}, &node), 0);
    return node;
}

static long write_blocks(struct node *node, uint64_t first, uint64_t count) {
    static uint8_t bytes[BLOCKS * BLOCK_SIZE];
    return write_bytes(node, first * BLOCK_SIZE, &(struct volume_bytes){.memory = bytes, .length = count * BLOCK_SIZE});
}

static long owner_change(struct node *node, uint32_t owner) {
    const struct stream_stat stat = {.owner = owner};
    return node_change(&memfs, node, CHANGE_OWNER, &stat);
}

static const struct account *account(uint32_t owner) {
    return account_of(&memfs.accounts, owner);
}

static uint64_t blocks_used(void) {
    return memfs.block_count - memfs.free_count;
}

// Makes names until that fails: why, and how many there are.
static long names_fill(uint32_t owner, unsigned length, unsigned *count) {
    struct node *node;
    long error;
    for (*count = 0; (error = make_node(owner, MODE_FILE, name_number(*count, length), &node)) == 0; ++*count)
        continue;
    return error;
}

static void names_remove(unsigned length, unsigned count) {
    for (unsigned number = 0; number < count; number++)
        assert_int_equal(remove_name(memfs.root, name_number(number, length)), 0);
}

// ---- Tests ----

static void test_an_owner_writes_a_quarter_of_the_bytes(void **state) {
    (void)state;
    struct node *anns = file_make(ANN, "ann"), *bobs = file_make(BOB, "bob"), *ours = file_make(SYSTEM, "ours");
    long written = write_blocks(anns, 0, BLOCKS);
    assert_in_range(written, (SHARE - 4) * BLOCK_SIZE, SHARE * BLOCK_SIZE);
    assert_error(write_blocks(anns, SHARE, 1), EDQUOT);
    assert_int_equal(anns->size, written);
    assert_in_range(write_blocks(bobs, 0, BLOCKS), (SHARE - 4) * BLOCK_SIZE, SHARE * BLOCK_SIZE);
    assert_in_range(write_blocks(ours, 0, BLOCKS), SHARE * BLOCK_SIZE, 2 * SHARE * BLOCK_SIZE);
    assert_error(write_blocks(ours, BLOCKS, 1), ENOSPC);
}

static void test_an_owner_makes_a_quarter_of_the_nodes(void **state) {
    (void)state;
    unsigned count, again;
    struct node *node;
    assert_error(names_fill(ANN, 8, &count), EDQUOT);
    assert_int_equal(count, NODES / ACCOUNT_SHARE);
    assert_error(make_node(ANN, MODE_DIRECTORY, (struct name){"d", 1}, &node), EDQUOT);
    assert_error(make_node(ANN, MODE_LINK, (struct name){"l", 1}, &node), EDQUOT);
    assert_int_equal(make_node(BOB, MODE_FILE, (struct name){"b", 1}, &node), 0);
    assert_int_equal(make_node(SYSTEM, MODE_FILE, (struct name){"s", 1}, &node), 0);
    names_remove(8, count);
    assert_error(names_fill(ANN, 8, &again), EDQUOT);
    assert_int_equal(again, count);
}

static void test_an_owner_pays_for_every_name(void **state) {
    (void)state;
    struct node *node = file_make(ANN, "ann");
    unsigned count = 0;
    long error;
    while ((error = link_name(memfs.root, name_number(count, NAME_BYTES_MAX), node)) == 0)
        count++;
    assert_error(error, EDQUOT);
    assert_in_range(count, SHARE * 10, SHARE * 13);
    assert_int_equal(account(ANN)->bytes <= SHARE * BLOCK_SIZE, 1);
    file_make(BOB, "bob");
}

// What is left in many blocks costs what it keeps from others, and blocks without entries go back.
static void test_names_of_all_lengths_take_no_more_than_the_owner_has(void **state) {
    (void)state;
    for (unsigned length = 8; length <= NAME_BYTES_MAX; length += NAME_STEP) {
        unsigned count;
        assert_error(names_fill(ANN, length, &count), EDQUOT);
        assert_true(blocks_used() <= SHARE + memfs.nodes.blocks);
        for (unsigned number = 0; number < count; number++)
            if (number % 32) // one is left in each two blocks, or in each
                assert_int_equal(remove_name(memfs.root, name_number(number, length)), 0);
        assert_true(blocks_used() <= account(ANN)->bytes / BLOCK_SIZE + memfs.nodes.blocks);
    }
    struct node *ours = file_make(SYSTEM, "ours");
    assert_int_equal(write_blocks(ours, 0, 2 * SHARE), 2 * SHARE * BLOCK_SIZE);
}

static void test_what_goes_is_paid_for_no_longer(void **state) {
    (void)state;
    unsigned count;
    for (unsigned length = 8; length <= NAME_BYTES_MAX; length += NAME_STEP) {
        names_fill(ANN, length, &count);
        names_remove(length, count);
    }
    struct node *node = file_make(ANN, "ann");
    write_blocks(node, 0, BLOCKS);
    const struct stream_stat half = {.size = SHARE / 2 * BLOCK_SIZE};
    node_change(&memfs, node, CHANGE_SIZE, &half);
    assert_int_equal(write_blocks(node, SHARE / 2, SHARE / 4), SHARE / 4 * BLOCK_SIZE);
    node_hold(node);
    remove_name(memfs.root, (struct name){"ann", 3});
    assert_true(account(ANN)->bytes > SHARE / 2 * BLOCK_SIZE); // it is open
    node_release(&memfs, node);
    assert_int_equal(account(ANN)->bytes, 0);
    assert_int_equal(account(ANN)->nodes, 0);
    assert_int_equal(blocks_used(), memfs.nodes.blocks);
}

static void test_a_new_owner_pays(void **state) {
    (void)state;
    struct node *first = file_make(SYSTEM, "first"), *second = file_make(SYSTEM, "second");
    write_blocks(first, 0, SHARE * 3 / 4);
    write_blocks(second, 0, SHARE * 3 / 4);
    assert_int_equal(owner_change(first, ANN), 0);
    assert_int_equal(account(ANN)->nodes, 1);
    assert_true(account(ANN)->bytes > SHARE * 3 / 4 * BLOCK_SIZE);
    assert_error(owner_change(second, ANN), EDQUOT);
    assert_int_equal(second->owner, SYSTEM);
    assert_int_equal(owner_change(second, BOB), 0);
    assert_in_range(write_blocks(second, SHARE * 3 / 4, SHARE), (SHARE / 4 - 4) * BLOCK_SIZE, SHARE / 4 * BLOCK_SIZE);
}

static void test_the_257th_owner_is_refused(void **state) {
    (void)state;
    struct node *node;
    char name[8];
    for (uint32_t owner = 1; owner < ACCOUNTS_MAX; owner++) {
        snprintf(name, sizeof name, "%u", owner);
        file_make(owner, name);
    }
    assert_error(make_node(ACCOUNTS_MAX, MODE_FILE, (struct name){"x", 1}, &node), EDQUOT);
    assert_error(owner_change(memfs.root, ACCOUNTS_MAX), EDQUOT);
    file_make(SYSTEM, "ours");
    remove_name(memfs.root, (struct name){"7", 1});
    file_make(ACCOUNTS_MAX, "x");
}

#define FILES_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FILES_TEST(test_an_owner_writes_a_quarter_of_the_bytes),
        FILES_TEST(test_an_owner_makes_a_quarter_of_the_nodes),
        FILES_TEST(test_an_owner_pays_for_every_name),
        FILES_TEST(test_names_of_all_lengths_take_no_more_than_the_owner_has),
        FILES_TEST(test_what_goes_is_paid_for_no_longer),
        FILES_TEST(test_a_new_owner_pays),
        FILES_TEST(test_the_257th_owner_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
