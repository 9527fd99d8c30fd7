// SPDX-License-Identifier: MIT
// A manifest is lines. Lines that begin in the first column: `directory PATH CLASS=RIGHTS...`, before all stanzas, is a
// directory that the process server makes before it starts any program; `program NAME` opens a stanza, and indented
// lines are its keys:
//
//   kind app|driver|server     kinds KIND...           priority 0..31           quota SIZE        memory SIZE
//   restart always|fresh|never start boot|request      operator yes|no
//   open PATTERN RIGHTS        create PATTERN          ports FIRST[-LAST]       physical FIRST-LAST
//   input PATH                 output PATH             argument WORD...         image NAME
//   function VENDOR:DEVICE     function class CLASS    spawn NAME|KIND...
//   owner NUMBER|parent        links yes|no            budget 1..100            files PATTERN RIGHTS
//   files none                 dma SIZE               foreign yes|no
//
// `physical framebuffer` is the range in which the boot loader has put the screen, if it has.
// `image` names the program's file in the boot image where it is not the program's own: two programs, one file.
// `function` lets a driver take functions on PCI: VENDOR and DEVICE have 4 hexadecimal digits, CLASS has 2, 4 or 6.
// `dma` lets a driver's functions be bus masters, and reach so much of its memory.
// `spawn` lets a program start others: those with a NAME, as any kind that their stanzas allow, and all as a KIND. One
// without it starts nothing.
// `owner` says whose the files are that the program makes; `parent`: that of who starts it. Without it servers, drivers
// and operators are 0, who may do everything with files, and all others 1000.
// `budget` is the percentage of the processor that a program above the shell's priority may use in each 100 ms; one that
// uses more is named in the log and runs below the shell for the rest of them. Without the key it is 40.
// `files` lets a program read (r) and write (w) the files of a PATTERN, within their modes; here ** covers the directory
// before it, too. Without it a program may use all files, and with `owner parent` those of who starts it.
// `links yes`: the file's other names in the boot image are programs of this stanza, unless they have their own.
// `foreign yes`: the program may make foreign processes, whose system calls it answers.
// SIZE is a number with K, M or G after it. `#` begins a comment. Each key but open, create, files, ports, physical,
// function and spawn stands at most once, kind in each stanza. A PATTERN is a path whose components may be `*`, for any
// one, and whose last one `**`, for all below. Two programs never create the same path: where their patterns meet, the
// first to create it would own it, and its death would end the other's. Only operators may create what others do, and
// in /app each app has a directory of its own. What is wrong is told with its line; that the programs exist is the
// build's to check.
#include "manifest.h"

#include "words.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 8u
#define WORD_MAX 256u
#define CREATES_MAX (STANZA_CLAIMS_MAX / sizeof(struct claim))

// What is being parsed.
struct parser {
    struct manifest *manifest;
    struct stanza *stanza;
    const char *reason;
    uint32_t line;
    uint32_t seen; // bit n: key n of this stanza
    uint32_t create_count;
    uint32_t create_lines[CREATES_MAX]; // of this stanza's `create` keys, in their order
    uint32_t word_count;
    char words[WORDS_MAX][WORD_MAX];
};

static bool wrong(struct parser *parser, const char *reason) {
    parser->reason = reason;
    return false;
}

// ---- Values ----

// A whole word that is a number, decimal or 0x and hexadecimal.
static bool number_parse(const char *text, const char **end, uint64_t *number) {
    char *rest;
    if (*text < '0' || *text > '9')
        return false;
    *number = strtoull(text, &rest, 0);
    *end = rest;
    return rest != text;
}

static bool size_parse(const char *text, uint64_t *size) {
    const char *end;
    static const char units[] = "KMG";
    if (!number_parse(text, &end, size) || *size > UINT32_MAX)
        return false;
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (unit) {
        *size <<= 10 * (unit - units + 1);
        end++;
    }
    return *end == 0 && *size > 0;
}

