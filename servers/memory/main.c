// SPDX-License-Identifier: MIT
// The memory server: it owns all memory that the kernel does not keep, and is the pager of every process but the
// process server and itself. Nothing here calls anything but the kernel.
#include "clients.h"
#include "error.h"
#include "page.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"
#include "report.h"
#include "serve.h"

#include <string.h>

#define KEY_SERVICE UINT32_MAX
#define KEY_RETURNED (UINT32_MAX - 1) // all others are the slots of clients: their faults
#define PROCESS_SERVER 1u
#define SCRATCH (MAPPING_BASE + (1ull << 36)) // where frames are mapped while they are filled
#define CLIENTS (MAPPING_BASE + (1ull << 37)) // where the table of clients is mapped
#define FRAMES_A_CLIENT 16u                   // of memory, for each slot in it: a small process takes about as many
#define LOAD_PAGES_MAX 512u
#define COMMIT_AHEAD 32u // pages
#define NOBODY ((struct owner){UINT16_MAX, 0})

// ---- Mapping for clients ----

static long client_map(const struct client *client, uint32_t frame, uint32_t count, uint64_t address, uint32_t flags) {
    struct pool_page page = frame_page(frame);
    struct attached attached = {.handles = {(uint32_t)page.region}, .handle_count = 1};
    struct control_map request = {
        .operation = CONTROL_MAP, .flags = flags, .offset = page.page * PAGE_SIZE, .address = address, .pages = count};
    return pipe_call_attached(client->control, &request, sizeof request, &attached, NULL, 0, DEADLINE_NONE);
}

