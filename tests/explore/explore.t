#!/bin/sh
# SPDX-License-Identifier: MIT
exec python3 tests/explore/run.py "${BUILD:-build}/explore" quick
