// SPDX-License-Identifier: MIT
// From the boot loader's information (Multiboot2 specification 1.6, 3.6) to kernel_main. The first page tables map the
// first 4 GiB at 0 and at the direct map; the information, ACPI's tables and the modules are read through them.
#include "machine_state.h"

#include "host.h"
#include "kernel.h"
#include "main.h"
#include "panic.h"

#define MULTIBOOT_MAGIC 0x36d76289u
#define TAG_END 0u
#define TAG_COMMAND_LINE 1u
#define TAG_MODULE 3u
#define TAG_MEMORY_MAP 6u
#define TAG_FRAMEBUFFER 8u
#define TAG_ACPI_OLD 14u
#define TAG_ACPI_NEW 15u
#define MEMORY_USABLE 1u
#define MEMORY_RESERVED 2u         // to devices, among others
#define LOW_MEMORY_END 0x100000ull // below it are the firmware and the old display, even where RAM is

struct tag {
    uint32_t type, size;
};

struct tag_module {
    struct tag tag;
    uint32_t start, end;
};

struct tag_memory_map {
    struct tag tag;
    uint32_t entry_size, entry_version;
};

struct memory_entry {
    uint64_t start, length;
    uint32_t type, reserved;
};

struct tag_framebuffer {
    struct tag tag;
    struct info_framebuffer framebuffer; // the loader's layout is the ABI's
};

_Static_assert(offsetof(struct info_framebuffer, bits) == 20 && offsetof(struct info_framebuffer, colours) == 24,
               "the layout of Multiboot2 specification 1.6, 3.6.12");

extern char image_start[], image_end[]; // physical

// ---- Ranges of usable memory, ascending ----

static uint64_t round_up(uint64_t value) {
    return (value + PAGE_MASK) & ~PAGE_MASK;
}

static void range_insert(struct boot_information *boot, uint64_t start, uint64_t end) {
    if (start >= end || boot->range_count == BOOT_RANGES_MAX)
        return;
    uint32_t index = boot->range_count++;
    for (; index > 0 && boot->ranges[index - 1].start > start; index--)
        boot->ranges[index] = boot->ranges[index - 1];
    boot->ranges[index] = (struct boot_range){start, end};
}

static void range_delete(struct boot_information *boot, uint32_t index) {
    boot->range_count--;
    for (; index < boot->range_count; index++)
        boot->ranges[index] = boot->ranges[index + 1];
}

// Removes the addresses from start to end from the ranges.
static void range_cut(struct boot_information *boot, uint64_t start, uint64_t end) {
    start &= ~PAGE_MASK;
    end = round_up(end);
    for (uint32_t index = 0; index < boot->range_count;) {
        struct boot_range range = boot->ranges[index];
        if (range.end <= start || range.start >= end) {
            index++;
            continue;
        }
        range_delete(boot, index);
        range_insert(boot, range.start, start < range.start ? range.start : start);
        range_insert(boot, end > range.end ? range.end : end, range.end);
        index = 0;
    }
}

// ---- Tags ----

// Notes a range that holds memory. If the table is full, the last range grows over all that follows: a device there
// can't be mapped, but no memory is mapped as a device.
static void memory_note(uint64_t start, uint64_t end) {
    struct machine *machine = &kernel.machine;
    uint32_t last = machine->memory_count - 1;
    if (start >= end)
        return;
    if (machine->memory_count == BOOT_RANGES_MAX)
        machine->memory[last].end = end > machine->memory[last].end ? end : machine->memory[last].end;
    else if (machine->memory_count && machine->memory[last].end == start)
        machine->memory[last].end = end;
    else
        machine->memory[machine->memory_count++] = (struct boot_range){start, end};
}

bool machine_is_memory(uint64_t first, uint64_t last) {
    const struct machine *machine = &kernel.machine;
    if (last < LOW_MEMORY_END)
        return false;
    for (uint32_t number = 0; number < machine->memory_count; number++)
        if (first < machine->memory[number].end && last >= machine->memory[number].start)
            return true;
    return false;
}

static void memory_map_read(struct boot_information *boot, const struct tag_memory_map *map) {
    const uint8_t *end = (const uint8_t *)map + map->tag.size;
    for (const uint8_t *cursor = (const uint8_t *)(map + 1); cursor < end; cursor += map->entry_size) {
        const struct memory_entry *entry = (const void *)cursor;
        uint64_t top = entry->start + entry->length;
        if (entry->type != MEMORY_RESERVED)
            memory_note(entry->start, top);
        if (entry->type != MEMORY_USABLE)
            continue;
        boot->memory += entry->length;
        if (top > boot->memory_end)
            boot->memory_end = top;
        uint64_t start = entry->start < LOW_MEMORY_END ? LOW_MEMORY_END : round_up(entry->start);
        range_insert(boot, start, top & ~PAGE_MASK);
    }
}

