// SPDX-License-Identifier: MIT
// Paths and the table that finds nodes by them. One hash of the whole path leads to the node, so the cost of a look-up
// depends on the path's length only, not on its depth nor on how many names there are.
//
//   a node:  not in a bucket -- node_enter --> found -- node_leave --> not in a bucket
//
// 1. A node is in the bucket of its path's hash until its name goes.
// 2. No two nodes in the table have the same path.
#include "flow.h"
#include "name.h"

#define HASH_MULTIPLIER 0x01000193u // FNV-1a's prime

// Whether the component of `length` bytes is "." or "..".
static bool is_dots(const char *component, uint32_t length) {
    return component[0] == '.' && (length == 1 || (length == 2 && component[1] == '.'));
}

static long component_check(const char *component, uint32_t length) {
    if (length > COMPONENT_MAX)
        return -PIPE_ENAMETOOLONG;
    return length == 0 || is_dots(component, length) ? -PIPE_EINVAL : 0;
}

static inline uint32_t hash_byte(uint32_t hash, uint8_t byte) {
    return (hash ^ byte) * HASH_MULTIPLIER;
}

static inline uint32_t hash_end(uint32_t hash) {
    return hash ^ hash >> 15;
}

// Names consist of what lies between space and DEL; from '0' on there is no slash among it.
static inline bool is_plain_byte(uint8_t byte) {
    return byte >= '0' && byte <= '~';
}

static inline bool is_name_byte(uint8_t byte) {
    return byte > ' ' && byte <= '~';
}

long path_check(const char *path, uint64_t length, uint32_t seed, uint32_t *hash) {
    if (length > PATH_LENGTH_MAX)
        return -PIPE_ENAMETOOLONG;
    if (length == 0 || path[0] != '/')
        return -PIPE_EINVAL;
    const char *end = path + length, *start = path + 1;
    uint32_t sum = hash_byte(seed, '/');
    for (const char *cursor = start; cursor < end; cursor++) {
        uint8_t byte = (uint8_t)*cursor;
        sum = hash_byte(sum, byte);
        if (is_plain_byte(byte))
            continue;
        if (!is_name_byte(byte))
            return -PIPE_EINVAL;
        if (byte != '/')
            continue;
        long error = component_check(start, (uint32_t)(cursor - start));
        if (error)
            return error;
        start = cursor + 1;
    }
    *hash = hash_end(sum);
    return length == 1 ? 0 : component_check(start, (uint32_t)(end - start));
}

uint32_t path_hash(const struct namespace *names, const char *path, uint32_t length) {
    uint32_t hash = names->seed;
    for (uint32_t index = 0; index < length; index++)
        hash = hash_byte(hash, (uint8_t)path[index]);
    return hash_end(hash);
}

uint32_t path_parent_length(const char *path, uint32_t length) {
    while (path[length - 1] != '/')
        length--;
    return length == 1 ? 1 : length - 1;
}

bool path_ends_in_number(const char *path, uint32_t length) {
    while (path[length - 1] >= '0' && path[length - 1] <= '9')
        length--;
    return path[length - 1] == '/';
}

// Whether two words of memory are equal. Neither need be aligned.
static inline bool words_equal(const char *first, const char *second) {
    uint32_t one, other;
    __builtin_memcpy(&one, first, sizeof one);
    __builtin_memcpy(&other, second, sizeof other);
    return one == other;
}

// By words, as far as they reach.
static bool bytes_equal(const char *first, const char *second, uint32_t length) {
    uint32_t index = 0;
    while (index + sizeof(uint32_t) <= length && words_equal(first + index, second + index))
        index += (uint32_t)sizeof(uint32_t);
    while (index < length && first[index] == second[index])
        index++;
    return index == length;
}

struct node *node_look_up(const struct namespace *names, const char *path, uint32_t length, uint32_t hash) {
    struct node *node = names->buckets[hash & (names->bucket_count - 1)];
    while (node && !(node->hash == hash && node->path_length == length && bytes_equal(node->path, path, length)))
        node = node->next_in_bucket;
    return node;
}

// ENOTDIR if what exists of the path ends in a pipe, else ENOENT.
static long missing_error(const struct namespace *names, const char *path, uint32_t length) {
    const struct node *node = NULL;
    while (!node) {
        length = path_parent_length(path, length);
        node = node_look_up(names, path, length, path_hash(names, path, length));
    }
    return node->flow == FLOW_DIRECTORY ? -PIPE_ENOENT : -PIPE_ENOTDIR;
}

struct node *node_find_hash(struct namespace *names, const char *path, uint32_t length, uint32_t hash, long *error) {
    struct node *node = node_look_up(names, path, length, hash);
    *error = node ? 0 : missing_error(names, path, length);
    return node;
}

struct node *node_find(struct namespace *names, const char *path, uint32_t length, long *error) {
    uint32_t hash;
    *error = path_check(path, length, names->seed, &hash);
    return *error ? NULL : node_find_hash(names, path, length, hash, error);
}

void node_enter(struct namespace *names, struct node *node) {
    struct node **bucket = &names->buckets[node->hash & (names->bucket_count - 1)];
    node->next_in_bucket = *bucket;
    *bucket = node;
    names->node_count++;
}

void node_leave(struct namespace *names, struct node *node) {
    struct node **link = &names->buckets[node->hash & (names->bucket_count - 1)];
    while (*link != node)
        link = &(*link)->next_in_bucket;
    *link = node->next_in_bucket;
    names->node_count--;
}

// The order of names: by their bytes, a shorter one before a longer one that begins with it.
static int name_order(const char *first, uint32_t first_length, const char *second, uint32_t second_length) {
    uint32_t common = first_length < second_length ? first_length : second_length;
    for (uint32_t index = 0; index < common; index++)
        if (first[index] != second[index])
            return (uint8_t)first[index] < (uint8_t)second[index] ? -1 : 1;
    return first_length < second_length ? -1 : first_length > second_length;
}

int node_compare(const struct tree_link *first, const struct tree_link *second) {
    const struct node *left = list_object(first, struct node, of_parent);
    const struct node *right = list_object(second, struct node, of_parent);
    return name_order(node_name(left), left->name_length, node_name(right), right->name_length);
}

struct name_key {
    const char *name;
    uint32_t length;
};

static bool is_after_name(const struct tree_link *link, const void *key) {
    const struct node *node = list_object(link, struct node, of_parent);
    const struct name_key *name = key;
    return name_order(node_name(node), node->name_length, name->name, name->length) > 0;
}

struct node *directory_next(const struct node *directory, const char *name, uint32_t length) {
    struct name_key key = {name, length};
    struct tree_link *link = tree_search(&directory->children, is_after_name, &key);
    return link ? list_object(link, struct node, of_parent) : NULL;
}
