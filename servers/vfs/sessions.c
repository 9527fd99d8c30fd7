// SPDX-License-Identifier: MIT
// A session:
//
//   free -- session_make --> its client's -- session_end, client_ended --> free
//
// 1. A session is in its client's list, or free; a client is in the bucket of its pid, or free.
// 2. A client has a session: it is made with its first, and forgotten with its last.
#include "sessions.h"

#include "places.h"
#include "process.h"

// A session's number is its place, and above these bits its round, which is never 0.
#define PLACE_BITS 12u
#define ROUND_MASK (UINT32_MAX >> PLACE_BITS >> 1) // so that a number is positive as an int
_Static_assert(SESSIONS_MAX == 1u << PLACE_BITS, "a place fits its bits");

#define BUCKETS 256u // of clients, by pid

struct client {
    struct client *next;      // in its bucket
    uint32_t pid, generation; // pid 0: free
    uint32_t session_count;
    long exit; // its hooked /proc/<pid>/exit
    struct session *sessions;
};

static struct session sessions[SESSIONS_MAX];
static struct client clients[CLIENTS_MAX];
static struct places session_places = {.table = sessions, .size = sizeof *sessions, .limit = SESSIONS_MAX};
static struct places client_places = {.table = clients, .size = sizeof *clients, .limit = CLIENTS_MAX};
static uint32_t first_round; // which a place that was never taken goes on from
static struct client *buckets[BUCKETS];

// ---- Clients ----

static struct client *client_find(uint32_t pid, uint32_t generation) {
    struct client *client = buckets[pid % BUCKETS];
    while (client && !(client->pid == pid && client->generation == generation))
        client = client->next;
    return client;
}

static void client_give(struct client *client) {
    client->pid = 0;
    place_give(&client_places, client);
}

static long client_make(const struct message_received *caller, struct client **client) {
    *client = client_find(caller->pid, caller->generation);
    if (*client)
        return 0;
    *client = place_take(&client_places);
    if (!*client)
        return -PIPE_ENFILE;
    long watch = process_watch(caller->pid, (uint64_t)(*client - clients));
    **client = (struct client){.pid = caller->pid, .generation = caller->generation, .exit = watch};
    if (watch < 0) {
        client_give(*client);
        return watch;
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

// The place stays with its round.
static void session_give(struct session *session) {
    session->client = NULL;
    place_give(&session_places, session);
}

static void session_begin(struct session *session, struct client *client, struct node *node, uint32_t flags) {
    uint32_t before = session->round ? session->round : first_round;
    uint32_t round = before == ROUND_MASK ? 1 : before + 1;
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
    struct session *session = place_take(&session_places);
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
