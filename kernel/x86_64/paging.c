// SPDX-License-Identifier: MIT
// Page tables: four levels of 512 entries (Intel SDM volume 3, 4.5.4). The kernel's half is made once, global, with the
// rights that each part of the image needs, and shared by all spaces.
//
// Tags are process-context identifiers (4.10.1), if the processor has them. The TLB keeps the entries of a space with a
// tag across switches; the next switch after a change flushes them.
#include "paging.h"

#include "bits.h"
#include "host.h"
#include "kernel.h"
#include "processor.h"
#include "machine_state.h"

#define LEVELS 4u
#define TABLE_BITS (ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_USER)

static unsigned index_at(uint64_t address, unsigned level) {
    return (unsigned)(address >> (PAGE_SHIFT + level * TABLE_SHIFT)) & (TABLE_ENTRIES - 1);
}

static uint64_t *table_of(uint64_t entry) {
    return physical_pointer(entry & ENTRY_ADDRESS);
}

// Writes to the screen's pixels may be combined: they come in runs, and have no side effects.
static uint64_t device_caching(uint64_t physical) {
    const struct info_framebuffer *screen = &kernel.machine.framebuffer;
    uint64_t first = screen->address & ~PAGE_MASK, end = screen->address + (uint64_t)screen->pitch * screen->height;
    bool is_pixels = screen->kind == FRAMEBUFFER_COLOUR && physical >= first && physical < end;
    return is_pixels ? ENTRY_GATHERED : ENTRY_UNCACHED;
}

uint64_t entry_make(uint64_t physical, uint32_t protection, bool is_device) {
    uint64_t bits = ENTRY_PRESENT | ENTRY_USER;
    if (protection & PROTECT_WRITE)
        bits |= ENTRY_WRITABLE;
    bits |= protection & PROTECT_EXECUTE ? ENTRY_TEXT : kernel.machine.no_execute;
    return physical | bits | (is_device ? device_caching(physical) : ENTRY_MEMORY);
}

// ---- Walking ----

// Tables are freed only with their space, so the last one that was found may be cached.
static uint64_t *table_find(struct space *space, uint64_t address) {
    uint64_t *table = physical_pointer(space->root);
    for (unsigned level = LEVELS - 1; level > 0; level--) {
        uint64_t entry = table[index_at(address, level)];
        if (!entry_is_present(entry))
            return NULL;
        table = table_of(entry);
    }
    space->last_table = table;
    space->last_index = address / LARGE_PAGE_SIZE;
    return table;
}

uint64_t *space_entry(struct space *space, uint64_t address) {
    unsigned index = index_at(address, 0);
    if (space->last_index == address / LARGE_PAGE_SIZE)
        return space->last_table + index;
    uint64_t *table = table_find(space, address);
    return table ? table + index : NULL;
}

// Makes the table below an entry if there is none. 0, -EDQUOT or -ENOMEM.
static long table_make(struct account *account, uint64_t *entry) {
    long error = 0;
    uint64_t *table = entry_is_present(*entry) ? NULL : account_allocate(account, PAGE_SIZE, &error);
    if (!table)
        return error;
    host_clear(table, PAGE_SIZE);
    *entry = physical_of(table) | TABLE_BITS;
    return 0;
}

long space_make_entry(struct space *space, uint64_t address, uint64_t **entry) {
    *entry = space_entry(space, address);
    if (*entry)
        return 0;
    uint64_t *table = physical_pointer(space->root);
    for (unsigned level = LEVELS - 1; level > 0; level--) {
        long error = table_make(space->account, &table[index_at(address, level)]);
        if (error)
            return error;
        table = table_of(table[index_at(address, level)]);
    }
    *entry = &table[index_at(address, 0)];
    return 0;
}

// ---- Making and taking apart ----

// A tag that no other space has, or 0.
static uint32_t tag_take(void) {
    uint32_t tag = kernel.machine.has_tags ? bit_take(kernel.machine.tags, TAGS_MAX) : 0;
    return tag < TAGS_MAX ? tag : 0;
}

long space_make_root(struct space *space) {
    long error = 0;
    uint64_t *root = account_allocate(space->account, PAGE_SIZE, &error);
    if (!root)
        return error;
    const uint64_t *kernel_root = physical_pointer(kernel.machine.kernel_root);
    host_clear(root, PAGE_SIZE / 2);
    host_copy(root + KERNEL_TABLES_FIRST, kernel_root + KERNEL_TABLES_FIRST, PAGE_SIZE / 2);
    space->root = physical_of(root);
    space->last_index = UINT64_MAX;
    space->tag = tag_take();
    space->enter = space->root | space->tag;
    return 0;
}

static void table_free(struct space *space, uint64_t *entry) {
    account_free(space->account, table_of(*entry), PAGE_SIZE);
    *entry = 0;
}

#define ENTRIES_AT_ONCE 8u

