#!/usr/bin/env bash
# Runs the unit tests and the examples in the documentation. Arguments go to cargo.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo_root"

if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace "$@"
else
  say "cargo-nextest is not installed ('cargo install --locked cargo-nextest'): the tests run by cargo test"
  cargo test --workspace --lib --bins --tests "$@"
fi
cargo test --workspace --doc "$@"
