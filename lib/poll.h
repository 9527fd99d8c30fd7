// SPDX-License-Identifier: MIT
// Waiting for several descriptors (POSIX.1-2017, <poll.h>), which newlib lacks.
#ifndef LIB_POLL_H
#define LIB_POLL_H

#define POLLIN 1
#define POLLPRI 2
#define POLLOUT 4
#define POLLERR 8
#define POLLHUP 16
#define POLLNVAL 32
#define POLLRDNORM POLLIN
#define POLLWRNORM POLLOUT

typedef unsigned nfds_t;

struct pollfd {
    int fd;
    short events, revents;
};

// `timeout` is in milliseconds, negative: none.
int poll(struct pollfd *descriptors, nfds_t count, int timeout);

#endif
