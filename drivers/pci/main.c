// SPDX-License-Identifier: MIT
// The driver of the PCI buses. Other drivers take their function from it: their stanzas claim functions, not physical
// memory, and it hands out the memory of one BAR. It ends the DMA of a function whose driver has ended.
//
// The owners of functions outlive this driver: each owner has a name in OWNERS, ADDRESS.PID, which a successor reads.
#include "claims.h"
#include "functions.h"
#include "state.h"

#include "info.h"
#include "page.h"
#include "process.h"
#include "region.h"
#include "report.h"
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SERVICE 1u
#define KEY_EXITS 2u // and up: that of the owner of function 0, 1, ...
#define OWNERS "/dev/pci.owners"
#define BAR_PAGES_MAX 65536u // 256 MiB

static long next_operation(struct request *request, void *reply, struct attached *attached) {
    struct pci_request wanted;
    (void)attached;
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    const struct pci_function *function = function_next(wanted.address);
    if (!function)
        return -PIPE_ENODEV;
    memcpy(reply, function, sizeof *function);
    return sizeof *function;
}

// The function, if the caller is a driver or server and no other process owns it; else NULL with *error set.
static struct pci_function *function_for(const struct request *request, struct pci_request *wanted, long *error) {
    struct pci_function *function = NULL;
    if (!request_get(request, wanted, sizeof *wanted))
        *error = -PIPE_EMSGSIZE;
    else if (request->head.kind == KIND_APP)
        *error = -PIPE_EACCES;
    else if (!(function = function_at(wanted->address)))
        *error = -PIPE_ENODEV;
    else if (function->owner && function->owner != request->head.pid)
        *error = -PIPE_EBUSY;
    else
        return function;
    return NULL;
}

// Whether the manifest lets the caller own the function; logs a refusal. The caller waits for its reply, so it lives.
static bool may_own(const struct request *request, const struct pci_function *function) {
    static uint8_t claims[PAYLOAD_MAX];
    struct claims_reply reply;
    long length = process_claims(request->head.pid, &reply, claims);
    if (length >= 0 && claims_cover_function(claims, (size_t)length, function))
        return true;
    report("process %u may not take %02x:%02x.%u: its stanza, %s, lacks `function %04x:%04x`",
           (unsigned)request->head.pid, (unsigned)function->address >> 8, (unsigned)function->address >> 3 & 31,
           (unsigned)function->address & 7, length < 0 ? "-" : reply.stanza, function->vendor, function->device);
    return false;
}

// ---- The end of a driver ----

static long exits[FUNCTIONS_MAX]; // the hooked handles of the owners' exits

static void owner_path(char *path, const struct pci_function *function, uint32_t pid) {
    snprintf(path, PATH_LENGTH_MAX + 1, OWNERS "/%04x.%u", (unsigned)function->address, (unsigned)pid);
}

// The name, which a predecessor may have made.
static long owner_note(const struct pci_function *function, uint32_t pid) {
    char path[PATH_LENGTH_MAX + 1];
    owner_path(path, function, pid);
    long name = pipe_create(path, FLOW_EVENT, RULES_DEFAULT, 0, 0);
    return name < 0 ? name : pipe_close(name);
}

static void owner_forget(const struct pci_function *function, uint32_t pid) {
    char path[PATH_LENGTH_MAX + 1];
    owner_path(path, function, pid);
    pipe_remove(path);
}

// Watches the exit of a driver, once if it takes two BARs.
static long owner_watch(struct pci_function *function, uint32_t pid) {
    if (function->owner)
        return 0;
    long error = owner_note(function, pid);
    if (error < 0)
        return error;
    long handle = process_watch(pid, KEY_EXITS + function_number(function));
    if (handle < 0) {
        owner_forget(function, pid);
        return handle;
    }
    exits[function_number(function)] = handle;
    function->owner = pid;
    return 0;
}

static void owner_ended(const struct request *message) {
    unsigned number = (unsigned)(message->head.key - KEY_EXITS);
    struct pci_function *function = function_numbered(number);
    pipe_close(exits[number]);
    state_quiet(function->address);
    owner_forget(function, function->owner);
    function->owner = 0;
}

