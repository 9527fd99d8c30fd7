// SPDX-License-Identifier: MIT
// The life of a node: made under a name, removed in steps, freed with its last reference.
//
//   node_create --> named -- node_remove_step, the first --> closing -- node_remove_step, the last --> nameless
//   nameless -- node_release, the last --> freed
//
// 1. A named node holds one reference for its name, and one on its parent.
// 2. A node is charged to its payer until it is freed, its ring until the name goes.
// 3. A directory has no children when it loses its name.
// 4. A node's path is its directory's, a slash, and its own name: so no look-up walks up the tree.
#include "flow.h"
#include "name.h"

static size_t node_size(uint32_t path_length) {
    return sizeof(struct node) + path_length;
}

static long plan_check(const struct node_plan *plan) {
    bool has_ring = plan->flow == FLOW_QUEUE || plan->flow == FLOW_TOPIC;
    if (plan->flow >= FLOWS || plan->rules >> (RULE_BITS * CLASSES))
        return -PIPE_EINVAL;
    if (!has_ring)
        return plan->capacity || plan->payload_max ? -PIPE_EINVAL : 0;
    return plan->capacity > CAPACITY_MAX || plan->payload_max > PAYLOAD_MAX ? -PIPE_EINVAL : 0;
}

// Sets up what all flows share. The new node has the reference of its name.
static void node_initialize(struct node *node, struct principal *owner, const struct node_plan *plan,
                            struct account *payer) {
    host_clear(node, sizeof *node);
    node->rules = (uint16_t)plan->rules;
    node->flow = (uint8_t)plan->flow;
    node->references = 1;
    node->owner = owner;
    node->payer = payer;
    node->number = owner->names->next_number;
    list_initialize(&node->of_owner);
    list_initialize(&node->in_closing);
    list_initialize(&node->hooks);
    list_initialize(&node->watchers);
    list_initialize(&node->taps);
    list_initialize(&node->flights);
    if (plan->flow == FLOW_DIRECTORY)
        node->children.compare = node_compare;
}

static long ring_for_plan(struct node *node, const struct node_plan *plan) {
    if (plan->flow != FLOW_QUEUE && plan->flow != FLOW_TOPIC)
        return 0;
    uint32_t capacity = plan->capacity ? plan->capacity : CAPACITY_DEFAULT;
    uint32_t payload_max = plan->payload_max ? plan->payload_max : PAYLOAD_DEFAULT;
    return ring_make(&node->ring, node->payer, capacity, payload_max);
}

// A node with its memory, but not yet in the tree.
static struct node *node_allocate(struct principal *owner, const struct node_plan *plan, struct account *payer,
                                  const char *path, uint32_t length, long *error) {
    struct node *node = account_allocate(payer, node_size(length), error);
    if (!node)
        return NULL;
    node_initialize(node, owner, plan, payer);
    *error = ring_for_plan(node, plan);
    if (*error) {
        account_free(payer, node, node_size(length));
        return NULL;
    }
    uint32_t parent_length = path_parent_length(path, length);
    node->path_length = (uint8_t)length;
    node->name_length = (uint8_t)(length - parent_length - (parent_length > 1));
    host_copy(node->path, path, length);
    return node;
}

// Gives the node its name and its slot below `parent`.
static void node_insert(struct node *parent, struct node *node, uint32_t hash) {
    node->hash = hash;
    node->parent = parent;
    // The hash's lower bits choose among few; multiplied, they make weights that follow no order of names.
    node->of_parent.weight = hash * 0x9e3779b1u;
    parent->references++;
    parent->child_count++;
    tree_insert(&parent->children, &node->of_parent);
    list_append(&node->owner->owned, &node->of_owner);
    node_enter(node->owner->names, node);
    node->owner->names->next_number++;
    directory_changed(parent, node, true, node->owner);
}

// The directory in which a path can be made, or NULL.
static struct node *parent_for(struct namespace *names, const char *path, uint32_t length, uint32_t hash, long *error) {
    if (node_look_up(names, path, length, hash)) {
        *error = -PIPE_EEXIST;
        return NULL;
    }
    struct node *parent = node_find(names, path, path_parent_length(path, length), error);
    if (parent && parent->flow != FLOW_DIRECTORY)
        *error = -PIPE_ENOTDIR;
    else if (parent && parent->special & NODE_REMOVED)
        *error = -PIPE_ENOENT;
    return *error ? NULL : parent;
}

struct node *node_create_living(struct principal *owner, const char *path, uint32_t length,
                                const struct node_plan *plan, unsigned life, struct account *payer, long *error) {
    struct namespace *names = owner->names;
    uint32_t hash;
    *error = path_check(path, length, names->seed, &hash);
    if (!*error)
        *error = plan_check(plan);
    struct node *parent = *error ? NULL : parent_for(names, path, length, hash, error);
    if (!parent)
        return NULL;
    struct node *node = node_allocate(owner, plan, payer, path, length, error);
    if (!node)
        return NULL;
    node->life = (uint8_t)life;
    node_insert(parent, node, hash);
    deliver(names);
    return node;
}

