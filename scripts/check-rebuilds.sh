#!/usr/bin/env bash
# Checks that the commands of everyday work find all dependencies compiled by `cargo build --workspace --all-targets`: where
# they select other features, sdk-core or V8's bindings would be compiled a second time. Arguments go to cargo.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo_root"

# compiled_again ARGUMENT...: crates from the registry that `cargo build ARGUMENT...` compiles.
compiled_again() {
  local messages
  messages=$(cargo build --message-format=json "$@") || return 1
  sed -n '/"reason":"compiler-artifact"/{/"fresh":false/s/.*"package_id":"registry+[^#]*#\([^"]*\)".*/\1/p}' <<<"$messages" |
    sort -u
}

check() {
  local again
  again=$(compiled_again "$@" 2>/dev/null) || die "'cargo build $*' failed: run it to see why"
  [[ -z $again ]] ||
    die "'cargo build $*' compiles these again: ${again//$'\n'/ }; run 'cargo hakari generate' (cargo install cargo-hakari) and commit workspace-hack/Cargo.toml."
}

for package in burdock-cli burdock-worker burdock-activities burdock-codecs; do
  check --package "$package" "$@"
done
say "builds of single crates use what the whole workspace compiled"
