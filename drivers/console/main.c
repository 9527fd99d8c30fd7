// SPDX-License-Identifier: MIT
// The driver of the screen, a plain process (protocol/console.h).
#include "display.h"
#include "framebuffer.h"
#include "pipe.h"
#include "process.h"
#include "protocol/console.h"
#include "report.h"
#include "terminal.h"

#include <string.h>

#define OUTPUT_CAPACITY 64u
#define OUTPUT_PAYLOAD 1000u
#define VIEW_CAPACITY 16u
#define VIEW_PAYLOAD 16u
#define VIEW_STEP ((int32_t)TERMINAL_ROWS / 2)
#define KEY_OUTPUT 1u
#define KEY_VIEW 2u
#define KEY_SIZE 3u

static struct terminal terminal;

typedef void show_function(const struct terminal *terminal);

static long pipe_make(const char *path, enum flow flow, uint32_t capacity, uint32_t payload, uint64_t key) {
    uint32_t rules = RULE(RIGHTS_ALL, RIGHT_TAP, RIGHT_WRITE, RIGHT_WRITE);
    long handle = pipe_create(path, flow, rules, capacity, payload);
    return handle < 0 ? handle : pipe_hook(handle, key, 0);
}

static bool pipes_make(void) {
    pipe_create(CONSOLE_DIRECTORY, FLOW_DIRECTORY, RULES_READABLE, 0, 0);
    return pipe_make(CONSOLE_OUTPUT_PIPE, FLOW_QUEUE, OUTPUT_CAPACITY, OUTPUT_PAYLOAD, KEY_OUTPUT) >= 0 &&
           pipe_make(CONSOLE_VIEW_PIPE, FLOW_QUEUE, VIEW_CAPACITY, VIEW_PAYLOAD, KEY_VIEW) >= 0 &&
           pipe_make(CONSOLE_SIZE_PIPE, FLOW_CALL, 0, 0, KEY_SIZE) >= 0;
}

static void size_tell(uint64_t token, const void *payload, size_t length) {
    static const struct console_size size = {TERMINAL_COLUMNS, TERMINAL_ROWS};
    struct console_request request = {0};
    bool is_short = length < sizeof request;
    if (!is_short)
        memcpy(&request, payload, sizeof request);
    if (is_short || request.operation != CONSOLE_SIZE)
        pipe_reply(token, NULL, is_short ? -PIPE_EMSGSIZE : -PIPE_EPROTO);
    else
        pipe_reply(token, &size, sizeof size);
}

static void view_move(const char *steps, size_t length) {
    for (size_t index = 0; index < length; index++)
        terminal_scroll_view(&terminal, steps[index] == '+' ? VIEW_STEP : -VIEW_STEP);
}

// The function that draws the terminal on the screen of this machine, or NULL without a screen.
static show_function *screen_open(void) {
    if (framebuffer_is_there())
        return framebuffer_initialize() ? framebuffer_update : NULL;
    if (display_initialize())
        return display_update;
    report("there is neither a framebuffer nor the VGA's text mode");
    return NULL;
}

int main(void) {
    if (!pipes_make()) {
        report("its pipes are unavailable");
        return 1;
    }
    terminal_initialize(&terminal);
    show_function *show = screen_open();
    if (show)
        show(&terminal);
    else
        report("what comes is dropped");
    process_ready();
    for (;;) {
        long length = pipe_wait_data(DEADLINE_NONE);
        if (length < 0)
            continue;
        if (pipe_received()->key == KEY_OUTPUT)
            terminal_write(&terminal, pipe_payload(), (size_t)length);
        else if (pipe_received()->key == KEY_SIZE)
            size_tell(pipe_received()->token, pipe_payload(), (size_t)length);
        else
            view_move(pipe_payload(), (size_t)length);
        if (show)
            show(&terminal);
    }
}
