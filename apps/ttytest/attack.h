// SPDX-License-Identifier: MIT
// What a program tries that means no good to a session. Each function tells what came of it.
#ifndef TTYTEST_ATTACK_H
#define TTYTEST_ATTACK_H

// Leaves a child after that goes on reading the input when this program has ended.
int attack_linger(void);
// The child: tells what it reads, up to the input's end.
int attack_listen(void);
// Sets the mode of another session.
int attack_steal(const char *session);
// Waits, and makes its own input the foreground, though another has become that.
int attack_grab(long control, unsigned long milliseconds);
// Begins jobs until it may no more.
int attack_crowd(long control);

#endif
