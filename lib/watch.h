// SPDX-License-Identifier: MIT
// Taps on pipes, and on all pipes of a subtree, those made later included. What comes is taken by pipe_wait_data, or by
// serve: the hooks' keys are WATCH_KEY + an index, so a program may have other hooks with smaller keys.
#ifndef LIB_WATCH_H
#define LIB_WATCH_H

#include "abi.h"
#include "passage.h"

#include <stdbool.h>
#include <stddef.h>

#define WATCH_KEY (1ull << 32) // the key of the first hook of a watch

struct watched {
    char *path;
    long handle; // 0: neither hooked nor tapped
    uint32_t number, owner, owner_generation;
    uint8_t flow;   // enum flow
    bool is_kernel; // the kernel answers it
    uint64_t lost;
    struct conversation conversation;
};

// The pipes of one watch; all zeroes but is_silent and is_wanted is an empty one.
struct watch {
    bool is_silent;                                   // taps nothing, only knows the names
    bool (*is_wanted)(const struct watched *watched); // NULL: all; asked of a pipe that was found in a directory
    struct watched **pipes;
    size_t count, room;
    size_t taps, refused; // pipes that are tapped; that may not be tapped, or had no room in the quota
};

// The pipe; of a directory all that is in it, and, if it is recursive, below. 0, or why this very path can't be
// watched: EACCES, ENOENT, EMFILE, EDQUOT, ENOMEM.
long watch_add(struct watch *watch, const char *path, bool is_recursive);
// The pipe of a message with this key.
struct watched *watch_of_key(const struct watch *watch, uint64_t key);
// The pipe of that number, the latest; NULL: unknown.
struct watched *watch_of_number(const struct watch *watch, uint32_t number);
// MESSAGE_CHANGE of a directory: what is new is watched too. `change` is a copy.
void watch_change(struct watch *watch, const struct watched *directory, const struct change_message *change);
// Ends the watch of this pipe: at MESSAGE_GONE, or sooner.
void watch_drop(struct watch *watch, struct watched *watched);
// Ends all taps and hooks; the names stay.
void watch_end(struct watch *watch);
// What a tap's message tells: `head` and `payload` are copies, and live as long as the passage.
struct passage watch_passage(struct watched *watched, const struct message_received *head, const uint8_t *payload);

#endif
