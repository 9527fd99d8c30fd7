// SPDX-License-Identifier: MIT
#include "holders.h"

#include "info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 256u
#define MORE_MAX 999u // that are counted

struct holder {
    uint64_t pipe;
    uint32_t pid;
};

static struct holder *holders;
static size_t count, room;

static void holder_add(uint64_t pipe, uint32_t pid) {
    if (count == room) {
        size_t wanted = room ? 2 * room : ROOM_FIRST;
        struct holder *more = realloc(holders, wanted * sizeof *holders);
        if (!more)
            return;
        holders = more;
        room = wanted;
    }
    holders[count++] = (struct holder){pipe, pid};
}

static void process_gather(uint32_t pid) {
    static struct info_handles answer;
    uint32_t cursor = 0;
    do {
        if (info_ask_handles(pid, cursor, &answer))
            return;
        for (uint32_t index = 0; index < answer.count && index < INFO_HANDLES_MAX; index++)
            if (answer.handle[index].type == HANDLE_PIPE && answer.handle[index].is_outside)
                holder_add(answer.handle[index].object, pid);
        cursor = answer.next;
    } while (cursor);
}

static int holder_compare(const void *one, const void *two) {
    const struct holder *first = one, *second = two;
    if (first->pipe != second->pipe)
        return first->pipe < second->pipe ? -1 : 1;
    return (first->pid > second->pid) - (first->pid < second->pid);
}

void holders_gather(void) {
    struct info_process process;
    holders_forget();
    for (uint32_t pid = 1; info_ask(INFO_PROCESS, pid, &process, sizeof process) == 0; pid = process.pid + 1)
        process_gather(process.pid);
    qsort(holders, count, sizeof *holders, holder_compare);
}

void holders_forget(void) {
    free(holders);
    holders = NULL;
    count = room = 0;
}

// The first of the holders of a pipe, or where they would be.
static size_t holder_find(uint64_t pipe) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (holders[middle].pipe < pipe)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const char *holder_text(uint64_t pipe, char *to) {
    size_t first = holder_find(pipe);
    unsigned more = 0;
    if (first == count || holders[first].pipe != pipe)
        return strcpy(to, "-");
    for (size_t next = first + 1; next < count && holders[next].pipe == pipe && more < MORE_MAX; next++)
        more += holders[next].pid != holders[next - 1].pid;
    process_text(holders[first].pid, to);
    if (more)
        snprintf(to + strlen(to), HOLDER_TEXT_MAX - strlen(to), "+%u", more);
    return to;
}
