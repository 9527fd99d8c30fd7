// SPDX-License-Identifier: MIT
// The mastership of functions on PCI (PCI Local Bus Specification 3.0, 3.2.2.3.2 and 6.2.2).
#include "machine_state.h"

#include "kernel.h"

// ---- A function's command register ----

#define CONFIG_ADDRESS_PORT 0xcf8u
#define CONFIG_DATA_PORT 0xcfcu
#define CONFIG_LAST_PORT 0xcffu
#define CONFIG_ENABLE 0x80000000u
#define CONFIG_ADDRESS_SHIFT 8u
#define CONFIG_COMMAND 4u
#define COMMAND_MASTER 4u
#define COMMAND_BITS 0xffffu // a one that is written to a status bit, in the upper half, clears it

struct claim_range machine_device_ports(void) {
    return (struct claim_range){CONFIG_ADDRESS_PORT, CONFIG_LAST_PORT};
}

// The PCI driver selects a register anew in each of its requests, of which none is half done here.
static void master_end(uint32_t device) {
    port_out32(CONFIG_ADDRESS_PORT, CONFIG_ENABLE | device << CONFIG_ADDRESS_SHIFT | CONFIG_COMMAND);
    port_out32(CONFIG_DATA_PORT, port_in32(CONFIG_DATA_PORT) & COMMAND_BITS & ~COMMAND_MASTER);
}

bool machine_dma_is_guarded(void) {
    return false;
}

long machine_dma_map(struct dma_domain *domain, struct account *account, uint64_t physical, uint64_t pages) {
    (void)domain, (void)account, (void)physical, (void)pages;
    return 0;
}

void machine_dma_unmap(struct dma_domain *domain, uint64_t physical, uint64_t pages) {
    (void)domain, (void)physical, (void)pages;
}

long machine_device_attach(struct dma_domain *domain, struct account *account, uint32_t device) {
    (void)domain, (void)account, (void)device;
    return 0;
}

void machine_device_detach(uint32_t device) {
    master_end(device);
}

bool machine_domain_free_step(struct dma_domain *domain, struct account *account) {
    (void)domain, (void)account;
    return false;
}
