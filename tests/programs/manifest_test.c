// SPDX-License-Identifier: MIT
// The manifest's parser and the reader of the boot image's archive.
#include "archive.c" // the pure files themselves
#include "manifest.c"
#include "words.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// cmocka's header needs those above.
#include <cmocka.h>

static struct manifest manifest;

static bool parse(const char *text, uint32_t *line, const char **reason) {
    size_t length = strlen(text);
    char *copy = malloc(length + 1); // no byte more: a read after the end is seen
    memcpy(copy, text, length + 1);
    bool result = manifest_parse(&manifest, copy, length, line, reason);
    free(copy);
    return result;
}

static void assert_good(const char *text) {
    uint32_t line;
    const char *reason;
    assert_true(parse(text, &line, &reason));
}

static void assert_wrong(const char *text, uint32_t wanted_line, const char *wanted) {
    uint32_t line = 0;
    const char *reason = "";
    assert_false(parse(text, &line, &reason));
    assert_string_equal(reason, wanted);
    assert_int_equal(line, wanted_line);
}

static void a_stanza_has_what_it_says(void **state) {
    (void)state;
    assert_good("# a comment\n\nprogram serial # the driver\n\tkind driver\n    kinds app server\n  priority 20\n"
                "  quota 64K\n  memory 2M\n  restart always\n  start boot\n  operator yes\n  open /irq/4 rw\n"
                "  ports 0x3f8-0x3ff\n  input /a\n  output /b\n  argument --x y\n  image shell\n  foreign yes\nprogram "
                "*\n  kind app");
    const struct stanza *stanza = manifest_find(&manifest, "serial");
    assert_int_equal(manifest.count, 2);
    assert_string_equal(stanza->name, "serial");
    assert_int_equal(stanza->kind, KIND_DRIVER);
    assert_int_equal(stanza->kinds, 1u << KIND_APP | 1u << KIND_SERVER);
    assert_int_equal(stanza->priority, 20);
    assert_int_equal(stanza->quota, 64 << 10);
    assert_int_equal(stanza->memory, 2 << 20);
    assert_true(stanza->restarts && stanza->is_supervised && stanza->starts_at_boot && stanza->is_operator);
    assert_true(stanza->makes_foreign && !manifest.stanzas[1].makes_foreign);
    assert_string_equal(stanza->input, "/a");
    assert_string_equal(stanza->output, "/b");
    assert_int_equal(stanza->argument_count, 2);
    assert_memory_equal(stanza->arguments, "--x\0y", sizeof "--x\0y");
    assert_int_equal(manifest.stanzas[1].argument_count, 0);
    assert_string_equal(stanza_image(stanza, "serial"), "shell");
    assert_string_equal(stanza_image(&manifest.stanzas[1], "tiny"), "tiny");
    assert_ptr_equal(manifest_find(&manifest, "other"), &manifest.stanzas[1]);
}

static void files_are_claimed_by_patterns(void **state) {
    (void)state;
    assert_good("program p\n kind app\n files /tmp/** rw\n files /boot r\nprogram q\n kind app\nprogram r\n kind app\n"
                " files none\n");
    const struct stanza *stanza = &manifest.stanzas[0];
    struct claim claim;
    memcpy(&claim, stanza->files, sizeof claim);
    assert_true(stanza->has_files);
    assert_int_equal(claim.type, CLAIM_FILES);
    assert_int_equal(claim.rights, RIGHT_READ | RIGHT_WRITE);
    assert_int_equal(claim.length, strlen("/tmp/**"));
    assert_memory_equal(stanza->files + sizeof claim, "/tmp/**", claim.length);
    assert_int_equal(stanza->files_length, 2 * sizeof claim + strlen("/tmp/**") + strlen("/boot"));
    assert_false(manifest.stanzas[1].has_files);
    assert_true(manifest.stanzas[2].has_files);
    assert_int_equal(manifest.stanzas[2].files_length, 0);
    assert_wrong("program p\n kind app\n files tmp r\n", 3, "a pattern is an absolute path of at most 255 bytes");
    assert_wrong("program p\n kind app\n files /tmp t\n", 3, "rights on files are letters of rw");
    assert_wrong("program p\n kind app\n files /tmp\n", 3, "files are a pattern and rights, or none");
    assert_wrong("program p\n kind app\n owner parent\n files /tmp r\n", 1,
                 "a program with `owner parent` uses the files of who starts it: no `files`");
}

