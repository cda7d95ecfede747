# shellcheck shell=bash
# A test is a function named test_*; it runs in a shell of its own inside a fresh scratch folder.
# A failed expectation prints what it saw and ends the test.

# The real programs, before stand-ins hide them.
real_python=$(command -v python3)
export real_python

fail() {
  printf '%s\n' "$*"
  [[ -z ${output:-} ]] || printf 'it printed:\n%s\n' "$output"
  exit 1
}

# run COMMAND...: keeps what the command prints in `output` and its status in `status`.
run() {
  status=0
  output=$("$@" 2>&1) || status=$?
}

expect_status() { [[ $status == "$1" ]] || fail "expected the status $1, got $status"; }
expect_output() { [[ $output == *"$1"* ]] || fail "expected the output to contain: $1"; }
expect_no_output() { [[ $output != *"$1"* ]] || fail "expected the output not to contain: $1"; }
expect_same_files() { cmp -s "$1" "$2" || fail "expected the same content: $1 and $2"; }
expect_missing() { [[ ! -e $1 ]] || fail "expected no such file: $1"; }
expect_equal() { [[ $1 == "$2" ]] || fail "expected '$2', got '$1'"; }

# stand_in NAME: makes the program NAME from stdin and puts it before all others on PATH.
stand_in() {
  {
    echo '#!/usr/bin/env bash'
    cat
  } >"$PWD/bin/$1"
  chmod +x "$PWD/bin/$1"
}

# A copy of the scripts in a project with a lock file of its own; the tests' working folder.
enter_scratch_project() {
  cd "$1" || exit 1
  cp -r "$scripts" scripts
  mkdir bin home workflows
  printf '[[package]]\nname = "v8"\nversion = "9.9.9"\n' >Cargo.lock
  printf '[workspace.package]\nrust-version = "1.95"\n' >Cargo.toml
  printf '[toolchain]\nchannel = "1.95.0"\n' >rust-toolchain.toml
  printf 'ID=debian\n' >os-release
  printf '{ "lockfileVersion": 3 }\n' >workflows/package-lock.json
  unset BURDOCK_TEMPORAL_CLI BURDOCK_V8_ARCHIVE_DIR RUSTY_V8_ARCHIVE RUSTY_V8_MIRROR V8_FROM_SOURCE
  export CARGO_HOME=$PWD/home/cargo BURDOCK_OS_RELEASE=$PWD/os-release PATH=$PWD/bin:$PATH
}

run_test() {
  local folder result=0 report
  folder=$(mktemp -d)
  report=$(
    enter_scratch_project "$folder"
    "$1"
  ) || result=$?
  rm -rf "$folder"
  ((result == 0)) && return
  printf 'FAILED %s (repeat with: scripts/test-setup.sh %s)\n%s\n' "$1" "$1" "$report"
  return 1
}

run_all_tests() {
  local name run=0 failed=0
  for name in $(compgen -A function test_); do
    [[ $name == *"$1"* ]] || continue
    run=$((run + 1))
    run_test "$name" || failed=$((failed + 1))
  done
  printf 'set-up tests: %d run, %d failed\n' "$run" "$failed"
  ((run > 0 && failed == 0))
}
