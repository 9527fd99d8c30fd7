// SPDX-License-Identifier: MIT
// What the files of the model share.
#ifndef TESTS_MODEL_PARTS_H
#define TESTS_MODEL_PARTS_H

#include "model.h"

#define NOBODY (-1)

// ---- Lists (model_life.c) ----

void indices_append(struct model_indices *indices, int item);
void indices_remove(struct model_indices *indices, int item); // nothing if it isn't there
void messages_append(struct model_messages *messages, const struct model_message *message, const void *payload);
void messages_drop_first(struct model_messages *messages);

// ---- Names and rights (model_names.c) ----

long path_error(const char *path, uint64_t length);
uint32_t parent_length(const char *path, uint32_t length);
// The last component of the node's path.
const char *name_of(const struct model_node *node, uint32_t *length);
int node_named(const char *path, uint32_t length);
// The node, or NOBODY with ENOENT, or ENOTDIR if what exists of the path ends in a pipe.
int node_find_named(const char *path, uint32_t length, long *error);
// The named node on which the process has these rights, else NOBODY with the error, which is counted.
int node_permitted(uint32_t process, const char *path, uint32_t length, uint32_t rights, long *error);
struct identity identity_of(int owner);
enum rule_class class_of(uint32_t process, int node);
// The handle of the process, if it is of this type; else NOBODY with the error.
int handle_of(uint32_t process, uint64_t number, enum model_type type, long *error);
// The handle, if its pipe may be used with the right.
int usable_handle(uint32_t thread, uint64_t number, uint32_t right, long *error);
void denied(uint32_t process, int node, long error);
// The handle's number is still to be learned.
int handle_new(uint32_t process, const struct model_attachment *attachment);
void handle_drop(int handle);
int node_make(int owner, const char *path, uint32_t length, uint32_t flow, uint32_t rules, uint32_t capacity,
              uint32_t payload_max);
void node_remove(int node);
void node_own(int node, int owner);
// The first child by name after this one, or NOBODY.
int child_after(int node, const char *name, uint32_t length);

// ---- Hooks and flows (model_flow.c) ----

struct model_message stamp(struct identity sender, uint8_t type, uint32_t length);
bool hook_is_due(int hook);
void hook_ready(int hook);
// Gives each receiving thread with a ready hook its message: what an operation makes ready is taken at its end.
void model_deliver(void);
void hooks_ready(int node);
void hooks_unready(int node);
void hook_close(int hook);
void hook_pipe_gone(int hook);
void rules_change(int node, uint32_t rules);
long take(uint32_t thread);
void observe_passing(int node, uint32_t operation, struct identity actor, const uint8_t *payload, uint32_t length,
                     uint64_t value);
void trace_record(uint32_t operation, struct identity actor, int node, uint32_t length, uint64_t value);
void directory_tell(const struct model_node *directory, const struct model_node *child, bool added);
void hook_answers(int hook, bool handled);

// ---- Waiting and messages (model_wait.c) ----

// The attachments of a message, checked.
struct attachments_plan {
    uint32_t attachment_count, lease_count;
    struct model_attachment attachments[MESSAGE_HANDLES_MAX];
    int handles[MESSAGE_HANDLES_MAX];
    struct lease leases[MESSAGE_LEASES_MAX];
};
long attachments_plan_make(uint32_t thread, uint64_t flags, struct attachments_plan *plan);
// The message goes now: what is moved leaves the sender. Or it waits with the sender.
void attachments_plan_send(const struct attachments_plan *plan);
void attachments_plan_keep(uint32_t thread, const struct attachments_plan *plan, int64_t length, uint64_t flags);

// A message is kept in a slot: bytes that it needs beside its payload, and for each attached handle.
#define SLOT_BYTES 32u
#define SLOT_BYTES_A_HANDLE 16u

// The page into which the kernel writes for the thread now, and its payload.
uint8_t *page_of(uint32_t thread);
uint8_t *payload_of(uint32_t thread);
void wait_on(uint32_t thread, int node, enum model_state state, uint64_t deadline);
void wait_over(uint32_t thread); // leaves the pipe's waiting threads
void withdraw(uint32_t thread);
void wake_up(uint32_t thread, long result);
int first_waiting(int node);
void priorities_settle(void);
long cycle_found(uint32_t thread, int node, bool is_told);
// A hook has left the pipe. If that closed a cycle of waiting, the wait on this pipe that is in it ends with EDEADLK.
void cycle_end(int node);
void transit_ends(uint32_t thread, bool is_taken);
void attachments_hand(uint32_t thread, const struct model_attachment *attachments, uint32_t count);
void header_write(uint32_t thread, const struct message_received *head);

#endif
