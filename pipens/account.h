// SPDX-License-Identifier: MIT
// Accounts: who pays for kernel objects. Every object is charged to one account before it is allocated, so a process
// that hits its quota gets an error and nobody else notices.
//
// Its invariants and states stand in account.c.
#ifndef PIPENS_ACCOUNT_H
#define PIPENS_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account {
    uint64_t limit, used; // bytes
    uint32_t references;  // principals that it pays for
    bool has_page_limit;
    uint64_t pages, page_limit; // of regions that its principals own, or that lie in its queues
};

// Gives back a principal's reference. The host has allocated the account by host_allocate; it is freed once it has no
// reference and pays for nothing: what a process has made may outlive it in others' handles.
void account_release(struct account *account);

// Allocates `size` bytes (1 to 4096, not cleared) at the account's cost, or returns NULL with *error set to the negated
// EDQUOT (over the limit) or ENOMEM (the host has none left).
void *account_allocate(struct account *account, size_t size, long *error);
// 0, or -EDQUOT: the account has no room for so many more pages of regions.
long account_check_pages(const struct account *account, uint64_t pages);
// The host charges pages to another account, when a region's owner changes. Either may be NULL.
void account_move_pages(struct account *from, struct account *to, uint64_t pages);
// Gives back what account_allocate gave for the same account and size.
void account_free(struct account *account, void *memory, size_t size);

#endif