static bool range_parse(const char *text, struct claim_range *range) {
    const char *end;
    if (!number_parse(text, &end, &range->first))
        return false;
    range->last = range->first;
    if (*end == '-' && !number_parse(end + 1, &end, &range->last))
        return false;
    return *end == 0 && range->first <= range->last;
}

static bool copy_word(struct parser *parser, char *to, size_t size, const char *word) {
    if (strlen(word) >= size)
        return wrong(parser, "too long");
    strcpy(to, word);
    return true;
}

static bool choice(struct parser *parser, const char *yes, const char *no, bool *value, const char *reason) {
    *value = strcmp(parser->words[1], yes) == 0;
    return *value || strcmp(parser->words[1], no) == 0 || wrong(parser, reason);
}

// ---- Claims ----

#define CLAIM_RANGE_LENGTH (sizeof(struct claim) + sizeof(struct claim_range))

static void claim_append(struct stanza *stanza, struct claim claim, const void *body) {
    memcpy(stanza->claims + stanza->claims_length, &claim, sizeof claim);
    memcpy(stanza->claims + stanza->claims_length + sizeof claim, body, claim.length);
    stanza->claims_length += (uint32_t)sizeof claim + claim.length;
}

// Whether the stanza has such a claim, with whatever rights.
static bool claim_find(const struct stanza *stanza, enum claim_type type, const void *body, size_t length) {
    struct claim claim;
    for (uint32_t index = 0; index < stanza->claims_length; index += (uint32_t)sizeof claim + claim.length) {
        memcpy(&claim, stanza->claims + index, sizeof claim);
        if (claim.type == type && claim.length == length &&
            memcmp(stanza->claims + index + sizeof claim, body, length) == 0)
            return true;
    }
    return false;
}

// Room for the framebuffer, whose range only the machine knows, is kept in each stanza.
static bool claim_add(struct parser *parser, enum claim_type type, uint32_t rights, const void *body, size_t length) {
    struct claim claim = {(uint8_t)type, (uint8_t)rights, (uint16_t)length};
    if (claim_find(parser->stanza, type, body, length))
        return wrong(parser, "the stanza claims that already");
    if (parser->stanza->claims_length + sizeof claim + length > STANZA_CLAIMS_MAX - CLAIM_RANGE_LENGTH)
        return wrong(parser, "too many claims in one stanza");
    claim_append(parser->stanza, claim, body);
    return true;
}

// A component of a pattern: a name, or asterisks that stand for others.
static bool component_is_good(const char *component, size_t length, bool is_last) {
    if (length == 0 || length > COMPONENT_MAX || (component[0] == '.' && length == 1))
        return false;
    if (!memchr(component, '*', length))
        return true;
    return length == 1 || (length == 2 && memcmp(component, "**", length) == 0 && is_last);
}

static bool pattern_is_good(const char *pattern) {
    if (strcmp(pattern, "/") == 0)
        return true;
    while (*pattern == '/') {
        size_t length = strcspn(++pattern, "/");
        if (!component_is_good(pattern, length, pattern[length] == 0))
            return false;
        pattern += length;
    }
    return *pattern == 0;
}

// Whether the key's first word is a pattern.
static bool pattern_check(struct parser *parser) {
    const char *pattern = parser->words[1];
    if (pattern[0] != '/' || strlen(pattern) > PATH_LENGTH_MAX)
        return wrong(parser, "a pattern is an absolute path of at most 255 bytes");
    return pattern_is_good(pattern) || wrong(parser, "a pattern's components are names, *, and ** at the end");
}

static bool pattern_add(struct parser *parser, enum claim_type type, uint32_t rights) {
    const char *pattern = parser->words[1];
    return pattern_check(parser) && claim_add(parser, type, rights, pattern, strlen(pattern));
}

