// SPDX-License-Identifier: MIT
#include "streams.h"

#include "failure.h"
#include "file.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENT_FORM "/tmp/.here-%u-%u" // the shell's pid, and which of its documents
#define DOCUMENT_TRIES 100               // of names that somebody has taken
#define NUMBER_DIGITS 10

static struct stream streams[STREAMS] = {
    {.handle = HANDLE_INPUT}, {.handle = HANDLE_OUTPUT}, {.handle = HANDLE_ERRORS}};

const struct stream *stream_of(unsigned descriptor) {
    return &streams[descriptor];
}

void streams_begin(void) {
    for (unsigned descriptor = 0; descriptor < STREAMS; descriptor++) {
        struct pipe_stat stat;
        bool is_file = pipe_stat(streams[descriptor].handle, &stat) >= 0 && stat.flow == FLOW_CALL;
        streams[descriptor].type = is_file ? STREAM_FILE : STREAM_QUEUE;
    }
}

void stream_input_set(long handle) {
    streams[0].handle = handle;
}

bool path_is_pipe(const char *path) {
    static const char *const directories[] = {"/app", "/bus", "/dev", "/irq", "/kernel", "/proc", "/svc"};
    for (size_t index = 0; index < sizeof directories / sizeof *directories; index++) {
        size_t length = strlen(directories[index]);
        if (strncmp(path, directories[index], length) == 0 && (!path[length] || path[length] == '/'))
            return true;
    }
    return false;
}

// ---- Opening ----

static long file_stream_open(const char *path, enum redirection_type type, struct stream *stream) {
    static const uint32_t flags[] = {[REDIRECT_INPUT] = OPEN_READ,
                                     [REDIRECT_OUTPUT] = OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE,
                                     [REDIRECT_APPEND] = OPEN_WRITE | OPEN_CREATE | OPEN_APPEND};
    char whole[FILE_PATH_MAX + 1];
    struct stream_stat stat;
    long result = file_resolve(path, whole);
    if (!result && type == REDIRECT_INPUT && file_stat(whole, &stat) == 0 && stat_is_directory(&stat))
        result = -PIPE_EISDIR;
    if (!result)
        result = file_open(whole, flags[type]);
    if (result < 0)
        return result;
    *stream = (struct stream){.type = STREAM_FILE, .handle = result, .path = strdup(whole)};
    if (stream->path)
        return 0;
    file_close(stream->handle);
    return -PIPE_ENOMEM;
}

long (*streams_wait)(uint64_t deadline);

// A queue that is opened for reading waits for its first writer, as POSIX's FIFO does; other pipes do not.
static long writer_await(long handle) {
    long result = pipe_hook(handle, KEY_WRITER, HOOK_BEGIN);
    if (result < 0)
        return result == -PIPE_EINVAL ? 0 : result;
    result = streams_wait(DEADLINE_NONE);
    pipe_unhook(handle);
    return result < 0 ? result : 0;
}

static long stream_open(const char *path, enum redirection_type type, struct stream *stream) {
    if (strcmp(path, NOTHING_PATH) == 0) {
        *stream = (struct stream){.type = STREAM_NOTHING};
        return 0;
    }
    if (!path_is_pipe(path))
        return file_stream_open(path, type, stream);
    long handle = pipe_open(path, type == REDIRECT_INPUT ? RIGHT_READ : RIGHT_WRITE);
    long result = handle >= 0 && type == REDIRECT_INPUT ? writer_await(handle) : handle;
    if (result < 0 && handle >= 0)
        pipe_close(handle);
    *stream = (struct stream){.type = STREAM_QUEUE, .handle = handle};
    return result < 0 ? result : 0;
}

