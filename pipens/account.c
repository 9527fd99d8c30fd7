// SPDX-License-Identifier: MIT
// Accounts.
//
//   the host's -- account_allocate --> charged -- account_free --> the host's
//
// 1. `used` is the bytes that account_allocate gave and account_free has not got back.
// 2. What is given keeps `used` within the limit.
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

void account_free(struct account *account, void *memory, size_t size) {
    account->used -= size;
    host_free(memory, size);
}