static bool range_add(struct parser *parser, enum claim_type type, uint64_t most, const char *reason) {
    struct claim_range range;
    if (!range_parse(parser->words[1], &range) || range.last > most)
        return wrong(parser, reason);
    return claim_add(parser, type, 0, &range, sizeof range);
}

// ---- Keys ----

#define PRIORITIES_LAST 31u
#define OWNER_LAST 65533u // 65534 is nobody
#define PORT_LAST 0xffffu
#define PHYSICAL_LAST ((1ull << 52) - 1)

static bool key_kind(struct parser *parser) {
    enum kind kind;
    if (!kind_parse(parser->words[1], &kind))
        return wrong(parser, "a kind is app, driver or server");
    parser->stanza->kind = (uint8_t)kind;
    return true;
}

static bool key_kinds(struct parser *parser) {
    for (uint32_t index = 1; index < parser->word_count; index++) {
        enum kind kind;
        if (!kind_parse(parser->words[index], &kind))
            return wrong(parser, "a kind is app, driver or server");
        parser->stanza->kinds |= (uint8_t)(1u << kind);
    }
    return true;
}

static bool key_priority(struct parser *parser) {
    uint64_t priority;
    const char *end;
    if (!number_parse(parser->words[1], &end, &priority) || *end || priority > PRIORITIES_LAST)
        return wrong(parser, "a priority is 0 to 31");
    parser->stanza->priority = (uint8_t)priority;
    return true;
}

static bool key_budget(struct parser *parser) {
    uint64_t budget;
    const char *end;
    if (!number_parse(parser->words[1], &end, &budget) || *end || budget < 1 || budget > BUDGET_SHARE_MAX)
        return wrong(parser, "a budget is 1 to 100 percent of the processor");
    parser->stanza->budget = (uint8_t)budget;
    return true;
}

static bool key_quota(struct parser *parser) {
    return size_parse(parser->words[1], &parser->stanza->quota) || wrong(parser, "a size is a number, with K, M or G");
}

static bool key_memory(struct parser *parser) {
    return size_parse(parser->words[1], &parser->stanza->memory) || wrong(parser, "a size is a number, with K, M or G");
}

static bool key_restart(struct parser *parser) {
    struct stanza *stanza = parser->stanza;
    stanza->is_supervised = strcmp(parser->words[1], "always") == 0;
    stanza->restarts = stanza->is_supervised || strcmp(parser->words[1], "fresh") == 0;
    return stanza->restarts || strcmp(parser->words[1], "never") == 0 ||
           wrong(parser, "restart is always, fresh or never");
}

static bool key_start(struct parser *parser) {
    return choice(parser, "boot", "request", &parser->stanza->starts_at_boot, "start is boot or request");
}

static bool key_operator(struct parser *parser) {
    return choice(parser, "yes", "no", &parser->stanza->is_operator, "operator is yes or no");
}

static bool key_owner(struct parser *parser) {
    uint64_t owner = 0;
    const char *end;
    struct stanza *stanza = parser->stanza;
    stanza->has_parents_owner = strcmp(parser->words[1], "parent") == 0;
    stanza->has_owner = !stanza->has_parents_owner;
    if (stanza->has_owner && (!number_parse(parser->words[1], &end, &owner) || *end || owner > OWNER_LAST))
        return wrong(parser, "an owner is a number, 0 to 65533, or parent");
    stanza->owner = (uint32_t)owner;
    return true;
}

static bool key_links(struct parser *parser) {
    return choice(parser, "yes", "no", &parser->stanza->has_links, "links is yes or no");
}

static bool key_foreign(struct parser *parser) {
    return choice(parser, "yes", "no", &parser->stanza->makes_foreign, "foreign is yes or no");
}

static bool key_open(struct parser *parser) {
    uint32_t rights;
    if (!rights_parse(parser->words[2], strlen(parser->words[2]), &rights))
        return wrong(parser, "rights are letters of rwtm");
    return pattern_add(parser, CLAIM_OPEN, rights);
}

