// SPDX-License-Identifier: MIT
#include "accounts.h"

void accounts_begin(struct accounts *accounts, uint64_t bytes, uint64_t nodes) {
    *accounts = (struct accounts){.bytes_max = bytes / ACCOUNT_SHARE, .nodes_max = nodes / ACCOUNT_SHARE};
}

struct account *account_of(struct accounts *accounts, uint32_t owner) {
    struct account *free = NULL, *account = accounts->table;
    if (owner == 0)
        return account;
    for (account++; account < accounts->table + ACCOUNTS_MAX; account++) {
        bool is_free = !account->bytes && !account->nodes;
        if (!is_free && account->owner == owner)
            return account;
        if (is_free && !free)
            free = account;
    }
    if (free)
        free->owner = owner;
    return free;
}

static bool has_room(uint64_t used, uint64_t wanted, uint64_t most) {
    return wanted == 0 || (used <= most && wanted <= most - used);
}

long account_charge(const struct accounts *accounts, struct account *account, uint64_t bytes, uint64_t nodes) {
    bool is_limited = account != accounts->table;
    if (is_limited &&
        !(has_room(account->bytes, bytes, accounts->bytes_max) && has_room(account->nodes, nodes, accounts->nodes_max)))
        return -PIPE_EDQUOT;
    account->bytes += bytes;
    account->nodes += nodes;
    return 0;
}

void account_credit(struct account *account, uint64_t bytes, uint64_t nodes) {
    account->bytes -= bytes;
    account->nodes -= nodes;
}
