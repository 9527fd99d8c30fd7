// SPDX-License-Identifier: MIT
#include "protocol/rtc.h"

#include "decode.h"

static const struct operation operations[RTC_OPERATIONS] = {
    [RTC_READ] = {"RTC_READ", NULL,
                  FIELDS(FIELD_AS(struct rtc_time, seconds, FORM_SIGNED), FIELD(struct rtc_time, time))}};
const struct protocol protocol_rtc = {(const char *const[]){RTC_PIPE, NULL}, operations, 0, RTC_OPERATIONS};

static const struct operation set_operations[RTC_SET_OPERATIONS] = {
    [RTC_SET] = {"RTC_SET", FIELDS(FIELD_AS(struct rtc_request, seconds, FORM_SIGNED)), NULL}};
const struct protocol protocol_rtc_set = {(const char *const[]){RTC_SET_PIPE, NULL}, set_operations, 0,
                                          RTC_SET_OPERATIONS};
