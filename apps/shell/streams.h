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
    long handle; // of the queue, or the open file: programs get it as it is
    char *path;  // of a file that a redirection opened, absolute; from malloc; else NULL
};

// To be called first: finds out what the shell's own streams are.
void streams_begin(void);
const struct stream *stream_of(unsigned descriptor);
// Makes another queue the shell's own input, while no redirection is in force.
void stream_input_set(long handle);

// What streams_restore needs.
struct saved_streams {
    struct stream before[STREAMS];
    struct stream opened[REDIRECTIONS_MAX];
    unsigned opened_count;
    bool is_changed, is_interrupted;
};

// Waits for a message, as input_wait, which main puts there; STREAMS_STOPPED: Ctrl-C ended that.
extern long (*streams_wait)(uint64_t deadline);
#define STREAMS_STOPPED (-2000)
#define KEY_WRITER ((1ull << 63) + 3) // beside those of input.h

// What the word of a redirection becomes, or the document: from malloc, or NULL: reported.
typedef char *redirection_text(const struct redirection *redirection);
// Makes a command's redirections, in order. 0, or a status: one could not be made, which was reported, or Ctrl-C ended
// the waiting for it; the streams are as before.
int streams_redirect(const struct redirection *redirections, redirection_text *text_of, struct saved_streams *saved);
// Undoes them. False: what was written did not reach its file; it was reported.
bool streams_restore(struct saved_streams *saved);

// Whether a path is one of pipes, not of files.
bool path_is_pipe(const char *path);

#endif
