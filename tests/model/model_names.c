// SPDX-License-Identifier: MIT
// The model of names, rules, claims and handles.
#include "model_parts.h"

#include <stdlib.h>
#include <string.h>

// ---- Paths ----

static long component_error(const char *component, uint32_t length) {
    if (length > COMPONENT_MAX)
        return -PIPE_ENAMETOOLONG;
    if (length == 0 || (length == 1 && component[0] == '.') || (length == 2 && memcmp(component, "..", 2) == 0))
        return -PIPE_EINVAL;
    for (uint32_t index = 0; index < length; index++)
        if (component[index] <= ' ' || component[index] > '~')
            return -PIPE_EINVAL;
    return 0;
}

long path_error(const char *path, uint64_t length) {
    if (length > PATH_LENGTH_MAX)
        return -PIPE_ENAMETOOLONG;
    if (length == 0 || path[0] != '/')
        return -PIPE_EINVAL;
    if (length == 1)
        return 0;
    for (uint64_t start = 1; start <= length;) {
        const char *slash = memchr(path + start, '/', length - start);
        uint64_t end = slash ? (uint64_t)(slash - path) : length;
        long error = component_error(path + start, (uint32_t)(end - start));
        if (error)
            return error;
        start = end + 1;
    }
    return 0;
}

uint32_t parent_length(const char *path, uint32_t length) {
    while (length > 1 && path[length - 1] != '/')
        length--;
    return length > 1 ? length - 1 : 1;
}

int node_named(const char *path, uint32_t length) {
    for (int node = 0; node < model.node_count; node++)
        if (model.nodes[node].is_named && model.nodes[node].length == length &&
            memcmp(model.nodes[node].path, path, length) == 0)
            return node;
    return NOBODY;
}

int node_find_named(const char *path, uint32_t length, long *error) {
    int node = node_named(path, length);
    if (node != NOBODY)
        return node;
    int above = NOBODY;
    while (above == NOBODY) {
        length = parent_length(path, length);
        above = node_named(path, length);
    }
    *error = model.nodes[above].flow == FLOW_DIRECTORY ? -PIPE_ENOENT : -PIPE_ENOTDIR;
    return NOBODY;
}

const char *name_of(const struct model_node *node, uint32_t *length) {
    uint32_t start = node->length;
    while (start && node->path[start - 1] != '/')
        start--;
    *length = node->length - start;
    return node->path + start;
}

static int name_order(const char *first, uint32_t first_length, const char *second, uint32_t second_length) {
    int order = memcmp(first, second, first_length < second_length ? first_length : second_length);
    return order ? order : (int)first_length - (int)second_length;
}

static bool is_child(const struct model_node *node, const struct model_node *parent) {
    return node->is_named && node->length > 1 && parent_length(node->path, node->length) == parent->length &&
           memcmp(node->path, parent->path, parent->length) == 0;
}

int child_after(int parent, const char *name, uint32_t length) {
    int found = NOBODY;
    const char *found_name = NULL;
    uint32_t found_length = 0;
    for (int node = 0; node < model.node_count; node++) {
        if (!is_child(&model.nodes[node], &model.nodes[parent]))
            continue;
        uint32_t child_length = 0;
        const char *child_name = name_of(&model.nodes[node], &child_length);
        if (name_order(child_name, child_length, name, length) > 0 &&
            (found == NOBODY || name_order(child_name, child_length, found_name, found_length) < 0)) {
            found = node;
            found_name = child_name;
            found_length = child_length;
        }
    }
    return found;
}

// ---- Rules and claims ----

struct identity identity_of(int owner) {
    if (owner == OWNER_KERNEL)
        return (struct identity){0, 0, KIND_SERVER};
    if (owner == OWNER_SUCCESSION)
        return (struct identity){0, 1, KIND_SERVER};
    return model.processes[owner].identity;
}

enum rule_class class_of(uint32_t process, int node) {
    if (model.nodes[node].owner == (int)process)
        return CLASS_OWNER;
    static const enum rule_class classes[KINDS] = {CLASS_APP, CLASS_DRIVER, CLASS_SERVER};
    return classes[model.processes[process].identity.kind];
}

static uint32_t rights_of_class(int node, enum rule_class class) {
    return model.nodes[node].rules >> (4 * class) & RIGHTS_ALL;
}

// What the rules give to the process, when it opens.
static uint32_t rights_to_open(uint32_t process, int node) {
    uint32_t rights = rights_of_class(node, class_of(process, node));
    if (model.apps_may_not_tap && model.processes[process].identity.kind == KIND_APP)
        rights &= ~RIGHT_TAP;
    return rights;
}

