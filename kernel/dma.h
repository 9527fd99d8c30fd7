// SPDX-License-Identifier: MIT
// Devices that do DMA: each is one process's, and reaches only the regions that the process has named for it, where the
// machine has an IOMMU. The process's claim CLAIM_DMA is how many bytes that may be.
#ifndef KERNEL_DMA_H
#define KERNEL_DMA_H

#include "list.h"
#include "machine.h"

struct process;
struct region;

// A process's part.
struct dma {
    struct list devices;      // by device.of_process
    struct dma_domain domain; // what they reach
    uint64_t pages;           // of its regions with REGION_DMA
};

// The process may make the device a bus master. 0, -EPERM (it has no claim), -EBUSY (another process's), -EDQUOT,
// -ENOMEM, -ENFILE.
long dma_add_device(struct process *process, uint32_t device);
// Lets the devices of the region's owner reach it. 0 also if they do already; -EPERM, -EINVAL, -EDQUOT, -ENOMEM.
long dma_add_region(struct process *owner, struct region *region);
// The region ends: no device reaches it any more.
void dma_remove_region(struct region *region);
// An IOMMU has stopped the device's access to an address that it may not reach. It reaches nothing any more, and its
// driver is ended.
void dma_fault(uint32_t device, uint64_t address, bool is_write);
// Stops one of the devices of a process that ends, or frees a table; false if nothing is left.
bool dma_end_step(struct process *process);

#endif
