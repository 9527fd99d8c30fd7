// SPDX-License-Identifier: MIT
// The system calls about memory.
#include "task.h"

#include "file.h"
#include "page.h"

#define HEAP_LIMIT (1ull << 30)

long call_brk(struct task *task, const uint64_t *arguments) {
    struct memory *memory = &task->memory;
    uint64_t wanted = arguments[0], before = page_end(memory->heap_end), after = page_end(wanted);
    if (wanted < memory->heap_start || wanted > memory->heap_start + HEAP_LIMIT)
        return (long)memory->heap_end;
    long error = 0;
    if (after > before)
        error = memory_add(memory, before, after, LINUX_PROT_READ | LINUX_PROT_WRITE);
    else if (after < before)
        error = memory_remove(memory, after, before);
    if (!error)
        memory->heap_end = wanted;
    return (long)memory->heap_end;
}

// Bytes of a file, up to its end; what follows stays zero.
static long file_load(struct task *task, const struct description *file, uint64_t address, uint64_t length,
                      int64_t offset) {
    int64_t position = file_seek(file->handle, 0, STREAM_FROM_POSITION);
    long error = linux_result(file_seek(file->handle, offset, STREAM_FROM_START));
    while (error >= 0 && length) {
        uint8_t *bytes;
        size_t count = memory_reach(&task->memory, address, length, REACH_FORCE, &bytes);
        long read = count ? file_read(file->handle, bytes, count) : -PIPE_ENOMEM;
        error = linux_result(read);
        if (read < (long)count)
            break;
        address += count;
        length -= count;
    }
    file_seek(file->handle, position, STREAM_FROM_START);
    return error < 0 ? error : 0;
}

static long mapping_check(const struct task *task, const uint64_t *arguments) {
    uint64_t protection = arguments[2], flags = arguments[3];
    if (!arguments[1] || protection & ~(uint64_t)LINUX_PROT_ALL || arguments[5] & PAGE_MASK)
        return -LINUX_EINVAL;
    if (flags & ~(uint64_t)(LINUX_MAP_TYPE | LINUX_MAP_FIXED | LINUX_MAP_ANONYMOUS | LINUX_MAP_HINTS))
        return -LINUX_EINVAL;
    if ((flags & LINUX_MAP_TYPE) != LINUX_MAP_PRIVATE)
        return -LINUX_EINVAL; // what is shared is not supported yet
    if (flags & LINUX_MAP_ANONYMOUS)
        return 0;
    const struct description *file = description_at(&task->files, arguments[4]);
    return !file ? -LINUX_EBADF : file->kind == DESCRIPTION_FILE ? 0 : -LINUX_EACCES;
}

// Private mappings. Flags: MAP_FIXED, MAP_ANONYMOUS, and those that are hints. A file's bytes are read at once.
long call_mmap(struct task *task, const uint64_t *arguments) {
    long error = mapping_check(task, arguments);
    if (error)
        return error;
    uint64_t length = page_end(arguments[1]), start = arguments[0];
    bool is_fixed = arguments[3] & LINUX_MAP_FIXED;
    if (length < arguments[1] || length > MMAP_END)
        return -LINUX_ENOMEM;
    if (is_fixed && (start & PAGE_MASK || start < USER_BASE || start > ADDRESS_END - length))
        return -LINUX_EINVAL;
    if (is_fixed)
        error = memory_remove(&task->memory, start, start + length);
    else
        start = memory_find_free(&task->memory, length);
    if (!error && start)
        error = memory_add(&task->memory, start, start + length, (uint32_t)arguments[2]);
    if (error || !start)
        return error ? error : -LINUX_ENOMEM;
    if (!(arguments[3] & LINUX_MAP_ANONYMOUS))
        error = file_load(task, description_at(&task->files, arguments[4]), start, arguments[1], (int64_t)arguments[5]);
    return error ? error : (long)start;
}

static bool range_of(const uint64_t *arguments, uint64_t *end) {
    uint64_t length = page_end(arguments[1]);
    *end = arguments[0] + length;
    return !(arguments[0] & PAGE_MASK) && length >= arguments[1] && *end >= arguments[0] && *end <= ADDRESS_END;
}

long call_munmap(struct task *task, const uint64_t *arguments) {
    uint64_t end;
    return range_of(arguments, &end) && arguments[1] ? memory_remove(&task->memory, arguments[0], end) : -LINUX_EINVAL;
}

long call_mprotect(struct task *task, const uint64_t *arguments) {
    uint64_t end;
    if (!range_of(arguments, &end) || arguments[2] & ~(uint64_t)LINUX_PROT_ALL)
        return -LINUX_EINVAL;
    return arguments[1] ? memory_protect(&task->memory, arguments[0], end, (uint32_t)arguments[2]) : 0;
}

// MADV_DONTNEED; all other advice below 22 is only that.
long call_madvise(struct task *task, const uint64_t *arguments) {
    uint64_t end;
    if (!range_of(arguments, &end) || arguments[2] > 21)
        return -LINUX_EINVAL;
    return arguments[2] == LINUX_MADV_DONTNEED && arguments[1] ? memory_forget(&task->memory, arguments[0], end) : 0;
}
