// SPDX-License-Identifier: MIT
// Paths, and the table of names.
//
// Its invariants and states stand in name.c.
#ifndef PIPENS_NAME_H
#define PIPENS_NAME_H

#include "node.h"

// 0 and the hash of a valid path, -EINVAL or -ENAMETOOLONG.
long path_check(const char *path, uint64_t length, uint32_t seed, uint32_t *hash);
uint32_t path_hash(const struct namespace *names, const char *path, uint32_t length);
// The length of the parent's path in a valid path.
uint32_t path_parent_length(const char *path, uint32_t length);
// Whether the last component of a valid path consists of digits.
bool path_ends_in_number(const char *path, uint32_t length);
// The node of a valid path with this hash, or NULL.
struct node *node_look_up(const struct namespace *names, const char *path, uint32_t length, uint32_t hash);
// The same, or NULL with *error set to -ENOENT or -ENOTDIR.
struct node *node_find_hash(struct namespace *names, const char *path, uint32_t length, uint32_t hash, long *error);

// Puts a node, whose hash is set, into the table; takes it out.
void node_enter(struct namespace *names, struct node *node);
void node_leave(struct namespace *names, struct node *node);

// The order of a directory's children.
int node_compare(const struct tree_link *first, const struct tree_link *second);
// The first child whose name goes after this one (length 0: the first), or NULL.
struct node *directory_next(const struct node *directory, const char *name, uint32_t length);

#endif
