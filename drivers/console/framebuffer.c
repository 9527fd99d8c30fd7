// SPDX-License-Identifier: MIT
#include "framebuffer.h"

#include "error.h"
#include "info.h"
#include "page.h"
#include "picture.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"
#include "report.h"

#define FONT_NAME "font.psf" // in the boot image
#define FONT_MAX (32u << 10) // 512 glyphs of 32 rows, and their lists

static struct info_framebuffer screen;
static struct font font;
static struct picture picture;

bool framebuffer_is_there(void) {
    return info_ask(INFO_FRAMEBUFFER, 0, &screen, sizeof screen) == 0 && screen.kind != FRAMEBUFFER_TEXT;
}

// The framebuffer need not begin with a page. NULL with *error set.
static void *pixels_map(long *error) {
    uint64_t first = screen.address & ~PAGE_MASK, offset = screen.address - first;
    uint64_t pages = pages_of(offset + (uint64_t)screen.pitch * screen.height);
    long region = region_physical(first, pages);
    *error = region < 0 ? region : process_map(region, 0, MAPPING_BASE, pages, PROTECT_READ | PROTECT_WRITE);
    return *error < 0 ? NULL : (char *)MAPPING_BASE + offset;
}

// Reads up to `most` bytes of the font's file. Returns their number or a negated error.
static long font_read(uint8_t *file, size_t most) {
    struct {
        struct boot_request head;
        char name[sizeof FONT_NAME];
    } request = {{BOOT_READ, sizeof FONT_NAME - 1, 0}, FONT_NAME};
    struct attached attached = {.leases = {{(uint64_t)file, most}}, .lease_count = 1, .writable_mask = 1};
    uint32_t count = 0;
    long boot = pipe_open(BOOT_PIPE, RIGHT_WRITE);
    long result = pipe_call_attached(boot, &request, sizeof request.head + request.head.length, &attached, &count,
                                     sizeof count, DEADLINE_NONE);
    pipe_close(boot);
    return result < 0 ? result : (long)count;
}

static bool font_load(void) {
    static uint8_t file[FONT_MAX];
    long length = font_read(file, sizeof file);
    const char *wrong = length < 0 ? error_sentence(length) : font_open(&font, file, (size_t)length);
    if (wrong)
        report("its font, /boot/" FONT_NAME ", can't be used: %s", wrong);
    return !wrong;
}

bool framebuffer_initialize(void) {
    long error = 0;
    if (!font_load())
        return false;
    void *pixels = pixels_map(&error);
    const char *wrong = pixels ? picture_initialize(&picture, &screen, pixels, &font) : error_sentence(error);
    if (wrong)
        report("the framebuffer can't be used: %s", wrong);
    return !wrong;
}

// The processor may combine writes to the pixels (kernel/x86_64/paging.c): flush them, so that none waits for more.
void framebuffer_update(const struct terminal *terminal) {
    picture_update(&picture, terminal);
    __asm__ volatile("sfence" ::: "memory");
}