struct node *node_create(struct principal *owner, const char *path, uint32_t length, const struct node_plan *plan,
                         long *error) {
    return node_create_living(owner, path, length, plan, 0, owner->account, error);
}

bool node_wake_step(struct node *node) {
    for (uint32_t count = 0; count < BATCH; count++) {
        struct waiter *waiter = wait_queue_first(&node->waiting);
        if (!waiter)
            return false;
        waiter_cancel(waiter, -PIPE_EPIPE);
    }
    return wait_queue_first(&node->waiting) != NULL;
}

// Releases the attachments of up to BATCH messages of a queue; true if more are left.
static bool release_some_messages(struct node *node) {
    if (node->flow != FLOW_QUEUE)
        return false;
    for (uint32_t count = 0; count < BATCH && ring_depth(&node->ring); count++) {
        struct slot *slot = ring_slot(&node->ring, node->ring.tail++);
        attachments_release(slot_attachments(slot), slot->attachment_count);
    }
    return ring_depth(&node->ring) != 0;
}

static void end_hooks(struct list *hooks) {
    while (!list_is_empty(hooks))
        hook_gone(list_object(hooks->next, struct hook, of_node));
}

// Takes the name away, and the memory for messages.
static void node_unname(struct node *node) {
    struct node *parent = node->parent;
    node_leave(node->owner->names, node);
    tree_remove(&parent->children, &node->of_parent);
    parent->child_count--;
    list_remove(&node->of_owner);
    list_remove(&node->in_closing);
    if (node->flow == FLOW_QUEUE || node->flow == FLOW_TOPIC)
        ring_destroy(&node->ring, node->payer);
    directory_changed(parent, node, false, node->owner);
    node->owner = &node->owner->names->kernel; // the last reference may outlive the owner
    node_release(node);
}

static bool remove_step(struct node *node) {
    node->special |= NODE_REMOVED;
    if (node_wake_step(node) || release_some_messages(node))
        return true;
    end_hooks(&node->hooks);
    end_hooks(&node->watchers);
    end_hooks(&node->taps);
    node_unname(node);
    return false;
}

bool node_remove_step(struct node *node) {
    struct namespace *names = node->owner->names;
    bool is_more = remove_step(node);
    deliver(names);
    return is_more;
}

// A node below, or at, this one that has no children. The directories on the way get no new ones, so that their
// emptying ends.
static struct node *lowest_below(struct node *node) {
    struct node *child;
    while (node->flow == FLOW_DIRECTORY && (child = directory_next(node, "", 0))) {
        node->special |= NODE_REMOVED;
        node = child;
    }
    return node;
}

bool node_remove_some_below(struct node *node) {
    return node_remove_step(lowest_below(node));
}

// A child holds a reference on its parent, so freeing a node may free those above it, up to the root, which keeps its
// name.
void node_release(struct node *node) {
    while (--node->references == 0) {
        struct node *parent = node->parent;
        account_free(node->payer, node, node_size(node->path_length));
        node = parent;
    }
}

static const struct node_plan directory_plan = {FLOW_DIRECTORY, RULES_READABLE, 0, 0};
#define TRACE_CAPACITY 1024u
static const struct node_plan trace_plan = {FLOW_TOPIC,
                                            RULE(RIGHTS_ALL, RIGHT_READ | RIGHT_TAP, 0u, RIGHT_READ | RIGHT_TAP),
                                            TRACE_CAPACITY, sizeof(struct trace_record)};

static long make_root(struct namespace *names) {
    long error = 0;
    struct node *root = node_allocate(&names->kernel, &directory_plan, &names->kernel_account, "/", 1, &error);
    if (!root)
        return error;
    root->hash = path_hash(names, "/", 1);
    names->next_number++;
    list_append(&names->kernel.owned, &root->of_owner);
    node_enter(names, root);
    names->root = root;
    return 0;
}

long namespace_initialize(struct namespace *names, struct node **buckets, uint32_t bucket_count, uint32_t seed) {
    host_clear(names, sizeof *names);
    names->buckets = buckets;
    names->bucket_count = bucket_count;
    names->seed = seed;
    names->apps_may_tap = true;
    list_initialize(&names->closing);
    list_initialize(&names->awake);
    names->next_token = 1;
    names->kernel_account.limit = UINT64_MAX;
    principal_initialize(&names->kernel, names, &names->kernel_account, 0, 0, KIND_SERVER, "kernel");
    names->kernel.is_unlimited = true;
    static const char bus[] = "/bus", trace_name[] = "/bus/trace";
    long error = waiter_table_initialize(names);
    if (!error)
        error = make_root(names);
    if (!error)
        node_create(&names->kernel, bus, sizeof bus - 1, &directory_plan, &error);
    if (!error)
        names->trace = node_create(&names->kernel, trace_name, sizeof trace_name - 1, &trace_plan, &error);
    return error;
}
