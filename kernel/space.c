// SPDX-License-Identifier: MIT
// Address spaces. The kernel never touches user memory by its user's address: it walks the tables and uses the direct
// map, so it takes no page fault.
//
// 1. Each entry that is present counts once in its frame; what a thread lends stays as it is.
// 2. No page is both writable and executable.
#include "space.h"

#include "host.h"
#include "kernel.h"

long space_make(struct space *space, struct account *account) {
    *space = (struct space){.account = account};
    return space_make_root(space);
}

// Message pages are the kernel's: they have no region.
static void entry_drop(struct space *space, uint64_t entry) {
    if (entry & ENTRY_MESSAGE_PAGE)
        account_free(space->account, physical_pointer(entry_physical(entry)), PAGE_SIZE);
    else
        pages_unmapped(&entry, 1);
}

bool space_end_some(struct space *space) {
    return space_free_some(space, entry_drop);
}

// ---- Mapping ----

static bool range_is_valid(uint64_t address, uint64_t pages) {
    if (address & PAGE_MASK || pages == 0 || pages > MAP_PAGES_MAX)
        return false;
    return address >= USER_BASE && address <= MESSAGE_PAGES_BASE - pages * PAGE_SIZE;
}

static bool protection_is_valid(uint32_t protection) {
    const uint32_t both = PROTECT_WRITE | PROTECT_EXECUTE;
    return !(protection & ~(both | PROTECT_READ)) && (protection & both) != both && protection & PROTECT_READ;
}

// The next run of entries of a range that lie side by side, at most `left` of them.
static uint64_t *entries(const struct space *space, uint64_t address, uint64_t left, uint64_t *run) {
    uint64_t *entry = space_entry(space, address, run);
    if (*run > left)
        *run = left;
    return entry;
}

#define ENTRIES_AT_ONCE 4u

// What all of the entries have in common.
static uint64_t entries_common(const uint64_t *entry, uint64_t count) {
    uint64_t bits = ~0ull;
    for (; count >= ENTRIES_AT_ONCE; count -= ENTRIES_AT_ONCE, entry += ENTRIES_AT_ONCE)
        bits &= entry[0] & entry[1] & entry[2] & entry[3];
    while (count--)
        bits &= *entry++;
    return bits;
}

// What one or the other of the entries has.
static uint64_t entries_united(const uint64_t *entry, uint64_t count) {
    uint64_t bits = 0;
    for (; count >= ENTRIES_AT_ONCE; count -= ENTRIES_AT_ONCE, entry += ENTRIES_AT_ONCE)
        bits |= entry[0] | entry[1] | entry[2] | entry[3];
    while (count--)
        bits |= *entry++;
    return bits;
}

static long map_check(struct space *space, const struct region *region, uint64_t offset, uint64_t address,
                      uint64_t pages, uint32_t protection) {
    if (!range_is_valid(address, pages) || !protection_is_valid(protection))
        return -PIPE_EINVAL;
    if (offset >= region->pages || pages > region->pages - offset)
        return -PIPE_EINVAL;
    if (!region_may_map(region, offset, pages))
        return -PIPE_EBUSY;
    uint64_t run, *entry;
    for (uint64_t done = 0; done < pages; done += run) {
        long error = space_make_entry(space, address + done * PAGE_SIZE, &entry, &run);
        if (error)
            return error;
        if (run > pages - done)
            run = pages - done;
        if (entry_is_present(entries_united(entry, run)))
            return -PIPE_EEXIST;
    }
    return 0;
}

long space_map(struct space *space, struct region *region, uint64_t offset, uint64_t address, uint64_t pages,
               uint32_t protection) {
    long error = map_check(space, region, offset, address, pages, protection);
    if (error)
        return error;
    uint64_t run, entry = (region->physical + offset * PAGE_SIZE) | entry_bits(protection, region->flags & REGION_DEVICE);
    for (uint64_t done = 0; done < pages; done += run) {
        uint64_t *place = entries(space, address + done * PAGE_SIZE, pages - done, &run);
        for (const uint64_t *end = place + run; place < end; entry += PAGE_SIZE)
            *place++ = entry;
    }
    region_mapped(region, offset, pages);
    space->pages += pages;
    return 0;
}

// 0 if what is mapped in the range may change.
static long change_check(const struct space *space, uint64_t address, uint64_t pages) {
    if (!range_is_valid(address, pages))
        return -PIPE_EINVAL;
    return space->lends && space_is_lent(space, address, pages) ? -PIPE_EBUSY : 0;
}

long space_unmap(struct space *space, uint64_t address, uint64_t pages) {
    long error = change_check(space, address, pages);
    uint64_t run;
    for (uint64_t done = 0; !error && done < pages; done += run) {
        uint64_t *entry = entries(space, address + done * PAGE_SIZE, pages - done, &run);
        uint64_t present = entry ? pages_unmapped(entry, run) : 0;
        if (present == 0)
            continue;
        space->pages -= present;
        host_clear(entry, run * sizeof *entry);
        space_flush(space, address + done * PAGE_SIZE, run);
    }
    return error;
}