// What CLAIMED_PROCESS claims: it may open /d and all below it, any one name below the root but not tap it; it may
// create below /d and in /a.
static bool may_claim_open(uint32_t process, const char *path, uint32_t length, uint32_t rights) {
    if (process != CLAIMED_PROCESS)
        return true;
    uint32_t covered = 0;
    if (length >= 3 && memcmp(path, "/d/", 3) == 0)
        covered = RIGHTS_ALL;
    if (length > 1 && !memchr(path + 1, '/', length - 1))
        covered |= RIGHT_READ | RIGHT_WRITE;
    return (rights & ~covered) == 0;
}

static bool may_claim_create(uint32_t process, const char *path, uint32_t length) {
    if (process != CLAIMED_PROCESS)
        return true;
    if (length == 2 && memcmp(path, "/a", 2) == 0)
        return true;
    return length > 3 && memcmp(path, "/d/", 3) == 0 && !memchr(path + 3, '/', length - 3);
}

void denied(uint32_t process, int node, long error) {
    model.processes[process].denied++;
    if (node != NOBODY)
        model.nodes[node].denied++;
    trace_record(TRACE_DENIED, model.processes[process].identity, node, 0, (uint64_t)-error);
    model_deliver();
}

int node_permitted(uint32_t process, const char *path, uint32_t length, uint32_t rights, long *error) {
    int node = node_find_named(path, length, error);
    if (node == NOBODY)
        return NOBODY;
    if (class_of(process, node) != CLASS_OWNER && !may_claim_open(process, path, length, rights))
        *error = -PIPE_EPERM;
    else if (rights & ~rights_to_open(process, node))
        *error = -PIPE_EACCES;
    if (!*error)
        return node;
    denied(process, node, *error);
    return NOBODY;
}

// ---- Handles ----

int handle_of(uint32_t process, uint64_t number, enum model_type type, long *error) {
    *error = -PIPE_EBADF;
    for (int handle = 0; handle < model.handle_count; handle++)
        if (model.handles[handle].type != TYPE_FREE && model.handles[handle].process == process &&
            model.handles[handle].number == number) {
            *error = model.handles[handle].type == type ? 0 : -PIPE_EBADF;
            return *error ? NOBODY : handle;
        }
    const struct model_process *owner = &model.processes[process];
    for (uint32_t index = 0; index < owner->past_count; index++)
        if (owner->past[index] == number)
            *error = -PIPE_ESTALE;
    model.may_be_stale = (number & 0xffff) < MODEL_AGED_SLOTS;
    return NOBODY;
}

int usable_handle(uint32_t thread, uint64_t number, uint32_t right, long *error) {
    uint32_t process = model.threads[thread].process;
    int handle = handle_of(process, number, TYPE_PIPE, error);
    if (handle == NOBODY)
        return NOBODY;
    const struct model_handle *found = &model.handles[handle];
    if (!model.nodes[found->object].is_named) {
        *error = -PIPE_EPIPE;
        return NOBODY;
    }
    if (found->rights & rights_of_class(found->object, found->class) & right)
        return handle;
    *error = -PIPE_EACCES;
    denied(process, found->object, *error);
    return NOBODY;
}

int handle_new(uint32_t process, const struct model_attachment *attachment) {
    int handle = 0;
    while (handle < model.handle_count && model.handles[handle].type != TYPE_FREE)
        handle++;
    if (handle == model.handle_count)
        model.handle_count++;
    model.handles[handle] = (struct model_handle){.type = attachment->type,
                                                  .process = process,
                                                  .object = attachment->object,
                                                  .hook = NOBODY,
                                                  .class = attachment->class,
                                                  .rights = attachment->rights};
    if (attachment->type == TYPE_PIPE)
        model.handles[handle].is_outside = model.nodes[attachment->object].owner != (int)process;
    return handle;
}

void handle_drop(int handle) {
    struct model_handle *dropped = &model.handles[handle];
    struct model_process *process = &model.processes[dropped->process];
    process->past[process->past_count++] = dropped->number;
    dropped->type = TYPE_FREE;
}

static long handle_for(uint32_t process, int node, uint32_t rights) {
    struct model_attachment attachment = {TYPE_PIPE, node, class_of(process, node), rights, false};
    return handle_new(process, &attachment);
}

// ---- Nodes ----

static int node_insert(void) {
    int node = 0;
    while (node < model.node_count && model.nodes[node].is_used)
        node++;
    if (node == model.node_count)
        model.node_count++;
    return node;
}

void node_own(int node, int owner) {
    model.nodes[node].owner = owner;
    model.nodes[node].owned_since = ++model.owning;
}

