#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The attempts of 30-escape.sh where there are no namespaces.
exec bash "$(dirname "$0")/30-escape.sh" lsm
