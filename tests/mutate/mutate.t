#!/bin/sh
# SPDX-License-Identifier: MIT
# The quick form: a sample. `make prove-pipens` tries every mutant.
exec python3 tests/mutate/mutate.py --sample 150 --seed 7 --jobs 2 --at-least 95 "${BUILD:-build}/mutate"
