// SPDX-License-Identifier: MIT
// Words for the numbers of the ABI: rules, rights, flows, kinds, message types. Pure functions: no system call.
#ifndef LIB_WORDS_H
#define LIB_WORDS_H

#include "abi.h"

#include <stdbool.h>
#include <stddef.h>

#define RULES_TEXT_MAX 48u // "owner=rwtm app=rwtm driver=rwtm server=rwtm" and a terminator

// Parses "owner=rwm app=w driver=w server=rw": classes in any order, each at most once, those not named get no right;
// the rights of "r", "w", "t" and "m", or "-" for none; classes are parted by spaces or commas. False with *wrong at
// the word that is none.
bool rules_parse(const char *text, uint32_t *rules, const char **wrong);
// Writes at most RULES_TEXT_MAX bytes; returns `to`.
char *rules_format(uint32_t rules, char *to);

// Parses "rwtm"; false if there is another letter, or none.
bool rights_parse(const char *text, size_t length, uint32_t *rights);

const char *flow_name(unsigned flow); // "directory", "queue", "topic", "call", "event", or "?"
bool flow_parse(const char *text, enum flow *flow);
const char *kind_name(unsigned kind); // "app", "driver", "server", or "?"
bool kind_parse(const char *text, enum kind *kind);
const char *message_type_name(unsigned type); // "data", "call", "event", "change", "tap", "gone", or "?"
const char *process_state_name(unsigned state);

#endif
