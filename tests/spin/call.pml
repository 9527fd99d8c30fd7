// SPDX-License-Identifier: MIT
// Calls: request, reply, deadline, death, restart and removal, as pipens/call.c, hook.c and waiter.c do them. An atomic
// step here is a critical section there; a death and a removal go in steps, as there.
// Bounds: 3 callers with 2 requests each, caller 0 with a deadline; 2 threads of one server, which hook the pipe, keep
// tokens, reply late and with any token that they ever had; one dies once and is restarted; one removal or none.
// Priorities are left out: who waits is served in order.
// Shown: nobody waits for ever (no invalid end state), each request ends once, and a reply answers its own request.
#define CALLERS 3
#define REQUESTS 2
#define THREADS 2
#define NOBODY THREADS
mtype = { RUNNING, QUEUED, IN_FLIGHT, RECEIVING, REPLY, OWNER_DEAD, TIMED_OUT, GONE };
mtype caller[CALLERS] = RUNNING, outcome[CALLERS], thread[THREADS] = RUNNING;
byte request[CALLERS], answer[CALLERS]; // request: its number, which is its token too
byte holder[CALLERS] = NOBODY;          // the thread that has the token
byte ends[CALLERS];                     // how often the present request has ended
byte seen[CALLERS];                     // the last token that the server was given
bool hooked[THREADS], ready[THREADS], gone[THREADS], is_removed, has_died;
chan waiting = [CALLERS] of { byte };
byte first, each, other; // scratch, 0 between the steps

inline wake(who, how) { caller[who] = RUNNING; outcome[who] = how; ends[who]++; holder[who] = NOBODY }
inline settle() {
    for (other : 0 .. THREADS - 1) { ready[other] = gone[other] || (hooked[other] && len(waiting) > 0) }
    other = 0
}
inline take(me) { // waiter_take, or what a thread does that finds nothing
    if
    :: !ready[me] -> thread[me] = RECEIVING
    :: ready[me] && gone[me] -> gone[me] = false; ready[me] = false; thread[me] = RUNNING
    :: ready[me] && !gone[me] -> assert(len(waiting) > 0); // no wakeup is vain
        waiting ? first; caller[first] = IN_FLIGHT; holder[first] = me; seen[first] = request[first];
        thread[me] = RUNNING; first = 0; settle()
    fi
}
inline make_ready(is_going) { // every hook that the pipe has something for; is_going: it is that the pipe is gone
    for (each : 0 .. THREADS - 1) {
        if
        :: hooked[each] && (is_going || len(waiting) > 0) ->
            ready[each] = true; gone[each] = is_going; hooked[each] = !is_going;
#ifndef BUG_LOST_WAKEUP
            if :: thread[each] == RECEIVING -> take(each) :: else fi
#endif
        :: else fi
    }
    each = 0
}
#ifdef BUG_DOUBLE_REPLY
#define TOKEN_IS_GOOD(who, token) caller[who] == IN_FLIGHT
#else
#define TOKEN_IS_GOOD(who, token) caller[who] == IN_FLIGHT && request[who] == token
#endif
active [CALLERS] proctype program() {
    byte me = _pid;
    do
    :: d_step { request[me] < REQUESTS && !is_removed ->
        request[me]++; caller[me] = QUEUED; waiting ! me; make_ready(false) }
        if
        :: caller[me] == RUNNING
        :: d_step { me == 0 && caller[me] != RUNNING -> // its deadline
            if :: caller[me] == QUEUED -> waiting ?? eval(me); settle() :: else fi; wake(me, TIMED_OUT) }
        fi;
        atomic { assert(ends[me] == 1 && (outcome[me] != REPLY || answer[me] == request[me]));
            outcome[me] = RUNNING; answer[me] = 0; ends[me] = 0 }
    :: request[me] == REQUESTS || is_removed -> break
    od
}
active [THREADS] proctype server() {
    byte me = _pid - CALLERS, who, token;
bind: atomic { hooked[me] = !is_removed;
#ifndef BUG_BLIND_HOOK
        settle() // a pipe that is ready makes the hook ready
#endif
    }
end: do
    :: atomic { thread[me] == RUNNING -> // reply_wait: with no token, or with any that the server was ever given
        select(who : 0 .. CALLERS - 1);
        if :: skip :: seen[who] > 0 -> select(token : 1 .. seen[who]) fi;
        if :: token && TOKEN_IS_GOOD(who, token) -> answer[who] = token; wake(who, REPLY) :: else fi;
        take(me); who = 0; token = 0 }
    :: atomic { thread[me] == RECEIVING && (holder[0] == me || holder[1] == me || holder[2] == me) ->
        thread[me] = RUNNING } // the deadline of a thread that still owes a reply
    :: atomic { !has_died -> has_died = true; thread[me] = GONE; hooked[me] = false; gone[me] = false; settle() }
        for (who : 0 .. CALLERS - 1) { atomic { if
            :: caller[who] == IN_FLIGHT && holder[who] == me -> holder[who] = NOBODY;
#ifndef BUG_SILENT_DEATH
                wake(who, OWNER_DEAD)
#endif
            :: else fi } }
        atomic { thread[me] = RUNNING; who = 0 } goto bind
    od
}
active proctype remover() {
    if :: goto done :: is_removed = true fi;
    do :: atomic { len(waiting) > 0 -> waiting ? first; settle(); wake(first, GONE); first = 0 }
    :: len(waiting) == 0 -> break od;
    atomic { make_ready(true) }
done: skip
}
