// SPDX-License-Identifier: MIT
// A thread that acts, and what is checked of its calls.
#ifndef FUZZ_ACTOR_H
#define FUZZ_ACTOR_H

#include "fuzz.h"

// What stands for the memory from ACTOR_MEMORY_BASE on, with room on both sides for what the decoder's offsets and
// lengths make of it.
#define ARENA_MARGIN 0x1000u
#define ARENA_SIZE (ARENA_MARGIN + ACTOR_MEMORY_SIZE + 0x2000u)
#define KEY_BITS 0xff000000000000ffull // of the decoder's keys
#define TOKENS_KEPT 8u

struct actor {
    struct report report;
    struct message *page;
    struct message before; // the page as the call found it
    uint64_t tokens[TOKENS_KEPT], used_token;
    uint32_t token_count;
    uint8_t arena[ARENA_SIZE], arena_before[ARENA_SIZE];
};

void complain(struct actor *actor, enum complaint complaint, long call, long result);
// After each call.
void check_call(struct actor *actor, long call, long result);
// After a call or reply_wait that a message or reply has come with.
void check_message(struct actor *actor, long call, long result);
// Only these ranges of the arena may differ from arena_before.
void check_memory(struct actor *actor, const struct lease *may_change, unsigned count, long call, long result);

#endif
