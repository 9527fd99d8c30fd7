#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads what `make -n` would run and prints the compilations as compile_commands.json, for editors and clang-tidy."""
import json
import os
import shlex
import sys

entries = []
for line in sys.stdin:
    if not line.startswith("gcc ") or " -c " not in line:
        continue
    words = shlex.split(line)
    entries.append({"directory": os.getcwd(), "file": words[-1], "arguments": words})
json.dump(entries, sys.stdout, indent=1)
