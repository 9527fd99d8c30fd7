// SPDX-License-Identifier: MIT
// What a child of the selftest does: `selftest --role NAME [ARGUMENT]`. Its standard output is its parent's; what its
// parent gives it is its handle HANDLE_GIVEN.
#ifndef SELFTEST_ROLES_H
#define SELFTEST_ROLES_H

#include <stdint.h>

#define HANDLE_GIVEN 5u

// Runs the role that arguments[0] names; its exit status.
int role_run(int argument_count, char *arguments[]);

// The roles, each in the file of its subject.
int role_agent(int argument_count, char *arguments[]);  // does the system calls that its parent asks for (agent.h)
int role_echo(int argument_count, char *arguments[]);   // serves the call pipe HANDLE_GIVEN: replies the complement
int role_exit(int argument_count, char *arguments[]);   // ends with the status of its argument
int role_fault(int argument_count, char *arguments[]);  // does what its argument says, and faults by it
int role_heap(int argument_count, char *arguments[]);   // takes all memory there is, and touches it
int role_thread(int argument_count, char *arguments[]); // ends as its argument says, with more than one thread
int role_wire(int argument_count, char *arguments[]);   // drives a device on a wire; its status is an enum wire_end

// Starts a child; `given` becomes its HANDLE_GIVEN, unless it is 0. Its pid, or a negated error.
long role_spawn(uint32_t kind, const char *role, const char *argument, long given);

#endif
