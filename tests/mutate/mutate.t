#!/bin/sh
# SPDX-License-Identifier: MIT
# The quick form: a sample, of which 90 % must be killed, as luck has its part in a few; and none may live without its
# reason. `make prove-pipens` tries every mutant, of which 95 % must be.
exec python3 tests/mutate/mutate.py --sample 150 --seed 7 --jobs 2 --at-least 90 "${BUILD:-build}/mutate"