static bool key_create(struct parser *parser) {
    if (!pattern_add(parser, CLAIM_CREATE, 0))
        return false;
    parser->create_lines[parser->create_count++] = parser->line;
    return true;
}

static bool key_files(struct parser *parser) {
    struct stanza *stanza = parser->stanza;
    const char *pattern = parser->words[1];
    struct claim claim = {CLAIM_FILES, 0, (uint16_t)strlen(pattern)};
    uint32_t rights;
    stanza->has_files = true;
    if (parser->word_count == 2)
        return strcmp(pattern, "none") == 0 || wrong(parser, "files are a pattern and rights, or none");
    if (!rights_parse(parser->words[2], strlen(parser->words[2]), &rights) || rights & ~(RIGHT_READ | RIGHT_WRITE))
        return wrong(parser, "rights on files are letters of rw");
    if (!pattern_check(parser))
        return false;
    if (stanza->files_length + sizeof claim + claim.length > STANZA_FILES_MAX)
        return wrong(parser, "too many claims in one stanza");
    claim.rights = (uint8_t)rights;
    memcpy(stanza->files + stanza->files_length, &claim, sizeof claim);
    memcpy(stanza->files + stanza->files_length + sizeof claim, pattern, claim.length);
    stanza->files_length += (uint32_t)sizeof claim + claim.length;
    return true;
}

static bool key_ports(struct parser *parser) {
    return range_add(parser, CLAIM_PORTS, PORT_LAST, "a range is FIRST-LAST, ascending, within what the machine has");
}

static bool key_physical(struct parser *parser) {
    struct stanza *stanza = parser->stanza;
    if (strcmp(parser->words[1], MANIFEST_FRAMEBUFFER) != 0)
        return range_add(parser, CLAIM_PHYSICAL, PHYSICAL_LAST,
                         "physical is a range, FIRST-LAST, ascending, within what the machine has, or framebuffer");
    if (stanza->has_framebuffer)
        return wrong(parser, "the framebuffer is claimed already");
    stanza->has_framebuffer = true;
    return true;
}

static bool key_dma(struct parser *parser) {
    uint64_t size;
    if (!size_parse(parser->words[1], &size))
        return wrong(parser, "a size is a number, with K, M or G");
    return claim_add(parser, CLAIM_DMA, 0, &(struct claim_range){0, size - 1}, sizeof(struct claim_range));
}

#define CLASS_DIGITS 6u
#define DIGIT_BITS 4u

// Exactly so many hexadecimal digits at `text`, and nothing more after them than `end`.
static bool digits_parse(const char *text, size_t digits, char end, uint32_t *number) {
    if (strspn(text, "0123456789abcdefABCDEF") != digits || text[digits] != end)
        return false;
    *number = (uint32_t)strtoul(text, NULL, 16);
    return true;
}

static bool identity_parse(const char *text, struct claim_function *function) {
    const size_t digits = 2 * sizeof function->vendor;
    uint32_t vendor, device;
    if (!digits_parse(text, digits, ':', &vendor) || !digits_parse(text + digits + 1, digits, 0, &device))
        return false;
    *function = (struct claim_function){.vendor = (uint16_t)vendor, .device = (uint16_t)device};
    return true;
}

// A class of fewer digits covers all that begin with them.
static bool class_code_parse(const char *text, struct claim_function *function) {
    size_t digits = strlen(text);
    uint32_t class_code;
    if (digits == 0 || digits > CLASS_DIGITS || digits % 2 || !digits_parse(text, digits, 0, &class_code))
        return false;
    uint32_t shift = (uint32_t)(CLASS_DIGITS - digits) * DIGIT_BITS, all = (1u << CLASS_DIGITS * DIGIT_BITS) - 1;
    *function = (struct claim_function){.class_code = class_code << shift, .class_mask = all >> shift << shift};
    return true;
}