static void claims_are_the_kernels_records(void **state) {
    (void)state;
    assert_good("program p\n kind app\n open /irq/4 rw\n create /dev/*\n ports 7\n physical 0x1000-0x1fff\n");
    const struct stanza *stanza = &manifest.stanzas[0];
    struct claim claim;
    struct claim_range range;
    const uint8_t *cursor = stanza->claims;
    memcpy(&claim, cursor, sizeof claim);
    assert_int_equal(claim.type, CLAIM_OPEN);
    assert_int_equal(claim.rights, RIGHT_READ | RIGHT_WRITE);
    assert_int_equal(claim.length, 6);
    assert_memory_equal(cursor + sizeof claim, "/irq/4", 6);
    cursor += sizeof claim + claim.length;
    memcpy(&claim, cursor, sizeof claim);
    assert_int_equal(claim.type, CLAIM_CREATE);
    assert_int_equal(claim.rights, 0);
    cursor += sizeof claim + claim.length;
    memcpy(&claim, cursor, sizeof claim);
    memcpy(&range, cursor + sizeof claim, sizeof range);
    assert_int_equal(claim.type, CLAIM_PORTS);
    assert_true(range.first == 7 && range.last == 7);
    cursor += sizeof claim + claim.length;
    memcpy(&range, cursor + sizeof claim, sizeof range);
    assert_true(range.first == 0x1000 && range.last == 0x1fff);
    assert_int_equal(cursor + sizeof claim + sizeof range - stanza->claims, stanza->claims_length);
}

static void the_framebuffer_is_claimed_where_the_machine_has_it(void **state) {
    (void)state;
    assert_good("program p\n kind app\n physical framebuffer\n ports 7\nprogram q\n kind app\n ports 8\n");
    const struct claim_range screen = {0x80000000, 0x803e7fff};
    struct stanza *stanza = &manifest.stanzas[0];
    uint32_t before = stanza->claims_length, other = manifest.stanzas[1].claims_length;
    manifest_grant_framebuffer(&manifest, &screen);
    struct claim claim;
    struct claim_range range;
    memcpy(&claim, stanza->claims + before, sizeof claim);
    memcpy(&range, stanza->claims + before + sizeof claim, sizeof range);
    assert_true(claim.type == CLAIM_PHYSICAL && claim.rights == 0 && claim.length == sizeof range);
    assert_true(range.first == screen.first && range.last == screen.last);
    assert_int_equal(stanza->claims_length, before + sizeof claim + sizeof range);
    assert_int_equal(manifest.stanzas[1].claims_length, other);
}

static void function_is(unsigned number, const struct claim_function *wanted) {
    assert_memory_equal(&manifest.stanzas[0].functions[number], wanted, sizeof *wanted);
}

static void dma_is_a_range_of_so_many_bytes(void **state) {
    (void)state;
    assert_good("program p\n kind driver\n dma 64K\nprogram q\n kind driver\n ports 7\n");
    const struct stanza *stanza = &manifest.stanzas[0];
    struct claim claim;
    struct claim_range range;
    memcpy(&claim, stanza->claims, sizeof claim);
    memcpy(&range, stanza->claims + sizeof claim, sizeof range);
    assert_true(claim.type == CLAIM_DMA && claim.rights == 0 && claim.length == sizeof range);
    assert_true(range.first == 0 && range.last == 0xffff);
    assert_true(stanza_has_claim(stanza, CLAIM_DMA));
    assert_false(stanza_has_claim(&manifest.stanzas[1], CLAIM_DMA));
}

