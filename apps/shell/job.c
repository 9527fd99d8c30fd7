// SPDX-License-Identifier: MIT
#include "job.h"

#include "clock.h"
#include "failure.h"
#include "fault.h"
#include "file.h"
#include "info.h"
#include "input.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "state.h"
#include "streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_CAPTURE (KEY_INPUT + 8)
#define KEY_REST (KEY_INPUT + 9)
#define KEY_PROCESS (KEY_INPUT + 16) // and up: of the job's processes

#define PIPE_CAPACITY 16u
#define REST_CAPACITY 1u           // so that little is to be taken back
#define END_WAIT (5 * MILLISECOND) // for room in a full queue, between looks at who else has ended
#define STATUS_MASK 0xffu
#define INTERRUPT_STATUS 2u // that a process ends with by Ctrl-C

#define RULES_READ_ONLY RULE(RIGHT_READ | RIGHT_MANAGE, 0u, 0u, 0u)

uint32_t shell_kind(void) {
    static struct info_process own;
    if (!own.pid)
        info_ask(INFO_PROCESS, process_id(), &own, sizeof own);
    return own.kind;
}

// ---- Queues ----

// The path of a pipe in the shell's own directory, which others may list from then on. 0 or a negated error.
static long own_path(const char *name, char *path, size_t size) {
    static bool is_shown;
    snprintf(path, size, "/app/%u", (unsigned)process_id());
    if (!is_shown) {
        long directory = pipe_open(path, RIGHT_READ | RIGHT_MANAGE);
        if (directory < 0)
            directory = pipe_create(path, FLOW_DIRECTORY, RULES_DEFAULT, 0, 0);
        if (directory < 0)
            return directory;
        pipe_set_rules(directory, RULES_READABLE);
        pipe_close(directory);
        is_shown = true;
    }
    size_t length = strlen(path);
    snprintf(path + length, size - length, "/%s", name);
    return 0;
}

static long queue_make(const char *name, uint32_t capacity) {
    char path[COMPONENT_MAX];
    long error = own_path(name, path, sizeof path);
    return error ? error : pipe_create(path, FLOW_QUEUE, RULES_DEFAULT, capacity, PAYLOAD_MAX);
}

// A queue that is empty and has ended: the input of who has none. A handle, or a negated error.
static long empty_queue(void) {
    static long handle;
    if (handle > 0)
        return handle;
    handle = queue_make("empty", 1);
    if (handle > 0)
        pipe_set_rules(handle, RULES_READ_ONLY);
    return handle;
}

static long link_make(struct job *job, bool is_text, uint32_t capacity) {
    static unsigned made;
    char name[COMPONENT_MAX];
    if (job->link_count == JOB_LINKS_MAX)
        return -PIPE_E2BIG;
    snprintf(name, sizeof name, is_text ? "text-%u" : "pipe-%u", ++made);
    long handle = queue_make(name, capacity);
    if (handle < 0)
        return handle;
    job->links[job->link_count] = (struct link){.handle = handle, .number = made, .is_text = is_text};
    return job->link_count++;
}

long job_link(struct job *job) {
    return link_make(job, false, PIPE_CAPACITY);
}

static void link_remove(struct job *job, int number) {
    char path[COMPONENT_MAX];
    if (number == NO_LINK || !job->links[number].handle)
        return;
    struct link *link = &job->links[number];
    snprintf(path, sizeof path, link->is_text ? "/app/%u/text-%u" : "/app/%u/pipe-%u", (unsigned)process_id(),
             link->number);
    pipe_remove(path);
    pipe_close(link->handle);
    *link = (struct link){0};
}

static void writer_end(struct job *job, int number) {
    if (number != NO_LINK && --job->links[number].writers == 0)
        job->links[number].needs_end = job->links[number].handle;
}

