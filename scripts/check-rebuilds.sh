#!/usr/bin/env bash
# Checks that the commands of everyday work find all dependencies compiled by `cargo build --workspace --all-targets`: where
# they select other features, sdk-core or V8's bindings would be compiled a second time. Arguments go to cargo.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo_root"

# compiled_again ARGUMENT...: crates from the registry that `cargo build ARGUMENT...` would compile.
compiled_again() {
  cargo build --message-format=json "$@" 2>/dev/null |
    grep '"reason":"compiler-artifact"' | grep '"fresh":false' |
    sed -n 's/.*"package_id":"registry+[^#]*#\([^"]*\)".*/\1/p' | sort -u
}

check() {
  local again
  again=$(compiled_again "$@") || true
  [[ -z $again ]] ||
    die "'cargo build $*' compiles these again: ${again//$'\n'/ }; run 'cargo hakari generate' (cargo install cargo-hakari) and commit workspace-hack/Cargo.toml."
}

for package in burdock-cli burdock-worker burdock-activities burdock-codecs; do
  check --package "$package" "$@"
done
say "builds of single crates use what the whole workspace compiled"