static void functions_are_kept_beside_the_kernels_claims(void **state) {
    (void)state;
    assert_good("program p\n kind driver\n function 1234:11e8\n function class 02\n function class 0c03\n"
                " function class 010802\n function 8086:ABCD\n");
    assert_int_equal(manifest.stanzas[0].claims_length, 0);
    assert_int_equal(manifest.stanzas[0].function_count, 5);
    function_is(0, &(struct claim_function){.vendor = 0x1234, .device = 0x11e8});
    function_is(1, &(struct claim_function){.class_code = 0x020000, .class_mask = 0xff0000});
    function_is(2, &(struct claim_function){.class_code = 0x0c0300, .class_mask = 0xffff00});
    function_is(3, &(struct claim_function){.class_code = 0x010802, .class_mask = 0xffffff});
    function_is(4, &(struct claim_function){.vendor = 0x8086, .device = 0xabcd});
}

static void programs_may_start_others(void **state) {
    (void)state;
    assert_good("program a\n kind app\n spawn tiny serial\n spawn app server\nprogram b\n kind app\n");
    const struct stanza *stanza = &manifest.stanzas[0], *other = &manifest.stanzas[1];
    assert_true(stanza_may_spawn(stanza, "tiny", KIND_DRIVER)); // as whatever it may be
    assert_true(stanza_may_spawn(stanza, "serial", KIND_DRIVER));
    assert_true(stanza_may_spawn(stanza, "other", KIND_APP));
    assert_true(stanza_may_spawn(stanza, "other", KIND_SERVER));
    assert_false(stanza_may_spawn(stanza, "other", KIND_DRIVER));
    assert_false(stanza_may_spawn(stanza, "seria", KIND_DRIVER));
    assert_false(stanza_may_spawn(other, "tiny", KIND_APP));
    assert_wrong("program a\n kind app\n spawn 1 2 3 4 5 6 7\n spawn 8 9\n", 4, "too many claims in one stanza");
    assert_wrong("program a\n kind app\n spawn\n", 3, "the key wants another number of words");
    assert_wrong("program a\n kind app\n spawn x2345678901234567890123456789012\n", 3, "too long");
}

static void functions_that_are_none_are_named(void **state) {
    static const char reason[] =
        "function is VENDOR:DEVICE or class CLASS, in hexadecimal digits: 4 each, or 2, 4 or 6";
    static const char *const wrong[] = {"1234",        "1234:11e",    "1234:11e80",    "12345:11e8",  "0x34:11e8",
                                        "1234:11e8 x", "class",       "class 2",       "class 02000", "class 02000000",
                                        "class 0x02",  "class 02 03", "class 12:11e8", "1234:11eg"};
    char text[80] = "program p\n kind driver\n";
    (void)state;
    for (size_t number = 0; number < sizeof wrong / sizeof *wrong; number++) {
        bool has_words = strcmp(wrong[number], "class 02 03") != 0;
        snprintf(text, sizeof text, "program p\n kind driver\n function %s\n", wrong[number]);
        assert_wrong(text, 3, has_words ? reason : "the key wants another number of words");
    }
    assert_wrong("program p\n kind driver\n function 1234:11e8\n function 1234:11E8\n", 4,
                 "the stanza claims that already");
    assert_wrong("program p\n kind driver\n function class 00\n function class 01\n function class 02\n"
                 " function class 03\n function class 04\n function class 05\n function class 06\n"
                 " function class 07\n function class 08\n",
                 11, "too many claims in one stanza");
}

