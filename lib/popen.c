// SPDX-License-Identifier: MIT
// Other programs: system, popen. A shell runs the command, with the claims of the stanza `sh`: those of any app.
#include "descriptor.h"
#include "fault.h"
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STREAMS 3

static int fail(long error) {
    errno = (int)-error;
    return -1;
}

// As waitpid tells it.
static int status_of(long status) {
    if (status < 0)
        return fail(status);
    int signal = fault_signal((uint32_t)status);
    return signal ? signal : (int)(status & 0xff) << 8;
}

// What a shell gets for a descriptor of this program's.
static long handle_of(int descriptor) {
    const struct opened *opened = opened_of(descriptor);
    return opened ? opened->handle : queue_ended();
}

// Starts the command with another handle instead of one of this program's streams, or of none (-1). Its pid, or a
// negated error.
static long start(const char *command, int replaced, long handle) {
    char *const words[] = {"sh", "-c", (char *)(uintptr_t)command, NULL};
    uint32_t handles[STREAMS];
    for (int descriptor = 0; descriptor < STREAMS; descriptor++)
        handles[descriptor] = (uint32_t)(descriptor == replaced ? handle : handle_of(descriptor));
    fflush(NULL);
    return process_spawn(words, handles, STREAMS, SPAWN_AS_PLAIN);
}

int system(const char *command) {
    if (!command)
        return 1;
    long result = start(command, -1, 0);
    return status_of(result < 0 ? result : process_wait((uint32_t)result));
}

// ---- popen ----

static struct {
    FILE *file;
    uint32_t pid;
} commands[DESCRIPTORS_MAX]; // by descriptor

FILE *popen(const char *command, const char *mode) {
    bool reads = *mode == 'r';
    long ends[2], error = reads || *mode == 'w' ? queue_pair(&ends[0], &ends[1], 0) : -PIPE_EINVAL;
    if (error) {
        fail(error);
        return NULL;
    }
    long pid = start(command, reads, ends[reads]);
    pipe_close(ends[reads]);
    long descriptor = pid < 0 ? pid : descriptor_new(0, ends[!reads], OPENED_QUEUE, reads ? O_RDONLY : O_WRONLY);
    FILE *file = descriptor < 0 ? NULL : fdopen((int)descriptor, reads ? "r" : "w");
    if (descriptor < 0)
        pipe_close(ends[!reads]);
    if (descriptor < 0)
        fail(descriptor);
    else if (!file)
        descriptor_close((int)descriptor);
    if (!file)
        return NULL;
    commands[descriptor].file = file;
    commands[descriptor].pid = (uint32_t)pid;
    return file;
}

int pclose(FILE *file) {
    int descriptor = fileno(file);
    if (descriptor < 0 || descriptor >= DESCRIPTORS_MAX || commands[descriptor].file != file)
        return fail(-PIPE_EINVAL);
    commands[descriptor].file = NULL;
    fclose(file);
    return status_of(process_wait(commands[descriptor].pid));
}
