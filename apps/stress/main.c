// SPDX-License-Identifier: MIT
// Processes that open, pass, close and die at random, to show that nothing is left over.
//
// usage: stress OPERATIONS SEED | files COUNT
//
// `files` makes so many files in a directory, finds, lists and removes them, and says how long each took.
//
// 64 workers live at a time, each with queues, transient pipes and files of a few kinds in some slots, which they pass
// to each other in messages. Each ends after a random number of operations, without closing anything, or is killed
// before; another one follows, until as many operations were done as were asked for, without those of killed workers. It
// says what there is before and after, and its status is 1 if processes, pipes, open files or handles are left over.
#include "file.h"
#include "info.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "protocol/start.h"
#include "clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS 64u
#define QUEUES 16u    // that all share
#define QUEUE_ROOM 4u // messages
#define SLOTS 12u     // of handles that a worker keeps
#define FILES 8u
#define LIFE_MAX 800u // operations
#define VICTIM_OF 4u  // one of so many is killed, if it is not done before
#define VICTIM_LIFE 4000u
#define FOLDER "/tmp/stress"
#define QUIET_LOOKS 500u
#define SETTLE_LOOKS 5000u // a millisecond each, at what goes a little after its holder

static const uint32_t standard[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};

// Marsaglia's xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled").
static uint64_t random_state;

static uint32_t random_below(uint32_t limit) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)(random_state * 0x2545f4914f6cdd1dull >> 33) % limit;
}

static void random_begin(uint64_t seed) {
    random_state = (seed + 1) * 0x9e3779b97f4a7c15ull;
}

// ---- Workers ----

static long slots[SLOTS];       // 0: empty
static unsigned long shared_in; // pid of the owner of the shared queues

static void slot_put(long handle) {
    long *slot = &slots[random_below(SLOTS)];
    if (handle <= 0)
        return;
    if (*slot)
        pipe_close(*slot);
    *slot = handle;
}

static long queue_open(uint32_t rights) {
    char path[PATH_LENGTH_MAX];
    snprintf(path, sizeof path, "/app/%lu/%u", shared_in, (unsigned)random_below(QUEUES));
    return pipe_open(path, rights);
}

static long transient_make(void) {
    static const enum flow flows[] = {FLOW_QUEUE, FLOW_TOPIC, FLOW_CALL, FLOW_EVENT};
    static unsigned made;
    char path[PATH_LENGTH_MAX];
    snprintf(path, sizeof path, "/app/%u/%u", (unsigned)process_id(), made++);
    return pipe_create_transient(path, flows[random_below(4)], RULES_DEFAULT, 0, 0, 0);
}

static long file_take(void) {
    char path[sizeof FOLDER + 8];
    snprintf(path, sizeof path, FOLDER "/%u", (unsigned)random_below(FILES));
    if (random_below(8) == 0)
        file_remove(path);
    return file_open(path, OPEN_READ | OPEN_WRITE | OPEN_CREATE);
}

// Sends a handle, with a byte, to whoever takes it; if there is no room it stays.
static void slot_pass(void) {
    long queue = queue_open(RIGHT_WRITE);
    struct attached attached = {.handles = {(uint32_t)slots[random_below(SLOTS)]}};
    attached.handle_count = attached.handles[0] != 0;
    pipe_send_attached(queue, "x", 1, &attached, DEADLINE_NOW);
    pipe_close(queue);
}

static void slot_receive(void) {
    long queue = queue_open(RIGHT_READ);
    if (pipe_hook(queue, 1, 0) == 0 && pipe_wait(DEADLINE_NOW) >= 0) {
        const struct message_received head = *pipe_received();
        for (unsigned index = 0; index < head.handle_count; index++)
            slot_put(head.handle[index]);
    }
    pipe_close(queue);
}

// Uses what is in a slot, whatever it is: calls it, of which files answer, or waits at it. Workers answer no calls.
static void slot_use(void) {
    long handle = slots[random_below(SLOTS)];
    const struct stream_request request = {.operation = STREAM_STAT};
    struct stream_stat stat;
    if (handle && random_below(2))
        pipe_call(handle, &request, sizeof request, &stat, sizeof stat, clock_deadline(MILLISECOND));
    else if (handle)
        pipe_hook(handle, 2, HOOK_END);
    pipe_wait_data(DEADLINE_NOW);
}

static void slot_close(void) {
    long *slot = &slots[random_below(SLOTS)];
    if (*slot)
        pipe_close(*slot);
    *slot = 0;
}

