// SPDX-License-Identifier: MIT
#include "volume_caller.h"

#include "pipe.h"

#include <string.h>

#define KNOWN 256u // processes, by pid, of which the answer is kept

// Asks the process server, which does not know itself: it and what has just ended are nobody, who may use no file.
static bool caller_ask(const struct message_received *message, struct volume_caller *caller) {
    static long handle;
    struct pid_request request = {.operation = PROCESS_FILES, .pid = message->pid};
    struct {
        struct owner_reply head;
        uint8_t files[FILE_CLAIMS_MAX];
    } reply;
    pipe_open_once(&handle, PROCESS_PIPE);
    long result = pipe_call(handle, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    bool is_known = result >= (long)sizeof reply.head && reply.head.generation == message->generation;
    *caller = (struct volume_caller){.pid = message->pid, .generation = message->generation, .owner = OWNER_NOBODY};
    if (!is_known)
        return false;
    caller->owner = reply.head.owner;
    caller->leader = reply.head.leader;
    caller->files_length = (uint32_t)result - (uint32_t)sizeof reply.head;
    memcpy(caller->files, reply.files, caller->files_length);
    return true;
}

const struct volume_caller *volume_caller_of(const struct message_received *message) {
    static struct volume_caller known[KNOWN], unknown;
    struct volume_caller *caller = &known[message->pid % KNOWN];
    if (caller->pid == message->pid && caller->generation == message->generation)
        return caller;
    if (caller_ask(message, caller))
        return caller;
    unknown = *caller;
    caller->pid = 0; // it is asked for again
    return &unknown;
}
