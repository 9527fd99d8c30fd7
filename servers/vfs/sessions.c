// SPDX-License-Identifier: MIT
//
//   free -- session_make --> its client's -- session_end, client_ended --> free
//
// 1. A session is in its client's list, or free; a client is in the bucket of its pid, or free.
// 2. A client has a session: it is made with its first, and forgotten with its last.
#include "sessions.h"

#include <stdio.h>

// A session's number is its place, and above these bits its round, which is never 0.
#define PLACE_BITS 12u
#define ROUND_MASK (UINT32_MAX >> PLACE_BITS >> 1) // so that a number is positive as an int
_Static_assert(SESSIONS_MAX == 1u << PLACE_BITS, "a place fits its bits");

#define BUCKETS 256u // of clients, by pid

struct client {
    uint32_t pid, generation; // pid 0: free
    uint32_t session_count;
    long exit;           // its hooked /proc/<pid>/exit
    struct client *next; // in its bucket; a free one: the next free one
    struct session *sessions;
};

static struct session sessions[SESSIONS_MAX], *free_session;
static struct client clients[CLIENTS_MAX], *free_client;
static uint32_t sessions_used, clients_used; // places that were ever used
static uint32_t first_round;
static struct client *buckets[BUCKETS];

// ---- Clients ----

static struct client *client_find(uint32_t pid, uint32_t generation) {
    struct client *client = buckets[pid % BUCKETS];
    while (client && !(client->pid == pid && client->generation == generation))
        client = client->next;
    return client;
}

static struct client *client_take(void) {
    struct client *client = free_client;
    if (client)
        free_client = client->next;
    else if (clients_used < CLIENTS_MAX)
        client = &clients[clients_used++];
    return client;
}

static void client_give(struct client *client) {
    *client = (struct client){.next = free_client};
    free_client = client;
}

// Hooks the end of the client. An end that came before the hook was told to others: then the event has counted.
static long exit_hook(struct client *client) {
    char path[COMPONENT_MAX];
    struct pipe_stat stat;
    snprintf(path, sizeof path, "/proc/%u/exit", (unsigned)client->pid);
    client->exit = pipe_open(path, RIGHT_READ);
    if (client->exit < 0)
        return client->exit;
    long error = pipe_hook(client->exit, (uint64_t)(client - clients), 0);
    if (!error)
        error = pipe_stat(client->exit, &stat);
    if (!error && stat.in > 0)
        error = -PIPE_ESRCH;
    if (error)
        pipe_close(client->exit);
    return error;
}

static long client_make(const struct message_received *caller, struct client **client) {
    *client = client_find(caller->pid, caller->generation);
    if (*client)
        return 0;
    *client = client_take();
    if (!*client)
        return -PIPE_ENFILE;
    **client = (struct client){.pid = caller->pid, .generation = caller->generation};
    long error = exit_hook(*client);
    if (error) {
        client_give(*client);
        return error;
    }
    (*client)->next = buckets[caller->pid % BUCKETS];
    buckets[caller->pid % BUCKETS] = *client;
    return 0;
}

static void client_forget(struct client *client) {
    struct client **place = &buckets[client->pid % BUCKETS];
    while (*place != client)
        place = &(*place)->next;
    *place = client->next;
    pipe_close(client->exit);
    client_give(client);
}

// ---- Sessions ----

void sessions_begin(uint32_t round) {
    first_round = round & ROUND_MASK;
}

static struct session *session_take(void) {
    struct session *session = free_session;
    if (session)
        free_session = session->next;
    else if (sessions_used < SESSIONS_MAX)
        *(session = &sessions[sessions_used++]) = (struct session){.round = first_round};
    return session;
}

// The place stays with its round.
static void session_give(struct session *session) {
    *session = (struct session){.round = session->round, .next = free_session};
    free_session = session;
}

static void session_begin(struct session *session, struct client *client, struct node *node, uint32_t flags) {
    uint32_t round = session->round == ROUND_MASK ? 1 : session->round + 1;
    *session =
        (struct session){.client = client, .next = client->sessions, .node = node, .flags = flags, .round = round};
    if (session->next)
        session->next->previous = session;
    client->sessions = session;
    client->session_count++;
    node_open(node);
}

long session_make(const struct message_received *caller, struct node *node, uint32_t flags, uint32_t *file) {
    struct client *client = NULL;
    struct session *session = session_take();
    if (!session)
        return -PIPE_ENFILE;
    long error = client_make(caller, &client);
    if (!error && client->session_count == CLIENT_SESSIONS_MAX)
        error = -PIPE_EMFILE;
    if (error) {
        session_give(session);
        return error;
    }
    session_begin(session, client, node, flags);
    *file = (uint32_t)(session - sessions) | session->round << PLACE_BITS;
    return 0;
}

struct session *session_find(const struct message_received *caller, uint32_t file) {
    struct session *session = &sessions[file % SESSIONS_MAX];
    const struct client *client = session->client;
    bool is_theirs = client && client->pid == caller->pid && client->generation == caller->generation &&
                     session->round == file >> PLACE_BITS;
    return is_theirs ? session : NULL;
}

void session_end(struct files *files, struct session *session) {
    struct client *client = session->client;
    if (session->previous)
        session->previous->next = session->next;
    else
        client->sessions = session->next;
    if (session->next)
        session->next->previous = session->previous;
    node_close(files, session->node);
    session_give(session);
    if (--client->session_count == 0)
        client_forget(client);
}

void client_ended(struct files *files, uint64_t key) {
    if (key >= CLIENTS_MAX || !clients[key].pid)
        return;
    for (uint32_t left = clients[key].session_count; left; left--)
        session_end(files, clients[key].sessions);
}
