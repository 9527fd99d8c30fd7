// SPDX-License-Identifier: MIT
// The shell's standard input, output and errors, and their redirections. A stream is a queue, a file of the file
// server, or nothing (/dev/null). A name below a directory of pipes (/app /bus /dev /irq /kernel /proc /svc) is a
// queue's.
#ifndef SHELL_STREAMS_H
#define SHELL_STREAMS_H

#include "syntax.h"

#include <stdint.h>

#define NOTHING_PATH "/dev/null"
#define STREAMS 3u
#define REDIRECTIONS_MAX 16u // of one command

enum stream_type { STREAM_QUEUE, STREAM_FILE, STREAM_NOTHING };

struct stream {
    enum stream_type type;
    long handle; // of a queue, or the file's session
    char *path;  // of a file, absolute; from malloc
    bool ends;   // the file goes with the stream: a here-document
};

const struct stream *stream_of(unsigned descriptor);

// What streams_restore needs.
struct saved_streams {
    struct stream before[STREAMS];
    struct stream opened[REDIRECTIONS_MAX];
    unsigned opened_count;
    bool is_changed;
};

// What the word of a redirection becomes, or the document: from malloc, or NULL: reported.
typedef char *redirection_text(const struct redirection *redirection);
// Makes a command's redirections, in order. False: one could not be made; it was reported, and the streams are as
// before.
bool streams_redirect(const struct redirection *redirections, redirection_text *text_of, struct saved_streams *saved);
// Undoes them. False: what was written did not reach its file; it was reported.
bool streams_restore(struct saved_streams *saved);

// Whether a path is one of pipes, not of files.
bool path_is_pipe(const char *path);

#endif
