// SPDX-License-Identifier: MIT
// Address spaces. The kernel never uses a user's virtual address: it walks the tables and uses the direct map, so it
// takes no page fault.
//
// 1. Each present entry counts once in its frame. The entries of a leased range don't change before the reply.
// 2. No page is both writable and executable.
#pragma GCC optimize("omit-frame-pointer") // on the path of each lease; no function that panics is called from here

#include "space.h"

#include "entries.h"
#include "host.h"
#include "kernel.h"

long space_make(struct space *space, struct account *account) {
    *space = (struct space){.account = account};
    return space_make_root(space);
}

// A message page is the kernel's: it has no region.
static void entry_drop(struct space *space, uint64_t entry) {
    if (entry_is_message_page(entry))
        account_free(space->account, physical_pointer(entry_physical(entry)), PAGE_SIZE);
    else
        pages_unmapped(&entry, 1);
}

bool space_end_step(struct space *space) {
    return space_free_step(space, entry_drop);
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
        long error = space_make_entry(space, address + done * PAGE_SIZE, &entry);
        if (error)
            return error;
        run = entry_run(address + done * PAGE_SIZE, pages - done);
        if (!entries_are_absent(entry, run))
            return -PIPE_EEXIST;
    }
    return 0;
}

long space_map(struct space *space, struct region *region, uint64_t offset, uint64_t address, uint64_t pages,
               uint32_t protection) {
    long error = map_check(space, region, offset, address, pages, protection);
    if (error)
        return error;
    uint64_t run, physical = region->physical + offset * PAGE_SIZE;
    uint64_t entry = entry_make(physical, protection, region->flags & REGION_DEVICE);
    for (uint64_t done = 0; done < pages; done += run) {
        uint64_t *slot = space_entry(space, address + done * PAGE_SIZE);
        run = entry_run(address + done * PAGE_SIZE, pages - done);
        for (const uint64_t *end = slot + run; slot < end; entry += PAGE_SIZE)
            *slot++ = entry;
    }
    region_mapped(region, offset, pages);
    space->pages += pages;
    return 0;
}

// 0 if the entries of the range may change; -EBUSY if part of it is leased.
static long change_check(struct space *space, uint64_t address, uint64_t pages) {
    space->checked_end = 0;
    if (!range_is_valid(address, pages))
        return -PIPE_EINVAL;
    return space->leases && space_is_leased(space, address, pages) ? -PIPE_EBUSY : 0;
}

long space_unmap(struct space *space, uint64_t address, uint64_t pages) {
    long error = change_check(space, address, pages);
    uint64_t run;
    for (uint64_t done = 0; !error && done < pages; done += run) {
        uint64_t *entry = space_entry(space, address + done * PAGE_SIZE);
        run = entry_run(address + done * PAGE_SIZE, pages - done);
        uint64_t present = entry ? pages_unmapped(entry, run) : 0;
        if (present == 0)
            continue;
        space->pages -= present;
        host_clear(entry, run * sizeof *entry);
        space_flush(space, address + done * PAGE_SIZE, run);
    }
    return error;
}

static long protect_check(struct space *space, uint64_t address, uint64_t pages, uint32_t protection) {
    long error = protection_is_valid(protection) ? change_check(space, address, pages) : -PIPE_EINVAL;
    uint64_t run;
    for (uint64_t done = 0; !error && done < pages; done += run) {
        const uint64_t *entry = space_entry(space, address + done * PAGE_SIZE);
        run = entry_run(address + done * PAGE_SIZE, pages - done);
        if (entry && !entries_may_become(entry, run, protection))
            error = -PIPE_EPERM;
    }
    return error;
}

long space_protect(struct space *space, uint64_t address, uint64_t pages, uint32_t protection) {
    long error = protect_check(space, address, pages, protection);
    uint64_t run;
    for (uint64_t done = 0; !error && done < pages; done += run) {
        uint64_t *entry = space_entry(space, address + done * PAGE_SIZE);
        run = entry_run(address + done * PAGE_SIZE, pages - done);
        if (entry)
            entries_protect(entry, run, protection);
        space_flush(space, address + done * PAGE_SIZE, run);
    }
    return error;
}

long space_map_message_page(struct space *space, uint64_t address, void **page) {
    uint64_t *entry;
    long error = space_make_entry(space, address, &entry);
    if (error)
        return error;
    *page = account_allocate(space->account, PAGE_SIZE, &error);
    if (!*page)
        return error;
    host_clear(*page, PAGE_SIZE);
    *entry = entry_make_message_page(physical_of(*page));
    return 0;
}

