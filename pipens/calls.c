// SPDX-License-Identifier: MIT
// The system calls on names and handles, and the entry of send. What each promises stands in calls.h.
//
//   a handle:  closed -- pipens_open, pipens_create --> open -- pipens_close --> closed
//   a pipe:    the succession's -- pipens_create by a successor (take_over) --> the successor's; the rest stands in
// node.c
//
// 1. Each call checks first and then acts; what acts cannot fail, so a call that gives an error has changed nothing.
// 2. A right is asked of the rules as they are now, and of the handle; each refusal is counted (refuse).
#include "flow.h"
#include "name.h"

// ---- Handles and rights ----

static long refuse(struct waiter *caller, struct node *node, long error) {
    pipens_denied(caller->principal, node, error);
    return error;
}

static long refuse_rules(struct waiter *caller, struct node *node, unsigned rule_class, uint32_t rights,
                         uint32_t allowed) {
    host_rules_refused(caller->principal, node, rule_class, rights, allowed);
    return refuse(caller, node, -PIPE_EACCES);
}

struct handle_entry *pipe_entry(struct waiter *caller, uint64_t handle, unsigned right, long *error) {
    struct handle_table *table = &caller->principal->handles;
    struct handle_entry *entry = handle_find(table, handle);
    if (!entry || entry->type != HANDLE_PIPE) {
        *error = handle_error(table, handle);
        return NULL;
    }
    struct node *node = entry->object;
    if (node->special & NODE_REMOVED) {
        *error = -PIPE_EPIPE;
        return NULL;
    }
    if (!(entry->rights & right) || !node_allows(node, entry->rule_shift, right)) {
        uint32_t allowed = (uint32_t)node->rules >> entry->rule_shift & RIGHTS_ALL;
        *error = refuse_rules(caller, node, entry->rule_shift / RULE_BITS, right, allowed);
        return NULL;
    }
    return entry;
}

// A path, copied out of the caller's page before it is looked at.
struct path {
    char bytes[PATH_LENGTH_MAX + 1];
    uint32_t length, hash;
};

static long path_copy(const struct waiter *caller, uint64_t length, struct path *path) {
    if (length > PATH_LENGTH_MAX)
        return -PIPE_ENAMETOOLONG;
    path->length = (uint32_t)length;
    host_copy(path->bytes, caller->page->payload, length);
    return path_check(path->bytes, length, caller->principal->names->seed, &path->hash);
}

static long refuse_claim(struct waiter *caller, struct node *node, enum claim_type type, const struct path *path,
                         uint32_t rights) {
    host_claim_refused(caller->principal, type, path->bytes, path->length, rights);
    return refuse(caller, node, -PIPE_EPERM);
}

// The rights that the rules of the node give the process.
static uint32_t rules_allowed(const struct principal *principal, const struct node *node) {
    uint32_t allowed = (uint32_t)node->rules >> (RULE_BITS * principal_class(principal, node)) & RIGHTS_ALL;
    if (principal->kind == KIND_APP && !principal->names->apps_may_tap)
        allowed &= ~RIGHT_TAP;
    return allowed;
}

// 0 if the rules of the node give the process all these rights, else -EACCES.
static long rules_check(struct waiter *caller, struct node *node, uint32_t rights) {
    uint32_t allowed = rules_allowed(caller->principal, node);
    if ((rights & ~allowed) == 0)
        return 0;
    return refuse_rules(caller, node, principal_class(caller->principal, node), rights, allowed);
}

// The named node on which the process has the rights, by claim and by rule; NULL with *error set.
static struct node *named_node(struct waiter *caller, const struct path *path, uint32_t rights, long *error) {
    struct principal *principal = caller->principal;
    struct node *node = node_find_hash(principal->names, path->bytes, path->length, path->hash, error);
    if (!node)
        return NULL;
    bool is_owner = principal_class(principal, node) == CLASS_OWNER;
    if (!is_owner && claims_check_open(principal, path->bytes, path->length, rights) != 0)
        *error = refuse_claim(caller, node, CLAIM_OPEN, path, rights);
    else
        *error = rules_check(caller, node, rights);
    return *error ? NULL : node;
}

// A handle with one reference to the node. Room was reserved.
static long install(struct waiter *caller, struct node *node, uint32_t rights) {
    struct attachment attachment = {.object = node,
                                    .type = HANDLE_PIPE,
                                    .rule_class = (uint8_t)principal_class(caller->principal, node),
                                    .rights = (uint8_t)rights};
    node_hold(node, rights, node->owner != caller->principal);
    return handle_install(caller->principal, &attachment);
}

