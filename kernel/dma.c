// SPDX-License-Identifier: MIT
// 1. A device is in the list of at most one process.
// 2. A region with REGION_DMA has one owner, which stays the same, and its pages are counted in the owner's dma.pages
//    and mapped in the owner's domain.
// 3. A process that ends loses its devices, and then its domain, before its regions: see process_end_step.
#include "dma.h"

#include "denial.h"
#include "kernel.h"
#include "log.h"

#define KIBIBYTE 1024u

struct device {
    struct list of_process;
    uint32_t address; // as the machine numbers devices
};

static struct process *owner_of(uint32_t address) {
    for (struct process *process = process_next(0); process; process = process_next(process->principal.pid + 1)) {
        const struct list *devices = &process->dma.devices;
        for (const struct list *link = devices->next; link != devices; link = link->next)
            if (list_object(link, struct device, of_process)->address == address)
                return process;
    }
    return NULL;
}

// Whether the process's claim covers so many pages; logs a refusal.
static bool is_claimed(struct process *process, uint64_t pages) {
    struct principal *principal = &process->principal;
    char line[LOG_LINE_MAX];
    if (claims_cover_range(principal, CLAIM_DMA, 0, pages * PAGE_SIZE - 1))
        return true;
    pipens_denied(principal, NULL, -PIPE_EPERM);
    format(line, sizeof line, "dma %UK", pages * PAGE_SIZE / KIBIBYTE);
    denial_log(process, line);
    return false;
}

long dma_add_device(struct process *process, uint32_t address) {
    const struct process *owner = owner_of(address);
    if (owner)
        return owner == process ? 0 : -PIPE_EBUSY;
    if (!is_claimed(process, 1))
        return -PIPE_EPERM;
    struct account *account = process->principal.account;
    long error = 0;
    struct device *device = account_allocate(account, sizeof *device, &error);
    if (!device)
        return error;
    error = machine_device_attach(&process->dma.domain, account, address);
    if (error) {
        account_free(account, device, sizeof *device);
        return error;
    }
    device->address = address;
    list_append(&process->dma.devices, &device->of_process);
    return 0;
}

long dma_add_region(struct process *owner, struct region *region) {
    if (region->flags & REGION_DMA)
        return 0;
    if (region->flags || region->children)
        return -PIPE_EINVAL;
    if (!is_claimed(owner, owner->dma.pages + region->pages))
        return -PIPE_EPERM;
    long error = machine_dma_map(&owner->dma.domain, owner->principal.account, region->physical, region->pages);
    if (error)
        return error;
    owner->dma.pages += region->pages;
    region->flags |= REGION_DMA;
    return 0;
}

void dma_remove_region(struct region *region) {
    struct process *owner = process_of(region->owner);
    machine_dma_unmap(&owner->dma.domain, region->physical, region->pages);
    owner->dma.pages -= region->pages;
}

#define STATUS_FAULT 7u // as by SIGBUS

void dma_fault(uint32_t address, uint64_t target, bool is_write) {
    char name[DEVICE_NAME_MAX + 1];
    const char *access = is_write ? "write" : "read";
    struct process *owner = owner_of(address);
    machine_device_name(address, name);
    machine_device_detach(address);
    if (!owner) {
        log_line("device %s, which has no driver, was stopped: it tried to %s 0x%X by DMA", name, access, target);
        return;
    }
    log_line("process %u %s: its device %s was stopped: it tried to %s 0x%X by DMA; the driver is ended",
             owner->principal.pid, owner->principal.name, name, access, target);
    process_end(owner, EXIT_KILLED | STATUS_FAULT);
}

bool dma_end_step(struct process *process) {
    struct account *account = process->principal.account;
    if (list_is_empty(&process->dma.devices))
        return machine_domain_free_step(&process->dma.domain, account);
    struct device *device = list_object(process->dma.devices.next, struct device, of_process);
    machine_device_detach(device->address);
    list_remove(&device->of_process);
    account_free(account, device, sizeof *device);
    return true;
}