static bool key_function(struct parser *parser) {
    struct stanza *stanza = parser->stanza;
    struct claim_function function;
    bool is_class = strcmp(parser->words[1], "class") == 0;
    if (parser->word_count != (is_class ? 3 : 2) ||
        !(is_class ? class_code_parse(parser->words[2], &function) : identity_parse(parser->words[1], &function)))
        return wrong(parser, "function is VENDOR:DEVICE or class CLASS, in hexadecimal digits: 4 each, or 2, 4 or 6");
    for (uint32_t number = 0; number < stanza->function_count; number++)
        if (memcmp(&stanza->functions[number], &function, sizeof function) == 0)
            return wrong(parser, "the stanza claims that already");
    if (stanza->function_count == STANZA_FUNCTIONS_MAX)
        return wrong(parser, "too many claims in one stanza");
    stanza->functions[stanza->function_count++] = function;
    return true;
}

static bool spawn_add(struct parser *parser, const char *word) {
    struct stanza *stanza = parser->stanza;
    enum kind kind;
    if (kind_parse(word, &kind)) {
        stanza->spawn_kinds |= (uint8_t)(1u << kind);
        return true;
    }
    if (stanza->spawn_count == STANZA_SPAWNS_MAX)
        return wrong(parser, "too many claims in one stanza");
    return copy_word(parser, stanza->spawns[stanza->spawn_count++], sizeof *stanza->spawns, word);
}

static bool key_spawn(struct parser *parser) {
    for (uint32_t number = 1; number < parser->word_count; number++)
        if (!spawn_add(parser, parser->words[number]))
            return false;
    return true;
}

static bool path_copy(struct parser *parser, char *to) {
    if (parser->words[1][0] != '/')
        return wrong(parser, "a pipe is named by an absolute path");
    return copy_word(parser, to, MANIFEST_PATH_MAX, parser->words[1]);
}

static bool key_input(struct parser *parser) {
    return path_copy(parser, parser->stanza->input);
}

static bool key_output(struct parser *parser) {
    return path_copy(parser, parser->stanza->output);
}

static bool key_argument(struct parser *parser) {
    char *arguments = parser->stanza->arguments;
    size_t length = 0;
    for (uint32_t index = 1; index < parser->word_count; index++) {
        if (!copy_word(parser, arguments + length, MANIFEST_ARGUMENTS_MAX - length, parser->words[index]))
            return false;
        length += strlen(arguments + length) + 1;
    }
    parser->stanza->argument_count = parser->word_count - 1;
    return true;
}

static bool key_image(struct parser *parser) {
    if (strchr(parser->words[1], '/'))
        return wrong(parser, "an image is the name of a program's file, without a path");
    parser->stanza->image_line = parser->line;
    return copy_word(parser, parser->stanza->image, sizeof parser->stanza->image, parser->words[1]);
}

struct key {
    const char *name;
    uint32_t least, most; // words, the key among them
    bool may_repeat;
    bool (*function)(struct parser *parser);
};

#define KEY_KIND 0 // its slot in the table

static const struct key keys[] = {{"kind", 2, 2, false, key_kind},
                                  {"kinds", 2, 4, false, key_kinds},
                                  {"priority", 2, 2, false, key_priority},
                                  {"quota", 2, 2, false, key_quota},
                                  {"memory", 2, 2, false, key_memory},
                                  {"restart", 2, 2, false, key_restart},
                                  {"start", 2, 2, false, key_start},
                                  {"operator", 2, 2, false, key_operator},
                                  {"open", 3, 3, true, key_open},
                                  {"create", 2, 2, true, key_create},
                                  {"ports", 2, 2, true, key_ports},
                                  {"physical", 2, 2, true, key_physical},
                                  {"input", 2, 2, false, key_input},
                                  {"output", 2, 2, false, key_output},
                                  {"argument", 2, WORDS_MAX, false, key_argument},
                                  {"image", 2, 2, false, key_image},
                                  {"dma", 2, 2, false, key_dma},
                                  {"function", 2, 3, true, key_function},
                                  {"owner", 2, 2, false, key_owner},
                                  {"links", 2, 2, false, key_links},
                                  {"foreign", 2, 2, false, key_foreign},
                                  {"budget", 2, 2, false, key_budget},
                                  {"spawn", 2, WORDS_MAX, true, key_spawn},
                                  {"files", 2, 3, true, key_files}};
