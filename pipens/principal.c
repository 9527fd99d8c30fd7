// SPDX-License-Identifier: MIT
// The life of a principal.
//
//   principal_initialize --> alive -- its waiters have ended, principal_end_step --> ended
//   what it owns:  the succession's -- principal_abandon_step --> removed,  -- take_over --> the successor's
//                  the process's -- principal_end_step --> the succession's; without a succession, removed
//
// 1. Every named node is in its owner's list.
// 2. A succession owns what its last process left, until a successor takes it over by name or principal_abandon_step
// removes it.
#include "flow.h"
#include "name.h"

#define HANDLE_CHUNKS_A_STEP 1u

void principal_initialize(struct principal *principal, struct namespace *names, struct account *account, uint32_t pid,
                          uint32_t generation, enum kind kind, const char *name) {
    host_clear(principal, sizeof *principal);
    principal->names = names;
    principal->account = account;
    principal->pid = pid;
    principal->generation = generation;
    principal->kind = (uint8_t)kind;
    account->references++;
    handle_table_initialize(&principal->handles);
    list_initialize(&principal->owned);
    for (uint32_t index = 0; index < PROGRAM_NAME_MAX && name[index]; index++)
        principal->name[index] = name[index];
}

// Gives the succession what the principal owns. What was being removed goes on going, and so does all without a
// succession, with what others made below it. True if more is left.
static bool hand_down_step(struct principal *principal, struct principal *succession) {
    for (uint32_t count = 0; count < BATCH && !list_is_empty(&principal->owned); count++) {
        struct node *node = list_object(principal->owned.next, struct node, of_owner);
        if (succession && !(node->special & NODE_REMOVED))
            node_inherit(node, succession);
        else if (node_remove_some_below(node))
            return true;
    }
    return !list_is_empty(&principal->owned);
}

// Whether more is left of its pipes, its handles, and what their closing has left.
static bool end_step(struct principal *principal) {
    if (hand_down_step(principal, principal->inherited_by))
        return true;
    bool is_more = handle_table_close_step(principal, HANDLE_CHUNKS_A_STEP);
    deliver(principal->names);
    return is_more || pipens_close_step(principal->names);
}

bool principal_end_step(struct principal *principal) {
    if (end_step(principal))
        return true;
    handle_table_destroy(principal);
    if (principal->claims)
        account_free(principal->account, principal->claims, principal->claims_length);
    principal->claims = NULL;
    principal->claims_length = 0;
    return false;
}

bool principal_abandon_step(struct principal *succession) {
    return hand_down_step(succession, NULL);
}
