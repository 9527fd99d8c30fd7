#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a test for prove. If it fails, what it printed that is no TAP becomes comments, which prove shows: the file and
# line of a check, a sanitizer's report. If it passes, its comments are left out.
#
# usage: tests/told.sh PROGRAM
set -u
output=$(mktemp)
trap 'rm -f "$output"' EXIT
"$@" >"$output" 2>&1
status=$?
if [ $status = 0 ] && ! grep -q '^not ok' "$output"; then
    grep -v '^#' "$output"
else
    sed -E '/^((not )?ok\b|1\.\.[0-9]|#|Bail out!)/!s/^/# /' "$output"
fi
exit $status
