#!/usr/bin/env bash
# Tests the set-up scripts in a scratch copy with programs that stand in for curl, npm, pip and
# the compiler: downloads nothing, touches nothing outside the scratch folder.
# With an argument, runs only the tests whose name contains it.
set -uo pipefail

scripts=$(cd "$(dirname "$0")" && pwd)
readonly scripts
. "$scripts/tests/harness.sh"
. "$scripts/tests/common.sh"
. "$scripts/tests/v8.sh"
. "$scripts/tests/v8-build.sh"
. "$scripts/tests/temporal.sh"
. "$scripts/tests/rust-npm.sh"

run_all_tests "${1:-}"
