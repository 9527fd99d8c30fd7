// SPDX-License-Identifier: MIT
// The first process of the Linux that the benchmark boots for comparison. It measures what Linux does for the work
// that Sluice does with pipes, prints a line `bench NAME VALUE UNIT` for each, a last line `bench-end`, and powers off.
//
// What is counted: with QEMU's -icount shift=0 the virtual clock advances one nanosecond per guest instruction and the
// guest's time-stamp counter runs on that clock, so a difference of two RDTSC is the number of instructions between
// them. check_counter() proves it on a loop of known length before anything else is believed. With `bench=wall` on the
// kernel's command line the same operations are timed by CLOCK_MONOTONIC instead, in nanoseconds; those are good only
// as ratios within one run.
//
// What is printed is the MINIMUM over the measured rounds, less the minimum of an empty operation (the cost of the
// measuring). Not the mean: that would hold the timer's ticks and the kernel's deferred work, and the minimum is the
// figure kindest to Linux and the same in each run. A loop that idled would be wrong, since an idle CPU moves the
// virtual clock without executing anything; the two processes of a ping-pong hand the one CPU to each other.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

enum {
    WARM_UP_ROUNDS = 200,
    MEASURED_ROUNDS = 200,
    COUNTED_OPERATIONS_PER_ROUND = 1, // the count is exact, so one operation is enough
    TIMED_OPERATIONS_PER_ROUND = 10,  // wall time is not: spread the clock's own cost and jitter
    KNOWN_LOOP_TURNS = 10000,
    KNOWN_LOOP_TURN_INSTRUCTIONS = 2,
    NANOSECONDS_PER_SECOND = 1000000000,
    KIBIBYTE = 1024,
    BULK_KIBIBYTES = 64,
    BULK_SIZE = BULK_KIBIBYTES * KIBIBYTE,
    BULK_MESSAGES = 16, // that follow each other before the one byte that ends the operation
    FIFO_MODE = 0600,
    OUTPUT_SIZE = 4096, // bytes; all lines together are below 1 KiB
};

static const char tiny_program[] = "/tiny"; // ends at once with status 0
static const char request_fifo[] = "/request";
static const char reply_fifo[] = "/reply";

static const struct {
    const char *name;
    size_t size; // bytes, each way
} calls[] = {{"call_1", 1}, {"call_32", 32}, {"call_64", 64}, {"call_960", 960}};

static int wall_time; // 0: instructions, 1: nanoseconds
static int operations_per_round;
static uint64_t measuring_cost; // of a round of empty operations

// The messages between this process and its peer: some messages one way, then one reply. Set before the peer is forked,
// which inherits it; each side has its own two ends.
static pid_t peer;
static int request_descriptor;
static int reply_descriptor;
static int messages_per_reply;
static size_t message_size;
static size_t reply_size;
static char message[BULK_SIZE];

// ---- Errors --------------------------------------------------------------------------------------------------------

// The end of process 1 is a kernel panic, which ends the machine: no `bench-end` line tells the caller.
static _Noreturn void fail(const char *what) {
    printf("bench-error %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static int checked(int result, const char *what) {
    if (result < 0)
        fail(what);
    return result;
}

// ---- System calls as short as they can be --------------------------------------------------------------------------

// Linux's system call without libc's wrapper (errno, cancellation), so that the figure is the kernel's.
static inline long system_call(long number, long first, long second, long third) {
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    return result;
}

static void write_all(int descriptor, const char *bytes, size_t size) {
    while (size > 0) {
        long written = system_call(SYS_write, descriptor, (long)bytes, (long)size);
        if (written <= 0)
            fail("write");
        bytes += written;
        size -= (size_t)written;
    }
}

static void read_all(int descriptor, char *bytes, size_t size) {
    while (size > 0) {
        long got = system_call(SYS_read, descriptor, (long)bytes, (long)size);
        if (got <= 0)
            fail("read");
        bytes += got;
        size -= (size_t)got;
    }
}

// ---- Measuring -----------------------------------------------------------------------------------------------------

typedef void operation(void);

static uint64_t now(void) {
    if (!wall_time)
        return __rdtsc();
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)time.tv_nsec;
}

// Kept whole by the compiler, so that the empty operation costs the same call as the others.
__attribute__((noipa)) static uint64_t round_cost(operation *operate) {
    uint64_t start = now();
    for (int count = 0; count < operations_per_round; count++)
        operate();
    return now() - start;
}

