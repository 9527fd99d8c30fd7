// SPDX-License-Identifier: MIT
// The entries of directories. Both trees of a directory are treaps: binary trees in the order of names or cookies, in
// which no entry weighs more than the one above it; weights are random, so that the trees are flat whatever the order
// in which names come.
#include "memfs.h"

#include <string.h>

// ---- Memory of entries ----

static size_t entry_class(size_t name_length) {
    return (offsetof(struct entry, name) + name_length + NAME_STEP - 1) / NAME_STEP;
}

// A block of entries of one size begins with this. One owner pays for the block, so that entries which are left alone
// in many blocks cost their owner what they cost the file system; it goes with its last entry.
struct slab {
    struct slab *next, *previous; // of the account's that have a free entry
    void *free;                   // the first bytes of each free entry point to the next
    uint32_t account, used;
    uint64_t class;
};

static void slab_link(struct files *files, struct slab *slab) {
    struct slab **first = &files->accounts.table[slab->account].partial[slab->class];
    slab->previous = NULL;
    slab->next = *first;
    if (*first)
        (*first)->previous = slab;
    *first = slab;
}

static void slab_unlink(struct files *files, const struct slab *slab) {
    if (slab->previous)
        slab->previous->next = slab->next;
    else
        files->accounts.table[slab->account].partial[slab->class] = slab->next;
    if (slab->next)
        slab->next->previous = slab->previous;
}

static void slab_give(struct slab *slab, void *entry) {
    memcpy(entry, &slab->free, sizeof slab->free);
    slab->free = entry;
}

// ENOSPC, EDQUOT.
static long slab_make(struct files *files, struct account *account, size_t class) {
    long error = account_charge(&files->accounts, account, BLOCK_SIZE, 0);
    struct slab *slab = error ? NULL : block_take(files);
    if (error)
        return error;
    if (!slab) {
        account_credit(account, BLOCK_SIZE, 0);
        return -PIPE_ENOSPC;
    }
    slab->account = (uint32_t)(account - files->accounts.table);
    slab->class = class;
    for (size_t offset = sizeof *slab; offset + class * NAME_STEP <= BLOCK_SIZE; offset += class * NAME_STEP)
        slab_give(slab, (uint8_t *)slab + offset);
    slab_link(files, slab);
    return 0;
}

static long entry_take(struct files *files, struct account *account, size_t class, struct entry **entry) {
    long error = account->partial[class] ? 0 : slab_make(files, account, class);
    if (error)
        return error;
    struct slab *slab = account->partial[class];
    *entry = slab->free;
    memcpy(&slab->free, *entry, sizeof slab->free);
    slab->used++;
    if (!slab->free)
        slab_unlink(files, slab);
    return 0;
}

static void entry_give(struct files *files, struct entry *entry) {
    struct slab *slab = (struct slab *)((uintptr_t)entry & ~(uintptr_t)(BLOCK_SIZE - 1));
    if (!slab->free)
        slab_link(files, slab);
    slab_give(slab, entry);
    if (--slab->used)
        return;
    slab_unlink(files, slab);
    account_credit(&files->accounts.table[slab->account], BLOCK_SIZE, 0);
    block_give(files, slab);
}

// ---- Order ----

struct key {
    struct name name;
    uint64_t cookie;
};

// In order of bytes, a name before those that it begins.
static int name_compare(struct name first, struct name second) {
    size_t both = first.length < second.length ? first.length : second.length;
    int order = memcmp(first.bytes, second.bytes, both);
    return order ? order : (first.length > second.length) - (first.length < second.length);
}

static int key_compare(enum order order, const struct key *key, const struct entry *entry) {
    if (order == BY_COOKIE)
        return (key->cookie > entry->cookie) - (key->cookie < entry->cookie);
    return name_compare(key->name, (struct name){entry->name, entry->name_length});
}

