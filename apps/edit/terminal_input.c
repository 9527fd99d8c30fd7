// SPDX-License-Identifier: MIT
#include "terminal_input.h"

#include "clock.h"
#include "pipe.h"
#include "protocol/start.h"
#include "terminal.h"

#define ESCAPE 0x1b
#define SEQUENCE_TIME (50 * MILLISECOND) // after which an ESC was the key of that name

// Keys are taken a byte at a time, so that those typed after the last one stay for the terminal's next reader.
static struct {
    uint8_t byte; // that came, or was put back
    bool has_byte, has_ended;
    long control; // of the session, or negative: the input is none
    long mode;    // that it had
} input;

long keys_begin(void) {
    long error = pipe_hook(HANDLE_INPUT, 0, 0);
    if (error < 0)
        return error;
    input.control = terminal_open(HANDLE_INPUT, "control", RIGHT_WRITE);
    if (input.control > 0)
        input.mode = terminal_set_mode(input.control, HANDLE_INPUT, TTY_MODE_RAW);
    return 0;
}

void keys_end(void) {
    if (input.control > 0 && input.mode >= 0)
        terminal_set_mode(input.control, HANDLE_INPUT, (uint32_t)input.mode);
    pipe_unhook(HANDLE_INPUT);
}

void keys_size(unsigned *columns, unsigned *rows) {
    struct tty_size size = {80, 24};
    if (input.control > 0)
        terminal_size(input.control, &size);
    *columns = size.columns < 20 ? 20 : size.columns > 500 ? 500 : size.columns;
    *rows = size.rows < 4 ? 4 : size.rows > 200 ? 200 : size.rows;
}

// Whether a byte is there, or comes before the deadline.
static bool wait(uint64_t deadline) {
    while (!input.has_byte && !input.has_ended) {
        long length = pipe_wait_limited(1, deadline);
        if (length == -PIPE_ETIMEDOUT || length == -PIPE_EAGAIN)
            return false;
        if (length <= 0 || pipe_received()->type == MESSAGE_GONE) {
            input.has_ended = true;
            break;
        }
        input.byte = *(const uint8_t *)pipe_payload();
        input.has_byte = true;
    }
    return !input.has_ended;
}

bool key_waits(void) {
    return wait(DEADLINE_NOW);
}

static int byte_next(uint64_t deadline) {
    if (!wait(deadline))
        return -1;
    input.has_byte = false;
    return input.byte;
}

// ESC [ digits, parted by semicolons, and a letter (ECMA-48, 5.4). A second number tells of keys that are held.
static int sequence_read(void) {
    static const int letters[] = {
        ['A'] = KEY_UP, ['B'] = KEY_DOWN, ['C'] = KEY_RIGHT, ['D'] = KEY_LEFT, ['F'] = KEY_END, ['H'] = KEY_HOME};
    static const int held[] = {['A'] = KEY_UP,        ['B'] = KEY_DOWN,   ['C'] = KEY_WORD_RIGHT,
                               ['D'] = KEY_WORD_LEFT, ['F'] = KEY_BOTTOM, ['H'] = KEY_TOP};
    static const int numbers[] = {[1] = KEY_HOME,      [3] = KEY_DELETE, [4] = KEY_END, [5] = KEY_PAGE_UP,
                                  [6] = KEY_PAGE_DOWN, [7] = KEY_HOME,   [8] = KEY_END};
    int byte, number = 0, first = -1;
    while ((byte = byte_next(clock_deadline(SEQUENCE_TIME))) >= ' ' && (byte < '@' || byte > '~')) {
        if (byte == ';')
            first = number;
        number = byte >= '0' && byte <= '9' ? (number * 10 + byte - '0') % 100 : 0;
    }
    int key = KEY_NONE;
    number = first >= 0 ? first : number;
    if (byte == '~' && number < (int)(sizeof numbers / sizeof *numbers))
        key = numbers[number];
    else if (byte >= 'A' && byte <= 'H')
        key = first >= 0 ? held[byte] : letters[byte];
    return key ? key : KEY_NONE;
}

static int escape_read(void) {
    int byte = byte_next(clock_deadline(SEQUENCE_TIME));
    if (byte == '[' || byte == 'O')
        return sequence_read();
    if (byte >= 0 && byte != ESCAPE)
        input.has_byte = true; // two keys
    return KEY_ESCAPE;
}

int key_read(void) {
    int byte = byte_next(DEADLINE_NONE);
    return byte < 0 ? KEY_END_OF_INPUT : byte == ESCAPE ? escape_read() : byte;
}