static uint64_t fewest(operation *operate) {
    uint64_t least = UINT64_MAX;
    for (int round = 0; round < WARM_UP_ROUNDS; round++)
        round_cost(operate);
    for (int round = 0; round < MEASURED_ROUNDS; round++) {
        uint64_t cost = round_cost(operate);
        if (cost < least)
            least = cost;
    }
    return least;
}

static const char *unit(void) {
    return wall_time ? "nanoseconds" : "instructions";
}

static uint64_t measure(operation *operate) {
    uint64_t cost = fewest(operate);
    if (cost < measuring_cost)
        return 0; // only wall time can do this, for next to nothing
    return (cost - measuring_cost) / (uint64_t)operations_per_round;
}

static void report(const char *name, operation *operate) {
    printf("bench %s %lu %s\n", name, measure(operate), unit());
}

static void report_per_kibibyte(const char *name, operation *operate) {
    printf("bench %s %lu %s\n", name, measure(operate) / (BULK_MESSAGES * BULK_KIBIBYTES), unit());
}

// ---- The counter itself --------------------------------------------------------------------------------------------

static void nothing(void) {
}

static void known_loop(void) {
    uint32_t turns = KNOWN_LOOP_TURNS;
    __asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(turns) : : "cc");
}

// The loop and the one instruction that loads its number; an empty operation has neither.
static void check_counter(void) {
    const uint64_t expected = KNOWN_LOOP_TURNS * KNOWN_LOOP_TURN_INSTRUCTIONS + 1;
    uint64_t counted = measure(known_loop);
    if (wall_time || counted == expected)
        return;
    printf("bench-error a loop of %lu instructions was counted as %lu: is this QEMU with -icount shift=0?\n", expected,
           counted);
    exit(EXIT_FAILURE);
}

// ---- The other process ---------------------------------------------------------------------------------------------

static void start_peer(void (*serve)(void)) {
    peer = checked(fork(), "fork");
    if (peer != 0)
        return;
    for (;;)
        serve();
}

static void stop_peer(void) {
    checked(kill(peer, SIGKILL), "kill");
    checked(waitpid(peer, NULL, 0), "waitpid");
    checked(close(request_descriptor), "close");
    checked(close(reply_descriptor), "close");
}

static void answer(void) {
    for (int count = 0; count < messages_per_reply; count++)
        read_all(request_descriptor, message, message_size);
    write_all(reply_descriptor, message, reply_size);
}

static void ask(void) {
    for (int count = 0; count < messages_per_reply; count++)
        write_all(request_descriptor, message, message_size);
    read_all(reply_descriptor, message, reply_size);
}

static void round_trip(int messages, size_t size, size_t size_of_reply) {
    messages_per_reply = messages;
    message_size = size;
    reply_size = size_of_reply;
}

// ---- Request and reply through named fifos -------------------------------------------------------------------------

// Opening a fifo waits for its other end, so both sides open the two in the same order.
static void open_fifos_as_server(void) {
    request_descriptor = checked(open(request_fifo, O_RDONLY), request_fifo);
    reply_descriptor = checked(open(reply_fifo, O_WRONLY), reply_fifo);
    for (;;)
        answer();
}

static void measure_call(const char *name, size_t size) {
    round_trip(1, size, size);
    checked(mkfifo(request_fifo, FIFO_MODE), "mkfifo");
    checked(mkfifo(reply_fifo, FIFO_MODE), "mkfifo");
    start_peer(open_fifos_as_server);
    request_descriptor = checked(open(request_fifo, O_WRONLY), request_fifo);
    reply_descriptor = checked(open(reply_fifo, O_RDONLY), reply_fifo);
    report(name, ask);
    stop_peer();
    checked(unlink(request_fifo), "unlink");
    checked(unlink(reply_fifo), "unlink");
}

// ---- Round trips through descriptors that both sides inherit -------------------------------------------------------

static void measure_events(void) {
    const uint64_t one = 1; // what is written to an eventfd is added to its counter
    memcpy(message, &one, sizeof(one));
    round_trip(1, sizeof(one), sizeof(one));
    request_descriptor = checked(eventfd(0, 0), "eventfd");
    reply_descriptor = checked(eventfd(0, 0), "eventfd");
    start_peer(answer);
    report("event_pingpong", ask);
    stop_peer();
}

