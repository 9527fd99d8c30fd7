# SPDX-License-Identifier: MIT
"""What is changed in a copy of pipens before it is explored. Each change names a text that must stand in the file just
once, so that a change of pipens which makes one void is noticed."""
import dataclasses
import shutil


class Unusable(Exception):
    """A text is not where it should be."""


@dataclasses.dataclass(frozen=True)
class Change:
    file: str
    before: str
    after: str


@dataclasses.dataclass(frozen=True)
class Bug:
    name: str
    scenario: str  # that must find it
    change: Change


# Always: steps of one unit, so that whatever goes in steps can be interrupted, and a short trace, which nobody reads.
ALWAYS = [
    Change("flow.h", "#define BATCH 64u\n", "#define BATCH 1u\n"),
    Change("node.c", "#define TRACE_CAPACITY 1024u\n", "#define TRACE_CAPACITY 4u\n"),
]

BUGS = [
    Bug("lost wakeup: who waits is not woken", "two senders",
        Change("hook.c", "    if (waiter_receives(waiter) && list_is_empty(&waiter->peers))\n"
               "        list_append(&waiter->principal->names->awake, &waiter->peers);\n", "    (void)waiter;\n")),
    Bug("lost wakeup: a hook does not look at its pipe", "take-over by",
        Change("hook.c", "    hook_attach(hook);\n    if (hook_has(hook))\n        hook_make_ready(hook);\n",
               "    hook_attach(hook);\n")),
    Bug("lost wakeup: room is made and no sender admitted", "two senders",
        Change("queue.c", "    node->out++;\n    queue_admit(node);\n", "    node->out++;\n")),
    Bug("lost wakeup: a removal forgets who waits", "remove against",
        Change("node.c", "    if (node_wake_step(node) || release_some_messages(node))\n",
               "    if ((false && node_wake_step(node)) || release_some_messages(node))\n")),
    Bug("double reply: a token is good for the next call too", "server death",
        Change("call.c", "    if (!caller || caller->state != WAIT_IN_FLIGHT || caller->token != token)\n",
               "    if (!caller || caller->state != WAIT_IN_FLIGHT)\n")),
    Bug("double message: a queue's message stays in it", "two senders",
        Change("queue.c", "    node->ring.tail++;\n    node->out++;\n", "    node->out++;\n")),
    Bug("silent death: nobody knows whom the server holds", "server death",
        Change("call.h", "    list_append(&holder->held, &caller->in_held);\n", "")),
    Bug("early unmask: the first answer opens the line", "acknowledge",
        Change("interrupt.c", "    if (line->owing == 0 && line->is_level)\n",
               "    if ((line->owing == 0 || handled) && line->is_level)\n")),
    Bug("no unmask: who dies has not answered", "acknowledge",
        Change("hook.c", "    if (hook->owes_answer)\n        interrupt_answer(hook, false);\n    if (hook->node)\n",
               "    if (hook->node)\n")),
    Bug("lost event: a new hook skips what nobody has seen", "interrupt against",
        Change("hook.c", "        hook->cursor = node->taken;\n", "        hook->cursor = node->total;\n")),
    Bug("take-over of a pipe that is half removed", "take-over against",
        Change("calls.c", "    return node->special & NODE_REMOVED ? NULL : node;\n", "    return node;\n")),
    Bug("a pipe that is half removed is inherited", "removal",
        Change("principal.c", "        if (succession && !(node->special & NODE_REMOVED))\n",
               "        if (succession)\n")),
    Bug("leak: a caller's pipe is not released with its reply", "server death",
        Change("call.c", "        hooks_refresh(node);\n    node_release(node);\n", "        hooks_refresh(node);\n")),
    Bug("lost end: nobody is told that the last holder is gone", "a holder's close",
        Change("life.c", "    if ((is_outside && is_unheld_now(node)) || is_ended)\n        hooks_refresh(node);\n",
               "    if (is_outside && is_unheld_now(node))\n        (void)is_ended;\n")),
    Bug("early end: the owner is told before the last message", "a holder's close",
        Change("hook.c", "(!hook->is_watcher && !flow_has(hook) && hook_is_closed(hook))",
               "(!hook->is_watcher && hook_is_closed(hook))")),
    Bug("leak: a pipe stays without handles", "a holder's close",
        Change("life.c", "    if (!node->handles)\n        node->special |= NODE_REMOVED;\n    else if",
               "    if")),
    Bug("take-over leaves the pipe to the dead", "take-over by",
        Change("life.c", "    node->owner = succession;\n", "")),
]


def apply(directory, change):
    path = directory / change.file
    code = path.read_text(encoding="utf-8")
    if code.count(change.before) != 1:
        raise Unusable(f"{change.file} has {code.count(change.before)} times, and not once:\n{change.before}")
    path.write_text(code.replace(change.before, change.after), encoding="utf-8")


def copy(pipens, directory, changes):
    """A fresh copy of pipens in `directory`, with the changes."""
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(pipens, directory)
    for change in changes:
        apply(directory, change)
