// SPDX-License-Identifier: MIT
#include "threads.h"

#include "info.h"

static void process_collect(struct threads *threads, uint32_t pid) {
    struct thread_entry entry = {.pid = pid};
    for (uint32_t index = 0; threads->count < THREADS_MAX && info_ask_thread(pid, index, &entry.info) == 0;
         index = entry.info.thread + 1)
        threads->entries[threads->count++] = entry;
}

long threads_collect(struct threads *threads) {
    struct info_process process;
    uint32_t number = 1;
    long error;
    threads->count = 0;
    while ((error = info_ask(INFO_PROCESS, number, &process, sizeof process)) == 0) {
        process_collect(threads, process.pid);
        number = process.pid + 1;
    }
    return error == -PIPE_ESRCH ? 0 : error;
}

unsigned threads_waiting(const struct threads *threads, uint32_t pipe, uint32_t *pid) {
    unsigned count = 0;
    for (unsigned index = 0; index < threads->count; index++) {
        const struct thread_entry *entry = &threads->entries[index];
        if (!entry->info.pipe || entry->info.pipe != pipe)
            continue;
        *pid = count++ ? *pid : entry->pid;
    }
    return count;
}
