// SPDX-License-Identifier: MIT
// newlib computes sizes without a look at whether they overflow, and would give memory that is too small. The linker
// puts these functions in front of newlib's (ld's manual, --wrap): each refuses what would overflow.
#include "page.h"

#include <errno.h>
#include <reent.h>
#include <stddef.h>
#include <stdint.h>

void *__real__calloc_r(struct _reent *reent, size_t count, size_t size);
void *__wrap__calloc_r(struct _reent *reent, size_t count, size_t size);
void *__real__memalign_r(struct _reent *reent, size_t alignment, size_t size);
void *__wrap__memalign_r(struct _reent *reent, size_t alignment, size_t size);
void *__real__pvalloc_r(struct _reent *reent, size_t size);
void *__wrap__pvalloc_r(struct _reent *reent, size_t size);

static void *refuse(struct _reent *reent, int error) {
    reent->_errno = error;
    return NULL;
}

void *__wrap__calloc_r(struct _reent *reent, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size)
        return refuse(reent, ENOMEM);
    return __real__calloc_r(reent, count, size);
}

// An alignment that is no power of two would end at any address.
void *__wrap__memalign_r(struct _reent *reent, size_t alignment, size_t size) {
    if (alignment & (alignment - 1))
        return refuse(reent, EINVAL);
    return __real__memalign_r(reent, alignment, size);
}

void *__wrap__pvalloc_r(struct _reent *reent, size_t size) {
    if (size > SIZE_MAX - PAGE_MASK)
        return refuse(reent, ENOMEM);
    return __real__pvalloc_r(reent, size);
}
