// SPDX-License-Identifier: MIT
// What each owner's files take of the file system. Owner 0, the system's and the operator's, is unlimited; each other
// owner gets a share of the bytes and of the nodes, so no owner can fill the file system for the rest. Pure.
#ifndef MEMFS_ACCOUNTS_H
#define MEMFS_ACCOUNTS_H

#include "protocol/volume.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACCOUNTS_MAX 256u
#define ACCOUNT_SHARE 4u // an owner may use one part in so many
#define NAME_STEP 32u    // entries take multiples of so many bytes
#define NAME_CLASSES 12u // sizes of entries, in NAME_STEPs; 0 is unused

struct slab;

struct account {
    uint32_t owner;
    uint64_t bytes, nodes;              // both 0: the account is free, but the first, which is owner 0's
    struct slab *partial[NAME_CLASSES]; // blocks of this owner's entries that have a free entry, by size
};

struct accounts {
    uint64_t bytes_max, nodes_max; // of each owner but 0
    struct account table[ACCOUNTS_MAX];
};

void accounts_begin(struct accounts *accounts, uint64_t bytes, uint64_t nodes); // that all owners share
// The owner's account, or a free one that becomes it, or NULL: there are too many owners.
struct account *account_of(struct accounts *accounts, uint32_t owner);
// Charges an account: 0, or EDQUOT, and nothing has changed.
long account_charge(const struct accounts *accounts, struct account *account, uint64_t bytes, uint64_t nodes);
void account_credit(struct account *account, uint64_t bytes, uint64_t nodes);

#endif
