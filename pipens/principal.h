// SPDX-License-Identifier: MIT
// Principals: the identities that rights are checked for. Each process has one; the kernel's own is number 0. A
// supervised process shares a second one with its successors, the succession, which owns their pipes while none of them
// lives.
//
// Its invariants and states stand in principal.c.
#ifndef PIPENS_PRINCIPAL_H
#define PIPENS_PRINCIPAL_H

#include "abi.h"
#include "account.h"
#include "handle.h"
#include "list.h"

struct namespace;

struct principal {
    struct namespace *names;
    uint32_t pid, generation;
    uint8_t kind;            // enum kind, fixed at creation
    bool is_unlimited;       // claims are not checked: the kernel and the first process
    struct account *account; // who pays for its objects
    struct handle_table handles;
    struct list owned;              // its nodes, by node.of_owner
    struct principal *inherited_by; // takes its pipes when it ends, or NULL
    bool is_succession;             // no process: it keeps pipes for a successor
    uint8_t *claims;                // struct claim records, packed; NULL if there are none
    uint32_t claims_length;
    uint64_t denied; // attempts that a rule or claim refused
    char name[PROGRAM_NAME_MAX + 1];
};

// Sets up a principal without claims or handles. It takes one reference to the account.
void principal_initialize(struct principal *principal, struct namespace *names, struct account *account, uint32_t pid,
                          uint32_t generation, enum kind kind, const char *name);
// Gives it its claims (copied, charged to its account), once. 0, -EINVAL for a record that does not parse or runs over
// the end, -E2BIG over CLAIMS_LENGTH_MAX, -EDQUOT, -ENOMEM.
#define CLAIMS_LENGTH_MAX 3072u
#define CLAIM_END '\1' // of a pattern that is kept
struct claim_record {
    uint8_t length; // of what came after struct claim
    uint8_t rights;
    uint8_t type; // enum claim_type
    char body[];  // a pattern after its slash; or, after a byte, struct claim_range
};
long principal_claim(struct principal *principal, const uint8_t *claims, uint32_t length);

// Takes an ended principal, whose waiters have ended, apart in a bounded step: its pipes are removed or
// handed to its succession, then its handles are closed. True if more is left to do.
bool principal_end_step(struct principal *principal);
// Removes the pipes that wait for a successor, in a bounded step; true if more are left.
bool principal_abandon_step(struct principal *succession);

// 0, or -EPERM if no claim covers the path (the rights, for opening).
long claims_check_open(const struct principal *principal, const char *path, uint32_t length, uint32_t rights);
long claims_check_create(const struct principal *principal, const char *path, uint32_t length);
// Whether a claim of the type (ports or physical memory) covers first to last, both included.
bool claims_cover_range(const struct principal *principal, enum claim_type type, uint64_t first, uint64_t last);

#endif