static void mistakes_are_named_with_their_line(void **state) {
    (void)state;
    assert_wrong("", 1, "there is no stanza");
    assert_wrong("kind app\n", 1, "a stanza begins with `program NAME`, and its keys are indented");
    assert_wrong("program\n", 1, "a stanza begins with `program NAME`, and its keys are indented");
    assert_wrong(" kind app\n", 1, "a key before the first stanza");
    assert_wrong("program p\n\n colour red\n", 3, "no such key");
    assert_wrong("program p\n kind\n", 2, "the key wants another number of words");
    assert_wrong("program p\n kind app app\n", 2, "the key wants another number of words");
    assert_wrong("program p\n kind app\n kind app\n", 3, "the key stands twice in its stanza");
    assert_wrong("program p\n kind robot\n", 2, "a kind is app, driver or server");
    assert_wrong("program p\n kinds app robot\n", 2, "a kind is app, driver or server");
    assert_wrong("program p\n kind app\nprogram p\n", 3, "the program has a stanza already");
    assert_wrong("program a-name-that-is-longer-than-31-bytes\n", 1, "too long");
    assert_wrong("program p\n priority 32\n", 2, "a priority is 0 to 31");
    assert_wrong("program p\n priority 1x\n", 2, "a priority is 0 to 31");
    assert_wrong("program p\n quota 0\n", 2, "a size is a number, with K, M or G");
    assert_wrong("program p\n memory 3Q\n", 2, "a size is a number, with K, M or G");
    assert_wrong("program p\n restart maybe\n", 2, "restart is always, fresh or never");
    assert_wrong("program p\n start later\n", 2, "start is boot or request");
    assert_wrong("program p\n operator 1\n", 2, "operator is yes or no");
    assert_wrong("program p\n argument a-word-of-many-bytes/a-word-of-many-bytes-and-more "
                 "a-word-of-many-bytes/a-word-of-many-bytes-and-more\n",
                 2, "too long");
    assert_wrong("program p\n argument\n", 2, "the key wants another number of words");
    assert_wrong("program p\n image bin/x\n", 2, "an image is the name of a program's file, without a path");
    assert_wrong("program p\n image a-name-that-is-longer-than-31-bytes\n", 2, "too long");
    assert_wrong("program p\n image a\n image b\n", 3, "the key stands twice in its stanza");
    assert_wrong("program p\n open /x rq\n", 2, "rights are letters of rwtm");
    assert_wrong("program p\n open x r\n", 2, "a pattern is an absolute path of at most 255 bytes");
    assert_wrong("program p\n ports 9-8\n", 2, "a range is FIRST-LAST, ascending, within what the machine has");
    assert_wrong("program p\n ports 0x10000\n", 2, "a range is FIRST-LAST, ascending, within what the machine has");
    assert_wrong("program p\n ports 1-\n", 2, "a range is FIRST-LAST, ascending, within what the machine has");
    assert_wrong("program p\n physical framebufer\n", 2,
                 "physical is a range, FIRST-LAST, ascending, within what the machine has, or framebuffer");
    assert_wrong("program p\n physical 0x20000000000000\n", 2,
                 "physical is a range, FIRST-LAST, ascending, within what the machine has, or framebuffer");
    assert_wrong("program p\n physical framebuffer\n physical framebuffer\n", 3, "the framebuffer is claimed already");
    assert_wrong("program p\n ports framebuffer\n", 2, "a range is FIRST-LAST, ascending, within what the machine has");
    assert_wrong("program p\n kinds a b c d e f g h i\n", 2, "too many words in one line");
    assert_wrong("program p\n start boot\n\nprogram q\n kind app\n", 1, "the stanza does not say its kind");
    assert_wrong("program p\n kind app\nprogram q\n start boot\n\n", 3, "the stanza does not say its kind");
    assert_wrong("program p\n input tty\n", 2, "a pipe is named by an absolute path");
    assert_wrong("program p\n output tty\n", 2, "a pipe is named by an absolute path");
    assert_wrong("program p\n open /x r\n open /x rw\n", 3, "the stanza claims that already");
    assert_wrong("program p\n ports 1-2\n ports 0x1-0x2\n", 3, "the stanza claims that already");
}

