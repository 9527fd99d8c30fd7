// SPDX-License-Identifier: MIT
// /svc/process: programs are started, awaited and ended by the process server, as the system manifest says.
// /svc/boot: the files of the boot image, read only.
#ifndef PROTOCOL_PROCESS_H
#define PROTOCOL_PROCESS_H

#include "abi.h"
#include "protocol/start.h"

#define PROCESS_PIPE "/svc/process"
#define BOOT_PIPE "/svc/boot"

enum process_request_operation {
    // struct spawn_request, then what struct start_head describes, argument 0 being the program's name; handles: up to
    // SPAWN_HANDLES_MAX, become handles 2 and up -> struct spawn_reply. ENOENT, ENOEXEC, ENOMEM, E2BIG, EACCES (a kind
    // that the manifest does not allow; an operator's program, of who is none), EPERM (the caller's stanza has no
    // `spawn` for it), EINVAL.
    PROCESS_SPAWN,
    // struct pid_request -> struct wait_reply once it has ended. Only for who spawned it, or an operator: EACCES.
    // ESRCH. ECANCELED: the same one, or another operator, has asked later.
    PROCESS_WAIT,
    // struct pid_request: ends it, with `status`. An app may end what it spawned; an operator anything but the process
    // and memory servers. EACCES, ESRCH.
    PROCESS_KILL,
    // As PROCESS_KILL, and then all that it has started, and what those have: what it would have ended itself.
    PROCESS_KILL_TREE,
    // struct pid_request: suspends it and all that it has started. For whoever may end it; EACCES, ESRCH.
    PROCESS_SUSPEND_TREE,
    PROCESS_RESUME_TREE, // struct pid_request: resumes them. EACCES, ESRCH.
    // struct pid_request: `status` is an enum power_operation; `pid` the status of POWER_TEST_EXIT. Operators only:
    // EACCES.
    PROCESS_POWER,
    // struct pid_request: the caller, started at boot, is ready; the next one may start.
    PROCESS_READY,
    // struct pid_request -> struct claims_reply, then the process's claims, struct claim records: as the kernel has
    // them, then those that drivers ask for. For anybody: the manifest is no secret. ESRCH.
    PROCESS_CLAIMS,
    PROCESS_OWNER, // struct pid_request -> struct owner_reply. For anybody. ESRCH.
    // struct pid_request -> struct owner_reply, then struct claim records of type CLAIM_FILES, FILE_CLAIMS_MAX bytes at
    // most: the files that the process may use. For anybody. ESRCH.
    PROCESS_FILES,
    // struct foreign_request -> struct spawn_reply, handle: control. An empty foreign process (struct system_message),
    // an app without claims, whose maker is to hook its pipes before it starts a thread. It ends with its maker. EPERM
    // (the caller's stanza has no `foreign yes`), ENOMEM, ENFILE.
    PROCESS_FOREIGN,
    PROCESS_OPERATIONS
};

#define SPAWN_HANDLES_MAX 4u
#define SPAWN_AS_PLAIN UINT32_MAX // of the kind that the manifest says

struct spawn_request {
    uint32_t operation;
    uint32_t kind; // SPAWN_AS_PLAIN, or the enum kind that is wanted
    struct start_head head;
};

struct spawn_reply {
    uint32_t pid, generation;
};

struct foreign_request {
    uint32_t operation;
    char name[PROGRAM_NAME_MAX + 1];
};

struct pid_request {
    uint32_t operation, pid, status;
};

#define WAIT_TEXT_MAX 1023u
// The text is as long as the reply: of a process that an exception has ended, which it was and where, in lines; of
// others, and of a crash that many have followed, empty.
struct wait_reply {
    uint32_t status; // 0 to 255, with EXIT_KILLED or EXIT_FAULT
    char text[WAIT_TEXT_MAX + 1];
};

// Flags of what a process may do beside its claims.
#define CLAIMS_OPERATOR 1u   // end any program, and switch off
#define CLAIMS_SUPERVISED 2u // its pipes outlive it, for the successor that is started

struct claims_reply {
    uint64_t quota;  // bytes of kernel objects
    uint64_t memory; // bytes that the memory server gives it at most
    uint32_t flags, kinds;
    uint32_t length;                   // of the claims
    uint32_t budget;                   // percent of the processor in each period; 0: no limit
    char stanza[PROGRAM_NAME_MAX + 1]; // of the manifest that says so
};

// The type of a claim that the driver of the PCI buses enforces, and the kernel does not know.
#define CLAIM_FUNCTION 16u

// The type of a claim that the process server enforces: the name of a program that the process may start, or of a kind
// as which it may start any.
#define CLAIM_SPAWN 17u

// The type of a claim that volumes enforce: a pattern of paths of files, with RIGHT_READ and RIGHT_WRITE. ** covers the
// directory before it, too.
#define CLAIM_FILES 18u
#define FILE_CLAIMS_MAX 256u

// Functions of a vendor and device; or, where class_mask is not 0, of a class: class_code in the bits of class_mask.
struct claim_function {
    uint16_t vendor, device;
    uint32_t class_code, class_mask; // class << 16 | subclass << 8 | interface
};

struct owner_reply {
    uint32_t owner; // of the files that the process makes; 0 may do everything with files
    uint32_t generation;
    uint32_t leader; // pid of the process of its program tree that boot or an operator has started
};

enum boot_operation {
    BOOT_STAT, // struct boot_request, then a name -> struct boot_file. ENOENT.
    // struct boot_request, then a name; lease 0, writable: the bytes from `offset` on -> their count (uint32_t).
    BOOT_READ,
    BOOT_LIST, // struct boot_request: file number `offset` -> struct boot_file, then its name. ENOENT after the last.
    BOOT_OPERATIONS
};

struct boot_request {
    uint32_t operation;
    uint32_t length; // of the name
    uint64_t offset;
};

struct boot_file {
    uint64_t size;
    uint32_t number;
    uint32_t is_program;
};

#endif
