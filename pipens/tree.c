// SPDX-License-Identifier: MIT
// A treap: ordered by key from left to right, and by weight from top to bottom (no child is heavier than its parent).
//
//   a link:  outside -- tree_insert --> inside -- tree_remove --> outside
//
// 1. Whatever is left of a link goes before it or with it, whatever is right after it or with it.
// 2. No link is heavier than its parent.
//
// Both orders together fix the shape, so the work of an operation is the depth, which random weights keep logarithmic.
#include "tree.h"

// Puts `replacement` (may be NULL) where `link` hangs.
static void replace_child(struct tree *tree, struct tree_link *link, struct tree_link *replacement) {
    struct tree_link *parent = link->parent;
    if (!parent)
        tree->root = replacement;
    else if (parent->left == link)
        parent->left = replacement;
    else
        parent->right = replacement;
    if (replacement)
        replacement->parent = parent;
}

// Turns `link` above its parent, keeping the order of keys.
static void rotate_up(struct tree *tree, struct tree_link *link) {
    struct tree_link *parent = link->parent;
    replace_child(tree, parent, link);
    struct tree_link *moved;
    if (parent->left == link) {
        moved = link->right;
        parent->left = moved;
        link->right = parent;
    } else {
        moved = link->left;
        parent->right = moved;
        link->left = parent;
    }
    if (moved)
        moved->parent = parent;
    parent->parent = link;
}

void tree_insert(struct tree *tree, struct tree_link *link) {
    struct tree_link *parent = NULL;
    struct tree_link **slot = &tree->root;
    while (*slot) {
        parent = *slot;
        slot = tree->compare(link, parent) < 0 ? &parent->left : &parent->right;
    }
    link->parent = parent;
    link->left = NULL;
    link->right = NULL;
    *slot = link;
    while (link->parent && link->parent->weight < link->weight)
        rotate_up(tree, link);
}

void tree_remove(struct tree *tree, struct tree_link *link) {
    while (link->left && link->right)
        rotate_up(tree, link->left->weight > link->right->weight ? link->left : link->right);
    replace_child(tree, link, link->left ? link->left : link->right);
}

struct tree_link *tree_first(const struct tree *tree) {
    struct tree_link *link = tree->root;
    while (link && link->left)
        link = link->left;
    return link;
}

struct tree_link *tree_next(const struct tree_link *link) {
    if (link->right) {
        struct tree_link *next = link->right;
        while (next->left)
            next = next->left;
        return next;
    }
    while (link->parent && link->parent->right == link)
        link = link->parent;
    return link->parent;
}

struct tree_link *tree_search(const struct tree *tree, bool (*is_after)(const struct tree_link *, const void *),
                              const void *key) {
    struct tree_link *found = NULL;
    struct tree_link *link = tree->root;
    while (link) {
        if (is_after(link, key)) {
            found = link;
            link = link->left;
        } else {
            link = link->right;
        }
    }
    return found;
}