static void directories_are_the_process_servers(void **state) {
    (void)state;
    assert_good("directory /svc/tty owner=rw server=rw # for all\ndirectory /dev/x app=r\nprogram p\n kind app\n");
    assert_int_equal(manifest.directory_count, 2);
    assert_string_equal(manifest.directories[0].path, "/svc/tty");
    assert_int_equal(manifest.directories[0].rules, RULE(RIGHT_READ | RIGHT_WRITE, 0u, 0u, RIGHT_READ | RIGHT_WRITE));
    assert_int_equal(manifest.directories[1].rules, RULE(0u, RIGHT_READ, 0u, 0u));
    assert_wrong("program p\n kind app\ndirectory /x app=r\n", 3, "a directory stands before all stanzas");
    assert_wrong("directory /x\n", 1, "a directory is an absolute path, then CLASS=RIGHTS...");
    assert_wrong("directory x app=r\n", 1, "a directory is an absolute path, then CLASS=RIGHTS...");
    assert_wrong("directory /x/* app=r\n", 1, "a directory is an absolute path, then CLASS=RIGHTS...");
    assert_wrong("directory /x everybody=r\n", 1,
                 "rules are CLASS=RIGHTS: owner, app, driver, server; letters of rwtm, or -");
    char text[DIRECTORIES_MAX * 32 + 32] = "";
    for (unsigned number = 0; number <= DIRECTORIES_MAX; number++)
        sprintf(text + strlen(text), "directory /d%u app=r\n", number);
    assert_wrong(text, DIRECTORIES_MAX + 1, "too many directories");
    assert_wrong("directory /d app=r\n kind app\n", 2, "a key before the first stanza");
    assert_wrong("directory /d app=r\n", 2, "there is no stanza");
}

static void programs_above_the_shell_have_a_budget(void **state) {
    (void)state;
    assert_good("program a\n kind app\n priority 20\n budget 75\nprogram b\n kind app\n priority 12\n operator yes\n"
                "program c\n kind app\n priority 10\n operator yes\n");
    assert_int_equal(manifest.stanzas[0].budget, 75);
    assert_int_equal(manifest.stanzas[1].budget, BUDGET_DEFAULT);
    assert_int_equal(manifest_floor(&manifest), 9);
    assert_good("program a\n kind app\n priority 0\n operator yes\n");
    assert_int_equal(manifest_floor(&manifest), 0);
    static const char *const wrong[] = {"0", "101", "x", "40%", "-1"};
    for (size_t number = 0; number < sizeof wrong / sizeof *wrong; number++) {
        char text[64];
        snprintf(text, sizeof text, "program a\n kind app\n budget %s\n", wrong[number]);
        assert_wrong(text, 3, "a budget is 1 to 100 percent of the processor");
    }
}

static void no_two_programs_create_one_path(void **state) {
    static const char reason[] = "another program, or a directory line, creates that too: two owners of one path";
    static const char *const meeting[][2] = {{"/svc/x", "/svc/x"},     {"/svc/*", "/svc/x"},  {"/svc/x", "/svc/*"},
                                             {"/svc/**", "/svc/x/y"},  {"/dev/**", "/dev/x"}, {"/a/*/c", "/a/b/*"},
                                             {"/dev/x/y", "/dev/x/**"}};
    static const char *const apart[][2] = {{"/svc/x", "/svc/y"},   {"/svc/x", "/svc/x/y"}, {"/svc/x/*", "/svc/x"},
                                           {"/svc/xy", "/svc/x"},  {"/a/*/c", "/a/*/d"},   {"/svc/x/**", "/svc/x"},
                                           {"/app/**", "/app/**"}, {"/app/x", "/app/x"}};
    char text[256];
    (void)state;
    for (size_t number = 0; number < sizeof meeting / sizeof *meeting; number++) {
        snprintf(text, sizeof text,
                 "program p\n kind app\n create %s\nprogram q\n open / r\n create /other\n"
                 " create %s\n kind app\n",
                 meeting[number][0], meeting[number][1]);
        assert_wrong(text, 7, reason);
    }
    for (size_t number = 0; number < sizeof apart / sizeof *apart; number++) {
        snprintf(text, sizeof text, "program p\n kind app\n create %s\nprogram q\n create %s\n kind app\n",
                 apart[number][0], apart[number][1]);
        assert_good(text);
    }
    assert_good("program p\n kind app\n create /x\nprogram q\n create /x\n operator yes\n kind app\n");
    assert_good("program p\n operator yes\n kind app\n create /x\nprogram q\n create /x\n kind app\n");
    assert_wrong("directory /x app=r\nprogram p\n kind app\n create /x\n", 4, reason);
    assert_good("directory /x app=r\nprogram p\n kind app\n create /x/*\n");
}

