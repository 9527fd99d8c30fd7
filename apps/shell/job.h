// SPDX-License-Identifier: MIT
// A job: processes that were started together, with transient queues between them, /app/<pid>/pipe-<n>, of which each
// process has its end and nobody else.
#ifndef SHELL_JOB_H
#define SHELL_JOB_H

#include "abi.h"
#include "buffer.h"
#include "streams.h"
#include "terminal.h"

#include <stdint.h>

#define STAGES_MAX 32u                     // of a pipeline
#define JOB_PROCESSES_MAX (STAGES_MAX + 3) // and those that copy files in and out

struct process {
    uint32_t pid; // 0: it could not be started
    char name[PROGRAM_NAME_MAX + 1];
    long exit; // handle of /proc/<pid>/exit, 0: it has ended
    bool has_ended;
    long status; // as of process_wait, or a negated error
    char *crash; // allocated: the text of the exception that ended it, until job_status; or NULL
};

struct job {
    struct process processes[JOB_PROCESSES_MAX];
    unsigned process_count;
    long captured;                 // the queue whose bytes go to `capture`, or 0
    struct buffer *capture;        // or NULL
    struct terminal_job terminal;  // of a suspended job: what it has to read again
    bool is_suspended, is_stopped; // by Ctrl-Z, by Ctrl-C
};

// Handles of a process's standard streams.
#define END_OWN 0        // where the shell's own stream leads
#define END_NOTHING (-1) // an input that has ended

struct ends {
    long handles[STREAMS];
};

void ends_close(const struct ends *ends);

void job_begin(struct job *job);
// Starts a process, to which messages give the name. Its number in the job, or a negated error. `text`: the queue that
// a shell has its text from, or 0.
long job_start(struct job *job, const char *name, char *const words[], uint32_t kind, struct ends ends, long text);
// A process that could not be started.
void job_lack(struct job *job, long error);
// Waits until every process has ended, or until Ctrl-Z. Ctrl-C ends them, or if `only_waits` the waiting.
void job_wait(struct job *job, bool only_waits);
// Looks, without waiting, whether every process has ended.
bool job_has_ended(struct job *job);
// Suspends the processes and all that they have started, or lets them go on.
void job_suspend(struct job *job, bool is_suspended);
void job_end(struct job *job);

// The job's status, once it has ended: that of its last process, or that of who could not write its bytes to a file.
// Says how processes ended that did not end by themselves.
int job_status(struct job *job);

// Waits for a job, from malloc, in the foreground, and forgets it: its status. One that Ctrl-Z suspends is kept.
int job_run(struct job *job);
// What keeps a suspended job; false: there is no room for it, so it goes on. main sets it.
extern bool (*job_keep)(struct job *job);

// The kind that this shell is of, for those that run its parts.
uint32_t shell_kind(void);

#endif