static int work(unsigned long operations) {
    while (operations--) {
        switch (random_below(8)) {
        case 0:
            slot_put(queue_open(random_below(2) ? RIGHT_READ : RIGHT_WRITE));
            break;
        case 1:
            slot_put(transient_make());
            break;
        case 2:
            slot_put(file_take());
            break;
        case 3:
            slot_close();
            break;
        case 4:
        case 5:
            slot_pass();
            break;
        case 6:
            slot_receive();
            break;
        default:
            slot_use();
        }
    }
    return 0;
}

// ---- What there is ----

struct total {
    uint64_t processes, pipes, files, handles, reserve, pages;
};

static uint64_t open_files(void) {
    char name[COMPONENT_MAX + 1] = "";
    uint64_t count = 0;
    long directory = pipe_open("/svc/memfs/open", RIGHT_READ);
    while (pipe_next_name(directory, name))
        count++;
    pipe_close(directory);
    return count;
}

// Of all processes.
static uint64_t handles_held(void) {
    struct info_process process;
    uint64_t handles = 0;
    for (uint32_t pid = 1; info_ask(INFO_PROCESS, pid, &process, sizeof process) == 0; pid = process.pid + 1)
        handles += process.handles;
    return handles;
}

static struct total total_now(void) {
    struct info_system system;
    struct memory_request request = {.operation = MEMORY_STATISTICS};
    struct memory_stats stats = {0};
    long memory = pipe_open(MEMORY_PIPE, RIGHT_WRITE);
    info_ask(INFO_SYSTEM, 0, &system, sizeof system);
    pipe_call(memory, &request, sizeof request, &stats, sizeof stats, DEADLINE_NONE);
    pipe_close(memory);
    return (struct total){.processes = system.processes,
                          .pipes = system.pipes,
                          .files = open_files(),
                          .handles = handles_held(),
                          .reserve = system.reserve_used,
                          .pages = stats.pages - stats.free_pages};
}

static bool is_more(const struct total *now, const struct total *before) {
    return now->processes > before->processes || now->pipes > before->pipes || now->files > before->files ||
           now->handles > before->handles;
}

// What a process has held goes a little after its end.
static struct total total_settled(const struct total *before, unsigned looks) {
    struct total now = total_now();
    for (unsigned look = 0; look < looks && is_more(&now, before); look++) {
        clock_sleep(MILLISECOND);
        now = total_now();
    }
    return now;
}

// Which process holds more handles than before, for a person to see.
static struct {
    uint32_t pid;
    uint64_t handles;
} held[256];

static void holders_note(bool is_said) {
    struct info_process process;
    unsigned count = 0;
    for (uint32_t pid = 1; count < 256 && info_ask(INFO_PROCESS, pid, &process, sizeof process) == 0;
         pid = process.pid + 1, count++) {
        if (is_said && held[count].pid == process.pid && held[count].handles < process.handles)
            printf("%s/%u holds %lu handles more\n", process.name, (unsigned)process.pid,
                   (unsigned long)(process.handles - held[count].handles));
        held[count].pid = process.pid;
        held[count].handles = process.handles;
    }
}

static void total_say(const char *when, const struct total *total) {
    printf("%s: %lu processes, %lu pipes, %lu open files, %lu handles, %lu bytes of the reserve, %lu pages\n", when,
           (unsigned long)total->processes, (unsigned long)total->pipes, (unsigned long)total->files,
           (unsigned long)total->handles, (unsigned long)total->reserve, (unsigned long)total->pages);
}

// ---- The whole ----

static struct {
    uint32_t pid, life;
    bool is_victim;
} workers[WORKERS];
static unsigned long done, started, killed;

static void queues_make(void) {
    uint32_t rules = RULE(RIGHTS_ALL, RIGHT_READ | RIGHT_WRITE, 0, 0);
    char path[PATH_LENGTH_MAX];
    for (unsigned queue = 0; queue < QUEUES; queue++) {
        snprintf(path, sizeof path, "/app/%u/%u", (unsigned)process_id(), queue);
        pipe_close(pipe_create(path, FLOW_QUEUE, rules, QUEUE_ROOM, 0));
    }
}

static void queues_remove(void) {
    char path[PATH_LENGTH_MAX];
    for (unsigned queue = 0; queue < QUEUES; queue++) {
        snprintf(path, sizeof path, "/app/%u/%u", (unsigned)process_id(), queue);
        pipe_remove(path);
    }
}

static bool worker_start(unsigned index) {
    char life[12], seed[12], owner[12];
    char *words[] = {"stress", "worker", life, seed, owner, NULL};
    workers[index].is_victim = random_below(VICTIM_OF) == 0;
    workers[index].life = workers[index].is_victim ? VICTIM_LIFE : 1 + random_below(LIFE_MAX);
    snprintf(life, sizeof life, "%u", (unsigned)workers[index].life);
    snprintf(seed, sizeof seed, "%u", (unsigned)random_below(1u << 30));
    snprintf(owner, sizeof owner, "%u", (unsigned)process_id());
    long pid = process_spawn(words, standard, sizeof standard / sizeof *standard, SPAWN_AS_PLAIN);
    workers[index].pid = pid > 0 ? (uint32_t)pid : 0;
    started += pid > 0;
    return pid > 0;
}

