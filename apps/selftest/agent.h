// SPDX-License-Identifier: MIT
// Agents: children of any kind that do the system calls that the tests ask for, so that a test can act as several
// processes.
//
// An agent fetches each command by a call, and brings the last one's result with it; its parent keeps the call's token
// until it has the next command. So an idle agent waits, in flight, for the parent, and one that blocks in its command
// holds up nobody.
#ifndef SELFTEST_AGENT_H
#define SELFTEST_AGENT_H

#include "test.h"

#define AGENT_BYTES 1024u    // of the payload that go with a command, and come back
#define AGENT_KEY 0xa9e27ull // of the hook through which agents are heard

// Operations beside the system calls, whose numbers are below.
enum agent_operation {
    AGENT_EXIT = 100, // ends with the status argument 0
    AGENT_POKE,       // writes argument 1, a byte, to the address argument 0
    AGENT_PEEK,       // reads the byte at the address argument 0: the result
    AGENT_TIME,       // the time of the clock: the result
    AGENT_COPY        // copies argument 2 bytes from the address argument 1 to the address argument 0
};

struct agent_command {
    uint32_t operation; // a system call's number, or an agent_operation
    uint32_t unused;
    uint64_t arguments[5];
    struct message_sent head; // of the message page, before the call
    uint8_t payload[AGENT_BYTES];
};

struct agent_result {
    int64_t result;
    struct message_received head; // of the message page, after the call
    uint8_t payload[AGENT_BYTES];
};

struct agent {
    uint32_t pid;
    uint64_t token;               // while it is idle; 0 while it works
    struct agent_command command; // the next one: head and payload are its caller's to fill
    struct agent_result result;   // of the last one
};

// Starts an agent. False, with a failed check, if it doesn't come up.
bool agent_start(struct agent *agent, enum kind kind);
// Ends it, whatever it does, and waits for its end.
void agent_stop(struct agent *agent);
// Waits for its end; its status.
long agent_wait_end(struct agent *agent);

// Has the agent make a system call; its result.
long agent_call(struct agent *agent, uint32_t operation, uint64_t first, uint64_t second, uint64_t third,
                uint64_t fourth, uint64_t fifth);
// The same for calls whose first argument is the length of a path.
long agent_path_call(struct agent *agent, uint32_t operation, const char *path, uint64_t second, uint64_t third);
long agent_open(struct agent *agent, const char *path, uint32_t rights);
// "/app/<the agent's pid>/<name>". The next call writes over it.
const char *agent_path(const struct agent *agent, const char *name);
// Has the agent call the pipe of this path with a request, and with a handle of its own unless that is 0; the call's
// result.
long agent_request(struct agent *agent, const char *path, const void *request, size_t size, uint32_t handle);
// Begins a call, which may block; its result comes by agent_end.
void agent_begin(struct agent *agent, uint32_t operation, uint64_t first, uint64_t second, uint64_t third,
                 uint64_t fourth, uint64_t fifth);
long agent_end(struct agent *agent);
// Takes note of the message that was received last, which is an agent's. False, with a failed check, if it is not.
bool agent_heard(void);

// Waits until so many threads are blocked on the pipe: callers that no server has taken, or senders.
void until_waiting(long handle, uint64_t count);
// Waits until the pipe's server holds so many calls.
void until_held(long handle, uint32_t count);

#endif
