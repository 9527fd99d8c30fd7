// SPDX-License-Identifier: MIT
// poll and select. A queue tells that it holds something only by giving it: what poll takes of one, a byte or the end,
// is kept for this process's next read (descriptor.h).
#include "poll.h"

#include "clock.h"
#include "descriptor.h"
#include "pipe.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/select.h>

#define ROOM_WAIT (5 * MILLISECOND) // between looks at a full queue, for whose room nothing can wait but a sender

// ---- What is ready ----

static short queue_events(const struct opened *opened) {
    struct pipe_stat stat;
    if (pipe_stat(opened->handle, &stat) < 0)
        return POLLHUP | POLLERR;
    short events = opened->taken == TAKEN_BYTE || stat.depth ? POLLIN : 0;
    if (opened->taken == TAKEN_END || (!events && !stat.writers))
        events |= POLLIN | POLLHUP;
    if (!stat.readers && stat.flags & STAT_TRANSIENT)
        events |= POLLERR;
    return (short)(events | (stat.depth < stat.capacity ? POLLOUT : 0));
}

// What reading never waits for is ready, and a topic never waits for its readers.
static short events_of(int descriptor) {
    const struct opened *opened = opened_of(descriptor);
    if (!opened)
        return POLLNVAL;
    return opened->kind == OPENED_QUEUE   ? queue_events(opened)
           : opened->kind == OPENED_TOPIC ? POLLOUT
                                          : POLLIN | POLLOUT;
}

// How many are ready. POLLHUP, POLLERR and POLLNVAL are told unasked, but a queue that is written has no end to tell.
static int look(struct pollfd *descriptors, nfds_t count) {
    int ready = 0;
    for (nfds_t index = 0; index < count; index++) {
        struct pollfd *one = &descriptors[index];
        short told = one->events & POLLIN ? POLLHUP | POLLNVAL : POLLERR | POLLNVAL;
        one->revents = one->fd < 0 ? 0 : events_of(one->fd) & (one->events | told);
        ready += one->revents != 0;
    }
    return ready;
}

// ---- Waiting ----

static bool is_awaited(const struct pollfd *one) {
    const struct opened *opened = one->fd < 0 ? NULL : opened_of(one->fd);
    return opened && opened->kind == OPENED_QUEUE && one->events & POLLIN;
}

static void take(struct opened *opened, long length) {
    bool is_byte = pipe_received()->type == MESSAGE_DATA && length > 0;
    pipe_close_received();
    opened->taken = is_byte ? TAKEN_BYTE : TAKEN_END;
    if (is_byte)
        opened->byte = *(const uint8_t *)pipe_payload();
}

// Waits for one of the queues, until a time. One that two descriptors lead to is hooked once.
static void queues_wait(const struct pollfd *descriptors, nfds_t count, uint64_t deadline) {
    bool hooked[DESCRIPTORS_MAX] = {false};
    for (nfds_t index = 0; index < count; index++)
        if (is_awaited(&descriptors[index]))
            hooked[descriptors[index].fd] =
                pipe_hook(opened_of(descriptors[index].fd)->handle, (uint64_t)descriptors[index].fd, HOOK_END) == 0;
    long length = pipe_wait_limited(1, deadline);
    if (length >= 0)
        take(opened_of((int)pipe_received()->key), length);
    for (int descriptor = 0; descriptor < DESCRIPTORS_MAX; descriptor++)
        if (hooked[descriptor])
            pipe_unhook(opened_of(descriptor)->handle);
}

static bool waits_for_room(const struct pollfd *descriptors, nfds_t count) {
    for (nfds_t index = 0; index < count; index++)
        if (descriptors[index].fd >= 0 && descriptors[index].events & POLLOUT)
            return true;
    return false;
}

static int poll_until(struct pollfd *descriptors, nfds_t count, uint64_t deadline) {
    int ready;
    while (!(ready = look(descriptors, count)) && clock_now() < deadline) {
        uint64_t room = waits_for_room(descriptors, count) ? clock_deadline(ROOM_WAIT) : DEADLINE_NONE;
        queues_wait(descriptors, count, room < deadline ? room : deadline);
    }
    return ready;
}

int poll(struct pollfd *descriptors, nfds_t count, int timeout) {
    uint64_t milliseconds = timeout < 0 ? 0 : (uint64_t)timeout;
    return poll_until(descriptors, count, timeout < 0 ? DEADLINE_NONE : clock_deadline(milliseconds * MILLISECOND));
}

// ---- select ----

#define MICROSECOND 1000u

static bool is_in(const fd_set *set, int descriptor) {
    return set && FD_ISSET((size_t)descriptor, set);
}

// Leaves in a set those that have one of the events: how many.
static int set_answer(fd_set *set, const struct pollfd *descriptors, nfds_t count, short events) {
    int ready = 0;
    for (size_t index = 0; set && index < count; index++) {
        size_t descriptor = (size_t)descriptors[index].fd;
        if (!FD_ISSET(descriptor, set))
            continue;
        if (descriptors[index].revents & events)
            ready++;
        else
            set->fds_bits[descriptor / NFDBITS] &= ~((fd_mask)1 << descriptor % NFDBITS);
    }
    return ready;
}

int select(int count, fd_set *readers, fd_set *writers, fd_set *exceptions, struct timeval *timeout) {
    struct pollfd descriptors[DESCRIPTORS_MAX];
    nfds_t asked = 0;
    uint64_t time = timeout ? (uint64_t)timeout->tv_sec * SECOND + (uint64_t)timeout->tv_usec * MICROSECOND : 0;
    for (int descriptor = 0; descriptor < count && descriptor < DESCRIPTORS_MAX; descriptor++) {
        short events = (short)((is_in(readers, descriptor) ? POLLIN : 0) | (is_in(writers, descriptor) ? POLLOUT : 0));
        if (events && !opened_of(descriptor)) {
            errno = EBADF;
            return -1;
        }
        if (events)
            descriptors[asked++] = (struct pollfd){descriptor, events, 0};
    }
    if (exceptions)
        FD_ZERO(exceptions);
    poll_until(descriptors, asked, timeout ? clock_deadline(time) : DEADLINE_NONE);
    return set_answer(readers, descriptors, asked, POLLIN | POLLHUP) +
           set_answer(writers, descriptors, asked, POLLOUT | POLLERR);
}
