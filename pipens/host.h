// SPDX-License-Identifier: MIT
// What the namespace needs of its host: the kernel, or a test on the host machine. It has no states here.
//
// 1. None of these blocks.
#ifndef PIPENS_HOST_H
#define PIPENS_HOST_H

#include "abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node;
struct account;
struct principal;
struct waiter;

// 1 to 4096 bytes, aligned to 16, not cleared; NULL if the host has none left.
void *host_allocate(size_t size);
void host_free(void *memory, size_t size);
// Nanoseconds, never going back.
uint64_t host_now(void);
void host_copy(void *to, const void *from, size_t length);
void host_clear(void *to, size_t length);

// The waiter, which was blocked, has the result of its call and may run.
void host_wake(struct waiter *waiter, long result);
// The blocked waiter's deadline: pipens_cancel(waiter, -PIPE_ETIMEDOUT) is due then, unless it wakes before.
void host_arm_deadline(struct waiter *waiter, uint64_t deadline);
// The waiter's priority has changed by donation.
void host_priority_changed(struct waiter *waiter);

// pipens_close_step has work, and is due soon.
void host_closing(void);

// For the audit: the principal after this one (NULL: the first), of all that may have handles; NULL at the end.
struct principal *host_principal_after(const struct principal *principal);

// Answers a call on a kernel pipe: the request of `length` bytes, and its attachments, is in the waiter's page; the
// reply goes there. Its length, a negated error, or PIPENS_BLOCKED, PIPENS_RESTART or PIPENS_NO_RETURN.
long host_answer(struct node *node, struct waiter *waiter, uint32_t length, uint32_t flags);

// A lease of a caller. Check: 0, -EFAULT, -EMSGSIZE; if a page is absent PIPENS_BLOCKED, where the waiter now
// waits for its pager, or PIPENS_NO_RETURN, where it has none. Pin: the pages were checked and stay mapped until they
// are unpinned; counts that would overflow were refused.
long host_lease_check(struct waiter *waiter, uint64_t address, uint64_t length, bool writable);
void host_lease_pin(struct waiter *waiter, uint64_t address, uint64_t length);
void host_lease_unpin(struct waiter *waiter, uint64_t address, uint64_t length);
// Copies between the server's memory and a lease of `caller`, checked and pinned. The length, or an error as of
// lease_check, for the server's side.
long host_lease_copy(struct waiter *server, uint64_t address, struct waiter *caller, uint64_t leased_address,
                     uint64_t length, bool to_caller);

// Regions, which handles refer to. `host_region_may_pass`: 0; -EBUSY if it is mapped or pinned; -EINVAL if only shared
// regions may be passed without MOVE, or if it can't be moved. A region that was moved into a queue has no owner (NULL)
// there.
long host_region_may_pass(void *region, struct principal *from, bool move);
void host_region_retain(void *region);
void host_region_release(void *region);
// `payer` is charged for the region's pages from now on.
void host_region_set_owner(void *region, struct principal *owner, struct account *payer);
// The pages for which an account pays: 0 of a device's region.
uint64_t host_region_pages(const void *region);

// The principal's claims (CLAIM_OPEN with rights, or CLAIM_CREATE) do not cover the path, which is not terminated: the
// call that names it fails, and has changed nothing.
void host_claim_refused(struct principal *principal, enum claim_type type, const char *path, uint32_t length,
                        uint32_t rights);

// A pipe's rules give the principal, as this class, only the rights `allowed`, and not all of `rights`. Where they do,
// it is the handle that lacks some; where `rights` is 0, only the kernel makes such names in the directory.
void host_rules_refused(struct principal *principal, const struct node *node, unsigned rule_class, uint32_t rights,
                        uint32_t allowed);

// Interrupt lines. `masked`: whether the controller holds the line back. Retry: interrupt_retry is due after
// nanoseconds.
void host_line_mask(uint32_t line, bool masked);
void host_line_retry(uint32_t line, uint64_t nanoseconds);
// The principal answers `handled`, but the line goes on: from now on it is tried again after a while each time.
void host_line_storms(uint32_t line, const struct principal *principal);

#endif
