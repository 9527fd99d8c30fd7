// SPDX-License-Identifier: MIT
// What a test calls of pipens by itself, and not by the scene, is followed by an audit as well. A name in parentheses,
// (pipens_open)(...), means the function without it: for loops in which that would take too long.
#ifndef TESTS_AUDITED_H
#define TESTS_AUDITED_H

#include "scene.h"

#define AUDITED(call)                                                                                                  \
    ({                                                                                                                 \
        __typeof__(call) result_of_call_ = (call);                                                                     \
        scene_audit(#call);                                                                                            \
        result_of_call_;                                                                                               \
    })
#define AUDITED_VOID(call)                                                                                             \
    ({                                                                                                                 \
        call;                                                                                                          \
        scene_audit(#call);                                                                                            \
    })

#define pipens_create(...) AUDITED(pipens_create(__VA_ARGS__))
#define pipens_open(...) AUDITED(pipens_open(__VA_ARGS__))
#define pipens_close(...) AUDITED(pipens_close(__VA_ARGS__))
#define pipens_remove(...) AUDITED(pipens_remove(__VA_ARGS__))
#define pipens_set_rules(...) AUDITED(pipens_set_rules(__VA_ARGS__))
#define pipens_list(...) AUDITED(pipens_list(__VA_ARGS__))
#define pipens_stat(...) AUDITED(pipens_stat(__VA_ARGS__))
#define pipens_hook(...) AUDITED(pipens_hook(__VA_ARGS__))
#define pipens_unhook(...) AUDITED(pipens_unhook(__VA_ARGS__))
#define pipens_send(...) AUDITED(pipens_send(__VA_ARGS__))
#define pipens_call(...) AUDITED(pipens_call(__VA_ARGS__))
#define pipens_reply_wait(...) AUDITED(pipens_reply_wait(__VA_ARGS__))
#define pipens_copy_lease(...) AUDITED(pipens_copy_lease(__VA_ARGS__))
#define pipens_call_for(...) AUDITED(pipens_call_for(__VA_ARGS__))
#define pipens_interrupt(...) AUDITED(pipens_interrupt(__VA_ARGS__))
#define pipens_interrupt_retry(...) AUDITED_VOID(pipens_interrupt_retry(__VA_ARGS__))
#define pipens_signal(...) AUDITED_VOID(pipens_signal(__VA_ARGS__))
#define pipens_publish(...) AUDITED_VOID(pipens_publish(__VA_ARGS__))
#define pipens_denied(...) AUDITED_VOID(pipens_denied(__VA_ARGS__))
#define pipens_trace_death(...) AUDITED_VOID(pipens_trace_death(__VA_ARGS__))
#define node_create(...) AUDITED(node_create(__VA_ARGS__))
#define node_remove_step(...) AUDITED(node_remove_step(__VA_ARGS__))
#define node_set_rules(...) AUDITED_VOID(node_set_rules(__VA_ARGS__))
#define waiter_initialize(...) AUDITED(waiter_initialize(__VA_ARGS__))
#define waiter_end_step(...) AUDITED(waiter_end_step(__VA_ARGS__))
#define waiter_set_priority(...) AUDITED_VOID(waiter_set_priority(__VA_ARGS__))
#define principal_end_step(...) AUDITED(principal_end_step(__VA_ARGS__))
#define principal_abandon_step(...) AUDITED(principal_abandon_step(__VA_ARGS__))
#define hook_end(...) AUDITED_VOID(hook_end(__VA_ARGS__))

#endif
