// SPDX-License-Identifier: MIT
#include "protocol/process.h"

#include "decode.h"

#define PID FIELDS(FIELD(struct pid_request, pid))
#define PID_STATUS FIELDS(FIELD(struct pid_request, pid), FIELD(struct pid_request, status))

static const struct operation operations[PROCESS_OPERATIONS] = {
    [PROCESS_SPAWN] = {"PROCESS_SPAWN", FIELDS(FIELD_REST(struct spawn_request, "start")),
                       FIELDS(FIELD(struct spawn_reply, pid))},
    [PROCESS_WAIT] = {"PROCESS_WAIT", PID, FIELDS(FIELD_AS(struct wait_reply, status, FORM_HEX))},
    [PROCESS_KILL] = {"PROCESS_KILL", PID_STATUS, NULL},
    [PROCESS_KILL_TREE] = {"PROCESS_KILL_TREE", PID_STATUS, NULL},
    [PROCESS_POWER] = {"PROCESS_POWER", FIELDS(FIELD(struct pid_request, status)), NULL},
    [PROCESS_READY] = {"PROCESS_READY", NULL, NULL},
    [PROCESS_OWNER] = {"PROCESS_OWNER", PID, FIELDS(FIELD(struct owner_reply, owner))},
    [PROCESS_FILES] = {"PROCESS_FILES", PID, FIELDS(FIELD(struct owner_reply, owner))},
    [PROCESS_FOREIGN] = {"PROCESS_FOREIGN", FIELDS(FIELD_AS(struct foreign_request, name, FORM_TEXT)),
                         FIELDS(FIELD(struct spawn_reply, pid))},
    [PROCESS_CLAIMS] = {"PROCESS_CLAIMS", PID, FIELDS(FIELD_AS(struct claims_reply, stanza, FORM_TEXT))}};
const struct protocol protocol_process = {(const char *const[]){PROCESS_PIPE, NULL}, operations, 0, PROCESS_OPERATIONS};

#define FILE_NAMED FIELDS(FIELD(struct boot_request, offset), FIELD_REST(struct boot_request, "name"))
#define FILE_FOUND FIELDS(FIELD(struct boot_file, size), FIELD_REST(struct boot_file, "name"))

static const struct operation boot[BOOT_OPERATIONS] = {[BOOT_STAT] = {"BOOT_STAT", FILE_NAMED, FILE_FOUND},
                                                       [BOOT_READ] = {"BOOT_READ", FILE_NAMED, NULL},
                                                       [BOOT_LIST] = {"BOOT_LIST", FILE_NAMED, FILE_FOUND}};
const struct protocol protocol_boot = {(const char *const[]){BOOT_PIPE, NULL}, boot, 0, BOOT_OPERATIONS};
