// SPDX-License-Identifier: MIT
// The file system in memory as a process. What is in it dies with it; its successor begins with an empty /tmp.
#include "clock.h"
#include "error.h"
#include "memfs.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"
#include "report.h"

#include <string.h>

#define VOLUME "/svc/memfs"
#define FILES_MAX (4u << 20)
#define POOL_SHARE 2u // at most this part of all memory that there is for programs

// Regions, so that memory is there before it is promised: pages that are filled as they are touched may not be there
// then.
static void *memory_more(uint32_t *count) {
    static uint64_t address = MAPPING_BASE;
    long region = -PIPE_EINVAL;
    for (; *count && (region = region_allocate(*count)) < 0; *count /= 2)
        continue;
    if (region < 0)
        return NULL;
    void *memory = (void *)address;
    if (process_map(region, 0, address, *count, PROTECT_READ | PROTECT_WRITE) < 0) {
        pipe_close(region);
        return NULL;
    }
    address += (uint64_t)*count * BLOCK_SIZE;
    return memory;
}

static uint64_t blocks_allowed(void) {
    struct memory_request request = {.operation = MEMORY_STATISTICS};
    struct memory_stats stats = {0};
    long memory = pipe_open(MEMORY_PIPE, RIGHT_WRITE);
    pipe_call(memory, &request, sizeof request, &stats, sizeof stats, DEADLINE_NONE);
    pipe_close(memory);
    return stats.pages / POOL_SHARE;
}

static void begin(void) {
    memfs.now = (int64_t)clock_now();
}

// The directories that every program expects: one for what is temporary, one for the boot image's volume.
static long directories_make(void) {
    const struct stream_stat temporary = {.mode = MODE_DIRECTORY | MODE_STICKY | 0777};
    const struct stream_stat boot = {.mode = MODE_DIRECTORY | 0555};
    struct node *node;
    long error = node_make(&memfs, memfs.root, (struct name){"boot", 4}, &boot, &node);
    return error ? error : node_make(&memfs, memfs.root, (struct name){"tmp", 3}, &temporary, &node);
}

// Its argument is where it is mounted first.
int main(int count, char **arguments) {
    static struct volume_operations volume;
    volume = memfs_operations;
    volume.begin = begin;
    begin();
    memfs.seed = clock_now();
    long error = files_begin(&memfs, memory_more, blocks_allowed(), FILES_MAX) ? directories_make() : -PIPE_ENOMEM;
    if (error >= 0)
        error = volume_begin(&volume, VOLUME, count > 1 ? arguments[1] : "/");
    if (error < 0) {
        report("no files in memory: %s (%s)", error_sentence(error), error_name(error));
        return 1;
    }
    process_ready();
    volume_serve();
}