// The handle of who creates a pipe or takes it over: its close leaves no end of a stream to tell.
static long install_created(struct waiter *caller, struct node *node) {
    uint8_t life = node->life;
    long handle = install(caller, node, RIGHTS_ALL);
    node->life = life;
    deliver(caller->principal->names);
    return handle;
}

// ---- create, open, close ----

// The pipe that waits for the caller's process as its last one's successor, or NULL.
static struct node *vacant_pipe(const struct waiter *caller, const struct path *path, uint64_t flow) {
    struct node *node = node_look_up(caller->principal->names, path->bytes, path->length, path->hash);
    if (!node || !caller->principal->inherited_by || node->owner != caller->principal->inherited_by ||
        node->flow != (flow & CREATE_FLOW_MASK) || !(node->life & LIFE_TRANSIENT) != !(flow & CREATE_TRANSIENT))
        return NULL;
    return node->special & NODE_REMOVED ? NULL : node;
}

static long take_over(struct waiter *caller, struct node *node) {
    list_remove(&node->of_owner);
    list_append(&caller->principal->owned, &node->of_owner);
    node->owner = caller->principal;
    return install_created(caller, node);
}

// Whether the process may make names in the directory of the path.
static long parent_check(struct waiter *caller, const struct path *path) {
    struct principal *principal = caller->principal;
    long error = 0;
    struct node *parent =
        node_find(principal->names, path->bytes, path_parent_length(path->bytes, path->length), &error);
    if (!parent)
        return error;
    error = parent->flow == FLOW_DIRECTORY ? rules_check(caller, parent, RIGHT_WRITE) : 0;
    if (!error && parent->special & NODE_NUMBERED && path_ends_in_number(path->bytes, path->length))
        error = refuse_rules(caller, parent, principal_class(principal, parent), 0, RIGHTS_ALL);
    return error;
}

// A node that is being removed is removed by one more step here, because its remover may have ended.
static long make_way(const struct waiter *caller, const struct path *path) {
    struct node *node = node_look_up(caller->principal->names, path->bytes, path->length, path->hash);
    if (!(node->special & NODE_REMOVED))
        return -PIPE_EEXIST;
    node_remove_some_below(node);
    return PIPENS_RESTART;
}

// Flow and flags of create.
static bool flow_is_valid(uint64_t flow) {
    uint64_t bare = flow & CREATE_FLOW_MASK;
    if (flow & ~(uint64_t)(CREATE_FLOW_MASK | CREATE_TRANSIENT | CREATE_CALLER_PAYS) || bare >= FLOWS)
        return false;
    if (!(flow & CREATE_TRANSIENT))
        return !(flow & CREATE_CALLER_PAYS);
    return bare != FLOW_DIRECTORY;
}

static unsigned life_of(uint64_t flow) {
    return (flow & CREATE_TRANSIENT ? LIFE_TRANSIENT : 0) | (flow & CREATE_CALLER_PAYS ? LIFE_CALLER_PAYS : 0);
}

long pipens_create(struct waiter *caller, uint64_t path_length, uint64_t flow, uint64_t rules, uint64_t capacity,
                   uint64_t payload_max) {
    struct path path;
    uint64_t token = caller->page->sent.payer;
    struct account *payer = caller->principal->account;
    long error = path_copy(caller, path_length, &path);
    if (error)
        return error;
    if (!flow_is_valid(flow) || (rules | capacity | payload_max) > UINT32_MAX)
        return -PIPE_EINVAL;
    if (claims_check_create(caller->principal, path.bytes, path.length) != 0)
        return refuse_claim(caller, NULL, CLAIM_CREATE, &path, 0);
    if (flow & CREATE_CALLER_PAYS)
        payer = call_payer(caller, token, &error);
    if (!error)
        error = handle_reserve(caller->principal, 1);
    if (error)
        return error;
    struct node *node = vacant_pipe(caller, &path, flow);
    if (node)
        return take_over(caller, node);
    if (path.length > 1)
        error = parent_check(caller, &path);
    if (error)
        return error;
    struct node_plan plan = {(enum flow)(flow & CREATE_FLOW_MASK), (uint32_t)rules, (uint32_t)capacity,
                             (uint32_t)payload_max};
    node = node_create_living(caller->principal, path.bytes, path.length, &plan, life_of(flow), payer, &error);
    if (error == -PIPE_EEXIST)
        return make_way(caller, &path);
    return node ? install_created(caller, node) : error;
}