// Sends the ends that are due. Whether one must wait for room.
static bool ends_send(struct job *job) {
    bool is_full = false;
    for (unsigned index = 0; index < job->link_count; index++) {
        struct link *link = &job->links[index];
        if (!link->needs_end || !link->handle)
            continue;
        long result = pipe_send(link->handle, NULL, 0, clock_deadline(END_WAIT));
        link->needs_end = result == -PIPE_ETIMEDOUT;
        is_full = is_full || link->needs_end;
        if (!link->needs_end)
            pipe_set_rules(link->handle, RULES_READ_ONLY);
    }
    return is_full;
}

// With the text goes the terminal that the job has, so that what reads a pipeline can still take keys.
long job_text(struct job *job, const struct buffer *text) {
    struct parcel parcel = {.handles = {(uint32_t)job->keys}, .handle_count = job->keys != 0};
    uint32_t messages = (uint32_t)((text->length + PAYLOAD_MAX - 1) / PAYLOAD_MAX);
    long link = link_make(job, true, messages + 1);
    long result = link < 0 ? link : 0;
    for (size_t done = 0; !result && done < text->length;) {
        size_t piece = text->length - done < PAYLOAD_MAX ? text->length - done : PAYLOAD_MAX;
        result = pipe_send_parcel(job->links[link].handle, text->bytes + done, piece, &parcel, DEADLINE_NOW);
        parcel.handle_count = 0;
        done += piece;
    }
    if (!result)
        result = pipe_send(job->links[link].handle, NULL, 0, DEADLINE_NOW);
    return result < 0 ? result : link;
}

// ---- The rest of the input ----

// A job that reads what the shell has begun to read gets a link. Should there be none for it, it gets the input itself.
static void rest_begin(struct job *job) {
    const uint8_t *bytes;
    long link = input_line(&bytes) ? link_make(job, false, REST_CAPACITY) : NO_LINK;
    job->rest = link < 0 ? NO_LINK : (int)link;
    if (link >= 0)
        job->links[link].writers++; // this shell
}

static bool is_read(const struct job *job, int link) {
    for (unsigned index = 0; index < job->process_count; index++)
        if (!job->processes[index].has_ended && job->processes[index].reads == link)
            return true;
    return false;
}

// Passes on what has come. Whether one must wait for room.
static bool rest_send(struct job *job) {
    const uint8_t *bytes;
    struct link *link = &job->links[job->rest];
    for (size_t length; (length = input_line(&bytes)); input_used(length))
        if (pipe_send(link->handle, bytes, length, clock_deadline(END_WAIT)) < 0)
            return true;
    if (input_has_ended() && link->writers)
        writer_end(job, job->rest);
    return false;
}

// Puts what nobody has read back in front of what the input brings.
static void rest_end(struct job *job) {
    char bytes[PAYLOAD_MAX];
    if (job->rest == NO_LINK || pipe_hook(job->links[job->rest].handle, KEY_REST, 0) < 0)
        return;
    for (long length; (length = pipe_wait_data(DEADLINE_NOW)) >= 0;) {
        if (pipe_received()->key != KEY_REST)
            continue;
        memcpy(bytes, pipe_payload(), (size_t)length);
        input_give_back(bytes, (size_t)length);
    }
}

// ---- Starting ----

void job_begin(struct job *job, bool takes_input) {
    *job = (struct job){.captured = NO_LINK, .carried = {NO_LINK, NO_LINK, NO_LINK}, .rest = NO_LINK};
    output_flush();
    bool is_own = stream_of(0)->type == STREAM_QUEUE && stream_of(0)->handle == HANDLE_INPUT;
    job->is_lent = takes_input && is_own && input_lend();
    job->keys = job->is_lent ? HANDLE_INPUT : takes_input ? shell.keys : 0;
    if (!job->is_lent)
        input_watch(false);
    if (takes_input && is_own && !job->is_lent)
        rest_begin(job);
}

static long process_add(struct job *job, const struct process *process) {
    if (job->process_count == JOB_PROCESSES_MAX)
        return -PIPE_E2BIG;
    job->processes[job->process_count] = *process;
    for (unsigned index = 0; index < 2; index++)
        if (process->writes[index] != NO_LINK)
            job->links[process->writes[index]].writers++;
    return job->process_count++;
}

