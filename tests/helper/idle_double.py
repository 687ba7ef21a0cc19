#!/usr/bin/python3 -ES
# SPDX-License-Identifier: Apache-2.0
"""Stands in for a role that a test does not need: starts, and stops when it
is told.  Its name, cordon-ROLE, says which."""
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import proto  # noqa: E402

role = proto.Role(os.path.join(here, "schema.def"), [])
while role.main.recv() is not None:
    os._exit(0)