struct entry *entry_find(const struct node *directory, struct name name) {
    const struct key key = {.name = name};
    struct entry *entry = directory->tops[BY_NAME];
    for (int order; entry && (order = key_compare(BY_NAME, &key, entry)) != 0;)
        entry = order < 0 ? entry->lower[BY_NAME] : entry->higher[BY_NAME];
    return entry;
}

struct entry *entry_after(const struct node *directory, uint64_t cookie) {
    struct entry *found = NULL;
    for (struct entry *entry = directory->tops[BY_COOKIE]; entry;) {
        bool is_after = entry->cookie > cookie;
        if (is_after)
            found = entry;
        entry = is_after ? entry->lower[BY_COOKIE] : entry->higher[BY_COOKIE];
    }
    return found;
}

// ---- The treaps ----

// Splits a tree into the entries before a key, which is not in it, and those after it.
static void treap_split(enum order order, struct entry *top, const struct key *key, struct entry **lower,
                        struct entry **higher) {
    while (top) {
        bool is_after = key_compare(order, key, top) < 0;
        *(is_after ? higher : lower) = top;
        if (is_after)
            higher = &top->lower[order];
        else
            lower = &top->higher[order];
        top = is_after ? top->lower[order] : top->higher[order];
    }
    *lower = *higher = NULL;
}

// Joins two trees, of which the first has the lower entries.
static struct entry *treap_join(enum order order, struct entry *lower, struct entry *higher) {
    struct entry *top, **link = &top;
    while (lower && higher) {
        bool is_lower = lower->weight > higher->weight;
        *link = is_lower ? lower : higher;
        link = is_lower ? &lower->higher[order] : &higher->lower[order];
        if (is_lower)
            lower = *link;
        else
            higher = *link;
    }
    *link = lower ? lower : higher;
    return top;
}

static void treap_add(enum order order, struct entry **link, struct entry *entry) {
    const struct key key = {{entry->name, entry->name_length}, entry->cookie};
    while (*link && (*link)->weight >= entry->weight)
        link = key_compare(order, &key, *link) < 0 ? &(*link)->lower[order] : &(*link)->higher[order];
    treap_split(order, *link, &key, &entry->lower[order], &entry->higher[order]);
    *link = entry;
}

static void treap_remove(enum order order, struct entry **link, const struct entry *entry) {
    const struct key key = {{entry->name, entry->name_length}, entry->cookie};
    while (*link != entry)
        link = key_compare(order, &key, *link) < 0 ? &(*link)->lower[order] : &(*link)->higher[order];
    *link = treap_join(order, entry->lower[order], entry->higher[order]);
}

// ---- Entries ----

// Mixes the seed with a number (splitmix64's last steps; Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
// Generators").
static uint32_t weight_next(struct files *files) {
    uint64_t bits = files->seed + ++files->weights * 0x9e3779b97f4a7c15ull;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9ull;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebull;
    return (uint32_t)(bits >> 32);
}

long entry_add(struct files *files, struct node *directory, struct name name, struct node *node) {
    struct entry *entry;
    struct account *account = account_of(&files->accounts, node->owner);
    long error = account ? entry_take(files, account, entry_class(name.length), &entry) : -PIPE_EDQUOT;
    if (error)
        return error;
    entry->cookie = ++directory->last_cookie;
    entry->node = node;
    entry->weight = weight_next(files);
    entry->name_length = (uint8_t)name.length;
    memcpy(entry->name, name.bytes, name.length);
    treap_add(BY_NAME, &directory->tops[BY_NAME], entry);
    treap_add(BY_COOKIE, &directory->tops[BY_COOKIE], entry);
    directory->size++;
    directory->modified = directory->changed = files->now;
    return 0;
}

void entry_remove(struct files *files, struct node *directory, struct entry *entry) {
    treap_remove(BY_NAME, &directory->tops[BY_NAME], entry);
    treap_remove(BY_COOKIE, &directory->tops[BY_COOKIE], entry);
    entry_give(files, entry);
    directory->size--;
    directory->modified = directory->changed = files->now;
}
