#!/usr/bin/env bash
# fuzz.sh TARGET [SECONDS]: runs one target of fuzz/ for a minute or as long as told; without a target it lists them.
#
# A crash leaves its input in fuzz/artifacts/TARGET/ and prints the command that runs it again. The worker's targets
# compile sdk-core with the fuzzer's instrumentation when they are first run.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo_root"

readonly bundle_targets=(bundle source_map)
readonly worker_targets=(wire frames config_toml history_json)

# What is fuzzed is safe Rust, so a sanitizer would find nothing that the assertions do not. Without one, cargo-fuzz
# needs no compiler but the stable one.
options=(--sanitizer none)

# seed NAME: adds stdin to what the target starts from.
seed() { cat >"$corpus/$1"; }

seed_corpus() {
  mkdir -p "$corpus"
  case $target in
    bundle) cp bundle/tests/fixtures/*-bundle.js "$corpus" ;;
    source_map)
      sed -n 's/^\/\/# sourceMappingURL=.*base64,//p' bundle/tests/fixtures/plain-bundle.js |
        base64 --decode | seed plain.map
      ;;
    wire) cp worker/tests/fixtures/history.binpb "$corpus" ;;
    frames) printf '\x03\x0a\x01a\x00\x03\x0a\x01b' | seed three-activations ;;
    config_toml)
      printf 'task-queue = "q"\nisolates = 2\nmemory-limit = "1GiB"\nlog-sinks = ["a", "b"]\n' | seed settings.toml
      ;;
    history_json) cp worker/tests/fixtures/history.json "$corpus" ;;
  esac
}

is_one_of() {
  local wanted=$1 name
  for name in "${@:2}"; do [[ $name != "$wanted" ]] || return 0; done
  return 1
}

target=${1:-}
if is_one_of "$target" "${worker_targets[@]}"; then
  options+=(--features worker)
elif ! is_one_of "$target" "${bundle_targets[@]}"; then
  die "say what to fuzz: ${bundle_targets[*]} (built in seconds), ${worker_targets[*]} (built in many minutes)."
fi
has cargo-fuzz || die "cargo-fuzz is missing: run 'cargo install cargo-fuzz --locked' and run this again."
readonly corpus=fuzz/corpus/$target
seed_corpus
exec cargo fuzz run "${options[@]}" "$target" -- -max_total_time="${2:-60}"