// The first present entry from `number` on, or `end`. Tables are sparse, so runs of empty entries are skipped.
static unsigned next_present(const uint64_t *table, unsigned number, unsigned end) {
    while (number < end) {
        const uint64_t *some = &table[number];
        if (number % ENTRIES_AT_ONCE == 0 &&
            !(some[0] | some[1] | some[2] | some[3] | some[4] | some[5] | some[6] | some[7]))
            number += ENTRIES_AT_ONCE;
        else if (entry_is_present(*some))
            return number;
        else
            number++;
    }
    return end;
}

// Drops the pages that a table of the lowest level maps.
static void leaves_drop(struct space *space, uint64_t *table, void (*drop)(struct space *, uint64_t)) {
    for (unsigned number = 0; (number = next_present(table, number, TABLE_ENTRIES)) < TABLE_ENTRIES; number++)
        drop(space, table[number]);
}

// A step frees one table: the first without tables below it. A table of the lowest level first drops its pages.
bool space_free_step(struct space *space, void (*drop)(struct space *space, uint64_t entry)) {
    uint64_t *table = physical_pointer(space->root), *above = NULL;
    unsigned end = KERNEL_TABLES_FIRST;
    for (unsigned level = LEVELS - 1; level > 0; level--, end = TABLE_ENTRIES) {
        unsigned number = next_present(table, 0, end);
        if (number == end)
            break;
        above = &table[number];
        table = table_of(*above);
        if (level == 1)
            leaves_drop(space, table, drop);
    }
    if (above) {
        table_free(space, above);
        return true;
    }
    if (space->tag)
        bit_give(kernel.machine.tags, space->tag);
    account_free(space->account, table, PAGE_SIZE);
    space->root = 0;
    return false;
}

void space_flush(struct space *space, uint64_t address, uint64_t pages) {
    if (cpu_this()->space != space) {
        space->enter &= ~CR3_KEEP_TLB;
        return;
    }
    for (uint64_t end = address + pages * PAGE_SIZE; address < end; address += PAGE_SIZE)
        page_flush(address);
}

// ---- The kernel's half ----

// Enters one mapping, of a page or a large page, making tables as needed.
static void kernel_map(uint64_t address, uint64_t entry, unsigned leaf_level) {
    uint64_t *table = physical_pointer(kernel.machine.kernel_root);
    for (unsigned level = LEVELS - 1; level > leaf_level; level--) {
        uint64_t *above = &table[index_at(address, level)];
        if (!entry_is_present(*above))
            *above = physical_of(early_zeroes(PAGE_SIZE)) | ENTRY_PRESENT | ENTRY_WRITABLE;
        table = table_of(*above);
    }
    table[index_at(address, leaf_level)] = entry;
}

extern char text_start[], text_end[], constants_end[], data_end[], stack_start[], stack_end[]; // boot/kernel.ld

static void map_image_part(const char *start, const char *end, uint64_t bits) {
    for (uint64_t address = (uint64_t)start; address < (uint64_t)end; address += PAGE_SIZE)
        kernel_map(address, (address - KERNEL_BASE) | ENTRY_PRESENT | ENTRY_GLOBAL | bits, 0);
}

// Maps a large page of the direct map. A large page that overlaps the image's read-only part is mapped in small pages,
// so that this part is read-only here too.
static void map_directly(uint64_t physical, uint64_t bits) {
    uint64_t start = (uint64_t)text_start - KERNEL_BASE, end = (uint64_t)constants_end - KERNEL_BASE;
    if (physical >= end || physical + LARGE_PAGE_SIZE <= start) {
        kernel_map(DIRECT_MAP_BASE + physical, physical | bits | ENTRY_LARGE, 1);
        return;
    }
    for (uint64_t page = physical; page < physical + LARGE_PAGE_SIZE; page += PAGE_SIZE)
        kernel_map(DIRECT_MAP_BASE + page, page | (page >= start && page < end ? bits & ~ENTRY_WRITABLE : bits), 0);
}

void *device_map(uint64_t physical) {
    uint64_t address = DEVICE_MAP_BASE + kernel.machine.device_pages++ * PAGE_SIZE;
    kernel_map(address,
               (physical & ~PAGE_MASK) | ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_GLOBAL | ENTRY_UNCACHED |
                   kernel.machine.no_execute,
               0);
    return (char *)address + (physical & PAGE_MASK);
}

void paging_initialize(uint64_t memory_end) {
    struct machine *machine = &kernel.machine;
    machine->kernel_root = physical_of(early_zeroes(PAGE_SIZE));
    machine->tags[0] = 1; // no space owns tag 0
    uint64_t data_bits = ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_GLOBAL | machine->no_execute;
    for (uint64_t physical = 0; physical < memory_end; physical += LARGE_PAGE_SIZE)
        map_directly(physical, data_bits);
    map_image_part(text_start, text_end, 0);
    map_image_part(text_end, constants_end, machine->no_execute);
    map_image_part(constants_end, data_end, ENTRY_WRITABLE | machine->no_execute);
    map_image_part(stack_start, stack_end, ENTRY_WRITABLE | machine->no_execute);
    // The top entry of the devices must be there before the first space copies it.
    (void)device_map(0);
    machine->device_pages = 0;
    cr3_write(machine->kernel_root);
}
