#!/usr/bin/expect -f
# SPDX-License-Identifier: MIT
# The in-system self-test: boots selftest.iso beside the image under test and passes its TAP on. QEMU's status and the plan
# must agree with it.
source [file join [file dirname [info script]] sluice.exp]
