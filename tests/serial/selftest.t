#!/usr/bin/expect -f
# SPDX-License-Identifier: MIT
# The in-system self-test: boots selftest.iso beside the image under test and passes its TAP on. It also fails if the
# plan does not agree with the tests, or QEMU's status not with the result.
source [file join [file dirname [info script]] sluice.exp]

set passed_status 1 ;# of QEMU, when the self-test ends it with 0: 2 * 0 + 1

# Prints the lines of TAP as they come. How many tests there were, how many failed, and how many were planned.
proc pass_on {} {
    set count 0
    set failed 0
    set planned none
    wait_begin
    expect {
        -re {^([^\n]*)\n} {
            set line [string trim $expect_out(1,string) \r]
            if {[regexp {^(not )?ok \d} $line - not]} {
                incr count
                incr failed [expr {$not ne ""}]
            }
            regexp {^1\.\.(\d+)$} $line - planned
            if {[regexp {^(not ok|ok|1\.\.\d|#)} $line]} {
                say $line
            }
            wait_begin
            exp_continue
        }
        timeout {
            if {![is_silent]} {
                exp_continue
            }
            say "# the self-test is silent"
            exit 1
        }
        eof {}
    }
    return [list $count $failed $planned]
}

start_machine [file dirname $iso]/selftest.iso bios 136 {-device edu}
lassign [pass_on] count failed planned
set status [lindex [wait] 3]
unset machine
if {$status != $passed_status || $failed || $count ne $planned} {
    say "# QEMU's status $status, $count tests of $planned planned, $failed failed"
    exit 1
}
