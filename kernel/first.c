// SPDX-License-Identifier: MIT
// The first process has handle 1 for its control, handle 2 for the region of the boot image, and handles 3 and up for
// the pool: all memory that the kernel does not keep. Its first thread finds the number of pool regions in the second
// argument and the command line in its message page. It is the only process that no claims limit.
#include "first.h"

#include "flat_image.h"
#include "host.h"
#include "kernel.h"
#include "log.h"
#include "panic.h"

#define FIRST_QUOTA (64ull << 20) // bytes of kernel objects
#define FIRST_PRIORITY 24u        // of its thread
#define FIRST_PAGES_MAX 4096u

static void must(long error, const char *what) {
    if (error)
        refuse_to_start("%s (error %U)", what, (uint64_t)-error);
}

static bool is_page_aligned(const struct flat_image *image) {
    uint64_t bits = image->text_end | image->constants_end | image->data_end | image->memory_end | image->stack_size;
    return (bits & PAGE_MASK) == 0;
}

// Checks the image's header against the image's length. Refuses to start if it is damaged.
static struct flat_image image_check(const struct boot_module *module) {
    struct flat_image image = {0};
    if (module->length >= sizeof image)
        host_copy(&image, physical_pointer(module->physical), sizeof image);
    uint64_t end = FLAT_IMAGE_BASE + module->length;
    bool ascends = image.text_end > FLAT_IMAGE_BASE && image.text_end <= image.constants_end &&
                   image.constants_end <= image.data_end && image.data_end <= image.memory_end;
    if (image.magic != FLAT_IMAGE_MAGIC)
        refuse_to_start("the first module is not the process server's image");
    if (!ascends || image.data_end > end || image.entry < FLAT_IMAGE_BASE || image.entry >= image.text_end ||
        !is_page_aligned(&image) || image.memory_end - FLAT_IMAGE_BASE > FIRST_PAGES_MAX * PAGE_SIZE ||
        image.stack_size > FIRST_PAGES_MAX * PAGE_SIZE)
        refuse_to_start("the process server's image is damaged");
    return image;
}

static struct process *process_make(void) {
    struct process_create create = {
        .kind = KIND_SERVER, .priority = PRIORITIES - 1, .quota = FIRST_QUOTA, .name = "process"};
    long error = 0;
    struct process *process = process_create(&create, NULL, &error);
    must(error, "memory: too little for the first process");
    process->principal.is_unlimited = true;
    return process;
}

// Makes a region of memory that the loader or the kernel has set aside.
static struct region *region_of(struct process *process, uint64_t physical, uint64_t bytes) {
    long error = 0;
    struct region *region = region_make(&process->principal, physical, (bytes + PAGE_MASK) >> PAGE_SHIFT, 0, &error);
    must(error, "memory: too little for the first process's regions");
    return region;
}

static void give(struct process *process, struct region *region) {
    struct attachment attachment = {.object = region, .type = HANDLE_REGION};
    must(handle_reserve(&process->principal, 1), "memory: too little for handles");
    handle_install(&process->principal, &attachment);
}

// Maps part of a region, in requests of at most the pages that a space accepts.
static void map(struct process *process, struct region *region, uint64_t offset, uint64_t address, uint64_t end,
                uint32_t protection) {
    while (address < end) {
        uint64_t pages = (end - address) >> PAGE_SHIFT;
        if (pages > MAP_PAGES_MAX)
            pages = MAP_PAGES_MAX;
        must(space_map(&process->space, region, offset, address, pages, protection),
             "the process server's image can't be mapped");
        address += pages * PAGE_SIZE;
        offset += pages;
    }
}

// Maps cleared memory for what the file does not hold.
static void map_cleared(struct process *process, uint64_t address, uint64_t end) {
    if (address == end)
        return;
    struct region *region = region_of(process, physical_of(early_zeroes(end - address)), end - address);
    map(process, region, 0, address, end, PROTECT_READ | PROTECT_WRITE);
    host_region_release(region); // the mapping keeps the region
}

static void image_map(struct process *process, const struct boot_module *module, const struct flat_image *image) {
    struct region *region = region_of(process, module->physical, image->data_end - FLAT_IMAGE_BASE);
    uint64_t text = (image->text_end - FLAT_IMAGE_BASE) >> PAGE_SHIFT;
    uint64_t constants = (image->constants_end - FLAT_IMAGE_BASE) >> PAGE_SHIFT;
    map(process, region, 0, FLAT_IMAGE_BASE, image->text_end, PROTECT_READ | PROTECT_EXECUTE);
    map(process, region, text, image->text_end, image->constants_end, PROTECT_READ);
    map(process, region, constants, image->constants_end, image->data_end, PROTECT_READ | PROTECT_WRITE);
    host_region_release(region);
    map_cleared(process, image->data_end, image->memory_end);
    map_cleared(process, FLAT_IMAGE_STACK - image->stack_size, FLAT_IMAGE_STACK);
}

// Makes the pool of all memory that is left.
static uint32_t pool_give(struct process *process, const struct boot_information *boot) {
    uint32_t count = 0;
    for (uint32_t number = 0; number < boot->range_count; number++) {
        const struct boot_range *range = &boot->ranges[number];
        if (range->start >= range->end)
            continue;
        give(process, region_of(process, range->start, range->end - range->start));
        count++;
    }
    return count;
}

void first_process_start(const struct boot_information *boot) {
    if (boot->module_count < BOOT_MODULES_MAX)
        refuse_to_start("the loader brought %u of the %u modules, process server and boot image", boot->module_count,
                        BOOT_MODULES_MAX);
    struct flat_image image = image_check(&boot->modules[0]);
    struct process *process = process_make();
    image_map(process, &boot->modules[0], &image);
    give(process, region_of(process, boot->modules[1].physical, boot->modules[1].length));
    struct control_start start = {.priority = FIRST_PRIORITY, .entry = image.entry, .stack = FLAT_IMAGE_STACK};
    start.argument = pool_give(process, boot);
    uint32_t length = 0;
    while (boot->command_line[length])
        length++;
    long number = thread_start(process, &start, boot->command_line, length);
    must(number < 0 ? number : 0, "memory: too little for the first thread");
    log_line("process %u %s started", process->principal.pid, process->principal.name);
}
