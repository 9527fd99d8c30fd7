#!/bin/sh
# SPDX-License-Identifier: MIT
# The quick form. `make prove-pipens` runs ten million.
exec "${BUILD:-build}/model/random" --operations 1000000 --seed 1