// What a process gets as its standard streams, and the links that those are.
struct wiring {
    long handles[STREAMS];
    int links[STREAMS];
};

static long wired_start(struct job *job, const char *name, char *const words[], uint32_t kind,
                        const struct wiring *wiring, int text) {
    char path[COMPONENT_MAX];
    uint32_t handles[STREAMS + 1];
    struct process process = {.reads = wiring->links[0], .text = text};
    for (unsigned descriptor = 0; descriptor < STREAMS; descriptor++)
        handles[descriptor] = (uint32_t)wiring->handles[descriptor];
    if (text != NO_LINK)
        handles[STREAMS] = (uint32_t)job->links[text].handle;
    process.writes[0] = wiring->links[1];
    process.writes[1] = wiring->links[2];
    long pid = process_spawn(words, handles, text == NO_LINK ? STREAMS : STREAMS + 1, kind);
    if (pid < 0)
        return pid;
    if (job->is_lent)
        input_give_lines(); // the shell is before most programs, so this comes before they read
    process.pid = (uint32_t)pid;
    long number = process_add(job, &process);
    snprintf(path, sizeof path, "/proc/%u/exit", (unsigned)pid);
    if (number < 0)
        return number;
    job->processes[number].exit = pipe_open(path, RIGHT_READ);
    snprintf(job->processes[number].name, sizeof process.name, "%s", name);
    return number;
}

// A topic that nobody reads takes all and keeps nothing.
static long nothing_topic(void) {
    static long handle;
    char path[COMPONENT_MAX];
    if (handle > 0)
        return handle;
    long directory = own_path("nothing", path, sizeof path);
    handle = directory < 0 ? directory : pipe_create(path, FLOW_TOPIC, RULES_DEFAULT, 1, PAYLOAD_MAX);
    return handle;
}

// Starts a process that carries bytes between a file of the shell's and a new queue. The link, or a negated error.
static long carrier_start(struct job *job, unsigned descriptor) {
    char *words[] = {shell.program, descriptor == 0 ? "--from" : "--to", stream_of(descriptor)->path, NULL, NULL};
    char place[24];
    long link = job_link(job);
    if (link < 0)
        return link;
    struct wiring wiring = {{empty_queue(), nothing_topic(), HANDLE_ERRORS}, {NO_LINK, NO_LINK, NO_LINK}};
    if (descriptor == 0) {
        long position = file_seek(stream_of(0)->handle, 0, SEEK_FROM_POSITION);
        snprintf(place, sizeof place, "%ld", position < 0 ? 0 : position);
        words[3] = place;
    }
    wiring.handles[descriptor == 0] = job->links[link].handle;
    wiring.links[descriptor == 0] = (int)link;
    long process = wired_start(job, words[1], words, shell_kind(), &wiring, NO_LINK);
    if (process < 0)
        return process;
    job->processes[process].is_carrier = true;
    return link;
}

// Where the shell's own stream leads, for a process of the job.
static long stream_wire(struct job *job, unsigned descriptor, struct wiring *wiring) {
    const struct stream *stream = stream_of(descriptor), *output = stream_of(1);
    if (stream->type == STREAM_FILE && job->carried[descriptor] == NO_LINK) {
        bool is_shared = descriptor == 2 && output->type == STREAM_FILE && output->handle == stream->handle;
        long carried = is_shared && job->carried[1] != NO_LINK ? job->carried[1] : carrier_start(job, descriptor);
        if (carried < 0)
            return carried;
        job->carried[descriptor] = (int)carried;
    }
    if (stream->type == STREAM_FILE) {
        wiring->links[descriptor] = job->carried[descriptor];
        return job->links[job->carried[descriptor]].handle;
    }
    if (descriptor == 0 && job->rest != NO_LINK) {
        wiring->links[0] = job->rest;
        return job->links[job->rest].handle;
    }
    if (stream->type == STREAM_QUEUE)
        return stream->handle;
    return descriptor == 0 ? empty_queue() : nothing_topic();
}

