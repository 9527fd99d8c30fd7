// SPDX-License-Identifier: MIT
// /kernel/io: ports. Every access is checked against the claims before the first one is made.
#include "kernel.h"

#include "denial.h"
#include "host.h"

static bool access_is_valid(const struct principal *principal, const struct io_access *access) {
    if (access->width != sizeof(uint8_t) && access->width != sizeof(uint16_t) && access->width != sizeof(uint32_t))
        return false;
    return claims_cover_range(principal, CLAIM_PORTS, access->port, (uint64_t)access->port + access->width - 1u);
}

static void access_make(struct io_access *access) {
    if (access->write)
        machine_port_write(access->port, access->width, access->value);
    else
        access->value = machine_port_read(access->port, access->width);
}

static long io_access(const struct request *request) {
    const struct io_request *head = request->asked;
    struct io_access accesses[IO_ACCESSES_MAX];
    if (head->count == 0 || head->count > IO_ACCESSES_MAX)
        return -PIPE_EINVAL;
    size_t size = head->count * sizeof *accesses;
    if (request->length != sizeof *head + size)
        return -PIPE_EMSGSIZE;
    host_copy(accesses, request->payload + sizeof *head, size);
    struct principal *principal = request->waiter->principal;
    for (uint32_t index = 0; index < head->count; index++) {
        if (access_is_valid(principal, &accesses[index]))
            continue;
        pipens_denied(principal, NULL, -PIPE_EPERM);
        denial_log_range(process_of(principal), "ports", accesses[index].port,
                         (uint64_t)accesses[index].port + accesses[index].width - 1u);
        return -PIPE_EPERM;
    }
    for (uint32_t index = 0; index < head->count; index++) {
        machine_port_taken(accesses[index].port);
        access_make(&accesses[index]);
    }
    return request_reply(request, accesses, size);
}

static const struct operation operations[] = {{io_access, sizeof(struct io_request)}};
struct service io_service = {operations, sizeof operations / sizeof *operations};
