#!/bin/sh
# SPDX-License-Identifier: MIT
# The quick form. `make prove-pipens` runs ten million. What differs is left in the build folder.
cd "${BUILD:-build}" && exec model/random --operations 1000000 --seed 1
