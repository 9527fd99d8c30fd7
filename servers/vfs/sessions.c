// SPDX-License-Identifier: MIT
#include "sessions.h"

#include <stdio.h>
#include <string.h>

// A session's number is its place, and above these bits its round, which is never 0.
#define PLACE_BITS 10u
#define ROUND_MASK (UINT32_MAX >> PLACE_BITS >> 1) // so that a number is positive as an int
_Static_assert(SESSIONS_MAX == 1u << PLACE_BITS, "a place fits its bits");

struct client {
    uint32_t pid, generation; // pid 0: free
    uint32_t session_count;
    long exit; // its hooked /proc/<pid>/exit
};

static struct session sessions[SESSIONS_MAX];
static struct client clients[CLIENTS_MAX];

// ---- Clients ----

static struct client *client_find(uint32_t pid, uint32_t generation) {
    for (struct client *client = clients; client < clients + CLIENTS_MAX; client++)
        if (client->pid == pid && client->generation == generation)
            return client;
    return NULL;
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
    *client = client_find(0, 0);
    if (!*client)
        return -PIPE_ENFILE;
    **client = (struct client){.pid = caller->pid, .generation = caller->generation};
    long error = exit_hook(*client);
    if (error)
        **client = (struct client){0};
    return error;
}

static void client_forget(struct client *client) {
    pipe_close(client->exit);
    *client = (struct client){0};
}

// ---- Sessions ----

static struct session *session_take(void) {
    for (struct session *session = sessions; session < sessions + SESSIONS_MAX; session++)
        if (!session->client)
            return session;
    return NULL;
}

long session_make(const struct message_received *caller, struct node *node, uint32_t flags, uint32_t *file) {
    struct client *client;
    struct session *session = session_take();
    if (!session)
        return -PIPE_ENFILE;
    long error = client_make(caller, &client);
    if (error)
        return error;
    if (client->session_count == CLIENT_SESSIONS_MAX)
        return -PIPE_EMFILE;
    uint32_t round = session->round == ROUND_MASK ? 1 : session->round + 1;
    *session = (struct session){.client = client, .node = node, .flags = flags, .round = round};
    client->session_count++;
    node_open(node);
    *file = (uint32_t)(session - sessions) | round << PLACE_BITS;
    return 0;
}

struct session *session_find(const struct message_received *caller, uint32_t file) {
    struct session *session = &sessions[file % SESSIONS_MAX];
    const struct client *client = session->client;
    bool is_theirs = client && client->pid == caller->pid && client->generation == caller->generation &&
                     session->round == file >> PLACE_BITS;
    return is_theirs ? session : NULL;
}

// The place stays with its round.
static void session_release(struct files *files, struct session *session) {
    node_close(files, session->node);
    session->client = NULL;
    session->node = NULL;
}

void session_end(struct files *files, struct session *session) {
    struct client *client = session->client;
    session_release(files, session);
    if (--client->session_count == 0)
        client_forget(client);
}

void client_ended(struct files *files, uint64_t key) {
    if (key >= CLIENTS_MAX || !clients[key].pid)
        return;
    for (struct session *session = sessions; session < sessions + SESSIONS_MAX; session++)
        if (session->client == &clients[key])
            session_release(files, session);
    client_forget(&clients[key]);
}
