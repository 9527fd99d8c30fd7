// SPDX-License-Identifier: MIT
// Accounts.
//
//   the host's -- account_allocate --> charged -- account_free --> the host's
//
// 1. `used` is the bytes that account_allocate gave and account_free has not got back.
// 2. What is given keeps `used` within the limit.
// 3. An account lives while it has a reference, or something that it pays for.
#include "account.h"

#include "abi.h"
#include "host.h"

void *account_allocate(struct account *account, size_t size, long *error) {
    if (size > account->limit - account->used) {
        *error = -PIPE_EDQUOT;
        return NULL;
    }
    void *memory = host_allocate(size);
    if (!memory) {
        *error = -PIPE_ENOMEM;
        return NULL;
    }
    account->used += size;
    return memory;
}

static void account_end_if_unused(struct account *account) {
    if (account->references == 0 && account->used == 0 && account->pages == 0)
        host_free(account, sizeof *account);
}

void account_free(struct account *account, void *memory, size_t size) {
    account->used -= size;
    host_free(memory, size);
    account_end_if_unused(account);
}

void account_release(struct account *account) {
    account->references--;
    account_end_if_unused(account);
}

long account_check_pages(const struct account *account, uint64_t pages) {
    if (!pages || !account->has_page_limit)
        return 0;
    return account->pages > account->page_limit || pages > account->page_limit - account->pages ? -PIPE_EDQUOT : 0;
}

void account_move_pages(struct account *from, struct account *to, uint64_t pages) {
    if (to)
        to->pages += pages;
    if (!from)
        return;
    from->pages -= pages;
    account_end_if_unused(from);
}
