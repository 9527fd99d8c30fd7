// SPDX-License-Identifier: MIT
// The system manifest, boot/manifest: which programs there are, and what each may do. The parser is pure: the process
// server and the build's checker share it.
#ifndef PROCESS_MANIFEST_H
#define PROCESS_MANIFEST_H

#include "abi.h"
#include "protocol/process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STANZAS_MAX 64u
#define STANZA_CLAIMS_MAX 2048u
#define STANZA_FILES_MAX FILE_CLAIMS_MAX // bytes
#define STANZA_FUNCTIONS_MAX 8u
#define STANZA_SPAWNS_MAX 8u
#define DIRECTORIES_MAX 8u
#define MANIFEST_PATH_MAX 64u
#define MANIFEST_ARGUMENTS_MAX 96u
#define MANIFEST_DEFAULT "*"               // the stanza of programs that have none
#define MANIFEST_FRAMEBUFFER "framebuffer" // the physical range that the machine names

struct stanza {
    char name[PROGRAM_NAME_MAX + 1];
    uint32_t line; // where it begins, and where its image is named
    uint32_t image_line;
    uint8_t kind;  // enum kind
    uint8_t kinds; // bit k: it may also be started as kind k
    uint8_t priority;
    uint8_t budget;                    // percent of the processor, of a program above the shell's priority
    bool restarts;                     // is started again when it ends
    bool is_supervised;                // and its successor takes over its pipes
    bool starts_at_boot;               // in the order of the file
    bool is_operator;                  // may end any program, and switch off
    bool has_owner, has_parents_owner; // the manifest says whose its files are
    bool has_files;                    // the manifest says which files it may use
    bool has_links;                    // its file's other names run under it, too
    bool makes_foreign;                // may make foreign processes
    bool has_framebuffer;              // may map the screen
    uint32_t owner;                    // of its files, if it is has_owner
    uint64_t quota;                    // bytes of kernel objects
    uint64_t memory;                   // bytes that the memory server gives it at most
    char input[MANIFEST_PATH_MAX], output[MANIFEST_PATH_MAX]; // pipes for its standard handles at boot; empty: none
    char image[PROGRAM_NAME_MAX + 1];       // the program's file in the boot image; empty: named like the program
    uint32_t argument_count;                // for its start at boot
    char arguments[MANIFEST_ARGUMENTS_MAX]; // terminated strings, one after the other
    uint32_t claims_length;
    uint8_t claims[STANZA_CLAIMS_MAX]; // struct claim records
    uint32_t files_length;
    uint8_t files[STANZA_FILES_MAX]; // struct claim records, which volumes enforce
    uint8_t spawn_kinds;             // bit k: it may start any program as kind k
    uint32_t spawn_count;
    char spawns[STANZA_SPAWNS_MAX][PROGRAM_NAME_MAX + 1]; // programs that it may start as whatever they may be
    uint32_t function_count;
    struct claim_function functions[STANZA_FUNCTIONS_MAX]; // which the kernel does not know
};

// A directory that several programs share: the process server makes it, so it outlives them all.
struct shared_directory {
    char path[MANIFEST_PATH_MAX];
    uint32_t rules;
};

struct manifest {
    uint32_t directory_count;
    struct shared_directory directories[DIRECTORIES_MAX];
    uint32_t count;
    struct stanza stanzas[STANZAS_MAX];
};

// Parses a text of `length` bytes. True, or false with *line (from 1) and *reason.
bool manifest_parse(struct manifest *manifest, const char *text, size_t length, uint32_t *line, const char **reason);
// The stanza of a program, that of programs without one, or NULL.
const struct stanza *manifest_find(const struct manifest *manifest, const char *name);
// Whether a program that runs under this stanza may start another one as this kind.
bool stanza_may_spawn(const struct stanza *stanza, const char *program, enum kind kind);
// Whose the files are that a program of this kind makes under the stanza: 0 is that of servers, drivers and operators.
#define OWNER_APPS 1000u // of programs for which the manifest says nothing
uint32_t stanza_owner(const struct stanza *stanza, enum kind kind, uint32_t parents_owner);
// Whether the kernel's claims of the stanza have one of this type.
bool stanza_has_claim(const struct stanza *stanza, enum claim_type type);
// Adds the framebuffer's range to the claims of the stanzas that want it; once.
void manifest_grant_framebuffer(struct manifest *manifest, const struct claim_range *range);
// The highest priority below all operators': that of a program that has used up its budget.
unsigned manifest_floor(const struct manifest *manifest);
// The file in the boot image of a program that runs under this stanza.
const char *stanza_image(const struct stanza *stanza, const char *program);

#endif