#define KEYS (sizeof keys / sizeof *keys)

// ---- Paths of several programs ----

static const char apps_directory[] = "/app/";

struct pattern {
    const char *text;
    size_t length;
};

// The first component of a pattern, which it loses.
static struct pattern component_take(struct pattern *pattern) {
    const char *start = pattern->text + 1, *end = memchr(start, '/', pattern->length - 1);
    size_t length = end ? (size_t)(end - start) : pattern->length - 1;
    pattern->text = start + length;
    pattern->length -= length + 1;
    return (struct pattern){start, length};
}

static bool pattern_is(struct pattern pattern, const char *text) {
    return pattern.length == strlen(text) && memcmp(pattern.text, text, pattern.length) == 0;
}

// Whether two patterns cover a path that both of them cover.
static bool patterns_meet(struct pattern one, struct pattern other) {
    while (one.length && other.length) {
        struct pattern first = component_take(&one), second = component_take(&other);
        if (pattern_is(first, "**") || pattern_is(second, "**"))
            return true;
        bool has_star = pattern_is(first, "*") || pattern_is(second, "*");
        if (!has_star && (first.length != second.length || memcmp(first.text, second.text, first.length) != 0))
            return false;
    }
    return one.length == other.length;
}

// The next pattern that a stanza may create, from the claim at *offset on, which moves after it. False: there is none.
static bool create_next(const struct stanza *stanza, uint32_t *offset, struct pattern *pattern) {
    struct claim claim = {0};
    while (*offset < stanza->claims_length) {
        memcpy(&claim, stanza->claims + *offset, sizeof claim);
        *pattern = (struct pattern){(const char *)stanza->claims + *offset + sizeof claim, claim.length};
        *offset += (uint32_t)sizeof claim + claim.length;
        if (claim.type == CLAIM_CREATE)
            return true;
    }
    return false;
}

static bool stanza_creates(const struct stanza *stanza, struct pattern wanted) {
    struct pattern pattern;
    for (uint32_t offset = 0; create_next(stanza, &offset, &pattern);)
        if (patterns_meet(pattern, wanted))
            return true;
    return false;
}

static bool create_is_shared(const struct manifest *manifest, const struct stanza *stanza, struct pattern pattern) {
    for (uint32_t number = 0; number < manifest->directory_count; number++)
        if (pattern_is(pattern, manifest->directories[number].path))
            return true;
    for (const struct stanza *other = manifest->stanzas; other < stanza; other++)
        if (!other->is_operator && stanza_creates(other, pattern))
            return true;
    return false;
}

// Whether nobody else creates what this stanza, the last one, may create.
static bool creates_check(struct parser *parser) {
    const struct stanza *stanza = parser->stanza;
    struct pattern pattern;
    uint32_t offset = 0;
    for (uint32_t number = 0; !stanza->is_operator && create_next(stanza, &offset, &pattern); number++) {
        bool is_apps = pattern.length >= strlen(apps_directory) &&
                       memcmp(pattern.text, apps_directory, strlen(apps_directory)) == 0;
        if (is_apps || !create_is_shared(parser->manifest, stanza, pattern))
            continue;
        parser->line = parser->create_lines[number];
        return wrong(parser, "another program, or a directory line, creates that too: two owners of one path");
    }
    return true;
}

// ---- Lines ----

#define PRIORITY_DEFAULT 8u
#define BUDGET_DEFAULT 40u
#define QUOTA_DEFAULT (1u << 20)
#define MEMORY_DEFAULT (8u << 20)

