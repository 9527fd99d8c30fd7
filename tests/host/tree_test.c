// SPDX-License-Identifier: MIT
// Treaps, against a model: an array of which keys are in. Order, weights, links and depth are looked at after each
// change.
#include "check.h"

#define KEYS 200u
#define DEPTH_MAX 32u // far over what random weights make of so many keys

struct item {
    struct tree_link link;
    uint32_t key;
};

static struct item items[KEYS];
static bool is_in[KEYS];
static struct tree tree;

static uint32_t key_of(const struct tree_link *link) {
    return list_object(link, struct item, link)->key;
}

static int compare(const struct tree_link *first, const struct tree_link *second) {
    return key_of(first) < key_of(second) ? -1 : key_of(first) > key_of(second);
}

static bool is_after(const struct tree_link *link, const void *key) {
    return key_of(link) > *(const uint32_t *)key;
}

static void check_shape(const struct tree_link *link, uint32_t depth) {
    assert_true(depth < DEPTH_MAX);
    const struct tree_link *children[] = {link->left, link->right};
    for (size_t side = 0; side < 2; side++) {
        if (!children[side])
            continue;
        assert_ptr_equal(children[side]->parent, link);
        assert_true(children[side]->weight <= link->weight);
        check_shape(children[side], depth + 1);
    }
}

// The first key from `from` on that is in, or KEYS.
static uint32_t model_next(uint32_t from) {
    while (from < KEYS && !is_in[from])
        from++;
    return from;
}

static void check_order(void) {
    const struct tree_link *link = tree_first(&tree);
    for (uint32_t key = model_next(0); key < KEYS; key = model_next(key + 1)) {
        assert_non_null(link);
        assert_int_equal(key_of(link), key);
        link = tree_next(link);
    }
    assert_null(link);
}

static void check_search(uint32_t key) {
    const struct tree_link *found = tree_search(&tree, is_after, &key);
    uint32_t expected = model_next(key + 1);
    assert_int_equal(found ? key_of(found) : KEYS, expected);
}

static void test_a_treap_agrees_with_its_model(void **state) {
    (void)state;
    uint32_t random = 1;
    tree = (struct tree){.compare = compare};
    assert_null(tree_first(&tree));
    for (uint32_t key = 0; key < KEYS; key++)
        items[key].key = key;
    for (uint32_t step = 0; step < 5000; step++) {
        random = random * 1664525u + 1013904223u;
        uint32_t key = (random >> 16) % KEYS;
        if (is_in[key]) {
            tree_remove(&tree, &items[key].link);
        } else {
            // What it held before does not matter.
            items[key].link = (struct tree_link){&items[0].link, &items[1].link, &items[2].link, random * 0x9e3779b1u};
            tree_insert(&tree, &items[key].link);
        }
        is_in[key] = !is_in[key];
        if (tree.root)
            check_shape(tree.root, 0);
        check_order();
        check_search((random >> 8) % KEYS);
    }
}

// Items with one key stay in the order in which they came, whatever their weights are.
static void test_equal_keys_keep_their_order(void **state) {
    (void)state;
    for (uint32_t round = 0; round < 50; round++) {
        uint32_t random = round;
        tree = (struct tree){.compare = compare};
        for (uint32_t index = 0; index < KEYS; index++) {
            random = random * 1664525u + 1013904223u;
            items[index] = (struct item){.link.weight = random, .key = index % 3};
            tree_insert(&tree, &items[index].link);
        }
        const struct tree_link *link = tree_first(&tree);
        for (uint32_t key = 0; key < 3; key++)
            for (uint32_t index = key; index < KEYS; index += 3, link = tree_next(link))
                assert_ptr_equal(link, &items[index].link);
        assert_null(link);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_treap_agrees_with_its_model),
        cmocka_unit_test(test_equal_keys_keep_their_order),
    };
    return scene_run(tests);
}
