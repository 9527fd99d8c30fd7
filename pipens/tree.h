// SPDX-License-Identifier: MIT
// Ordered trees (treaps) whose links live in the objects. The expected depth is logarithmic as long as the weights are
// random to whoever chooses the keys; the user of a tree gives each node its weight.
//
// Its invariants and states stand in tree.c.
#ifndef PIPENS_TREE_H
#define PIPENS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tree_link {
    struct tree_link *parent, *left, *right;
    uint32_t weight;
};

struct tree {
    struct tree_link *root;
    // Less than, equal to or greater than 0, as `first` goes before, with or after `second`.
    int (*compare)(const struct tree_link *first, const struct tree_link *second);
};

// Inserts `link`, whose `weight` is set. Equal keys keep the order of insertion.
void tree_insert(struct tree *tree, struct tree_link *link);
// Removes `link`, which must be in the tree.
void tree_remove(struct tree *tree, struct tree_link *link);
// The first object of the tree, or NULL.
struct tree_link *tree_first(const struct tree *tree);
// The object after `link`, or NULL.
struct tree_link *tree_next(const struct tree_link *link);
// The first object for which `is_after` holds; it must hold for all after it as well. NULL if there is none.
struct tree_link *tree_search(const struct tree *tree, bool (*is_after)(const struct tree_link *, const void *),
                              const void *key);

#endif