long pipens_open(struct waiter *caller, uint64_t path_length, uint64_t rights) {
    struct path path;
    long error = path_copy(caller, path_length, &path);
    if (error)
        return error;
    if (rights == 0 || rights & ~(uint64_t)RIGHTS_ALL)
        return -PIPE_EINVAL;
    struct node *node = named_node(caller, &path, (uint32_t)rights, &error);
    if (!node)
        return error;
    if (node->special & NODE_REMOVED)
        return -PIPE_ENOENT;
    error = handle_reserve(caller->principal, 1);
    if (error)
        return error;
    long handle = install(caller, node, (uint32_t)rights);
    deliver(caller->principal->names);
    return handle;
}

long pipens_close(struct waiter *caller, uint64_t handle) {
    struct handle_table *table = &caller->principal->handles;
    struct handle_entry *entry = handle_find(table, handle);
    if (!entry || (entry->type != HANDLE_PIPE && entry->type != HANDLE_REGION))
        return handle_error(table, handle);
    handle_close(caller->principal, (uint32_t)handle & HANDLE_INDEX_MASK);
    deliver(caller->principal->names);
    pipens_close_step(caller->principal->names);
    return 0;
}

// ---- remove, set_rules ----

long pipens_remove(struct waiter *caller, uint64_t path_length) {
    struct path path;
    long error = path_copy(caller, path_length, &path);
    if (error)
        return error;
    struct node *node = named_node(caller, &path, RIGHT_MANAGE, &error);
    if (!node)
        return error;
    if (node->owner == &caller->principal->names->kernel)
        return -PIPE_EBUSY;
    if (node->flow == FLOW_DIRECTORY && node->child_count)
        return -PIPE_ENOTEMPTY;
    return node_remove_step(node) ? PIPENS_RESTART : 0;
}

long pipens_set_rules(struct waiter *caller, uint64_t handle, uint64_t rules) {
    if (rules >> (RULE_BITS * CLASSES))
        return -PIPE_EINVAL;
    long error = 0;
    struct handle_entry *entry = pipe_entry(caller, handle, RIGHT_MANAGE, &error);
    if (!entry)
        return error;
    node_set_rules(entry->object, (uint16_t)rules);
    return 0;
}

// ---- list, stat ----

static uint32_t list_names(const struct node *directory, const struct path *cursor, uint8_t *payload) {
    uint32_t written = 0;
    struct node *child = directory_next(directory, cursor->bytes, cursor->length);
    while (child && written + sizeof(struct list_entry) + child->name_length <= PAYLOAD_MAX) {
        struct list_entry entry = {child->flow, child->name_length};
        host_copy(payload + written, &entry, sizeof entry);
        host_copy(payload + written + sizeof entry, node_name(child), child->name_length);
        written += (uint32_t)sizeof entry + child->name_length;
        struct tree_link *next = tree_next(&child->of_parent);
        child = next ? list_object(next, struct node, of_parent) : NULL;
    }
    return written;
}

long pipens_list(struct waiter *caller, uint64_t handle, uint64_t cursor_length) {
    if (cursor_length > COMPONENT_MAX)
        return -PIPE_EINVAL;
    long error = 0;
    struct handle_entry *entry = pipe_entry(caller, handle, RIGHT_READ, &error);
    if (!entry)
        return error;
    struct node *directory = entry->object;
    if (directory->flow != FLOW_DIRECTORY)
        return -PIPE_ENOTDIR;
    struct path cursor = {.length = (uint32_t)cursor_length};
    host_copy(cursor.bytes, caller->page->payload, cursor_length);
    return list_names(directory, &cursor, caller->page->payload);
}

// Depth, capacity and age, which each flow has its own of.
static void stat_flow(const struct node *node, struct pipe_stat *stat) {
    const struct waiter *first = wait_queue_first(&node->waiting);
    stat->waiting = node->waiting.count;
    switch (node->flow) {
    case FLOW_DIRECTORY:
        stat->depth = node->child_count;
        break;
    case FLOW_CALL:
        stat->depth = node->waiting.count + node->in_flight;
        stat->oldest = first ? first->since : 0;
        break;
    case FLOW_EVENT:
        stat->depth = node->total - node->taken;
        stat->oldest = stat->depth ? node->time : 0;
        break;
    default:
        stat->depth = ring_depth(&node->ring);
        stat->capacity = node->ring.capacity;
        stat->payload_max = ring_payload_max(&node->ring, 0);
        stat->oldest = stat->depth ? ring_slot(&node->ring, node->ring.tail)->time : 0;
    }
}