static void command_line_read(struct boot_information *boot, const char *text) {
    for (uint32_t index = 0; index < COMMAND_LINE_MAX && text[index]; index++)
        boot->command_line[index] = text[index];
}

static void module_read(struct boot_information *boot, const struct tag_module *module) {
    if (boot->module_count < BOOT_MODULES_MAX)
        boot->modules[boot->module_count++] = (struct boot_module){module->start, module->end - module->start};
}

const struct info_framebuffer *machine_framebuffer(void) {
    return &kernel.machine.framebuffer;
}

static void tag_read(struct boot_information *boot, const struct tag *tag, const void **acpi) {
    switch (tag->type) {
    case TAG_COMMAND_LINE:
        command_line_read(boot, (const char *)(tag + 1));
        break;
    case TAG_MODULE:
        module_read(boot, (const struct tag_module *)tag);
        break;
    case TAG_MEMORY_MAP:
        memory_map_read(boot, (const struct tag_memory_map *)tag);
        break;
    case TAG_FRAMEBUFFER:
        kernel.machine.framebuffer = ((const struct tag_framebuffer *)tag)->framebuffer;
        break;
    case TAG_ACPI_OLD:
        if (*acpi)
            break;
        // fall through
    case TAG_ACPI_NEW:
        *acpi = tag + 1;
        break;
    default:
        break;
    }
}

// Reads all tags, and removes what the loader has put into memory from the ranges.
static void tags_read(struct boot_information *boot, uint64_t information, const void **acpi) {
    uint32_t total = *(const uint32_t *)information;
    uint64_t address = information + sizeof(struct tag);
    for (const struct tag *tag = (const void *)address; tag->type != TAG_END; tag = (const void *)address) {
        tag_read(boot, tag, acpi);
        address += (tag->size + 7u) & ~7u;
    }
    range_cut(boot, (uint64_t)image_start, (uint64_t)image_end);
    range_cut(boot, information, information + total);
    for (uint32_t number = 0; number < boot->module_count; number++)
        range_cut(boot, boot->modules[number].physical, boot->modules[number].physical + boot->modules[number].length);
}

// ---- Memory for the kernel's tables ----

// The end of the largest range, cut at what the first page tables map.
static struct boot_range *largest_range(struct boot_information *boot) {
    struct boot_range *largest = NULL;
    for (uint32_t index = 0; index < boot->range_count; index++) {
        struct boot_range *range = &boot->ranges[index];
        if (range->end > FIRST_TABLES_END)
            continue;
        if (!largest || range->end - range->start > largest->end - largest->start)
            largest = range;
    }
    return largest;
}

void *early_allocate(uint64_t size) {
    struct machine *machine = &kernel.machine;
    size = round_up(size);
    if (size > machine->early_range->end - machine->early_range->start)
        panic("memory: too little for the kernel's own tables");
    machine->early_range->end -= size;
    return physical_pointer(machine->early_range->end);
}

void *early_zeroes(uint64_t size) {
    void *memory = early_allocate(size);
    host_clear(memory, size);
    return memory;
}

#define CANARY_LOW_BYTE 0xffull // zero, so that no string that is too long copies the canary

_Noreturn void kernel_start(uint32_t magic, uint64_t information);
_Noreturn void kernel_start(uint32_t magic, uint64_t information) {
    static struct boot_information boot;
    const void *acpi = NULL;
    __stack_chk_guard = ((uint64_t)machine_random() << 32 | machine_random()) & ~CANARY_LOW_BYTE;
    struct cpu *cpu = cpu_start();
    console_initialize();
    processor_initialize(cpu);
    if (magic != MULTIBOOT_MAGIC)
        panic("boot: the loader is none of the multiboot2 kind");
    tags_read(&boot, information, &acpi);
    acpi_initialize(acpi);
    kernel.machine.early_range = largest_range(&boot);
    if (!kernel.machine.early_range)
        panic("boot: the loader names no memory");
    paging_initialize(boot.memory_end);
    acpi_map();
    interrupts_initialize();
    clock_initialize();
    kernel_main(&boot);
}