static void worker_end(unsigned index) {
    if (workers[index].is_victim)
        process_kill(workers[index].pid, 0);
    long status = process_wait(workers[index].pid);
    bool has_died = status != 0;
    killed += has_died;
    if (!has_died)
        done += workers[index].life;
    workers[index].pid = 0;
}

static bool workers_start(void) {
    unsigned index = 0;
    while (index < WORKERS && worker_start(index))
        index++;
    return index == WORKERS;
}

static void workers_end(void) {
    for (unsigned index = 0; index < WORKERS; index++)
        if (workers[index].pid)
            worker_end(index);
}

static int run(unsigned long operations) {
    struct total before = {0}, after;
    file_make_directory(FOLDER);
    queues_make();
    before = total_now();
    total_say("at first", &before);
    bool is_well = workers_start(); // these, and the first output, bring what is taken once and kept
    workers_end();
    queues_remove();
    queues_make();
    before = total_settled(&(struct total){0}, QUIET_LOOKS);
    done = started = killed = 0;
    holders_note(false);
    total_say("before", &before);
    is_well = is_well && workers_start();
    while (is_well && done < operations) {
        unsigned index = random_below(WORKERS);
        worker_end(index);
        is_well = worker_start(index);
    }
    workers_end();
    queues_remove();
    queues_make();
    after = total_settled(&before, SETTLE_LOOKS);
    total_say("after", &after);
    holders_note(true);
    printf("%lu operations of %lu processes, of which %lu were killed\n", done, started, killed);
    return is_well && !is_more(&after, &before) ? EXIT_SUCCESS : EXIT_FAILURE;
}

// ---- Many files ----

#define MANY "/tmp/many"

static const char *many_name(unsigned long number) {
    static char path[sizeof MANY + 12];
    snprintf(path, sizeof path, MANY "/%07lu", number);
    return path;
}

static bool many_make(unsigned long number) {
    long file = file_open(many_name(number), OPEN_WRITE | OPEN_CREATE | OPEN_NEW);
    return file > 0 && file_close(file) == 0;
}

static bool many_find(unsigned long number) {
    struct stream_stat stat;
    return file_stat(many_name(number), &stat) == 0;
}

static bool many_remove(unsigned long number) {
    return file_remove(many_name(number)) == 0;
}

// One step after the other of a list, which are timed.
static bool many_do(const char *what, unsigned long count, bool (*act)(unsigned long number)) {
    uint64_t before = clock_now();
    unsigned long number = 0;
    while (number < count && act(number))
        number++;
    unsigned long microseconds = (unsigned long)((clock_now() - before) / 1000);
    printf("%s %lu files: %lu ms, %lu ns each\n", what, number, microseconds / 1000,
           number ? microseconds * 1000 / number : 0);
    fflush(stdout);
    return number == count;
}

static unsigned long listed;

// Counts the entries, as the volume gives them.
static bool many_list(unsigned long number) {
    static struct file_walk walk;
    (void)number;
    bool is_well = file_walk_begin(&walk, MANY) == 0;
    while (is_well && file_walk_next(&walk) > 0)
        listed++;
    file_walk_end(&walk);
    return is_well;
}

static int many(unsigned long count) {
    struct volume_space space = {0};
    file_make_directory(MANY);
    bool is_well = many_do("made", count, many_make) && many_do("found", count, many_find);
    file_space(MANY, &space, DEADLINE_NONE);
    printf("%lu bytes used, %lu a file\n", (unsigned long)space.used, (unsigned long)(space.used / space.files));
    is_well = is_well && many_do("listed a directory of", 1, many_list) && listed == count;
    return many_do("removed", count, many_remove) && is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int count, char **words) {
    if (count == 5 && strcmp(words[1], "worker") == 0) {
        random_begin(strtoul(words[3], NULL, 10));
        shared_in = strtoul(words[4], NULL, 10);
        return work(strtoul(words[2], NULL, 10));
    }
    if (count == 3 && strcmp(words[1], "files") == 0)
        return many(strtoul(words[2], NULL, 10));
    if (count != 3) {
        fprintf(stderr, "usage: stress OPERATIONS SEED | files COUNT\n");
        return EXIT_FAILURE;
    }
    random_begin(strtoul(words[2], NULL, 10));
    return run(strtoul(words[1], NULL, 10));
}
