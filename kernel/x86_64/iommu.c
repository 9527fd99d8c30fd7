// SPDX-License-Identifier: MIT
// DMA remapping (Intel Virtualization Technology for Directed I/O, Architecture Specification, revision 3.2: 8 the
// firmware's table, 9.1 root entries, 9.3 context entries, 9.8 second-level entries, 6.5.2 the invalidation queue, 7
// faults, 10.4 registers), and the mastership of functions on PCI (PCI Local Bus Specification 3.0, 3.2.2.3.2 and
// 6.2.2). A device is numbered bus << 8 | device << 3 | function, its source-id.
//
// All units use one root table, one context table for each bus, and one tree of second-level tables for each domain, in
// which a page has its physical address. Legacy mode; interrupts are not remapped.
//
//   absent: all DMA is stopped, each device's first one logged --- machine_device_attach ---> attached to a domain
//     ^                                                                                              |
//     +--------------------------------------- machine_device_detach --------------------------------+
//
// 1. A cached entry never outlives the entry: each change is followed by its invalidation, which is awaited.
#include "machine_state.h"

#include "account.h"
#include "host.h"
#include "kernel.h"
#include "log.h"
#include "panic.h"

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

void machine_device_name(uint32_t device, char *name) {
    static const char digits[] = "0123456789abcdef";
    const char text[DEVICE_NAME_MAX + 1] = {digits[device >> 12 & 15], digits[device >> 8 & 15], ':',
                                            digits[device >> 7 & 1],   digits[device >> 3 & 15], '.',
                                            digits[device & 7]};
    host_copy(name, text, sizeof text);
}

// ---- The firmware's table (8.1 to 8.4) ----

#define DMAR_STRUCTURES 48u
#define STRUCTURE_UNIT 0u
#define STRUCTURE_RESERVED 1u
#define UNIT_SEGMENT 6u
#define UNIT_REGISTERS 8u
#define UNIT_LENGTH 16u
#define RESERVED_SEGMENT 6u
#define RESERVED_BASE 8u
#define RESERVED_LIMIT 16u
#define RESERVED_SCOPES 24u
#define SCOPE_BUS 5u
#define SCOPE_PATH 6u
#define SCOPE_ON_BUS 8u // the length of a scope whose path is a device on the bus itself

static uint64_t read_bytes(const uint8_t *bytes, unsigned count) {
    uint64_t value = 0;
    host_copy(&value, bytes, count);
    return value;
}

// Notes the devices for which the firmware reserves memory: the processor's graphics, USB as a keyboard.
static void reserved_found(const uint8_t *structure, uint32_t length) {
    struct iommu *iommu = &kernel.machine.iommu;
    for (const uint8_t *scope = structure + RESERVED_SCOPES, *end = structure + length;
         scope + SCOPE_ON_BUS <= end && scope[1] >= SCOPE_ON_BUS; scope += scope[1]) {
        if (scope[1] != SCOPE_ON_BUS || iommu->reserved_count == RESERVED_MAX)
            continue;
        iommu->reserved[iommu->reserved_count++] = (struct reserved_memory){
            .device = (uint32_t)scope[SCOPE_BUS] << 8 | (uint32_t)scope[SCOPE_PATH] << 3 | scope[SCOPE_PATH + 1],
            .first = read_bytes(structure + RESERVED_BASE, sizeof(uint64_t)),
            .last = read_bytes(structure + RESERVED_LIMIT, sizeof(uint64_t))};
    }
}

void iommu_table_read(const uint8_t *table, uint32_t length) {
    struct iommu *iommu = &kernel.machine.iommu;
    for (uint32_t offset = DMAR_STRUCTURES, size; offset + 4 <= length; offset += size) {
        const uint8_t *structure = table + offset;
        uint64_t type = read_bytes(structure, 2);
        size = (uint32_t)read_bytes(structure + 2, 2);
        if (size < 4 || size > length - offset)
            return;
        if (type == STRUCTURE_UNIT && size >= UNIT_LENGTH && read_bytes(structure + UNIT_SEGMENT, 2) == 0 &&
            iommu->unit_count < UNITS_MAX)
            iommu->units[iommu->unit_count++].physical = read_bytes(structure + UNIT_REGISTERS, sizeof(uint64_t));
        if (type == STRUCTURE_RESERVED && size >= RESERVED_SCOPES && read_bytes(structure + RESERVED_SEGMENT, 2) == 0)
            reserved_found(structure, size);
    }
}

