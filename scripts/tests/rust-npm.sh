# shellcheck shell=bash disable=SC2016 # the stand-ins expand their own variables
# Tests of setup-rust.sh and setup-npm.sh.

npm_project() {
  stand_in node <<<'echo v20.5.0'
  stand_in npm <<<'[[ ! -e npm-fails ]] || exit 1; mkdir -p workflows/node_modules; echo "npm ran: $*"'
}

test_rust_too_old_is_refused() {
  stand_in rustc <<<'echo "rustc 1.94.1 (abc 2025-01-01)"'
  run scripts/setup-rust.sh
  expect_status 1
  expect_output "Rust 1.94.1 is too old for this project: run 'rustup toolchain install 1.95.0', or 'rustup update' for another one from 1.95 on."
}

test_a_pinned_rust_that_rustup_lacks_is_named() {
  stand_in cargo <<<''
  stand_in rustc <<<'echo "error: toolchain is not installed" >&2; exit 1'
  run scripts/setup-rust.sh
  expect_status 1
  expect_output "rustc does not run here: run 'rustup toolchain install 1.95.0'"
}

test_rust_new_enough_is_taken() {
  stand_in rustc <<<'echo "rustc 1.100.0 (abc 2027-01-01)"'
  stand_in cargo <<<''
  stand_in cc <<<''
  run scripts/setup-rust.sh
  expect_status 0
  expect_output "Rust 1.100.0 at $PWD/bin/rustc"
}

test_rust_without_lint_tools_is_refused() {
  stand_in rustc <<<'echo "rustc 1.95.0 (abc 2026-01-01)"'
  stand_in cargo <<<'[[ $1 != clippy ]]'
  run scripts/setup-rust.sh
  expect_status 1
  expect_output "run 'rustup component add rustfmt clippy'"
}

test_npm_packages_are_installed_once_per_lock_file() {
  npm_project
  run scripts/setup-npm.sh
  expect_status 0
  expect_output 'npm ran: --prefix'
  run scripts/setup-npm.sh
  expect_no_output 'npm ran'
  expect_output 'matches its lock file'
  echo '{ "lockfileVersion": 3, "packages": {} }' >workflows/package-lock.json
  run scripts/setup-npm.sh
  expect_output 'npm ran: --prefix'
}

test_npm_failure_is_not_taken_for_an_installation() {
  npm_project
  touch npm-fails
  run scripts/setup-npm.sh
  expect_status 1
  expect_output 'npm could not install workflows/package-lock.json'
  rm npm-fails
  run scripts/setup-npm.sh
  expect_output 'npm ran: --prefix'
}

test_npm_with_an_old_node_is_refused() {
  npm_project
  stand_in node <<<'echo v18.20.4'
  run scripts/setup-npm.sh
  expect_status 1
  expect_output 'Node.js 18.20.4 is too old: install 20.3.0 or newer'
}
