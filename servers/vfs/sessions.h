// SPDX-License-Identifier: MIT
// Sessions, files that clients have open, and the clients that have any: their ends are awaited, and end their
// sessions.
#ifndef VFS_SESSIONS_H
#define VFS_SESSIONS_H

#include "nodes.h"
#include "pipe.h"

#define SESSIONS_MAX 4096u
#define CLIENT_SESSIONS_MAX 64u
#define CLIENTS_MAX 2048u // the keys of their hooks are 0 to CLIENTS_MAX - 1

struct client;

struct session {
    struct session *next, *previous; // of its client's
    struct client *client;           // NULL: free
    struct node *node;
    uint64_t position;
    uint32_t flags; // OPEN_*
    uint32_t round; // that tells this use of the place from those before
};

// To be called first. The rounds of all places begin with this one, which is to be another than a predecessor's were:
// what its clients have open is not there any more.
void sessions_begin(uint32_t round);
// Opens a session on the node for the caller of the request; its number in *file. EMFILE, ENFILE, ESRCH, and what keeps
// this server from hearing of the caller's end.
long session_make(const struct message_received *caller, struct node *node, uint32_t flags, uint32_t *file);
// The caller's session of that number, or NULL.
struct session *session_find(const struct message_received *caller, uint32_t file);
void session_end(struct files *files, struct session *session);
// The client with this key has ended.
void client_ended(struct files *files, uint64_t key);

#endif