// Messages are kept in slots of a power of two of bytes, with room for all handles unless that would take more than a
// page.
static uint32_t slot_size_for(uint32_t payload_max) {
    uint32_t size = 64;
    while (size < 4096 && size < SLOT_BYTES + payload_max + MESSAGE_HANDLES_MAX * SLOT_BYTES_A_HANDLE)
        size *= 2;
    return size;
}

int node_make(int owner, const char *path, uint32_t length, uint32_t flow, uint32_t rules, uint32_t capacity,
              uint32_t payload_max) {
    int index = node_insert();
    struct model_node *node = &model.nodes[index];
    free(node->hooks.items);
    free(node->taps.items);
    free(node->waiting.items);
    free(node->messages.items);
    *node = (struct model_node){.is_used = true,
                                .is_named = true,
                                .length = length,
                                .flow = flow,
                                .rules = rules,
                                .number = model.next_number++,
                                .first = MODEL_COUNTER_START,
                                .total = flow == FLOW_EVENT ? MODEL_COUNTER_START : 0,
                                .taken = flow == FLOW_EVENT ? MODEL_COUNTER_START : 0};
    memcpy(node->path, path, length);
    node_own(index, owner);
    if (flow == FLOW_QUEUE || flow == FLOW_TOPIC) {
        node->capacity = capacity ? capacity : CAPACITY_DEFAULT;
        node->slot_size = slot_size_for(payload_max ? payload_max : PAYLOAD_DEFAULT);
        node->payload_max = node->slot_size - SLOT_BYTES < PAYLOAD_MAX ? node->slot_size - SLOT_BYTES : PAYLOAD_MAX;
    }
    int parent = node_named(path, parent_length(path, length));
    if (parent != index)
        directory_tell(&model.nodes[parent], node, true);
    model_deliver();
    return index;
}

void node_remove(int removed) {
    struct model_node *node = &model.nodes[removed];
    int waiter;
    while ((waiter = first_waiting(removed)) != NOBODY) {
        withdraw((uint32_t)waiter);
        wake_up((uint32_t)waiter, -PIPE_EPIPE);
    }
    // A topic's messages go with the pipe itself: its hooks are told how many they lost.
    while (node->flow == FLOW_QUEUE && node->messages.count)
        messages_drop_first(&node->messages);
    while (node->hooks.count)
        hook_pipe_gone(node->hooks.items[0]);
    while (node->taps.count)
        hook_pipe_gone(node->taps.items[0]);
    while (node->messages.count)
        messages_drop_first(&node->messages);
    node->is_named = false;
    int parent = node_named(node->path, parent_length(node->path, node->length));
    directory_tell(&model.nodes[parent], node, false);
    model_deliver();
}

// ---- create, open, close, remove, set_rules ----

static long plan_error(uint64_t flow, uint64_t rules, uint64_t capacity, uint64_t payload_max) {
    if (rules > 0xffff)
        return -PIPE_EINVAL;
    if (flow != FLOW_QUEUE && flow != FLOW_TOPIC)
        return capacity || payload_max ? -PIPE_EINVAL : 0;
    return capacity > CAPACITY_MAX || payload_max > PAYLOAD_MAX ? -PIPE_EINVAL : 0;
}

#define RING_BYTES_MAX (512u * 4096u) // of one pipe
static long memory_error(uint64_t flow, uint64_t capacity, uint64_t payload_max) {
    if (flow != FLOW_QUEUE && flow != FLOW_TOPIC)
        return 0;
    uint64_t slot = slot_size_for(payload_max ? (uint32_t)payload_max : PAYLOAD_DEFAULT);
    return (capacity ? capacity : CAPACITY_DEFAULT) * slot > RING_BYTES_MAX ? -PIPE_EINVAL : 0;
}

// Whether a name may be made at this path by this process.
static long slot_error(uint32_t process, const char *path, uint32_t length) {
    if (length == 1)
        return 0;
    long error = 0;
    int parent = node_find_named(path, parent_length(path, length), &error);
    if (error)
        return error;
    if (model.nodes[parent].flow == FLOW_DIRECTORY &&
        !(rights_of_class(parent, class_of(process, parent)) & RIGHT_WRITE)) {
        denied(process, parent, -PIPE_EACCES);
        return -PIPE_EACCES;
    }
    return 0;
}

// What is left to check of a creation that is allowed.
static long creation_error(const char *path, uint32_t length, uint64_t flow, uint64_t rules, uint64_t capacity,
                           uint64_t payload_max) {
    long error = plan_error(flow, rules, capacity, payload_max);
    if (error)
        return error;
    if (node_named(path, length) != NOBODY)
        return -PIPE_EEXIST;
    if (model.nodes[node_named(path, parent_length(path, length))].flow != FLOW_DIRECTORY)
        return -PIPE_ENOTDIR;
    return memory_error(flow, capacity, payload_max);
}

