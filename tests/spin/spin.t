#!/bin/sh
# SPDX-License-Identifier: MIT
exec tests/spin/run.sh "${BUILD:-build}/spin"
