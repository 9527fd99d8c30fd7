#!/bin/sh
# SPDX-License-Identifier: MIT
# Every string of the kept corpus.
exec "${BUILD:-build}/model/replay" $(find tests/model/corpus -type f | sort)