// Whether the stanza that ends here has what each must have.
static bool stanza_close(struct parser *parser) {
    if (!parser->stanza)
        return true;
    bool has_kind = parser->seen >> KEY_KIND & 1;
    bool has_two_files = parser->stanza->has_files && parser->stanza->has_parents_owner;
    if (has_kind && !has_two_files)
        return creates_check(parser);
    parser->line = parser->stanza->line;
    return wrong(parser, has_kind ? "a program with `owner parent` uses the files of who starts it: no `files`"
                                  : "the stanza does not say its kind");
}

static bool directory_add(struct parser *parser) {
    struct manifest *manifest = parser->manifest;
    struct shared_directory *directory = &manifest->directories[manifest->directory_count];
    char rules[WORDS_MAX * WORD_MAX] = "";
    const char *unknown;
    if (parser->stanza)
        return wrong(parser, "a directory stands before all stanzas");
    if (parser->word_count < 3 || parser->words[1][0] != '/' || !pattern_is_good(parser->words[1]) ||
        strchr(parser->words[1], '*'))
        return wrong(parser, "a directory is an absolute path, then CLASS=RIGHTS...");
    if (manifest->directory_count == DIRECTORIES_MAX)
        return wrong(parser, "too many directories");
    for (uint32_t number = 2; number < parser->word_count; number++)
        strcat(strcat(rules, parser->words[number]), " ");
    if (!rules_parse(rules, &directory->rules, &unknown))
        return wrong(parser, "rules are CLASS=RIGHTS: owner, app, driver, server; letters of rwtm, or -");
    manifest->directory_count++;
    return copy_word(parser, directory->path, sizeof directory->path, parser->words[1]);
}

static bool stanza_open(struct parser *parser) {
    struct manifest *manifest = parser->manifest;
    if (!stanza_close(parser))
        return false;
    if (strcmp(parser->words[0], "program") != 0 || parser->word_count != 2)
        return wrong(parser, "a stanza begins with `program NAME`, and its keys are indented");
    for (uint32_t number = 0; number < manifest->count; number++)
        if (strcmp(manifest->stanzas[number].name, parser->words[1]) == 0)
            return wrong(parser, "the program has a stanza already");
    if (manifest->count == STANZAS_MAX)
        return wrong(parser, "too many stanzas");
    parser->stanza = &manifest->stanzas[manifest->count++];
    *parser->stanza = (struct stanza){.line = parser->line,
                                      .priority = PRIORITY_DEFAULT,
                                      .budget = BUDGET_DEFAULT,
                                      .quota = QUOTA_DEFAULT,
                                      .memory = MEMORY_DEFAULT};
    parser->seen = 0;
    parser->create_count = 0;
    return copy_word(parser, parser->stanza->name, sizeof parser->stanza->name, parser->words[1]);
}

static bool key_read(struct parser *parser) {
    if (!parser->stanza)
        return wrong(parser, "a key before the first stanza");
    for (uint32_t number = 0; number < KEYS; number++) {
        const struct key *key = &keys[number];
        if (strcmp(key->name, parser->words[0]) != 0)
            continue;
        if (parser->word_count < key->least || parser->word_count > key->most)
            return wrong(parser, "the key wants another number of words");
        if (parser->seen >> number & 1 && !key->may_repeat)
            return wrong(parser, "the key stands twice in its stanza");
        parser->seen |= 1u << number;
        return key->function(parser);
    }
    return wrong(parser, "no such key");
}