static void patterns_are_paths_with_whole_asterisks(void **state) {
    (void)state;
    static const char *const wrong[] = {"//", "/a//b", "/a/", "/a*", "/*a", "/**/b", "/a/***", "/a/.", "/./a"};
    char text[2 * COMPONENT_MAX];
    for (size_t number = 0; number < sizeof wrong / sizeof *wrong; number++) {
        snprintf(text, sizeof text, "program p\n kind app\n create %s\n", wrong[number]);
        assert_wrong(text, 3, "a pattern's components are names, *, and ** at the end");
    }
    snprintf(text, sizeof text, "program p\n kind app\n create /%0*d\n", COMPONENT_MAX + 1, 0);
    assert_wrong(text, 3, "a pattern's components are names, *, and ** at the end");
    snprintf(text, sizeof text, "program p\n kind app\n create /%0*d\n", COMPONENT_MAX, 0);
    assert_good(text);
    assert_good("program p\n kind app\n open / r\n open /** r\n open /* r\n open /a/*/b r\n open /a/b/** r\n");
    assert_int_equal(manifest.stanzas[0].line, 1);
}

static void tables_that_are_full_are_named(void **state) {
    (void)state;
    static char text[1 << 16];
    size_t length = 0;
    for (unsigned number = 0; number <= STANZAS_MAX; number++)
        length += (size_t)sprintf(text + length, "program p%u\n kind app\n", number);
    assert_wrong(text, 2 * STANZAS_MAX + 1, "too many stanzas");
    length = (size_t)sprintf(text, "program p\n");
    for (unsigned number = 0; number < 200; number++)
        length += (size_t)sprintf(text + length, " create /a/path/of/some/length/%u\n", number);
    uint32_t line;
    const char *reason;
    assert_false(parse(text, &line, &reason));
    assert_string_equal(reason, "too many claims in one stanza");
    const struct claim_range screen = {0, 1};
    manifest.stanzas[0].has_framebuffer = true;
    manifest_grant_framebuffer(&manifest, &screen);
    assert_true(manifest.stanzas[0].claims_length <= STANZA_CLAIMS_MAX);
}

// ---- Archive ----

#define ARCHIVE_SIZE 4096u

static uint8_t archive[ARCHIVE_SIZE];
static struct archive opened;

static void sum_write(struct archive_head *head) {
    unsigned sum = 0;
    memset(head->sum, ' ', sizeof head->sum);
    for (size_t index = 0; index < BLOCK; index++)
        sum += ((const uint8_t *)head)[index];
    snprintf(head->sum, sizeof head->sum, "%06o", sum);
}

static struct archive_head *head_write(size_t index, const char *name, unsigned size) {
    struct archive_head *head = (struct archive_head *)(void *)(archive + index);
    memset(head, 0, sizeof *head);
    memcpy(head->name, name, strlen(name));
    snprintf(head->size, sizeof head->size, "%011o", size);
    memcpy(head->magic, "ustar", sizeof head->magic);
    head->type = TYPE_FILE;
    sum_write(head);
    return head;
}

// Two files: "./one" with 3 bytes, and "bin/two" with 600.
static void archive_make(void) {
    memset(archive, 0, sizeof archive);
    head_write(0, "./one", 3);
    memcpy(archive + BLOCK, "abc", 3);
    head_write(2 * BLOCK, "bin/two", 600);
}