// The process that holds the oldest call of those in flight; 0 if there is none.
static uint32_t holder_of(const struct node *node) {
    if (list_is_empty(&node->flights))
        return 0;
    return list_object(node->flights.next, struct waiter, peers)->holder->principal->pid;
}

static uint32_t stat_flags(const struct node *node) {
    return (node->special & NODE_KERNEL ? STAT_KERNEL : 0) | (node->owner->is_succession ? STAT_VACANT : 0) |
           (node->tap_count ? STAT_TAPPED : 0) | (node->life & LIFE_TRANSIENT ? STAT_TRANSIENT : 0);
}

static long stat_write(const struct node *node, struct message *page) {
    struct pipe_stat stat = {.number = node->number,
                             .flow = node->flow,
                             .rules = node->rules,
                             .flags = stat_flags(node),
                             .owner = node->owner->pid,
                             .owner_generation = node->owner->generation,
                             .hooks = node->hook_count,
                             .taps = node->tap_count,
                             .in = node->in,
                             .out = node->out,
                             .dropped = node->dropped,
                             .denied = node->denied,
                             .holder_count = node->in_flight,
                             .holder = holder_of(node),
                             .readers = node->readers,
                             .writers = node->writers,
                             .outside = node->outside,
                             .handles = node->handles};
    stat_flow(node, &stat);
    host_copy(page->payload, &stat, sizeof stat);
    return sizeof stat;
}

// Looking at a name needs the right to list the directory that it is in; the root stands for itself.
static long stat_named(struct waiter *caller, uint64_t path_length) {
    struct path path;
    long error = path_copy(caller, path_length, &path);
    if (error)
        return error;
    struct node *node = node_find_hash(caller->principal->names, path.bytes, path.length, path.hash, &error);
    if (!node)
        return error;
    struct path parent = path;
    parent.length = path_parent_length(path.bytes, path.length);
    parent.hash = path_hash(caller->principal->names, parent.bytes, parent.length);
    if (!named_node(caller, &parent, RIGHT_READ, &error))
        return error;
    return stat_write(node, caller->page);
}

long pipens_stat(struct waiter *caller, uint64_t handle, uint64_t path_length) {
    if (handle == 0)
        return stat_named(caller, path_length);
    struct handle_table *table = &caller->principal->handles;
    struct handle_entry *entry = handle_find(table, handle);
    if (!entry || entry->type != HANDLE_PIPE)
        return handle_error(table, handle);
    const struct node *node = entry->object;
    return node->special & NODE_REMOVED ? -PIPE_EPIPE : stat_write(node, caller->page);
}

// ---- send ----

static long send_by_flow(struct waiter *caller, struct handle_entry *entry, uint64_t length, uint64_t flags,
                         uint64_t deadline) {
    struct node *node = entry->object;
    switch (node->flow) {
    case FLOW_QUEUE:
        return queue_send(caller, node, length, flags, deadline);
    case FLOW_TOPIC:
        return topic_send(caller, node, length, flags);
    case FLOW_EVENT:
        return event_send(caller, node, entry->hook, length, flags);
    default:
        return -PIPE_ENOTSUP;
    }
}

static void sent_observe(const struct waiter *caller, struct node *node, uint64_t length) {
    if (node->flow == FLOW_EVENT)
        observe(node, TAP_SIGNALLED, caller->principal, &length, sizeof length, length);
    else
        observe(node, TAP_SENT, caller->principal, caller->page->payload, (uint32_t)length, 0);
}

long pipens_send(struct waiter *caller, uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline) {
    long error = 0;
    struct handle_entry *entry = pipe_entry(caller, handle, RIGHT_WRITE, &error);
    if (!entry)
        return error;
    struct node *node = entry->object;
    if (node_is_broken(node))
        return -PIPE_EPIPE;
    long result = send_by_flow(caller, entry, length, flags, deadline);
    if (node_is_observed(node) && (result >= 0 || result == PIPENS_BLOCKED))
        sent_observe(caller, node, length);
    deliver(caller->principal->names);
    return result;
}