// ---- Registers of a unit (10.4) ----

#define CAPABILITIES 0x08u
#define EXTENDED_CAPABILITIES 0x10u
#define COMMAND 0x18u
#define STATUS 0x1cu
#define ROOT_TABLE 0x20u
#define FAULT_STATUS 0x34u
#define FAULT_CONTROL 0x38u
#define FAULT_DATA 0x3cu
#define FAULT_ADDRESS 0x40u
#define FAULT_ADDRESS_UPPER 0x44u
#define QUEUE_TAIL 0x88u
#define QUEUE_ADDRESS 0x90u

#define STATUS_KEPT 0x96ffffffu // what a write to COMMAND repeats of STATUS
#define COMMAND_TRANSLATE 0x80000000u
#define COMMAND_ROOT 0x40000000u
#define COMMAND_QUEUE 0x04000000u
#define HAS_QUEUE 2u // extended capability
#define FAULT_STATUS_BITS 0x7fu
#define ATTEMPTS 10000000u // reads of a register until a unit counts as dead

static volatile uint32_t *register32(const struct iommu_unit *unit, uint32_t offset) {
    return (volatile uint32_t *)(unit->registers + offset);
}

static volatile uint64_t *register64(const struct iommu_unit *unit, uint32_t offset) {
    return (volatile uint64_t *)(unit->registers + offset);
}

static void await(const volatile uint32_t *word, uint32_t bits) {
    for (uint32_t attempt = 0; (*word & bits) != bits; attempt++)
        if (attempt == ATTEMPTS)
            panic("the IOMMU does not answer");
}

static void command_give(const struct iommu_unit *unit, uint32_t bit) {
    *register32(unit, COMMAND) = (*register32(unit, STATUS) & STATUS_KEPT) | bit;
    await(register32(unit, STATUS), bit);
}

// ---- The invalidation queue (6.5.2) ----

#define QUEUE_ENTRIES (PAGE_SIZE / sizeof(struct queue_entry))
#define INVALIDATE_CONTEXTS 0x1u
#define INVALIDATE_TRANSLATIONS 0x2u
#define INVALIDATE_WAIT 0x25u // and write the status word
#define GRANULE_ALL 0x10u
#define GRANULE_DOMAIN 0x20u // of translations
#define GRANULE_DEVICE 0x30u // of contexts
#define DRAIN 0xc0u          // wait for reads and writes that are on their way
#define DOMAIN_SHIFT 16u
#define DEVICE_SHIFT 32u
#define WAIT_DATA_SHIFT 32u
#define QUEUE_TAIL_SHIFT 4u

static void queue_put(struct iommu_unit *unit, uint64_t low, uint64_t high) {
    unit->queue[unit->tail] = (struct queue_entry){low, high};
    unit->tail = (unit->tail + 1) % QUEUE_ENTRIES;
}

// Makes all units drop what the descriptor says, and waits until they have.
static void invalidate(uint64_t descriptor) {
    struct iommu *iommu = &kernel.machine.iommu;
    for (uint32_t number = 0; number < iommu->unit_count; number++) {
        struct iommu_unit *unit = &iommu->units[number];
        *unit->done = 0;
        queue_put(unit, descriptor, 0);
        queue_put(unit, INVALIDATE_WAIT | 1ull << WAIT_DATA_SHIFT, physical_of((const void *)unit->done));
        __asm__ volatile("mfence" ::: "memory");
        *register64(unit, QUEUE_TAIL) = (uint64_t)unit->tail << QUEUE_TAIL_SHIFT;
        await(unit->done, 1);
    }
}

static void domain_flush(uint32_t domain) {
    invalidate(INVALIDATE_TRANSLATIONS | GRANULE_DOMAIN | DRAIN | (uint64_t)domain << DOMAIN_SHIFT);
}

// ---- Second-level tables (9.8) ----

#define LEAF_BITS 3u // read, write: also of an entry that leads to a table
#define CACHE_LINE 64u

// A unit may read tables from memory, without the processor's caches.
static void entry_write(uint64_t *entry, uint64_t value) {
    *(volatile uint64_t *)entry = value;
    __asm__ volatile("clflush %0" : "+m"(*(volatile char *)entry));
}