// Takes over the owners that a predecessor has noted. The function of an owner that has ended is free.
static long owners_resume(void) {
    char name[COMPONENT_MAX + 1] = "", *rest;
    long directory = pipe_create(OWNERS, FLOW_DIRECTORY, RULES_READABLE, 0, 0);
    if (directory < 0)
        return directory;
    while (pipe_next_name(directory, name)) {
        struct pci_function *function = function_at((uint32_t)strtoul(name, &rest, 16));
        if (function && *rest == '.' && owner_watch(function, (uint32_t)strtoul(rest + 1, NULL, 10)) < 0)
            state_quiet(function->address);
    }
    return pipe_close(directory);
}

// ---- Taking ----

static long bar_region(const struct pci_function *function, uint32_t number) {
    if (number >= PCI_BARS)
        return -PIPE_ENXIO;
    const struct pci_bar *bar = &function->bars[number];
    if (bar->is_port || !bar->size || !bar->address)
        return -PIPE_ENXIO;
    uint64_t pages = pages_of(bar->size);
    return pages > BAR_PAGES_MAX ? -PIPE_EFBIG : region_physical(bar->address & ~PAGE_MASK, pages);
}

// Makes the function a bus master's, if the caller may do DMA: the kernel knows then whose device it is.
static long master_permit(const struct request *request, const struct pci_function *function) {
    return region_device(function->address, request->head.pid, request->head.generation);
}

static long take_operation(struct request *request, void *reply, struct attached *attached) {
    struct pci_request wanted;
    long error = 0;
    (void)reply;
    struct pci_function *function = function_for(request, &wanted, &error);
    if (!function)
        return error;
    if (!function->owner && !may_own(request, function))
        return -PIPE_EPERM;
    if (function->secondary_bus)
        return -PIPE_ENOTSUP;
    long region = bar_region(function, wanted.bar);
    if (region < 0)
        return region;
    if (!function->owner)
        function_prepare(function);
    error = wanted.value == 1 ? master_permit(request, function) : 0;
    if (error >= 0)
        error = owner_watch(function, request->head.pid);
    if (error < 0) {
        if (!function->owner)
            state_quiet(function->address);
        pipe_close(region);
        return error;
    }
    function_enable(function, wanted.value == 1);
    attached->handles[0] = (uint32_t)region;
    attached->handle_count = 1;
    attached->move_mask = 1;
    return 0;
}

// Asks the kernel for the line's message, so that no driver can choose the vector of another driver.
static long message_of(uint32_t number, struct info_line *line) {
    struct info_system system;
    long error = info_ask(INFO_SYSTEM, 0, &system, sizeof system);
    return error < 0 ? error : info_ask(INFO_LINE, system.lines - MESSAGE_LINES + number, line, sizeof *line);
}

static long messages_operation(struct request *request, void *reply, struct attached *attached) {
    struct pci_request wanted;
    struct info_line line;
    long error = 0;
    (void)reply, (void)attached;
    const struct pci_function *function = function_for(request, &wanted, &error);
    if (!function)
        return error;
    if (!function->owner)
        return -PIPE_EACCES;
    if (!function->has_messages)
        return -PIPE_ENOTSUP;
    if (wanted.value >= MESSAGE_LINES)
        return -PIPE_ERANGE;
    error = message_of(wanted.value, &line);
    if (!error)
        error = master_permit(request, function);
    if (error < 0)
        return error;
    state_send_messages(function->address, line.message_address, line.message_data);
    return 0;
}

static serve_function *const operations[] = {
    [PCI_NEXT] = next_operation, [PCI_TAKE] = take_operation, [PCI_MESSAGES] = messages_operation};

int main(void) {
    static const struct service services[] = {
        {.key = KEY_SERVICE, .operations = operations, .operation_count = PCI_OPERATIONS}};
    uint32_t rules = RULES_SERVICE;
    long pipe = pipe_create(PCI_PIPE, FLOW_CALL, rules, 0, 0);
    if (pipe < 0) {
        report("its pipe is unavailable");
        return 1;
    }
    if (functions_find() == 0)
        report("there are no PCI buses");
    if (owners_resume() < 0)
        report("the names of the functions' owners are unavailable");
    functions_settle();
    pipe_hook(pipe, KEY_SERVICE, 0);
    process_ready();
    serve(services, 1, owner_ended);
}
