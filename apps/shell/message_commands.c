// SPDX-License-Identifier: MIT
// `send`, `call`, `signal` and `recv`: one message, or a few.
#include "clock.h"
#include "commands.h"
#include "failure.h"
#include "input.h"
#include "message_text.h"
#include "options.h"
#include "output.h"
#include "pipe.h"

#include <string.h>

#define ROOM_DEADLINE (5 * SECOND)   // that `send` waits for room
#define REPLY_DEADLINE (10 * SECOND) // that `call` waits for its reply
#define MESSAGES_MAX 1000000u        // that one `recv` takes

// ---- Putting in ----

// The names of the chain of waiting that it would have closed, as the kernel left them.
static int fail_to_put(const char *path, long error) {
    if (error != -PIPE_EDEADLK)
        return fail(path, error);
    char chain[SAY_MAX];
    size_t length = pipe_received()->length;
    if (length >= sizeof chain)
        length = sizeof chain - 1;
    memcpy(chain, pipe_payload(), length);
    chain[length] = 0;
    fail(path, -PIPE_EDEADLK);
    complain("%s%s", chain, length && chain[length - 1] != '\n' ? "\n" : "");
    return STATUS_FAILED;
}

// Text is no signal: an event has no room for it.
static long text_send(long handle, const char *text, size_t length, uint64_t deadline) {
    struct pipe_stat stat;
    long error = pipe_stat(handle, &stat);
    if (error == 0 && stat.flow == FLOW_EVENT)
        error = -PIPE_ENOTSUP;
    return error ? error : pipe_send(handle, text, length, deadline);
}

int send_command(int count, char **words) {
    static const struct option_plan plan = {"w", 2, WORDS_MAX, "PATH TEXT", true};
    struct options options;
    char text[PAYLOAD_MAX + 1];
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    size_t length = operands_join(&options, 1, text, sizeof text);
    long handle = pipe_open(options.operands[0], RIGHT_WRITE);
    if (handle < 0)
        return fail(options.operands[0], handle);
    uint64_t deadline = option_given(&options, 'w') ? DEADLINE_NONE : clock_deadline(ROOM_DEADLINE);
    long error = text_send(handle, text, length, deadline);
    int status = error ? fail_to_put(options.operands[0], error) : 0;
    pipe_close(handle);
    return status;
}

int call_command(int count, char **words) {
    static const struct option_plan plan = {"", 2, WORDS_MAX, "PATH TEXT", true};
    struct options options;
    char text[PAYLOAD_MAX + 1];
    uint8_t reply[PAYLOAD_MAX];
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    size_t length = operands_join(&options, 1, text, sizeof text);
    long handle = pipe_open(options.operands[0], RIGHT_WRITE);
    if (handle < 0)
        return fail(options.operands[0], handle);
    long result = pipe_call(handle, text, length, reply, sizeof reply, clock_deadline(REPLY_DEADLINE));
    if (result < 0) {
        fail_to_put(options.operands[0], result);
    } else {
        handles_close();
        payload_say(reply, (size_t)result);
    }
    pipe_close(handle);
    return result < 0 ? STATUS_FAILED : 0;
}

int signal_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 1, "PATH", false};
    struct options options;
    struct pipe_stat stat;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    long handle = pipe_open(options.operands[0], RIGHT_WRITE);
    long error = handle < 0 ? handle : pipe_stat(handle, &stat);
    if (error == 0)
        error = stat.flow == FLOW_EVENT ? pipe_signal(handle, 0) : -PIPE_ENOTSUP;
    if (handle >= 0)
        pipe_close(handle);
    return error < 0 ? fail(options.operands[0], error) : 0;
}

// ---- Taking out ----

// Prints the message that was received and lets a caller go on. False once the pipe is gone.
static bool message_take(const char *path, long length) {
    struct message_received head = *pipe_received();
    uint8_t payload[PAYLOAD_MAX];
    memcpy(payload, pipe_payload(), (size_t)length);
    handles_close();
    if (head.lost)
        complain("recv: %s: %u messages were lost\n", path, head.lost);
    if (head.type == MESSAGE_GONE)
        return false;
    message_lines_say(&head, payload);
    output_flush();
    if (head.type == MESSAGE_CALL)
        pipe_reply(head.token, NULL, 0);
    return true;
}

static int messages_take(const char *path, uint64_t most, uint64_t deadline) {
    for (uint64_t number = 0; number < most; number++) {
        long length = input_wait(deadline);
        if (length == INPUT_STOPPED)
            return STATUS_INTERRUPTED;
        if (length < 0)
            return fail(path, length);
        if (!message_take(path, length))
            return fail(path, -PIPE_EPIPE);
    }
    return 0;
}

int receive_command(int count, char **words) {
    static const struct option_plan plan = {"n:t:", 1, 1, "PATH", false};
    struct options options;
    uint64_t most = 1, time = 0;
    if (!options_parse(count, words, &plan, &options) || !option_number(&options, 'n', "N", 1, MESSAGES_MAX, &most) ||
        (option_given(&options, 't') && !duration_parse(option_value(&options, 't'), &time)))
        return STATUS_USAGE;
    uint64_t deadline = option_given(&options, 't') ? clock_deadline(time) : DEADLINE_NONE;
    long handle = pipe_open(options.operands[0], RIGHT_READ);
    long error = handle < 0 ? handle : pipe_hook(handle, 0, 0);
    int status = error ? fail(options.operands[0], error) : messages_take(options.operands[0], most, deadline);
    if (handle >= 0)
        pipe_close(handle);
    return status;
}