static void table_clear(void *table) {
    host_clear(table, PAGE_SIZE);
    for (uint32_t offset = 0; offset < PAGE_SIZE; offset += CACHE_LINE)
        __asm__ volatile("clflush %0" : "+m"(*((volatile char *)table + offset)));
}

// A cleared table that the account pays for; without one it is the reserve's for ever. NULL with *error set.
static uint64_t *table_make(struct account *account, long *error) {
    uint64_t *table = account ? account_allocate(account, PAGE_SIZE, error) : page_allocate();
    if (table)
        table_clear(table);
    else if (!account)
        *error = -PIPE_ENOMEM;
    return table;
}

static uint64_t *table_of(uint64_t entry) {
    return physical_pointer(entry & ENTRY_ADDRESS);
}

static uint64_t *entry_at(uint64_t *table, uint64_t physical, unsigned level) {
    return &table[physical >> (PAGE_SHIFT + level * TABLE_SHIFT) & (TABLE_ENTRIES - 1)];
}

// The entry of a page, or NULL. With `error` it makes missing tables.
static uint64_t *leaf_find(const struct dma_domain *domain, struct account *account, uint64_t physical, long *error) {
    uint64_t *table = physical_pointer(domain->root);
    for (unsigned level = kernel.machine.iommu.levels - 1; level > 0; level--) {
        uint64_t *entry = entry_at(table, physical, level);
        if (!*entry) {
            uint64_t *next = error ? table_make(account, error) : NULL;
            if (!next)
                return NULL;
            entry_write(entry, physical_of(next) | LEAF_BITS);
        }
        table = table_of(*entry);
    }
    return entry_at(table, physical, 0);
}

static long domain_make(struct dma_domain *domain, struct account *account) {
    struct iommu *iommu = &kernel.machine.iommu;
    long error = 0;
    if (domain->root)
        return 0;
    uint32_t number = bit_take(iommu->domains, DOMAINS_MAX);
    if (number == DOMAINS_MAX)
        return -PIPE_ENFILE;
    uint64_t *root = table_make(account, &error);
    if (!root) {
        bit_give(iommu->domains, number);
        return error;
    }
    *domain = (struct dma_domain){physical_of(root), number};
    return 0;
}

bool machine_dma_is_guarded(void) {
    return kernel.machine.iommu.is_on;
}

long machine_dma_map(struct dma_domain *domain, struct account *account, uint64_t physical, uint64_t pages) {
    if (!machine_dma_is_guarded())
        return 0;
    long error = domain_make(domain, account);
    for (uint64_t page = 0; page < pages && !error; page++) {
        uint64_t address = physical + page * PAGE_SIZE, *leaf = leaf_find(domain, account, address, &error);
        if (leaf)
            entry_write(leaf, address | LEAF_BITS);
        else
            machine_dma_unmap(domain, physical, page);
    }
    if (!error)
        domain_flush(domain->number);
    return error;
}

void machine_dma_unmap(struct dma_domain *domain, uint64_t physical, uint64_t pages) {
    if (!domain->root)
        return;
    for (uint64_t page = 0; page < pages; page++) {
        uint64_t *leaf = leaf_find(domain, NULL, physical + page * PAGE_SIZE, NULL);
        if (leaf)
            entry_write(leaf, 0);
    }
    domain_flush(domain->number);
}

static void table_free(struct account *account, uint64_t *entry) {
    account_free(account, table_of(*entry), PAGE_SIZE);
    *entry = 0;
}

bool machine_domain_free_step(struct dma_domain *domain, struct account *account) {
    uint64_t *parent = &domain->root;
    if (!domain->root)
        return false;
    for (unsigned level = kernel.machine.iommu.levels - 1; level > 0; level--) {
        uint64_t *entry = table_of(*parent), *end = entry + TABLE_ENTRIES;
        while (entry < end && !*entry)
            entry++;
        if (entry == end)
            break;
        parent = entry;
    }
    bool is_root = parent == &domain->root;
    table_free(account, parent);
    if (is_root)
        bit_give(kernel.machine.iommu.domains, domain->number);
    return true;
}

// ---- Root and context entries (9.1, 9.3) ----

