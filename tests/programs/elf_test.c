// SPDX-License-Identifier: MIT
// The ELF loader's checks, on a file that is made here and then damaged in one position after the other.
#include "elf.c" // the pure file itself

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define FILE_SIZE 0x3000u
#define TEXT_ADDRESS 0x400000u
#define DATA_ADDRESS 0x402000u
#define SEGMENTS 2u

// A file with a segment of code and one of data, in a block of its own size, so that the sanitizers see a read after
// it.
struct image {
    struct elf_head head;
    struct elf_program_head segments[ELF_SEGMENTS_MAX + 1];
};

static struct image image_make(void) {
    struct image image = {.head = {.identity = {0x7f, 'E', 'L', 'F', CLASS_64, DATA_LITTLE, 1},
                                   .type = TYPE_EXECUTABLE,
                                   .machine = MACHINE_X86_64,
                                   .entry = TEXT_ADDRESS + 0x1000,
                                   .program_offset = sizeof(struct elf_head),
                                   .program_entry_size = sizeof(struct elf_program_head),
                                   .program_count = SEGMENTS}};
    image.segments[0] = (struct elf_program_head){.type = SEGMENT_LOAD,
                                                  .flags = FLAG_READ | FLAG_EXECUTE,
                                                  .offset = 0,
                                                  .address = TEXT_ADDRESS,
                                                  .file_size = 0x1800,
                                                  .memory_size = 0x1800};
    image.segments[1] = (struct elf_program_head){.type = SEGMENT_LOAD,
                                                  .flags = FLAG_READ | FLAG_WRITE,
                                                  .offset = 0x2010,
                                                  .address = DATA_ADDRESS + 0x10,
                                                  .file_size = 0x100,
                                                  .memory_size = 0x5000};
    return image;
}

// Checks the image as a file of `length` bytes.
static const char *check(const struct image *image, size_t length, struct elf_program *program) {
    uint8_t *file = calloc(1, length ? length : 1);
    memcpy(file, image, length < sizeof *image ? length : sizeof *image);
    const char *wrong = elf_check(file, length, program);
    free(file);
    return wrong;
}

static void assert_wrong(const struct image *image, const char *sentence) {
    struct elf_program program;
    const char *wrong = check(image, FILE_SIZE, &program);
    assert_non_null(wrong);
    assert_string_equal(wrong, sentence);
}

static void a_good_file_is_described(void **state) {
    (void)state;
    struct image image = image_make();
    struct elf_program program;
    assert_null(check(&image, FILE_SIZE, &program));
    assert_int_equal(program.segment_count, 2);
    assert_int_equal(program.entry, TEXT_ADDRESS + 0x1000);
    assert_int_equal(program.segments[0].protection, PROTECT_READ | PROTECT_EXECUTE);
    assert_int_equal(program.segments[1].protection, PROTECT_READ | PROTECT_WRITE);
    // A segment begins at its page, and so do its bytes in the file.
    assert_int_equal(program.segments[1].address, DATA_ADDRESS);
    assert_int_equal(program.segments[1].offset, 0x2000);
    assert_int_equal(program.segments[1].file_size, 0x110);
    assert_int_equal(program.segments[1].memory_size, 0x5010);
}

static void every_length_that_cuts_it_off_is_refused(void **state) {
    (void)state;
    struct image image = image_make();
    struct elf_program program;
    for (size_t length = 0; length < 0x2110; length += length < 0x200 ? 1 : 0xff)
        assert_non_null(check(&image, length, &program));
    assert_null(check(&image, 0x2110, &program));
}

static void what_is_no_program_for_this_machine_is_refused(void **state) {
    (void)state;
    struct image image = image_make();
    image.head.identity[1] = 'X';
    assert_wrong(&image, "it is no ELF file");
    image = image_make();
    image.head.machine = 3;
    assert_wrong(&image, "it is for another machine");
    image = image_make();
    image.head.identity[IDENTITY_CLASS] = 1;
    assert_wrong(&image, "it is for another machine");
    image = image_make();
    image.head.identity[IDENTITY_DATA] = 2;
    assert_wrong(&image, "it is for another machine");
    image = image_make();
    image.head.type = 3;
    assert_wrong(&image, "it is no static executable");
    image = image_make();
    image.segments[0].type = SEGMENT_INTERPRETER;
    assert_wrong(&image, "it needs a dynamic linker");
}