// Ends the links to carriers of files that no process uses, because the one that they were made for did not start.
static void carried_end(struct job *job) {
    if (job->carried[0] != NO_LINK && !is_read(job, job->carried[0]))
        link_remove(job, job->carried[0]);
    for (unsigned descriptor = 1; descriptor < STREAMS; descriptor++) {
        int link = job->carried[descriptor];
        if (link != NO_LINK && !job->links[link].writers)
            job->links[link].needs_end = job->links[link].handle;
    }
}

static long wiring_start(struct job *job, const char *name, char *const words[], uint32_t kind, struct ends ends,
                         int text) {
    struct wiring wiring = {.links = {ends.input, ends.output, ends.errors}};
    if (ends.input == EMPTY_LINK)
        wiring.links[0] = NO_LINK;
    for (unsigned descriptor = 0; descriptor < STREAMS; descriptor++) {
        int link = wiring.links[descriptor];
        long handle = descriptor == 0 && ends.input == EMPTY_LINK ? empty_queue()
                      : link == NO_LINK                           ? stream_wire(job, descriptor, &wiring)
                                                                  : job->links[link].handle;
        if (handle < 0)
            return handle;
        wiring.handles[descriptor] = handle;
    }
    return wired_start(job, name, words, kind, &wiring, text);
}

long job_start(struct job *job, const char *name, char *const words[], uint32_t kind, struct ends ends, int text) {
    long result = wiring_start(job, name, words, kind, ends, text);
    if (result < 0)
        carried_end(job);
    return result;
}

void job_lack(struct job *job, struct ends ends, long error) {
    struct process process = {
        .has_ended = true, .status = error, .reads = ends.input, .writes = {ends.output, ends.errors}, .text = NO_LINK};
    if (process_add(job, &process) < 0)
        return;
    link_remove(job, ends.input);
    writer_end(job, ends.output);
    writer_end(job, ends.errors);
}

// ---- Waiting ----

static void process_ended(struct job *job, struct process *process) {
    if (process->has_ended)
        return;
    if (process->exit > 0)
        pipe_close(process->exit);
    process->exit = 0;
    process->has_ended = true;
    struct wait_reply reply;
    process->status = process_wait_text(process->pid, &reply);
    process->crash = *reply.text ? strdup(reply.text) : NULL;
    writer_end(job, process->writes[0]);
    writer_end(job, process->writes[1]);
    link_remove(job, process->text);
    if (process->reads != job->rest && !is_read(job, process->reads))
        link_remove(job, process->reads);
}

// Whether the process's end was signalled: others may have been told of it already, so a hook need not hear of it.
static bool is_over(const struct process *process) {
    struct pipe_stat stat;
    return process->exit <= 0 || pipe_stat(process->exit, &stat) < 0 || stat.in;
}

static bool all_have_ended(const struct job *job) {
    for (unsigned index = 0; index < job->process_count; index++)
        if (!job->processes[index].has_ended)
            return false;
    return true;
}

bool job_has_ended(struct job *job) {
    for (unsigned index = 0; index < job->process_count; index++)
        if (!job->processes[index].has_ended && is_over(&job->processes[index]))
            process_ended(job, &job->processes[index]);
    ends_send(job);
    return all_have_ended(job);
}

static void job_watch(struct job *job) {
    for (unsigned index = 0; index < job->process_count; index++)
        if (!job->processes[index].has_ended && job->processes[index].exit > 0)
            pipe_hook(job->processes[index].exit, KEY_PROCESS + index, 0);
    job_has_ended(job);
}

static void job_unwatch(struct job *job) {
    for (unsigned index = 0; index < job->process_count; index++)
        if (!job->processes[index].has_ended && job->processes[index].exit > 0)
            pipe_unhook(job->processes[index].exit);
}

static void job_stop(struct job *job, bool only_waits) {
    say(job->is_lent ? "\n" : "^C\n"); // the terminal has shown a Ctrl-C that it has taken
    output_flush();
    job->is_stopped = true;
    for (unsigned index = 0; index < job->process_count; index++)
        if (!job->processes[index].has_ended && !only_waits)
            process_kill_tree(job->processes[index].pid, INTERRUPT_STATUS);
}