#define CONTEXT_PRESENT 1u
#define CONTEXT_SILENT 2u // a fault is not recorded
#define CONTEXT_DOMAIN_SHIFT 8u
#define LEVELS_TO_WIDTH 2u // 3 levels have the address width 1, 4 have 2

struct context_entry {
    uint64_t low, high;
};

// The device's entry, or NULL with *error set.
static struct context_entry *context_of(uint32_t device, long *error) {
    struct context_entry *root = &kernel.machine.iommu.roots[device >> 8 & 0xff];
    if (!root->low) {
        uint64_t *table = table_make(NULL, error);
        if (!table)
            return NULL;
        entry_write(&root->low, physical_of(table) | CONTEXT_PRESENT);
    }
    return (struct context_entry *)table_of(root->low) + (device & 0xff);
}

static void context_write(struct context_entry *entry, uint32_t device, struct context_entry value) {
    uint32_t domain = (uint32_t)(entry->high >> CONTEXT_DOMAIN_SHIFT) & 0xffff;
    entry_write(&entry->low, 0);
    entry_write(&entry->high, value.high);
    entry_write(&entry->low, value.low);
    invalidate(INVALIDATE_CONTEXTS | GRANULE_DEVICE | (uint64_t)domain << DOMAIN_SHIFT |
               (uint64_t)device << DEVICE_SHIFT);
    domain_flush(domain);
}

long machine_device_attach(struct dma_domain *domain, struct account *account, uint32_t device) {
    if (!machine_dma_is_guarded())
        return 0;
    long error = domain_make(domain, account);
    struct context_entry *entry = error ? NULL : context_of(device, &error);
    if (entry)
        context_write(entry, device,
                      (struct context_entry){domain->root | CONTEXT_PRESENT,
                                             (uint64_t)domain->number << CONTEXT_DOMAIN_SHIFT |
                                                 (kernel.machine.iommu.levels - LEVELS_TO_WIDTH)});
    return error;
}

// It is silent from then on: what it had on its way is stopped, and no fault more.
void machine_device_detach(uint32_t device) {
    long error = 0;
    master_end(device);
    struct context_entry *entry = machine_dma_is_guarded() ? context_of(device, &error) : NULL;
    if (entry)
        context_write(entry, device, (struct context_entry){CONTEXT_SILENT, 0});
}

// ---- Faults (7) ----

#define FAULT_IS_VALID 0x80000000u // in the last word of a record
#define FAULT_IS_READ 0x40000000u

static void fault_take(volatile uint32_t *record) {
    if (!(record[3] & FAULT_IS_VALID))
        return;
    uint64_t address = (uint64_t)record[1] << 32 | record[0];
    uint32_t device = record[2] & 0xffff;
    bool is_read = record[3] & FAULT_IS_READ;
    record[3] = FAULT_IS_VALID; // clears it
    dma_fault(device, address & ~PAGE_MASK, !is_read);
}

void iommu_interrupt(void) {
    struct iommu *iommu = &kernel.machine.iommu;
    for (uint32_t number = 0; number < iommu->unit_count; number++) {
        struct iommu_unit *unit = &iommu->units[number];
        for (uint32_t record = 0; record < unit->fault_count; record++)
            fault_take(unit->faults + 4 * record);
        *register32(unit, FAULT_STATUS) = FAULT_STATUS_BITS;
    }
}

// ---- Start ----

#define FAULTS_OFFSET(capabilities) (((capabilities) >> 24 & 0x3ff) * 16)
#define FAULTS_COUNT(capabilities) (((capabilities) >> 40 & 0xff) + 1)
#define DOMAINS_BITS(capabilities) (4 + 2 * ((capabilities)&7))
#define HAS_LEVELS(capabilities, levels) ((capabilities) >> (8 + (levels)-LEVELS_TO_WIDTH) & 1)
#define LEVELS_FEW 3u
#define LEVELS_MANY 4u
#define LEVELS_FEW_END (1ull << 39)
#define FAULT_RECORD_SIZE 16u