long model_create(uint32_t thread, uint64_t path_length, uint64_t flow, uint64_t rules, uint64_t capacity,
                  uint64_t payload_max) {
    const char *path = (const char *)payload_of(thread);
    uint32_t process = model.threads[thread].process, length = (uint32_t)path_length;
    long error = path_error(path, path_length);
    if (error)
        return error;
    if (flow >= FLOWS || rules > UINT32_MAX || capacity > UINT32_MAX || payload_max > UINT32_MAX)
        return -PIPE_EINVAL;
    if (!may_claim_create(process, path, length)) {
        denied(process, NOBODY, -PIPE_EPERM);
        return -PIPE_EPERM;
    }
    int node = node_named(path, length);
    if (node != NOBODY && model.nodes[node].owner == OWNER_SUCCESSION && process == SUCCESSION_PROCESS &&
        model.nodes[node].flow == flow) {
        node_own(node, (int)process);
        return handle_for(process, node, RIGHTS_ALL);
    }
    error = slot_error(process, path, length);
    if (!error)
        error = creation_error(path, length, flow, rules, capacity, payload_max);
    if (error)
        return error;
    node = node_make((int)process, path, length, (uint32_t)flow, (uint32_t)rules, (uint32_t)capacity,
                     (uint32_t)payload_max);
    return handle_for(process, node, RIGHTS_ALL);
}

long model_open(uint32_t thread, uint64_t path_length, uint64_t rights) {
    const char *path = (const char *)payload_of(thread);
    uint32_t process = model.threads[thread].process;
    long error = path_error(path, path_length);
    if (error)
        return error;
    if (rights == 0 || rights > RIGHTS_ALL)
        return -PIPE_EINVAL;
    int node = node_permitted(process, path, (uint32_t)path_length, (uint32_t)rights, &error);
    return node == NOBODY ? error : handle_for(process, node, (uint32_t)rights);
}

long model_close(uint32_t thread, uint64_t number) {
    uint32_t process = model.threads[thread].process;
    long error = 0;
    int handle = handle_of(process, number, TYPE_PIPE, &error);
    if (handle == NOBODY && error == -PIPE_EBADF)
        handle = handle_of(process, number, TYPE_REGION, &error);
    if (handle == NOBODY)
        return error;
    if (model.handles[handle].type == TYPE_PIPE && model.handles[handle].hook != NOBODY)
        hook_close(model.handles[handle].hook);
    handle_drop(handle);
    return 0;
}

long model_remove(uint32_t thread, uint64_t path_length) {
    const char *path = (const char *)payload_of(thread);
    long error = path_error(path, path_length);
    if (error)
        return error;
    int node = node_permitted(model.threads[thread].process, path, (uint32_t)path_length, RIGHT_MANAGE, &error);
    if (node == NOBODY)
        return error;
    if (model.nodes[node].owner == OWNER_KERNEL)
        return -PIPE_EBUSY;
    if (child_after(node, "", 0) != NOBODY)
        return -PIPE_ENOTEMPTY;
    node_remove(node);
    return 0;
}

long model_set_rules(uint32_t thread, uint64_t number, uint64_t rules) {
    if (rules > 0xffff)
        return -PIPE_EINVAL;
    long error = 0;
    int handle = usable_handle(thread, number, RIGHT_MANAGE, &error);
    if (handle != NOBODY)
        rules_change(model.handles[handle].object, (uint32_t)rules);
    return error;
}

// ---- list, stat ----

long model_list(uint32_t thread, uint64_t number, uint64_t cursor_length) {
    if (cursor_length > COMPONENT_MAX)
        return -PIPE_EINVAL;
    long error = 0;
    int handle = usable_handle(thread, number, RIGHT_READ, &error);
    if (handle == NOBODY)
        return error;
    int directory = model.handles[handle].object;
    if (model.nodes[directory].flow != FLOW_DIRECTORY)
        return -PIPE_ENOTDIR;
    uint8_t *payload = payload_of(thread);
    char cursor[COMPONENT_MAX];
    memcpy(cursor, payload, cursor_length);
    const char *name = cursor;
    uint32_t length = (uint32_t)cursor_length, written = 0;
    for (int child; (child = child_after(directory, name, length)) != NOBODY;) {
        name = name_of(&model.nodes[child], &length);
        if (written + 2 + length > PAYLOAD_MAX)
            break;
        payload[written] = (uint8_t)model.nodes[child].flow;
        payload[written + 1] = (uint8_t)length;
        memcpy(payload + written + 2, name, length);
        written += 2 + length;
    }
    return written;
}