// Opens a new file that has no name any more, for a here-document: whoever holds it is its only reader. Its name can be
// foreseen, so it must be new.
static long document_file(void) {
    static unsigned made;
    char path[sizeof DOCUMENT_FORM + 2 * NUMBER_DIGITS];
    long file = -PIPE_EEXIST;
    for (int tries = 0; file == -PIPE_EEXIST && tries < DOCUMENT_TRIES; tries++) {
        snprintf(path, sizeof path, DOCUMENT_FORM, (unsigned)process_id(), ++made);
        file = file_open_mode(path, OPEN_READ | OPEN_WRITE | OPEN_CREATE | OPEN_NEW, 0600);
    }
    if (file > 0)
        file_remove(path);
    return file;
}

// A here-document is a file, so that all who read the input go on where others have stopped.
static long document_open(const char *text, struct stream *stream) {
    long file = document_file(), length = (long)strlen(text);
    if (file < 0)
        return file;
    long result = file_write(file, text, (size_t)length);
    if (result == length)
        result = file_seek(file, 0, STREAM_FROM_START);
    else if (result >= 0)
        result = -PIPE_ENOSPC;
    *stream = (struct stream){.type = STREAM_FILE, .handle = file};
    if (result < 0)
        file_close(file);
    return result < 0 ? result : 0;
}

static void stream_close(struct stream *stream) {
    if (stream->type == STREAM_FILE)
        file_close(stream->handle);
    else if (stream->type == STREAM_QUEUE)
        pipe_close(stream->handle);
    free(stream->path);
}

// ---- Redirecting ----

static bool same_redirect(const struct redirection *redirection, const char *number) {
    if (number[0] < '0' || number[0] > '2' || number[1]) {
        fail_usage(number, "a descriptor is 0, 1 or 2");
        return false;
    }
    streams[redirection->descriptor] = streams[number[0] - '0'];
    return true;
}

// To what `text` names, or to a document whose text it is.
static bool new_redirect(const struct redirection *redirection, const char *text, struct saved_streams *saved) {
    bool is_document = redirection->type == REDIRECT_HERE;
    struct stream *stream = &saved->opened[saved->opened_count];
    long error = saved->opened_count == REDIRECTIONS_MAX ? -PIPE_E2BIG
                 : is_document                           ? document_open(text, stream)
                                                         : stream_open(text, redirection->type, stream);
    saved->is_interrupted = error == STREAMS_STOPPED;
    if (saved->is_interrupted)
        shell.leaving = LEAVING_ALL;
    else if (error)
        fail(is_document ? "<<" : text, error);
    if (error)
        return false;
    streams[redirection->descriptor] = *stream;
    saved->opened_count++;
    return true;
}

static bool redirect(const struct redirection *redirection, redirection_text *text_of, struct saved_streams *saved) {
    bool is_same = redirection->type == REDIRECT_SAME;
    char *text = text_of(redirection);
    bool is_made = text && (is_same ? same_redirect(redirection, text) : new_redirect(redirection, text, saved));
    free(text);
    return is_made;
}

int streams_redirect(const struct redirection *redirections, redirection_text *text_of, struct saved_streams *saved) {
    saved->opened_count = 0;
    saved->is_interrupted = false;
    saved->is_changed = redirections;
    if (!redirections)
        return 0;
    output_flush();
    memcpy(saved->before, streams, sizeof streams);
    for (; redirections; redirections = redirections->next)
        if (!redirect(redirections, text_of, saved)) {
            streams_restore(saved);
            return saved->is_interrupted ? STATUS_INTERRUPTED : STATUS_USAGE;
        }
    return 0;
}

bool streams_restore(struct saved_streams *saved) {
    if (!saved->is_changed)
        return true;
    output_flush();
    long error = output_error();
    const char *path = streams[1].path ? streams[1].path : streams[2].path;
    memcpy(streams, saved->before, sizeof streams);
    fail_as(NULL, NULL);
    if (error)
        fail(path ? path : "the output", error);
    while (saved->opened_count)
        stream_close(&saved->opened[--saved->opened_count]);
    return !error;
}
