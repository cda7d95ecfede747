#!/usr/bin/env bash
# Checks for the Rust toolchain and the C compiler that the build needs; installs nothing.
set -euo pipefail
. "$(dirname "$0")/common.sh"

wanted_rust() { sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$repo_root/Cargo.toml"; }

# The release that rustup picks in the checkout.
pinned_rust() { sed -n 's/^channel = "\(.*\)"$/\1/p' "$repo_root/rust-toolchain.toml"; }

check_rust() {
  local wanted pinned found
  wanted=$(wanted_rust)
  pinned=$(pinned_rust)
  { has cargo && has rustc; } ||
    die "cargo is not on PATH: install Rust $wanted or newer from https://rustup.rs and run this again."
  # rustup's rustc fails when it lacks the pinned release and may not install it.
  found=$(cd "$repo_root" && rustc --version | awk '{ print $2 }') ||
    die "rustc does not run here: run 'rustup toolchain install $pinned', the release that rust-toolchain.toml names, or take another one from $wanted on with 'export RUSTUP_TOOLCHAIN=stable'."
  version_at_least "$found" "$wanted" ||
    die "Rust $found is too old for this project: run 'rustup toolchain install $pinned', or 'rustup update' for another one from $wanted on."
  say "Rust $found at $(command -v rustc)"
}

check_tools() {
  (cd "$repo_root" && cargo fmt --version && cargo clippy --version) >/dev/null 2>&1 ||
    die "rustfmt or clippy is missing: run 'rustup component add rustfmt clippy' and run this again."
  has cc ||
    die "there is no C compiler 'cc', which SQLite needs: install one ('apt-get install gcc libc6-dev' on Debian) and run this again."
}

check_rust
check_tools
