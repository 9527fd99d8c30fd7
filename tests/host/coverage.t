#!/bin/sh
# SPDX-License-Identifier: MIT
# Every line and branch of pipens is reached, or has its reason in uncovered.txt.
exec python3 tests/host/coverage.py "${BUILD:-build}/coverage"
