// SPDX-License-Identifier: MIT
// Loading: static and static-pie ELF executables (System V ABI, AMD64 supplement; ELF-64 object file format 1.5), and
// scripts ("#!", execve(2)).
#include "task.h"

#include "file.h"
#include "page.h"
#include "pipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD_SIZE 4096u // of the file, with its program headers
#define PIE_BASE 0x555555554000ull
#define SEGMENTS_MAX 16u
#define STRINGS_MAX (128u << 10) // of arguments and environment
#define RANDOM_BYTES 16u
#define SIMD_CONTROL_OFFSET 24u // in the FXSAVE area

#define ELF_EXECUTABLE 2u
#define ELF_SHARED 3u
#define ELF_X86_64 62u
#define SEGMENT_LOAD 1u
#define SEGMENT_INTERPRETER 3u
#define SEGMENT_EXECUTE 1u
#define SEGMENT_WRITE 2u
#define SEGMENT_READ 4u

struct elf_head {
    uint8_t magic[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t size, segment_size, segment_count, section_size, section_count, names;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, alignment;
};

struct image {
    long file;
    uint8_t bytes[HEAD_SIZE];
    size_t length;
    struct elf_head head;
    struct elf_segment segments[SEGMENTS_MAX];
    uint64_t base, end; // added to its addresses; the end of its memory
    uint64_t headers;   // address of the program headers
};

// ---- The file ----

static bool segment_is_valid(const struct elf_segment *segment) {
    return segment->memory_size >= segment->file_size && segment->address < ADDRESS_END &&
           segment->memory_size < ADDRESS_END && (segment->address - segment->offset) % PAGE_SIZE == 0;
}

static long image_check(struct image *image) {
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F', 2, 1, 1}; // 64 bits, little endian, version 1
    const struct elf_head *head = &image->head;
    if (image->length < sizeof *head)
        return -LINUX_ENOEXEC;
    memcpy(&image->head, image->bytes, sizeof image->head);
    if (memcmp(head->magic, magic, sizeof magic) != 0 || head->machine != ELF_X86_64 ||
        (head->type != ELF_EXECUTABLE && head->type != ELF_SHARED) || head->segment_size != sizeof *image->segments ||
        head->segment_count > SEGMENTS_MAX || head->segments > image->length - sizeof *head ||
        head->segment_count * sizeof *image->segments > image->length - head->segments)
        return -LINUX_ENOEXEC;
    memcpy(image->segments, image->bytes + head->segments, head->segment_count * sizeof *image->segments);
    for (unsigned index = 0; index < head->segment_count; index++) {
        if (image->segments[index].type == SEGMENT_INTERPRETER)
            return -LINUX_ENOEXEC; // dynamic programs are not supported yet
        if (image->segments[index].type == SEGMENT_LOAD && !segment_is_valid(&image->segments[index]))
            return -LINUX_ENOEXEC;
    }
    image->base = head->type == ELF_SHARED ? PIE_BASE : 0;
    return 0;
}

static long image_open(struct image *image, const char *path) {
    struct stream_stat stat;
    image->file = file_open(path, OPEN_READ);
    if (image->file < 0)
        return linux_result(image->file);
    long length = file_stat_open(image->file, &stat);
    if (length == 0 && (stat.mode & MODE_TYPE) != MODE_FILE)
        length = -PIPE_EACCES;
    if (length == 0)
        length = file_read(image->file, image->bytes, HEAD_SIZE);
    image->length = length > 0 ? (size_t)length : 0;
    return length < 0 ? linux_result(length) : 0;
}

// ---- Memory ----

// Fills memory of the task's from the file's position on.
static long bytes_load(struct task *task, const struct image *image, uint64_t address, uint64_t length) {
    while (length) {
        uint8_t *bytes;
        size_t count = memory_reach(&task->memory, address, length, REACH_FORCE, &bytes);
        if (!count)
            return -LINUX_ENOMEM;
        if (file_read(image->file, bytes, count) != (long)count)
            return -LINUX_EIO;
        address += count;
        length -= count;
    }
    return 0;
}

static long segment_load(struct task *task, struct image *image, const struct elf_segment *segment) {
    uint64_t address = image->base + segment->address, end = page_end(address + segment->memory_size);
    uint32_t protection = (segment->flags & SEGMENT_READ ? LINUX_PROT_READ : 0) |
                          (segment->flags & SEGMENT_WRITE ? LINUX_PROT_WRITE : 0) |
                          (segment->flags & SEGMENT_EXECUTE ? LINUX_PROT_EXEC : 0);
    long error = memory_add(&task->memory, address & ~PAGE_MASK, end, protection);
    if (error)
        return error;
    if (file_seek(image->file, (int64_t)segment->offset, STREAM_FROM_START) < 0)
        return -LINUX_EIO;
    if (image->head.segments >= segment->offset && image->head.segments < segment->offset + segment->file_size)
        image->headers = address + image->head.segments - segment->offset;
    if (end > image->end)
        image->end = end;
    return bytes_load(task, image, address, segment->file_size);
}

static long image_load(struct task *task, struct image *image) {
    for (unsigned index = 0; index < image->head.segment_count; index++) {
        const struct elf_segment *segment = &image->segments[index];
        long error = segment->type == SEGMENT_LOAD && segment->memory_size ? segment_load(task, image, segment) : 0;
        if (error)
            return error;
    }
    task->memory.heap_start = task->memory.heap_end = image->end;
    return memory_add(&task->memory, ADDRESS_END - STACK_SIZE, ADDRESS_END, LINUX_PROT_READ | LINUX_PROT_WRITE);
}

// ---- The stack (System V ABI, AMD64 supplement, 3.4.1) ----

struct stack {
    struct task *task;
    uint64_t top;
    bool is_good;
};

static uint64_t push(struct stack *stack, const void *bytes, size_t length) {
    stack->top -= length;
    stack->is_good = stack->is_good && memory_put(&stack->task->memory, stack->top, bytes, length);
    return stack->top;
}

// Pushes strings; their addresses go to `words` from *count on, and a zero.
static void strings_push(struct stack *stack, char *const strings[], uint64_t *words, size_t *count) {
    for (; *strings; strings++)
        words[(*count)++] = push(stack, *strings, strlen(*strings) + 1);
    words[(*count)++] = 0;
}

static size_t strings_count(char *const strings[]) {
    size_t count = 0;
    while (strings[count])
        count++;
    return count;
}

static void auxiliary_add(uint64_t *words, size_t *count, enum linux_auxiliary type, uint64_t value) {
    words[(*count)++] = type;
    words[(*count)++] = value;
}

#define AUXILIARY_WORDS 40u

static void auxiliary_write(struct stack *stack, const struct image *image, const char *path, uint64_t *words,
                            size_t *count) {
    uint8_t random[RANDOM_BYTES];
    if (getentropy(random, sizeof random))
        memset(random, 0x5a, sizeof random);
    auxiliary_add(words, count, LINUX_AT_PAGESZ, PAGE_SIZE);
    auxiliary_add(words, count, LINUX_AT_CLKTCK, 100);
    auxiliary_add(words, count, LINUX_AT_PHDR, image->headers);
    auxiliary_add(words, count, LINUX_AT_PHENT, image->head.segment_size);
    auxiliary_add(words, count, LINUX_AT_PHNUM, image->head.segment_count);
    auxiliary_add(words, count, LINUX_AT_BASE, 0);
    auxiliary_add(words, count, LINUX_AT_FLAGS, 0);
    auxiliary_add(words, count, LINUX_AT_ENTRY, image->base + image->head.entry);
    auxiliary_add(words, count, LINUX_AT_UID, 0);
    auxiliary_add(words, count, LINUX_AT_EUID, 0);
    auxiliary_add(words, count, LINUX_AT_GID, 0);
    auxiliary_add(words, count, LINUX_AT_EGID, 0);
    auxiliary_add(words, count, LINUX_AT_SECURE, 0);
    auxiliary_add(words, count, LINUX_AT_RANDOM, push(stack, random, sizeof random));
    auxiliary_add(words, count, LINUX_AT_EXECFN, push(stack, path, strlen(path) + 1));
    auxiliary_add(words, count, LINUX_AT_PLATFORM, push(stack, "x86_64", sizeof "x86_64"));
    auxiliary_add(words, count, LINUX_AT_NULL, 0);
}

static long stack_make(struct task *task, const struct image *image, const char *path, char *const arguments[],
                       char *const environment[], uint64_t *top) {
    struct stack stack = {task, ADDRESS_END, true};
    size_t count = 0, room = 3 + strings_count(arguments) + strings_count(environment) + AUXILIARY_WORDS;
    uint64_t *words = malloc(room * sizeof *words);
    if (!words)
        return -LINUX_ENOMEM;
    words[count++] = strings_count(arguments);
    strings_push(&stack, arguments, words, &count);
    strings_push(&stack, environment, words, &count);
    auxiliary_write(&stack, image, path, words, &count);
    stack.top = (stack.top & ~15ull) - (count & 1) * sizeof *words; // the ABI aligns the first word to 16 bytes
    *top = push(&stack, words, count * sizeof *words);
    free(words);
    return stack.is_good ? 0 : -LINUX_ENOMEM;
}

// ---- The whole ----

static void registers_prepare(struct register_set *registers, const struct image *image, uint64_t top) {
    static const uint16_t float_control = 0x37f; // as the ABI says (3.4.1)
    static const uint32_t simd_control = 0x1f80;
    memset(registers, 0, sizeof *registers);
    registers->instruction = image->base + image->head.entry;
    registers->general[STACK_REGISTER] = top;
    memcpy(registers->float_registers, &float_control, sizeof float_control);
    memcpy(registers->float_registers + SIMD_CONTROL_OFFSET, &simd_control, sizeof simd_control);
}

static long image_run(struct task *task, struct image *image, const char *path, char *const arguments[],
                      char *const environment[], struct register_set *registers, bool *is_gone) {
    long error = image_check(image);
    if (error)
        return error;
    *is_gone = true;
    memory_clear(&task->memory, true);
    uint64_t top = 0;
    error = image_load(task, image);
    if (!error)
        error = stack_make(task, image, path, arguments, environment, &top);
    if (error)
        return error;
    registers_prepare(registers, image, top);
    snprintf(task->program, sizeof task->program, "%s", path);
    snprintf(task->name, sizeof task->name, "%s", path_last(path));
    return 0;
}

// The words of a script's first line, and the script: "#! PROGRAM [ARGUMENT]".
static bool script_parse(char *line, char **program, char **argument) {
    line[strcspn(line, "\n")] = 0;
    *program = line + 2 + strspn(line + 2, " \t");
    char *end = *program + strcspn(*program, " \t");
    *argument = end + strspn(end, " \t");
    *end = 0;
    return **program != 0;
}

static long script_run(struct task *task, struct image *image, const char *path, char *const arguments[],
                       char *const environment[], struct register_set *registers, bool *is_gone) {
    char line[256] = "", *program, *option;
    memcpy(line, image->bytes, image->length < sizeof line - 1 ? image->length : sizeof line - 1);
    if (!script_parse(line, &program, &option))
        return -LINUX_ENOEXEC;
    size_t count = strings_count(arguments), first = 0;
    char **words = calloc(count + 4, sizeof *words);
    if (!words)
        return -LINUX_ENOMEM;
    words[first++] = program;
    if (*option)
        words[first++] = option;
    words[first++] = (char *)(uintptr_t)path;
    for (size_t index = 1; index < count; index++)
        words[first++] = arguments[index];
    file_close(image->file);
    long error = image_open(image, program);
    if (!error && image->length >= 2 && memcmp(image->bytes, "#!", 2) == 0)
        error = -LINUX_ENOEXEC; // of one level only
    if (!error)
        error = image_run(task, image, program, words, environment, registers, is_gone);
    free(words);
    return error;
}

long program_load(struct task *task, const char *path, char *const arguments[], char *const environment[],
                  struct register_set *registers, bool *is_gone) {
    struct image *image = calloc(1, sizeof *image);
    *is_gone = false;
    if (!image)
        return -LINUX_ENOMEM;
    long error = image_open(image, path);
    bool is_script = !error && image->length >= 2 && memcmp(image->bytes, "#!", 2) == 0;
    if (is_script)
        error = script_run(task, image, path, arguments, environment, registers, is_gone);
    else if (!error)
        error = image_run(task, image, path, arguments, environment, registers, is_gone);
    if (image->file > 0)
        file_close(image->file);
    free(image);
    return error;
}