static void files_are_found_by_name_and_number(void **state) {
    (void)state;
    archive_make();
    assert_null(archive_open(&opened, archive, sizeof archive));
    const struct archive_file *file = archive_find(&opened, "one");
    assert_non_null(file);
    assert_int_equal(file->size, 3);
    assert_memory_equal(file->bytes, "abc", 3);
    file = archive_at(&opened, 1);
    assert_non_null(file);
    assert_string_equal(file->name, "bin/two");
    assert_int_equal(file->size, 600);
    assert_int_equal(file->number, 1);
    assert_null(archive_find(&opened, "three"));
    assert_null(archive_at(&opened, 2));
}

static void link_write(size_t index, const char *name, const char *target) {
    struct archive_head *head = head_write(index, name, 0);
    head->type = TYPE_LINK;
    memcpy(head->link, target, strlen(target));
    sum_write(head);
}

static void links_are_files(void **state) {
    (void)state;
    archive_make();
    link_write(5 * BLOCK, "./bin/link", "./one");
    assert_null(archive_open(&opened, archive, sizeof archive));
    assert_int_equal(opened.count, 3);
    assert_ptr_equal(archive_find(&opened, "bin/link")->bytes, archive_find(&opened, "one")->bytes);
    assert_int_equal(archive_find(&opened, "bin/link")->size, 3);
    link_write(5 * BLOCK, "one", "bin/two"); // the name is there already
    assert_null(archive_open(&opened, archive, sizeof archive));
    assert_int_equal(archive_find(&opened, "one")->size, 3);
    assert_int_equal(archive_at(&opened, 2)->size, 600);
    link_write(5 * BLOCK, "bin/link", "bin/three");
    assert_string_equal(archive_open(&opened, archive, sizeof archive), "a link in it leads nowhere");
}

static void a_damaged_archive_is_refused(void **state) {
    (void)state;
    memset(archive, 0, sizeof archive);
    assert_string_equal(archive_open(&opened, archive, sizeof archive), "it is empty");
    assert_string_equal(archive_open(&opened, archive, 100), "it is cut off");
    archive_make();
    assert_string_equal(archive_open(&opened, archive, 4 * BLOCK), "it is cut off");
    archive[0] ^= 1; // the sum is wrong
    assert_string_equal(archive_open(&opened, archive, sizeof archive), "a head in it is damaged");
    archive_make();
    struct archive_head *head = head_write(0, "one", 3);
    memcpy(head->magic, "tsar", 5);
    sum_write(head);
    assert_string_equal(archive_open(&opened, archive, sizeof archive), "a head in it is damaged");
    head = head_write(0, "one", 3);
    memcpy(head->size, "99999999999", 11);
    sum_write(head);
    assert_string_equal(archive_open(&opened, archive, sizeof archive), "a head in it is damaged");
    head_write(0, "one", 07777777777);
    assert_string_equal(archive_open(&opened, archive, sizeof archive), "it is cut off");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_stanza_has_what_it_says),
                                       cmocka_unit_test(files_are_claimed_by_patterns),
                                       cmocka_unit_test(claims_are_the_kernels_records),
                                       cmocka_unit_test(the_framebuffer_is_claimed_where_the_machine_has_it),
                                       cmocka_unit_test(dma_is_a_range_of_so_many_bytes),
                                       cmocka_unit_test(functions_are_kept_beside_the_kernels_claims),
                                       cmocka_unit_test(programs_may_start_others),
                                       cmocka_unit_test(functions_that_are_none_are_named),
                                       cmocka_unit_test(mistakes_are_named_with_their_line),
                                       cmocka_unit_test(directories_are_the_process_servers),
                                       cmocka_unit_test(no_two_programs_create_one_path),
                                       cmocka_unit_test(programs_above_the_shell_have_a_budget),
                                       cmocka_unit_test(patterns_are_paths_with_whole_asterisks),
                                       cmocka_unit_test(tables_that_are_full_are_named),
                                       cmocka_unit_test(files_are_found_by_name_and_number),
                                       cmocka_unit_test(links_are_files),
                                       cmocka_unit_test(a_damaged_archive_is_refused)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
