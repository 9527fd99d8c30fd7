#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Shows where the instructions of an operation of the benchmark go: profile.py says how.
#
# usage: tests/bench/profile.sh OPERATION [ROUNDS] [OPTION...]
exec python3 "$(dirname "$0")/profile.py" "$@"
