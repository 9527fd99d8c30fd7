// SPDX-License-Identifier: MIT
// Address spaces. The kernel never touches user memory by its user's address: it walks the tables and uses the direct
// map, so it takes no page fault.
//
// 1. Each entry that is present counts once in its frame; an entry whose frame is pinned stays as it is.
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
    uint64_t physical = entry_physical(entry);
    const struct frame *frame = frame_at(physical);
    if (!frame || frame->region) {
        page_unmapped(physical);
        return;
    }
    if (entry & ENTRY_MESSAGE_PAGE)
        account_free(space->account, physical_pointer(physical), PAGE_SIZE);
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

// Whether nothing is mapped in a range that has tables.
static bool range_is_free(const struct space *space, uint64_t address, uint64_t pages) {
    uint64_t run;
    for (uint64_t done = 0; done < pages; done += run) {
        const uint64_t *entry = entries(space, address + done * PAGE_SIZE, pages - done, &run);
        for (uint64_t number = 0; number < run; number++)
            if (entry_is_present(entry[number]))
                return false;
    }
    return true;
}

static long map_check(struct space *space, const struct region *region, uint64_t offset, uint64_t address,
                      uint64_t pages, uint32_t protection) {
    if (!range_is_valid(address, pages) || !protection_is_valid(protection))
        return -PIPE_EINVAL;
    if (offset >= region->pages || pages > region->pages - offset)
        return -PIPE_EINVAL;
    for (uint64_t page = 0; page < pages; page++)
        if (!region_may_map(region, offset + page))
            return -PIPE_EBUSY;
    long error = space_make_tables(space, address, pages);
    if (error)
        return error;
    return range_is_free(space, address, pages) ? 0 : -PIPE_EEXIST;
}

long space_map(struct space *space, struct region *region, uint64_t offset, uint64_t address, uint64_t pages,
               uint32_t protection) {
    long error = map_check(space, region, offset, address, pages, protection);
    if (error)
        return error;
    uint64_t bits = entry_bits(protection, region->flags & REGION_DEVICE);
    uint64_t physical = region->physical + offset * PAGE_SIZE;
    uint64_t run;
    for (uint64_t done = 0; done < pages; done += run) {
        uint64_t *entry = entries(space, address + done * PAGE_SIZE, pages - done, &run);
        for (uint64_t number = 0; number < run; number++, physical += PAGE_SIZE) {
            entry[number] = physical | bits;
            page_mapped(physical);
        }
    }
    space->pages += pages;
    return 0;
}

// Whether a page of the range is lent.
static bool range_is_pinned(const struct space *space, uint64_t address, uint64_t pages) {
    uint64_t run;
    for (uint64_t done = 0; done < pages; done += run) {
        const uint64_t *entry = entries(space, address + done * PAGE_SIZE, pages - done, &run);
        for (uint64_t number = 0; entry && number < run; number++) {
            const struct frame *frame =
                entry_is_present(entry[number]) ? frame_at(entry_physical(entry[number])) : NULL;
            if (frame && frame->pinned)
                return true;
        }
    }
    return false;
}

// Replaces the rights of each entry that is present; with `bits` 0 it goes.
static void range_change(struct space *space, uint64_t address, uint64_t pages, uint64_t bits) {
    uint64_t run;
    for (uint64_t done = 0; done < pages; done += run) {
        uint64_t *entry = entries(space, address + done * PAGE_SIZE, pages - done, &run);
        for (uint64_t number = 0; entry && number < run; number++) {
            uint64_t before = entry[number];
            if (!entry_is_present(before))
                continue;
            entry[number] = bits ? entry_physical(before) | bits | (before & ENTRY_UNCACHED) : 0;
            space_flush_page(space, address + (done + number) * PAGE_SIZE);
            if (bits)
                continue;
            space->pages--;
            page_unmapped(entry_physical(before));
        }
    }
}

long space_unmap(struct space *space, uint64_t address, uint64_t pages) {
    if (!range_is_valid(address, pages))
        return -PIPE_EINVAL;
    if (range_is_pinned(space, address, pages))
        return -PIPE_EBUSY;
    range_change(space, address, pages, 0);
    return 0;
}

long space_protect(struct space *space, uint64_t address, uint64_t pages, uint32_t protection) {
    if (!range_is_valid(address, pages) || !protection_is_valid(protection))
        return -PIPE_EINVAL;
    if (range_is_pinned(space, address, pages))
        return -PIPE_EBUSY;
    range_change(space, address, pages, entry_bits(protection, false));
    return 0;
}

long space_map_message_page(struct space *space, uint64_t address, void **page) {
    long error = space_make_tables(space, address, 1);
    if (error)
        return error;
    *page = account_allocate(space->account, PAGE_SIZE, &error);
    if (!*page)
        return error;
    host_clear(*page, PAGE_SIZE);
    uint64_t run;
    *space_entry(space, address, &run) =
        physical_of(*page) | entry_bits(PROTECT_READ | PROTECT_WRITE, false) | ENTRY_MESSAGE_PAGE;
    return 0;
}

void space_unmap_message_page(struct space *space, uint64_t address) {
    uint64_t run;
    uint64_t *entry = space_entry(space, address, &run);
    uint64_t before = *entry;
    *entry = 0;
    space_flush_page(space, address);
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

long space_check(const struct space *space, uint64_t address, uint64_t length, bool writable, uint64_t *absent) {
    if (length == 0)
        return 0;
    if (!bytes_are_users(address, length))
        return -PIPE_EFAULT;
    uint64_t pages = pages_of(address, length), run;
    uint64_t needed = ENTRY_PRESENT | (writable ? ENTRY_WRITABLE : 0);
    address &= ~PAGE_MASK;
    for (uint64_t done = 0; done < pages; done += run) {
        const uint64_t *entry = entries(space, address + done * PAGE_SIZE, pages - done, &run);
        for (uint64_t number = 0; number < run; number++) {
            if (entry && (entry[number] & (needed | ENTRY_UNCACHED)) == needed)
                continue;
            *absent = address + (done + number) * PAGE_SIZE;
            return entry && entry_is_present(entry[number]) ? -PIPE_EFAULT : SPACE_ABSENT;
        }
    }
    return 0;
}

// Adds 1 or takes 1 from the pins of each page of the range.
static void pins_change(const struct space *space, uint64_t address, uint64_t length, int change) {
    uint64_t pages = pages_of(address, length), run;
    address &= ~PAGE_MASK;
    for (uint64_t done = 0; done < pages; done += run) {
        const uint64_t *entry = entries(space, address + done * PAGE_SIZE, pages - done, &run);
        for (uint64_t number = 0; number < run; number++) {
            struct frame *frame = frame_at(entry_physical(entry[number]));
            if (frame)
                frame->pinned += (uint32_t)change;
        }
    }
}

void space_pin(const struct space *space, uint64_t address, uint64_t length) {
    pins_change(space, address, length, 1);
}

void space_unpin(const struct space *space, uint64_t address, uint64_t length) {
    pins_change(space, address, length, -1);
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

void space_copy(const struct space *to, uint64_t to_address, const struct space *from, uint64_t from_address,
                uint64_t length) {
    while (length) {
        uint64_t piece = length;
        if (piece > to_page_end(to_address))
            piece = to_page_end(to_address);
        if (piece > to_page_end(from_address))
            piece = to_page_end(from_address);
        host_copy(bytes_at(to, to_address), bytes_at(from, from_address), piece);
        to_address += piece;
        from_address += piece;
        length -= piece;
    }
}