static void headers_outside_the_file_are_refused(void **state) {
    (void)state;
    struct image image = image_make();
    image.head.program_entry_size = 32;
    assert_wrong(&image, "its program headers have an unknown size");
    image = image_make();
    image.head.program_offset = FILE_SIZE - 8;
    assert_wrong(&image, "its program headers lie after its end");
    image = image_make();
    image.head.program_offset = UINT64_MAX - 8;
    assert_wrong(&image, "its program headers lie after its end");
    image = image_make();
    image.head.program_count = 0xffff;
    assert_wrong(&image, "its program headers lie after its end");
}

static void segments_that_do_not_fit_are_refused(void **state) {
    (void)state;
    struct image image = image_make();
    image.segments[1].file_size = FILE_SIZE;
    assert_wrong(&image, "a segment is cut off");
    image = image_make();
    image.segments[1].offset = UINT64_MAX - 0xfef; // with the size it wraps round
    assert_wrong(&image, "a segment is cut off");
    image = image_make();
    image.segments[1].memory_size = 0x80;
    assert_wrong(&image, "a segment is larger in the file than in memory");
    image = image_make();
    image.segments[1].memory_size = UINT64_MAX - 0x1000;
    assert_wrong(&image, "a segment lies outside of the program's memory");
    image = image_make();
    image.segments[1].address = 0x10;
    assert_wrong(&image, "a segment lies outside of the program's memory");
    image = image_make();
    image.segments[1].address = UINT64_MAX - 0xfef;
    assert_wrong(&image, "a segment lies outside of the program's memory");
    image = image_make();
    image.segments[1].address += 8;
    assert_wrong(&image, "a segment is not aligned to pages");
}

static void segments_that_overlap_are_refused(void **state) {
    (void)state;
    struct image image = image_make();
    image.segments[1].address = TEXT_ADDRESS + 0x1010;
    assert_wrong(&image, "its segments overlap or are out of order");
    image = image_make();
    image.segments[0].address = DATA_ADDRESS + 0x10000;
    image.head.entry = DATA_ADDRESS + 0x11000;
    assert_wrong(&image, "its segments overlap or are out of order");
    image = image_make();
    image.head.program_count = ELF_SEGMENTS_MAX + 1;
    for (uint32_t number = 1; number <= ELF_SEGMENTS_MAX; number++) {
        image.segments[number] = image.segments[1];
        image.segments[number].address = DATA_ADDRESS + 0x10 + number * 0x10000u;
    }
    assert_wrong(&image, "it has too many segments");
}

static void rights_that_no_memory_may_have_are_refused(void **state) {
    (void)state;
    struct image image = image_make();
    image.segments[1].flags = FLAG_READ | FLAG_WRITE | FLAG_EXECUTE;
    assert_wrong(&image, "a segment has rights that no memory may have");
    image = image_make();
    image.segments[1].flags = FLAG_WRITE;
    assert_wrong(&image, "a segment has rights that no memory may have");
}

static void an_entry_outside_of_the_code_is_refused(void **state) {
    (void)state;
    struct image image = image_make();
    image.head.entry = DATA_ADDRESS + 0x20;
    assert_wrong(&image, "it begins outside of its code");
    image.head.entry = TEXT_ADDRESS + 0x1800;
    assert_wrong(&image, "it begins outside of its code");
    image.head.entry = TEXT_ADDRESS - 1;
    assert_wrong(&image, "it begins outside of its code");
}

// Any byte of the headers, with any of a few values: refused or described within bounds, and never a read outside.
static void no_damaged_byte_leads_outside(void **state) {
    (void)state;
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    for (size_t index = 0; index < sizeof(struct elf_head) + SEGMENTS * sizeof(struct elf_program_head); index++)
        for (size_t value = 0; value < sizeof values; value++) {
            struct image image = image_make();
            struct elf_program program;
            ((uint8_t *)&image)[index] = values[value];
            if (check(&image, FILE_SIZE, &program))
                continue;
            for (uint32_t number = 0; number < program.segment_count; number++) {
                assert_true(program.segments[number].offset + program.segments[number].file_size <= FILE_SIZE);
                assert_true(program.segments[number].address + program.segments[number].memory_size <= PROGRAM_END);
            }
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_good_file_is_described),
                                       cmocka_unit_test(every_length_that_cuts_it_off_is_refused),
                                       cmocka_unit_test(what_is_no_program_for_this_machine_is_refused),
                                       cmocka_unit_test(headers_outside_the_file_are_refused),
                                       cmocka_unit_test(segments_that_do_not_fit_are_refused),
                                       cmocka_unit_test(segments_that_overlap_are_refused),
                                       cmocka_unit_test(rights_that_no_memory_may_have_are_refused),
                                       cmocka_unit_test(an_entry_outside_of_the_code_is_refused),
                                       cmocka_unit_test(no_damaged_byte_leads_outside)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
