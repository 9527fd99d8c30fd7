// SPDX-License-Identifier: MIT
// The driver of the PC speaker. A caller gets its reply when its tone has ended; a timer's event tells the driver of
// that, so meanwhile it answers others.
#include "clock.h"
#include "process.h"
#include "protocol/speaker.h"
#include "report.h"
#include "serve.h"
#include "speaker.h"

#define TIMER "/dev/speaker.timer"
#define KEY_SERVICE 1u
#define KEY_TIMER 2u

static long timer;

// The present tone: its caller's token, and the time of its end. Token 0: none.
static struct { uint64_t token, end; } tone;

static void tone_end(long result) {
    speaker_silence();
    pipe_reply(tone.token, NULL, result);
    tone.token = 0;
}

static long tone_operation(struct request *request, void *reply, struct attached *attached) {
    struct speaker_request wanted;
    (void)reply, (void)attached;
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    if (wanted.frequency < SPEAKER_FREQUENCY_MIN || wanted.frequency > SPEAKER_FREQUENCY_MAX ||
        wanted.milliseconds < 1 || wanted.milliseconds > SPEAKER_MILLISECONDS_MAX)
        return -PIPE_ERANGE;
    if (tone.token)
        return -PIPE_EBUSY;
    uint64_t end = clock_deadline(wanted.milliseconds * MILLISECOND);
    long result = speaker_sound(wanted.frequency);
    if (result >= 0)
        result = clock_arm(timer, end);
    if (result < 0) {
        speaker_silence();
        return result;
    }
    tone.token = request->head.token;
    tone.end = end;
    return SERVE_LATER;
}

static long stop_operation(struct request *request, void *reply, struct attached *attached) {
    (void)request, (void)reply, (void)attached;
    if (tone.token)
        tone_end(-PIPE_ECANCELED);
    return 0;
}

// The timer's event. An event of a stopped tone is older than the end of the next tone, so it ends nothing.
static void timer_signalled(const struct request *message) {
    struct event_message event;
    if (!request_get(message, &event, sizeof event))
        return;
    if (tone.token && event.time >= tone.end)
        tone_end(0);
}

static serve_function *const operations[] = {[SPEAKER_TONE] = tone_operation, [SPEAKER_STOP] = stop_operation};

int main(void) {
    static const struct service services[] = {
        {.key = KEY_SERVICE, .operations = operations, .operation_count = SPEAKER_OPERATIONS}};
    uint32_t rules = RULES_SERVICE;
    long speaker = pipe_create(SPEAKER_PIPE, FLOW_CALL, rules, 0, 0);
    timer = pipe_create(TIMER, FLOW_EVENT, RULES_DEFAULT, 0, 0);
    if (speaker < 0 || timer < 0 || pipe_hook(timer, KEY_TIMER, 0) < 0 || speaker_silence() < 0) {
        report("its pipes or ports are unavailable");
        return 1;
    }
    pipe_hook(speaker, KEY_SERVICE, 0);
    process_ready();
    serve(services, 1, timer_signalled);
}