void space_unmap_message_page(struct space *space, uint64_t address) {
    uint64_t *entry = space_entry(space, address);
    uint64_t before = *entry;
    *entry = 0;
    space_flush(space, address, 1);
    entry_drop(space, before);
}

// ---- Reaching user memory ----

// Message pages can't be leased.
static bool bytes_are_users(uint64_t address, uint64_t length) {
    return length <= MESSAGE_PAGES_BASE && address >= USER_BASE && address <= MESSAGE_PAGES_BASE - length;
}

// The error of a range that is not accessible as a whole. SPACE_ABSENT: *absent is its first absent page.
static long check_error(const uint64_t *entry, uint64_t run, bool writable, uint64_t address, uint64_t *absent) {
    uint64_t number = entry ? entries_allowing(entry, run, writable) : 0;
    *absent = address + number * PAGE_SIZE;
    return entry && entry_is_present(entry[number]) ? -PIPE_EFAULT : SPACE_ABSENT;
}

static __attribute__((noinline)) long range_check(struct space *space, uint64_t address, uint64_t end, bool writable,
                                                  uint64_t *absent) {
    uint64_t run, start = address & ~PAGE_MASK;
    for (uint64_t page = start; page < end; page += run * PAGE_SIZE) {
        const uint64_t *entry = space_entry(space, page);
        run = entry_run(page, (end - page + PAGE_MASK) >> PAGE_SHIFT);
        if (!entry || !entries_allow(entry, run, writable))
            return check_error(entry, run, writable, page, absent);
    }
    space->checked_start = start;
    space->checked_end = end;
    space->checked_writable = writable;
    return 0;
}

// Whether the range is part of the one that space_check accepted last. Programs lease the same buffer again and again,
// so that one is not walked again.
static inline bool was_checked(const struct space *space, uint64_t address, uint64_t end, bool writable) {
    return address >= space->checked_start && end <= space->checked_end && space->checked_writable >= writable;
}

long space_check(struct space *space, uint64_t address, uint64_t length, bool writable, uint64_t *absent) {
    if (length == 0)
        return 0;
    if (!bytes_are_users(address, length))
        return -PIPE_EFAULT;
    uint64_t end = address + length;
    if (was_checked(space, address, end, writable))
        return 0;
    return range_check(space, address, end, writable, absent);
}

// The kernel's address of a user address whose page is present.
static char *bytes_at(struct space *space, uint64_t address) {
    const uint64_t *entry = space_entry(space, address);
    return (char *)physical_pointer(entry_physical(*entry)) + (address & PAGE_MASK);
}

bool space_read_word(struct space *space, uint64_t address, uint64_t *word) {
    uint64_t absent;
    if (address % sizeof *word || space_check(space, address, sizeof *word, false, &absent) != 0)
        return false;
    host_copy(word, bytes_at(space, address), sizeof *word);
    return true;
}

static uint64_t to_page_end(uint64_t address) {
    return PAGE_SIZE - (address & PAGE_MASK);
}

// Copies whole pages, up to the end of one table of each space; returns the bytes copied.
static uint64_t pages_copy(struct space *to, uint64_t to_address, struct space *from, uint64_t from_address,
                           uint64_t pages) {
    const uint64_t *target = space_entry(to, to_address);
    const uint64_t *source = space_entry(from, from_address);
    uint64_t run = entry_run(from_address, entry_run(to_address, pages));
#pragma GCC unroll 8 // loop overhead is measurable
    for (uint64_t page = 0; page < run; page++)
        machine_copy(physical_pointer(entry_physical(target[page])), physical_pointer(entry_physical(source[page])),
                     PAGE_SIZE);
    return run * PAGE_SIZE;
}

// Copies up to the end of the first of the two pages; returns the bytes copied.
static uint64_t part_copy(struct space *to, uint64_t to_address, struct space *from, uint64_t from_address,
                          uint64_t length) {
    if (length > to_page_end(to_address))
        length = to_page_end(to_address);
    if (length > to_page_end(from_address))
        length = to_page_end(from_address);
    machine_copy(bytes_at(to, to_address), bytes_at(from, from_address), length);
    return length;
}

static inline bool are_page_aligned(uint64_t one, uint64_t other) {
    return ((one | other) & PAGE_MASK) == 0;
}

void space_copy(struct space *to, uint64_t to_address, struct space *from, uint64_t from_address, uint64_t length) {
    while (length) {
        bool is_whole = are_page_aligned(to_address, from_address) && length >= PAGE_SIZE;
        uint64_t batch = is_whole ? pages_copy(to, to_address, from, from_address, length >> PAGE_SHIFT)
                                  : part_copy(to, to_address, from, from_address, length);
        to_address += batch;
        from_address += batch;
        length -= batch;
    }
}
