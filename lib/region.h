// SPDX-License-Identifier: MIT
// Regions: memory as objects that can be moved to others, or shared.
#ifndef LIB_REGION_H
#define LIB_REGION_H

#include "abi.h"

#include <stdint.h>

// A region of this many pages, contiguous and cleared, from the memory server. A handle, or -EDQUOT, -ENOMEM.
long region_allocate(uint64_t pages);
// The physical memory of a device; needs a claim. A handle, or -EPERM, -EINVAL.
long region_physical(uint64_t address, uint64_t pages);
// Splits pages off. A handle, or -EPERM (not its owner), -EINVAL, -EBUSY (mapped).
long region_split(long region, uint64_t page_offset, uint64_t pages);
// From now on it may have many owners, and can't be moved any more.
long region_share(long region);
long region_info(long region, struct memory_info *info);
// Lets the caller's devices reach the region by info->physical, until it or the caller ends. -EPERM: the stanza's `dma`
// is too little.
long region_dma(long region, struct memory_info *info);
// For the driver of the PCI buses: the process may make the device a bus master. -EPERM: its stanza has no `dma`.
long region_device(uint32_t device, uint32_t pid, uint32_t generation);

#endif
