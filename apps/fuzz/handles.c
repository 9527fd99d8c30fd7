// SPDX-License-Identifier: MIT
// The handles that the process has come by. What is no longer good stays in the table, for stale choices and because a
// region that was to be moved may have come back: all are closed at the end.
#include "fuzz.h"

#define HANDLES_NOTED 512u // one more is closed at once
#define HANDLE_NOWHERE 0xfff0u

struct noted {
    uint32_t handle;
    uint8_t flow, rights;
    bool is_good, is_hooked;
};

static struct noted noted[HANDLES_NOTED];
static uint32_t noted_count;

void handles_note(uint64_t handle, uint32_t flow, uint32_t rights) {
    if (noted_count == HANDLES_NOTED)
        pipe_close((long)handle);
    else
        noted[noted_count++] = (struct noted){(uint32_t)handle, (uint8_t)flow, (uint8_t)rights, true, false};
}

static struct noted *find(uint64_t handle) {
    for (uint32_t index = 0; index < noted_count; index++)
        if (noted[index].handle == handle)
            return &noted[index];
    return NULL;
}

void handles_hooked(uint64_t handle, bool is_hooked) {
    struct noted *found = find(handle);
    if (found)
        found->is_hooked = is_hooked;
}

void handles_gone(uint64_t handle) {
    struct noted *found = find(handle);
    if (found)
        found->is_good = false;
}

static bool suits(const struct noted *handle, const struct reference *reference) {
    if (handle->flow == FLOWS)
        return reference->suits & SUITS_REGION;
    if (reference->suits & SUITS_UNHOOKED && handle->is_hooked)
        return false;
    return reference->suits & SUITS(handle->flow) && !(reference->rights & ~(uint32_t)handle->rights);
}

// The `number`-th, counted round, of those that are good and suit, or that are not good any more; 0: none.
static uint64_t choose(uint64_t number, const struct reference *reference, bool is_good) {
    uint32_t found[HANDLES_NOTED], count = 0;
    for (uint32_t index = 0; index < noted_count; index++)
        if (noted[index].is_good == is_good && (!is_good || suits(&noted[index], reference)))
            found[count++] = noted[index].handle;
    return count ? found[number % count] : 0;
}

uint64_t handles_choose(const struct reference *reference) {
    switch (reference->choice) {
    case CHOICE_NTH:
        return choose(reference->selector, reference, true);
    case CHOICE_STALE:
        return choose(reference->selector, reference, false);
    case CHOICE_GARBAGE: // but for what the process needs to go on
        return reference->selector == HANDLE_CONTROL ? HANDLE_NOWHERE : reference->selector;
    default:
        return 0;
    }
}

void handles_close(void) {
    for (uint32_t index = 0; index < noted_count; index++)
        pipe_close(noted[index].handle); // may be gone
    noted_count = 0;
}