// Leaves the client so many pages of its limit for regions, which are the kernel's to count, because they are moved
// without a word to this server. How many they have now, or -EDQUOT: more than that.
static long regions_bound(const struct client *client, uint64_t pages) {
    struct control_memory request = {.operation = CONTROL_MEMORY, .pages = pages};
    struct control_pages reply = {0};
    long result = pipe_call(client->control, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    return result < 0 ? result : (long)reply.pages;
}

// Keeps so many more pages of the client's limit from its regions: 0, or -EDQUOT, as those have them already. A few
// more are kept at once, so that the kernel is asked seldom.
static long client_commit(struct client *client, uint64_t more) {
    uint64_t needed = client->used + client->promised + more;
    if (needed <= client->committed || needed > client->limit)
        return 0;
    uint64_t ahead = needed + COMMIT_AHEAD < client->limit ? needed + COMMIT_AHEAD : client->limit;
    long result = regions_bound(client, client->limit - ahead);
    if (result == -PIPE_EDQUOT) {
        ahead = needed;
        result = regions_bound(client, client->limit - ahead);
    }
    if (result < 0)
        return result;
    client->committed = ahead;
    return 0;
}

// Takes frames at the client's cost.
static long client_take(struct client *client, uint32_t count, uint32_t *first) {
    long error = client_check(client, count);
    if (!error)
        error = client_commit(client, count);
    if (error < 0)
        return error;
    *first = frames_take(count);
    if (*first == NO_FRAME)
        return -PIPE_ENOMEM;
    client->used += count;
    return 0;
}

static void client_keep(struct client *client, uint32_t first, uint32_t count) {
    for (uint32_t frame = first; frame < first + count; frame++)
        frame_link(&client->frames, frame);
}

static void client_give(struct client *client, uint32_t first, uint32_t count) {
    frames_give(first, count);
    client->used -= count;
}

// ---- Faults ----

// Gives the client a page of zeroes at an address in its area. A program that has unmapped pages of its own may have
// used up what it was promised: then they are like any others.
static long page_give(struct client *client, const struct area *area, uint64_t address) {
    bool is_promised = address >= area->promised_from && client->promised > 0;
    long result = is_promised ? 0 : client_check(client, 1);
    if (result == 0 && !is_promised)
        result = client_commit(client, 1);
    if (result < 0)
        return result;
    uint32_t frame = frames_take(1);
    if (frame == NO_FRAME)
        return -PIPE_ENOMEM;
    result = client_map(client, frame, 1, address & ~PAGE_MASK, area->protection | MAP_ZERO);
    if (result < 0) {
        frames_give(frame, 1);
        return result == -PIPE_EEXIST ? 0 : result; // another thread's fault has brought it
    }
    client->used++;
    client_keep(client, frame, 1);
    if (is_promised)
        client_redeem(client);
    client->faults++;
    return 0;
}

// Fills the page with zeroes, if it lies in an area of the client's and may be touched that way.
static bool fault_resolve(struct client *client, const struct fault_message *fault) {
    const struct area *area = client_area(client, fault->address);
    if (fault->vector != FAULT_PAGE || fault->access & FAULT_ACCESS_PRESENT || !area)
        return false;
    if (fault->access & FAULT_ACCESS_WRITE && !(area->protection & PROTECT_WRITE))
        return false;
    long result = page_give(client, area, fault->address);
    if (result < 0)
        report("process %u: a page that it touched can't be filled: %s (%s)", (unsigned)client->pid,
               error_sentence(result), error_name(result));
    return result == 0;
}

static void fault_answer(const struct request *request) {
    struct client *client = client_at((uint32_t)request->head.key);
    struct fault_message fault;
    struct fault_reply reply = {FAULT_KILL};
    if (client && request_get(request, &fault, sizeof fault) && fault_resolve(client, &fault))
        reply.verdict = FAULT_RESUME;
    pipe_reply(request->head.token, &reply, sizeof reply);
}

// ---- What the process server asks ----

// The client that a request of the process server names.
static struct client *client_asked(const struct request *request, struct memory_request *memory, long *error) {
    if (!request_get(request, memory, sizeof *memory))
        *error = -PIPE_EMSGSIZE;
    else if (request->head.pid != PROCESS_SERVER)
        *error = -PIPE_EACCES;
    struct client *client = *error ? NULL : client_find(memory->pid);
    if (!*error && !client)
        *error = -PIPE_ESRCH;
    return client;
}

static long fault_hook(struct client *client) {
    char path[sizeof "/proc/" + PID_DIGITS + sizeof "/fault"];
    process_path(path, "/proc/", client->pid, "/fault");
    client->fault = pipe_open(path, RIGHT_READ);
    return client->fault < 0 ? client->fault : pipe_hook(client->fault, client_index(client), 0);
}

static long adopt(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    struct memory_request memory;
    if (!request_get(request, &memory, sizeof memory))
        return -PIPE_EMSGSIZE;
    if (request->head.pid != PROCESS_SERVER)
        return -PIPE_EACCES;
    if (request->head.handle_count != 1 || memory.pid >= PIDS_MAX)
        return -PIPE_EINVAL;
    struct client *client = client_make(memory.pid);
    if (!client)
        return -PIPE_ENFILE;
    client->limit = memory.amount;
    client->control = request->head.handle[0];
    long result = fault_hook(client);
    if (result >= 0)
        result = regions_bound(client, client->limit);
    if (result < 0) {
        if (client->fault > 0)
            pipe_close(client->fault);
        client_forget(client);
        return result;
    }
    request->head.handle[0] = 0; // kept
    return 0;
}

// Fills frames with what the caller has leased, and zeroes after it.
static long frames_fill(const struct request *request, uint32_t first, uint32_t count, uint64_t bytes) {
    struct pool_page page = frame_page(first);
    long result = process_map(page.region, page.page, SCRATCH, count, PROTECT_READ | PROTECT_WRITE);
    if (result < 0)
        return result;
    result = pipe_lease_read(request->head.token, 0, 0, (void *)SCRATCH, bytes);
    memset((char *)SCRATCH + bytes, 0, count * PAGE_SIZE - bytes);
    process_unmap(SCRATCH, count);
    return result;
}

static long load(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    struct memory_request memory;
    long error = 0;
    struct client *client = client_asked(request, &memory, &error);
    if (!client)
        return error;
    uint64_t leased = request->head.lease_count == 1 ? request->head.lease_length[0] & ~LEASE_WRITABLE : UINT64_MAX;
    uint64_t count = pages_of(memory.amount);
    if (leased > memory.amount || memory.amount == 0 || count > LOAD_PAGES_MAX || memory.address % PAGE_SIZE)
        return -PIPE_EINVAL;
    uint32_t first;
    long result = client_take(client, (uint32_t)count, &first);
    if (result < 0)
        return result;
    result = frames_fill(request, first, (uint32_t)count, leased);
    if (result >= 0)
        result = client_map(client, first, (uint32_t)count, memory.address, memory.flags);
    if (result < 0) {
        client_give(client, first, (uint32_t)count);
        return result;
    }
    client_keep(client, first, (uint32_t)count);
    return 0;
}

static long lazy(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    struct memory_request memory;
    long error = 0;
    struct client *client = client_asked(request, &memory, &error);
    if (!client)
        return error;
    uint64_t pages = memory.amount / PAGE_SIZE;
    if (memory.address % PAGE_SIZE || memory.amount % PAGE_SIZE || pages == 0 || memory.spare > pages ||
        client->area_count == AREAS_MAX)
        return -PIPE_EINVAL;
    error = client_commit(client, pages - memory.spare);
    if (!error)
        error = client_promise(client, pages - memory.spare);
    if (error)
        return error;
    client->areas[client->area_count++] = (struct area){.start = memory.address,
                                                        .end = memory.address + memory.amount,
                                                        .promised_from = memory.address + memory.spare * PAGE_SIZE,
                                                        .protection = memory.flags};
    return 0;
}

static long release(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    struct memory_request memory;
    long error = 0;
    struct client *client = client_asked(request, &memory, &error);
    if (!client)
        return error;
    frames_release(&client->frames);
    pipe_close(client->fault);
    pipe_close(client->control);
    client_forget(client);
    return 0;
}

// ---- What anyone asks ----

static struct client *caller_client(const struct request *request) {
    return client_find(request->head.pid);
}

// The heap is an area that ends at the page of its end, all of it promised: a program hears here that there is no more,
// not when it touches it.
static long grow(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct memory_request memory;
    struct client *client = caller_client(request);
    if (!request_get(request, &memory, sizeof memory))
        return -PIPE_EMSGSIZE;
    if (!client || memory.amount > HEAP_MAX)
        return -PIPE_EINVAL;
    uint64_t end = client->heap_end + memory.amount;
    uint64_t more = (page_end(end) - page_end(client->heap_end)) / PAGE_SIZE;
    struct area *heap = NULL;
    for (unsigned number = 0; number < client->area_count; number++)
        if (client->areas[number].start == HEAP_BASE)
            heap = &client->areas[number];
    if (!heap && client->area_count == AREAS_MAX)
        return -PIPE_ENOMEM;
    long error = client_commit(client, more);
    if (!error)
        error = client_promise(client, more);
    if (error)
        return error;
    if (!heap) {
        heap = &client->areas[client->area_count++];
        *heap = (struct area){HEAP_BASE, HEAP_BASE, HEAP_BASE, PROTECT_READ | PROTECT_WRITE};
    }
    struct memory_reply answer = {client->heap_end};
    client->heap_end = end;
    heap->end = page_end(end);
    memcpy(reply, &answer, sizeof answer);
    return sizeof answer;
}

// Whether the client may have a region of so many pages: the kernel tells what its others have, and checks once more
// when the region is moved.
static long region_check(const struct client *client, uint64_t pages) {
    long regions = regions_bound(client, client->limit - client->committed);
    if (regions < 0)
        return regions;
    if (pages > client->limit || client->committed + (uint64_t)regions > client->limit - pages)
        return -PIPE_EDQUOT;
    return client_check(client, pages);
}

// Splits free frames off as a region of the caller's. One that can't be cleared is closed: its frames come back as any
// region's do.
static long allocate(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    struct memory_request memory;
    struct client *client = caller_client(request);
    if (!request_get(request, &memory, sizeof memory))
        return -PIPE_EMSGSIZE;
    if (!client || memory.amount == 0 || memory.amount > UINT32_MAX)
        return -PIPE_EINVAL;
    uint32_t first, count = (uint32_t)memory.amount;
    long result = region_check(client, count);
    if (result < 0)
        return result;
    first = frames_take(count);
    if (first == NO_FRAME)
        return -PIPE_ENOMEM;
    struct pool_page page = frame_page(first);
    long region = region_split(page.region, page.page, count);
    if (region < 0) {
        frames_give(first, count);
        return region;
    }
    frames_split(first, count, NOBODY);
    result = process_map(region, 0, SCRATCH, count, PROTECT_READ | PROTECT_WRITE | MAP_ZERO);
    if (result < 0) {
        pipe_close(region);
        return result;
    }
    process_unmap(SCRATCH, count);
    *attached = (struct attached){.handles = {(uint32_t)region}, .handle_count = 1, .move_mask = 1};
    return 0;
}

static long statistics(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct memory_request memory;
    if (!request_get(request, &memory, sizeof memory))
        return -PIPE_EMSGSIZE;
    const struct client *client = memory.pid ? client_find(memory.pid) : NULL;
    if (memory.pid && !client)
        return -PIPE_ESRCH;
    struct memory_stats stats = {.pages = frames_total(), .free_pages = frames_free()};
    if (client) {
        long regions = regions_bound(client, client->limit - client->committed);
        stats.used_pages = client->used + (regions > 0 ? (uint64_t)regions : 0);
        stats.limit = client->limit;
        stats.faults = client->faults;
    }
    memcpy(reply, &stats, sizeof stats);
    return sizeof stats;
}

// ---- What comes back ----

// Regions whose last handle was closed: their frames are free again.
static void returned_collect(void) {
    static long kernel_memory;
    pipe_open_once(&kernel_memory, "/kernel/memory");
    for (unsigned region = 0; region < frames_regions(); region++) {
        struct memory_range range = {.operation = MEMORY_RETURNED};
        struct attached attached = {.handles = {(uint32_t)frames_region_handle(region)}, .handle_count = 1};
        while (pipe_call_attached(kernel_memory, &range, sizeof range, &attached, &range, sizeof range, DEADLINE_NONE) >
                   0 &&
               range.pages) {
            uint32_t first = frame_of(region, range.offset / PAGE_SIZE);
            struct client *client = client_owning(frames_returned(first, (uint32_t)range.pages));
            if (client && client->used >= range.pages)
                client->used -= range.pages;
            range = (struct memory_range){.operation = MEMORY_RETURNED};
        }
    }
}

static void other(const struct request *message) {
    if (message->head.type == MESSAGE_CALL)
        fault_answer(message);
    else if (message->head.key == KEY_RETURNED)
        returned_collect();
}

static serve_function *const operations[] = {
    [MEMORY_ADOPT] = adopt,          [MEMORY_LOAD] = load, [MEMORY_LAZY] = lazy,
    [MEMORY_RELEASE] = release,      [MEMORY_GROW] = grow, [MEMORY_ALLOCATE] = allocate,
    [MEMORY_STATISTICS] = statistics};

static long hooks_make(void) {
    long service = pipe_create(MEMORY_PIPE, FLOW_CALL, RULES_SERVICE, 0, 0);
    long result = service < 0 ? service : pipe_hook(service, KEY_SERVICE, 0);
    long returned = pipe_open("/kernel/returned", RIGHT_READ);
    if (result >= 0)
        result = returned < 0 ? returned : pipe_hook(returned, KEY_RETURNED, 0);
    return result;
}

// The table of clients, as large as what memory there is can hold. False if it finds no page.
static bool clients_slot(void) {
    uint32_t limit = frames_total() / FRAMES_A_CLIENT;
    if (limit > PIDS_MAX)
        limit = PIDS_MAX;
    uint32_t pages = (uint32_t)pages_of(clients_size(limit)), first = frames_take(pages);
    if (first == NO_FRAME)
        return false;
    struct pool_page page = frame_page(first);
    clients_initialize((void *)CLIENTS, limit);
    return process_map(page.region, page.page, CLIENTS, pages, PROTECT_READ | PROTECT_WRITE | MAP_ZERO) == 0;
}

int main(void) {
    unsigned count = (unsigned)(program_argument & ((1u << POOL_COUNT_BITS) - 1));
    if (!frames_initialize(count, (uint32_t)(program_argument >> POOL_COUNT_BITS)) || !clients_slot() ||
        hooks_make() < 0) {
        report("the pool can't be used");
        return 1;
    }
    process_ready();
    static const struct service services[] = {
        {.key = KEY_SERVICE, .operations = operations, .operation_count = MEMORY_OPERATIONS}};
    serve(services, 1, other);
}
