// SPDX-License-Identifier: MIT
// A job: processes that were started together, and the queues between them, /app/<pid>/pipe-<n>.
//
// The shell keeps a handle of each queue. Once all who write to one have ended it sends a message of no bytes, the end
// of the file, and takes the right to write from the queue's rules: an empty queue without that right has ended,
// whoever comes to read. Once its reader has ended it removes the queue, so that a writer gets EPIPE.
#ifndef SHELL_JOB_H
#define SHELL_JOB_H

#include "abi.h"
#include "buffer.h"

#include <stdint.h>

#define STAGES_MAX 32u                     // of a pipeline
#define JOB_PROCESSES_MAX (STAGES_MAX + 3) // and what carries files in and out
#define JOB_LINKS_MAX (2 * STAGES_MAX + 4) // between stages, to those, and texts

#define NO_LINK (-1)
#define EMPTY_LINK (-2) // of an input: what has ended already

struct process {
    uint32_t pid; // 0: it could not be started
    char name[PROGRAM_NAME_MAX + 1];
    long exit; // handle of /proc/<pid>/exit, 0: it has ended
    int reads; // the link, or NO_LINK
    int writes[2];
    int text;        // the link that it has its text from, or NO_LINK
    bool is_carrier; // of a file: how it ends is of no interest
    bool has_ended;
    long status; // as of process_wait, or a negated error
    char *crash; // allocated: the text of the exception that ended it, until job_status; or NULL
};

struct link {
    long handle; // 0: removed
    unsigned number, writers;
    bool needs_end, is_text;
};

struct job {
    struct process processes[JOB_PROCESSES_MAX];
    struct link links[JOB_LINKS_MAX];
    unsigned process_count, link_count;
    struct buffer *capture; // where what is written to `captured` goes, or NULL
    int captured;
    int carried[3];  // links to what carries the shell's own streams, or NO_LINK
    int rest;        // the link through which the shell's input goes on, or NO_LINK
    long keys;       // the terminal whose keys its shells may take, or 0
    bool is_lent;    // it has the terminal
    bool is_stopped; // by Ctrl-C
};

// Where a process's standard streams lead: a link, or NO_LINK: where the shell's own lead.
struct ends {
    int input, output, errors;
};

// `takes_input`: it gets the shell's input, if that is asked for.
void job_begin(struct job *job, bool takes_input);
// A new queue: its link, or a negated error.
long job_link(struct job *job);
// Starts a process, to which messages give the name. Its number in the job, or a negated error. `text`: a link, or
// NO_LINK.
long job_start(struct job *job, const char *name, char *const words[], uint32_t kind, struct ends ends, int text);
// A link that already holds a text, from which a shell reads its commands.
long job_text(struct job *job, const struct buffer *text);
// A process that could not be started: its links end.
void job_lack(struct job *job, struct ends ends, long error);
// Waits until every process has ended. Ctrl-C ends them, or if `only_waits` the waiting.
void job_wait(struct job *job, bool only_waits);
// Looks, without waiting, whether every process has ended.
bool job_has_ended(struct job *job);
void job_end(struct job *job);
// Waits until no process of the job depends on this one: a shell that runs a text has read it, or has ended.
void job_release(struct job *job);

// The job's status, once it has ended: that of its last process, or that of who could not carry its bytes to a file.
// Says how processes ended that did not end by themselves.
int job_status(struct job *job);

// The kind that this shell is of, for those that run its parts.
uint32_t shell_kind(void);

#endif