// Makes two pipes. A pipe's ends are two descriptors: the server keeps the one pair, this side the other.
static void start_peer_on_pipes(void) {
    int request[2], reply[2];
    checked(pipe(request), "pipe");
    checked(pipe(reply), "pipe");
    request_descriptor = request[0];
    reply_descriptor = reply[1];
    start_peer(answer);
    checked(close(request[0]), "close");
    checked(close(reply[1]), "close");
    request_descriptor = request[1];
    reply_descriptor = reply[0];
}

static void measure_queue(void) {
    round_trip(1, 1, 1);
    start_peer_on_pipes();
    report("queue_pingpong_1", ask);
    stop_peer();
}

// ---- Bulk ----------------------------------------------------------------------------------------------------------

// A stream of 64 KiB writes; the one byte that comes back says that all of it has arrived. Streamed because that is
// kindest to Linux: the reply and the process switches that it needs are spread over 1 MiB.
static void measure_bulk_pipe(void) {
    round_trip(BULK_MESSAGES, BULK_SIZE, 1);
    start_peer_on_pipes();
    report_per_kibibyte("bulk_pipe_per_kib", ask);
    stop_peer();
}

static void measure_bulk_unix(void) {
    int ends[2];
    round_trip(BULK_MESSAGES, BULK_SIZE, 1);
    checked(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
    request_descriptor = reply_descriptor = ends[0];
    start_peer(answer);
    request_descriptor = ends[1];
    reply_descriptor = checked(dup(ends[1]), "dup");
    checked(close(ends[0]), "close");
    report_per_kibibyte("bulk_unix_per_kib", ask);
    stop_peer();
}

// ---- Processes and files -------------------------------------------------------------------------------------------

// Without the three arguments that system_call() loads and this call does not take.
static void null_system_call(void) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"((long)SYS_getppid) : "rcx", "r11", "memory");
}

static void execute_tiny(void) {
    char *arguments[] = {(char *)(uintptr_t)tiny_program, NULL};
    char *environment[] = {NULL};
    execve(tiny_program, arguments, environment);
    _exit(EXIT_FAILURE);
}

static void wait_for(pid_t child) {
    int status;
    if (waitpid(child, &status, 0) != child || status != 0)
        fail(tiny_program);
}

static void spawn_by_vfork(void) {
    pid_t child = vfork();
    if (child == 0)
        execute_tiny();
    wait_for(child);
}

static void spawn_by_fork(void) {
    pid_t child = fork();
    if (child == 0)
        execute_tiny();
    wait_for(child);
}

static void open_and_close(void) {
    long descriptor = system_call(SYS_open, (long)"/dev/null", O_RDONLY, 0);
    if (descriptor < 0)
        fail("/dev/null");
    system_call(SYS_close, descriptor, 0, 0);
}

// ---- All of it -----------------------------------------------------------------------------------------------------

static void stay_on_first_cpu(void) {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    checked(sched_setaffinity(0, sizeof(first), &first), "sched_setaffinity");
}

static void choose_clock(void) {
    const char *mode = getenv("bench"); // the kernel hands an argument that it does not know to process 1
    wall_time = mode && strcmp(mode, "wall") == 0;
    operations_per_round = wall_time ? TIMED_OPERATIONS_PER_ROUND : COUNTED_OPERATIONS_PER_ROUND;
    measuring_cost = fewest(nothing);
    check_counter();
}

static void measure_everything(void) {
    report("null_syscall", null_system_call);
    report("open_close", open_and_close);
    report("spawn_vfork_exec_wait", spawn_by_vfork);
    report("spawn_fork_exec_wait", spawn_by_fork);
    measure_events();
    measure_queue();
    for (size_t index = 0; index < sizeof(calls) / sizeof(calls[0]); index++)
        measure_call(calls[index].name, calls[index].size);
    measure_bulk_pipe();
    measure_bulk_unix();
}

// Output is kept until the end: a serial port that is still sending would interrupt the next measurement.
int main(void) {
    uint64_t boot = __rdtsc(); // the counter starts with the machine; firmware and idle waits are in it
    static char output[OUTPUT_SIZE];
    setvbuf(stdout, output, _IOFBF, sizeof(output));
    stay_on_first_cpu();
    choose_clock();
    if (!wall_time)
        printf("bench boot %lu %s\n", boot, unit());
    measure_everything();
    printf("bench-end\n");
    fflush(stdout);
    tcdrain(STDOUT_FILENO);
    reboot(RB_POWER_OFF);
    fail("reboot");
}
