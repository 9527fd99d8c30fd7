// SPDX-License-Identifier: MIT
// Interrupts, raised by one driver and answered by another: the second serial port, on which nothing hangs, asks for
// service whenever its transmitter is empty and that interrupt is enabled.
#ifndef BENCH_INTERRUPTS_H
#define BENCH_INTERRUPTS_H

// The driver that waits on the line, and says when it woke, or only acknowledges.
void stamp_interrupts(const char *directory);
void answer_interrupts(const char *directory);
// Those that raise interrupts, from a thread below the driver's, and report irq_to_driver, irq_cycle.
void raise_for_stamps(const char *directory);
void raise_for_answers(const char *directory);

#endif