// Splits a line into words, up to a comment.
static bool words_split(struct parser *parser, const char *line, const char *end) {
    parser->word_count = 0;
    while (line < end) {
        while (line < end && (*line == ' ' || *line == '\t' || *line == '\r'))
            line++;
        const char *start = line;
        if (line == end || *line == '#')
            break;
        while (line < end && *line != ' ' && *line != '\t' && *line != '\r')
            line++;
        if (parser->word_count == WORDS_MAX)
            return wrong(parser, "too many words in one line");
        if ((size_t)(line - start) >= WORD_MAX)
            return wrong(parser, "too long a word");
        memcpy(parser->words[parser->word_count], start, (size_t)(line - start));
        parser->words[parser->word_count++][line - start] = 0;
    }
    return true;
}

static bool line_read(struct parser *parser, const char *line, const char *end) {
    bool is_indented = line < end && (*line == ' ' || *line == '\t');
    if (!words_split(parser, line, end))
        return false;
    if (parser->word_count == 0)
        return true;
    if (is_indented)
        return key_read(parser);
    return strcmp(parser->words[0], "directory") == 0 ? directory_add(parser) : stanza_open(parser);
}

static bool lines_read(struct parser *parser, const char *text, const char *end) {
    for (parser->line = 1; text < end; parser->line++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        if (!stop)
            stop = end;
        if (!line_read(parser, text, stop))
            return false;
        text = stop + (stop < end);
    }
    return parser->stanza ? stanza_close(parser) : wrong(parser, "there is no stanza");
}

bool manifest_parse(struct manifest *manifest, const char *text, size_t length, uint32_t *line, const char **reason) {
    static struct parser parser;
    parser = (struct parser){.manifest = manifest};
    manifest->count = manifest->directory_count = 0;
    bool is_good = lines_read(&parser, text, text + length);
    *line = parser.line;
    *reason = parser.reason;
    return is_good;
}

const struct stanza *manifest_find(const struct manifest *manifest, const char *name) {
    const struct stanza *otherwise = NULL;
    for (uint32_t number = 0; number < manifest->count; number++) {
        if (strcmp(manifest->stanzas[number].name, name) == 0)
            return &manifest->stanzas[number];
        if (strcmp(manifest->stanzas[number].name, MANIFEST_DEFAULT) == 0)
            otherwise = &manifest->stanzas[number];
    }
    return otherwise;
}

bool stanza_may_spawn(const struct stanza *stanza, const char *program, enum kind kind) {
    for (uint32_t number = 0; number < stanza->spawn_count; number++)
        if (strcmp(stanza->spawns[number], program) == 0)
            return true;
    return stanza->spawn_kinds >> kind & 1;
}

bool stanza_has_claim(const struct stanza *stanza, enum claim_type type) {
    struct claim claim;
    for (uint32_t offset = 0; offset < stanza->claims_length; offset += (uint32_t)sizeof claim + claim.length) {
        memcpy(&claim, stanza->claims + offset, sizeof claim);
        if (claim.type == type)
            return true;
    }
    return false;
}

void manifest_grant_framebuffer(struct manifest *manifest, const struct claim_range *range) {
    const struct claim claim = {CLAIM_PHYSICAL, 0, sizeof *range};
    for (uint32_t number = 0; number < manifest->count; number++)
        if (manifest->stanzas[number].has_framebuffer)
            claim_append(&manifest->stanzas[number], claim, range);
}

uint32_t stanza_owner(const struct stanza *stanza, enum kind kind, uint32_t parents_owner) {
    if (stanza->has_owner)
        return stanza->owner;
    if (stanza->has_parents_owner)
        return parents_owner;
    return kind == KIND_APP && !stanza->is_operator ? OWNER_APPS : 0;
}

unsigned manifest_floor(const struct manifest *manifest) {
    unsigned lowest = PRIORITIES_LAST;
    for (uint32_t number = 0; number < manifest->count; number++)
        if (manifest->stanzas[number].is_operator && manifest->stanzas[number].priority < lowest)
            lowest = manifest->stanzas[number].priority;
    return lowest ? lowest - 1 : 0;
}

const char *stanza_image(const struct stanza *stanza, const char *program) {
    return stanza->image[0] ? stanza->image : program;
}