static void message_take(struct job *job, long length) {
    uint64_t key = pipe_received()->key;
    char bytes[PAYLOAD_MAX]; // memory comes by messages too, which take the page
    if (key == KEY_CAPTURE && job->capture) {
        memcpy(bytes, pipe_payload(), (size_t)length);
        if (!buffer_add(job->capture, bytes, (size_t)length))
            link_remove(job, job->captured); // whoever writes more ends
    } else if (key >= KEY_PROCESS && key < KEY_PROCESS + job->process_count) {
        process_ended(job, &job->processes[key - KEY_PROCESS]);
    }
}

// Takes what the job has written and nobody has taken yet: all who wrote have ended.
static void capture_finish(struct job *job) {
    for (long length; (length = pipe_wait_data(DEADLINE_NOW)) >= 0;)
        message_take(job, length);
}

void job_wait(struct job *job, bool only_waits) {
    bool is_left = false;
    job_watch(job);
    if (job->captured != NO_LINK)
        pipe_hook(job->links[job->captured].handle, KEY_CAPTURE, 0);
    while (!is_left && !all_have_ended(job)) {
        bool passes_on = job->rest != NO_LINK && is_read(job, job->rest), is_full = passes_on && rest_send(job);
        uint64_t deadline = ends_send(job) || is_full ? DEADLINE_NOW : DEADLINE_NONE;
        long length = passes_on && !is_full ? input_more(deadline)
                      : job->is_lent        ? pipe_wait_data(deadline)
                                            : input_wait(deadline);
        bool is_stop = length == INPUT_STOPPED || (length >= 0 && job->is_lent && input_stop_is_signalled());
        is_left = is_stop && only_waits;
        if (is_stop && !job->is_stopped)
            job_stop(job, only_waits);
        else if (!is_stop && length >= 0)
            message_take(job, length);
    }
    if (job->rest != NO_LINK)
        input_lend(); // so that nothing of it comes while it is not asked for
    if (job->captured != NO_LINK)
        capture_finish(job);
    job_unwatch(job);
}

void job_end(struct job *job) {
    rest_end(job);
    for (unsigned index = 0; index < job->link_count; index++)
        link_remove(job, (int)index);
    if (!job->is_lent)
        return;
    input_take();
    input_edit();
    input_watch(false);
}

static bool texts_are_read(const struct job *job) {
    for (unsigned index = 0; index < job->link_count; index++) {
        struct pipe_stat stat;
        const struct link *link = &job->links[index];
        if (link->is_text && link->handle && pipe_stat(link->handle, &stat) == 0 && stat.depth)
            return false;
    }
    return true;
}

void job_release(struct job *job) {
    while (!texts_are_read(job) && !job_has_ended(job))
        if (input_wait(clock_deadline(END_WAIT)) == INPUT_STOPPED)
            return;
}

// The status of a process in `$?`; says how it ended if it did not end by itself.
static int process_status(struct process *process) {
    if (process->status < 0)
        return process->status == -PIPE_ENOENT ? STATUS_NO_COMMAND : STATUS_FAILED;
    int signal = fault_signal((uint32_t)process->status), low = (int)(process->status & STATUS_MASK);
    if (!process->is_carrier && process->status & EXIT_FAULT)
        complain("%s: %s\n", process->name, process->crash ? process->crash : fault_name((uint32_t)low));
    else if (!process->is_carrier && signal)
        complain("%s: killed by signal %d\n", process->name, signal);
    free(process->crash);
    process->crash = NULL;
    return signal ? FAULT_STATUS + signal : low;
}

int job_status(struct job *job) {
    int status = 0, carried = 0;
    for (unsigned index = 0; index < job->process_count && !job->is_stopped; index++) {
        struct process *process = &job->processes[index];
        int ended = process_status(process);
        if (!process->is_carrier)
            status = ended;
        else if (ended && ended != STATUS_NO_READER)
            carried = ended;
    }
    if (job->is_stopped)
        shell.leaving = LEAVING_ALL;
    return job->is_stopped ? STATUS_INTERRUPTED : status ? status : carried;
}
