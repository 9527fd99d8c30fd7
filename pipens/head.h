// SPDX-License-Identifier: MIT
// Writing the header of a message, by words: it is on the path of every message. It has no states.
//
// 1. Every byte of the header is written: none of an earlier message is left.
#ifndef PIPENS_HEAD_H
#define PIPENS_HEAD_H

#include "abi.h"
#include "node.h"
#include "principal.h"

#define HEAD_WORD 8u // bytes

_Static_assert(offsetof(struct message_received, pid) == 2 * HEAD_WORD &&
                   offsetof(struct message_received, generation) == 2 * HEAD_WORD + 4 &&
                   offsetof(struct message_received, length) == 3 * HEAD_WORD &&
                   offsetof(struct message_received, kind) == 3 * HEAD_WORD + 4 &&
                   offsetof(struct message_received, type) == 3 * HEAD_WORD + 5 &&
                   offsetof(struct message_received, lost) == 4 * HEAD_WORD &&
                   offsetof(struct message_received, pipe) == 4 * HEAD_WORD + 4,
               "head_write knows this layout");
_Static_assert(offsetof(struct principal, generation) == offsetof(struct principal, pid) + 4,
               "pid and generation of a principal are one word");

static inline void head_word(struct message *page, unsigned word, uint64_t value) {
    __builtin_memcpy((uint8_t *)page + word * HEAD_WORD, &value, HEAD_WORD);
}

// Pid and generation of a sender as one word.
static inline uint64_t head_sender(const struct principal *sender) {
    uint64_t word;
    __builtin_memcpy(&word, &sender->pid, HEAD_WORD);
    return word;
}

// There are no leases and no attachments yet.
static inline void head_write(struct message *page, uint64_t sender, uint8_t kind, uint64_t token, uint64_t key,
                              uint64_t length, enum message_type type, uint32_t lost, uint32_t pipe) {
    head_word(page, 0, token);
    head_word(page, 1, key);
    head_word(page, 2, sender);
    head_word(page, 3, length | (uint64_t)(kind | (uint32_t)type << 8) << 32);
    head_word(page, 4, lost | (uint64_t)pipe << 32);
    head_word(page, 5, 0);
    head_word(page, 6, 0);
    head_word(page, 7, 0);
}

static inline void head_write_of(struct message *page, const struct principal *sender, uint64_t token, uint64_t key,
                                 uint64_t length, enum message_type type, uint32_t pipe) {
    head_write(page, head_sender(sender), sender->kind, token, key, length, type, 0, pipe);
}

#endif
