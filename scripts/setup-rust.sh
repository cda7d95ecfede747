#!/usr/bin/env bash
# Checks for the Rust toolchain and the C compiler that the build needs; installs nothing.
set -euo pipefail
. "$(dirname "$0")/common.sh"

wanted_rust() { sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$repo_root/Cargo.toml"; }

check_rust() {
  local wanted found
  wanted=$(wanted_rust)
  { has cargo && has rustc; } ||
    die "cargo is not on PATH: install Rust $wanted or newer from https://rustup.rs and run this again."
  found=$(rustc --version | awk '{ print $2 }')
  version_at_least "$found" "$wanted" ||
    die "Rust $found is too old for this project: run 'rustup update' to get $wanted or newer."
  say "Rust $found at $(command -v rustc)"
}

check_tools() {
  { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 ||
    die "rustfmt or clippy is missing: run 'rustup component add rustfmt clippy' and run this again."
  has cc ||
    die "there is no C compiler 'cc', which SQLite needs: install one ('apt-get install gcc libc6-dev' on Debian) and run this again."
}

check_rust
check_tools
