// SPDX-License-Identifier: MIT
// A level-triggered interrupt line that several drivers share, as pipens/interrupt.c, event.c and hook.c do it. An
// atomic step here is a critical section there.
// Bounds: 3 devices with a driver each; 2 events a device; 2 deaths of drivers in all, each followed by a restart. A
// driver may answer as late as it likes. Of the counter only this is kept: whether a driver has seen all signals.
// Shown: every event of every device is served (no invalid end state), the line is open only while no hook owes an
// answer, and a masked line has somebody who will open it.
#define DRIVERS 3
#define EVENTS 2
#define DEATHS 2

mtype = { RUNNING, RECEIVING, DEAD };
mtype driver[DRIVERS] = DEAD;
bool hooked[DRIVERS], owes[DRIVERS], unseen[DRIVERS]; // unseen: the hook's cursor is after the counter
bool asserts[DRIVERS];                                // the device wants its driver
bool is_masked = true, was_handled, is_retry_due, is_untaken; // untaken: signals that no hook has seen yet
byte hooks, owing, deaths, each;                      // each: scratch, 0 between the steps

#define LEVEL (asserts[0] || asserts[1] || asserts[2])

inline answer(me, handled) {
    if
    :: owes[me] ->
        owes[me] = false; owing--; was_handled = was_handled || handled;
#ifdef BUG_EARLY_UNMASK
        if :: handled -> is_masked = false :: else fi;
#endif
        if
        :: owing == 0 && was_handled -> is_masked = false
#ifndef BUG_NO_RETRY
        :: owing == 0 && !was_handled -> is_retry_due = true
#endif
        :: else fi
    :: else fi
}

// The line's level reaches the processor: mask, tell every hook, count, wake.
active proctype hardware() {
end: do
    :: atomic { LEVEL && !is_masked ->
        if :: owing == 0 -> was_handled = false :: else fi;
        is_masked = true; is_untaken = true;
        for (each : 0 .. DRIVERS - 1) {
            if
            :: hooked[each] ->
                if :: !owes[each] -> owes[each] = true; owing++ :: else fi;
                unseen[each] = true; is_untaken = false;
#ifndef BUG_LOST_WAKEUP
                if :: driver[each] == RECEIVING -> unseen[each] = false; driver[each] = RUNNING :: else fi
#endif
            :: else fi
        }
        each = 0 }
    :: atomic { is_retry_due -> is_retry_due = false;
        if :: hooks > 0 && owing == 0 -> is_masked = false :: else fi }
    od
}

active [DRIVERS] proctype device() {
    byte me = _pid - 1, events;
    do
    :: events < EVENTS -> events++; asserts[me] = true; !asserts[me]
    :: events == EVENTS -> break
    od
}

active [DRIVERS] proctype program() {
    byte me = _pid - 1 - DRIVERS;
    bool mine;
bind:
#ifdef BUG_BINDING
    atomic { hooks++; if :: hooks == 1 -> is_masked = false :: else fi } // unmasked, then bound
    hooked[me] = true; driver[me] = RUNNING;
#else
    atomic { hooked[me] = true; hooks++; driver[me] = RUNNING;
        unseen[me] = is_untaken; is_untaken = false; // then looked for what came before
        if :: hooks == 1 -> is_masked = false :: else fi }
#endif
end: do
    :: atomic { driver[me] == RUNNING && !unseen[me] && !owes[me] -> driver[me] = RECEIVING }
    :: atomic { driver[me] == RUNNING && unseen[me] -> unseen[me] = false }
    :: driver[me] == RUNNING && owes[me] && !unseen[me] -> // it asks its device, and answers when it likes
        atomic { mine = asserts[me]; asserts[me] = false }
        atomic { answer(me, mine); mine = false }
    :: atomic { deaths < DEATHS -> deaths++;
#ifndef BUG_SILENT_DEATH
        answer(me, false);
#endif
        hooked[me] = false; hooks--; unseen[me] = false; driver[me] = DEAD;
        if :: hooks == 0 -> is_masked = true :: else fi }
        goto bind
    od
}

active proctype monitor() {
end: atomic { !is_masked && owing > 0 -> assert(false) }
}