static void unit_map(struct iommu_unit *unit) {
    unit->registers = device_map(unit->physical);
    uint64_t offset = FAULTS_OFFSET(*register64(unit, CAPABILITIES));
    uint64_t fit = (PAGE_SIZE - (offset & PAGE_MASK)) / FAULT_RECORD_SIZE;
    unit->faults = device_map(unit->physical + offset);
    unit->fault_count = (uint32_t)FAULTS_COUNT(*register64(unit, CAPABILITIES));
    if (unit->fault_count > fit)
        unit->fault_count = (uint32_t)fit;
}

// Finds what all units can do. Why they can't be used, or NULL.
static const char *units_look(struct iommu *iommu) {
    bool has_few = (kernel.frame_count << PAGE_SHIFT) <= LEVELS_FEW_END, has_many = true;
    uint32_t domains = DOMAINS_MAX;
    for (uint32_t number = 0; number < iommu->unit_count; number++) {
        struct iommu_unit *unit = &iommu->units[number];
        unit_map(unit);
        uint64_t capabilities = *register64(unit, CAPABILITIES);
        has_few = has_few && HAS_LEVELS(capabilities, LEVELS_FEW);
        has_many = has_many && HAS_LEVELS(capabilities, LEVELS_MANY);
        if (!(*register64(unit, EXTENDED_CAPABILITIES) & HAS_QUEUE))
            return "it has no invalidation queue";
        if (domains > 1u << DOMAINS_BITS(capabilities))
            domains = 1u << DOMAINS_BITS(capabilities);
    }
    iommu->domains[0] = 1; // no domain has number 0
    for (uint32_t number = domains; number < DOMAINS_MAX; number++)
        iommu->domains[number / WORD_BITS] |= 1ull << number % WORD_BITS;
    iommu->levels = has_few ? LEVELS_FEW : LEVELS_MANY;
    return has_few || has_many ? NULL : "its tables reach too little memory";
}

static void *page_make(void) {
    long error = 0;
    void *page = table_make(NULL, &error);
    if (!page)
        panic("memory: too little for the IOMMU");
    return page;
}

static void unit_start(struct iommu_unit *unit) {
    struct interrupt_message message = machine_line_message(machine_lines() - 1);
    unit->queue = page_make();
    unit->done = page_make();
    *register32(unit, FAULT_DATA) = VECTOR_IOMMU;
    *register32(unit, FAULT_ADDRESS) = (uint32_t)message.address;
    *register32(unit, FAULT_ADDRESS_UPPER) = 0;
    *register32(unit, FAULT_CONTROL) = 0;
    *register64(unit, ROOT_TABLE) = physical_of(kernel.machine.iommu.roots);
    command_give(unit, COMMAND_ROOT);
    *register64(unit, QUEUE_TAIL) = 0;
    *register64(unit, QUEUE_ADDRESS) = physical_of(unit->queue);
    command_give(unit, COMMAND_QUEUE);
}

// The firmware's devices go on with the memory that it reserves for them, in one domain, until a driver takes them.
static void reserved_attach(struct iommu *iommu) {
    static struct dma_domain firmware;
    for (uint32_t number = 0; number < iommu->reserved_count; number++) {
        const struct reserved_memory *memory = &iommu->reserved[number];
        uint64_t first = memory->first & ~PAGE_MASK;
        if (memory->last <= first ||
            machine_dma_map(&firmware, NULL, first, (memory->last - first + PAGE_MASK) >> PAGE_SHIFT) ||
            machine_device_attach(&firmware, NULL, memory->device))
            log_line("IOMMU: memory that the firmware reserves for a device is left out");
    }
}

void machine_dma_initialize(void) {
    struct iommu *iommu = &kernel.machine.iommu;
    if (!iommu->unit_count)
        return;
    const char *reason = units_look(iommu);
    if (reason) {
        log_line("IOMMU: not used, %s", reason);
        return;
    }
    iommu->roots = page_make();
    for (uint32_t number = 0; number < iommu->unit_count; number++)
        unit_start(&iommu->units[number]);
    iommu->is_on = true;
    invalidate(INVALIDATE_CONTEXTS | GRANULE_ALL);
    invalidate(INVALIDATE_TRANSLATIONS | GRANULE_ALL | DRAIN);
    reserved_attach(iommu);
    for (uint32_t number = 0; number < iommu->unit_count; number++)
        command_give(&iommu->units[number], COMMAND_TRANSLATE);
    log_line("IOMMU: a device reaches only the memory that its driver has named for DMA");
}
