// SPDX-License-Identifier: MIT
// Rolls dice by the server of random bytes: `dice [COUNT]`; `dice key` prints 32 bytes that are good for a key.
#include "error.h"
#include "pipe.h"
#include "protocol/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIDES 6u
#define FAIR (256u / SIDES * SIDES) // bytes from here on would make the low sides likelier
#define KEY_LENGTH 32u
#define STATUS_FAILED 1
#define STATUS_USAGE 2

static int key_print(void) {
    uint8_t key[KEY_LENGTH];
    if (getentropy(key, sizeof key) < 0) {
        perror("dice: key");
        return STATUS_FAILED;
    }
    for (unsigned index = 0; index < KEY_LENGTH; index++)
        printf("%02x", key[index]);
    printf("\n");
    return 0;
}

// Prints up to `most` dice out of the bytes; how many.
static uint32_t dice_print(const uint8_t *bytes, uint32_t length, uint32_t most) {
    uint32_t count = 0;
    for (uint32_t index = 0; index < length && count < most; index++)
        if (bytes[index] < FAIR)
            printf(++count == most ? "%u\n" : "%u ", bytes[index] % SIDES + 1);
    return count;
}

// How many there may be at once, the server says.
static int dice_roll(uint32_t count) {
    struct random_request request = {RANDOM_FILL, count};
    struct {
        struct random_head head;
        uint8_t bytes[RANDOM_LENGTH_MAX];
    } reply = {.head = {RANDOM_PROCESSOR}};
    long service = pipe_open(RANDOM_PIPE, RIGHT_WRITE), result = service;
    do {
        result = pipe_call(service, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
        if (result >= 0)
            count -= dice_print(reply.bytes, request.length, count);
    } while (result >= 0 && count > 0);
    if (result < 0)
        fprintf(stderr, "dice: %s: %s (%s)\n", RANDOM_PIPE, error_sentence(result), error_name(result));
    else if (reply.head.source == RANDOM_TIME)
        printf("(from the clock: not for money)\n");
    return result < 0 ? STATUS_FAILED : 0;
}

int main(int count, char **words) {
    if (count == 2 && strcmp(words[1], "key") == 0)
        return key_print();
    char *end = NULL;
    unsigned long dice = count < 2 ? 1 : strtoul(words[1], &end, 10);
    if (count > 2 || (end && (*end || end == words[1])) || dice > UINT32_MAX) {
        fprintf(stderr, "usage: dice [COUNT] | dice key\n");
        return STATUS_USAGE;
    }
    return dice_roll((uint32_t)dice);
}
