// SPDX-License-Identifier: MIT
// What has passed through a pipe, as taps and /bus/trace tell it: who said what to whom, as one line of text. Replies
// are matched with the calls before them.
#ifndef LIB_PASSAGE_H
#define LIB_PASSAGE_H

#include "abi.h"
#include "decode.h"

// ---- Names of processes ----

#define PROCESS_TEXT_MAX (PROGRAM_NAME_MAX + 16u) // "name/pid"
// The program's name, or "kernel", or "?" of a process that ended before it was first asked for. Names are kept, so
// that of a process that has ended since is known. `generation` 0: of whatever process had the pid last.
const char *process_name(uint32_t pid, uint32_t generation);
// Whether a name is kept; keeps one that another process has told.
bool process_name_is_kept(uint32_t pid);
void process_name_keep(uint32_t pid, const char *name);
// "name/pid"; returns `to`, which has PROCESS_TEXT_MAX bytes.
char *process_text(uint32_t pid, uint32_t generation, char *to);

// ---- Calls and their replies ----

// The calls of a pipe that have no reply yet. A server may answer in any order, and neither a tap nor the trace tells
// which call a reply is for: while several wait, only what they have in common is known of a reply. Of more than
// CONVERSATION_MAX nothing is.
#define CONVERSATION_MAX 8u
struct conversation_call {
    uint32_t pid; // 0: unknown, or several
    uint64_t time;
    const struct operation *operation; // NULL: unknown, or several
};
struct conversation {
    const struct protocol *protocol;
    unsigned count; // of calls
    struct conversation_call calls[CONVERSATION_MAX];
};
// Keeps a call; its operation, or NULL.
const struct operation *conversation_ask(struct conversation *conversation, uint32_t pid, uint64_t time,
                                         const void *request, size_t length);
// Takes the call that a reply is for: what is known of it.
struct conversation_call conversation_answer(struct conversation *conversation);
// Records were lost: nothing is known of the replies to come for calls so far.
void conversation_forget(struct conversation *conversation);

// ---- One message, or another event ----

struct passage {
    uint64_t time, value;
    uint32_t kind; // enum trace_operation
    uint32_t sender, sender_generation;
    uint32_t receiver;                 // pid; 0: the kernel
    bool has_receiver;                 // false: whoever reads the pipe
    const char *path;                  // of the pipe; NULL: none, or unknown
    uint32_t pipe;                     // its number, 0: none
    uint32_t length;                   // of the whole message
    uint32_t held;                     // bytes of it that are known
    const uint8_t *bytes;              // them
    const struct operation *operation; // NULL: unknown
};

// Whether a message goes to the pipe's owner: not what the owner sends itself, nor a fault's call, which the kernel
// makes on its own pipe for a server to answer.
bool passage_has_receiver(uint32_t sender, uint32_t owner, unsigned flow, bool is_kernel);
const char *trace_name(unsigned operation); // "send", "call", ..., or "?"
// The trace's word for a tap's operation.
enum trace_operation trace_of_tap(enum tap_operation operation);
bool trace_name_parse(const char *name, enum trace_operation *operation);

// "12.345678 shell/7 -> vfs/4 call /svc/vfs 24 NAME field=value". What is not decoded is shown as text, unless
// `is_bare`. Returns `to`, which has PASSAGE_TEXT_MAX bytes.
#define PASSAGE_SHOWN 64u
#define PASSAGE_TEXT_MAX 1024u
char *passage_format(const struct passage *passage, bool is_bare, char *to);
// The same without time and processes: "call /svc/vfs ...".
char *passage_what(const struct passage *passage, bool is_bare, char *to);

#endif