long space_protect(struct space *space, uint64_t address, uint64_t pages, uint32_t protection) {
    long error = protection_is_valid(protection) ? change_check(space, address, pages) : -PIPE_EINVAL;
    uint64_t run, bits = entry_bits(protection, false) & ~ENTRY_MEMORY;
    for (uint64_t done = 0; !error && done < pages; done += run) {
        uint64_t *entry = entries(space, address + done * PAGE_SIZE, pages - done, &run);
        for (uint64_t number = 0; entry && number < run; number++)
            if (entry_is_present(entry[number]))
                entry[number] = bits | (entry[number] & (ENTRY_ADDRESS | ENTRY_UNCACHED | ENTRY_MEMORY));
        space_flush(space, address + done * PAGE_SIZE, run);
    }
    return error;
}

long space_map_message_page(struct space *space, uint64_t address, void **page) {
    uint64_t run, *entry;
    long error = space_make_entry(space, address, &entry, &run);
    if (error)
        return error;
    *page = account_allocate(space->account, PAGE_SIZE, &error);
    if (!*page)
        return error;
    host_clear(*page, PAGE_SIZE);
    *entry = physical_of(*page) | entry_bits(PROTECT_READ | PROTECT_WRITE, false) | ENTRY_MESSAGE_PAGE;
    return 0;
}

void space_unmap_message_page(struct space *space, uint64_t address) {
    uint64_t run;
    uint64_t *entry = space_entry(space, address, &run);
    uint64_t before = *entry;
    *entry = 0;
    space_flush(space, address, 1);
    entry_drop(space, before);
}

// ---- Reaching user memory ----

// A range of bytes as whole pages.
static uint64_t pages_of(uint64_t address, uint64_t length) {
    return length ? ((address + length - 1) >> PAGE_SHIFT) - (address >> PAGE_SHIFT) + 1 : 0;
}

// Message pages can't be lent.
static bool bytes_are_users(uint64_t address, uint64_t length) {
    return length <= MESSAGE_PAGES_BASE && address >= USER_BASE && address <= MESSAGE_PAGES_BASE - length;
}

// The error for a range of which not all can be reached: *absent is the first page that can't, if none lies there.
static long check_error(const uint64_t *entry, uint64_t run, uint64_t needed, uint64_t address, uint64_t *absent) {
    uint64_t number = 0;
    while (entry && number < run && (entry[number] & needed) == needed)
        number++;
    *absent = address + number * PAGE_SIZE;
    return entry && entry_is_present(entry[number]) ? -PIPE_EFAULT : SPACE_ABSENT;
}

long space_check(const struct space *space, uint64_t address, uint64_t length, bool writable, uint64_t *absent) {
    if (length == 0)
        return 0;
    if (!bytes_are_users(address, length))
        return -PIPE_EFAULT;
    uint64_t pages = pages_of(address, length), run;
    uint64_t needed = ENTRY_PRESENT | ENTRY_MEMORY | (writable ? ENTRY_WRITABLE : 0);
    address &= ~PAGE_MASK;
    for (uint64_t end = address + pages * PAGE_SIZE; address < end; address += run * PAGE_SIZE) {
        const uint64_t *entry = entries(space, address, (end - address) >> PAGE_SHIFT, &run);
        if (!entry || (entries_common(entry, run) & needed) != needed)
            return check_error(entry, run, needed, address, absent);
    }
    return 0;
}

// The bytes of a present page, seen by the kernel, from `address` to the page's end.
static char *bytes_at(const struct space *space, uint64_t address) {
    uint64_t run;
    const uint64_t *entry = space_entry(space, address, &run);
    return (char *)physical_pointer(entry_physical(*entry)) + (address & PAGE_MASK);
}

static uint64_t to_page_end(uint64_t address) {
    return PAGE_SIZE - (address & PAGE_MASK);
}

// Copies whole pages as far as one table of each space reaches; how many.
static uint64_t pages_copy(const struct space *to, uint64_t to_address, const struct space *from, uint64_t from_address,
                           uint64_t pages) {
    uint64_t run;
    const uint64_t *target = entries(to, to_address, pages, &run);
    const uint64_t *source = entries(from, from_address, run, &run);
    for (const uint64_t *end = target + run; target < end; target++, source++)
        machine_copy(physical_pointer(entry_physical(*target)), physical_pointer(entry_physical(*source)), PAGE_SIZE);
    return run;
}

void space_copy(const struct space *to, uint64_t to_address, const struct space *from, uint64_t from_address,
                uint64_t length) {
    while (length) {
        uint64_t piece = length;
        if (piece > to_page_end(to_address))
            piece = to_page_end(to_address);
        if (piece > to_page_end(from_address))
            piece = to_page_end(from_address);
        if (piece == PAGE_SIZE)
            piece = PAGE_SIZE * pages_copy(to, to_address, from, from_address, length >> PAGE_SHIFT);
        else
            machine_copy(bytes_at(to, to_address), bytes_at(from, from_address), piece);
        to_address += piece;
        from_address += piece;
        length -= piece;
    }
}
